"""The plan shown beside others: figures with their parts, differences in words, pictures."""

import base64
import copy
import shutil
import xml.etree.ElementTree as ET
from dataclasses import replace
from types import SimpleNamespace

import pytest

from app.desks.plans.comparison import (
    compare_with_plans,
    format_verdicts,
    list_comparable_plans,
    list_moved_units,
    make_change_rows,
    make_figure_rows,
    sort_changes,
)
from app.drawings.thumbnails import draw_thumbnail
from app.i18n import load_words
from app.session.plan_session import PlanSession
from app.web.layout.plans.comparing import comparison_view, other_map, pictures_view
from app.workbench.plans_on_disk import read_plan
from app.workbench.workbench import build_workbench
from geo.errors import StalePlanError


@pytest.fixture(scope="module")
def document(town):
    return read_plan(town[1])


@pytest.fixture(scope="module")
def shown(town, document, tmp_path_factory):
    folder = shutil.copytree(town[0], tmp_path_factory.mktemp("compare") / "city")
    shown = PlanSession(folder, None)
    less = copy.deepcopy(document)
    gone = less["areas"].pop(0)
    less["left_over"] += [{"unit_id": unit, "reason": "not_placed", "rules": ["R31"]} for unit in gone["unit_ids"]]
    shown.less = shown.store.create_plan("少一片", less, "王", parent_id=None)
    shown.stale = shown.store.create_plan("旧", {**document, "planning_sha256": "0" * 64}, "王")
    shown.own = shown.store.create_plan("原方案", document, "王")
    shown.gone = gone
    return shown


@pytest.fixture(scope="module")
def page(shown):
    return shown.open(shown.own.id)


@pytest.fixture(scope="module")
def words():
    return load_words("zh")


def test_the_units_of_the_area_that_is_new_have_moved(shown, page):
    (beside,) = compare_with_plans(shown, page.version, [shown.less.id, shown.own.id])
    assert list_moved_units(page, beside.found) == sorted(
        page.bench.position_of[unit] for unit in shown.gone["unit_ids"]
    )
    assert {change.effect for change in sort_changes(beside.found)} == {"gains_cover"}
    assert beside.found.units_by_effect["gains_cover"] == len(shown.gone["unit_ids"])


def test_no_changed_unit_is_missing_in_the_table(shown, page, words):
    (beside,) = compare_with_plans(shown, page.version, [shown.less.id])
    many = replace(beside.found, changes=beside.found.changes * 300)
    rows = make_change_rows(many, words)
    assert len(rows) == len(many.changes) > 200
    assert {row["id"] for row in rows} == set(shown.gone["unit_ids"])
    assert {row["effect"] for row in rows} == {"新划入"}


def test_figures_name_their_parts_and_differences_are_words(shown, page, words):
    beside = compare_with_plans(shown, page.version, [shown.less.id])
    rows = {row.name: row for row in make_figure_rows(page, beside, words)}
    covered = rows["划入户数占应划户数"]
    assert all(" / " in value for value in covered.values)
    assert covered.differences[0].startswith("多")
    assert rows["片区"].differences == ("多 1 个",)
    assert (covered.senses, rows["片区"].senses, rows["未划入单元"].senses) == ((1,), (0,), (1,))
    assert rows["未划入单元"].differences == (f"少 {len(shown.gone['unit_ids'])} 个",)


def test_what_is_better_or_worse_has_a_colour_and_a_word_of_its_own(shown, page, words):
    beside = compare_with_plans(shown, page.version, [shown.less.id])
    view = str(comparison_view(page, beside, words))
    assert "gap better" in view
    assert words("compare.better") in view
    fewer = shown.page(f"{page.bench.context.key}.{shown.less.id}")
    view = str(comparison_view(fewer, compare_with_plans(shown, fewer.version, [page.bench.version.id]), words))
    assert "gap worse" in view
    assert words("compare.worse") in view


@pytest.mark.parametrize("met", [(True, True), (True, False)])
def test_plans_that_all_meet_the_rules_are_said_to(met, words):
    plans = [
        SimpleNamespace(
            bench=SimpleNamespace(verdict=SimpleNamespace(is_met=one, zh="x", en="x"), plan_name="甲", version=None)
        )
        for one in met
    ]
    told = format_verdicts(plans[0], [SimpleNamespace(data=plans[1])], words)
    assert (words("compare.all_met") in told) is all(met)


def test_a_plan_of_older_data_is_not_compared_nor_offered(shown, page, words):
    with pytest.raises(StalePlanError, match="旧"):
        compare_with_plans(shown, page.version, [shown.stale.id])
    ids = [key for key, _ in list_comparable_plans(shown, page, words)]
    assert shown.less.id in ids
    assert not {shown.stale.id, shown.own.id} & set(ids)


def test_a_picture_draws_every_placed_unit_and_no_text(bench):
    uri = draw_thumbnail(bench)
    svg = base64.b64decode(uri.removeprefix("data:image/svg+xml;base64,")).decode()
    ET.fromstring(svg)
    assert svg.count("M") - 1 >= int(bench.units.geometry.notna().sum())  # one is the hatch's
    assert not any("一" <= sign <= "龥" for sign in svg)


def test_a_picture_of_nothing_is_empty(bench):
    nothing = build_workbench(bench.context, None)
    assert draw_thumbnail(nothing) != draw_thumbnail(bench)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_everything_can_be_drawn(shown, page, language):
    words = load_words(language)
    beside = compare_with_plans(shown, page.version, [shown.less.id])
    assert "少一片 v1" in str(comparison_view(page, beside, words))
    assert len(pictures_view(page, beside, words)) == 2
    assert "map-compare" in str(other_map(page, beside[0], words))
    alone = str(comparison_view(page, (), words, can_choose=False))
    assert words("compare.no_other") in alone
    assert words("compare.none") in str(comparison_view(page, (), words))
