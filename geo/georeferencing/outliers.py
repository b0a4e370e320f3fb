"""Rows that lie far from all the others, of their file and of the dataset."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Geod, Transformer
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from geo.crs import make_transformer
from geo.errors import UsageError
from geo.findings import Finding
from geo.georeferencing.doubtful_points import list_rows
from geo.messages import EMPTY, Sentence, load_catalogue
from geo.prepared.prepared_layer import PreparedLayer
from geo.storage.dataset import Dataset

say = load_catalogue(__file__)

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

DOUBTFUL_KM = 30.0
"""[A] Rows farther than this from all others are reported: no part of a city is."""
IMPOSSIBLE_KM = 200.0
"""[A] Few rows farther than this from all others are taken for mistakes: no dataset reaches so far,
and its metric CRS would not hold there."""
OUTSIDE_KM = 10.0
"""[A] Rows farther than this outside the streets or the boundary of the dataset are reported."""

_EARTH_KM = 6371.0
_CELL_DEG = 0.05
_CHINA = (73.0, 3.0, 136.0, 54.0)
_SHOWN = 20
_WHOLE = 0.9
_REFERENCE = ("communities", "buildings", "streets", "neighbourhoods", "boundary")
_GEOD = Geod(ellps="WGS84")


@dataclass(frozen=True, eq=False)
class LocatedRows:
    """Rows of one file and the CRS of their geometries; None where they have no place."""

    prepared: PreparedLayer
    crs: CRS | None


@dataclass(frozen=True, eq=False)
class _Boxes:
    """Bounding boxes (n, 4) in degrees; NaN where a row has no place."""

    bounds: Floats

    @property
    def centres(self) -> Floats:
        return (self.bounds[:, :2] + self.bounds[:, 2:]) / 2

    @property
    def known(self) -> Mask:
        return np.asarray(np.isfinite(self.bounds).all(axis=1), dtype=bool)


def drop_outliers(
    files: Sequence[LocatedRows], dataset: Dataset | None, replaced: Set[str] = frozenset()
) -> list[PreparedLayer]:
    """Tell rows that lie far from all others; those that cannot be there lose their place.

    Rows outside China where most are inside, and few rows more than `IMPOSSIBLE_KM` from all
    others, have no place from here on, so that they neither stretch the map nor choose the metric
    CRS. Rows more than `DOUBTFUL_KM` from all others, or more than `OUTSIDE_KM` outside the
    boundary of the dataset, keep theirs and are reported.

    Parameters
    ----------
    files
        Of one import, placed.
    dataset
        What is there already; None for a new dataset.
    replaced
        Layers of it that are about to be replaced: they say nothing any more.

    Returns
    -------
    The rows of each file.

    Raises
    ------
    UsageError
        If a whole file lies more than `IMPOSSIBLE_KM` from the dataset.
    """
    boxes = [_bounding_boxes(file) for file in files]
    there = _layer_centres(dataset, replaced)
    own = [box.centres[box.known] for box in boxes]
    everything = np.concatenate([there, *own])
    if len(everything) < 2:
        return [file.prepared for file in files]
    rest = _MainCluster(everything, len(there))
    areas = _areas(dataset, files, replaced)
    return [
        _drop_impossible(file.prepared, box, rest, areas) if box.known.any() else file.prepared
        for file, box in zip(files, boxes, strict=True)
    ]


class _MainCluster:
    """The places most rows have: clusters of cells, and which of them hold the main body.

    Parameters
    ----------
    places
        (n, 2) degrees; the first `n_there` of the dataset.
    """

    def __init__(self, places: Floats, n_there: int) -> None:
        cells, self.of_place = np.unique(np.round(places / _CELL_DEG).astype(np.int64), axis=0, return_inverse=True)
        self.n_there = n_there
        self.centres: Floats = np.asarray(cells, dtype=float) * _CELL_DEG
        self.tree = cKDTree(_on_sphere(self.centres))
        weights = np.bincount(self.of_place, minlength=len(cells))
        of_dataset = np.bincount(self.of_place[:n_there], minlength=len(cells))
        self.far, self.n_main = self._beyond(IMPOSSIBLE_KM, weights, of_dataset)
        self.apart, _ = self._beyond(DOUBTFUL_KM, weights, of_dataset)
        main = np.flatnonzero(~self.apart & ~self.far)
        self.main_tree = cKDTree(_on_sphere(self.centres[main]))
        self.main: Floats = self.centres[main]
        share = weights[_in_china(self.centres)].sum() / weights.sum()
        if n_there:
            share = of_dataset[_in_china(self.centres)].sum() / n_there
        self.is_chinese = bool(share >= 0.5)

    def _beyond(self, km: float, weights: Any, of_dataset: Any) -> tuple[Mask, int]:
        """(cells,) whether each lies beyond a gap from the main body; and the rows of that."""
        pairs = self.tree.query_pairs(_chord(km), output_type="ndarray")
        n = len(self.centres)
        near = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
        cluster = connected_components(near, directed=False)[1]
        rows = np.bincount(cluster, weights=weights)
        known = np.bincount(cluster, weights=of_dataset)
        domestic = np.bincount(cluster, weights=_in_china(self.centres)) > 0
        best = int(np.argmax(2 * (known if self.n_there else rows) + domestic))  # a tie: China
        return cluster != best, int(rows[best])

    def km_to_main(self, bounds: Floats) -> Floats:
        """(n,) kilometres from the nearest place of the main body to each bounding box."""
        corners = np.stack(
            [
                bounds[:, [0, 1]],
                bounds[:, [2, 1]],
                bounds[:, [2, 3]],
                bounds[:, [0, 3]],
                (bounds[:, :2] + bounds[:, 2:]) / 2,
            ]
        )
        chords = np.stack([self.main_tree.query(_on_sphere(c))[0] for c in corners])
        return 2 * _EARTH_KM * np.arcsin(np.minimum(chords.min(axis=0) / 2, 1.0))

    def is_near(self, places: Floats) -> Mask:
        """(n,) whether each place lies within `DOUBTFUL_KM` of the main body."""
        away = np.asarray(self.main_tree.query(_on_sphere(places))[0])
        return np.asarray(away <= _chord(DOUBTFUL_KM), dtype=bool)

    def measured_km(self, place: Floats) -> float:
        """Kilometres on the ellipsoid to the nearest place of the main body."""
        nearest = self.main[np.asarray(self.main_tree.query(_on_sphere(place[None]))[1])[0]]
        return float(_GEOD.inv(*place, *nearest)[2]) / 1000


def _drop_impossible(prepared: PreparedLayer, boxes: _Boxes, rest: _MainCluster, areas: _Areas | None) -> PreparedLayer:
    known, centres = boxes.known, boxes.centres
    km = np.zeros(len(known))
    km[known] = rest.km_to_main(boxes.bounds[known])
    abroad = np.zeros_like(known)
    abroad[known] = rest.is_chinese & ~_in_china(centres[known])
    far = known & (km > IMPOSSIBLE_KM)
    whole = (far | abroad)[known].mean() >= _WHOLE
    if whole and rest.n_there >= 3:
        raise _outside_findings(prepared, centres[known], rest, bool(abroad[known].mean() > 0.5))
    few = far.sum() * 2 <= rest.n_main
    lost = abroad | (far & few & (not whole))
    doubtful = known & ~lost & (km > DOUBTFUL_KM)
    shapes = prepared.frame["geometry"].to_numpy(dtype=object).copy()
    found = [_impossible_finding(prepared, int(p), centres[p], rest) for p in np.flatnonzero(lost)]
    shapes[lost] = None
    if doubtful.any():
        found.append(_doubtful_findings(prepared, doubtful, km))
    if areas is not None and prepared.layer in ("communities", "buildings"):
        found += areas.findings(prepared, known & ~lost & ~doubtful, boxes)
    if not found:
        return prepared
    return replace(prepared, frame=prepared.frame.assign(geometry=shapes)).found(*found)


def _impossible_finding(prepared: PreparedLayer, position: int, place: Floats, rest: _MainCluster) -> Finding:
    km = rest.measured_km(place)
    why = _explain_slip(place, rest)
    return prepared.finding(
        "error",
        "geometry.far_away",
        *say("geometry.far_away", km=km, why=why),
        position=position,
        value=f"{place[0]:.6f}, {place[1]:.6f}",
    )


def _explain_slip(place: Floats, rest: _MainCluster) -> Sentence:
    """What was probably mistaken: the one slip that would bring the row to the others."""
    x, y = place
    slips = (
        ((y, x), "exchanged"),
        ((-x, y), "sign_of_longitude"),
        ((x, -y), "sign_of_latitude"),
        ((-x, -y), "both_signs"),
        ((x * 10, y), "point_of_longitude"),
        ((x, y * 10), "point_of_latitude"),
        ((x / 10, y), "point_of_longitude"),
        ((x, y / 10), "point_of_latitude"),
        ((x + 3, y), "zone_3_low"),
        ((x - 3, y), "zone_3_high"),
        ((x + 6, y), "zone_6_low"),
        ((x - 6, y), "zone_6_high"),
    )
    for moved, slip in slips:
        if abs(moved[0]) <= 180 and abs(moved[1]) <= 90 and rest.is_near(np.array([moved]))[0]:
            return say(f"slip.{slip}")
    if rest.is_chinese and not _in_china(place[None])[0]:
        return say("slip.outside_china")
    return EMPTY


def _doubtful_findings(prepared: PreparedLayer, mask: Mask, km: Floats) -> Finding:
    n, least, most = int(mask.sum()), km[mask].min(), km[mask].max()
    how_far = f"{most:,.0f}" if most - least < 1 else f"{least:,.0f}–{most:,.0f}"
    rows = list_rows(prepared, mask, _SHOWN)
    return prepared.finding(
        "warning",
        "geometry.apart",
        *say("geometry.apart", n=n, how_far=how_far, rows=rows),
        position=int(np.flatnonzero(mask)[0]),
        value=f"{most:.0f} km",
    )


def _outside_findings(prepared: PreparedLayer, places: Floats, rest: _MainCluster, abroad: bool) -> UsageError:
    middle = np.median(places, axis=0)
    km = rest.measured_km(middle)
    why = _explain_slip(middle, rest)
    return UsageError(
        *say(
            "error.outside",
            file=prepared.file,
            km=km,
            x=middle[0],
            y=middle[1],
            why=why,
            advice=EMPTY if abroad else say("outside.other_city"),
        )
    )


# --- the boundary -------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Areas:
    """The streets or the boundary, in a CRS of metres around their middle."""

    tree: shapely.STRtree
    to_metres: Transformer

    def findings(self, prepared: PreparedLayer, mask: Mask, boxes: _Boxes) -> list[Finding]:
        """Rows well outside all areas."""
        positions = np.flatnonzero(mask)
        if not len(positions):
            return []
        xy = np.column_stack(self.to_metres.transform(*boxes.centres[positions].T))
        (which, _), metres = self.tree.query_nearest(shapely.points(xy), return_distance=True, all_matches=False)
        km = np.zeros(len(mask))
        km[positions[which]] = metres / 1000
        outside = km > OUTSIDE_KM
        if not outside.any():
            return []
        rows = list_rows(prepared, outside, _SHOWN)
        return [
            prepared.finding(
                "warning",
                "geometry.outside",
                *say("geometry.outside", n=int(outside.sum()), value=km.max(), rows=rows),
                position=int(np.flatnonzero(outside)[0]),
                value=f"{km.max():.0f} km",
            )
        ]


def _areas(dataset: Dataset | None, files: Sequence[LocatedRows], replaced: Set[str]) -> _Areas | None:
    """Polygons of streets and boundary, of the dataset and of this import."""
    series = []
    for name in ("streets", "boundary"):
        if dataset is not None and dataset.has(name) and name not in replaced:
            series.append(gpd.GeoSeries(dataset.layer(name).geometry))
        for file in files:
            if file.prepared.layer == name and file.crs is not None:
                shapes = file.prepared.frame["geometry"].to_numpy(dtype=object)
                series.append(gpd.GeoSeries(shapes, crs=file.crs))
    degrees = [one.to_crs("EPSG:4326").to_numpy() for one in series if len(one)]
    shapes = np.concatenate(degrees) if degrees else np.empty(0, dtype=object)
    shapes = shapes[np.isin(shapely.get_type_id(shapes), (3, 6)) & ~shapely.is_empty(shapes)]
    shapes = shapes[np.isfinite(shapely.bounds(shapes)).all(axis=1)]
    if not len(shapes):
        return None
    lon, lat = np.median(shapely.get_coordinates(shapely.centroid(shapes)), axis=0)
    plane = CRS.from_proj4(f"+proj=aeqd +lat_0={lat:.6f} +lon_0={lon:.6f} +datum=WGS84 +units=m")
    to_metres = Transformer.from_crs("EPSG:4326", plane, always_xy=True)
    metric = shapely.transform(shapes, lambda xy: np.column_stack(to_metres.transform(xy[:, 0], xy[:, 1])))
    return _Areas(shapely.STRtree(metric), to_metres)


# --- places -------------------------------------------------------------------------------------


def _bounding_boxes(file: LocatedRows) -> _Boxes:
    if file.crs is None or "geometry" not in file.prepared.frame:
        return _Boxes(np.full((len(file.prepared.frame), 4), np.nan))
    shapes = file.prepared.frame["geometry"].to_numpy(dtype=object)
    return _Boxes(_degrees(shapely.bounds(shapes), file.crs))


def _degrees(bounds: Floats, crs: CRS) -> Floats:
    if crs.is_geographic:
        return bounds
    to_degrees = make_transformer(crs, CRS.from_epsg(4326))
    west, south = to_degrees.transform(bounds[:, 0], bounds[:, 1])
    east, north = to_degrees.transform(bounds[:, 2], bounds[:, 3])
    boxes = np.column_stack([west, south, east, north])
    return np.where(np.isfinite(boxes).all(axis=1)[:, None], boxes, np.nan)


def _layer_centres(dataset: Dataset | None, replaced: Set[str]) -> Floats:
    """Middles of what the dataset has, degrees."""
    found = [np.empty((0, 2))]
    for name in _REFERENCE:
        if dataset is not None and dataset.has(name) and name not in replaced:
            frame = gpd.GeoDataFrame(dataset.layer(name))
            boxes = _Boxes(_degrees(shapely.bounds(frame.geometry.to_numpy()), CRS(frame.crs)))
            found.append(boxes.centres[boxes.known])
    return np.concatenate(found)


def _in_china(places: Floats) -> Mask:
    west, south, east, north = _CHINA
    x, y = places[:, 0], places[:, 1]
    return (x >= west) & (x <= east) & (y >= south) & (y <= north)


def _on_sphere(places: Floats) -> Floats:
    """(n, 3) points on the unit sphere."""
    lon, lat = np.radians(places[:, 0]), np.radians(places[:, 1])
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def _chord(km: float) -> float:
    """The straight line through the unit sphere under so many kilometres."""
    return float(2 * np.sin(km / _EARTH_KM / 2))
