"""Where rows are: CRS and datum settled, coordinates checked, geometries repaired and reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from geo.crs import BAOTOU_METRIC, classify_crs, make_transformer, name_ellipsoid, parse_crs
from geo.datum import Datum, geometries_to_wgs84
from geo.errors import MissingCRSError, MissingDatumError, UsageError
from geo.findings import Finding
from geo.georeferencing.datum_statements import DatumStatement, find_datum_statements, require_agreement, suggest_datum
from geo.georeferencing.doubtful_points import drop_doubtful_points, find_half_coordinates
from geo.messages import Sentence, load_catalogue
from geo.prepared.prepared_layer import PreparedLayer
from geo.readers import RawLayer
from geo.schema import GEOMETRY_KINDS

say = load_catalogue(__file__)

Shapes = npt.NDArray[np.object_]

WGS84 = CRS.from_epsg(4326)
_CHINA = (73.0, 3.0, 136.0, 54.0)


@dataclass(frozen=True)
class CoordinateOptions:
    """What a person says of the coordinates of a file.

    Parameters
    ----------
    crs
        CRS of x/y columns, or of a map file that states none or a wrong one; "EPSG:4546".
    datum
        What coordinates in degrees are on.
    datum_is_own
        Whether `datum` was stated of this very file: it stands above what the file itself says.
    """

    crs: str | None = None
    datum: Datum | None = None
    datum_is_own: bool = False


def georeference(
    prepared: PreparedLayer, raw: RawLayer, options: CoordinateOptions
) -> tuple[PreparedLayer, CRS | None]:
    """Give rows geometries in a CRS that is known to be right.

    Map layers keep theirs; tables get points from their lon/lat or x/y columns. Degrees are
    brought from the declared datum to WGS84.

    Parameters
    ----------
    prepared
        Rows read from `raw`.
    raw
        Says which CRS the file states.
    options
        `datum` and `crs` are used here.

    Returns
    -------
    The rows with a column "geometry", and its CRS; CRS None where the rows have no place.

    Raises
    ------
    MissingCRSError
        If a CRS is needed and neither stated nor given.
    MissingDatumError
        If degrees lack a datum, or the CRS is on a datum that cannot be converted here.
    UsageError
        If coordinates contradict their CRS: swapped, metres as degrees, degrees as metres.
    """
    if prepared.layer not in GEOMETRY_KINDS:
        return replace(prepared, frame=prepared.frame.drop(columns="geometry", errors="ignore")), None
    if raw.is_map:
        shapes = prepared.frame["geometry"].to_numpy(dtype=object)
        if shapely.is_missing(shapes).all():
            return prepared, None
        crs, found = _stated_crs(prepared, raw, options)
        words = find_datum_statements(prepared, raw)
        prepared, shapes = drop_doubtful_points(prepared, shapes, in_degrees=crs.is_geographic)
        return _resolve_datum(prepared.found(*found), shapes, crs, options, words)
    return _place_table(prepared, find_datum_statements(prepared, raw), options)


def _place_table(
    prepared: PreparedLayer, words: Sequence[DatumStatement], options: CoordinateOptions
) -> tuple[PreparedLayer, CRS | None]:
    """Points from the coordinate columns of a table."""
    frame = _split_pairs(prepared.frame)
    prepared = prepared.found(*find_half_coordinates(prepared, frame))
    columns = next((p for p in (("lon", "lat"), ("x", "y")) if set(p) <= set(frame)), None)
    if columns is None:
        return prepared, None
    x, y = (pd.to_numeric(frame[c], errors="coerce").to_numpy(dtype=float) for c in columns)
    known = np.isfinite(x) & np.isfinite(y)
    if not (known & ((x != 0) | (y != 0))).any():
        shapes = np.full(len(frame), None, dtype=object)
        shapes[known] = shapely.points(x[known], y[known])
        return drop_doubtful_points(prepared, shapes, in_degrees=True)[0], None
    degrees = ((np.abs(x[known]) <= 180) & (np.abs(y[known]) <= 180)).mean() > 0.5
    if columns == ("x", "y") and not degrees:
        crs = parse_crs(options.crs) if options.crs else None
        if crs is None:
            raise MissingCRSError(
                *say(
                    "error.no_crs",
                    file=prepared.file,
                    x=x[known][0],
                    y=y[known][0],
                    likely_crs=_likely_crs(x[known], y[known]),
                )
            )
    else:
        crs = parse_crs(options.crs) if options.crs else WGS84
    if crs.is_geographic and _share(_in_china(y, x) & ~_in_china(x, y), known) > 0.5:  # no place is meant by both
        told = say("crs.degrees_swapped", x=x[known][0], y=y[known][0])
        prepared, x, y = prepared.found(prepared.finding("warning", "crs.degrees_swapped", *told)), y, x
        frame = frame.assign(**dict(zip(columns, (x, y), strict=True)))
    shapes = np.full(len(frame), None, dtype=object)
    shapes[known] = shapely.points(x[known], y[known])
    prepared, shapes = drop_doubtful_points(prepared, shapes, in_degrees=crs.is_geographic)
    return _resolve_datum(replace(prepared, frame=frame), shapes, crs, options, words)


def _swap_axes(prepared: PreparedLayer, shapes: Shapes, crs: CRS) -> tuple[PreparedLayer, Shapes]:
    """Exchange x and y where x is a northing and y an easting, as surveyors write them.

    In China only northings lie in 1.8-6 million metres, so this is never in doubt.
    """
    x, y = _centres(shapes)
    known = np.isfinite(x) & np.isfinite(y)
    if crs.to_epsg() == 3857 or not known.any():
        return prepared, shapes
    north, east = float(np.median(x[known])), float(np.median(y[known]))
    if not (1.8e6 < north < 6.0e6 and (0 < east < 1.0e6 or 1.2e7 < east < 4.6e7)):
        return prepared, shapes
    found = prepared.finding("warning", "crs.axes_swapped", *say("crs.axes_swapped", north=north, east=east))
    exchanged = shapely.transform(shapes, lambda xy: xy[:, ::-1])
    return prepared.found(found), exchanged


def _split_pairs(frame: pd.DataFrame) -> pd.DataFrame:
    """A column "109.84,40.66" as two."""
    if "lonlat" not in frame or {"lon", "lat"} <= set(frame):
        return frame
    pairs = frame["lonlat"].astype("str").str.extract(r"(-?\d+\.\d+)\D+?(-?\d+\.\d+)")
    return frame.assign(lon=pairs[0].astype(float), lat=pairs[1].astype(float))


def _stated_crs(prepared: PreparedLayer, raw: RawLayer, options: CoordinateOptions) -> tuple[CRS, list[Finding]]:
    """The CRS the options give, else the file's; contradicting a file that states one is reported."""
    stated = CRS.from_user_input(raw.frame.crs) if raw.frame.crs is not None else None
    if options.crs:
        given = parse_crs(options.crs)
        if stated is None or not raw.crs_stated or stated.equals(given, ignore_axis_order=True):
            return given, []
        return given, [
            prepared.finding("warning", "crs.overridden", *say("crs.overridden", name=stated.name, name_2=given.name))
        ]
    if stated is None:
        raise MissingCRSError(*say("error.no_prj", file=prepared.file))
    return stated, []


