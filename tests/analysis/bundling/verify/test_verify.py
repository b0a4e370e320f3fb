"""A plan that keeps every rule passes; each rule broken once is reported, and nothing else."""

import copy
import json

import pandas as pd
import pytest
from shapely import box
from shapely.affinity import translate

from analysis.bundling.model.sizes import SizeBound
from analysis.bundling.verify.base.verification import Verification, read_verification, verification_document
from geo.errors import StalePlanError
from geo.storage.dataset import write_dataset
from tests.analysis.bundling.verify.small_town import (
    S1,
    X0,
    Y0,
    permit_for,
    rules_broken,
    set_units,
    violations_of,
    with_rules,
    with_table,
)


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


def test_the_document_is_not_changed(town):
    dataset, document = town.kept()
    before = copy.deepcopy(document)
    violations_of(dataset, document)
    assert document == before
