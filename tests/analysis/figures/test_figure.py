"""Rounding for readers: half up, and never over a target that is not met."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.figures.figure import Figure, format_figure, format_rate, format_ratio
from analysis.indicators.registry import is_target_met

FIGURE = Figure(
    id="G05",
    key="professional_coverage_rate",
    name_zh="覆盖率",
    name_en="Coverage",
    admin_code="all",
    level="city",
    year=2025,
    value=0.79996,
    unit="ratio",
    numerator=19999,
    denominator=25000,
    basis="count",
    roster="current",
    target=0.80,
    completeness=1.0,
    missing_columns=(),
    unit_ids=(),
    formula_version="1",
)


@pytest.mark.parametrize(
    ("value", "target", "text"),
    [
        (260 / 351, None, "74.07%"),
        (0.79996, 0.80, "79.99%"),
        (0.79996, None, "80.00%"),
        (0.80, 0.80, "80.00%"),
        (0.12345, None, "12.35%"),
        (0.8000001, 0.80, "80.00%"),
        (None, 0.80, "—"),
    ],
)
def test_rates(value, target, text):
    assert format_rate(value, target=target) == text


@given(st.floats(0, 1), st.sampled_from([0.80, 0.82, 0.90]))
def test_a_rate_below_its_target_never_looks_met(value, target):
    printed = float(format_rate(value, target=target).rstrip("%"))
    assert (printed >= 100 * target) == (value >= target)


@given(st.floats(0, 100))
def test_a_ratio_above_its_limit_never_looks_met(value):
    assert (float(format_ratio(value, target=3.0)) <= 3.0) == (value <= 3.0)


def test_figures_in_their_units():
    assert format_figure(FIGURE) == "79.99%"
    assert is_target_met(FIGURE) is False
    assert is_target_met(replace(FIGURE, value=0.80)) is True
    assert is_target_met(replace(FIGURE, target=None)) is None
    households = replace(FIGURE, unit="households", value=1204.0, target=None)
    assert format_figure(households) == "1,204"
    bikes = replace(FIGURE, key="ebike_port_ratio", unit="bikes/port", value=3.001, target=3.0)
    assert format_figure(bikes) == "3.01"
    assert is_target_met(bikes) is False
