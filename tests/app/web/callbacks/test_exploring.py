"""Search, filter and facts: what is kept of the map and the table of units."""

from app.web.callbacks.exploring import register
from app.web.layout import ids
from tests.app.web.callbacks.wired import outputs_of


def test_filter_charts_and_facts_are_wired():
    found = outputs_of(register, None)
    assert {f"{ids.KEPT}.data", f"{ids.CHARTS}.children", f"{ids.FACTS}.children"} <= found.keys()
