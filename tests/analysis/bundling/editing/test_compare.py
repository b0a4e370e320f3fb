"""Comparing a plan with itself finds nothing; areas are matched as well as any matching can."""

from itertools import permutations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.editing.compare import compare_plans, match_areas, measure_walks
from tests.effort import examples

N = 9
UNITS = pd.DataFrame(
    {
        "unit_id": [f"u{i}" for i in range(N)],
        "name": [f"小区{i}" for i in range(N)],
        "households": [100 + 7 * i for i in range(N)],
    }
)
WALKS = pd.DataFrame(
    [(f"u{i}", f"u{j}", 90.4 * (j - i)) for i in range(N) for j in range(i + 1, N) if j - i < 7],
    columns=["unit_a", "unit_b", "walk_m"],
)
LABELS = st.lists(st.integers(-1, 3), min_size=N, max_size=N)


def plan_of(labels, *, names="A", led=False):
    areas = []
    for k in sorted(set(labels) - {-1}):
        ids = [f"u{i}" for i, label in enumerate(labels) if label == k]
        areas.append({"area_id": f"{names}{k}", "unit_ids": ids, "anchor_unit_id": ids[-1] if led else None})
    left = [{"unit_id": f"u{i}"} for i, label in enumerate(labels) if label < 0]
    return {"areas": areas, "left_over": left, "rules": {"walk_limit_m": 1500}}


def compared(one, other):
    return compare_plans(UNITS, WALKS, one, other)


@settings(max_examples=examples(40), deadline=None)
@given(labels=LABELS, led=st.booleans())
def test_the_same_areas_under_other_names_are_no_change(labels, led):
    found = compared(plan_of(labels, led=led), plan_of(labels, names="B", led=led))
    assert found.changes == ()
    assert set(found.households.values()) == {0}
    assert all(one == other for one, other in found.figures.values())


@settings(max_examples=examples(40), deadline=None)
@given(one=LABELS, other=LABELS)
def test_what_one_gains_the_other_loses(one, other):
    there, back = compared(plan_of(one), plan_of(other)), compared(plan_of(other), plan_of(one))
    assert there.households["gains_cover"] == back.households["loses_cover"]
    assert there.households["nearer"] == back.households["farther"]
    assert there.households["loses_cover"] == back.households["gains_cover"]
    assert there.households["farther"] == back.households["nearer"]


@settings(max_examples=examples(40), deadline=None)
@given(one=LABELS, other=LABELS)
def test_no_matching_shares_more_households(one, other):
    a, b = plan_of(one), plan_of(other)
    people = UNITS.set_index("unit_id")["households"]
    found = sum(m.shared_households for m in match_areas(a, b, people))
    sets = [[set(area["unit_ids"]) for area in plan["areas"]] for plan in (a, b)]
    few, many = sorted(sets, key=len)
    best = max(
        (
            sum(int(people[list(x & y)].sum()) for x, y in zip(few, order, strict=True))
            for order in permutations(many, len(few))
        ),
        default=0,
    )
    assert found == best


@settings(max_examples=examples(30), deadline=None)
@given(one=LABELS, other=LABELS)
def test_every_unit_in_an_area_of_one_plan_only_has_moved(one, other):
    found = compared(plan_of(one), plan_of(other))
    alone = {f"u{i}" for i in range(N) if (one[i] < 0) != (other[i] < 0)}
    assert alone <= {change.unit_id for change in found.moved}
    lost = sum(UNITS["households"][i] for i in range(N) if one[i] >= 0 > other[i])
    assert found.households["loses_cover"] == lost


def test_walks_lead_to_the_anchor_or_the_hub():
    people = UNITS.set_index("unit_id")["households"]
    labels = [0, 0, 0, -1, -1, -1, -1, -1, -1]
    assert measure_walks(plan_of(labels), people, WALKS) == {"u0": 90, "u1": 0, "u2": 90}
    assert measure_walks(plan_of(labels, led=True), people, WALKS) == {"u0": 181, "u1": 90, "u2": 0}
    far = [0, -1, -1, -1, -1, -1, -1, -1, 0]
    assert max(measure_walks(plan_of(far), people, WALKS).values()) == 1500


def test_a_comparison_is_said_in_both_languages():
    found = compared(plan_of([0] * 5 + [-1] * 4), plan_of([0] * 4 + [-1] * 5))
    assert "128" in found.sentence.zh
    assert "1 units" in found.sentence.en
    assert np.isclose(found.figures["left_over_units"], (4, 5)).all()


def test_leaders_inside_areas_are_compared_with_those_of_other_modes():
    """In the first plan u2 leads u0 and u1; in the second one area has two leaders and u1 nobody."""
    old = plan_of([0, 0, 0, -1, -1, -1, -1, -1, -1], led=True)
    new = plan_of([0, 0, 0, 0, 0, -1, -1, -1, -1])
    new = {**new, "mode": "area", "areas": [{**new["areas"][0], "led": {"u0": "u3", "u4": "u3"}}]}
    found = compared({**old, "mode": "mixed"}, new)
    kinds = {change.unit_id: change.kind for change in found.leaders}
    assert kinds == {"u0": "other_leader", "u1": "no_longer_led", "u4": "newly_led"}
    assert found.figures["led_households"] == (207.0, 228.0)
    assert compared(old, old).leaders == ()


def test_walks_inside_an_area_go_to_who_leads():
    plan = plan_of([0, 0, 0, 0, 0, -1, -1, -1, -1])
    led = {**plan, "areas": [{**plan["areas"][0], "led": {"u0": "u3"}}]}
    walks = [measure_walks(document, UNITS.set_index("unit_id")["households"], WALKS) for document in (plan, led)]
    assert (walks[0]["u0"], walks[1]["u0"]) == (181, 271)
    assert walks[0]["u4"] == walks[1]["u4"]
