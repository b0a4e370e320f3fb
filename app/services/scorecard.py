"""The figures beside the map: of the plan, and the three indicators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from analysis.bundling.summary import PlanSummary, summarise
from analysis.indicators import HEADLINES, Figure, compute
from analysis.indicators.display import format_figure, format_rate, format_ratio, is_target_met
from analysis.indicators.figure import CURRENT
from analysis.indicators.registry import REGISTRY
from app.i18n import Words
from app.services.numbers import MISSING, count_text
from app.services.workbench import Workbench


@dataclass(frozen=True)
class FigureView:
    """An indicator as a reader sees it.

    Parameters
    ----------
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
    """

    name: str
    clause: str
    value: str
    fraction: str
    basis: str
    completeness: str
    doubt: str
    target: str
    met: bool | None


def plan_summary(bench: Workbench) -> PlanSummary | None:
    """The figures of the plan; None before there is one."""
    return summarise(bench.plan, bench.units) if bench.plan else None


def data_year(bench: Workbench) -> int | None:
    """The year whose targets count: that of the data."""
    date = bench.dataset.manifest.data_date
    return int(date[:4]) if date else None


def indicator_views(bench: Workbench, words: Words) -> list[FigureView]:
    """The indicators of the whole city, in the order of the action plan."""
    figures = compute(
        bench.layers, bench.policy, level="city", year=data_year(bench), keys=HEADLINES
    )
    return [_view(figure, words) for figure in figures if figure.roster == CURRENT]


def rules_in_force(bench: Workbench, words: Words) -> list[tuple[str, str, str]]:
    """The values the plan was made with: label, value with its unit, source tag."""
    if not bench.plan:
        return []
    rules = bench.plan["rules"]
    size_key = "size.households" if rules["weight"] == "households" else "size.floor_area"
    measure = words("measure.households" if rules["weight"] == "households" else "measure.m2")
    values = (
        (size_key, f"{count_text(rules['lower'])}–{count_text(rules['upper'])} {measure}"),
        ("jurisdiction.within", words(f"within.{rules['within']}")),
        ("neighbour.gap_m", f"{rules['gap_m']:g} {words('measure.m')}"),
        ("neighbour.walk_m", f"{rules['walk_m']:g} {words('measure.m')}"),
        ("anchor.radius_m", f"{rules['radius_m']:g} {words('measure.m')}"),
        ("anchor.capacity_ratio", f"{rules['capacity_ratio']:g}"),
    )
    entries = bench.policy.entries
    return [
        (words.pick(entries[key].label_zh, entries[key].label_en), value, entries[key].source)
        for key, value in values
    ]


def levels_of(bench: Workbench, words: Words) -> list[tuple[str, str, str, str]]:
    """What the plan was optimised for: name, value, bound, gap; a dash where none is known."""
    if not bench.plan:
        return []
    return [
        (
            words.texts.get(f"level.{level['name']}", level["name"]),
            count_text(level["value"]),
            count_text(level["bound"]),
            MISSING if level["gap"] is None else format_rate(level["gap"], decimals=1),
        )
        for level in bench.plan["levels"]
    ]


def _view(figure: Figure, words: Words) -> FigureView:
    indicator = next(entry for entry in REGISTRY if entry.key == figure.key)
    doubts = []
    if figure.unknown_units:
        doubts.append(words("figure.unknown", n=count_text(figure.unknown_units)))
    if figure.estimated_share:
        doubts.append(
            words("figure.estimated", share=format_rate(figure.estimated_share, decimals=0))
        )
    return FigureView(
        name=words.pick(figure.name_zh, figure.name_en),
        clause=indicator.clause,
        value=_value(figure, words),
        fraction=words(
            f"fraction.{figure.key}",
            top=count_text(figure.numerator),
            bottom=count_text(figure.denominator),
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
        return words(
            "figure.target_rate", year=figure.year, value=format_rate(figure.target, decimals=0)
        )
    return words("figure.target_ratio", value=format_ratio(figure.target, decimals=0))
