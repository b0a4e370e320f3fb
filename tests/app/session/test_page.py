"""All that a page shows is named by what it holds, so that it may be kept for ever."""

import dataclasses

from app.session import page as page_module
from app.session.page import page_version, prepare_page
from app.workbench.workbench import build_workbench


def test_a_page_made_again_has_the_same_files_and_version(bench, data):
    again = prepare_page(bench)
    assert again.version == data.version
    assert again.files.keys() == data.files.keys()


def test_without_a_version_the_page_is_that_of_the_dataset(bench):
    assert page_version(bench.context, None) == page_version(bench.context, None) != ""


def test_the_bounds_hold_every_unit(data):
    west, south, east, north = data.bounds
    for one in data.unit_bounds.values():
        assert west <= one[0] <= one[2] <= east
        assert south <= one[1] <= one[3] <= north


def test_a_plan_of_some_streets_opens_on_them(bench, data):
    assert data.opening_bounds == data.bounds
    street = str(bench.units["street_code"].iloc[0])
    plan = {**bench.plan, "rules": {**bench.plan["rules"], "streets": [street]}}
    near = dataclasses.replace(data, bench=dataclasses.replace(bench, plan=plan)).opening_bounds
    own = [
        data.unit_bounds[k]
        for k, code in enumerate(bench.units["street_code"])
        if code == street and k in data.unit_bounds
    ]
    assert near == (min(b[0] for b in own), min(b[1] for b in own), max(b[2] for b in own), max(b[3] for b in own))
    assert near != data.bounds


def test_cards_and_search_are_made_for_the_language_that_asks(bench, monkeypatch):
    made = []
    plain = page_module.make_unit_cards
    monkeypatch.setattr(page_module, "make_unit_cards", lambda *told: made.append(told[1].language) or plain(*told))
    one, other = prepare_page(bench), prepare_page(bench)
    assert made == []
    assert one.cards["zh"].name == other.cards["zh"].name != one.cards["en"].name
    assert one.cards["en"].pack() == one.cards["en"].pack() == other.cards["en"].pack()
    assert made == ["en", "en"]
    replanned = prepare_page(build_workbench(bench.context, {**bench.plan, "seed": 7}))
    assert replanned.cards["zh"].name != one.cards["zh"].name
