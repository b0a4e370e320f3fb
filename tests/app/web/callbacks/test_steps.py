"""The steps lead to the ways of working, and broken rules are counted when the check is done."""

from app.web.callbacks.steps import register
from app.web.layout import ids
from tests.app.web.callbacks.wired import outputs_of


def test_steps_choose_the_way_of_working_and_the_page_follows():
    found = outputs_of(register, None)
    assert {f"{ids.STEP}.data", f"{ids.MODE}.value", f"{ids.PAGE}.className"} <= found.keys()
