"""Cards beside the pointer: permits named, estimates marked, missing figures no numbers."""

import json
from dataclasses import replace

from app.i18n import load_words
from app.maps.cards import make_unit_cards


def test_a_card_names_the_permit_by_which_its_unit_crosses_a_border(bench):
    words = load_words("zh")
    area = bench.areas[0]
    named, other = area["unit_ids"][:2]
    plan = {
        **bench.plan,
        "areas": [{**area, "street_code": None}, *bench.areas[1:]],
        "permits": [{"permit_id": "p1", "unit_a": named, "document_no": "包物〔2026〕1号"}],
    }
    cards = json.loads(make_unit_cards(replace(bench, plan=plan), words))
    rows = {unit: dict(cards[bench.position_of[unit]]["rows"]) for unit in (named, other)}
    assert rows[named][words("card.permit")] == "p1 · 包物〔2026〕1号"
    assert words("card.permit") not in rows[other]


def test_cards_mark_estimates_and_never_show_a_missing_figure_as_a_number(bench):
    words = load_words("zh")
    cards = json.loads(make_unit_cards(bench, words))
    assert len(cards) == len(bench.units)
    for card, quality in zip(cards, bench.units["households_quality"], strict=True):
        households = dict(card["rows"])[words("card.households")]
        assert ("估算" in households) == (quality == "estimated")
        assert (households == words("card.not_known")) == (quality == "missing")
