"""Columns of a grid: numbers to the right, estimates marked, sentences whole."""

from app.i18n import load_words
from app.web.layout.grids import column, grid

ZH = load_words("zh")


def test_only_the_sizes_that_are_given_are_set():
    assert {"width", "flex", "minWidth"} & column("name", ZH, width=90).keys() == {"width"}


def test_numbers_stand_right_and_an_estimate_says_so():
    number, estimate = (column("households", ZH, kind=kind) for kind in ("number", "estimate"))
    assert number["type"] == estimate["type"] == "rightAligned"
    marks = [ZH("card.estimated") in one["valueFormatter"]["function"] for one in (number, estimate)]
    assert marks == [False, True]


def test_a_reason_is_read_whole():
    assert column("reason", ZH)["wrapText"]
    assert "wrapText" not in column("name", ZH)


def test_rows_are_known_by_their_id_and_chosen_one_at_a_time():
    drawn = grid("g", [column("name", ZH)], ZH, [{"id": "1", "name": "甲"}])
    assert drawn.getRowId == "params.data.id"
    assert drawn.dashGridOptions["rowSelection"]["mode"] == "singleRow"
