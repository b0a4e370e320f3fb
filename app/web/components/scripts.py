"""What the browser loads of ours, named by its content: components, scripts and styles of the page, front-end parts."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources
from pathlib import Path

from app.maps.layers import BrowserFile, make_browser_file
from app.settings import ASSETS, VENDOR
from app.web.components import editor, map_view

SCRIPTS_ADDRESS = "component/"
"""Where the page asks for them, next to its own address."""
VENDOR_TYPES = {
    ".mjs": "text/javascript",  # said aloud: the registry of Windows may know it wrongly
    ".js": "text/javascript",
    ".css": "text/css",
    ".png": "image/png",
}


def component_scripts() -> list[BrowserFile]:
    """Of the map, then of the editor, which draws on it; one file for each, sent before those of the large suites."""
    return [join_scripts(package.__name__, package.SCRIPTS) for package in (map_view, editor)]


def page_files() -> tuple[BrowserFile, BrowserFile]:
    """Scripts and styles of the page, one file each, in the order of their names."""
    return _join("page", sorted(ASSETS.glob("*.js")), "js"), _join("page", sorted(ASSETS.glob("*.css")), "css")


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


def vendor_files(folder: Path) -> dict[str, Path]:
    """The front-end parts there are, by their name in an address, such as "pmtiles/pmtiles.js"."""
    return {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix in VENDOR_TYPES
    }


@lru_cache(maxsize=1)
def vendor_address() -> str:
    """Where the page asks for front-end parts: other parts have another address, so they may be kept for ever."""
    digest = hashlib.sha256()
    for name, path in vendor_files(VENDOR).items():
        digest.update(name.encode())
        digest.update(path.read_bytes())
    return f"vendor/{digest.hexdigest()[:16]}/"


def _join(name: str, paths: Sequence[Path], suffix: str) -> BrowserFile:
    return make_browser_file(name, "\n".join(path.read_text(encoding="utf-8") for path in paths), suffix=suffix)
