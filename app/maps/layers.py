"""The layers of a dataset as files for the browser: GeoJSON, compressed, named by their content."""

from __future__ import annotations

import gzip
import hashlib
import json
import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from app.maps.admin_units import read_admin_units
from app.maps.background import join_roads, pick_green
from app.maps.leaders import make_led_points, make_spokes
from app.maps.themes import MapTheme
from app.workbench.formats import to_plain
from app.workbench.kept import keep_with_owner
from app.workbench.workbench import DatasetContext, Workbench
from geo.errors import PlanningError
from geo.schema import ESTIMATED_GROUND

LONLAT = "EPSG:4326"
_DIGITS = 6  # degrees: 0.1 m
_CLOSE_M = 36.0
"""Half the widest gap between members that an area's outline bridges, metres."""
_MARGIN_M = 5.0
"""How far an area's outline stays outside its members, metres."""
_METRES_AT_0 = 78271.517
"""Metres a pixel at zoom 0 on the equator."""
_NUMBER_PX = 52.0
"""Pixels across an area whose number has room in it."""


@dataclass(frozen=True)
class BrowserFile:
    """A file the browser may ask for.

    Parameters
    ----------
    name
        "units-<hash>.geojson": a new content gets a new name, so it may be kept for ever.
    packed
        The content, gzip.
    """

    name: str
    packed: bytes

    def pack(self) -> bytes:
        """The content, gzip."""
        return self.packed


def make_browser_file(layer: str, text: str, *, suffix: str = "geojson") -> BrowserFile:
    """A text as a compressed file named by its hash; the same text gives the same bytes.

    Parameters
    ----------
    layer
        First part of the name.
    text
        The content.
    suffix
        Of the file, without a dot.
    """
    body = text.encode("utf-8")
    digest = hashlib.sha256(body).hexdigest()[:16]
    return BrowserFile(f"{layer}-{digest}.{suffix}", gzip.compress(body, 6, mtime=0))


@dataclass(frozen=True, eq=False)
class LateFile:
    """A file whose address is known before its content: made when somebody first asks for it.

    Parameters
    ----------
    name
        Changes with everything the content is made from, so it may be kept for ever.
    make
        Makes the text.
    """

    name: str
    make: Callable[[], str]

    @cached_property
    def _packed(self) -> bytes:
        return gzip.compress(self.make().encode("utf-8"), 6, mtime=0)

    def pack(self) -> bytes:
        """The content, gzip."""
        return self._packed


def make_dataset_layers(context: DatasetContext) -> dict[str, BrowserFile]:
    """The layers of the map that are the same for every plan; empty ones left out."""
    places = read_admin_units(context).frame
    return _files(
        {
            "places": places[["level", "geometry"]],
            "place_points": _place_points(places),
            **{
                name: context.dataset.layer(name)[[*columns, "geometry"]]
                for name, columns in (
                    ("streets", ["name"]),
                    ("barriers", ["kind", "name"]),
                    ("crossings", ["kind", "name"]),
                )
            },
            "roads": join_roads(context.dataset.layer("roads")),
            "green": pick_green(context.dataset.layer("open_spaces")),
        }
    )


def make_plan_layers(bench: Workbench, themes: Sequence[MapTheme]) -> dict[str, BrowserFile]:
    """The layers of the map that follow the plan; empty ones left out.

    Units, areas and their points carry their position as feature id, so that the page speaks
    about them in whole numbers.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    themes
        Of the map.
    """
    return _files(
        {
            "units": _units(bench, themes),
            "dots": _dots(bench),
            "areas": area_outlines(bench),
            "area_points": _area_points(bench),
            "anchors": _anchors(bench),
            "spokes": make_spokes(bench),
            "led_points": make_led_points(bench),
        }
    )


