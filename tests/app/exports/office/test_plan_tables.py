"""Areas, units and islands of a plan as tables."""

from app.exports.office.plan_tables import make_area_table, make_left_over_table, make_unit_table
from tests.app.exports.office.conftest import HOSTILE


def records(table):
    return [dict(zip(table.head, row, strict=True)) for row in table.rows]


def test_an_area_has_its_size_and_its_leaders(papers):
    table = make_area_table(papers)
    rows = records(table)
    assert [row["片区编号"] for row in rows] == [area["area_id"] for area in papers.bench.areas]
    assert [row["户数"] for row in rows] == [area["households"] for area in papers.bench.areas]
    assert table.totals[table.head.index("单元数")] == sum(len(area["unit_ids"]) for area in papers.bench.areas)


def test_every_unit_is_listed_with_its_leader_and_why(papers):
    rows = {row["单元编号"]: row for row in records(make_unit_table(papers))}
    assert len(rows) == len(papers.bench.units)
    assert [row["名称"] for row in rows.values()][: len(HOSTILE)] == list(HOSTILE)
    led = {unit: leader for area in papers.bench.areas for unit, leader in area["led"].items()}
    assert {unit: row["牵头单元编号"] for unit, row in rows.items() if row["牵头单元编号"]} == led
    assert all(row["为什么在这里"] for unit, row in rows.items() if unit in papers.accounts)
    assert any("R" in (row["受阻的其他片区"] or "") for row in rows.values())


def test_islands_come_first_then_units_nobody_leads(papers):
    rows = records(make_left_over_table(papers))
    plan = papers.bench.plan
    states = [row["情形"] for row in rows]
    assert len(rows) == len(plan["left_over"]) + len(plan["unled"])
    assert states == sorted(states, key=states.index)
    first = [row["原因"] for row in rows[: len(plan["left_over"])]]
    assert first == sorted(first, key=first.index)
    assert any(row["受阻于"] for row in rows)
