"""A file that says one datum while somebody says another is a question, never a silent choice."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from pyproj import CRS

from app.desks.imports.runs import parse_datums
from geo.datum import to_wgs84
from geo.errors import MissingCRSError, MissingDatumError, PlanningError, UsageError
from geo.georeferencing.datum_statements import recognise_datums
from geo.importing import ImportOptions, import_files
from geo.rules import UnitRules

LON, LAT = 109.8401, 40.6502


def table(lon="经度", lat="纬度", **columns):
    places = {lon: [LON + 0.0031 * i for i in range(4)], lat: [LAT] * 4}
    return pd.DataFrame({"小区名称": [f"小区{i}" for i in range(4)], "户数": 100, **places, **columns})


def outlines(crs=4490):
    shapes = [shapely.Point(LON + 0.0031 * i, LAT).buffer(0.0008) for i in range(4)]
    frame = gpd.GeoDataFrame({"小区名称": [f"小区{i}" for i in range(4)], "户数": 100}, geometry=shapes, crs=4490)
    return frame.to_crs(crs)


def run(tmp_path, files, *told, **options):
    paths = []
    for name, frame in files.items():
        path = tmp_path / name
        if isinstance(frame, gpd.GeoDataFrame):
            frame.to_file(path, encoding="utf-8")
        elif path.suffix == ".xlsx":
            frame.to_excel(path, index=False)
        else:
            frame.to_csv(path, index=False)
        paths.append(path)
    given = ImportOptions(**options)
    return import_files(parse_datums(paths, told, given), tmp_path / "D", options=given, unit_rules=UnitRules())


CONTRADICTIONS = [
    ("百度坐标.xlsx", table(), {"datum": "wgs84"}, ["文件名“百度坐标.xlsx”", "--datum"]),
    ("小区.xlsx", table("百度经度", "百度纬度"), {"datum": "wgs84"}, ["表头“百度经度”"]),
    ("小区.csv", table("高德经度", "高德纬度"), {"datum": "cgcs2000"}, ["表头“高德经度”"]),
    ("小区.csv", table("经度(百度)", "纬度(百度)"), {"datum": "gcj02"}, ["经度(百度)"]),
    ("小区.csv", table("bd_lng", "bd_lat"), {"datum": "gcj02"}, ["bd_lng"]),
    ("小区_wgs84.csv", table("百度经度", "百度纬度"), {"datum": "bd09"}, ["小区_wgs84.csv", "百度经度"]),
    ("小区_2000坐标系.csv", table(), {"datum": "bd09"}, ["2000坐标系"]),
    ("gcj02.csv", table(), {"datum": "bd09"}, ["gcj02.csv"]),
    ("小区.csv", table("百度经度", "高德纬度"), {"datum": "bd09"}, ["百度经度", "高德纬度"]),
    ("小区.csv", table(坐标系="BD-09"), {"datum": "wgs84"}, ["“坐标系”列", "BD-09"]),
    ("小区.csv", table(坐标类型=["百度", "高德", "百度", "高德"]), {"datum": "bd09"}, ["百度", "高德"]),
    ("西安80坐标.csv", table(), {"datum": "wgs84"}, ["西安 80", "转换为 CGCS2000"]),
    ("百度坐标.gpkg", outlines(), {}, ["百度坐标.gpkg", "China Geodetic"]),
    ("高德小区.gpkg", outlines(4546), {}, ["高德小区.gpkg"]),
    ("独立坐标系.gpkg", outlines(4546), {}, ["地方坐标系"]),
]


@pytest.mark.parametrize(("name", "frame", "options", "words"), CONTRADICTIONS)
def test_words_that_contradict_are_a_question_and_nothing_is_stored(tmp_path, name, frame, options, words):
    with pytest.raises(MissingDatumError) as asked:
        run(tmp_path, {name: frame}, **options)
    for word in words:
        assert word in asked.value.zh
    assert f'--datum-of "{name}=' in asked.value.zh
    assert f'--datum-of "{name}=' in asked.value.en
    assert not (tmp_path / "D").exists()


@pytest.mark.parametrize(
    ("name", "frame", "datum"),
    [
        ("百度坐标.csv", table(), "bd09"),
        ("小区.csv", table("高德经度", "高德纬度"), "gcj02"),
        ("GPS.csv", table(), "cgcs2000"),
        ("国家2000.csv", table("wgs84经度", "wgs84纬度"), "wgs84"),
        ("百度转WGS84.csv", table(), "wgs84"),
        ("小区台账.csv", table(), "gcj02"),
    ],
)
def test_words_that_agree_are_no_question(tmp_path, name, frame, datum):
    report = run(tmp_path, {name: frame}, datum=datum, layer="communities")
    assert not [f for f in report.findings if f.rule.startswith("datum.")]


def test_two_files_of_two_datums_are_told_apart_by_one_statement_each(tmp_path):
    files = {"百度坐标.csv": table(), "高德坐标.csv": table(小区名称=list("甲乙丙丁"))}
    with pytest.raises(PlanningError) as asked:
        run(tmp_path, files, datum="bd09")
    assert "高德坐标.csv" in asked.value.zh
    report = run(tmp_path, files, "高德坐标.csv=gcj02", datum="bd09")
    points = report.dataset.layer("communities").set_index("name").to_crs(4326).geometry
    for name, datum in (("小区0", "bd09"), ("甲", "gcj02")):
        x, y = to_wgs84([LON], [LAT], datum)
        assert points[name].centroid.distance(shapely.Point(x[0], y[0])) < 1e-6
    assert {s["file"]: s["datum"] for s in report.dataset.manifest.sources} == {
        "百度坐标.csv": "bd09",
        "高德坐标.csv": "gcj02",
    }


def test_a_header_that_is_wrong_is_overruled_by_a_word_about_this_file(tmp_path):
    report = run(tmp_path, {"小区.csv": table("百度经度", "百度纬度")}, "小区.csv=wgs84")
    (told,) = [f for f in report.findings if f.rule == "datum.words_overruled"]
    assert "百度经度" in told.zh
    first = report.dataset.layer("communities").to_crs(4326).set_index("name").geometry["小区0"]
    assert first.centroid.distance(shapely.Point(LON, LAT)) < 1e-6


@pytest.mark.parametrize("crs", [4490, 4546])
def test_a_stated_crs_gives_way_to_a_word_about_this_file(tmp_path, crs):
    report = run(tmp_path, {"百度坐标.gpkg": outlines(crs)}, "百度坐标.gpkg=bd09")
    assert "datum.over_stated" in [f.rule for f in report.findings]
    x, y = to_wgs84([LON], [LAT], "bd09")
    first = report.dataset.layer("communities").to_crs(4326).set_index("name").geometry["小区0"]
    assert first.centroid.distance(shapely.Point(x[0], y[0])) < 1e-6
    assert run(tmp_path, {"百度坐标.gpkg": outlines(crs)}, "百度坐标.gpkg=cgcs2000")


def test_the_question_for_a_datum_passes_on_what_the_file_says(tmp_path):
    with pytest.raises(MissingDatumError) as asked:
        run(tmp_path, {"小区.csv": table("百度经度", "百度纬度")})
    assert "--datum bd09" in asked.value.zh
    assert "百度经度" in asked.value.zh


@pytest.mark.parametrize("told", ["a.csv", "a.csv=xian80", "c.csv=bd09", "=bd09"])
def test_a_statement_that_is_none_is_refused(tmp_path, told):
    with pytest.raises(UsageError, match="datum-of"):
        run(tmp_path, {"a.csv": table()}, told)
    with pytest.raises(UsageError, match="两种"):
        run(tmp_path, {"a.csv": table()}, "a.csv=bd09", "a.csv=gcj02")


def test_what_names_say():
    assert recognise_datums("bd09towgs84.csv") == ("wgs84",)
    assert recognise_datums("周转房.xlsx") == recognise_datums("小区2000户.xlsx") == ()
    assert recognise_datums("百度和高德") == ("bd09", "gcj02")


GK = (
    'PROJCS["{name}",GEOGCS["{geo}",DATUM["{datum}",SPHEROID["{ball}",{axis},{flat}]],PRIMEM["Greenwich",0.0],'
    'UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",500000.0],'
    'PARAMETER["False_Northing",{north}],PARAMETER["Central_Meridian",111.0],PARAMETER["Scale_Factor",1.0],'
    'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
)


def gk(name="x", geo="GCS_x", datum="D_unknown", ball="x", axis=6378245.0, flat=298.3, north=0.0):
    return GK.format(name=name, geo=geo, datum=datum, ball=ball, axis=axis, flat=flat, north=north)


@pytest.mark.parametrize(
    ("prj", "error", "remedy"),
    [
        (gk(ball="Krasovsky_1940"), MissingDatumError, "北京 54"),
        (gk(datum="D_Krasovsky_1940", ball="Krasovsky_1940", north=4_000_000.0), MissingDatumError, "CGCS2000"),
        (gk(geo="GCS_China_Geodetic_Coordinate_System_2000", ball="Krasovsky_1940"), MissingDatumError, "CGCS2000"),
        (gk(axis=6378140.0, flat=298.257), MissingDatumError, "西安 80"),
        (gk(axis=6378388.0, flat=297.0), MissingDatumError, "CGCS2000"),
        (gk(axis=6378137.0, flat=298.257222101), MissingCRSError, "--crs EPSG:4546"),
        (gk(datum="D_Baotou_Local", axis=6378137.0, flat=298.257222101), MissingCRSError, "--crs EPSG:4546"),
        ('LOCAL_CS["包头独立坐标系",UNIT["metre",1.0]]', MissingCRSError, "地方"),
        (
            'GEOGCS["x",DATUM["unknown",SPHEROID["Krasovsky_1940",6378245.0,298.3]],PRIMEM["Greenwich",0],'
            'UNIT["degree",0.0174532925199433]]',
            MissingDatumError,
            "北京 54",
        ),
    ],
)
def test_a_crs_is_judged_by_its_ellipsoid_and_datum_not_by_its_name(tmp_path, prj, error, remedy):
    path = tmp_path / "小区.shp"
    frame = outlines(4490 if prj.startswith("GEOGCS") else 4546)
    frame.to_file(path, encoding="utf-8")
    path.with_suffix(".prj").write_text(prj, encoding="utf-8")
    given = ImportOptions(layer="communities", datum="wgs84")
    with pytest.raises(PlanningError) as refused:
        import_files(parse_datums([path], [], given), tmp_path / "D", options=given, unit_rules=UnitRules())
    assert isinstance(refused.value, error)
    assert remedy in refused.value.zh
    assert "--crs" in refused.value.en


def test_a_crs_option_on_an_old_datum_is_refused_too(tmp_path):
    for code in ("EPSG:2383", "EPSG:2436", "EPSG:28419"):
        with pytest.raises(MissingDatumError):
            run(tmp_path, {"a.gpkg": outlines(4546)}, crs=code)
    with pytest.raises(UsageError):
        run(tmp_path, {"a.gpkg": outlines(4546)}, metric_crs="EPSG:2383")


def test_cgcs2000_as_arcgis_writes_it_passes(tmp_path):
    path = tmp_path / "小区.shp"
    outlines(4546).to_file(path, encoding="utf-8")
    wkt = CRS.from_epsg(4546).to_wkt("WKT1_ESRI")
    path.with_suffix(".prj").write_text(wkt, encoding="utf-8")
    given = ImportOptions()
    report = import_files(parse_datums([path], [], given), tmp_path / "D", options=given, unit_rules=UnitRules())
    assert report.dataset.layer("units").geometry.notna().all()
