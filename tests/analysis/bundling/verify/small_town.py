"""A small town whose plan keeps every rule, for tests that break one."""

import copy
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import LineString, Point, box
from shapely.affinity import translate

from analysis.bundling.model.rules import PlanRules
from analysis.bundling.verify.verify import verify_plan
from analysis.policy import read_policy
from geo.storage.dataset import Dataset, write_dataset
from geo.storage.layer_frames import shape_layer
from geo.storage.manifest import new_manifest
from tests.analysis.bundling.agreeing import agreeing

CRS = "EPSG:4546"
MANIFEST = new_manifest("虚构城", CRS, demo=True, data_date="2026-06-30")
X0, Y0 = 400_000.0, 4_500_000.0
S1, S2 = "150203001", "150203002"
RULES = PlanRules(
    mode="mixed",
    scope="targets",
    within="street",
    weight="households",
    lower=1000,
    upper=4000,
    radius_m=1000.0,
    capacity_ratio=1.0,
    streets=(),
    gap_m=60.0,
    facing_m=3.0,
    walk_m=500.0,
    detour_factor=1.3,
    walk_limit_m=1500.0,
    road_access_m=100.0,
    road_snap_m=15.0,
    road_scrap_m=500.0,
    closed_road_classes=("快速路",),
    hard_kinds=("railway", "river"),
    professional_modes=("professional", "standard_grade"),
    old_until_year=2000,
    min_contract_months=12,
    min_credit_rating="A",
    allow_unrated=True,
    auto_absorb_special=False,
    exclude_unwilling=True,
)
#                   box in metres            street mode                year  households m²
UNITS = {
    "lead": ((0, 0, 190, 190), S1, "professional", 2012, 600, 60_000),
    "old1": ((210, 0, 300, 90), S1, "none", 1985, 200, 16_000),
    "old2": ((320, 0, 410, 90), S1, "community_custody", 1990, 180, 14_400),
    "house": ((210, 110, 300, 190), S1, "none", 2008, 40, 3_200),
    # west, mid | railway | east
    "west": ((0, 1000, 90, 1090), S2, "owner_self", 1980, 400, 32_000),
    "mid": ((110, 1000, 200, 1090), S2, "none", 1982, 400, 32_000),
    "east": ((240, 1000, 330, 1090), S2, None, 1999, 400, 32_000),
    "alone": ((900, 1000, 990, 1090), S2, "none", 1988, 150, 12_000),
    "new": ((0, 1200, 90, 1290), S2, "none", 2015, 300, 30_000),
    "given": ((0, 1400, 90, 1490), S2, "unit_self", 1975, 250, 20_000),
    "nay": ((0, 1600, 90, 1690), S2, "none", 1975, 250, 20_000),
    "pro": ((0, 1800, 90, 1890), S2, "professional", 2016, 500, 50_000),
    "blank": (None, S1, "none", 1975, 100, 8_000),
}
OUT = {
    "new": "not_a_target",
    "given": "special_needs_confirmation",
    "nay": "owner_unwilling",
    "pro": "anchor_ineligible",
    "blank": "not_placed",
}


def frame(rows, columns=None):
    table = gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs=CRS)
    table["geometry"] = [g and translate(g, X0, Y0) for g in table["geometry"]]
    return table


@dataclass(frozen=True)
class Kept(Dataset):
    """A dataset in memory."""

    frames: dict

    def has(self, layer):
        return layer in self.frames

    def layer(self, layer):
        return shape_layer(layer, self.frames.get(layer, pd.DataFrame()), CRS)


