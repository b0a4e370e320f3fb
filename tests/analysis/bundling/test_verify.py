"""A plan that keeps every rule passes; each rule broken once is reported, and nothing else."""

import copy
import json
import math
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, Point, box
from shapely.affinity import rotate, translate

from analysis.bundling.model.rules import PlanRules
from analysis.bundling.model.sizes import SizeBound
from analysis.bundling.verify.conditions.frontage import is_facing
from analysis.bundling.verify.conditions.geometry import GroundGeometry, connecting_line
from analysis.bundling.verify.verification import Verification, read_verification, verification_document
from analysis.bundling.verify.verify import verify_plan
from analysis.policy import read_policy
from geo.adjacency.graph import build_graph
from geo.dataset import Dataset, write_dataset
from geo.errors import StalePlanError
from geo.rules import NeighbourRules
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


@pytest.fixture
def town():
    return Town()


def violations_of(dataset, document):
    """What verify finds broken under a policy that has the plan's values."""
    return verify_plan(dataset, document, agreeing(document)).violations


def rules_broken(town, change=None):
    """Rule ids that verify reports, after a last change to the written document."""
    dataset, document = town.kept()
    if change is not None:
        change(document)
    return [violation.rule for violation in violations_of(dataset, document)]


def test_a_valid_plan_passes(town, tmp_path):
    dataset, document = town.written(tmp_path)
    assert violations_of(dataset, document) == ()
    assert verification_document(Verification())["ok"] is True


def test_a_plan_for_other_planning_data_is_refused(town, tmp_path):
    dataset, document = town.written(tmp_path)
    with pytest.raises(StalePlanError, match="other planning data"):
        violations_of(dataset, {**document, "planning_sha256": "0" * 64})


def test_new_charging_data_leave_a_plan_valid(town, tmp_path):
    dataset, document = town.written(tmp_path)
    stock = pd.DataFrame({"unit_id": ["old1"], "ebikes": [60]})
    dataset = write_dataset(dataset.folder, dataset.manifest, {"ebike_stock": stock})
    assert violations_of(dataset, document) == ()


def test_edges_are_not_trusted(town, tmp_path):
    """A dataset whose edges allow everything does not make an area connected."""
    town.areas[1]["units"] = ["west", "mid", "east", "alone"]
    town.left_over = {}
    dataset, document = town.written(tmp_path)
    edges = pd.DataFrame({"unit_a": ["alone"], "unit_b": ["east"], "gap_m": 1.0, "walk_m": 1.3, "allowed": True})
    dataset = write_dataset(dataset.folder, dataset.manifest, {"edges": edges})
    document["planning_sha256"] = dataset.manifest.planning_sha256
    assert [v.rule for v in violations_of(dataset, document)] == ["R22"]


# --- the document ---------------------------------------------------------------------------------


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


@pytest.mark.parametrize(
    "change",
    [
        set_at("schema", "pianqu.plan/9"),
        drop_at("planning_sha256"),
        drop_at("rules", "walk_m"),
        set_at("mode", "whole"),
        set_at("areas", 0, "unit_ids", []),
        set_at("areas", 1, "area_id", "P-1"),
        set_at("left_over", 0, "reason", ""),
        set_at("levels", 0, "value", math.nan),
        set_at("status", "perfect"),
    ],
)
def test_a_wrong_form_is_told_first_and_alone(town, change):
    found = rules_broken(town, change)
    assert found
    assert set(found) == {"schema"}


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("partition", lambda d: d["out_of_scope"].append({"unit_id": "ghost", "reason": "not_a_target"})),
        ("partition", lambda d: d["out_of_scope"].append({"unit_id": "lead", "reason": "anchor_unused"})),
        ("partition", lambda d: d["out_of_scope"].pop(0)),
        ("sums", set_at("areas", 0, "households", 1021)),
        ("sums", set_at("areas", 1, "floor_area_m2", 95_999.0)),
        ("levels", set_at("levels", 0, "value", 149)),
        ("levels", lambda d: d["levels"][1].update(value=d["levels"][1]["value"] * 0.99)),
        ("levels", set_at("levels", 0, "gap", 0.5)),
        ("levels", set_at("levels", 0, "bound", 151)),
        ("levels", lambda d: d["levels"].pop(1)),
        ("R20", set_at("areas", 1, "street_code", S1)),
        ("R03", set_at("out_of_scope", 1, "reason", "owner_unwilling")),
        ("R03", set_at("out_of_scope", 1, "reason", "not_a_target")),
    ],
)
def test_wrong_accounts(town, rule, change):
    dataset, document = town.kept()
    change(document)
    if rule == "levels" and document["levels"][0]["value"] == 149:
        document["levels"][0].update(bound=149)
    assert [v.rule for v in violations_of(dataset, document)] == [rule]