def to_geojson(frame: gpd.GeoDataFrame) -> str:
    """A frame as GeoJSON in degrees with 6 decimals; its index becomes the feature id.

    Examples
    --------
    >>> square = gpd.GeoDataFrame({"name": ["a"]}, geometry=[shapely.Point(1, 2)], crs=4326)
    >>> to_geojson(square)[:60]
    '{"type":"FeatureCollection","features":[{"type":"Feature","i'
    """
    frame = frame.dropna(subset=["geometry"])
    degrees = frame.geometry.to_crs(LONLAT).to_numpy()
    rounded = shapely.transform(degrees, lambda xy: np.round(xy, _DIGITS))
    geometries = shapely.to_geojson(rounded)
    records = frame.drop(columns="geometry").to_dict("records")
    features = (
        f'{{"type":"Feature","id":{int(position)},"properties":{_json(record)},"geometry":{shape}}}'
        for position, record, shape in zip(frame.index, records, geometries, strict=True)
    )
    return f'{{"type":"FeatureCollection","features":[{",".join(features)}]}}'


@keep_with_owner
def area_outlines(bench: Workbench) -> gpd.GeoDataFrame:
    """One outline for each area, drawn around its members and over the gaps between them.

    The outline is for the eye: it closes gaps of up to 72 m; figures never come from it.

    Returns
    -------
    k rows in the order of the plan; columns area_id, name, geometry (metric CRS).
    """
    shapes = bench.units.geometry.to_numpy()
    outlines = [merge_outline(shapes[bench.area_of == number]) for number in range(len(bench.areas))]
    return gpd.GeoDataFrame(
        {"area_id": [area["area_id"] for area in bench.areas], "name": [area["name"] for area in bench.areas]},
        geometry=gpd.GeoSeries(outlines, crs=bench.units.crs),
        crs=bench.units.crs,
    )


def merge_outline(shapes: np.ndarray) -> shapely.Geometry:
    """The outline around some units, for the eye: gaps of up to 72 m between them are closed.

    Parameters
    ----------
    shapes
        (k,) polygons or points in a metric CRS; missing ones are passed over.

    Returns
    -------
    Polygon or multipolygon, empty where there are no shapes.
    """
    grown = shapely.union_all(shapely.buffer(shapes, _CLOSE_M, quad_segs=4))
    return shapely.buffer(grown, _MARGIN_M - _CLOSE_M, quad_segs=4)


def area_bounds(bench: Workbench) -> list[tuple[float, float, float, float]]:
    """West, south, east, north of each area, degrees."""
    return [tuple(row) for row in area_outlines(bench).to_crs(LONLAT).bounds.to_numpy().tolist()]


def unit_bounds(context: DatasetContext) -> dict[int, tuple[float, float, float, float]]:
    """West, south, east, north of each placed unit, degrees, by position."""
    bounds = context.layers["units"].geometry.dropna().to_crs(LONLAT).bounds
    return {int(i): tuple(row) for i, row in zip(bounds.index, bounds.to_numpy().tolist(), strict=True)}


def total_bounds(context: DatasetContext) -> tuple[float, float, float, float]:
    """West, south, east, north of all placed units; the whole world where there are none."""
    placed = context.layers["units"].geometry.dropna()
    if placed.empty:
        return (-180.0, -60.0, 180.0, 75.0)
    return tuple(placed.to_crs(LONLAT).total_bounds.tolist())


def _files(frames: Mapping[str, gpd.GeoDataFrame]) -> dict[str, BrowserFile]:
    return {
        name: make_browser_file(name, to_geojson(frame))
        for name, frame in frames.items()
        if len(frame.dropna(subset=["geometry"]))
    }


def _units(bench: Workbench, themes: Iterable[MapTheme]) -> gpd.GeoDataFrame:
    units = bench.units
    hatched = [theme.hatched for theme in themes]
    frame = units[["name", "geometry"]].copy()
    frame["area"] = [int(area) if area >= 0 else None for area in bench.area_of]
    frame["area"] = frame["area"].astype(object)
    frame["single"] = (units["kind"] == "single_building").to_numpy()
    frame["left_over"] = np.isin(np.arange(len(units)), bench.left_over)
    frame["hatch"] = np.any(hatched, axis=0) if hatched else False
    estimated = units["geom_quality"].isin(ESTIMATED_GROUND).to_numpy()
    return frame.assign(estimated=estimated) if estimated.any() else frame


def _dots(bench: Workbench) -> gpd.GeoDataFrame:
    """A point for each single building: at small scale its outline would not be seen."""
    units = _units(bench, ())
    single = units[(bench.units["kind"] == "single_building") & units.geometry.notna()]
    return single[["area", "geometry"]].set_geometry(single.geometry.representative_point())


