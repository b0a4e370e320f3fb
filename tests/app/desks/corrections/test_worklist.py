"""The work list is ordered, counted, and follows talks."""

import importlib.util
import json
from pathlib import Path

import pytest

from app.desks.corrections.worklist import (
    format_counts,
    list_strays,
    make_work_rows,
    store_consultation,
    withdraw_consultation,
)
from app.desks.plans.carry import carry_page
from app.i18n import load_words
from app.session.plan_session import PlanSession
from geo.storage.dataset import open_dataset

ZH = load_words("zh")


@pytest.fixture(scope="module")
def town():
    spec = importlib.util.spec_from_file_location("town", Path(__file__).resolve().parents[2] / "town.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def shown(town, tmp_path):
    """A town of imported layers, with a plan made for it."""
    folder = town.build_imported_town(tmp_path / "town")
    plan = tmp_path / "plan.json"
    document = town.build_plan(open_dataset(folder), 10, 6)
    plan.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return PlanSession(folder, plan)


def test_the_work_list_is_ordered_counted_and_follows_talks(shown):
    data = shown.current_page()
    strays = list_strays(data.bench, ZH)
    homes = [one.households for one in strays]
    assert homes == sorted(homes, reverse=True)
    assert format_counts(strays, ZH).startswith(f"共 {len(strays)} 栋 {sum(homes):,} 户")
    assert len(make_work_rows(strays, ZH)) == len(strays)
    one = strays[0].unit_id
    assert not store_consultation(shown, data.version, one, "yes", "contacted", "刘", "2026-06-30", "")
    assert shown.page(data.version).bench.plan is not None
    assert store_consultation(shown, data.version, one, "no", None, "刘", "2026-07-01", "改口")
    assert shown.open(data.bench.version.id).bench.context.is_past
    carry_page(shown, data.version, "刘", ZH)
    now = shown.current_page()
    (same,) = [stray for stray in list_strays(now.bench, ZH) if stray.unit_id == one]
    assert (same.agrees, same.stage) == ("no", "contacted")
    assert withdraw_consultation(shown, now.version, one, "刘")
    assert shown.current_page().bench.plan is not None