def test_data_are_missing_only_where_the_rules_need_them(town):
    """A house of unknown year is a target all the same: its year is no reason to leave it out."""
    town.units.loc["house", "built_year"] = None
    town.units.loc["house", "is_old"] = None
    town.areas[0]["units"].remove("house")
    town.out_of_scope["house"] = "data_missing"
    assert "R03" in [v.rule for v in violations_of(*town.kept())]
    town.units.loc["house", "households"] = None
    assert "R03" not in [v.rule for v in violations_of(*town.kept())]


def test_optimal_needs_a_closed_gap(town):
    def change(document):
        document["status"] = "optimal"
        document["levels"][0].update(bound=75, gap=0.5)

    assert rules_broken(town, change) == ["levels"]


EDGES = pd.DataFrame(
    [
        ("lead", "old1", 90.0, True),
        ("lead", "house", 80.0, True),
        ("old1", "old2", 90.0, True),
        ("house", "old1", 90.0, True),
        ("mid", "west", 90.0, True),
        ("east", "mid", 90.0, True),
        ("alone", "east", 12.4, True),
        ("new", "west", 90.0, True),
        ("alone", "lead", 30.0, False),
    ],
    columns=["unit_a", "unit_b", "facing_m", "allowed"],
).assign(gap_m=20.0, walk_m=26.0)
START = [["lead", "old1", "old2", "house"], ["west", "alone"], ["east", "mid"]]


def named_town(town, edges=EDGES, start=START):
    """A plan that gives the figures of compact outlines and of closeness to a start."""
    dataset, document = town.kept()
    dataset.frames["edges"] = edges
    levels = {"cut_pairs": 1, "cut_facing_m": 12, "units_moved": 2}
    document["levels"] += [{"name": name, "value": value} for name, value in levels.items()]
    document["left_over"][0]["reason"] = "could_join"  # of the neighbours given here
    document["start_areas"] = start
    return dataset, document


def test_right_figures_of_outlines_and_closeness_pass(town):
    assert violations_of(*named_town(town)) == ()


@pytest.mark.parametrize(
    "change",
    [
        set_at("levels", 2, "value", 0),
        set_at("levels", 2, "value", 2),
        set_at("levels", 3, "value", 11),
        set_at("levels", 3, "value", 42),
        set_at("levels", 4, "value", 1),
        set_at("levels", 4, "value", 3),
        set_at("start_areas", 1, []),
        set_at("start_areas", [START[0]]),
        drop_at("start_areas"),
    ],
)
def test_wrong_figures_of_outlines_and_closeness_are_told(town, change):
    dataset, document = named_town(town, start=copy.deepcopy(START))
    change(document)
    assert [v.rule for v in violations_of(dataset, document)] == ["levels"]


def test_a_length_that_is_missing_is_not_nothing(town):
    """The length of what is cut cannot be told, whatever the document gives for it."""
    dataset, document = named_town(town, EDGES.assign(facing_m=EDGES["facing_m"].replace(12.4, None)))
    for value in (0, 12):
        document["levels"][3]["value"] = value
        assert [v.rule for v in violations_of(dataset, document)] == ["levels"]


def test_a_start_that_holds_a_unit_twice_is_no_start(town):
    dataset, document = named_town(town, start=[*START, ["mid"]])
    assert [v.rule for v in violations_of(dataset, document)] == ["schema"]


# --- who is in an area, who leads it, how large it is ---------------------------------------------


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


def lead_by_old1(town):
    town.areas[0]["anchor"] = "old1"
    town.units.loc["lead", ["management_mode", "built_year", "is_old", "floor_area_m2"]] = [
        "none",
        1985,
        True,
        15_000.0,
    ]
    town.units.loc["old1", "floor_area_m2"] = 60_000.0
    town.contracts["unit_id"] = "old1"


