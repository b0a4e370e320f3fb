"""The scripts of our own components: one file for each, sent before those of the large suites."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources

from app.maps.layers import BrowserFile, make_browser_file
from app.web.components import editor, map_view

SCRIPTS_ADDRESS = "component/"
"""Where the page asks for them, next to its own address."""


def component_scripts() -> list[BrowserFile]:
    """Of the map, then of the editor, which draws on it."""
    return [join_scripts(package.__name__, package.SCRIPTS) for package in (map_view, editor)]


def join_scripts(package: str, names: Sequence[str]) -> BrowserFile:
    """Scripts of a package, in this order, as one file named by its content.

    Parameters
    ----------
    package
        Of the component, such as "app.web.components.map_view"; its last part names the file.
    names
        Its scripts, in the order in which they run.
    """
    folder = resources.files(package)
    text = "\n".join((folder / name).read_text(encoding="utf-8") for name in names)
    return make_browser_file(package.rpartition(".")[2], text, suffix="js")
