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
from geo.prepared.prepared_layer import PreparedLayer
from geo.readers import RawLayer
from geo.schema import GEOMETRY_KINDS

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
        Whether `datum` was said of this very file: it stands above what the file itself says.
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
                f"“{prepared.file}”的 X/Y 坐标(如 {x[known][0]:.0f}, {y[known][0]:.0f})没有说明坐标系; "
                f"请用 --crs 指明, 例如 --crs {_likely_crs(x[known], y[known])}。",
                f"'{prepared.file}' has x/y (such as {x[known][0]:.0f}, {y[known][0]:.0f}) of an unknown "
                f"CRS; name it with --crs, for example --crs {_likely_crs(x[known], y[known])}.",
            )
    else:
        crs = parse_crs(options.crs) if options.crs else WGS84
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
    found = prepared.finding(
        "warning",
        "crs.axes_swapped",
        f"X 是北坐标、Y 是东坐标(测量习惯, 如 {north:.0f}, {east:.0f}), 已对调; 请核对位置。",
        f"X holds northings and Y eastings (surveyors' habit, such as {north:.0f}, {east:.0f}); they were "
        "exchanged. Check the places.",
    )
    exchanged = shapely.transform(shapes, lambda xy: xy[:, ::-1])
    return prepared.found(found), exchanged


def _split_pairs(frame: pd.DataFrame) -> pd.DataFrame:
    """A column "109.84,40.66" as two."""
    if "lonlat" not in frame or {"lon", "lat"} <= set(frame):
        return frame
    pairs = frame["lonlat"].astype("str").str.extract(r"(-?\d+\.\d+)\D+?(-?\d+\.\d+)")
    return frame.assign(lon=pairs[0].astype(float), lat=pairs[1].astype(float))


def _stated_crs(prepared: PreparedLayer, raw: RawLayer, options: CoordinateOptions) -> tuple[CRS, list[Finding]]:
    """The CRS the options give, else the file's; contradicting a file that states one is told."""
    stated = CRS.from_user_input(raw.frame.crs) if raw.frame.crs is not None else None
    if options.crs:
        given = parse_crs(options.crs)
        if stated is None or not raw.crs_stated or stated.equals(given, ignore_axis_order=True):
            return given, []
        return given, [
            prepared.finding(
                "warning",
                "crs.overridden",
                f"文件声明的坐标系是 {stated.name}, 按 --crs 改用 {given.name}; 请核对位置。",
                f"The file states {stated.name}; --crs replaced it by {given.name}. Check the places.",
            )
        ]
    if stated is None:
        raise MissingCRSError(
            f"“{prepared.file}”没有坐标系(缺少 .prj, 或其内容认不出); 请用 --crs 指明, 例如 --crs EPSG:4546。",
            f"'{prepared.file}' has no CRS (no .prj, or one that says nothing known); name it with --crs, for example "
            "--crs EPSG:4546.",
        )
    return stated, []


