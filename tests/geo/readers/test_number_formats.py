"""Every format a bureau sends gives the same rows."""

from __future__ import annotations

import sqlite3
import struct
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.readers import read_file
from geo.readers.file_kinds import SUFFIXES, read_in_process
from geo.readers.kml import parse_description
from geo.readers.text import repair_mojibake
from geo.sandbox.processes import ReadLimits
from tests.geo import corpus
from tests.geo.corpus import HEADER, NAMES, ROWS
from tests.geo.small_xls import write_xls


def read(path):
    return read_in_process(path, limits=ReadLimits())


def names(raw):
    """The column of names, whatever it is called."""
    column = next(c for c in raw.frame if c.startswith("小区名") or c in ("名称", "Name", "name"))
    return raw.frame[column].tolist()


def rules(raw):
    return [f.rule for f in raw.findings]


# --- one map, ten formats -----------------------------------------------------------------------


def geodatabase(folder):
    corpus.yards().to_file(folder / "a.gdb", driver="OpenFileGDB", layer="小区")
    return folder / "a.gdb"


def zipped_geodatabase(folder):
    inside = geodatabase(folder)
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        for part in sorted(inside.iterdir()):
            archive.write(part, f"数据/a.gdb/{part.name}")
    return folder / "a.zip"


def kmz(folder):
    with zipfile.ZipFile(folder / "a.kmz", "w") as archive:
        archive.write(corpus.kml(folder, corpus.placemarks()), "doc.kml")
    return folder / "a.kmz"


def drawing(folder):
    outlines = [corpus.outline(400_000 + 100 * i, 4_500_000) for i in range(3)]
    labels = [corpus.label(name, 400_010 + 100 * i, 4_500_010) for i, name in enumerate(NAMES)]
    return corpus.dxf(folder, *outlines, *labels)


def written(suffix):
    def write(folder):
        frame = corpus.yards()
        path = folder / f"a{suffix}"
        frame.to_parquet(path) if "parquet" in suffix else frame.to_file(path)
        return path

    return write


MAPS = {
    "geojson": written(".geojson"),
    "gpkg": written(".gpkg"),
    "fgb": written(".fgb"),
    "parquet": written(".parquet"),
    "gdb": geodatabase,
    "gdb.zip": zipped_geodatabase,
    "shp": corpus.shapefile,
    "shp.zip": lambda f: corpus.archive(f, corpus.parts(corpus.shapefile(f))),
    "kml": lambda f: corpus.kml(f, corpus.placemarks()),
    "kmz": kmz,
    "dxf": drawing,
}
TABLES = {
    "xlsx": lambda f: corpus.book(f / "a.xlsx", [HEADER, *ROWS]),
    "xls": lambda f: write_xls(f / "a.xls", [HEADER, *ROWS]),
    "et": lambda f: write_xls(f / "a.et", [HEADER, *ROWS]),
    "csv": corpus.csv_in_gb18030,
    "txt": corpus.txt_with_tabs,
    "html": corpus.xls_that_is_html,
    "xlsx.zip": lambda f: corpus.archive(f, {"台账.xlsx": corpus.book(f / "b.xlsx", [HEADER, *ROWS]).read_bytes()}),
}


@pytest.mark.parametrize("format_", {**MAPS, **TABLES})
def test_every_format_gives_the_same_names_through_the_child(tmp_path, format_):
    (raw,) = read_file({**MAPS, **TABLES}[format_](tmp_path))
    assert sorted(names(raw)) == sorted(NAMES)
    assert len(raw.rows) == 3
    assert raw.is_map == (format_ in MAPS)


@pytest.mark.parametrize("format_", ["gpkg", "fgb", "gdb", "parquet", "shp", "gdb.zip", "geojson"])
def test_formats_that_state_a_crs_keep_it(tmp_path, format_):
    (raw,) = read(MAPS[format_](tmp_path))
    assert raw.crs_stated
    assert raw.frame.crs.to_epsg() == 4546
    assert raw.frame.area.round(3).tolist() == [2500.0] * 3


def test_a_drawing_states_no_crs(tmp_path):
    (raw,) = read(drawing(tmp_path))
    assert raw.frame.crs is None
    assert raw.frame["CAD图层"].tolist() == ["小区"] * 3


def test_layers_of_one_file_are_told_apart(tmp_path):
    corpus.yards().to_file(tmp_path / "a.gpkg", layer="小区")
    corpus.yards().iloc[:1].to_file(tmp_path / "a.gpkg", layer="楼栋")
    assert {raw.sheet: len(raw.frame) for raw in read(tmp_path / "a.gpkg")} == {"小区": 3, "楼栋": 1}


