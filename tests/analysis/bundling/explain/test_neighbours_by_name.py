"""Neighbours out of scope are named, each with what keeps it out and the figure."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from analysis.bundling.document.left_over_reasons import SHOWN, name_neighbours
from analysis.bundling.document.tables import DatasetTables
from analysis.bundling.document.wording import Wording
from analysis.bundling.explain.explain import explain_unit
from analysis.bundling.model.rules import rules_from_policy
from analysis.policy import read_policy

CONTRACTS = pd.DataFrame(
    {
        "contract_id": ["c1", "c2"],
        "unit_id": ["short", "short"],
        "end_date": ["2026-01-01", "2027-02-28"],
        "company_id": ["k1", "k1"],
    }
)
COMPANIES = pd.DataFrame(
    {
        "company_id": ["k1", "k2"],
        "name": ["甲公司", "乙公司"],
        "blacklisted": [False, True],
        "credit_rating": ["A", "C"],
    }
)


def wording(reasons):
    ids = ["here", *reasons]
    units = pd.DataFrame(
        {
            "unit_id": ids,
            "name": [f"{unit}小区" for unit in ids],
            "special_type": [
                "soe_transfer" if r == "special_needs_confirmation" else None for r in ["", *reasons.values()]
            ],
            "company_id": ["k2" if unit == "black" else None for unit in ids],
        }
    )
    layers = {"units": units, "contracts": CONTRACTS, "companies": COMPANIES}
    manifest = SimpleNamespace(data_date="2026-06-30")
    dataset = SimpleNamespace(layer=layers.get, has=lambda name: name in layers, manifest=manifest)
    pairs = pd.DataFrame({"unit_a": "here", "unit_b": list(reasons), "allowed": True})
    problem = SimpleNamespace(
        out_of_scope=pd.DataFrame({"unit_id": list(reasons), "reason": list(reasons.values())}),
        rules=rules_from_policy(read_policy(), mode="mixed"),
    )
    graph = SimpleNamespace(pairs=pairs)
    return Wording(SimpleNamespace(problem=problem, graph=graph, dataset=dataset, tables=DatasetTables(dataset)))


@pytest.mark.parametrize(
    ("unit", "reason", "parts"),
    [
        ("given", "special_needs_confirmation", ["given小区", "国企移交", "R05"]),
        ("nay", "owner_unwilling", ["业主不同意", "R40"]),
        ("short", "anchor_ineligible", ["合同剩 7 个月", "R10"]),
        ("black", "anchor_ineligible", ["没有带终止日期的合同", "乙公司", "黑名单", "信用 C 级"]),
        ("far", "street_not_chosen", ["所在街道未列入本次划分"]),
    ],
)
def test_each_is_named_with_its_rule_and_figure(unit, reason, parts):
    [found] = neighbours_of(wording({unit: reason}))
    assert (found["unit_id"], found["reason"]) == (unit, reason)
    assert all(part in found["name"] + found["zh"] for part in parts)


def neighbours_of(words):
    opened = words.opened
    [row] = name_neighbours([{"unit_id": "here"}], opened.problem, opened.tables, opened.graph.pairs)
    return row["neighbours"]


def test_of_many_so_many_are_named_and_of_none_nothing_is_told():
    words = wording({f"n{k}": "owner_unwilling" for k in range(SHOWN + 3)})
    assert len(neighbours_of(words)) == SHOWN
    opened = words.opened
    alone = [{"unit_id": "elsewhere"}]
    assert name_neighbours(alone, opened.problem, opened.tables, opened.graph.pairs) == alone


def test_a_unit_that_may_not_lead_says_which_rule_it_does_not_meet():
    words = wording({"short": "anchor_ineligible"})
    words.opened.problem.unit_ids = np.array([], dtype=object)
    account = explain_unit(words.opened, "short")
    assert account.role == "out_of_scope"
    assert "合同剩 7 个月" in account.why[1].zh


def test_layers_are_read_once_however_many_are_named():
    words = wording({f"x{k}": "anchor_ineligible" for k in range(SHOWN)} | {"short": "anchor_ineligible"})
    dataset, asked = words.opened.dataset, []
    layer = dataset.layer
    dataset.layer = lambda name: asked.append(name) or layer(name)
    assert len(neighbours_of(words)) == SHOWN
    assert sorted(asked) == ["companies", "contracts", "units"]
