"""Unmanaged single buildings: counted by buildings, households, floor area; unknown apart."""

import pandas as pd
import pytest

from analysis.indicators.registry import classify_units, compute_indicators
from analysis.policy import read_policy
from geo.storage.layer_frames import shape_layer

POLICY = read_policy()
ROWS = [  # kind, mode, households, floor area
    ("single_building", "none", 30, 2400.0),
    ("single_building", "community_custody", None, 1600.0),
    ("single_building", "professional", 40, 3200.0),
    ("single_building", None, 50, 4000.0),
    ("community", "none", 900, 72000.0),
]


def layers(rows=ROWS):
    columns = ["kind", "management_mode", "households", "floor_area_m2"]
    units = pd.DataFrame(rows, columns=columns)
    units["unit_id"] = [f"b{i}" for i in range(len(units))]
    frames = {"units": units, "ebike_stock": pd.DataFrame(), "ebike_sites": pd.DataFrame()}
    return {name: shape_layer(name, frame, "EPSG:4546") for name, frame in frames.items()}


def unmanaged(rows=ROWS, **options):
    (figure,) = (
        f for f in compute_indicators(layers(rows), POLICY, **options) if f.key == "unmanaged_single_building_count"
    )
    return figure


@pytest.mark.parametrize(
    ("basis", "value", "total", "completeness", "unit"),
    [("count", 2, 3, 0.75, "count"), ("households", 30, 70, 0.5, "households"), ("floor_area", 4000, 7200, 0.75, "m2")],
)
def test_counts_what_the_basis_says(basis, value, total, completeness, unit):
    figure = unmanaged(basis=basis)
    assert (figure.value, figure.denominator, figure.unit) == (value, total, unit)
    assert figure.completeness == completeness


def test_unknown_is_shown_apart():
    assert unmanaged().unknown_units == 1
    assert unmanaged().unit_ids == ("b0", "b1")


def test_a_place_without_single_buildings_has_none_unmanaged():
    figure = unmanaged(ROWS[-1:])
    assert (figure.value, figure.completeness, figure.missing_columns) == (0, None, ())


def test_a_place_of_unknown_modes_has_no_value():
    figure = unmanaged(ROWS[3:])
    assert (figure.value, figure.completeness) == (None, 0.0)


def test_theme_speaks_of_single_buildings_only():
    table = classify_units(layers(), POLICY, "unmanaged_single_buildings")
    assert table["band"].tolist() == ["unmanaged", "unmanaged", "managed", "no_data", "not_applicable"]
