"""The menu of plans: what is shown, what is newer, renamed and archived."""

import shutil

import pytest

from app.desks.plans.menu import act_on_plan, make_menu, make_menu_after_saving
from app.i18n import load_words
from app.session.audit import record_verdict
from app.session.plan_session import PlanSession
from app.store.store import EXPORTED
from app.workbench.plans_on_disk import read_plan

ZH = load_words("zh")


@pytest.fixture
def folder(town, tmp_path):
    return shutil.copytree(town[0], tmp_path / "city")


@pytest.fixture
def document(town):
    return read_plan(town[1])


def test_the_menu_says_what_is_shown_and_what_is_newer(folder, town, document):
    shown = PlanSession(folder, town[1])
    first = shown.data.bench.version
    second = shown.store.save(first.plan_id, 1, {**document, "seed": 7}, "李")
    other = shown.store.create_plan("乙", {**document, "seed": 8}, "王")
    bench = shown.open(first.id).bench
    menu = make_menu(shown.store, bench.dataset, bench.version, "王")
    assert [one.plan.id for one in menu.plans] == [other.plan_id, first.plan_id]
    assert [one.is_shown for one in menu.plans] == [False, True]
    assert menu.plans[1].versions == (second, first)
    assert (menu.shown, menu.newer, menu.is_stale) == (first, second, False)


def test_the_menu_follows_a_save_before_its_page_is_made(folder, town, document):
    shown = PlanSession(folder, town[1])
    before, first = shown.data.version, shown.data.bench.version
    second = shown.store.save(first.plan_id, 1, {**document, "seed": 7}, "李")
    page, menu = make_menu_after_saving(shown, before, second.id, "李")
    assert (menu.shown, menu.newer) == (second, None)
    assert shown.data.version == before
    assert page == shown.open(second.id).version


def test_a_plan_is_renamed_and_taken_out_from_its_page(folder, town):
    shown = PlanSession(folder, town[1])
    version = shown.data.bench.version
    address = act_on_plan(shown, version.id, "rename", "昆区方案", "王", ZH)
    assert address == f"./?plan={version.plan_id}&version=1"
    assert shown.open(version.id).bench.plan_name == "昆区方案"
    assert act_on_plan(shown, version.id, "archive", "", "王", ZH) == "./"
    assert shown.open(None).bench.plan is None
    assert [row.author for row in shown.store.audit_rows()[:2]] == ["王", "王"]


def test_versions_that_were_checked_say_their_verdict(folder, town):
    shown = PlanSession(folder, town[1])
    bench = shown.data.bench
    record_verdict(shown.store, bench.version.id, bench.verdict)
    menu = make_menu(shown.store, bench.dataset, bench.version, "王")
    assert menu.verdicts[bench.version.id].zh == bench.verdict.word_zh
    assert not menu.is_exported
    shown.store.mark(bench.version.id, "王", EXPORTED, "片区.xlsx")
    assert make_menu(shown.store, bench.dataset, bench.version, "王").is_exported
