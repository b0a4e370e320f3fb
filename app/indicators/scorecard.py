"""The figures next to the map: of the plan, and the three indicators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from analysis.bundling.document.summary import PlanSummary, find_level, most_led_households, summarise
from analysis.bundling.verify.base.verification import Verification
from analysis.bundling.verify.verdict import proof_note
from analysis.figures.figure import CURRENT, Basis, Figure, format_figure, format_rate, format_ratio
from analysis.indicators.charging import BIKES_PER_PORT
from analysis.indicators.registry import HEADLINES, REGISTRY, is_target_met
from analysis.studies.charging import build_charging_table, find_sites_without_ports
from app.i18n import Words
from app.workbench.formats import MISSING, format_count
from app.workbench.scenario import BASE_SCENARIO, Scenario, compute_plan_coverage, compute_scoreboard, select_figures
from app.workbench.workbench import Workbench


@dataclass(frozen=True)
class FigureView:
    """An indicator as a reader sees it.

    Parameters
    ----------
    key
        Of the indicator.
    name, clause
        Title, and the clause of the action plan it comes from.
    value
        As text, in its unit.
    fraction
        Numerator over denominator in words.
    basis, completeness, doubt
        What is counted; how complete the data are; estimates and unknown units, "" without any.
    target
        Target in words, "" without one.
    met
        Whether the target is met; None without a value or a target.
    original
        The value under the policy's own values where what is tried moves it, else "".
    note
        What is stated beneath, "" without anything.
    """

    key: str
    name: str
    clause: str
    value: str
    fraction: str
    basis: str
    completeness: str
    doubt: str
    target: str
    met: bool | None
    original: str = ""
    note: str = ""


def summarise_plan(bench: Workbench) -> PlanSummary | None:
    """The figures of the plan; None before there is one."""
    return summarise(bench.plan, bench.units) if bench.plan else None


def format_coverage(bench: Workbench, basis: Basis) -> str:
    """Professional coverage as it is and once the plan operates, with its parts.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    basis
        By number of units, or by households.
    """
    return " → ".join(format_figure(figure) for figure in compute_plan_coverage(bench, basis))


def make_coverage_view(bench: Workbench, words: Words) -> HeadlineView:
    """What the plan brings: coverage now and after it by number, by households beside.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    words
        Texts in the reader's language.
    """
    now, after = compute_plan_coverage(bench)
    counted = words("plan.coverage_counted", now=_format_parts(now), after=_format_parts(after))
    households = words("plan.coverage_households", value=format_coverage(bench, "households"))
    return HeadlineView(
        "plan.coverage",
        f"{format_figure(now)} → {format_figure(after)}",
        (counted, households, words("plan.coverage_note")),
    )


def _format_parts(figure: Figure) -> str:
    """Numerator and denominator of a rate: the plan brings units of unknown mode into both."""
    return f"{format_count(figure.numerator)}/{format_count(figure.denominator)}"


@dataclass(frozen=True)
class HeadlineView:
    """A figure of the plan in large: what it is, its value, and what is said beneath.

    Parameters
    ----------
    key
        Of its title among the texts of the page.
    value
        As text, in its unit.
    notes
        Lines beneath: what is counted, and its bound.
    """

    key: str
    value: str
    notes: tuple[str, ...]


def make_leading_views(bench: Workbench, summary: PlanSummary, words: Words) -> list[HeadlineView]:
    """What a plan with leaders inside its areas brings, what it leaves, and how large its areas are, with bounds.

    Parameters
    ----------
    bench
        With a plan of mode "area".
    summary
        Its figures.
    words
        The reader's language.
    """
    leading, plan = summary.leading, bench.plan
    assert leading is not None  # a plan of mode "area"
    assert plan is not None

    def households(n: float | None) -> str:
        return words("unit.households", n=format_count(n))

    def bound(level: str, key: str) -> list[str]:
        found = find_level(plan, level)
        return [] if found is None or not found["bound"] else [words(key, n=format_count(found["bound"]))]

    units, led_households = leading.led
    most = most_led_households(plan, summary)
    led_notes = [words("plan.led_note", n=format_count(units), leaders=format_count(leading.leaders))]
    led_notes += [] if most is None else [words("plan.led_bound", n=format_count(most))]
    in_areas = words("plan.areas_led_note", households=households(summary.area_households), n=summary.anchors)
    members, floor = (plan["rules"][f"preferred_{name}"] for name in ("members", "floor_area_m2"))
    floor_text = f"{format_count(floor[0])}–{format_count(floor[1])} {words('measure.m2')}"
    window = words("plan.preferred_note", members=f"{members[0]}–{members[1]}", area=floor_text)
    return [
        make_coverage_view(bench, words),
        HeadlineView("plan.led", households(led_households), tuple(led_notes)),
        HeadlineView(
            "plan.unled",
            households(leading.n_unled_households),
            (words("plan.count_note", n=leading.n_unled_units), *bound("unled_households", "plan.least_unled")),
        ),
        HeadlineView(
            "plan.in_no_area",
            households(summary.left_over_households or 0),
            (
                words("plan.count_note", n=summary.left_over_units),
                *bound("left_over_households", "plan.least_households"),
            ),
        ),
        HeadlineView("plan.areas", format_count(summary.areas), (in_areas, *bound("areas", "plan.least_areas"))),
        HeadlineView(
            "plan.inside_preferred",
            f"{format_count(leading.areas_inside_preferred)} / {format_count(summary.areas)}",
            (window, *bound("areas_outside_preferred", "plan.least_outside")),
        ),
    ]


def make_indicator_views(bench: Workbench, words: Words, scenario: Scenario = BASE_SCENARIO) -> list[FigureView]:
    """The indicators of the whole city, in the order of the action plan, as the reader turned them.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    words
        Texts in the reader's language.
    scenario
        What the reader turned.
    """
    before = {figure.key: figure for figure in _headlines(bench, Scenario(scenario.year))}
    views = []
    for figure in _headlines(bench, scenario):
        view, was = _view(figure, words), _value(before[figure.key], words)
        note = _port_gap(bench, words, scenario) if figure.key == BIKES_PER_PORT.key else ""
        views.append(replace(view, original="" if was == view.value else was, note=note))
    return views


def _port_gap(bench: Workbench, words: Words, scenario: Scenario) -> str:
    """The ports lacking unit by unit, estimates included; with the original where it moved."""
    now = _ports_lacking(bench, scenario)
    given = Scenario(scenario.year)
    before = now if scenario == given else _ports_lacking(bench, given)
    silent = find_sites_without_ports(compute_scoreboard(bench, scenario).entries[0].facts)
    doubt = "".join(words.pick(finding.zh, finding.en) for finding in silent)
    if pd.isna(now):
        return doubt
    was = f" ({words('figure.original', value=format_count(before))})" if now != before else ""
    text = words("figure.port_gap", n=format_count(now)) + was
    return f"{text} {doubt}".strip()


def _ports_lacking(bench: Workbench, scenario: Scenario) -> float:
    return float(
        build_charging_table(compute_scoreboard(bench, scenario).entries[0].facts)["gap_left"].sum(min_count=1)
    )


def _headlines(bench: Workbench, scenario: Scenario) -> list[Figure]:
    return [
        figure
        for figure in select_figures(bench, scenario, "city")
        if figure.roster == CURRENT and figure.key in HEADLINES
    ]


def format_status(bench: Workbench, words: Words, found: Verification | None) -> str:
    """What the search says of the plan, and how far "optimal" was checked; `found` None = not yet.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    words
        Texts in the reader's language.
    found
        What the check found; None = it has not run.
    """
    status = (bench.plan or {})["status"]
    note = words.pick(*proof_note(found, "status")) if status == "optimal" else ""
    text = words(f"plan.status_{status}")
    return f"{text} ({note})" if note else text


def format_levels(bench: Workbench, words: Words, found: Verification | None = None) -> list[tuple[str, str, str, str]]:
    """What the plan was optimised for: name, value, bound, gap; a dash where none is known.

    A bound that the check did not prove again, or has not yet (`found` None), says so.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    words
        Texts in the reader's language.
    found
        What the check found; None = it has not run.
    """
    if not bench.plan:
        return []
    return [
        (
            words.texts.get(f"level.{level['name']}", level["name"]),
            format_count(level["value"]),
            _bound(level, words, found),
            MISSING if level["gap"] is None else format_rate(level["gap"], decimals=1),
        )
        for level in bench.plan["levels"]
    ]


def _bound(level: Mapping[str, Any], words: Words, found: Verification | None) -> str:
    note = words.pick(*proof_note(found, level["name"])) if level["bound"] is not None else ""
    return f"{format_count(level['bound'])} ({note})" if note else format_count(level["bound"])


def _view(figure: Figure, words: Words) -> FigureView:
    indicator = next(entry for entry in REGISTRY if entry.key == figure.key)
    doubts = []
    if figure.unknown_units:
        doubts.append(words("figure.unknown", n=format_count(figure.unknown_units)))
    if figure.estimated_share:
        doubts.append(words("figure.estimated", share=format_rate(figure.estimated_share, decimals=0)))
    return FigureView(
        key=figure.key,
        name=words.pick(figure.name_zh, figure.name_en),
        clause=indicator.clause,
        value=_value(figure, words),
        fraction=words(
            f"fraction.{figure.key}", top=format_count(figure.numerator), bottom=format_count(figure.denominator)
        ),
        basis=words(f"basis.{figure.key}"),
        completeness=format_rate(figure.completeness, decimals=0),
        doubt=words("figure.joint").join(doubts),
        target=_target(figure, words),
        met=is_target_met(figure),
    )


def _value(figure: Figure, words: Words) -> str:
    text = format_figure(figure)
    if figure.value is None or figure.unit == "ratio":
        return text
    suffix: dict[str, Any] = {"bikes/port": words("measure.bikes_per_port")}
    return f"{text} {suffix.get(figure.unit, words('measure.buildings'))}"


def _target(figure: Figure, words: Words) -> str:
    if figure.target is None:
        return ""
    if figure.unit == "ratio":
        return words("figure.target_rate", year=figure.year, value=format_rate(figure.target, decimals=0))
    return words("figure.target_ratio", value=format_ratio(figure.target, decimals=0))
