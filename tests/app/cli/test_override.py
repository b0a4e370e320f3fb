"""A correction is added, listed, heeded and taken back by commands."""

import json
import sys

import geopandas as gpd
import pytest
import shapely

from app.cli import main


@pytest.fixture
def pianqu(monkeypatch, capsys):
    """Run the command line in this process: (exit code, stdout, stderr)."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["pianqu", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        out = capsys.readouterr()
        return ended.value.code or 0, out.out, out.err

    return run


@pytest.fixture
def communities(tmp_path):
    """A GeoJSON of 3 × 3 communities of 600 households, 20 m apart, near 110.3°E 40.6°N."""
    boxes = [shapely.box(220 * x, 220 * y, 220 * x + 200, 220 * y + 200) for x in range(3) for y in range(3)]
    frame = gpd.GeoDataFrame(
        {"name": [f"演示{i}" for i in range(9)], "households": 600, "floor_area_m2": 48_000.0},
        geometry=gpd.GeoSeries(boxes, crs="EPSG:4546").translate(441_000, 4_497_000),
    )
    path = tmp_path / "communities.geojson"
    frame.to_crs("EPSG:4326").to_file(path, driver="GeoJSON", RFC7946="YES")
    return path


@pytest.fixture
def dataset(pianqu, communities, tmp_path):
    folder = tmp_path / "d"
    code, _, _ = pianqu("import", communities, "--into", folder, "--layer", "communities", "--datum", "wgs84")
    assert code == 0
    return folder


def test_a_correction_is_added_listed_heeded_and_taken_back(pianqu, dataset):
    units = sorted(gpd.read_parquet(dataset / "units.parquet").sort_values("name")["unit_id"][:2])
    who = ("--author", "张三", "--reason", "中间有围墙", "--date", "2026-06-30")
    code, out, _ = pianqu("override", "add", dataset, "not_neighbours", *units, *who)
    assert code == 0
    code, out, _ = pianqu("override", "list", dataset, "--json")
    (record,) = json.loads(out)
    assert (record["author"], record["in_force"]) == ("张三", True)
    code, out, _ = pianqu("graph", dataset, "--pair", *units, "--json")
    assert json.loads(out)["blocked_by"] == f"override:{record['override_id']}"
    assert pianqu("override", "add", dataset, "neighbours", *units, *who)[0] == 2
    assert pianqu("override", "remove", dataset, record["override_id"])[0] == 0
    assert json.loads(pianqu("graph", dataset, "--pair", *units, "--json")[1])["allowed"]
