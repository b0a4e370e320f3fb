"""Opinions are pinned where they are about; those of the whole plan, or of what is there no more, are not."""

import datetime
import re

import numpy as np

from app.desks.approvals.opinion_map import draw_opinions
from app.i18n import load_words
from app.store.approvals import Comment

ZH = load_words("zh")


def opinion(target, target_id, text="太远", answer=None):
    at = datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC)
    return Comment("c", 1, target, target_id, text, "李", at, answer, None)


def pins(drawing):
    return re.findall(r'<a class="pin" href="(#[^"]+)" aria-label="([^"]+)">.*?<path [^>]*fill="([^"]+)"', drawing)


def test_each_place_has_one_pin_with_the_numbers_of_its_opinions(data):
    bench = data.bench
    area, unit = bench.areas[0]["area_id"], bench.units["unit_id"].iloc[int(np.flatnonzero(bench.area_of == 1)[0])]
    said = [
        opinion("plan", ""),
        opinion("unit", unit, "<i>太远", answer="改"),
        opinion("area", area),
        opinion("area", "gone"),
        opinion("area", area, "合并"),
    ]
    drawn = draw_opinions(data, said, ZH)
    assert sorted(pins(drawn)) == [
        ("#opinion-2", "意见 2 &lt;i&gt;太远", "#fff"),
        ("#opinion-3", "意见 3 太远; 5 合并", "#b34700"),
    ]
    assert ">3·5</text>" in drawn
    assert "<i>" not in drawn


def test_without_a_place_there_is_no_drawing(data):
    assert draw_opinions(data, [opinion("plan", ""), opinion("unit", "gone")], ZH) is None
