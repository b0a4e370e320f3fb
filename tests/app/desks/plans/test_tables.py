"""Tables and the summary of a plan say what the plan says."""

import pytest

from analysis.bundling.document.reasons import REASONS, UNLED_REASONS
from analysis.bundling.document.summary import is_within_bounds, summarise
from app.desks.plans.tables import group_by_reason, make_area_rows, make_reason_rows, make_table_rows
from app.i18n import LANGUAGES, load_words


def test_the_table_of_areas_is_the_plan(bench):
    rows = make_area_rows(bench, load_words("zh"))
    assert [row["id"] for row in rows] == [area["area_id"] for area in bench.areas]
    assert sum(row["units"] for row in rows) == int((bench.area_of >= 0).sum())
    for row, area in zip(rows, bench.areas, strict=True):
        kept = is_within_bounds(area, bench.plan["rules"])
        assert row["within"] == {True: "符合", False: "超出", None: "按牵头能力"}[kept]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("which", ["left_over", "out_of_scope"])
def test_every_unit_without_an_area_has_its_sentence(bench, which, language):
    words = load_words(language)
    rows = make_reason_rows(bench, words, which)
    assert [row["id"] for row in rows] == [row["unit_id"] for row in bench.plan[which]]
    for row, told in zip(rows, bench.plan[which], strict=True):
        reason = REASONS[told["reason"]]
        assert row["reason"] == words.pick(reason.zh, reason.en)


@pytest.mark.parametrize("which", ["left_over", "out_of_scope"])
def test_units_without_an_area_stand_under_their_reasons(bench, which):
    words = load_words("zh")
    rows = make_reason_rows(bench, words, which)
    grouped = group_by_reason(rows, words)
    units = [row for row in grouped if row["level"] == 1]
    heads = [row for row in grouped if row["level"] == 0]
    assert sorted(row["id"] for row in units) == sorted(row["id"] for row in rows)
    assert {head["reason"] for head in heads} == {row["reason"] for row in rows}
    for head in heads:
        own = [row for row in units if row["reason"] == head["reason"]]
        assert head["name"] == f"{len(own)} 个单元"
        assert head["households"] == sum(row["households"] or 0 for row in own)
        assert grouped[grouped.index(head) + 1] in own


def test_the_summary_counts_every_placed_unit_once(bench):
    found = summarise(bench.plan, bench.units)
    out = sum(count.units for count in found.out_of_scope)
    assert found.area_units + found.left_over_units + out == len(bench.units)
    assert found.area_households == sum(area["households"] for area in bench.areas)


def test_the_table_of_areas_tells_leaders_operator_and_size(led_bench):
    words = load_words("zh")
    rows = make_area_rows(led_bench, words)
    for row, area in zip(rows, led_bench.areas, strict=True):
        assert row["led"] == len(area["led"])
        assert row["operator"] == "晴川物业"
        assert ("面积在外" in row["preferred"]) == bool(area["outside_preferred"])
    assert sum(row["unled"] for row in rows) == len(led_bench.plan["unled"])
    assert sum(row["anchor"] is not None for row in rows) == len(led_bench.followers)


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_leads_whom_is_a_tree_of_every_member(led_bench, language):
    rows = make_table_rows(led_bench, load_words(language), "leading")
    assert [row["id"] for row in rows if row["level"] == 0] == [area["area_id"] for area in led_bench.areas]
    members = sorted(unit for area in led_bench.areas for unit in area["unit_ids"])
    assert sorted(row["id"] for row in rows if row["level"] > 0) == members
    leader = None
    for row in rows:
        leader = row["id"] if row["level"] == 1 else leader
        if row["level"] == 2:
            area = led_bench.areas[row["number"] - 1]
            assert area["led"][row["id"]] == leader


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_unit_nobody_leads_has_its_sentence(led_bench, language):
    words = load_words(language)
    rows = make_table_rows(led_bench, words, "unled")
    assert sorted(row["id"] for row in rows) == sorted(row["unit_id"] for row in led_bench.plan["unled"])
    reason = UNLED_REASONS["anchor_full"]
    assert {row["reason"] for row in rows} == {words.pick(reason.zh, reason.en)}
