"""What screen readers are told."""

from __future__ import annotations

from typing import Any


def named(label: str) -> dict[str, Any]:
    """The attribute that names a region or control.

    Examples
    --------
    >>> named("Map")
    {'aria-label': 'Map'}
    """
    return {"aria-label": label}


def live() -> dict[str, Any]:
    """The attribute of a text that is read aloud when it changes."""
    return {"aria-live": "polite"}
