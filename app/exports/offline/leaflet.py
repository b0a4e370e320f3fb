"""Leaflet as text for the head of a page that fetches nothing."""

from __future__ import annotations

import base64
import re
from pathlib import Path

from geo.errors import UnreadableFileError

_ROOT = Path(__file__).resolve().parents[3]
LEAFLET_FOLDERS = (_ROOT / "app" / "assets" / "vendor" / "leaflet", _ROOT / "node_modules" / "leaflet" / "dist")
"""Where the set-up puts Leaflet; the first that has it is used."""


def leaflet_inline() -> str:
    """Leaflet's script and styles as text for a page's head, its images as data URIs.

    Raises
    ------
    UnreadableFileError
        If it is in none of `LEAFLET_FOLDERS`.
    """
    for folder in LEAFLET_FOLDERS:
        if (folder / "leaflet.js").is_file() and (folder / "leaflet.css").is_file():
            css = (folder / "leaflet.css").read_text(encoding="utf-8")
            script = (folder / "leaflet.js").read_text(encoding="utf-8")
            return f"<style>{_with_images(css, folder)}</style>\n<script>{_alone(script)}</script>"
    places = ", ".join(f"{folder.relative_to(_ROOT)}" for folder in LEAFLET_FOLDERS)
    raise UnreadableFileError(
        f"缺少地图组件 leaflet.js (查找过 {places}); 请先运行 make setup。",
        f"The map library leaflet.js is missing (looked in {places}); run make setup first.",
    )


def _with_images(css: str, folder: Path) -> str:
    """Styles with each image inside; what is not an image file of the folder is dropped."""

    def inline(match: re.Match[str]) -> str:
        path = folder / match.group(1).strip("'\"")
        if path.suffix != ".png" or not path.is_file():
            return "none"
        return f"url(data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()})"

    return re.sub(r"url\(([^)]*)\)", inline, css)


def _alone(script: str) -> str:
    """A script without its source map and without the link of its attribution."""
    script = re.sub(r"//# sourceMappingURL=\S+", "", script)
    return re.sub(r'href="https?://[^"]*"', 'href="#"', script).replace("</script", "<\\/script")
