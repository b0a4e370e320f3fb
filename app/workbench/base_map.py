"""The base map an office allows: a local file of tiles, or 天地图 with the office's own key; none by default."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from app.i18n import Words, say
from geo.errors import UsageError

TIANDITU = "tianditu"
TIANDITU_HOST = "https://t0.tianditu.gov.cn"
_LAYERS = ("vec", "cva")  # the map, and the names on it
_TIANDITU_ZOOMS = 1, 18  # of its matrix set "w" (EPSG:3857), numbered as on the web; "c" is in degrees (EPSG:4490)
_TYPES = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp"}
_PMTILES_TYPES = {1: "mvt", 2: "png", 3: "jpg", 4: "webp", 5: "avif"}  # in byte 99 of the head, version 3
_BEGINNINGS = {"png": rb"\x89PNG", "jpg": rb"\xff\xd8\xff", "webp": rb"RIFF.{4}WEBP", "pbf (gzip)": rb"\x1f\x8b"}
_PMTILES_HEAD = 127
_KEY = re.compile(r"[0-9a-zA-Z]{16,64}")
_LONGEST = 80


@dataclass(frozen=True)
class BaseMap:
    """Where the tiles below the map come from.

    Parameters
    ----------
    path
        A local file, `.mbtiles` or `.pmtiles`; None for 天地图.
    tiles
        Addresses with {z}, {x}, {y}, drawn one above the other; none for a local file.
    host
        The only foreign host the page asks; None for a local file.
    mimetype
        Of the tiles of a local file.
    least_zoom, most_zoom
        Zooms there are tiles for.
    source
        Who made it.
    approval
        Number under which the map was approved (审图号); empty where none is stated.
    bounds
        West, south, east, north of the tiles, degrees; None where not known.
    """

    path: Path | None
    tiles: tuple[str, ...]
    host: str | None
    mimetype: str
    least_zoom: int
    most_zoom: int
    source: str
    approval: str
    bounds: tuple[float, ...] | None = None

    def credit(self, words: Words) -> str:
        """The line shown on the map: who made it, and its approval."""
        approval = self.approval or words("base_map.no_approval")
        return words("base_map.credit", source=self.source, approval=approval)

    def describe(self) -> dict[str, object]:
        """What the component of the map needs to draw it."""
        kind = "foreign" if self.path is None else self.path.suffix.lower().removeprefix(".")
        bounds = {} if self.bounds is None else {"bounds": list(self.bounds)}
        zooms = {"minzoom": self.least_zoom, "maxzoom": self.most_zoom}
        return {"kind": kind, "tiles": list(self.tiles), **zooms, **bounds}


_SETTINGS = ("PIANQU_BASEMAP", "PIANQU_BASEMAP_APPROVAL", "PIANQU_BASEMAP_SOURCE", "PIANQU_TIANDITU_KEY")


def find_base_map() -> BaseMap | None:
    """The base map the environment asks for, read once for each way it is set."""
    return _read_once(tuple((name, os.environ.get(name, "")) for name in _SETTINGS))


def tell_not_printed(words: Words) -> str:
    """That sheets are drawn without the base map, where one is set; empty where none is."""
    return words("base_map.not_printed") if os.environ.get("PIANQU_BASEMAP", "").strip() else ""


@lru_cache(maxsize=4)
def _read_once(settings: tuple[tuple[str, str], ...]) -> BaseMap | None:
    return read_base_map(dict(settings))


def read_base_map(settings: Mapping[str, str]) -> BaseMap | None:
    """The base map the settings ask for; None by default.

    Parameters
    ----------
    settings
        ``PIANQU_BASEMAP``: a file `.mbtiles` or `.pmtiles` of pictures, or "tianditu", which needs
        ``PIANQU_TIANDITU_KEY`` and ``PIANQU_BASEMAP_APPROVAL`` (审图号). ``PIANQU_BASEMAP_SOURCE``
        names who made a file.

    Raises
    ------
    UsageError
        If the file is not there or holds no pictures, or 天地图 lacks key or approval.
    """
    asked = settings.get("PIANQU_BASEMAP", "").strip()
    approval = settings.get("PIANQU_BASEMAP_APPROVAL", "").strip()[:_LONGEST]
    if not asked:
        return None
    if asked.lower() == TIANDITU:
        key = settings.get("PIANQU_TIANDITU_KEY", "").strip()
        if not _KEY.fullmatch(key) or not approval:
            raise UsageError(*say("base_map.needs_key"))
        return BaseMap(
            None,
            tuple(_tianditu(layer, key) for layer in _LAYERS),
            TIANDITU_HOST,
            "",
            *_TIANDITU_ZOOMS,
            "天地图",
            approval,
        )
    path = Path(asked)
    readers = {".mbtiles": _read_mbtiles, ".pmtiles": _read_pmtiles}
    if path.suffix.lower() not in readers or not path.is_file():
        raise UsageError(*say("base_map.no_file", file=asked))
    kind, least, most, source, bounds = readers[path.suffix.lower()](path)
    if kind not in _TYPES:
        raise UsageError(*say("base_map.no_pictures", file=path.name, kind=kind))
    source = settings.get("PIANQU_BASEMAP_SOURCE", "").strip()[:_LONGEST] or source or path.name
    return BaseMap(path, (), None, _TYPES[kind], least, most, source, approval, bounds)


def read_tile(base: BaseMap, zoom: int, column: int, row: int) -> bytes | None:
    """A tile of an `.mbtiles` file; None where it has none.

    Parameters
    ----------
    base
        With such a file.
    zoom, column, row
        As in addresses of the web: rows count from the north.
    """
    if base.path is None or base.path.suffix.lower() != ".mbtiles" or not 0 <= zoom <= 30:
        return None
    asked = (zoom, column, 2**zoom - 1 - row)  # the file counts rows from the south
    sql = "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?"
    with closing(_open(base.path)) as file:
        found = file.execute(sql, asked).fetchone()
    return None if found is None else bytes(found[0])


def _tianditu(layer: str, key: str) -> str:
    """The address of a layer of 天地图 as a web map tile service (OGC WMTS)."""
    asked = f"SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={layer}&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles"
    return f"{TIANDITU_HOST}/{layer}_w/wmts?{asked}&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={key}"


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)


_Told = tuple[str, int, int, str, tuple[float, ...] | None]


def _read_mbtiles(path: Path) -> _Told:
    """Kind of tiles, least and most zoom, who made them, and their bounds."""
    try:
        with closing(_open(path)) as file:
            told = {str(name): str(value) for name, value in file.execute("SELECT name, value FROM metadata")}
            zooms = file.execute("SELECT min(zoom_level), max(zoom_level) FROM tiles").fetchone()
            tile = file.execute("SELECT tile_data FROM tiles LIMIT 1").fetchone()
    except sqlite3.Error as error:
        raise UsageError(*say("base_map.unreadable", file=path.name, error=error)) from error
    if zooms[0] is None:
        raise UsageError(*say("base_map.unreadable", file=path.name, error="0 tiles"))
    source = re.sub(r"<[^>]*>", "", told.get("attribution", "") or told.get("name", ""))
    sides = told.get("bounds", "")
    bounds = tuple(map(float, sides.split(","))) if re.fullmatch(r"-?[\d.]+(,-?[\d.]+){3}", sides) else None
    return (
        _kind_of(bytes(tile[0]), told.get("format", "")),
        int(zooms[0]),
        int(zooms[1]),
        source.strip()[:_LONGEST],
        bounds,
    )


def _kind_of(tile: bytes, stated: str) -> str:
    """What a tile is by its first bytes, whatever the file states; what it states of tiles that are no pictures."""
    found = next((kind for kind, start in _BEGINNINGS.items() if re.match(start, tile, re.DOTALL)), "")
    return found or (stated if stated and stated not in _TYPES else "?")


def _read_pmtiles(path: Path) -> _Told:
    """The same of the head of a PMTiles file, version 3."""
    with path.open("rb") as file:
        head = file.read(_PMTILES_HEAD)
    if len(head) < _PMTILES_HEAD or not head.startswith(b"PMTiles\x03"):
        raise UsageError(*say("base_map.unreadable", file=path.name, error="PMTiles 3"))
    return _PMTILES_TYPES.get(head[99], "?"), head[100], head[101], "", None  # the page reads the bounds