def _resolve_datum(
    prepared: PreparedLayer, shapes: Shapes, crs: CRS, options: CoordinateOptions, words: Sequence[DatumStatement]
) -> tuple[PreparedLayer, CRS]:
    """Check coordinates against their CRS and all that is stated of it; bring degrees to WGS84."""
    shapes = shapely.force_2d(shapes)
    shifted = options.datum_is_own and options.datum in ("gcj02", "bd09")
    if not shifted:
        _require_trusted(prepared, crs)
    if not crs.is_geographic:
        _refuse_degrees(prepared, shapes, crs)
        prepared, shapes = _swap_axes(prepared, shapes, crs)
        prepared, shapes = _drop_far(prepared, shapes, crs)
        return _check_stated_crs(prepared, shapes, crs, options, words)
    _refuse_metres(prepared, shapes)
    if not _is_wgs84(crs):  # CGCS2000 or another datum named by the file itself
        _refuse_swapped(prepared, shapes, "cgcs2000")
        prepared, shapes = _drop_impossible(prepared, shapes)
        return _check_stated_crs(prepared, shapes, crs, options, words)
    if options.datum is None:
        require_agreement(prepared, words, None, is_own=False)
        hint = suggest_datum(words, prepared.file)
        raise MissingDatumError(*say("error.no_datum", file=prepared.file, hint=hint))
    declared = (options.datum, *_DECLARED_BY[options.datum_is_own])
    note = require_agreement(prepared, words, declared, is_own=options.datum_is_own)
    _refuse_swapped(prepared, shapes, options.datum)
    prepared, shapes = _drop_impossible(prepared.found(*note), shapes)
    moved = geometries_to_wgs84(shapes, options.datum)
    return replace(_set_shapes(prepared, moved), datum=options.datum), WGS84


_DECLARED_BY = {False: ("--datum ", "--datum"), True: ("--datum-of ", "--datum-of")}


