from __future__ import annotations

import contextlib
import datetime
import http.server
import os
import signal
import sqlite3
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import UnreadableFileError, UsageError
from geo.findings import Finding
from geo.readers import RawLayer, preview_names, read_file
from geo.sandbox import processes
from geo.sandbox.processes import DRIVERS, ReadLimits, run_task
from geo.sandbox.transport import load_layers, save_layers
from tests.geo import corpus

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits are Linux's")


@pytest.fixture
def table(tmp_path):
    return corpus.csv_in_gb18030(tmp_path)


@pytest.fixture(scope="module")
def slow(tmp_path_factory):
    """A table that takes more than a second or two to read."""
    row = "翠园,前进道街道,100,9000\n"
    return corpus.text(tmp_path_factory.mktemp("slow") / "slow.csv", "小区名称,街道,户数,建筑面积\n" + row * 400_000)


# --- limits -------------------------------------------------------------------------------------


@linux_only
@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (ReadLimits(wall_s=1), "more than 1 seconds;"),
        (ReadLimits(cpu_s=1), "1 seconds of computing"),
        (ReadLimits(memory_mb=100), "100 MB of memory|broke down"),
        (ReadLimits(file_mb=1), "limit of 1 MB"),
    ],
    ids=["wall", "cpu", "memory", "size"],
)
def test_a_file_that_costs_too_much_is_refused_and_the_next_one_read(slow, table, limits, said):
    with pytest.raises(UnreadableFileError, match=said):
        read_file(slow, limits=limits)
    assert len(read_file(table)[0].frame) == 3


def test_limits_are_settings():
    limits = ReadLimits.from_settings({"PIANQU_READ_MEMORY_MB": "7", "OTHER": "x"}, ReadLimits(wall_s=5))
    assert (limits.memory_mb, limits.wall_s) == (7, 5)
    with pytest.raises(UsageError, match="PIANQU_READ_CPU_S"):
        ReadLimits.from_settings({"PIANQU_READ_CPU_S": "-1"})


# --- the child ----------------------------------------------------------------------------------


def test_the_child_has_the_drivers_of_our_formats_and_no_other():
    child = processes._start_child()
    try:
        assert set(child.drivers) <= set(DRIVERS)
        assert {"ESRI Shapefile", "GeoJSON", "GPKG", "OpenFileGDB", "DXF"} <= set(child.drivers)
    finally:
        child.end()


@linux_only
def test_the_child_sees_no_secret_of_the_environment(monkeypatch):
    monkeypatch.setenv("PIANQU_SECRET_KEY", "hush")
    child = processes._start_child()
    try:
        assert b"hush" not in Path(f"/proc/{child.process.pid}/environ").read_bytes()
    finally:
        child.end()


@linux_only
def test_a_child_that_was_killed_is_replaced(table):
    read_file(table)
    child = processes._idle[0]
    os.kill(child.process.pid, signal.SIGKILL)
    assert len(read_file(table)[0].frame) == 3


def test_where_processes_cannot_fork_a_child_reads_one_file(table, tmp_path, monkeypatch):
    processes.end_children()
    monkeypatch.setattr(processes, "FORKS", False)
    assert len(read_file(table)[0].frame) == 3
    assert processes._idle == []
    with pytest.raises(UnreadableFileError, match="not a text table"):
        read_file(corpus.csv_of_random_bytes(tmp_path))


def test_several_threads_read_at_once(table):
    with ThreadPoolExecutor(2) as pool:
        layers = list(pool.map(read_file, [table] * 8))
    assert [len(one[0].frame) for one in layers] == [3] * 8


def test_an_unexpected_fault_is_logged_and_told_as_a_sentence(table, caplog):
    with pytest.raises(UnreadableFileError, match="broke down"), run_task("no such task", table, limits=ReadLimits()):
        pass
    assert "Traceback" in caplog.text