def _resolve_datum(
    prepared: PreparedLayer, shapes: Shapes, crs: CRS, options: CoordinateOptions, words: Sequence[DatumStatement]
) -> tuple[PreparedLayer, CRS]:
    """Check coordinates against their CRS and all that is said of it; bring degrees to WGS84."""
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
        hint_zh, hint_en = suggest_datum(words, prepared.file)
        raise MissingDatumError(
            f"“{prepared.file}”是经纬度坐标, 标为 WGS84, 但百度、高德的数据常常也这样标(实际偏移约 500 米到 1.3 公里); "
            f"请用 --datum 说明: wgs84、cgcs2000、gcj02(高德、腾讯)或 bd09(百度)。{hint_zh}",
            f"'{prepared.file}' is in degrees under the label WGS84, under which Amap and Baidu data "
            "often hide (500 m to 1.3 km off); state it with --datum: wgs84, cgcs2000, gcj02 (Amap, "
            f"Tencent) or bd09 (Baidu).{hint_en}",
        )
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
        declared = ("cgcs2000", "坐标系 " + crs.name + " ", f"the CRS {crs.name}")
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
    note_zh = f"文件声明的坐标系是 {crs.name}, 按对这个文件的单独说明当作 {options.datum} 换算; 请核对位置。"
    note_en = (
        f"The file states {crs.name}; as said of this very file it was converted from "
        f"{options.datum}. Check the places."
    )
    found = prepared.finding("warning", "datum.over_stated", note_zh, note_en)
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
        zh, en = name_ellipsoid(crs)
        raise MissingDatumError(
            f"“{file}”的坐标系 {crs.name} 用的是{zh}, 转换参数不公开, 直接使用会差几十到上百米; "
            "请先请测绘部门转换为 CGCS2000。如果文件标错了坐标系, 请用 --crs 指明真正的, 例如 --crs EPSG:4546。",
            f"'{file}' is in {crs.name} ({en}), whose transformation is not public (tens of metres); "
            "have it converted to CGCS2000 first. If the file is labelled wrongly, name its real CRS "
            "with --crs, for example --crs EPSG:4546.",
        )
    if verdict == "local":
        raise MissingCRSError(
            f"“{file}”的坐标系 {crs.name or '未命名'} 是地方或独立坐标系, 无法知道它在地球上的位置; "
            "请先请测绘部门转换为 CGCS2000。如果其实是 CGCS2000 等, 请用 --crs 指明, 例如 --crs EPSG:4546。",
            f"The CRS of '{file}', {crs.name or 'unnamed'}, is a local grid that is tied to no place on "
            "Earth; have it converted to CGCS2000 first. If it is CGCS2000 after all, say so with "
            "--crs, for example --crs EPSG:4546.",
        )
    raise MissingCRSError(
        f"“{file}”的坐标系 {crs.name} 没有写明大地基准(datum), 不能断定是 CGCS2000 还是别的; "
        "请核实后用 --crs 指明, 例如 --crs EPSG:4546 或 EPSG:4490。",
        f"The CRS of '{file}', {crs.name}, does not name its datum, so it may be CGCS2000 or another; "
        "find out and name it with --crs, for example --crs EPSG:4546 or EPSG:4490.",
    )


def _set_shapes(prepared: PreparedLayer, shapes: Shapes) -> PreparedLayer:
    return replace(prepared, frame=prepared.frame.assign(geometry=shapes))


def _datum_not_needed(prepared: PreparedLayer, crs: CRS, options: CoordinateOptions) -> list[Finding]:
    if options.datum not in ("gcj02", "bd09"):
        return []
    return [
        prepared.finding(
            "warning",
            "crs.datum_ignored",
            f"文件自带坐标系 {crs.name}, 没有采用 --datum {options.datum}; 如果其实是偏移坐标, 请先导出为经纬度。",
            f"The file states its CRS, {crs.name}; --datum {options.datum} was not applied. If its "
            "coordinates are shifted after all, export them as degrees first.",
        )
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
            f"“{prepared.file}”标为经纬度, 坐标却像以米为单位(如 {x[known][0]:.0f}, {y[known][0]:.0f}); "
            f"请用 --crs 指明真正的坐标系, 例如 --crs {likely}。",
            f"'{prepared.file}' is labelled as degrees but its coordinates look like metres (such as "
            f"{x[known][0]:.0f}, {y[known][0]:.0f}); name the real CRS with --crs, for example "
            f"--crs {likely}.",
        )


def _refuse_degrees(prepared: PreparedLayer, shapes: Shapes, crs: CRS) -> None:
    x, y = _centres(shapes)
    known = np.isfinite(x) & np.isfinite(y)
    if _share(_in_china(x, y) | _in_china(y, x), known) > 0.5:
        raise UsageError(
            f"“{prepared.file}”的坐标系是 {crs.name}(米), 坐标却像经纬度(如 {x[known][0]:.4f}, {y[known][0]:.4f}); "
            "请用 --crs EPSG:4490(或 EPSG:4326 加 --datum)指明。",
            f"'{prepared.file}' is in {crs.name} (metres) but its coordinates look like degrees (such as "
            f"{x[known][0]:.4f}, {y[known][0]:.4f}); name the right one with --crs EPSG:4490, or "
            "EPSG:4326 and --datum.",
        )