def two_areas_of_one(town):
    """Each area alone would be within 0.3 of what the company manages; both together are not."""
    town.companies = town.companies.assign(managed_area_m2=150_000.0)
    town.units.loc["west", ["management_mode", "company_id", "floor_area_m2"]] = ["professional", "k1", 80_000.0]
    town.contracts = pd.DataFrame(
        {
            "contract_id": ["h1", "h2"],
            "unit_id": ["lead", "west"],
            "company_id": ["k1", "k1"],
            "end_date": ["2028-12-31"] * 2,
        }
    )
    town.areas[1]["anchor"] = "west"


def pro_may_lead(town):
    """Where nothing is known of contracts."""
    town.out_of_scope["pro"] = "anchor_unused"


def no_contracts_layer(town):
    town.contracts = None


BROKEN = {
    "well managed": ("R01", set_units("management_mode", {"old2": "standard_grade"})),
    "no target": ("R01", set_units("is_old", {"old2": None}), set_units("built_year", {"old2": None})),
    "too new": ("R02", set_units("built_year", {"old2": 2001})),
    "handed over": ("R05", set_units("special_type", {"mid": "nonop_asset_transfer"})),
    "handed over, permitted by the plan alone": (
        {"R05", "permits"},
        set_units("special_type", {"mid": "soe_transfer"}),
        lambda t: t.permits.append("mid"),
    ),
    "handed over, another kind of permit": (
        "R05",
        set_units("special_type", {"mid": "soe_transfer"}),
        permit_for("mid", "anchor_capacity"),
    ),
    "unwilling": ("R40", set_units("merge_willingness", {"old1": "no"})),
    "unwilling, permitted by the plan alone": (
        {"R40", "permits"},
        set_units("merge_willingness", {"old1": "no"}),
        lambda t: t.permits.append("old1"),
    ),
    "unwilling, overridden without an approver": (
        "R40",
        set_units("merge_willingness", {"old1": "no"}),
        permit_for("old1", "owner_unwilling", reason="消防隐患整治"),
    ),
    "unwilling, confirmed as handed over": (
        "R40",
        set_units("merge_willingness", {"old1": "no"}),
        permit_for("old1", reason="消防隐患整治", approved_by="王局长"),
    ),
    "anchor not professional": ("R10", lead_by_old1),
    "contract ends": ("R10", with_table("contracts", end_date="2027-06-29")),
    "no contract": ("R10", with_table("contracts", unit_id="mid")),
    "blacklisted": ("R11", with_table("companies", blacklisted=True)),
    "badly rated": ("R12", with_table("companies", credit_rating="B")),
    "unrated": ("R12", with_table("companies", credit_rating="unrated"), with_rules(allow_unrated=False)),
    "capacity": ("R13", with_rules(capacity_ratio=0.56 - 1e-3)),
    "larger than anchor": ("R13", set_units("floor_area_m2", {"old1": 60_001}), with_rules(capacity_ratio=2.0)),
    "company takes on too much": ("R15", with_rules(company_growth=0.56 - 1e-3)),
    "company of the contract": (
        "R15",
        with_rules(company_growth=0.3),
        set_units("company_id", {"lead": None}),
        with_table("companies", managed_area_m2=100_000.0),
    ),
    "company in two areas": ("R15", with_rules(company_growth=0.3), lambda t: two_areas_of_one(t)),
    "another number of areas": ("areas", with_rules(areas=3)),
    "too small": ("R31", with_rules(lower=1201)),
    "too large": ("R31", with_rules(upper=1199)),
    "floor area": ("R31", with_rules(weight="floor_area", lower=100_000, upper=300_000)),
    "too few members": ("R31", with_rules(bounds=(SizeBound("members", 4),))),
    "too many members": ("R31", with_rules(bounds=(SizeBound("members", 0, 2),))),
    "further floor area": ("R31", with_rules(bounds=(SizeBound("floor_area", 96_002),))),
    "anchor missing in lead mode": ("mode", with_rules(mode="lead")),
    "anchor in whole mode": ("mode", with_rules(mode="whole")),
    "street not chosen": ("R20", with_rules(streets=(S1,))),
    "two streets": ("R20", set_units("street_code", {"east": "150203009"})),
    "two neighbourhoods": (
        "R20",
        with_rules(within="neighbourhood"),
        set_units("neighbourhood_code", {"west": "150203002001", "mid": "150203002002"}),
    ),
    "far": ("R26", with_rules(radius_m=350.0)),
    "gap": ("R22", set_units("geometry", {"west": translate(box(-40.1, 1000, 49.9, 1090), X0, Y0)})),
    "walk": ("R22", with_rules(walk_m=25.9), with_table("barriers", kind="arterial")),
}


