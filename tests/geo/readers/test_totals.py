"""A total is that of its part, or of all rows before it."""

from geo.readers.totals import Totals

NAMES = ["小区名称", "户数", "建筑面积(万㎡)"]


def rules(findings):
    return [finding.rule for finding in findings]


def test_a_part_and_the_whole_are_both_sums():
    totals = Totals("a.xlsx", None, NAMES)
    totals.add(["甲", 100, 1.0])
    assert rules(totals.compare(["小计", 100, "1万㎡"], 3)) == ["table.total_row"]
    totals.add(["乙", 50, 0.5])
    assert rules(totals.compare(["小计", 50, 0.5], 5)) == ["table.total_row"]
    assert rules(totals.compare(["合计", 150, 1.5], 6)) == ["table.total_row"]


def test_what_differs_or_cannot_be_read_is_told():
    totals = Totals("a.xlsx", None, NAMES)
    totals.add(["甲", 100, 1.0])
    found = totals.compare(["合计", 120, "若干"], 3)
    assert rules(found) == ["table.total_row", "table.total_differs", "table.total_unread"]
    assert found[1].value == "120"
