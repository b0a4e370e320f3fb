"""Tables and the summary of a plan say what the plan says."""

import pytest

from analysis.bundling.document.reasons import REASONS
from analysis.bundling.document.summary import is_within_bounds, summarise
from app.desks.plans.tables import make_area_rows, make_reason_rows
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


def test_the_summary_counts_every_placed_unit_once(bench):
    found = summarise(bench.plan, bench.units)
    out = sum(count.units for count in found.out_of_scope)
    assert found.area_units + found.left_over_units + out == len(bench.units)
    assert found.area_households == sum(area["households"] for area in bench.areas)
