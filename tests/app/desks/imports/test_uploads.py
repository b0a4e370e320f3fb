"""Names and bytes that come from outside are made safe, or refused with a sentence."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.desks.imports.uploads import (
    SUFFIXES,
    list_main_files,
    list_orphan_parts,
    list_parts,
    sanitise_name,
    save_stream,
)
from app.web.security import is_same_origin
from geo.errors import PlanningError, UnreadableFileError, UsageError


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/cron.d/x.csv", "x.csv"),
        ("..\\..\\windows\\小区 台账.XLSX", "小区 台账.xlsx"),
        ("/etc/passwd.csv", "passwd.csv"),
        ("con.csv", "_con.csv"),
        ("a\x00b\n.csv", "ab.csv"),
        ("边界\u202evsc.geojson", "边界vsc.geojson"),
        ("...表.csv", "表.csv"),
    ],
)
def test_a_name_loses_folders_and_tricks(sent, kept):
    assert sanitise_name(sent) == kept


@given(st.text(max_size=300))
def test_any_name_stays_inside_the_folder(tmp_path_factory, name):
    folder = tmp_path_factory.getbasetemp()
    try:
        kept = sanitise_name(name + ".csv")
    except PlanningError:
        return
    assert (folder / kept).resolve().parent == folder.resolve()
    assert kept[0] != "."
    assert sanitise_name(kept) == kept


@pytest.mark.parametrize("name", ["", "x", "..", ".csv", "  .csv", "/"])
def test_what_is_no_name_is_refused(name):
    with pytest.raises(UsageError):
        sanitise_name(name)


@pytest.mark.parametrize("name", ["x.exe", "x.vrt", "x.gdb", "x.html", "x.csv.lnk"])
def test_kinds_that_are_not_read_are_refused(name):
    with pytest.raises(UnreadableFileError, match="支持的格式"):
        sanitise_name(name)


def test_a_file_too_large_or_empty_leaves_nothing(tmp_path):
    for content in (bytes(2_000_001), b""):
        with pytest.raises(UsageError):
            save_stream(io.BytesIO(content), tmp_path / "a.csv", most_mb=2)
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_whole_or_not_there(tmp_path):
    class Broken(io.BytesIO):
        def read(self, size=-1):
            if self.tell():
                raise OSError("connection lost")
            return super().read(10)

    (tmp_path / "a.csv").write_bytes(b"old")
    with pytest.raises(OSError, match="lost"):
        save_stream(Broken(bytes(100)), tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes() == b"old"
    assert save_stream(io.BytesIO(b"new!"), tmp_path / "a.csv") == 4
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_parts_of_a_shapefile_belong_together(tmp_path):
    for name in ("a.shp", "a.dbf", "b.shx", "c.csv"):
        (tmp_path / name).touch()
    there = sorted(tmp_path.iterdir())
    assert [path.name for path in list_main_files(there)] == ["a.shp", "c.csv"]
    assert [path.name for path in list_parts(tmp_path / "a.shp")] == ["a.shp", "a.dbf"]
    assert [path.name for path in list_orphan_parts(there)] == ["b.shx"]


def test_the_formats_offered_are_those_that_are_read():
    assert {".xlsx", ".csv", ".shp", ".zip", ".geojson", ".gpkg"} <= set(SUFFIXES)


@pytest.mark.parametrize(
    ("headers", "own"),
    [
        ({}, True),
        ({"Origin": "http://pc:80"}, True),
        ({"Origin": "http://pc"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "http://evil", "Sec-Fetch-Site": "same-origin"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://pc:80"}, True),
    ],
)
def test_only_our_own_page_may_ask(headers, own):
    assert is_same_origin(headers, "pc:80") is own