def test_islands_are_those_of_the_street(town):
    """R28: a joint tender names single buildings left over in the same street, ways in their order."""
    town.units.loc["alone", "kind"] = "single_building"
    custody = {"kind": "custody", "until": "2027-06-30"}

    def broken_by(*ways):
        def change(document):
            document["left_over"][0]["fallback"] = list(ways)

        return rules_broken(town, change)

    platform = {"kind": "platform", "street_code": S2}
    assert broken_by(platform, custody) == []
    assert broken_by(custody, platform) == ["R28"]
    assert broken_by({"kind": "joint_tender", "with_unit_ids": ["house"]}, custody) == ["R28"]
    assert broken_by({**platform, "street_code": S1}, custody) == ["R28"]
    assert broken_by(platform, {**custody, "until": "2028-06-30"}) == ["R28"]
    assert broken_by(platform) == ["R28"]


@pytest.mark.parametrize("case", BROKEN, ids=lambda name: name.replace(" ", "-"))
def test_each_rule_broken_once(town, case):
    rule, *changes = BROKEN[case]
    for change in changes:
        change(town)
    found = rules_broken(town)
    assert set(found) == ({rule} if isinstance(rule, str) else rule)


ALLOWED = {
    "uncoded unit": [set_units("street_code", {"east": None})],
    "no wall": [
        with_rules(within="none"),
        set_units("street_code", {"east": "150203009"}),
        lambda t: t.areas[1].update(street=None),
    ],
    "a little larger than the anchor": [
        set_units("floor_area_m2", {"old1": 60_001}),
        with_rules(capacity_ratio=2.0, unit_ratio=1.01),
    ],
    "permit": [set_units("special_type", {"mid": "soe_transfer"}), permit_for("mid")],
    "refusal overridden": [
        set_units("merge_willingness", {"old1": "no"}),
        permit_for("old1", "owner_unwilling", reason="消防隐患整治", approved_by="王局长"),
    ],
    "special absorbed by rule": [
        set_units("special_type", {"mid": "soe_transfer"}),
        with_rules(auto_absorb_special=True),
        lambda t: t.out_of_scope.pop("given"),
        lambda t: t.left_over.update(given="no_neighbour"),
    ],
    "contracts unknown": [no_contracts_layer, pro_may_lead],
    "contract just long enough": [with_table("contracts", end_date="2027-06-30")],
    "unrated": [with_table("companies", credit_rating=None)],
    "capacity just enough": [with_rules(capacity_ratio=0.56)],
    "company just enough": [with_rules(company_growth=0.28, company_years=2.0)],
    "company manages more elsewhere": [
        with_rules(company_growth=0.3),
        with_table("companies", managed_area_m2=112_000.0),
    ],
    "company's area unknown": [
        with_rules(company_growth=0.3),
        set_units("company_id", {"blank": "k1"}),
        set_units("floor_area_m2", {"blank": None}),
    ],
    "company unknown": [
        with_rules(company_growth=0.0),
        set_units("company_id", {"lead": None}),
        no_contracts_layer,
        pro_may_lead,
    ],
    "bounds just met": [with_rules(lower=1200, upper=1200)],
    "further bounds just met": [
        with_rules(bounds=(SizeBound("members", 3, 3), SizeBound("floor_area", 96_000, 96_000)))
    ],
    "gap just met": [set_units("geometry", {"west": translate(box(-40, 1000, 50, 1090), X0, Y0)})],
    "soft barrier": [with_table("barriers", kind="arterial"), with_table("crossings", kind="gate")],
    "custody": [
        set_units("is_old", {"old2": False}),
        set_units("built_year", {"old2": 2010}),
        set_units("community_type", {"old2": "unit_custody"}),
    ],
    "missing floor area is no target's fault": [
        set_units("floor_area_m2", {"alone": None}),
        lambda t: t.left_over.clear(),
        lambda t: t.out_of_scope.update(alone="data_missing"),
    ],
}


@pytest.mark.parametrize("case", ALLOWED, ids=lambda name: name.replace(" ", "-"))
def test_what_just_keeps_a_rule_passes(town, case):
    for change in ALLOWED[case]:
        change(town)
    assert rules_broken(town) == []


