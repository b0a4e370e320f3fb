"""Relaxations of a plan are listed before causes, and nothing is drawn where there is no advice."""

from app.i18n import load_words
from app.web.layout.plans.advice import advice_section
from tests.app.drawn import text_in

EN = load_words("en")


def row(kind, sentence):
    what = {"what": {"kind": "none"}}
    return {"kind": kind, "sentence_zh": sentence, "sentence_en": sentence, "rules": ["R20"], **what}


def test_without_advice_there_is_nothing():
    assert advice_section({}, EN) == []
    assert advice_section({"advice": []}, EN) == []


def test_causes_are_counted():
    drawn = text_in(advice_section({"advice": [row("cause", "too far"), row("cause", "too large")]}, EN))
    assert EN("advice.causes", n=2) in drawn
    assert "too far" in drawn
