"""Groups whose walks have no room are refused with a sentence before anything is laid out for them."""

from types import SimpleNamespace

import psutil
import pytest

from analysis.bundling.evaluation.dense_walks import require_memory
from analysis.bundling.led_areas.solve import solve_led_areas
from analysis.bundling.solve.solve import solve
from analysis.bundling.solver.base.stop import StopAfter
from geo.errors import UsageError
from tests.analysis.bundling.led_areas.towns import area_town


def test_twenty_thousand_connected_units_need_six_gibibytes(monkeypatch):
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=4 * 2**30))
    require_memory(16_000)
    with pytest.raises(UsageError, match=r"20,000 个单元.*6\.0 GB.*4\.0 GB.*--within") as found:
        require_memory(20_000)
    assert "20,000 units" in found.value.en


def test_planning_asks_first(random_town, monkeypatch):
    whole, led = random_town(1, n=40, mode="whole", anchor_share=0.0), area_town(1, n=30, lower=400, upper=1500)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=100))
    with pytest.raises(UsageError, match="内存"):
        solve(whole, seed=1, stop=StopAfter(rounds=1))
    with pytest.raises(UsageError, match="内存"):
        solve_led_areas(led, seed=1, stop=StopAfter(rounds=1))
