"""All indicators of the city with the plan at hand, computed once for a workbench."""

from __future__ import annotations

from functools import lru_cache

from analysis.indicators import facts_by_roster
from analysis.indicators.scoreboard import Scoreboard, score
from app.workbench.scenario import data_year
from app.workbench.workbench import Workbench


@lru_cache(maxsize=4)
def compute_city_scoreboard(bench: Workbench) -> Scoreboard:
    """Every indicator of the city, projections of the plan among them; a second for a city."""
    year, as_of = data_year(bench), bench.dataset.manifest.data_date
    scenes = facts_by_roster(bench.layers, bench.policy, year=year, plan=bench.plan, as_of=as_of)
    return score(scenes, levels=("city",))