def test_nothing_is_left_behind(table, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = sorted(tmp_path.iterdir())
    read_file(corpus.archive(tmp_path, corpus.parts(table)))
    (tmp_path / "a.zip").unlink()
    assert sorted(tmp_path.iterdir()) == before


@linux_only
def test_a_small_file_is_read_by_a_child_that_waits_already(table, monkeypatch):
    read_file(table)
    used, send = [], processes._Child.request
    monkeypatch.setattr(processes._Child, "request", lambda child, *told: used.append(child) or send(child, *told))
    waiting = list(processes._idle)
    read_file(table)
    assert used
    assert used[0] in waiting


# --- no other file, no request ------------------------------------------------------------------


@pytest.fixture
def server():
    """A server on this machine that counts what it is asked."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}/a.geojson", asked
        running.shutdown()


def geocoding_view(folder, url):
    """A GeoPackage with a view that would ask a server for every row."""
    corpus.yards().to_file(folder / "a.gpkg", layer="t")
    with sqlite3.connect(folder / "a.gpkg") as database:
        database.execute(
            f"create view v as select fid, geom, ogr_geocode('x', 'geometry', 'QUERY_TEMPLATE={url}?%s') as g from t"
        )
        database.execute(
            "insert into gpkg_contents (table_name, data_type, identifier, srs_id) "
            "select 'v', data_type, 'v', srs_id from gpkg_contents where table_name = 't'"
        )
        database.execute(
            "insert into gpkg_geometry_columns select 'v', column_name, geometry_type_name, srs_id, z, m "
            "from gpkg_geometry_columns where table_name = 't'"
        )
    return folder / "a.gpkg"


ASKING = {
    "vrt": lambda folder, url: corpus.text(folder / "a.geojson", corpus.vrt(f"/vsicurl/{url}")),
    "vrt in kml": lambda folder, url: corpus.text(folder / "a.kml", "<kml/>" + corpus.vrt(f"/vsicurl/{url}")),
    "pipeline": lambda folder, url: corpus.text(folder / "a.json", corpus.pipeline(f"/vsicurl/{url}")),
    "wfs": lambda folder, url: corpus.text(
        folder / "a.geojson", f"<OGRWFSDataSource><URL>{url}</URL></OGRWFSDataSource>"
    ),
    "link in kml": lambda folder, url: corpus.kml(
        folder, corpus.placemarks() + f"<NetworkLink><Link><href>{url}</href></Link></NetworkLink>"
    ),
    "crs in geojson": lambda folder, url: corpus.text(
        folder / "a.geojson",
        '{"type":"FeatureCollection","crs":{"type":"link","properties":{"href":"' + url + '","type":"proj4"}},'
        '"features":[{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[1,2]}}]}',
    ),
    "view in gpkg": geocoding_view,
}


@pytest.mark.parametrize("way", ASKING)
def test_reading_a_file_makes_no_request(tmp_path, server, way):
    url, asked = server
    with contextlib.suppress(UnreadableFileError):
        read_file(ASKING[way](tmp_path, url))
    assert asked == []


# --- transport ----------------------------------------------------------------------------------

moments = st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2100, 1, 1))
values = st.one_of(
    st.none(),
    st.text(),
    st.integers(),
    st.floats(allow_nan=False),
    st.booleans(),
    moments,
    moments.map(datetime.datetime.date),
    moments.map(datetime.datetime.time),
    st.integers(-(10**6), 10**6).map(lambda s: datetime.timedelta(seconds=s)),
)


@given(st.lists(st.tuples(values, values), min_size=1, max_size=20))
def test_mixed_cells_come_through_as_they_are(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("t")
    frame = pd.DataFrame(rows, columns=["甲", "甲 2"], dtype=object)
    finding = Finding("info", "x", "中", "en", row=3)
    raw = RawLayer(
        "a.xlsx", frame, np.arange(len(rows)), sheets=np.array(["表"] * len(rows), dtype=object), findings=(finding,)
    )
    (back,) = load_layers(save_layers([raw], folder), folder)
    assert back.frame.to_dict("list") == raw.frame.to_dict("list")
    assert [type(v) for v in back.frame["甲"]] == [type(v) for v in raw.frame["甲"]]
    assert back.findings == raw.findings
    assert back.sheets.tolist() == raw.sheets.tolist()


@pytest.mark.parametrize("crs", ["EPSG:4546", "EPSG:4490", None, "+proj=tmerc +lon_0=110 +x_0=5e5"])
def test_map_layers_come_through_as_they_are(tmp_path, crs):
    frame = corpus.yards(
        开工=pd.to_datetime(["2020-01-01", None, "2021-02-03"]), 面积=[1.5, np.nan, 3.0], 有=[True, False, True]
    ).set_crs(crs, allow_override=True)
    frame.loc[1, "geometry"] = None
    raw = RawLayer("a.gpkg", frame, np.arange(1, 4), crs_stated=True)
    (back,) = load_layers(save_layers([raw], tmp_path), tmp_path)
    assert_geodataframe_equal(back.frame, frame)
    assert back.crs_stated
    assert back.rows.tolist() == [1, 2, 3]


def test_five_names_show_whether_the_encoding_is_right(tmp_path):
    assert preview_names(corpus.shapefile(tmp_path, cpg=False)) == tuple(corpus.NAMES)
    assert preview_names(corpus.csv_in_gb18030(tmp_path), encoding="gbk") == tuple(corpus.NAMES)
