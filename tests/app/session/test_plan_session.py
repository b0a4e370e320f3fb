"""Which plan a page shows: by its version, else the newest; a few are kept ready."""

import json
import shutil

import pytest

from app.desks.plans.menu import make_menu
from app.i18n import load_words
from app.session import plan_session as shown_module
from app.session.plan_session import PlanSession, StalePageError, default_store_path
from app.store.errors import NotInStoreError
from app.store.store import open_store
from app.web.layout.figures.cards import figures_panel
from app.web.main import create_app
from app.workbench.plans_on_disk import read_plan
from geo.storage.dataset import open_dataset, write_dataset


@pytest.fixture
def folder(town, tmp_path):
    return shutil.copytree(town[0], tmp_path / "city")


@pytest.fixture
def document(town):
    return read_plan(town[1])


def test_a_plan_file_is_taken_into_the_store_once(folder, town):
    first = PlanSession(folder, town[1]).data.bench.version
    again = PlanSession(folder, town[1])
    assert again.data.bench.version == first
    assert again.store.counts()["versions"] == 1
    assert default_store_path(folder).is_file()
    assert "PLAN" in first.note or town[1].name in first.note


def test_every_version_has_its_page(folder, town, document):
    shown = PlanSession(folder, town[1])
    first = shown.data.bench.version
    second = shown.store.save(first.plan_id, 1, {**document, "seed": 7}, "李")
    assert shown.open(None).bench.version == second
    assert shown.open(first.id).bench.plan["seed"] == document["seed"]
    names = {shown.open(one.id).version for one in (first, second)}
    assert len(names) == 2
    assert {shown.page(name).bench.version for name in names} == {first, second}
    with pytest.raises(NotInStoreError):
        shown.open("nothing")


@pytest.mark.full
def test_plans_of_the_same_data_share_its_half(folder, town, document):
    shown = PlanSession(folder, town[1])
    one = shown.data
    other = shown.open(shown.store.create_plan("b", {**document, "seed": 7}, "李").id)
    assert other.dataset_files is one.dataset_files
    assert other.bench.context is one.bench.context
    assert set(one.files) <= set(shown.files())


def test_few_pages_are_kept_and_others_made_again(folder, town, document, monkeypatch):
    monkeypatch.setattr(shown_module, "MOST_KEPT", 2)
    shown = PlanSession(folder, town[1])
    names = [shown.data.version]
    for seed in range(5, 8):
        kept = shown.store.create_plan("b", {**document, "seed": seed}, "李")
        names.append(shown.open(kept.id).version)
    assert [shown.page(name).version for name in names] == names


def test_a_plan_of_older_data_is_shown_on_the_data_it_was_made_for(folder, town):
    shown = PlanSession(folder, town[1])
    name = shown.data.version
    dataset = open_dataset(folder)
    units = dataset.layer("units")
    write_dataset(folder, dataset.manifest, {"units": units.assign(name=units["name"] + "×")})
    data = shown.current_page()
    assert (data.version, data.bench.is_stale, data.bench.context.is_past) == (name, False, True)
    assert data.bench.units["name"].tolist() == units["name"].tolist()
    with pytest.raises(StalePageError):
        shown.require_today(name)


@pytest.mark.parametrize("is_unit_changed", [False, True])
def test_other_limits_are_told_from_other_data(folder, town, is_unit_changed):
    shown = PlanSession(folder, town[1])
    sha = shown.data.bench.version.planning_sha256
    assert not shown.has_other_limits(sha)
    dataset = open_dataset(folder)
    changed = {"edges": dataset.layer("edges").iloc[1:]}  # as limits with other neighbours would have it
    if is_unit_changed:
        changed["units"] = dataset.layer("units").assign(address="×")
    write_dataset(folder, dataset.manifest, changed)
    data = shown.current_page()
    assert data.bench.context.is_past
    assert data.bench.context.has_other_limits is not is_unit_changed
    menu = make_menu(shown.store, open_dataset(folder), data.bench.version, "", has_other_limits=shown.has_other_limits)
    assert [(one.is_stale, one.has_other_limits) for one in menu.plans] == [(True, not is_unit_changed)]
    kept = "数据没有变" in str(figures_panel(data.bench, load_words("zh")))
    assert kept is not is_unit_changed


def test_a_plan_whose_data_were_not_kept_is_told_so(folder, document):
    shown = PlanSession(folder, None)
    version = shown.store.create_plan("旧", {**document, "planning_sha256": "0" * 64}, "李")
    data = shown.open(version.id)
    assert (data.bench.plan, data.bench.is_stale) == (None, True)
    menu = make_menu(shown.store, data.bench.dataset, version, "")
    assert [menu.is_stale, *(one.is_stale for one in menu.plans)] == [True, True]


def test_a_trial_does_not_become_what_everybody_sees(folder, town, document):
    shown = PlanSession(folder, town[1])
    first = shown.data.bench.version
    trial = shown.store.create_plan("一街试算", {**document, "seed": 7}, "李")
    assert shown.open(trial.id).bench.version == trial
    assert shown.open(None).bench.version == first
    assert PlanSession(folder, None).open(None).bench.version == first
    shown.store.choose_current(trial.plan_id, "王")
    assert shown.open(None).bench.version == trial
    shown.store.archive(trial.plan_id, "王")
    assert shown.open(None).bench.version == first


def test_a_new_plan_file_is_the_next_version(folder, town, document, tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    shown = PlanSession(folder, path)
    path.write_text(json.dumps({**document, "seed": 7}), encoding="utf-8")
    assert shown.current_page().bench.version.number == 2


def test_the_address_names_the_version(folder, town, document):
    store = open_store(f"sqlite:///{default_store_path(folder)}")
    client = create_app(folder, town[1]).server.test_client()
    first = store.plans()[0].newest
    second = store.save(first.plan_id, 1, {**document, "seed": 7}, "李强")
    for version, other in ((first, second), (second, first)):
        text = client.get(f"/_dash-layout?plan={version.id}").text
        assert f".{version.id}" in text
        assert f".{other.id}" not in text
    assert "没有编号为" in json.loads(f'"{_notice(client.get("/_dash-layout?plan=zzz").text)}"')
    answer = client.get(f"/language/en?plan={first.id}")
    assert answer.headers["Location"].endswith(f"?plan={first.id}")


def _notice(text):
    part = text.split('"id":"notice"')[0]
    return part[part.rindex('"children":"') + len('"children":"') :].split('"')[0]
