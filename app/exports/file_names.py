"""Names of exported files that every system takes, Windows too."""

from __future__ import annotations

import re

MOST_LETTERS = 120
"""Of a name without its suffix; Windows takes 260 for a whole path."""

_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")


def make_file_name(parts: list[str], suffix: str) -> str:
    """Parts of a name joined by "_", free of what Windows forbids; empty parts are left out.

    Parameters
    ----------
    parts
        What the file is, whose, which version.
    suffix
        With its dot.

    Examples
    --------
    >>> make_file_name(["片区", "和平/东路 <A> ", "", "v3"], ".gpkg"), make_file_name(["CON"], ".txt")
    ('片区_和平-东路 -A-_v3.gpkg', '_CON.txt')
    """
    cleaned = [_FORBIDDEN.sub("-", part).strip(" .") for part in parts]
    name = "_".join(part for part in cleaned if part)[:MOST_LETTERS].rstrip(" .") or "_"
    return (f"_{name}" if _DEVICES.match(name) else name) + suffix