def test_a_zip_may_hold_several_files(tmp_path):
    book = corpus.book(tmp_path / "b.xlsx", [HEADER, *ROWS]).read_bytes()
    parts = corpus.parts(corpus.shapefile(tmp_path))
    layers = read(corpus.archive(tmp_path, {**parts, "台账.xlsx": book, "readme.txt": b"x"}))
    assert {raw.file for raw in layers} == {"a.zip"}
    assert [raw.is_map for raw in layers] == [True, False]
    assert layers[1].sheets.tolist() == ["台账/Sheet"] * 3


def test_what_is_not_read_names_what_is(tmp_path):
    with pytest.raises(OSError, match=r"\.gpkg") as refused:
        read(corpus.text(tmp_path / "a.xyz", "x"))
    assert all(suffix in refused.value.en for suffix in SUFFIXES)


# --- KML ----------------------------------------------------------------------------------------


def test_folders_of_a_kml_are_layers(tmp_path):
    inner = f"<Folder><name>内</name>{corpus.placemarks(NAMES[:1])}</Folder>"
    outer = f"<Folder><name>小区</name>{corpus.placemarks()}{inner}</Folder>"
    layers = read(corpus.kml(tmp_path, outer))
    assert {raw.sheet: len(raw.frame) for raw in layers} == {"小区": 3, "内": 1}


def test_extended_data_and_description_tables_become_columns(tmp_path):
    body = (
        "<Placemark><name>翠园</name><description><![CDATA[<table><tr><td>户数</td><td>1200</td></tr>"
        "</table><script>alert(1)</script>]]></description><ExtendedData><Data name='所属 街道'>"
        "<value>前进道</value></Data></ExtendedData>"
        "<Point><coordinates>109.8,40.6</coordinates></Point></Placemark>"
    )
    (raw,) = read(corpus.kml(tmp_path, body))
    assert raw.frame.drop(columns="geometry").to_dict("records") == [
        {"Name": "翠园", "所属 街道": "前进道", "户数": "1200"}
    ]


@pytest.mark.parametrize("text", ["", "一段说明, 没有表格", "http://a.cn/x?y:z", "<table></table>", "<td>a"])
def test_prose_is_no_attribute(text):
    assert parse_description(text) == {}


# --- DXF ----------------------------------------------------------------------------------------


def test_a_label_names_the_smallest_outline_around_it(tmp_path):
    big, small = corpus.outline(400_000, 4_500_000, 300), corpus.outline(400_010, 4_500_010, 30)
    labels = corpus.label("翠园社区", 400_200, 4_500_200), corpus.label("1栋", 400_020, 4_500_020)
    (raw,) = read(corpus.dxf(tmp_path, big, small, *labels))
    assert raw.frame["名称"].tolist() == ["翠园社区", "1栋"]


@pytest.mark.parametrize(("encoding", "page"), [("gbk", "ANSI_936"), ("utf-8", "ANSI_936"), ("gbk", "ANSI_1252")])
def test_the_code_page_in_a_drawing_is_not_believed(tmp_path, encoding, page):
    outline, label = (corpus.outline(400_000, 4_500_000), corpus.label("翠园社区", 400_010, 4_500_010))
    (raw,) = read(corpus.dxf(tmp_path, outline, label, encoding=encoding, page=page))
    assert names(raw) == ["翠园社区"]
    assert raw.frame["CAD图层"].tolist() == ["小区"]


def test_millimetres_become_metres_only_where_that_fits_the_country(tmp_path):
    in_mm = corpus.dxf(tmp_path, corpus.outline(4e8, 4.5e9, 5e4), units=4)
    assert read(in_mm)[0].frame.area.tolist() == [2500.0]
    mislabelled = corpus.dxf(tmp_path, corpus.outline(400_000, 4_500_000), units=4)
    assert read(mislabelled)[0].frame.area.tolist() == [2500.0]


def test_a_drawing_without_outlines_gives_its_lines_or_its_labels(tmp_path):
    line, label = (corpus.outline(400_000, 4_500_000, closed=False), corpus.label("翠园", 400_000, 4_500_000))
    assert read(corpus.dxf(tmp_path, line, label))[0].frame.geom_type.tolist() == ["LineString"]
    (raw,) = read(corpus.dxf(tmp_path, label))
    assert raw.frame.geom_type.tolist() == ["Point"]
    assert names(raw) == ["翠园"]


# --- geometry -----------------------------------------------------------------------------------


def curved(folder):
    """A GeoPackage whose one outline is an arc."""
    path = folder / "a.gpkg"
    corpus.yards().iloc[:1].to_file(path, layer="a")
    points = [(0, 0), (1, 1), (2, 0), (1, -1), (0, 0)]
    arc = struct.pack("<BII", 1, 8, 5) + b"".join(struct.pack("<dd", *p) for p in points)
    shape = b"GP\x00\x01" + struct.pack("<i", 4546) + struct.pack("<BII", 1, 10, 1) + arc
    with sqlite3.connect(path) as database:
        for (trigger,) in database.execute("select name from sqlite_master where type='trigger'").fetchall():
            database.execute(f'drop trigger "{trigger}"')
        database.execute("update a set geom = ?", (shape,))
    return path