class Town:
    """Tables, rules and areas that a test may change before the plan is written down."""

    def __init__(self):
        self.units = frame(
            [(unit, box(*place) if place else None, *rest) for unit, (place, *rest) in UNITS.items()],
            ["unit_id", "geometry", "street_code", "management_mode", "built_year", "households", "floor_area_m2"],
        ).set_index("unit_id", drop=False)
        self.units = self.units.assign(
            kind=np.where(self.units["unit_id"] == "house", "single_building", "community"),
            name=self.units["unit_id"],
            district_code="150203",
            geom_quality="digitised",
            is_old=(self.units["built_year"] <= 2000).astype("boolean"),
            households_quality="reported",
            floor_area_m2_quality="reported",
            built_year_quality="reported",
            special_type=pd.Series({"given": "soe_transfer"}),
            merge_willingness=pd.Series({"nay": "no", "old1": "yes"}),
            company_id=pd.Series({"lead": "k1"}),
            community_type=None,
            neighbourhood_code=None,
        )
        self.barriers = frame(
            [("r1", "railway", LineString([(220, 700), (220, 1300)]))], ["barrier_id", "kind", "geometry"]
        )
        self.crossings = frame([("u1", "underpass", Point(220, 1110))], ["crossing_id", "kind", "geometry"])
        self.companies = pd.DataFrame(
            {"company_id": ["k1"], "name": ["甲物业"], "credit_rating": ["AA"], "blacklisted": False}
        )
        self.contracts = pd.DataFrame(
            {"contract_id": ["h1"], "unit_id": ["lead"], "company_id": ["k1"], "end_date": ["2028-12-31"]}
        )
        self.rules = RULES
        self.areas = [
            {"area_id": "P-1", "anchor": "lead", "street": S1, "units": ["lead", "old1", "old2", "house"]},
            {"area_id": "P-2", "anchor": None, "street": S2, "units": ["west", "mid", "east"]},
        ]
        self.left_over = {"alone": "no_neighbour"}
        self.out_of_scope = dict(OUT)
        self.permits = []  # what the plan says of them
        self.permit_rows = None
        self.overrides = None

    def walks(self):
        """Straight × detour between all placed units (nothing to go round inside the areas)."""
        placed = self.units[self.units.geometry.notna()]
        at = placed.geometry.representative_point()
        rows = [
            (a, b, round(at[a].distance(at[b]) * self.rules.detour_factor, 3))
            for a in placed.index
            for b in placed.index
            if a < b
        ]
        table = pd.DataFrame(rows, columns=["unit_a", "unit_b", "walk_m"])
        return table[table["walk_m"] <= self.rules.walk_limit_m]

    def household_metres(self):
        walk = {(a, b): m for a, b, m in self.walks().itertuples(index=False)}
        households = self.units["households"]

        def cost(centre, units):
            return sum(
                households[u] * max(1, round(walk.get((min(centre, u), max(centre, u)), 1500)))
                for u in units
                if u != centre
            )

        return sum(
            min(cost(c, area["units"]) for c in ([area["anchor"]] if area["anchor"] else area["units"]))
            for area in self.areas
        )

    def layers(self):
        layers = {
            "units": self.units.reset_index(drop=True),
            "barriers": self.barriers,
            "crossings": self.crossings,
            "companies": self.companies,
            "walks": self.walks(),
        }
        if self.contracts is not None:
            layers["contracts"] = self.contracts
        if self.permit_rows is not None:
            layers["permits"] = pd.DataFrame(self.permit_rows)
        if self.overrides is not None:
            layers["overrides"] = self.overrides
        return layers

    def written(self, folder):
        """The dataset on disk, and the plan as a document."""
        dataset = write_dataset(folder, MANIFEST, self.layers())
        return dataset, self.document(dataset)

    def kept(self):
        """The dataset in memory, and the plan as a document."""
        dataset = Kept(Path(), MANIFEST, self.layers())
        return dataset, self.document(dataset)

    def document(self, dataset):
        table = self.units
        left = int(table["households"].reindex(list(self.left_over)).sum())
        metres = self.household_metres()
        return {
            "schema": "pianqu.plan/1",
            "planning_sha256": dataset.manifest.planning_sha256,
            "policy_sha256": read_policy().sha256,
            "rules": {**json.loads(json.dumps(asdict(self.rules))), "policy_name": "test"},
            "locks": [],
            "permits": self.permits,
            "seed": 0,
            "mode": self.rules.mode,
            "status": "feasible",
            "levels": [
                {"name": "left_over_households", "value": left, "bound": left, "gap": 0.0},
                {"name": "household_metres", "value": metres, "bound": None, "gap": None},
            ],
            "seconds": 0.1,
            "areas": [
                {
                    "area_id": a["area_id"],
                    "name": a["area_id"],
                    "street_code": a["street"],
                    "anchor_unit_id": a["anchor"],
                    "unit_ids": a["units"],
                    "households": int(table["households"].reindex(a["units"]).sum()),
                    "floor_area_m2": float(table["floor_area_m2"].reindex(a["units"]).sum()),
                }
                for a in self.areas
            ],
            "left_over": [{"unit_id": u, "reason": r, "rules": []} for u, r in self.left_over.items()],
            "out_of_scope": [{"unit_id": u, "reason": r} for u, r in self.out_of_scope.items()],
        }


def violations_of(dataset, document):
    """What verify finds broken under a policy that has the plan's values."""
    return verify_plan(dataset, document, agreeing(document)).violations


def rules_broken(town, change=None):
    """Rule ids that verify reports, after a last change to the written document."""
    dataset, document = town.kept()
    if change is not None:
        change(document)
    return [violation.rule for violation in violations_of(dataset, document)]


def set_at(*path_and_value):
    *path, last, value = path_and_value

    def change(document):
        for step in path:
            document = document[step]
        document[last] = value

    return change


def drop_at(*path):
    *steps, last = path

    def change(document):
        for step in steps:
            document = document[step]
        del document[last]

    return change


def set_units(column, values):
    def change(town):
        for unit, value in values.items():
            town.units.loc[unit, column] = value

    return change


def permit_for(unit, kind="special_community", **told):
    def change(town):
        town.permit_rows = [{"permit_id": "p1", "kind": kind, "unit_a": unit, **told}]

    return change


def with_rules(**values):
    def change(town):
        town.rules = replace(town.rules, **values)

    return change


def with_table(name, **values):
    def change(town):
        setattr(town, name, getattr(town, name).assign(**values))

    return change


def move(unit, area, *, from_list):
    def change(town):
        del getattr(town, from_list)[unit]
        town.areas[area]["units"].append(unit)

    return change


def forged(document, **rules):
    """The plan with rules changed, and nothing else."""
    other = copy.deepcopy(document)
    other["rules"].update(rules)
    if "mode" in rules:
        other["mode"] = rules["mode"]
    return other
