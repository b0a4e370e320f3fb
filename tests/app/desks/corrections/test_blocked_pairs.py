"""From what a barrier keeps apart to the correction that opens it."""

from types import SimpleNamespace

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

from app.desks.corrections.blocked_pairs import (
    find_barrier_between,
    find_pair_bounds,
    format_pair,
    list_pairs_of_advice,
)
from app.i18n import load_words
from app.web.layout.corrections.correcting import pair_buttons
from app.web.layout.plans.advice import advice_section

ADVICE = [
    {
        "kind": "relax",
        "what": [{"kind": "lower", "value": 500}],
        "rules": ["R31"],
        "sentence_zh": "降",
        "sentence_en": "less",
    },
    {
        "kind": "relax",
        "what": [{"kind": "crossing", "barrier": "railway:R1"}, {"kind": "lower", "value": 500}],
        "rules": ["R23", "R31"],
        "sentence_zh": "通道",
        "sentence_en": "crossing",
    },
]


@pytest.fixture
def bench():
    edges = pd.DataFrame(
        {
            "unit_a": ["A", "A", "B"],
            "unit_b": ["B", "C", "C"],
            "gap_m": [40.0, 20.0, 5.0],
            "allowed": [False, False, True],
            "blocked_by": ["railway:R1", "override:o1", None],
        }
    )
    units = gpd.GeoDataFrame(
        {"unit_id": ["A", "B", "C"], "name": ["甲", None, "丙"]},
        geometry=[box(0, 0, 1, 1), box(2, 0, 3, 1), None],
        crs="EPSG:4326",
    )
    return SimpleNamespace(
        plan={"advice": ADVICE},
        units=units,
        left_over=[1],
        position_of={"A": 0, "B": 1, "C": 2},
        dataset=SimpleNamespace(layer={"edges": edges}.get),
        context=SimpleNamespace(layers={"units": units}),
    )


def test_an_advice_leads_to_the_pairs_it_is_about_the_unit_left_over_first(bench):
    assert list_pairs_of_advice(bench, 1) == ["B|A"]
    assert [list_pairs_of_advice(bench, number) for number in (-1, 0, 2)] == [[], [], []]


def test_only_what_a_barrier_refuses_is_barred(bench):
    pairs = ("A|B", "B|A", "A|C", "B|C", "A|Z")
    assert [find_barrier_between(bench, pair) for pair in pairs] == ["railway:R1", "railway:R1", None, None, None]


def test_the_map_flies_to_what_has_a_place_and_names_stand_for_ids(bench):
    assert find_pair_bounds(bench, "A|B") == {"bounds": [0, 0, 3, 1]}
    assert find_pair_bounds(bench, "C|Z") is None
    assert format_pair(bench, "A|B") == "甲 – B"


def test_every_advice_has_its_button(bench):
    words = load_words("zh")
    drawn = str(advice_section(bench.plan, words))
    assert drawn.count("'type': 'plan-advice'") == drawn.count("'type': 'correct-advice'") == 1
    assert "'fate': 'passage'" in str(pair_buttons("A|B", words, is_barred=True))
    assert "'fate': 'passage'" not in str(pair_buttons("A|B", words))
