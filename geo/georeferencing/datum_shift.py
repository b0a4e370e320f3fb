"""Whether a layer sits next to those already there by the shift of GCJ-02 or BD-09."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from geo.crs import make_transformer
from geo.datum import Datum, from_wgs84, to_wgs84
from geo.prepared.prepared_layer import DatumShift

Floats = npt.NDArray[np.float64]
Shapes = npt.NDArray[np.object_]
_Move = Callable[[Floats], Floats]

CAP_M = 100.0
"""Distances beyond this say no more than this: the two things are not the same one."""
_MOST_POINTS = 1500
_MOST_SHAPES = 20_000
_DEGREES = CRS.from_epsg(4326)


@dataclass(frozen=True, eq=False)
class _Misfit:
    """A misfit that is least where the layer is in its place.

    `misfit(move)` gives for each of n places a value in [0, 1], after `move` has taken them from
    where the new layer says to where they would be (or back, when they are the reference's).
    """

    places: Floats  # (n, 2) metres
    of_reference: bool
    misfit: Callable[[Floats], Floats]  # (n, 2) → (n,)
    strictness: float  # the misfit must fall below this share of what it was
    is_sharp: bool = True  # tells the offset itself, not only which explanation fits


def detect_datum_shift(
    new: gpd.GeoDataFrame, layer: str, references: Mapping[str, gpd.GeoDataFrame], *, declared: Datum
) -> DatumShift | None:
    """Compare a layer with those already there and name the datum that would explain an offset.

    Parameters
    ----------
    new
        n rows in a metric CRS, after conversion from the declared datum.
    layer
        Which layer it is; decides what it may be compared with.
    references
        Layers already there, in the same CRS, by name.
    declared
        The datum the coordinates were taken to be on.

    Returns
    -------
    The shift, or None: nothing comparable, or the layer agrees with what is there, or it disagrees
    in a way no datum explains. Offsets below 100 m are never called a shift.

    Notes
    -----
    Each datum that might be meant predicts where every place would really be. The prediction must
    lower the misfit clearly, and more than shifts of the same length in three other directions.
    """
    for reference, kind in _COMPARED.get(layer, ()):
        there = references.get(reference)
        if there is None or there.empty or new.empty:
            continue
        measure = _measure(kind, new, there)
        if measure is None:
            continue
        verdict = _judge(measure, reference, CRS(new.crs), declared)
        if isinstance(verdict, DatumShift):
            return verdict
        if verdict:  # the layers clearly agree
            return None
    return None


def _judge(measure: _Misfit, reference: str, crs: CRS, declared: Datum) -> DatumShift | bool:
    """A shift; True where the layers clearly agree as they are; False where nothing is clear."""
    as_is = float(measure.misfit(measure.places).mean())
    tried = []
    for datum, converted in _list_explanations(declared):
        move = _make_mover(crs, declared, datum, converted, back=not measure.of_reference)
        moved = move(measure.places)
        vector = np.median(measure.places - moved, axis=0) * (-1 if measure.of_reference else 1)
        if np.isfinite(vector).all() and np.hypot(*vector) >= CAP_M:
            tried.append((float(measure.misfit(moved).mean()), vector, moved, datum, converted))
    if not tried:
        return False
    after, vector, moved, datum, converted = min(tried, key=lambda t: t[0])
    if as_is <= after:
        return as_is < measure.strictness * after
    step = moved - measure.places
    turned = (np.column_stack([-step[:, 1], step[:, 0]]), -step, np.column_stack([step[:, 1], -step[:, 0]]))
    elsewhere = min(float(measure.misfit(measure.places + turn).mean()) for turn in turned)
    if after > measure.strictness * min(as_is, elsewhere):
        return False
    offset = _refine(measure, moved) if measure.is_sharp else np.zeros(2)
    east, north = vector + (offset if measure.of_reference else -offset)
    return DatumShift(
        reference,
        datum,
        converted,
        round(float(east)),
        round(float(north)),
        round(float(vector[0])),
        round(float(vector[1])),
        round(as_is, 3),
        round(after, 3),
        len(measure.places),
    )


def _list_explanations(declared: Datum) -> list[tuple[Datum | None, Datum | None]]:
    """What the coordinates may be on instead, and which conversion may have been done twice."""
    plain = declared in ("wgs84", "cgcs2000")
    others: tuple[Datum, ...] = ("gcj02", "bd09") if plain else ("wgs84", "gcj02", "bd09")
    found: list[tuple[Datum | None, Datum | None]] = [(d, None) for d in others if d != declared]
    if plain:
        found += [(None, "gcj02"), (None, "bd09")]
    return found


def _make_mover(crs: CRS, declared: Datum, datum: Datum | None, converted: Datum | None, *, back: bool) -> _Move:
    """Places as stored → as they would be if the explanation holds (`back`), or the opposite."""
    to_degrees, to_metres = make_transformer(crs, _DEGREES), make_transformer(_DEGREES, crs)
    stored: Datum = declared if datum is not None else "wgs84"
    meant: Datum = datum if datum is not None else "wgs84"

    def move(places: Floats) -> Floats:
        lon, lat = to_degrees.transform(places[:, 0], places[:, 1])
        if converted is not None:  # undo, or do again, the conversion too many
            change = from_wgs84 if back else to_wgs84
            lon, lat = change(lon, lat, converted)
        elif back:
            lon, lat = to_wgs84(*from_wgs84(lon, lat, stored), meant)
        else:
            lon, lat = to_wgs84(*from_wgs84(lon, lat, meant), stored)
        return np.column_stack(to_metres.transform(lon, lat))

    return move


def _refine(measure: _Misfit, moved: Floats) -> Floats:
    """The small rest (2,) by which the moved places fit best: what was measured, not predicted."""
    best, centre = float(measure.misfit(moved).mean()), np.zeros(2)
    for step in (40.0, 10.0):
        around = [centre + step * np.array([i, j]) for i in range(-3, 4) for j in range(-3, 4)]
        around.sort(key=lambda offset: float(np.hypot(*offset)))
        for offset in around:
            misfit = float(measure.misfit(moved + offset).mean())
            if misfit < best - 1e-9:
                best, centre = misfit, offset
    return centre


# --- what is compared with what -----------------------------------------------------------------


def _measure(kind: str, new: gpd.GeoDataFrame, there: gpd.GeoDataFrame) -> _Misfit | None:
    if kind == "paired":
        return _measure_same_names(new, there)
    a, b = _crop_to_centre(_shapes(new), _shapes(there))
    if kind == "outline":
        return _measure_outlines(a, b)
    if kind == "inside":
        return _measure_containment(a, b)
    return _measure_clearance(a, b)


def _shapes(frame: gpd.GeoDataFrame) -> Shapes:
    shapes = frame.geometry.to_numpy()
    return shapes[~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)]


def _crop_to_centre(a: Shapes, b: Shapes) -> tuple[Shapes, Shapes]:
    """Of very large layers only what lies around the middle of the new one: that is enough to judge."""
    if max(len(a), len(b)) <= _MOST_SHAPES or not len(a):
        return a, b
    at_a, at_b = (_box_centres(shapes) for shapes in (a, b))
    middle = np.median(at_a, axis=0)
    far_a, far_b = (np.hypot(*(at - middle).T) for at in (at_a, at_b))
    radius = min(
        float(np.partition(far, min(_MOST_SHAPES, len(far)) - 1)[min(_MOST_SHAPES, len(far)) - 1])
        for far in (far_a, far_b)
        if len(far)
    )
    return a[far_a <= radius], b[far_b <= radius + 1500.0]


def _box_centres(shapes: Shapes) -> Floats:
    bounds = shapely.bounds(shapes)
    return (bounds[:, :2] + bounds[:, 2:]) / 2


def _measure_same_names(new: gpd.GeoDataFrame, there: gpd.GeoDataFrame) -> _Misfit | None:
    """Things of one name in both layers lie in one place."""
    a, b = _uniquely_named_centres(new), _uniquely_named_centres(there)
    both = a.index.intersection(b.index)
    if len(both) < 5:
        return None
    at, wanted = np.stack(a[both].to_list()), np.stack(b[both].to_list())
    return _Misfit(at, False, lambda xy: _cap(np.hypot(*(xy - wanted).T)), 0.6)


def _uniquely_named_centres(frame: gpd.GeoDataFrame) -> pd.Series:
    """Centres (2,) of things whose name is theirs alone, by name."""
    if "name" not in frame:
        return pd.Series([], dtype=object)
    frame = frame[frame["name"].notna() & frame.geometry.notna()]
    frame = frame[~frame["name"].duplicated(keep=False)]
    centre = shapely.get_coordinates(shapely.centroid(frame.geometry.to_numpy()))
    return pd.Series(list(centre), index=pd.Index(frame["name"].astype(str)), dtype=object)


def _measure_outlines(a: Shapes, b: Shapes) -> _Misfit | None:
    """Outlines and lines of two layers run along each other; the coarser one gives the places."""
    of_a, of_b = _vertices(a), _vertices(b)
    of_reference = len(of_b) < len(of_a)
    places, other = (of_b, a) if of_reference else (of_a, b)
    tree = _line_tree(other)
    if len(places) < 30 or tree is None:
        return None
    return _Misfit(_sample_evenly(places), of_reference, lambda xy: _cap(_nearest(tree, xy)), 0.75)


def _measure_containment(a: Shapes, b: Shapes) -> _Misfit | None:
    """Small things lie in or near the polygons; the layer of the smaller things gives the places."""
    poly_a, poly_b = (s[np.isin(shapely.get_type_id(s), (3, 6))] for s in (a, b))
    of_reference = not len(poly_b) or bool(
        len(poly_a) == len(a) and np.median(shapely.area(a)) > np.median(shapely.area(poly_b))
    )
    small, polygons = (b, poly_a) if of_reference else (a, poly_b)
    if len(small) < 20 or not len(polygons):
        return None
    places = shapely.get_coordinates(shapely.point_on_surface(small))
    tree = shapely.STRtree(polygons)
    places = _sample_evenly(places)
    return _Misfit(places, of_reference, lambda xy: _cap(_nearest(tree, xy)), 0.5, False)


def _measure_clearance(a: Shapes, b: Shapes) -> _Misfit | None:
    """Roads, railways and rivers do not run through communities and buildings."""
    kind_a, kind_b = shapely.get_type_id(a), shapely.get_type_id(b)
    line_a, line_b = a[np.isin(kind_a, (1, 5))], b[np.isin(kind_b, (1, 5))]
    of_reference = len(line_b) > 0
    lines, polygons = (line_b, a) if of_reference else (line_a, b)
    polygons = polygons[np.isin(shapely.get_type_id(polygons), (3, 6))]
    if len(lines) < 5 or len(polygons) < 20:
        return None
    box = shapely.box(*shapely.total_bounds(polygons)).buffer(1500.0)
    lines = lines[shapely.intersects(lines, box)]
    if not len(lines):
        return None
    places = shapely.get_coordinates(shapely.segmentize(lines, 50.0))
    places = _sample_evenly(places, 4 * _MOST_POINTS)
    tree = shapely.STRtree(polygons)
    if len(places) < 200:
        return None

    def misfit(xy: Floats) -> Floats:
        hit = tree.query(shapely.points(xy), predicate="intersects")[0]
        return np.bincount(np.unique(hit), minlength=len(xy)).astype(float) + 30.0 / len(xy)

    return _Misfit(places, of_reference, misfit, 0.5, False)


def _vertices(shapes: Shapes) -> Floats:
    return shapely.get_coordinates(shapes)


def _sample_evenly(places: Floats, most: int = _MOST_POINTS) -> Floats:
    """At most that many of the places, evenly from first to last."""
    if len(places) <= most:
        return places
    return places[np.linspace(0, len(places) - 1, most).astype(int)]


def _line_tree(shapes: Shapes) -> shapely.STRtree | None:
    """A tree of single segments of all lines and outlines."""
    lines = shapes[np.isin(shapely.get_type_id(shapes), (1, 2, 3, 5, 6))]
    is_area = np.isin(shapely.get_type_id(lines), (3, 6))
    lines = np.where(is_area, shapely.boundary(lines), lines)
    xy, part = shapely.get_coordinates(shapely.get_parts(lines), return_index=True)
    joined = np.flatnonzero(part[1:] == part[:-1])
    if not len(joined):
        return None
    ends = np.stack([xy[joined], xy[joined + 1]], axis=1)
    return shapely.STRtree(np.asarray(shapely.linestrings(ends)))


def _nearest(tree: shapely.STRtree, xy: Floats) -> Floats:
    """(n,) distance to the nearest shape, metres."""
    (_, __), distance = tree.query_nearest(shapely.points(xy), return_distance=True, all_matches=False)
    return distance


def _cap(distance: Floats) -> Floats:
    return np.minimum(np.nan_to_num(distance, nan=CAP_M), CAP_M) / CAP_M


_COMPARED: MappingProxyType[str, tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        "boundary": (
            ("boundary", "outline"),
            ("streets", "outline"),
            ("neighbourhoods", "outline"),
            ("communities", "inside"),
        ),
        "streets": (
            ("streets", "outline"),
            ("boundary", "outline"),
            ("neighbourhoods", "outline"),
            ("communities", "inside"),
        ),
        "neighbourhoods": (("neighbourhoods", "outline"), ("streets", "outline"), ("boundary", "outline")),
        "communities": (
            ("communities", "paired"),
            ("communities", "outline"),
            ("buildings", "inside"),
            ("roads", "clear"),
            ("barriers", "clear"),
            ("streets", "inside"),
            ("boundary", "inside"),
        ),
        "buildings": (
            ("buildings", "outline"),
            ("communities", "inside"),
            ("roads", "clear"),
            ("barriers", "clear"),
            ("streets", "inside"),
            ("boundary", "inside"),
        ),
        "roads": (("roads", "outline"), ("communities", "clear"), ("buildings", "clear")),
        "barriers": (("barriers", "outline"), ("communities", "clear"), ("buildings", "clear")),
        "crossings": (("crossings", "paired"), ("barriers", "outline"), ("roads", "outline")),
        "gates": (("communities", "inside"),),
        "open_spaces": (("communities", "inside"), ("streets", "inside"), ("boundary", "inside")),
        "service_points": (("communities", "inside"), ("streets", "inside"), ("boundary", "inside")),
        "ebike_sites": (("communities", "inside"), ("streets", "inside"), ("boundary", "inside")),
    }
)
"""Layers each layer is compared with, the surest comparison first."""
