"""Rules relaxed for the next run are listed with a way back."""

from app.i18n import load_words
from app.web.layout import ids
from app.web.layout.plans.form import open_button, relaxed_list
from tests.app.drawn import ids_in


def test_nothing_relaxed_is_nothing_drawn():
    assert relaxed_list([], load_words("zh")) == []


def test_the_panel_is_opened_from_a_place_that_is_named():
    assert ids_in(open_button("header", "规划", className="b")) == [ids.plan_open("header")]