def test_curves_become_lines_of_nearly_their_area(tmp_path):
    (raw,) = read(curved(tmp_path))
    assert raw.frame.area.item() == pytest.approx(np.pi, rel=0.01)


def test_a_row_with_a_broken_ring_is_named_by_its_number(tmp_path):
    (raw,) = read(corpus.geojson_with_an_open_ring(tmp_path))
    assert ("geometry.unreadable", 2) in [(f.rule, f.row) for f in raw.findings]
    assert raw.frame.geometry.isna().tolist() == [False, True, False]


def test_a_null_geometry_is_not_called_broken(tmp_path):
    (raw,) = read(corpus.geojson_with_a_null_geometry(tmp_path))
    assert "geometry.unreadable" not in rules(raw)


def test_lists_and_records_come_as_json(tmp_path):
    frame = corpus.yards().assign(楼=[["1栋", "2栋"], None, []])
    frame.to_parquet(tmp_path / "a.parquet")
    (raw,) = read_file(tmp_path / "a.parquet")
    assert raw.frame["楼"].fillna("missing").tolist() == ['["1栋", "2栋"]', "missing", "[]"]


# --- text ---------------------------------------------------------------------------------------

REAL_NAMES = [
    *NAMES,
    "昆都仑区",
    "稀土高新区",
    "𠮷祥里",
    "万科·城市花园",
    "A区3号楼",
    "Würzburger Straße",
    "Café",
    "朵蜜",
    "鑫垚淼焱",
    "喆玥",
    "団地",
    "3×5㎡",
    "№8",
    "℃",
    "繁體中文",
    "ㄅㄆㄇ",
    "ᠪᠤᠭᠤᠲᠤ",
    "—",
    "①组",
    "?",
    "",
]


@pytest.mark.parametrize("name", REAL_NAMES)
def test_sound_names_stay_as_they_are(name):
    assert repair_mojibake(name) == name


@pytest.mark.parametrize("name", [*NAMES, "昆都仑区", "前进道街道办事处", "建筑面积(㎡)"])
@pytest.mark.parametrize(("written", "taken"), [("gb18030", "latin-1"), ("utf-8", "latin-1"), ("utf-8", "gb18030")])
def test_text_read_wrongly_is_read_rightly_or_never_kept(name, written, taken):
    try:
        spoilt = name.encode(written).decode(taken)
    except UnicodeDecodeError:
        spoilt = name.encode(written).decode(taken, errors="replace")
        assert repair_mojibake(spoilt) is None
        return
    assert repair_mojibake(spoilt) == name


def test_no_name_of_a_real_town_is_taken_for_spoilt(shared):
    frames = [
        pd.read_csv(shared / "data" / "baotou/baotou_villages_nbs2023.csv", dtype=str),
        pd.read_csv(shared / "data" / "beijing/bj_communities_lianjia2018_510.csv", dtype=str),
        pd.read_csv(shared / "data" / "beijing/bj_communities_coords_bd09_4851.csv", dtype=str),
        gpd.read_file(shared / "data" / "hangzhou/hangzhou_residential.geojson"),
    ]
    texts = {v for f in frames for c in f for v in f[c] if isinstance(v, str)}
    assert {t: repair_mojibake(t) for t in texts if repair_mojibake(t) != t} == {}


# --- real files ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "n", "crs"),
    [
        ("shenzhen/SZ_districts/SZ_districts.shp", 491, 3857),
        ("shenzhen/nanshan-building.geojson", 10, 4326),
        ("wuhan/wuhan_8989_streets_simplified.parquet", 16402, 32650),
        ("baotou/baotou_districts_cgcs2000_fastgeocn.geojson", 9, 4490),
        ("baotou/baotou_districts_gcj02_cnmaps.geojson", 10, 4326),
        ("hangzhou/hangzhou_rivers.geojson", 652, 4326),
    ],
)
def test_real_map_files_read_whole(shared, file, n, crs):
    (raw,) = read_file(shared / "data" / file)
    assert len(raw.frame) == n
    assert raw.frame.crs.to_epsg() == crs
    assert not shapely.is_missing(raw.frame.geometry.to_numpy()).any()


def test_geobuf_is_refused_with_what_to_do(shared):
    with pytest.raises(OSError, match=r"geobuf.*GeoJSON or GeoPackage"):
        read_file(shared / "data" / "hangzhou/hangzhou-water.geobuf.pbf")
