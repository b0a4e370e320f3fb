"""A scorecard after an edit is the scorecard of the edited data, and touches little else."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.figures.figure import BASELINE
from analysis.figures.indicator import EVERYWHERE
from analysis.indicators.registry import compute_figures, facts_by_roster
from analysis.indicators.scoreboard import rescore, score
from analysis.policy import read_policy
from geo.schema import MANAGEMENT_MODES
from geo.storage.layer_frames import shape_layer
from tests.effort import examples

POLICY = read_policy()
WIDER = POLICY.replaced({"mode.professional": ("professional", "standard_grade", "quasi", "basic")})
DEPEND = {
    "professional_coverage_rate",
    "new_community_professional_rate",
    "special_market_pm_rate",
    "unmanaged_old_count",
    "unmanaged_single_building_count",
    "unit_custody_count",
}
"""What the plan defines by "professional": all else must not move with the switch."""


def town(n=40, seed=0):
    """Communities and single buildings in two districts, four streets; every table has something."""
    rng = np.random.default_rng(seed)
    street = rng.integers(0, 4, n)
    units = pd.DataFrame(
        {
            "unit_id": [f"u{i:03d}" for i in range(n)],
            "kind": np.where(rng.random(n) < 0.2, "single_building", "community"),
            "name": "小区",
            "district_code": [f"15029{k // 2}" for k in street],
            "street_code": [f"15029{k // 2}00{k}" for k in street],
            "neighbourhood_code": [None if k == 3 else f"15029{k // 2}00{k}001" for k in street],
            "households": rng.integers(50, 900, n),
            "floor_area_m2": rng.random(n) * 1e5,
            "built_year": rng.integers(1980, 2024, n),
            "is_old": rng.random(n) < 0.5,
            "management_mode": rng.choice(MANAGEMENT_MODES, n),
            "special_type": np.where(rng.random(n) < 0.2, "soe_transfer", None),
            "service_start_date": np.where(rng.random(n) < 0.3, "2026-02-01", None),
        }
    )
    ids = units["unit_id"]
    frames = {
        "units": units,
        "ebike_stock": pd.DataFrame({"unit_id": ids, "ebikes": rng.integers(0, 300, n), "method": "survey"}),
        "ebike_sites": pd.DataFrame(
            {"site_id": ids, "unit_id": ids, "ports": rng.integers(0, 90, n), "in_service": True}
        ),
        "reported_figures": pd.DataFrame(
            {"indicator_id": ["T03"], "admin_code": ["150200"], "period": ["2026"], "value": [1.0]}
        ),
    }
    return {name: shape_layer(name, frame, "EPSG:4546") for name, frame in frames.items()}


def scenes(layers, policy=POLICY, **options):
    return facts_by_roster(layers, policy, **{"year": 2026, "as_of": "2026-06-30", **options})


def edited(layers, position, column, value):
    units = layers["units"].copy()
    units.loc[units.index[position], column] = value
    return {**layers, "units": units}


EDITS = st.one_of(
    st.tuples(st.just("management_mode"), st.sampled_from([*MANAGEMENT_MODES, None])),
    st.tuples(st.just("households"), st.sampled_from([None, 1, 777])),
    st.tuples(st.just("is_old"), st.sampled_from([True, False, None])),
    st.tuples(st.just("street_code"), st.sampled_from([None, "150290001", "150299009"])),
    st.tuples(st.just("neighbourhood_code"), st.sampled_from([None, "150290000001"])),
    st.tuples(st.just("kind"), st.sampled_from(["community", "single_building"])),
)


@settings(max_examples=examples(15), deadline=None)
@given(st.integers(0, 39), EDITS, st.booleans(), st.sampled_from(["count", "households"]))
def test_after_an_edit_it_equals_the_scorecard_of_the_edited_data(position, edit, frozen, basis):
    layers = town()
    layers = {**layers, BASELINE: layers["units"]} if frozen else layers
    before = score(scenes(layers), basis=basis)
    kept = before.figures
    after = edited(layers, position, *edit)
    found = rescore(before, scenes(after))
    assert found.figures == score(scenes(after), basis=basis).figures
    assert before.figures == kept


@pytest.mark.parametrize(
    "options",
    [
        {"policy": WIDER},
        {"year": 2027},
        {"policy": POLICY.replaced({"target.G05": {2026: 0.5}})},
        {"plan": {"areas": [{"unit_ids": ["u001", "u002"], "status": "operating"}]}},
    ],
)
def test_so_it_is_after_a_change_of_policy_year_or_plan(options):
    layers = town()
    found = rescore(score(scenes(layers)), scenes(layers, **options))
    assert found.figures == score(scenes(layers, **options)).figures


def test_units_may_come_and_go_and_a_roster_may_be_frozen():
    layers = town()
    fewer = {**layers, "units": layers["units"].iloc[3:].reset_index(drop=True)}
    before = score(scenes(layers))
    assert rescore(before, scenes(fewer)).figures == score(scenes(fewer)).figures
    frozen = {**fewer, BASELINE: layers["units"]}
    whole = rescore(before, scenes(frozen))
    assert whole.figures == score(scenes(frozen)).figures
    assert rescore(whole, scenes(layers)).figures == before.figures


def test_it_tells_what_the_figures_of_each_level_tell():
    facts = scenes(town())
    apart = [figure for level in EVERYWHERE for figure in compute_figures(facts, level=level)]
    assert list(score(facts).figures) == apart


def test_an_edit_of_one_unit_makes_few_figures_anew():
    layers = town()
    before = score(scenes(layers))
    after = rescore(before, scenes(edited(layers, 5, "households", 1)))
    made = [b for a, b in zip(before.figures, after.figures, strict=True) if a is not b]
    assert len(made) == 0  # by count, households weigh nothing
    after = rescore(before, scenes(edited(layers, 5, "management_mode", "emergency_only")))
    made = [b for a, b in zip(before.figures, after.figures, strict=True) if a is not b]
    assert {figure.admin_code for figure in made} == {
        "all",
        *layers["units"].loc[5, ["district_code", "street_code", "neighbourhood_code"]],
    }


@pytest.mark.parametrize("basis", ["count", "households", "floor_area"])
def test_the_mode_switch_moves_g05_and_only_what_is_defined_by_it(basis):
    layers = town()
    narrow = score(scenes(layers), basis=basis).figures
    wide = score(scenes(layers, WIDER), basis=basis).figures
    moved = {a.key for a, b in zip(narrow, wide, strict=True) if a != b}
    assert "professional_coverage_rate" in moved
    assert moved <= DEPEND
