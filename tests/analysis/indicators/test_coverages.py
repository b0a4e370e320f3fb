"""The three coverages are three figures, and the owners' bodies a fourth."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.indicators.registry import compute_indicators
from analysis.policy import read_policy
from geo.schema import MANAGEMENT_MODES
from geo.storage.layer_frames import shape_layer
from tests.effort import examples

POLICY = read_policy()
ROWS = [  # kind, mode, old, year, type, special, ledger's owners' body
    ("community", "professional", False, 2015, "new_commodity", None, "ywh"),
    ("community", "quasi", True, 1990, "old", None, "wgh"),
    ("community", "basic", True, 1985, "old", "soe_transfer", "none"),
    ("community", "community_custody", True, 1992, "old", "soe_transfer", "wgh"),
    ("community", "unit_self", False, 2005, "unit_custody", None, None),
    ("community", "standard_grade", None, None, None, None, "none"),
    ("single_building", "none", True, 1980, None, None, None),
    ("community", "unknown", False, 2018, None, None, "ywh"),
]


def layers(rows=ROWS, **others):
    names = ("kind", "management_mode", "is_old", "built_year", "community_type", "special_type", "owners_body")
    units = pd.DataFrame(rows, columns=list(names))
    units["unit_id"] = [f"u{i}" for i in range(len(units))]
    frames = {"units": units, **others}
    return {name: shape_layer(name, frame, "EPSG:4546") for name, frame in frames.items()}


def figures(data, policy=POLICY, **options):
    return {f.key: f for f in compute_indicators(data, policy, **options)}


@pytest.mark.parametrize(
    ("key", "top", "bottom", "unknown"),
    [
        ("management_coverage_rate", 6, 7, 1),  # all known but the single building; u7 unknown
        ("professional_coverage_rate", 2, 7, 1),  # u0, u5
        ("old_community_service_rate", 2, 4, 1),  # u1, u2 of u1, u2, u3, u6; u5 may be old
        ("new_community_professional_rate", 1, 1, 2),  # u0; u5 may be new, u7 is but unknown
        ("special_market_pm_rate", 0, 2, 0),
        ("special_owners_body_rate", 1, 2, 0),
        ("unmanaged_old_count", 3, 3, 1),  # u1, u2, u3
        ("unit_custody_count", 1, 6, 1),  # u4
        ("owners_body_formation_rate", 4, 6, 1),  # u0, u1, u3, u7; u4 unknown
    ],
)
def test_by_hand(key, top, bottom, unknown):
    figure = figures(layers())[key]
    assert (figure.numerator, figure.denominator, figure.unknown_units) == (top, bottom, unknown)


def test_the_register_of_owners_bodies_wins_over_the_ledger():
    register = pd.DataFrame({"unit_id": ["u0", "u4"], "body_type": ["none", "ywh"]})
    figure = figures(layers(owners_bodies=register))["owners_body_formation_rate"]
    assert (figure.numerator, figure.denominator) == (4, 7)


def test_from_2027_only_communities_fit_to_form_a_body_are_asked():
    data = layers()
    data["units"]["formation_eligible"] = pd.array([True, True, False, True, None, True, None, True], dtype="boolean")
    assert figures(data, year=2026)["owners_body_formation_rate"].denominator == 6
    found = figures(data, year=2027)["owners_body_formation_rate"]
    assert (found.numerator, found.denominator, found.target) == (4, 5, 1.0)


def test_without_fitness_recorded_2027_has_no_value():
    found = figures(layers(), year=2027)["owners_body_formation_rate"]
    assert (found.value, found.missing_columns) == (None, ("units.formation_eligible",))


def test_old_single_buildings_count_as_the_switch_says():
    policy = POLICY.replaced({"indicator.old_includes_single_buildings": False})
    assert figures(layers(), policy)["old_community_service_rate"].denominator == 3


DEPENDENT = {
    "professional_coverage_rate",
    "new_community_professional_rate",
    "special_market_pm_rate",
    "unmanaged_old_count",
    "unmanaged_single_building_count",
    "unit_custody_count",
    "professional_coverage_by_plan_rate",
}


@settings(max_examples=examples(15), deadline=None)
@given(
    st.lists(st.sampled_from(MANAGEMENT_MODES), min_size=1, max_size=6),
    st.sets(st.sampled_from(["quasi", "basic", "community_custody"])),
)
def test_the_mode_switch_changes_nothing_that_does_not_depend_on_it(modes, more):
    """G05 follows the switch; every indicator outside DEPENDENT stays as it was."""
    data = layers([(*row[:1], mode, *row[2:]) for row, mode in zip(ROWS, modes, strict=False)])
    policy = POLICY.replaced({"mode.professional": ("professional", "standard_grade", *sorted(more))})
    before, after = figures(data, year=2026), figures(data, policy, year=2026)
    assert all(before[key] == after[key] for key in before if key not in DEPENDENT)
    gained = sum(mode in more for mode in modes)
    was = before["professional_coverage_rate"].numerator
    if was is not None:
        assert after["professional_coverage_rate"].numerator == was + gained


def test_a_proposal_operates_nowhere_but_shows_what_it_would_bring():
    plan = {"areas": [{"area_id": "P", "unit_ids": ["u0", "u1", "u6"]}]}
    found = figures(layers(), plan=plan)
    assert found["area_bundle_coverage_rate"].value is None
    assert found["area_bundle_coverage_rate"].missing_columns == ("plan.status",)
    assert found["area_bundle_proposed_rate"].numerator == 3
    assert found["professional_coverage_by_plan_rate"].numerator == 4  # u0, u5 and u1, u6


def test_where_leaders_are_named_only_the_led_become_professional():
    """u1 is led; u6 shares the area and is led by nobody; u0 and u5 are professional already."""
    plan = {"areas": [{"area_id": "P", "unit_ids": ["u0", "u1", "u6"], "led": {"u1": "u0"}}]}
    found = figures(layers(), plan=plan)
    assert found["area_bundle_proposed_rate"].numerator == 3
    assert found["professional_coverage_by_plan_rate"].numerator == 3
    unled = figures(layers(), plan={"areas": [{"area_id": "P", "unit_ids": ["u0", "u1", "u6"], "led": {}}]})
    now = figures(layers(), plan=plan)["professional_coverage_rate"]
    assert unled["professional_coverage_by_plan_rate"].numerator == now.numerator


def test_only_operating_areas_count():
    plan = {
        "areas": [
            {"area_id": "P1", "unit_ids": ["u0", "u1"], "status": "operating"},
            {"area_id": "P2", "unit_ids": ["u6"], "status": "contracted"},
        ]
    }
    figure = figures(layers(), plan=plan)["area_bundle_coverage_rate"]
    assert (figure.numerator, figure.denominator) == (2, 8)


def test_services_brought_in_during_the_year():
    data = layers()
    dates = [None, "2026-03-01", "2025-11-30", None, None, None, None, None]
    data["units"]["service_start_date"] = pd.array(dates, dtype="str")
    figure = figures(data, year=2026)["old_community_introduced_count"]
    assert (figure.value, figure.unit_ids) == (1, ("u1",))
    assert figures(layers(), year=2026)["old_community_introduced_count"].value is None
