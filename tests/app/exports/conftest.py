"""A little town and a plan with every role, for the exports."""

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString, box
from shapely.affinity import translate

from geo.storage.dataset import write_dataset
from geo.storage.manifest import new_manifest

CRS = "EPSG:4546"
HOLED = box(0, 0, 90, 90).difference(box(30, 30, 60, 60))
#       shape                    district   households
UNITS = {
    "lead": (HOLED, "150203", 600),
    "old": (box(110, 0, 200, 90), "150203", 200),
    "odd": (box(110, 110, 200, 200), "150203", 50),
    "west": (box(0, 1000, 90, 1090), "150204", 400),
    "east": (box(90, 1000, 180, 1090), "150204", None),
    "left": (box(900, 0, 990, 90), None, 30),
    "none": (None, "150204", 20),
    "new": (box(900, 900, 990, 990), None, 700),
}


def area(area_id, anchor, units):
    return {
        "area_id": area_id,
        "name": f"{area_id} <片区>",
        "street_code": None,
        "anchor_unit_id": anchor,
        "unit_ids": units,
        "households": 800,
        "floor_area_m2": 64_000.5,
    }


@pytest.fixture
def town(tmp_path):
    """A dataset and a plan with every role."""
    units = gpd.GeoDataFrame(
        {
            "unit_id": list(UNITS),
            "kind": "community",
            "name": [f"小区“{unit}”" for unit in UNITS],
            "district_code": [row[1] for row in UNITS.values()],
            "households": [row[2] for row in UNITS.values()],
            "special_type": [("soe_transfer" if unit == "odd" else None) for unit in UNITS],
            "geom_quality": "digitised",
            "households_quality": "reported",
            "floor_area_m2_quality": "missing",
            "built_year_quality": "missing",
        },
        geometry=[row[0] and translate(row[0], 400_000, 4_500_000) for row in UNITS.values()],
        crs=CRS,
    )
    railway = gpd.GeoDataFrame(
        {"barrier_id": ["r"], "kind": ["railway"], "name": ["<i>线"]},
        geometry=[translate(LineString([(0, 500), (900, 500)]), 400_000, 4_500_000)],
        crs=CRS,
    )
    manifest = new_manifest("虚构城", CRS, demo=True, data_date="2026-06-30")
    companies = pd.DataFrame({"company_id": ["Q1"], "name": ["甲物业"]})
    layers = {"units": units, "barriers": railway, "companies": companies}
    dataset = write_dataset(tmp_path / "data", manifest, layers)
    document = {
        "planning_sha256": dataset.manifest.planning_sha256,
        "policy_sha256": "p" * 64,
        "mode": "mixed",
        "seconds": 1.0,
        "rules": {"auto_absorb_special": False},
        "areas": [area("P-1", "lead", ["lead", "old", "odd"]), area("P-2", None, ["west", "east"])],
        "left_over": [{"unit_id": "left", "reason": "no_neighbour", "rules": ["R22"]}],
        "out_of_scope": [{"unit_id": "none", "reason": "not_placed"}, {"unit_id": "new", "reason": "not_a_target"}],
    }
    return dataset, document


@pytest.fixture
def led_town(town):
    """The town with a plan whose areas have leaders inside."""
    dataset, document = town
    whole = [{**entry, "anchor_unit_id": None} for entry in document["areas"]]
    told = {"company_ids": [], "oversize_unit_ids": [], "outside_preferred": ["floor_area"]}
    areas = [
        {**whole[0], "led": {"old": "lead"}, "anchor_unit_ids": ["lead"], "operator": "Q1", **told},
        {**whole[1], "led": {}, "anchor_unit_ids": [], "operator": None, **told},
    ]
    unled = [{"unit_id": "west", "reason": "no_anchor_in_area", "rules": ["R10", "R22"]}]
    return dataset, {**document, "mode": "area", "areas": areas, "unled": unled}
