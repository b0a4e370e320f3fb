"""A region is the sum of its districts."""

import json

from app.region.steps import STEPS
from app.region.summary import summarise


def test_the_summary_adds_districts_up(done):
    found = summarise(done)
    plans = [json.loads(done.plan(one.key).read_text(encoding="utf-8")) for one in done.districts]
    assert found.totals["areas"] == sum(len(plan["areas"]) for plan in plans)
    assert found.totals["communities"] == 18
    assert [(one.step, one.districts) for one in found.steps] == [(step, 2) for step in STEPS]
    assert all(one.peak_mb > 50 for one in found.steps)  # of this process, which holds other tests as well
    assert sum(one.cpu_s for one in found.steps) > 0
    covered = next(one for one in found.figures if one.id == "P01")
    placed = found.totals["placed"]
    assert (covered.numerator, covered.denominator, covered.of) == (placed, 18, 2)
    assert covered.value == placed / 18
