"""All that a page shows is named by what it holds, so that it may be kept for ever."""

import dataclasses

from app.session.page import page_version, prepare_page


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