def _area_points(bench: Workbench) -> gpd.GeoDataFrame:
    """Where the number of an area is written, and from which zoom it has room.

    On its largest member; at its north-west corner where leaders are.
    """
    outlines = area_outlines(bench)
    across = np.sqrt(outlines.area.to_numpy())
    _, south, _, north = outlines.to_crs(LONLAT).total_bounds if len(outlines) else (0, 0, 0, 0)
    metres = _METRES_AT_0 * np.cos(np.radians((south + north) / 2)) * _NUMBER_PX
    fits_from = np.ceil(np.log2(metres / np.maximum(across, 1.0))).astype(int)
    columns = {"from": fits_from.tolist()}
    number_text = [str(number + 1) for number in range(len(bench.areas))]
    rank = [-int(area["households"] or 0) for area in bench.areas]
    if bench.leaders:
        corners = [_north_west_corner(outline) for outline in outlines.geometry]
        return gpd.GeoDataFrame({"number": number_text, "rank": rank, **columns}, geometry=corners, crs=bench.units.crs)
    shapes = bench.units.geometry
    sizes = shapes.area.to_numpy()
    largest = [
        int(max(np.flatnonzero(bench.area_of == number), key=lambda i: sizes[i])) for number in range(len(bench.areas))
    ]
    points = shapes.iloc[largest].representative_point().reset_index(drop=True)
    return gpd.GeoDataFrame({"number": number_text, "rank": rank, **columns}, geometry=points, crs=shapes.crs)


def _north_west_corner(outline: shapely.Geometry) -> shapely.Point | None:
    """The corner of an outline farthest to the north-west; None of an empty one."""
    corners = shapely.get_coordinates(outline)
    return shapely.Point(corners[np.argmax(corners[:, 1] - corners[:, 0])]) if len(corners) else None


def _place_points(places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Where the name and the figure of a place are written; the same ids as its outline."""
    frame = places[["level", "name", "geometry"]]
    return frame.set_geometry(frame.geometry.representative_point())


def _anchors(bench: Workbench) -> gpd.GeoDataFrame:
    positions = list(bench.followers)
    anchors = bench.units.iloc[positions][["name", "geometry"]]
    return anchors.set_geometry(anchors.geometry.representative_point())


def _json(record: Mapping[str, Any]) -> str:
    clean = {key: to_plain(value) for key, value in record.items()}
    return json.dumps(clean, ensure_ascii=False, separators=(",", ":"))


logger = logging.getLogger(__name__)

_EMPTY = '{"type":"FeatureCollection","features":[]}'


@dataclass(frozen=True, eq=False)
class LazyLayer:
    """A map layer of one dataset, made once, in each language.

    Parameters
    ----------
    layer
        Its name as the map knows it.
    version
        Of the dataset and plan: a new one has a new address.
    languages
        In which its cards are written.
    make
        Makes the file of each language.
    """

    layer: str
    version: str
    languages: tuple[str, ...]
    make: Callable[[], Mapping[str, BrowserFile]]
    _files: dict[str, BrowserFile] = field(default_factory=dict)
    _is_started: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def name(self, language: str) -> str:
        """The file's name in an address."""
        return f"{self.layer}-{language}-{self.version}.geojson"

    def language_of(self, name: str) -> str | None:
        """Which language a name in an address asks for; None for other files."""
        return next((lang for lang in self.languages if self.name(lang) == name), None)

    def ask(self, language: str) -> BrowserFile | None:
        """The file, or None while it is in the making; the first to ask starts that."""
        with self._lock:
            if not self._is_started.is_set():
                self._is_started.set()
                threading.Thread(target=self._work, name=self.layer, daemon=True).start()
        return self._files.get(language)

    def _work(self) -> None:
        empty = make_browser_file(self.layer, _EMPTY)
        files: Mapping[str, BrowserFile] = {}
        try:
            files = self.make()
        except PlanningError:
            logger.exception("the map layer %s cannot be shown", self.layer)
        self._files.update({lang: files.get(lang, empty) for lang in self.languages})
