"""The names of the city's districts and streets, for imports on the page and the command line."""

from __future__ import annotations

from pathlib import Path

from analysis.policy import DEFAULT_POLICY
from geo.names import NameRules, read_names


def place_names(path: Path | None = None) -> NameRules:
    """Aliases from a file, by default `policy/baotou_names.toml`."""
    return read_names(path or DEFAULT_POLICY.with_name("baotou_names.toml"))