def _check_stated_crs(
    prepared: PreparedLayer, shapes: Shapes, crs: CRS, options: CoordinateOptions, words: Sequence[DatumStatement]
) -> tuple[PreparedLayer, CRS]:
    """Rows in a CRS that is stated: as it says, or shifted after all where a person says so."""
    if not options.datum_is_own or options.datum is None:
        declared = ("cgcs2000", *say("crs.declared", name=crs.name))
        require_agreement(prepared, words, declared, is_own=False)
        note = _datum_not_needed(prepared, crs, options)
        return _set_shapes(prepared, shapes).found(*note), crs
    declared = (options.datum, *_DECLARED_BY[True])
    prepared = prepared.found(*require_agreement(prepared, words, declared, is_own=True))
    if options.datum not in ("gcj02", "bd09"):
        return replace(_set_shapes(prepared, shapes), datum=options.datum), crs
    to_degrees = make_transformer(crs, crs.geodetic_crs or WGS84)
    degrees = shapely.transform(shapes, lambda xy: np.column_stack(to_degrees.transform(xy[:, 0], xy[:, 1])))
    _refuse_swapped(prepared, degrees, options.datum)
    sentence = say("datum.over_stated", name=crs.name, datum=options.datum)
    found = prepared.finding("warning", "datum.over_stated", *sentence)
    moved = geometries_to_wgs84(degrees, options.datum)
    return replace(_set_shapes(prepared, moved), datum=options.datum).found(found), WGS84


def _is_wgs84(crs: CRS) -> bool:
    geodetic = crs.geodetic_crs
    return geodetic is None or geodetic.to_epsg() in (4326, 4979) or "WGS" in crs.name.upper()


def _require_trusted(prepared: PreparedLayer, crs: CRS) -> None:
    """Refuse what lies tens of metres off, or nobody knows where, without a transformation."""
    verdict, file = classify_crs(crs), prepared.file
    if verdict == "trusted":
        return
    if verdict == "old":
        ellipsoid = Sentence(*name_ellipsoid(crs))
        raise MissingDatumError(*say("error.old_crs", file=file, name=crs.name, ellipsoid=ellipsoid))
    if verdict == "local":
        name = Sentence(crs.name, crs.name) if crs.name else say("crs.unnamed")
        raise MissingCRSError(*say("error.local_crs", file=file, name=name))
    raise MissingCRSError(*say("error.crs_without_datum", file=file, name=crs.name))


def _set_shapes(prepared: PreparedLayer, shapes: Shapes) -> PreparedLayer:
    return replace(prepared, frame=prepared.frame.assign(geometry=shapes))


def _datum_not_needed(prepared: PreparedLayer, crs: CRS, options: CoordinateOptions) -> list[Finding]:
    if options.datum not in ("gcj02", "bd09"):
        return []
    return [
        prepared.finding("warning", "crs.datum_ignored", *say("crs.datum_ignored", name=crs.name, datum=options.datum))
    ]


# --- coordinates that contradict their CRS ------------------------------------------------------


