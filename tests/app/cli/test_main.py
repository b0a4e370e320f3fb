"""The command line answers bad input with a sentence and leaves nothing half-written."""

import json
import sys

import geopandas as gpd
import pandas as pd
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


def test_from_file_to_export(pianqu, dataset, tmp_path):
    plan, out = tmp_path / "p.json", tmp_path / "e"
    assert pianqu("plan", dataset, "--mode", "whole", "--rounds", "3", "--out", plan)[0] == 0
    assert pianqu("verify", dataset, plan)[0] == 0
    assert pianqu("export", dataset, plan, "--format", "geojson", "--out", out)[0] == 0
    areas = json.loads((out / "areas_unknown.geojson").read_text(encoding="utf-8"))
    assert sum(area["properties"]["unit_count"] for area in areas["features"]) == 9
    assert pianqu("check", dataset)[0] == 0


def test_same_rounds_and_seed_give_the_same_bytes(pianqu, dataset, tmp_path):
    texts = []
    for name in ("a.json", "b.json"):
        pianqu("plan", dataset, "--mode", "whole", "--rounds", "3", "--seed", "5", "--out", tmp_path / name)
        document = json.loads((tmp_path / name).read_text(encoding="utf-8"))
        document.pop("seconds")
        texts.append(json.dumps(document))
    assert texts[0] == texts[1]


def test_edited_plan_is_caught(pianqu, dataset, tmp_path):
    plan = tmp_path / "p.json"
    pianqu("plan", dataset, "--mode", "whole", "--rounds", "3", "--out", plan)
    document = json.loads(plan.read_text(encoding="utf-8"))
    document["areas"][0]["unit_ids"].pop()
    plan.write_text(json.dumps(document), encoding="utf-8")
    code, out, _ = pianqu("verify", dataset, plan, "--json")
    assert code == 1
    assert json.loads(out)["violations"]


def test_pair_is_explained(pianqu, dataset):
    ids = gpd.read_parquet(dataset / "units.parquet")["unit_id"]
    code, out, _ = pianqu("graph", dataset, "--pair", ids[0], ids[8])
    assert code == 0
    assert ids[0] in out


def test_the_walk_of_a_pair_is_written(pianqu, dataset, tmp_path):
    edges = pianqu("graph", dataset, "--json")
    assert edges[0] == 0
    pairs = pd.read_parquet(dataset / "edges.parquet")
    one = pairs[pairs["allowed"].astype(bool)].iloc[0]
    file = tmp_path / "way.geojson"
    code, out, _ = pianqu("graph", dataset, "--pair", one["unit_a"], one["unit_b"], "--out", file)
    assert code == 0
    assert "m on foot" in out
    assert json.loads(file.read_text(encoding="utf-8"))["features"]
    assert pianqu("graph", dataset, "--out", file)[0] == 2


def test_what_a_unit_reaches_is_its_component(pianqu, dataset):
    unit = gpd.read_parquet(dataset / "units.parquet")["unit_id"].iloc[0]
    found = json.loads(pianqu("graph", dataset, "--reach", unit, "--json")[1])
    assert (found["units"], found["components"], found["households"]) == (9, 1, 5400)
    assert unit in found["unit_ids"]
    assert pianqu("graph", dataset, "--reach", "nobody")[0] == 2


def test_tiles_change_no_byte_of_the_graph(pianqu, dataset):
    edges = []
    for options in ((), ("--tile-km", "0.2")):
        assert pianqu("graph", dataset, *options)[0] == 0
        edges.append((dataset / "edges.parquet").read_bytes())
    assert edges[0] == edges[1]


def test_isolated_units_are_listed_with_their_nearest(pianqu, dataset):
    code, out, _ = pianqu("graph", dataset, "--isolated", "--json")
    islands = json.loads(out)
    summary = json.loads(pianqu("graph", dataset, "--json")[1])
    assert code == 0
    assert len(islands) == summary["isolated"]
    assert all(one["reason_zh"] and one["blocked_by"] for one in islands)
    code, out, _ = pianqu("graph", dataset, "--isolated")
    assert code == 0
    assert out.count("\n") == 2 * (len(islands) + 1)


def assert_refused(outcome, *, says):
    code, out, err = outcome
    assert code == 2
    assert out == ""
    assert "Traceback" not in err
    assert says in err


def test_missing_file(pianqu, tmp_path):
    into = tmp_path / "d"
    assert_refused(pianqu("import", tmp_path / "no.geojson", "--into", into), says="no.geojson")
    assert not into.exists()


def test_text_named_geojson(pianqu, tmp_path):
    bad = tmp_path / "bad.geojson"
    bad.write_text("这不是地图")
    into = tmp_path / "d"
    assert_refused(
        pianqu("import", bad, "--into", into, "--layer", "communities", "--datum", "wgs84"), says="bad.geojson"
    )
    assert not into.exists()