def _in_china(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    west, south, east, north = _CHINA
    return (x >= west) & (x <= east) & (y >= south) & (y <= north)


def _refuse_swapped(prepared: PreparedLayer, shapes: Shapes, datum: str) -> None:
    x, y = _centres(shapes)
    known = np.isfinite(x) & np.isfinite(y)
    if _share(_in_china(y, x) & ~_in_china(x, y), known) > 0.5:
        raise UsageError(
            f"“{prepared.file}”的经度和纬度颠倒了(经度 {x[known][0]:.4f}, 纬度 {y[known][0]:.4f}); "
            "请对调这两列或重新导出。",
            f"Longitude and latitude are swapped in '{prepared.file}' (lon {x[known][0]:.4f}, lat "
            f"{y[known][0]:.4f}); exchange them or export again.",
        )
    if datum in ("gcj02", "bd09") and _share(_in_china(x, y), known) < 0.5:
        raise UsageError(
            f"“{prepared.file}”的位置不在中国境内, 不可能是 {datum}; 请核对 --datum 和坐标。",
            f"'{prepared.file}' lies outside China and cannot be on {datum}; check --datum and coordinates.",
        )


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


_SWAPPED = (
    "geometry.swapped",
    "这一行的经度和纬度颠倒了(其余各行没有), 位置已按缺失处理; 请对调后重新导入。",
    "Longitude and latitude of this row are exchanged (unlike the other rows'); the place was left missing. "
    "Exchange them and import again.",
)
_NOWHERE = (
    "geometry.out_of_bounds",
    "坐标不在合理范围内, 位置已按缺失处理; 请核对坐标。",
    "The coordinates are out of bounds; the place was left missing. Check them.",
)


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
        hint_zh, hint_en = _crs_hint(crs, raw_x[known], raw_y[known])
        first = f"{raw_x[known][0]:.0f}, {raw_y[known][0]:.0f}"
        raise UsageError(
            f"“{prepared.file}”的坐标(如 {first})不在 {crs.name} 的使用范围内; {hint_zh}。",
            f"The coordinates of '{prepared.file}' (such as {first}) are outside the area of {crs.name}: {hint_en}.",
        )
    zones = {int(v // 1e6) for v in raw_x[known & near]}
    prefix = known & ~near & (raw_x > 0) & ~np.isin(raw_x // 1e6, list(zones))
    told_prefix = "、".join(sorted(str(z) for z in zones if z)) or "无"
    prepared, shapes = _drop_shapes(
        prepared,
        shapes,
        prefix & (raw_y > 1e5),
        (
            "geometry.zone_prefix",
            f"东坐标的带号与其余各行(带号: {told_prefix})不同, 位置已按缺失处理; 请核对带号后重新导入。",
            "The easting carries another zone number than the other rows' "
            f"({told_prefix.replace('无', 'none')}); the place was left missing. Check it and import again.",
        ),
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


def _crs_hint(crs: CRS, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> tuple[str, str]:
    """What the CRS probably is instead, in Chinese and English."""
    zone = _parse_zone(x) or _parse_zone(y)
    if zone is not None:
        return (
            f"东坐标带有带号 {zone[1]}, 请用 --crs EPSG:{zone[0]}",
            f"the easting carries zone number {zone[1]}; give --crs EPSG:{zone[0]}",
        )
    code = crs.to_epsg() or 0
    if 4513 <= code <= 4533 and np.median(x) < 1e6:  # a zone with prefix, eastings without
        plain = code + 4534 - 4513
        return (
            f"东坐标没有带号, 请用 --crs EPSG:{plain}",
            f"the easting carries no zone number; give --crs EPSG:{plain}",
        )
    return ("可能是另一个投影带, 请核对后用 --crs 指明", "probably another zone; check it and name it with --crs")


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