def test_sentences_carry_ids_and_numbers(town):
    with_rules(lower=1201)(town)
    (violation,) = violations_of(*town.kept())
    assert (violation.area_id, violation.value, violation.limit) == ("P-2", 1200.0, 1201.0)
    for sentence in (violation.sentence_zh, violation.sentence_en):
        assert "P-2" in sentence
        assert "1200" in sentence
        assert "1201" in sentence
    written = verification_document(Verification((violation,)))
    record = written["violations"][0]
    assert json.loads(json.dumps(record))["units"] == ["west", "mid", "east"]
    assert read_verification(json.loads(json.dumps(written))).violations == (violation,)


# --- the ground -----------------------------------------------------------------------------------


def without_crossing(town):
    town.crossings = town.crossings.iloc[:0]


def crossing_at(x, y):
    def change(town):
        town.crossings["geometry"] = [translate(Point(x, y), X0, Y0)]

    return change


def second_track(x):
    def change(town):
        river = ("r2", "river", LineString([(x, 700), (x, 1300)]))
        more = frame([river], ["barrier_id", "kind", "geometry"])
        town.barriers = pd.concat([town.barriers, more], ignore_index=True)

    return change


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ([], []),
        ([without_crossing], ["R23"]),
        ([crossing_at(220, 1275)], []),  # (185 + 185) × 1.3 = 481 m
        ([crossing_at(220, 1295)], ["R23"]),  # (205 + 205) × 1.3 = 533 m
        ([crossing_at(262, 1110)], ["R23"]),  # 42 m beside the track: not a crossing of it
        ([second_track(228)], []),  # the underpass leads below both
        ([second_track(280)], []),  # inside a unit, beyond where one enters it
        ([second_track(241), crossing_at(190, 1110)], ["R23"]),  # 51 m on: another barrier
    ],
)
def test_crossings(town, changes, found):
    for change in changes:
        change(town)
    assert rules_broken(town) == found


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_railway_on_the_shared_border_parts_touching_units(town, mirrored):
    without_crossing(town)
    shapes = {"east": translate(box(200, 1000, 330, 1090), X0, Y0)}
    set_units("geometry", shapes)(town)
    x = 200.4 if mirrored else 199.6
    town.barriers["geometry"] = [translate(LineString([(x, 700), (x, 1300)]), X0, Y0)]
    assert rules_broken(town) == ["R23"]


def test_a_railway_that_ends_halfway_leaves_a_way(town):
    without_crossing(town)
    set_units("geometry", {"east": translate(box(200, 1000, 330, 1090), X0, Y0)})(town)
    town.barriers["geometry"] = [translate(LineString([(200, 700), (200, 1045)]), X0, Y0)]
    assert rules_broken(town) == []


def test_the_connecting_line_takes_the_middle_of_what_faces():
    line = connecting_line(box(0, 0, 100, 80), box(120, 40, 200, 300), 20.0)
    assert np.allclose(line.coords, [(97.9, 60), (122.1, 60)], atol=0.3)


def ground(units, barriers, crossings):
    layers = (
        frame(barriers, ["barrier_id", "kind", "geometry"]),
        frame(crossings, ["crossing_id", "kind", "geometry"]),
    )
    return GroundGeometry(units, *layers, RULES)


def houses(*places):
    """Units of 2 × 2 m around points."""
    return [translate(box(x - 1, y - 1, x + 1, y + 1), X0, Y0) for x, y in places]


FOUR = houses((0, 0), (100, 0), (50, 100), (50, -90))


def test_walks_are_straight_where_nothing_is_in_the_way():
    walks = ground(FOUR, [], []).walks_from(0, [1, 2], 1000.0)
    assert np.allclose(walks, [130.0, 1.3 * math.hypot(50, 100)])


def test_walks_go_round_the_end_of_a_wall_over_other_places():
    wall = [("w", "railway", LineString([(50, -80), (50, 80)]))]
    walks = ground(FOUR, wall, []).walks_from(0, [1], 1000.0)
    assert np.allclose(walks, [1.3 * 2 * math.hypot(50, 90)])


