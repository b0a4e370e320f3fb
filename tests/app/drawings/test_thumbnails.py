"""The small picture of a plan."""

import base64
from dataclasses import replace

from app.drawings.thumbnails import draw_thumbnail


def test_a_thumbnail_holds_shapes_and_no_text_of_the_data(bench):
    svg = base64.b64decode(draw_thumbnail(bench).partition(",")[2]).decode()
    assert svg.count("<path") >= 2
    assert "<text" not in svg


def test_a_plan_of_one_street_is_seen_on_that_street(bench):
    street = str(bench.units["street_code"].iloc[0])
    own = replace(bench, plan={**bench.plan, "rules": {**bench.plan["rules"], "streets": [street]}})
    near, whole = (base64.b64decode(draw_thumbnail(one).partition(",")[2]).decode() for one in (own, bench))
    assert near.count("M") < whole.count("M")
