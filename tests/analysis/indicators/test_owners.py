"""Owners' bodies and committees, counted by hand."""

import pandas as pd
import pytest

from analysis.indicators.registry import compute_indicators
from analysis.policy import read_policy
from geo.storage.layer_frames import shape_layer

POLICY = read_policy()


def layers(**tables):
    frames = {
        "units": pd.DataFrame(
            {
                "unit_id": ["c1", "c2", "c3", "c4"],
                "kind": "community",
                "district_code": ["150001", "150001", "150002", None],
                "built_year": [2015, 2016, 1990, 2020],
            }
        ),
        **{name: pd.DataFrame(columns) for name, columns in tables.items()},
    }
    return {name: shape_layer(name, frame, "EPSG:4546") for name, frame in frames.items()}


def figure(key, data, **options):
    return next(f for f in compute_indicators(data, POLICY, **options) if f.key == key)


BODIES = {
    "unit_id": ["c1", "c2", "c3", "c4"],
    "body_type": ["ywh", "ywh", "wgh", "none"],
    "member_count": [5, 7, 5, None],
    "party_member_count": [3, 2, 5, None],
    "has_party_org": [True, None, False, None],
    "training_count_year": [2, 1, 9, None],
    "cross_appointed": [True, False, True, None],
}


@pytest.mark.parametrize(
    ("key", "top", "bottom"),
    [
        ("committee_party_member_ratio", 5, 12),  # the 物管会 of c3 is no committee
        ("committee_party_majority_rate", 1, 2),
        ("committee_training_count", 1, 2),
        ("committee_party_org_rate", 1, 2),
        ("cross_appointment_rate", 2, 3),
    ],
)
def test_bodies(key, top, bottom):
    found = figure(key, layers(owners_bodies=BODIES))
    assert (found.numerator, found.denominator) == (top, bottom)
    assert found.value == top / bottom