def test_walks_go_through_a_crossing():
    wall = [("w", "railway", LineString([(50, -500), (50, 500)]))]
    door = [("u", "underpass", Point(50, 30))]
    walks = ground(FOUR[:2], wall, door).walks_from(0, [1], 1000.0)
    assert np.allclose(walks, [1.3 * 2 * (math.hypot(48, 30) + 2)])  # heads 2 m off the track
    assert np.isinf(ground(FOUR[:2], wall, []).walks_from(0, [1], 1000.0)).all()


def test_a_bridge_in_the_middle_of_a_wide_river_leads_over_it():
    river = [("w", "river", box(-500, 200, 500, 320))]
    bridge = [("b", "bridge", Point(0, 260))]
    units = houses((0, 0), (0, 500))
    assert np.allclose(ground(units, river, bridge).walks_from(0, [1], 1000.0), [650.0])
    beyond = [*river, ("r", "railway", LineString([(-500, 420), (500, 420)]))]
    assert np.isinf(ground(units, beyond, bridge).walks_from(0, [1], 1000.0)).all()


def test_neighbours_are_reached_over_the_line_that_joins_them():
    """A track ends inside a unit: it is on the line between the places, not on the way between."""
    units = [translate(shape, X0, Y0) for shape in (box(0, 0, 100, 100), box(110, 0, 210, 300))]
    track = [("t", "railway", LineString([(125, 60), (125, 400)]))]
    (walk,) = ground(units, track, []).walks_from(0, [1], 1000.0)
    assert 1.3 * math.dist((50, 50), (160, 150)) < walk < 1.3 * (55 + 50 + 110)


def test_the_radius_counts_the_way_round_a_barrier(town):
    """The member is near the anchor in a straight line, and far on foot."""
    fence = LineString([(315, -2000), (315, 2000)])
    town.barriers = frame([("f", "river", fence)], ["barrier_id", "kind", "geometry"])
    town.crossings = frame([("c", "bridge", Point(315, 250))], ["crossing_id", "kind", "geometry"])
    dataset, document = town.kept()
    document["rules"]["radius_m"] = 400.0
    found = violations_of(dataset, document)
    assert [(v.rule, v.units) for v in found] == [("R26", ("old2",))]


def random_map(seed, n=90):
    """Units, barriers and crossings thrown down at random: every awkward case at once."""
    rng = np.random.default_rng(seed)
    blocks = [box(0, 0, *rng.uniform(20, 110, 2)) for _ in range(n)]
    spots = zip(rng.uniform(0, 1100, (n, 2)), rng.uniform(0, 90, n), blocks, strict=True)
    units = frame(
        [(f"u{i:02d}", translate(rotate(block, angle), *xy)) for i, (xy, angle, block) in enumerate(spots)],
        ["unit_id", "geometry"],
    )
    lines = [LineString(rng.uniform(0, 1100, (3, 2))) for _ in range(6)]
    shapes = [line.buffer(rng.uniform(10, 40)) if k % 3 == 2 else line for k, line in enumerate(lines)]
    barriers = [(f"b{k}", "river" if k % 3 == 2 else "railway", shape) for k, shape in enumerate(shapes)]
    crossings = [
        (f"c{k}", "bridge", lines[rng.integers(6)].interpolate(rng.random(), normalized=True)) for k in range(12)
    ]
    return (
        units,
        frame(barriers, ["barrier_id", "kind", "geometry"]),
        frame(crossings, ["crossing_id", "kind", "geometry"]),
    )


@pytest.mark.parametrize("seed", range(4))
def test_the_ground_agrees_with_the_graph(seed):
    """What the graph allows is never a violation; what it refuses is let through only at a graze."""
    units, barriers, crossings = random_map(seed)
    neighbours = NeighbourRules(hard_kinds=RULES.hard_kinds)
    graph = build_graph(units, barriers, crossings, neighbours)
    here = GroundGeometry(units.geometry, barriers, crossings, RULES)
    at = dict(zip(units["unit_id"], units.geometry, strict=True))

    def has_way(pair):
        a, b = at[pair.unit_a], at[pair.unit_b]
        if not is_facing(a, b, RULES.gap_m, RULES.facing_m):
            return False
        return not here.barriers_between(a, b, pair.gap_m) or here.crossing_between(a, b) >= 0

    pairs = graph.pairs
    ways = np.array([has_way(pair) for pair in pairs.itertuples()])
    allowed = pairs["allowed"].to_numpy(bool)
    assert allowed.any()
    assert not allowed.all()
    assert ways[allowed].all()
    assert ways[~allowed].mean() < 0.03

    others = list(range(10, len(units)))
    theirs = graph.walks[[0]].toarray()[0, others]
    theirs[theirs == 0] = np.inf
    mine = here.walks_from(0, others, 1000.0)
    near = theirs <= 999.0
    assert (mine[near] <= theirs[near] + 1.0).all()
    assert (np.abs(mine[near] - theirs[near]) <= 1.0).mean() > 0.9


