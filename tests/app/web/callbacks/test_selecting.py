"""One callback turns what was chosen, wherever it was, into map, tables and sentence together."""

from app.web.callbacks.selecting import register
from app.web.layout import ids
from tests.app.web.callbacks.wired import outputs_of


def test_map_line_and_tables_follow_a_choice_and_wait_for_one():
    found = outputs_of(register, None)
    grids = (ids.AREA_GRID, ids.LEFT_OVER_GRID, ids.OUT_OF_SCOPE_GRID)
    told = [f"{ids.MAP}.selected", f"{ids.SELECTION_LINE}.children", *(f"{grid}.selectedRows" for grid in grids)]
    assert all(found[output] for output in told)
