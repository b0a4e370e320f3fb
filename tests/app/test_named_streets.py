"""Streets and districts that are known by name only: files, lists, corrections and rosters name them."""

import json

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

from analysis.bundling.document.write import write_document
from analysis.bundling.model.problem import build_problem
from analysis.bundling.model.rules import rules_from_policy
from analysis.bundling.solve.solve import solve
from analysis.bundling.solver.base.stop import StopAfter
from analysis.figures.joins import align_to_roster
from analysis.policy import read_policy
from app.exports.export import export_plan
from app.exports.formats import choose_formats
from app.exports.request import make_request
from app.indicators.figures import read_place_names
from geo.adjacency.graph import refresh_graph
from geo.corrections.model import Correction
from geo.corrections.store import add_override
from geo.importing.pipeline import derive_units, store_layers
from geo.rules import UnitRules
from geo.storage.dataset import freeze_roster, open_dataset
from geo.storage.manifest import new_manifest

POLICY = read_policy()
CRS = "EPSG:4546"
MANIFEST = new_manifest("虚构城", CRS)
ROWS = [("昆都仑区", "前进街道"), ("昆都仑区", "前进街道办事处"), ("青山区", "自由路街道"), (None, None)]
STREETS = pd.DataFrame(
    {
        "street_code": ["150203001", "150204001"],
        "name": ["前进街道", "自由路街道"],
        "district_name": ["昆都仑区", "青山区"],
    }
)


@pytest.fixture
def town(tmp_path):
    communities = gpd.GeoDataFrame(
        {
            "unit_id": list("abcd"),
            "name": [f"小区{k}" for k in "abcd"],
            "households": [300] * 4,
            "built_year": [1990] * 4,
            "district_name": [row[0] for row in ROWS],
            "street_name": [row[1] for row in ROWS],
        },
        geometry=[box(500_000 + 120 * i, 4_500_000, 500_100 + 120 * i, 4_500_090) for i in range(4)],
        crs=CRS,
    )
    return store_layers(
        tmp_path / "D",
        {"communities": communities},
        manifest=MANIFEST,
        findings=(),
        unit_rules=UnitRules(),
        replace=False,
    )


def with_streets(town):
    return store_layers(
        town.folder,
        {"streets": STREETS},
        manifest=open_dataset(town.folder).manifest,
        findings=(),
        unit_rules=UnitRules(),
        replace=False,
    )


def test_files_of_districts_have_names_one_can_read(town, tmp_path):
    dataset, graph = refresh_graph(town, POLICY.neighbour_rules())
    rules = rules_from_policy(POLICY, mode="whole", scope="all", lower=500, upper=2000)
    problem = build_problem(dataset, graph, rules)
    document = write_document(problem, solve(problem, stop=StopAfter(rounds=5)), dataset, POLICY)
    written = export_plan(make_request(dataset, document), choose_formats("geojson"), tmp_path / "out")
    assert {path.name for path in written} == {
        f"{layer}_{district}.geojson" for layer in ("areas", "units") for district in ("N-昆都仑", "N-青山", "unknown")
    }
    areas = json.loads((tmp_path / "out" / "areas_N-昆都仑.geojson").read_text(encoding="utf-8"))
    told = areas["features"][0]["properties"]
    assert told["street_code"] == "N-昆都仑-前进"
    assert told["name"].startswith("前进街道")


def test_lists_show_names(town):
    names = read_place_names(town)
    assert names["N-昆都仑"] == "昆都仑区"
    assert names["N-青山-自由路"] == "自由路街道"


def test_a_corrected_street_follows_the_real_code(town):
    said = {"author": "张三", "reason": "现场踏勘", "date": "2026-06-30"}
    street = "青山区/自由路街道"
    add_override(town, Correction("value", target="d", field="street_code", value=street, **said))
    units = derive_units(town.folder, UnitRules()).layer("units").set_index("unit_id")
    assert units.loc["d", ["street_code", "district_code"]].tolist() == ["N-青山-自由路", "N-青山"]
    units = with_streets(town).layer("units").set_index("unit_id")
    assert units.loc["d", ["street_code", "district_code"]].tolist() == ["150204001", "150204"]


def test_a_frozen_roster_counts_under_the_real_codes(town):
    frozen = freeze_roster(town, "2026").roster("2026")
    assert frozen["street_code"].notna().sum() == 3
    units = with_streets(town).layer("units")
    now = align_to_roster(units, frozen, units)
    assert now["street_code"].tolist()[:3] == ["150203001", "150203001", "150204001"]
    assert now["district_code"].isna().tolist() == [False, False, False, True]