@pytest.mark.parametrize("angle", [0.4, 1.3])
def test_turning_and_shifting_the_map_changes_nothing(town, angle):
    def turned(geometry):
        def turn(xy):
            x, y = (xy - [X0, Y0]).T
            c, s = math.cos(angle), math.sin(angle)
            return np.stack([X0 + 777 + c * x - s * y, Y0 - 333 + s * x + c * y], axis=1)

        return [g and shapely.transform(g, turn) for g in geometry]

    for table in (town.units, town.barriers, town.crossings):
        table["geometry"] = turned(table["geometry"])
    assert rules_broken(town) == []
    without_crossing(town)
    assert rules_broken(town) == ["R23"]


def test_the_document_is_not_changed(town):
    dataset, document = town.kept()
    before = copy.deepcopy(document)
    violations_of(dataset, document)
    assert document == before


# --- what people know better -----------------------------------------------------------------------


def corrected(**row):
    empty = dict.fromkeys(["unit_a", "unit_b", "target_id", "old", "new", "geometry"])
    told = {"override_id": "o1", "author": "张三", "reason": "踏勘", "date": "2026-06-30"}
    return frame([{**empty, **told, **row}])


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({"what": "closed", "target_id": "u1"}, ["R23"]),
        ({"what": "not_neighbours", "unit_a": "mid", "unit_b": "west"}, ["R22"]),
        ({"what": "not_neighbours", "unit_a": "east", "unit_b": "west"}, []),
    ],
)
def test_corrections_are_heeded(town, row, found):
    town.overrides = corrected(**row)
    assert rules_broken(town) == found


def test_neighbours_by_somebodys_word_and_passages_connect(town):
    town.crossings = town.crossings[:0]
    assert rules_broken(town) == ["R23"]
    town.overrides = corrected(what="neighbours", unit_a="east", unit_b="mid")
    assert rules_broken(town) == []
    town.overrides = corrected(what="passage", new="bridge", geometry=Point(220, 1110))
    assert rules_broken(town) == []


KEPT = {"kind": "area_kept", "unit_ids": ["alone"], "anchor_unit_id": None}
LEADS = {"kind": "in_area", "unit_ids": ["lead"], "with_unit_id": "alone"}
PAIR = {"kind": "together", "unit_ids": ["alone", "lead"]}
INSIDE = {"kind": "area_kept", "unit_ids": ["alone", "old1"], "anchor_unit_id": None}


@pytest.mark.parametrize(
    ("lock", "reason", "note", "broken"),
    [
        (KEPT, "lock_unmet", "L02", []),
        (KEPT, "lock_unmet", None, ["L02"]),
        (KEPT, "no_neighbour", "L02", ["L02"]),
        (INSIDE, "lock_unmet", "L02", ["L02"]),
        (LEADS, "lock_unmet", None, []),
        (LEADS, "no_neighbour", "L01", ["L01"]),
        (PAIR, "lock_unmet", "L03", []),
        (PAIR, "lock_unmet", "L01", ["L03"]),
        ({**PAIR, "unit_ids": ["alone", "old1"]}, "lock_unmet", "L03", ["L03"]),
    ],
)
def test_an_unmet_lock_passes_only_where_it_is_told_and_so(town, lock, reason, note, broken):
    town.left_over = {"alone": reason}
    notes = [] if note is None else [{"rule": note, "zh": "z", "en": "e", "lock": 0}]
    assert rules_broken(town, lambda d: d.update(locks=[lock], notes=notes)) == broken


@pytest.mark.parametrize(
    ("unit", "change"),
    [
        ("given", permit_for("given")),
        ("nay", permit_for("nay", "owner_unwilling", reason="消防隐患整治", approved_by="王局长")),
    ],
)
def test_who_a_permit_lets_in_is_not_out_of_scope_for_the_want_of_one(town, unit, change):
    change(town)
    (violation,) = violations_of(*town.kept())
    assert (violation.rule, violation.units) == ("R03", (unit,))