def test_empty_layer(pianqu, tmp_path):
    bad = tmp_path / "empty.geojson"
    bad.write_text('{"type":"FeatureCollection","features":[]}')
    into = tmp_path / "d"
    assert_refused(
        pianqu("import", bad, "--into", into, "--layer", "communities", "--datum", "wgs84"), says="empty.geojson"
    )
    assert not into.exists()


def test_degrees_without_datum(pianqu, communities, tmp_path):
    into = tmp_path / "d"
    assert_refused(pianqu("import", communities, "--into", into, "--layer", "communities"), says="--datum")
    assert not into.exists()


def test_layer_without_crs(pianqu, communities, tmp_path):
    frame = gpd.read_file(communities).to_crs("EPSG:4546")
    shape = tmp_path / "c.shp"
    frame.to_file(shape, encoding="utf-8")
    shape.with_suffix(".prj").unlink()
    into = tmp_path / "d"
    assert_refused(pianqu("import", shape, "--into", into, "--layer", "communities"), says="--crs")
    assert not into.exists()


def test_failed_import_leaves_a_dataset_as_it_was(pianqu, dataset, tmp_path):
    before = {path.name: path.read_bytes() for path in dataset.iterdir()}
    bad = tmp_path / "bad.geojson"
    bad.write_text("{")
    assert pianqu("import", bad, "--into", dataset, "--layer", "communities", "--datum", "wgs84")[0] == 2
    assert {path.name: path.read_bytes() for path in dataset.iterdir()} == before


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--lower", "500", "--upper", "100"), "500"),
        (("--street", "159999999"), "159999999"),
        (("--lower", "-5"), "-5"),
    ],
)
def test_contradicting_options(pianqu, dataset, tmp_path, options, says):
    plan = tmp_path / "p.json"
    assert_refused(pianqu("plan", dataset, *options, "--out", plan), says=says)
    assert not plan.exists()


def test_no_dataset(pianqu, tmp_path):
    assert_refused(pianqu("plan", tmp_path / "no", "--out", tmp_path / "p.json"), says="pianqu import")


def test_plan_for_other_data(pianqu, dataset, communities, tmp_path):
    plan = tmp_path / "p.json"
    pianqu("plan", dataset, "--mode", "whole", "--rounds", "1", "--out", plan)
    other = tmp_path / "other"
    frame = gpd.read_file(communities).iloc[:5]
    path = tmp_path / "five.geojson"
    frame.to_file(path, driver="GeoJSON", RFC7946="YES")
    pianqu("import", path, "--into", other, "--layer", "communities", "--datum", "wgs84")
    pianqu("graph", other)
    assert_refused(pianqu("verify", other, plan), says="pianqu plan")


def test_no_area_possible_is_an_answer(pianqu, dataset, tmp_path):
    plan = tmp_path / "p.json"
    code, _, _ = pianqu(
        "plan", dataset, "--mode", "whole", "--lower", "90000", "--upper", "99000", "--rounds", "1", "--out", plan
    )
    assert code == 1
    document = json.loads(plan.read_text(encoding="utf-8"))
    assert document["status"] == "infeasible"
    assert {unit["reason"] for unit in document["left_over"]} == {"below_min_size"}


def test_policy_check(pianqu, tmp_path):
    code, out, _ = pianqu("policy", "check")
    assert code == 0
    assert "neighbour.gap_m" in out
    assert_refused(pianqu("policy", "check", tmp_path / "no.toml"), says="no.toml")


def test_scorecard_as_json(pianqu, dataset, tmp_path):
    out = tmp_path / "f.json"
    assert pianqu("roster", "freeze", dataset, "baseline")[0] == 0
    assert pianqu("indicators", dataset, "--by", "all", "--year", "2026", "--out", out)[0] == 0
    body = json.loads(out.read_text(encoding="utf-8"))
    keys = {
        "id",
        "key",
        "name_zh",
        "admin_code",
        "level",
        "year",
        "value",
        "unit",
        "numerator",
        "denominator",
        "basis",
        "roster",
        "target",
        "completeness",
        "missing_columns",
        "document_no",
        "formula_version",
    }
    assert all(keys <= set(figure) for figure in body["figures"])
    assert {"all_sha256", "policy_sha256"} <= set(body)
    coverage = [f for f in body["figures"] if f["id"] == "G05" and f["level"] == "city"]
    assert [(f["roster"], f["value"], f["target"]) for f in coverage] == [
        ("current", None, 0.82),
        ("baseline", None, 0.82),
    ]


def test_scorecard_refusals(pianqu, dataset, tmp_path):
    bad = tmp_path / "f.pdf"
    assert_refused(pianqu("indicators", dataset, "--out", bad), says="f.pdf")
    assert not bad.exists()
    assert pianqu("roster", "freeze", dataset, "baseline")[0] == 0
    assert_refused(pianqu("roster", "freeze", dataset, "baseline"), says="已冻结")