def _centres(shapes: Shapes) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    bounds = shapely.bounds(shapes)
    return (bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2


def _share(mask: npt.NDArray[np.bool_], known: npt.NDArray[np.bool_]) -> float:
    return float(mask[known].mean()) if known.any() else 0.0


def _refuse_metres(prepared: PreparedLayer, shapes: Shapes) -> None:
    x, y = _centres(shapes)
    known = np.isfinite(x) & np.isfinite(y)
    if _share((np.abs(x) > 360) | (np.abs(y) > 360), known) > 0.5:
        likely = _likely_crs(x[known], y[known])
        raise MissingCRSError(
            *say("error.metres_as_degrees", file=prepared.file, x=x[known][0], y=y[known][0], likely=likely)
        )


def _refuse_degrees(prepared: PreparedLayer, shapes: Shapes, crs: CRS) -> None:
    x, y = _centres(shapes)
    known = np.isfinite(x) & np.isfinite(y)
    if _share(_in_china(x, y) | _in_china(y, x), known) > 0.5:
        raise UsageError(
            *say("error.degrees_as_metres", file=prepared.file, name=crs.name, x=x[known][0], y=y[known][0])
        )


def _in_china(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    west, south, east, north = _CHINA
    return (x >= west) & (x <= east) & (y >= south) & (y <= north)


def _refuse_swapped(prepared: PreparedLayer, shapes: Shapes, datum: str) -> None:
    x, y = _centres(shapes)
    known = np.isfinite(x) & np.isfinite(y)
    if _share(_in_china(y, x) & ~_in_china(x, y), known) > 0.5:
        raise UsageError(*say("error.swapped", file=prepared.file, x=x[known][0], y=y[known][0]))
    if datum in ("gcj02", "bd09") and _share(_in_china(x, y), known) < 0.5:
        raise UsageError(*say("error.outside_china", file=prepared.file, datum=datum))


def _drop_impossible(prepared: PreparedLayer, shapes: Shapes) -> tuple[PreparedLayer, Shapes]:
    """Single rows that are nowhere on Earth, or have longitude and latitude exchanged."""
    x, y = _centres(shapes)
    known = np.isfinite(x) & np.isfinite(y)
    bounds = shapely.bounds(shapes)
    around_the_world = bounds[:, 2] - bounds[:, 0] > 180  # across the antimeridian, or a typing error
    here = known & _in_china(x, y)
    swapped = known & ~here & _in_china(y, x) & (_share(_in_china(x, y), known) >= 0.5)
    bad = known & ~swapped & ((np.abs(x) > 180) | (np.abs(y) > 90) | around_the_world)
    prepared, shapes = _drop_shapes(prepared, shapes, swapped, _SWAPPED)
    return _drop_shapes(prepared, shapes, bad)


_SWAPPED = ("geometry.swapped", *say("row.exchanged"))
_NOWHERE = ("geometry.out_of_bounds", *say("row.out_of_bounds"))


def _drop_far(prepared: PreparedLayer, shapes: Shapes, crs: CRS) -> tuple[PreparedLayer, Shapes]:
    """Rows far outside the area a projected CRS is made for; all of them is a wrong CRS."""
    raw_x, raw_y = _centres(shapes)
    known = np.isfinite(raw_x) & np.isfinite(raw_y)
    area = crs.area_of_use
    if not known.any():
        return prepared, shapes
    x, y = make_transformer(crs, WGS84).transform(raw_x, raw_y)
    west, south, east, north = (
        (area.west, area.south, area.east, area.north) if area is not None else _possible_bounds(crs)
    )
    near = (x > west - 6) & (x < east + 6) & (y > south - 6) & (y < north + 6)
    if _share(near, known) < 0.5:
        hint = _crs_hint(crs, raw_x[known], raw_y[known])
        first = f"{raw_x[known][0]:.0f}, {raw_y[known][0]:.0f}"
        raise UsageError(*say("error.outside_crs", file=prepared.file, first=first, name=crs.name, hint=hint))
    zones = {int(v // 1e6) for v in raw_x[known & near]}
    prefix = known & ~near & (raw_x > 0) & ~np.isin(raw_x // 1e6, list(zones))
    zone_numbers = "、".join(sorted(str(z) for z in zones if z)) or say("crs.no_zone")
    prepared, shapes = _drop_shapes(
        prepared,
        shapes,
        prefix & (raw_y > 1e5),
        ("geometry.zone_prefix", *say("geometry.zone_prefix", zones=zone_numbers)),
    )
    x, y = _centres(shapes)
    return _drop_shapes(prepared, shapes, ~near & np.isfinite(x) & np.isfinite(y))


def _possible_bounds(crs: CRS) -> tuple[float, float, float, float]:
    """Where places in a projected CRS without a known area may be: CGCS2000 is of China."""
    geodetic = crs.geodetic_crs
    is_chinese = geodetic is not None and geodetic.to_epsg() == 4490
    return _CHINA if is_chinese else (-180.0, -90.0, 180.0, 90.0)


def _drop_shapes(
    prepared: PreparedLayer,
    shapes: Shapes,
    bad: npt.NDArray[np.bool_],
    rule_and_sentences: tuple[str, str, str] = _NOWHERE,
) -> tuple[PreparedLayer, Shapes]:
    found = [
        prepared.finding("error", *rule_and_sentences, position=position, value=_format_point(shapes[position]))
        for position in np.flatnonzero(bad)
    ]
    kept = shapes.copy()
    kept[bad] = None
    return prepared.found(*found), kept


def _format_point(shape: shapely.Geometry) -> str:
    x, y = shapely.bounds(shape)[:2]
    return f"{x:.6g}, {y:.6g}"


def _crs_hint(crs: CRS, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> Sentence:
    """What the CRS probably is instead, in Chinese and English."""
    zone = _parse_zone(x) or _parse_zone(y)
    if zone is not None:
        return say("hint.zone", zone=zone[1], zone_2=zone[0])
    code = crs.to_epsg() or 0
    if 4513 <= code <= 4533 and np.median(x) < 1e6:  # a zone with prefix, eastings without
        plain = code + 4534 - 4513
        return say("hint.no_zone", plain=plain)
    return say("hint.other_zone")


def _likely_crs(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> str:
    """The CRS the zone number of the eastings tells, else that of Baotou as an example."""
    zone = _parse_zone(x) or _parse_zone(y)
    return BAOTOU_METRIC if zone is None else f"EPSG:{zone[0]}"


def _parse_zone(values: npt.NDArray[np.float64]) -> tuple[int, int] | None:
    """(EPSG code, zone) of a CGCS2000 false easting with its zone number: 25-45 are 3°, 13-23 are 6°."""
    zone = int(np.median(values) // 1e6) if len(values) else 0
    if 25 <= zone <= 45:
        return 4513 + zone - 25, zone
    return (4491 + zone - 13, zone) if 13 <= zone <= 23 else None
