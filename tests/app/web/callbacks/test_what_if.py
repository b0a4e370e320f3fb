"""What is tried changes figures and map; taking it back fills the controls anew."""

from app.web.callbacks.what_if import register
from app.web.layout import ids
from tests.app.web.callbacks.wired import outputs_of


def test_a_try_reaches_figures_and_map_and_can_be_taken_back():
    found = outputs_of(register, None)
    assert {f"{ids.CHOICE}.data", f"{ids.FIGURES}.children", f"{ids.MAP}.values", f"{ids.MODES}.value"} <= found.keys()


def test_a_month_is_kept_only_when_the_reader_presses():
    assert outputs_of(register, None)[f"{ids.MONTHS}.children"]
