"""Bad files as bureaus and others send them, drawn by code: each with what must come of it."""

from __future__ import annotations

import io
import json
import sqlite3
import stat
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import shapely

from geo.errors import EmptyLayerError, MissingCRSError, MissingDatumError, UnreadableFileError, UsageError
from tests.geo.small_xls import write_xls

NAMES = ["翠园社区", "前进道小区", "东风家园"]
METRIC = "EPSG:4546"


@dataclass(frozen=True)
class Bad:
    """A bad input: how to write it, and the error class or finding rule that must come of it.

    `options` are those of an import; None where reading alone must tell. `rule` None with
    `error` None: it must read as if nothing were wrong, with `NAMES` as names.
    """

    name: str
    write: Callable[[Path], Path]
    error: type[Exception] | None = None
    rule: str | None = None
    options: dict[str, Any] | None = field(default=None)


CORPUS: list[Bad] = []


def bad(
    error: type[Exception] | None = None, rule: str | None = None, **options: Any
) -> Callable[[Callable[[Path], Path]], Callable[[Path], Path]]:
    """Put a writer into the corpus under its own name."""

    def add(write: Callable[[Path], Path]) -> Callable[[Path], Path]:
        wanted = options if "imported" in options else None
        CORPUS.append(Bad(write.__name__, write, error, rule, wanted))
        return write

    return add


# --- building blocks ----------------------------------------------------------------------------


def yards(**columns: Any) -> gpd.GeoDataFrame:
    """Three communities in Baotou, EPSG:4546."""
    boxes = [shapely.box(x, 4_500_000, x + 50, 4_500_050) for x in (400_000, 400_100, 400_200)]
    return gpd.GeoDataFrame({"小区名称": NAMES, "户数": [12, 3, 40], **columns}, geometry=boxes, crs=METRIC)


def shapefile(folder: Path, encoding: str = "GB18030", *, cpg: bool = True) -> Path:
    path = folder / "a.shp"
    yards().to_file(path, encoding=encoding)
    if not cpg:
        path.with_suffix(".cpg").unlink()
        patch(path.with_suffix(".dbf"), 29, b"\x00")
    return path


def patch(path: Path, at: int, data: bytes) -> Path:
    whole = bytearray(path.read_bytes())
    whole[at : at + len(data)] = data
    path.write_bytes(bytes(whole))
    return path


def cut(path: Path, share: float = 0.5) -> Path:
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


