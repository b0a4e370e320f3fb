"""Professional coverage against the published figures of Kundulun and Donghe."""

import pandas as pd
import pytest

from analysis.figures.indicator import count_units_needed
from analysis.indicators.coverage import PROFESSIONAL_COVERAGE
from analysis.indicators.registry import classify_units, compute_indicators
from analysis.policy import read_policy
from geo.storage.layer_frames import shape_layer

POLICY = read_policy()


def layers_of_modes(modes: dict[str | None, int], **columns: list) -> dict[str, pd.DataFrame]:
    """Layers of one place with so many communities of each management mode."""
    mode = [mode for mode, count in modes.items() for _ in range(count)]
    units = pd.DataFrame(
        {
            "unit_id": [f"c{i:04d}" for i in range(len(mode))],
            "kind": "community",
            "name": "小区",
            "management_mode": mode,
            **columns,
        }
    )
    return {name: shape_layer(name, frame, "EPSG:4546") for name, frame in _with(units).items()}


def _with(units):
    return {"units": units, "ebike_stock": pd.DataFrame(), "ebike_sites": pd.DataFrame()}


def coverage(layers, policy=POLICY, **options):
    return [f for f in compute_indicators(layers, policy, **options) if f.key == PROFESSIONAL_COVERAGE.key]


KUNDULUN = {"professional": 260, "community_custody": 73, "owner_self": 8, "unit_self": 10}


def test_kundulun_has_260_of_351():
    (figure,) = coverage(layers_of_modes(KUNDULUN), year=2025)
    assert (figure.numerator, figure.denominator) == (260, 351)
    assert round(figure.value, 4) == 0.7407
    assert (figure.target, figure.completeness, figure.unknown_units) == (0.80, 1.0, 0)


def test_a_product_that_is_whole_asks_for_no_extra_unit():
    assert 0.07 * 100 > 7
    assert count_units_needed(0.07, 100, 0) == 7


@pytest.mark.parametrize(
    ("modes", "percent"),
    [(["professional"], 41.67), (["professional", "quasi"], 66.67), (["professional", "quasi", "basic"], 89.58)],
)
def test_donghe_depends_on_which_modes_count(modes, percent):
    donghe = {"professional": 20, "quasi": 12, "basic": 11, "community_custody": 2, "owner_self": 3}
    policy = POLICY.replaced({"mode.professional": modes})
    (figure,) = coverage(layers_of_modes(donghe), policy)
    assert round(100 * figure.value, 2) == percent


def test_unknown_modes_are_a_data_gap_and_in_neither_sum():
    (figure,) = coverage(layers_of_modes({"professional": 3, "none": 1, "unknown": 2, None: 2}))
    assert (figure.numerator, figure.denominator) == (3, 4)
    assert (figure.completeness, figure.unknown_units) == (0.5, 4)


def test_without_a_single_mode_there_is_no_value():
    (figure,) = coverage(layers_of_modes({None: 3}))
    assert figure.value is None
    assert figure.numerator is None
    assert figure.missing_columns == ("units.management_mode",)


def test_basis_households_leaves_out_units_without_households():
    layers = layers_of_modes(
        {"professional": 2, "none": 2},
        households=[300, None, 100, 100],
        households_quality=["reported", "missing", "estimated", "reported"],
    )
    (figure,) = coverage(layers, basis="households")
    assert (figure.numerator, figure.denominator, figure.value) == (300, 500, 0.6)
    assert figure.completeness == 0.75
    assert figure.estimated_share == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("level", "column"),
    [("district", "district_code"), ("street", "street_code"), ("neighbourhood", "neighbourhood_code")],
)
def test_places_add_up_to_the_city(level, column):
    layers = layers_of_modes({"professional": 3, "none": 2}, **{column: ["b", "a", None, "a", "b"]})
    places = coverage(layers, level=level)
    assert [figure.admin_code for figure in places] == ["a", "b", "unknown"]
    (city,) = coverage(layers)
    assert sum(figure.numerator for figure in places) == city.numerator
    assert sum(figure.denominator for figure in places) == city.denominator


def test_theme_bands_follow_the_policy_switch():
    layers = layers_of_modes({"professional": 1, "quasi": 1, "none": 1, None: 1})
    assert classify_units(layers, POLICY, "professional_coverage")["band"].tolist() == [
        "professional",
        "other_managed",
        "unmanaged",
        "no_data",
    ]
    wider = POLICY.replaced({"mode.professional": ["professional", "quasi"]})
    assert classify_units(layers, wider, "professional_coverage")["value"].tolist()[:3] == [1, 1, 0]
