"""What the reader has turned: year, switches and assumptions, and the figures that follow."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from analysis.figures.figure import CURRENT, Basis, Figure
from analysis.figures.indicator import EVERYWHERE
from analysis.indicators.coverage import PROFESSIONAL_BY_PLAN, PROFESSIONAL_COVERAGE
from analysis.indicators.registry import HEADLINES, THEMES, facts_by_roster
from analysis.indicators.scoreboard import Scoreboard, rescore, score
from analysis.policy import Policy, PolicyEntry
from app.workbench.kept import keep_with_owner
from app.workbench.workbench import Workbench

COVERAGES = (
    "management_coverage_rate",
    "professional_coverage_rate",
    "old_community_service_rate",
    "owners_body_formation_rate",
    "ebike_port_ratio",
)
"""Keys of the indicators told place by place, in the order of the columns."""

PAGE_KEYS = tuple(dict.fromkeys((*HEADLINES, *COVERAGES, *(t.indicator_key for t in THEMES if t.indicator_key))))
"""Keys of all indicators on the page."""

MODES = "mode.professional"
_SECTIONS = ("indicator", "life_circle", "ebike")
"""Sections of the policy whose editable values the page lets a planner try."""


@dataclass(frozen=True)
class Scenario:
    """What the reader has turned; nothing = the policy and the year of the data.

    Parameters
    ----------
    year
        Year of the targets; None = that of the data.
    changes
        (key, value) of the policy's entries that are tried, sorted by key.
    """

    year: int | None = None
    changes: tuple[tuple[str, Any], ...] = ()


BASE_SCENARIO = Scenario()


def data_year(bench: Workbench) -> int | None:
    """The year whose targets count: that of the data."""
    date = bench.dataset.manifest.data_date
    return int(date[:4]) if date else None


def list_years(bench: Workbench) -> list[int]:
    """The years the slider offers: those of the policy, and that of the data."""
    years = {int(year) for year in bench.policy.value("phasing.years")}
    now = data_year(bench)
    return sorted(years | ({now} if now else set()))


def list_editable_entries(policy: Policy) -> list[PolicyEntry]:
    """The numbers and switches of the policy a reader may try, in the order of the file."""
    return [
        entry
        for key, entry in policy.entries.items()
        if key.split(".")[0] in _SECTIONS and entry.editable and isinstance(entry.value, int | float)
    ]


def list_modes(policy: Policy) -> list[str]:
    """The modes that may count as professional: all that count as managed at all."""
    return list(policy.value("mode.any_management"))


def read_scenario(bench: Workbench, told: Mapping[str, Any] | None) -> Scenario:
    """What the browser tells, checked: what is no entry, no number or no change is left out.

    Parameters
    ----------
    told
        `{"year": 2026, "modes": […], "values": {key: value}}`; None = nothing turned.
    """
    told = told or {}
    year = told.get("year")
    changes: dict[str, Any] = {}
    modes = told.get("modes")
    if isinstance(modes, list):
        chosen = tuple(mode for mode in list_modes(bench.policy) if mode in modes)
        if set(chosen) != set(bench.policy.value(MODES)):
            changes[MODES] = chosen
    values = told.get("values") or {}
    for entry in list_editable_entries(bench.policy):
        value = _value(entry, values.get(entry.key))
        if value is not None and value != entry.value:
            changes[entry.key] = value
    return Scenario(
        int(year) if year in list_years(bench) and year != data_year(bench) else None, tuple(sorted(changes.items()))
    )


def parse_scenario(bench: Workbench, text: str) -> Scenario:
    """The choice an address tells as JSON; what is none is nothing turned.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    text
        JSON.
    """
    try:
        values = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return BASE_SCENARIO
    sound = isinstance(values, dict) and isinstance(values.get("values") or {}, dict)
    return read_scenario(bench, values) if sound else BASE_SCENARIO


def apply_scenario(bench: Workbench, scenario: Scenario) -> Workbench:
    """The workbench under the policy that is tried.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    scenario
        What the reader turned.
    """
    if not scenario.changes:
        return bench
    return replace(bench, policy=bench.policy.replaced(dict(scenario.changes)))


@keep_with_owner
def compute_scoreboard(bench: Workbench, scenario: Scenario) -> Scoreboard:
    """The figures of the page at all levels; a choice costs only what it changes.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    scenario
        What the reader turned.
    """
    if not scenario.changes:
        return score(_scenes(bench, scenario), levels=EVERYWHERE, keys=PAGE_KEYS)
    return rescore(
        compute_scoreboard(bench, Scenario(scenario.year)), _scenes(apply_scenario(bench, scenario), scenario)
    )


def select_figures(bench: Workbench, scenario: Scenario, level: str) -> tuple[Figure, ...]:
    """The figures of one level.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    scenario
        What the reader turned.
    level
        What places are: "district", "street" …
    """
    return tuple(figure for figure in compute_scoreboard(bench, scenario).figures if figure.level == level)


def list_numerator_units(bench: Workbench, scenario: Scenario, key: str) -> list[int]:
    """Positions of the units in the numerator of an indicator of the city, as the reader turned it.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    scenario
        What the reader turned.
    key
        Of the indicator.
    """
    found = [f for f in select_figures(bench, scenario, "city") if f.key == key and f.roster == CURRENT]
    at = bench.position_of
    return [at[unit] for figure in found for unit in figure.unit_ids if unit in at]


def _scenes(bench: Workbench, scenario: Scenario) -> Any:
    year = scenario.year or data_year(bench)
    return facts_by_roster(bench.layers, bench.policy, year=year, as_of=bench.dataset.manifest.data_date)


def _value(entry: PolicyEntry, told: Any) -> Any:
    """A value of the browser in the type of the entry; None where it is none."""
    if isinstance(entry.value, bool):
        return told if isinstance(told, bool) else None
    if isinstance(told, bool) or not isinstance(told, int | float) or not 0 <= told < 1e9:
        return None
    return type(entry.value)(told)


@keep_with_owner
def compute_city_scoreboard(bench: Workbench) -> Scoreboard:
    """Every indicator of the city, projections of the plan among them; a second for a city."""
    year, as_of = data_year(bench), bench.dataset.manifest.data_date
    scenes = facts_by_roster(bench.layers, bench.policy, year=year, plan=bench.plan, as_of=as_of)
    return score(scenes, levels=("city",))


@keep_with_owner
def compute_plan_figures(bench: Workbench, scenario: Scenario) -> tuple[Figure, ...]:
    """What the plan brings to each place: professional coverage once it operates, at all levels.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    scenario
        What the reader turned.
    """
    year, as_of = scenario.year or data_year(bench), bench.dataset.manifest.data_date
    policy = apply_scenario(bench, scenario).policy
    scenes = facts_by_roster(bench.layers, policy, year=year, plan=bench.plan, as_of=as_of)
    return score(scenes, levels=EVERYWHERE, keys=(PROFESSIONAL_BY_PLAN.key,)).figures


@keep_with_owner
def compute_plan_coverage(bench: Workbench, basis: Basis = "count") -> tuple[Figure, Figure]:
    """Professional coverage of the city: now, and once the plan operates.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    basis
        By number of units, or by households.
    """
    year, as_of = data_year(bench), bench.dataset.manifest.data_date
    keys = (PROFESSIONAL_COVERAGE.key, PROFESSIONAL_BY_PLAN.key)
    scenes = facts_by_roster(bench.layers, bench.policy, year=year, plan=bench.plan, as_of=as_of)
    found = {f.key: f for f in score(scenes, levels=("city",), keys=keys, basis=basis).figures if f.roster == CURRENT}
    return found[keys[0]], found[keys[1]]