def text(path: Path, content: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(content.encode(encoding))
    return path


def geojson(folder: Path, *shapes: object, names: list[str] | None = None, encoding: str = "utf-8") -> Path:
    """Features with geometries as given, coordinates in degrees."""
    names = names or [f"{name}" for name in (NAMES * len(shapes))[: len(shapes)]]
    features = [
        {"type": "Feature", "properties": {"小区名称": name, "户数": 10}, "geometry": shape}
        for name, shape in zip(names, shapes, strict=True)
    ]
    content = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    return text(folder / "a.geojson", content, encoding)


def square(x: float = 109.8, y: float = 40.6, size: float = 0.001) -> dict[str, Any]:
    ring = [[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]
    return {"type": "Polygon", "coordinates": [ring]}


SQUARES = (square(), square(109.81), square(109.82))


def kml(folder: Path, body: str, head: str = "", encoding: str = "UTF-8") -> Path:
    content = (
        f'<?xml version="1.0" encoding="{encoding}"?>{head}'
        f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{body}</Document></kml>'
    )
    return text(folder / "a.kml", content, encoding)


def placemarks(names: list[str] = NAMES) -> str:
    return "".join(
        f"<Placemark><name>{name}</name><Point><coordinates>109.8,40.6</coordinates></Point></Placemark>"
        for name in names
    )


def dxf(folder: Path, *entities: list[object], units: int = 6, encoding: str = "gbk", page: str = "ANSI_936") -> Path:
    head = [
        0,
        "SECTION",
        2,
        "HEADER",
        9,
        "$ACADVER",
        1,
        "AC1015",
        9,
        "$DWGCODEPAGE",
        3,
        page,
        9,
        "$INSUNITS",
        70,
        units,
        0,
        "ENDSEC",
        0,
        "SECTION",
        2,
        "ENTITIES",
    ]
    pairs = [*head, *(value for one in entities for value in one), 0, "ENDSEC", 0, "EOF"]
    return text(folder / "a.dxf", "\r\n".join(map(str, pairs)) + "\r\n", encoding)


def outline(x: float, y: float, size: float = 50, *, closed: bool = True) -> list[object]:
    corners = [(x, y), (x + size, y), (x + size, y + size), (x, y + size)]
    head: list[object] = [0, "LWPOLYLINE", 8, "小区", 100, "AcDbEntity", 100, "AcDbPolyline", 90, 4, 70, int(closed)]
    return head + [v for cx, cy in corners for v in (10, cx, 20, cy)]


def label(words: str, x: float, y: float) -> list[object]:
    return [0, "TEXT", 8, "注记", 10, x, 20, y, 30, 0, 40, 5, 1, words]


def book(path: Path, rows: list[list[object]], merges: tuple[str, ...] = ()) -> Path:
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(row)
    for merge in merges:
        workbook.active.merge_cells(merge)
    workbook.save(path)
    return path


HEADER: list[object] = ["小区名称", "街道", "户数", "建筑面积(㎡)"]
ROWS: list[list[object]] = [[name, "前进道街道", 100 + i, 9000.0] for i, name in enumerate(NAMES)]


def archive(folder: Path, members: dict[str, bytes], packing: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(folder / "a.zip", "w", packing) as packed:
        for name, data in members.items():
            packed.writestr(name, data)
    return folder / "a.zip"


def parts(path: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in path.parent.iterdir() if p.stem == path.stem}


def vrt(target: str) -> str:
    return (
        f"<OGRVRTDataSource><OGRVRTLayer name='a'><SrcDataSource>{target}</SrcDataSource>"
        "</OGRVRTLayer></OGRVRTDataSource>"
    )


def pipeline(target: str) -> str:
    line = f"gdal vector pipeline ! read {target} ! write streamed_file"
    return json.dumps({"type": "gdal_streamed_alg", "command_line": line})


def secret(folder: Path) -> str:
    """A file of the server that no upload may reach."""
    path = folder / "secret.gpkg"
    yards().to_file(path)
    return str(path)


# --- shapefiles ---------------------------------------------------------------------------------


@bad()
def shapefile_gbk_without_cpg(folder: Path) -> Path:
    return shapefile(folder, cpg=False)


@bad()
def shapefile_utf8_without_cpg(folder: Path) -> Path:
    return shapefile(folder, "UTF-8", cpg=False)


@bad(rule="encoding.declared_wrong")
def shapefile_with_a_wrong_cpg(folder: Path) -> Path:
    path = shapefile(folder)
    path.with_suffix(".cpg").write_text("UTF-8")
    return path


@bad()
def shapefile_with_an_unknown_cpg(folder: Path) -> Path:
    path = shapefile(folder)
    path.with_suffix(".cpg").write_text("SOMETHING-9")
    return path


@bad(rule="encoding.mixed")
def shapefile_of_two_encodings(folder: Path) -> Path:
    frame = pd.concat([yards()] * 20, ignore_index=True)
    frame["小区名称"] = [f"{name}{i}期" for i, name in enumerate(frame["小区名称"])]
    frame.to_file(folder / "a.shp", encoding="GB18030")
    (folder / "a.cpg").unlink()
    table = folder / "a.dbf"
    at = table.read_bytes().index("翠园社区0期".encode("gbk"))
    patch(table, at, "翠园社".encode() + b"  ")
    return folder / "a.shp"


@bad(UnreadableFileError)
def shapefile_without_dbf(folder: Path) -> Path:
    path = shapefile(folder)
    path.with_suffix(".dbf").unlink()
    return path


@bad(rule="shapefile.index_restored")
def shapefile_without_shx(folder: Path) -> Path:
    path = shapefile(folder)
    path.with_suffix(".shx").unlink()
    return path


@bad(UnreadableFileError)
def shapefile_cut_in_half(folder: Path) -> Path:
    return cut(shapefile(folder))


@bad(UnreadableFileError)
def shapefile_with_a_cut_dbf(folder: Path) -> Path:
    path = shapefile(folder)
    cut(path.with_suffix(".dbf"), 0.7)
    return path


@bad(UnreadableFileError)
def shapefile_with_an_empty_dbf(folder: Path) -> Path:
    path = shapefile(folder)
    path.with_suffix(".dbf").write_bytes(b"")
    return path


@bad(UnreadableFileError)
def shapefile_with_the_dbf_of_another(folder: Path) -> Path:
    path = shapefile(folder)
    pd.concat([yards()] * 2).to_file(folder / "b.shp", encoding="GB18030")
    path.with_suffix(".dbf").write_bytes((folder / "b.dbf").read_bytes())
    return path


@bad(UnreadableFileError)
def shapefile_that_is_text(folder: Path) -> Path:
    path = shapefile(folder)
    return text(path, "just text" * 50)


@bad()
def shapefile_with_upper_case_companions(folder: Path) -> Path:
    path = shapefile(folder)
    path.with_suffix(".dbf").rename(folder / "a.Dbf")
    return path


@bad(MissingCRSError, imported=True)
def shapefile_without_prj(folder: Path) -> Path:
    path = shapefile(folder)
    path.with_suffix(".prj").unlink()
    return path


@bad(UnreadableFileError)
def dbf_alone(folder: Path) -> Path:
    return shapefile(folder).with_suffix(".dbf")


# --- GeoJSON ------------------------------------------------------------------------------------


@bad(EmptyLayerError)
def geojson_of_no_bytes(folder: Path) -> Path:
    return text(folder / "a.geojson", "")


@bad(EmptyLayerError)
def geojson_without_features(folder: Path) -> Path:
    return geojson(folder)


@bad(UnreadableFileError)
def geojson_cut_in_half(folder: Path) -> Path:
    return cut(geojson(folder, *SQUARES))


@bad(UnreadableFileError)
def geojson_100k_deep_coordinates(folder: Path) -> Path:
    deep = "[" * 100_000 + "]" * 100_000
    return text(folder / "a.geojson", '{"type":"Polygon","coordinates":' + deep + "}")


@bad(UnreadableFileError)
def geojson_100k_deep_properties(folder: Path) -> Path:
    deep = '{"a":' * 100_000 + "1" + "}" * 100_000
    feature = f'{{"type":"Feature","geometry":null,"properties":{deep}}}'
    return text(folder / "a.geojson", f'{{"type":"FeatureCollection","features":[{feature}]}}')


@bad(UnreadableFileError)
def geojson_with_a_number_beyond_all(folder: Path) -> Path:
    path = geojson(folder, *SQUARES)
    return text(path, path.read_text(encoding="utf-8").replace("109.81,", "1e999,"))


@bad(rule="geometry.unreadable")
def geojson_with_an_open_ring(folder: Path) -> Path:
    shape = square(109.81)
    shape["coordinates"][0].pop()
    return geojson(folder, SQUARES[0], shape, SQUARES[2])


@bad(rule="geometry.unreadable")
def geojson_with_a_ring_of_two_points(folder: Path) -> Path:
    shape = {"type": "Polygon", "coordinates": [[[109.8, 40.6], [109.9, 40.6]]]}
    return geojson(folder, SQUARES[0], shape, SQUARES[2])


@bad(rule="encoding.not_utf8")
def geojson_in_gbk(folder: Path) -> Path:
    return geojson(folder, *SQUARES, encoding="gb18030")


@bad()
def geojson_with_a_byte_order_mark(folder: Path) -> Path:
    return geojson(folder, *SQUARES, encoding="utf-8-sig")


@bad(rule="encoding.repaired")
def geojson_gbk_saved_as_latin(folder: Path) -> Path:
    return geojson(folder, *SQUARES, names=[n.encode("gbk").decode("latin-1") for n in NAMES])


@bad(rule="encoding.repaired")
def geojson_utf8_saved_as_latin(folder: Path) -> Path:
    return geojson(folder, *SQUARES, names=[n.encode().decode("latin-1") for n in NAMES])


@bad(rule="encoding.repaired")
def geojson_utf8_saved_as_gbk(folder: Path) -> Path:
    names = ["小区名称", "住宅小区", "前进小区"]
    return geojson(folder, *SQUARES, names=[n.encode().decode("gb18030") for n in names])


@bad(rule="encoding.mojibake")
def geojson_with_one_lost_name(folder: Path) -> Path:
    return geojson(folder, *SQUARES, names=["锟斤拷园锟斤拷", *NAMES[1:]])


@bad(UnreadableFileError)
def geojson_with_all_names_lost(folder: Path) -> Path:
    return geojson(folder, *SQUARES, names=["\ufffd\ufffd园", "锟斤拷", "????"])


@bad(UnreadableFileError)
def geojson_that_is_topojson(folder: Path) -> Path:
    return text(folder / "a.json", '{"type":"Topology","objects":{},"arcs":[]}')


@bad(UnreadableFileError)
def geojson_that_is_esri_json(folder: Path) -> Path:
    feature = {"attributes": {"a": 1}, "geometry": {"rings": [[[0, 0], [1, 1], [1, 0], [0, 0]]]}}
    content = {"geometryType": "esriGeometryPolygon", "features": [feature]}
    return text(folder / "a.json", json.dumps(content))


@bad(UnreadableFileError)
def geojson_that_is_text(folder: Path) -> Path:
    return text(folder / "a.geojson", "just text")


@bad(UsageError, imported=True, datum="wgs84")
def geojson_with_latitude_first(folder: Path) -> Path:
    return geojson(folder, *(square(40.6 + i / 100, 109.8) for i in range(3)))


@bad(MissingCRSError, imported=True, datum="wgs84")
def geojson_in_metres_without_crs(folder: Path) -> Path:
    return geojson(folder, *(square(400_000 + 100 * i, 4_500_000, 50) for i in range(3)))


@bad(MissingDatumError, imported=True)
def geojson_without_a_datum(folder: Path) -> Path:
    return geojson(folder, *SQUARES)


@bad(rule="geometry.repaired", imported=True, datum="wgs84")
def geojson_with_a_bow_tie(folder: Path) -> Path:
    shape = square(109.81)
    ring = shape["coordinates"][0]
    ring[1], ring[2] = ring[2], ring[1]
    return geojson(folder, SQUARES[0], shape, SQUARES[2])


@bad(rule="geometry.missing", imported=True, datum="wgs84")
def geojson_with_a_null_geometry(folder: Path) -> Path:
    return geojson(folder, SQUARES[0], None, SQUARES[2])


@bad(rule="geometry.missing", imported=True, datum="wgs84")
def geojson_with_an_empty_geometry(folder: Path) -> Path:
    return geojson(folder, SQUARES[0], {"type": "Polygon", "coordinates": []}, SQUARES[2])


@bad(rule="geometry.wrong_kind", imported=True, datum="wgs84", layer="communities")
def geojson_with_a_line_among_polygons(folder: Path) -> Path:
    line = {"type": "LineString", "coordinates": [[109.8, 40.6], [109.9, 40.6]]}
    return geojson(folder, SQUARES[0], line, SQUARES[2])


@bad(rule="geometry.far_away", imported=True, datum="wgs84")
def geojson_with_one_place_in_another_country(folder: Path) -> Path:
    return geojson(folder, *(square(109.8 + i / 100) for i in range(20)), square(2.3, 48.8))


# --- other map files ----------------------------------------------------------------------------


@bad(UnreadableFileError)
def gpkg_cut_in_half(folder: Path) -> Path:
    yards().to_file(folder / "a.gpkg")
    return cut(folder / "a.gpkg", 0.3)


@bad(UnreadableFileError)
def gpkg_that_is_text(folder: Path) -> Path:
    return text(folder / "a.gpkg", "just text")


@bad(UnreadableFileError)
def gpkg_that_is_another_sqlite(folder: Path) -> Path:
    with sqlite3.connect(folder / "a.gpkg") as database:
        database.execute("create table t (a)")
    return folder / "a.gpkg"


@bad(EmptyLayerError)
def gpkg_without_rows(folder: Path) -> Path:
    yards().iloc[:0].to_file(folder / "a.gpkg")
    return folder / "a.gpkg"


@bad(UnreadableFileError)
def flatgeobuf_cut_in_half(folder: Path) -> Path:
    yards().to_file(folder / "a.fgb")
    return cut(folder / "a.fgb")


@bad(UnreadableFileError)
def flatgeobuf_with_a_false_length(folder: Path) -> Path:
    yards().to_file(folder / "a.fgb")
    return patch(folder / "a.fgb", 8, b"\xff\xff\xff\x7f")


@bad(UnreadableFileError)
def geodatabase_that_is_an_empty_folder(folder: Path) -> Path:
    (folder / "a.gdb").mkdir()
    return folder / "a.gdb"


@bad(UnreadableFileError)
def geodatabase_with_damaged_tables(folder: Path) -> Path:
    yards().to_file(folder / "a.gdb", driver="OpenFileGDB", layer="小区")
    for table in (folder / "a.gdb").glob("*.gdbtable"):
        cut(table, 0.2)
    return folder / "a.gdb"


@bad(UnreadableFileError)
def parquet_without_geometry(folder: Path) -> Path:
    pd.DataFrame({"a": [1]}).to_parquet(folder / "a.parquet")
    return folder / "a.parquet"


@bad(UnreadableFileError)
def parquet_with_text_that_is_no_text(folder: Path) -> Path:
    path = folder / "a.parquet"
    yards().to_parquet(path, compression=None)
    written = path.read_bytes()
    name = yards()["小区名称"].iloc[0].encode()
    assert name in written
    path.write_bytes(written.replace(name, b"\xe5\x00" + name[2:]))
    return path


@bad(UnreadableFileError)
def parquet_cut_in_half(folder: Path) -> Path:
    yards().to_parquet(folder / "a.parquet")
    return cut(folder / "a.parquet")


@bad(UnreadableFileError)
def kml_with_an_external_entity(folder: Path) -> Path:
    head = '<!DOCTYPE k [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    return kml(folder, placemarks(["&x;"]), head)


ENTITIES = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
LAUGHS = f'<!DOCTYPE k [<!ENTITY a0 "ha">{ENTITIES}]>'


@bad(UnreadableFileError)
def kml_with_a_billion_laughs(folder: Path) -> Path:
    return kml(folder, placemarks(["&a9;"]), LAUGHS)


@bad(UnreadableFileError)
def kml_with_entities_in_utf16(folder: Path) -> Path:
    return kml(folder, placemarks(), '<!DOCTYPE k [<!ENTITY x "y">]>', "UTF-16")


@bad(rule="kml.links_not_followed")
def kml_with_a_network_link(folder: Path) -> Path:
    link = "<NetworkLink><Link><href>http://127.0.0.1:9/a.kml</href></Link></NetworkLink>"
    return kml(folder, placemarks() + link)


@bad(UnreadableFileError)
def kml_cut_in_half(folder: Path) -> Path:
    return cut(kml(folder, placemarks()))


@bad()
def kml_in_gbk(folder: Path) -> Path:
    return kml(folder, placemarks(), encoding="GBK")


@bad(EmptyLayerError)
def kml_without_placemarks(folder: Path) -> Path:
    return kml(folder, "")


@bad(UnreadableFileError)
def kmz_without_kml(folder: Path) -> Path:
    return archive(folder, {"a.txt": b"x"}).rename(folder / "a.kmz")


@bad(UnreadableFileError)
def dxf_cut_in_half(folder: Path) -> Path:
    return cut(dxf(folder, outline(400_000, 4_500_000)))


@bad(UnreadableFileError)
def dxf_that_is_binary(folder: Path) -> Path:
    return text(folder / "a.dxf", "AutoCAD Binary DXF\r\n\x1a\x00")


@bad(UnreadableFileError)
def dxf_that_is_dwg(folder: Path) -> Path:
    return text(folder / "a.dxf", "AC1032\x00\x00")


@bad(EmptyLayerError)
def dxf_with_nothing_drawn(folder: Path) -> Path:
    return dxf(folder)


@bad(rule="cad.local_coordinates")
def dxf_drawn_from_the_origin(folder: Path) -> Path:
    return dxf(folder, outline(0, 0), label("翠园社区", 10, 10))


@bad(rule="cad.units_converted")
def dxf_in_millimetres(folder: Path) -> Path:
    return dxf(folder, outline(4e8, 4.5e9, 5e4), label("翠园社区", 4e8 + 10, 4.5e9 + 10), units=4)


@bad(rule="cad.several_labels")
def dxf_with_two_names_in_an_outline(folder: Path) -> Path:
    return dxf(
        folder,
        outline(400_000, 4_500_000),
        label("翠园社区", 400_010, 4_500_010),
        label("东风家园", 400_020, 4_500_020),
    )


@bad(rule="cad.open_lines")
def dxf_with_an_open_outline(folder: Path) -> Path:
    return dxf(folder, outline(400_000, 4_500_000), outline(400_100, 4_500_000, closed=False))


# --- virtual formats under a false name ---------------------------------------------------------


def virtual(suffix: str, kind: Callable[[str], str]) -> None:
    def write(folder: Path) -> Path:
        if suffix == ".shp":
            shapefile(folder)
        return text(folder / f"a{suffix}", kind(secret(folder)))

    name = f"{kind.__name__}_named_{suffix[1:]}"
    CORPUS.append(Bad(name, write, UnreadableFileError))


for _suffix in (".geojson", ".json", ".gpkg", ".fgb", ".kml", ".shp", ".dxf", ".parquet", ".xlsx"):
    virtual(_suffix, vrt)
virtual(".geojson", pipeline)
virtual(".json", pipeline)


@bad(UnreadableFileError)
def kml_around_a_virtual_format(folder: Path) -> Path:
    return text(folder / "a.kml", "<!-- <kml> -->" + vrt(secret(folder)))


# --- archives -----------------------------------------------------------------------------------


@bad(UnreadableFileError)
def zip_bomb(folder: Path) -> Path:
    return archive(folder, {"a.shp": bytes(50_000_000)}, zipfile.ZIP_DEFLATED)


@bad(UnreadableFileError)
def zip_of_too_many_members(folder: Path) -> Path:
    return archive(folder, {f"{i}.geojson": b"{}" for i in range(201)})


@bad(UnreadableFileError)
def zip_with_a_way_out(folder: Path) -> Path:
    return archive(folder, {"../a.geojson": b"{}"})


@bad(UnreadableFileError)
def zip_with_a_windows_way_out(folder: Path) -> Path:
    return archive(folder, {"..\\a.geojson": b"{}"})


@bad(UnreadableFileError)
def zip_with_an_absolute_name(folder: Path) -> Path:
    return archive(folder, {"/tmp/a.geojson": b"{}"})


@bad(UnreadableFileError)
def zip_with_a_link(folder: Path) -> Path:
    link = zipfile.ZipInfo("a.geojson")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(folder / "a.zip", "w") as packed:
        packed.writestr(link, secret(folder))
    return folder / "a.zip"


@bad(UnreadableFileError)
def zip_in_a_zip(folder: Path) -> Path:
    inner = archive(folder, {"a.geojson": b"{}"}).read_bytes()
    return archive(folder, {"inner.zip": inner})


@bad(UnreadableFileError)
def zip_cut_in_half(folder: Path) -> Path:
    return cut(archive(folder, parts(shapefile(folder))))


@bad(UnreadableFileError)
def zip_with_damaged_data(folder: Path) -> Path:
    path = archive(folder, parts(shapefile(folder)), zipfile.ZIP_DEFLATED)
    return patch(path, 60, b"\xff" * 20)


@bad(UnreadableFileError)
def zip_with_a_password(folder: Path) -> Path:
    path = archive(folder, {"a.geojson": b"{}"})
    patch(path, 6, b"\x01")
    return patch(path, path.read_bytes().index(b"PK\x01\x02") + 8, b"\x01")


@bad(UnreadableFileError)
def zip_of_pictures(folder: Path) -> Path:
    return archive(folder, {"a.jpg": b"x", "b.docx": b"x"})


@bad(UnreadableFileError)
def zip_that_is_text(folder: Path) -> Path:
    return text(folder / "a.zip", "just text")


@bad()
def zip_with_gbk_names(folder: Path) -> Path:
    """As Windows packs: GBK bytes in the names, and no word about it."""
    members = parts(shapefile(folder, cpg=False)).items()
    path = archive(folder, {f"aaaa{Path(name).suffix}": data for name, data in members})
    path.write_bytes(path.read_bytes().replace(b"aaaa.", "小区".encode("gbk") + b"."))
    return path


@bad(rule="archive.member_skipped")
def zip_with_a_picture_beside_the_map(folder: Path) -> Path:
    return archive(folder, {**parts(shapefile(folder)), "说明.docx": b"x"})


# --- tables -------------------------------------------------------------------------------------


def csv_text(rows: list[list[object]], header: list[object] = HEADER) -> str:
    return "\n".join(",".join(map(str, row)) for row in [header, *rows]) + "\n"


@bad()
def csv_in_gb18030(folder: Path) -> Path:
    return text(folder / "a.csv", csv_text(ROWS), "gb18030")


@bad()
def csv_in_utf16(folder: Path) -> Path:
    return text(folder / "a.csv", csv_text(ROWS), "utf-16")


@bad()
def txt_with_tabs(folder: Path) -> Path:
    return text(folder / "a.txt", csv_text(ROWS).replace(",", "\t"), "gb18030")


@bad(UnreadableFileError)
def csv_with_an_open_quote(folder: Path) -> Path:
    return text(folder / "a.csv", csv_text(ROWS).replace(NAMES[1], f'"{NAMES[1]}'))


@bad(rule="table.row_too_long", imported=True)
def csv_with_a_bare_comma_in_a_number(folder: Path) -> Path:
    return text(folder / "a.csv", csv_text([*ROWS, ["红星", "前进道街道", "1,200", 9000]]))


@bad(rule="table.row_too_short")
def csv_with_a_short_row(folder: Path) -> Path:
    return text(folder / "a.csv", csv_text([*ROWS, ["红星", "前进道街道", 12]]))


@bad(UnreadableFileError)
def csv_that_is_a_book(folder: Path) -> Path:
    return book(folder / "a.xlsx", [HEADER, *ROWS]).rename(folder / "a.csv")


@bad(UnreadableFileError)
def csv_of_random_bytes(folder: Path) -> Path:
    return Path(folder / "a.csv") if (folder / "a.csv").write_bytes(bytes(range(256)) * 20) else folder


@bad(EmptyLayerError)
def csv_of_no_bytes(folder: Path) -> Path:
    return text(folder / "a.csv", "")


@bad(EmptyLayerError)
def csv_with_a_header_only(folder: Path) -> Path:
    return text(folder / "a.csv", csv_text([]))


@bad(UnreadableFileError)
def csv_without_a_header(folder: Path) -> Path:
    return text(folder / "a.csv", "1,2,3\n4,5,6\n")


@bad(rule="table.header_unknown")
def csv_with_a_header_nobody_knows(folder: Path) -> Path:
    return text(folder / "a.csv", "alpha,y2,z\n1,2,3\n")


@bad(rule="encoding.repaired")
def csv_utf8_saved_as_latin(folder: Path) -> Path:
    return text(folder / "a.csv", csv_text(ROWS).encode().decode("latin-1"))


@bad(rule="table.total_differs")
def xlsx_with_a_wrong_total(folder: Path) -> Path:
    return book(folder / "a.xlsx", [HEADER, *ROWS, ["合计", None, 999, None]])


@bad(rule="table.formula_uncalculated")
def xlsx_with_formulas_never_calculated(folder: Path) -> Path:
    rows = [[name, "前进道街道", "=1+1", 9000.0] for name in NAMES]
    return book(folder / "a.xlsx", [HEADER, *rows])


@bad(UnreadableFileError)
def xlsx_cut_in_half(folder: Path) -> Path:
    return cut(book(folder / "a.xlsx", [HEADER, *ROWS]))


@bad(UnreadableFileError)
def xlsx_that_is_another_zip(folder: Path) -> Path:
    return archive(folder, {"word/document.xml": b"<a/>"}).rename(folder / "a.xlsx")


@bad(UnreadableFileError)
def xlsx_that_is_text(folder: Path) -> Path:
    return text(folder / "a.xlsx", "just text")


@bad(UnreadableFileError)
def xlsx_bomb(folder: Path) -> Path:
    path = archive(folder, {"xl/worksheets/sheet1.xml": bytes(50_000_000)}, zipfile.ZIP_DEFLATED)
    return path.rename(folder / "a.xlsx")


def rewritten(path: Path, part: str, change: Callable[[str], str]) -> Path:
    """A book with one of its parts changed."""
    with zipfile.ZipFile(path) as packed:
        members = {name: packed.read(name) for name in packed.namelist()}
    members[part] = change(members[part].decode()).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in members.items():
            packed.writestr(name, data)
    path.write_bytes(buffer.getvalue())
    return path


@bad(UnreadableFileError)
def xlsx_with_a_billion_laughs_in_its_styles(folder: Path) -> Path:
    path = book(folder / "a.xlsx", [HEADER, *ROWS])
    return rewritten(path, "xl/styles.xml", lambda xml: LAUGHS + xml.replace("General", "&a9;"))


@bad(UnreadableFileError)
def xlsx_with_styles_that_are_no_xml(folder: Path) -> Path:
    return rewritten(book(folder / "a.xlsx", [HEADER, *ROWS]), "xl/styles.xml", lambda xml: xml[: len(xml) // 2])


@bad(UnreadableFileError)
def xlsx_with_a_cell_at_the_end_of_the_world(folder: Path) -> Path:
    path = book(folder / "a.xlsx", [HEADER, *ROWS])
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    return rewritten(path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace("</sheetData>", far))


@bad(UnreadableFileError)
def xls_cut_short(folder: Path) -> Path:
    return cut(write_xls(folder / "a.xls", [HEADER, *ROWS]), 0.2)


@bad(rule="file.other_kind")
def xls_that_is_html(folder: Path) -> Path:
    cells = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in [HEADER, *ROWS])
    return text(folder / "a.xls", f"<html><table>{cells}</table></html>", "gb18030")


@bad(rule="file.other_kind")
def xls_that_is_text(folder: Path) -> Path:
    return text(folder / "a.xls", csv_text(ROWS).replace(",", "\t"), "gb18030")


@bad(UnreadableFileError)
def xls_with_a_password(folder: Path) -> Path:
    path = write_xls(folder / "a.xls", [HEADER, *ROWS])
    path.write_bytes(path.read_bytes() + "EncryptedPackage".encode("utf-16-le"))
    return path


# --- no file we read ----------------------------------------------------------------------------


@bad(UnreadableFileError)
def a_file_that_is_not_there(folder: Path) -> Path:
    return folder / "none.xlsx"


@bad(UnreadableFileError)
def a_folder(folder: Path) -> Path:
    (folder / "a.xlsx").mkdir()
    return folder / "a.xlsx"


def unknown(suffix: str) -> None:
    def write(folder: Path) -> Path:
        return text(folder / f"a{suffix}", "anything")

    CORPUS.append(Bad(f"unknown_{suffix[1:] or 'bare'}", write, UnreadableFileError))


for _suffix in (".dwg", ".mdb", ".docx", ".pdf", ".rar", ".osm.pbf", ".jpg", ".tab", ""):
    unknown(_suffix)
