"""A corrected figure keeps the plan: its areas go on as the next version, the old one stays as it was."""

import shutil

import pytest

from analysis.bundling.verify.verify import verify_plan
from app.desks.plans.carry import carry_page, carry_plan
from app.desks.plans.downloads import open_download
from app.i18n import load_words
from app.session.plan_session import PlanSession, StalePageError
from app.web.main import create_app
from geo.storage.dataset import open_dataset, write_dataset

ZH = load_words("zh")


@pytest.fixture
def shown(town, tmp_path):
    return PlanSession(shutil.copytree(town[0], tmp_path / "city"), town[1])


def correct(shown):
    """The households of one unit corrected, and the audit row of it; the page before, and the unit."""
    data = shown.current_page()
    unit = data.bench.areas[0]["unit_ids"][0]
    dataset = open_dataset(shown.folder)
    units = dataset.layer("units")
    households = units["households"].mask(units["unit_id"].eq(unit), 860)
    write_dataset(shown.folder, dataset.manifest, {"units": units.assign(households=households)})
    shown.store.audit("李工", "correct.value", unit, before="486", after="860")
    return data, unit


def test_the_areas_go_on_as_the_next_version(shown):
    data, unit = correct(shown)
    address = carry_page(shown, data.version, "李工", ZH)
    first = data.bench.version
    assert address == f"./?plan={first.plan_id}&version=2"
    page = shown.current_page()
    second = page.bench.version
    assert (second.number, second.author) == (2, "李工")
    assert page.bench.context.is_past is False
    assert unit in second.note
    assert "第 1 版" in second.note
    assert [area["unit_ids"] for area in page.bench.areas] == [area["unit_ids"] for area in data.bench.areas]
    assert page.bench.areas[0]["households"] != data.bench.areas[0]["households"]
    assert all(level["bound"] is None for level in page.bench.plan["levels"])
    before, after = (
        {found.rule for found in verify_plan(one.bench.dataset, dict(one.bench.plan), shown.policy).violations}
        for one in (shown.open(first.id), page)
    )
    assert after <= before  # nothing it states of itself is wrong
    assert carry_plan(shown, first, "李工", ZH) == second


def test_the_old_version_stays_exportable_as_it_was(shown):
    data, _ = correct(shown)
    carry_page(shown, data.version, "李工", ZH)
    old = shown.open(data.bench.version.id)
    assert (old.version, old.bench.context.is_past) == (data.version, True)
    assert old.bench.areas == data.bench.areas
    with open_download(old.bench, "geojson", ZH) as (path, name):
        assert path.stat().st_size > 0
        assert "v1" in name
    with pytest.raises(StalePageError):
        shown.require_today(old.version)


def test_the_bare_address_shows_the_plan_on_todays_data(shown, town):
    correct(shown)
    client = create_app(shown.folder, town[1]).server.test_client()
    layout = client.get("/_dash-layout").get_data(as_text=True)
    assert shown.current_page().version in layout
    assert shown.current_page().bench.version.number == 2
    assert shown.store.counts()["versions"] == 2
    client.get("/_dash-layout")
    assert shown.store.counts()["versions"] == 2
