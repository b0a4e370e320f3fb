"""What the reader tries, on paper: the theme under it, and the sentences that say so."""

from __future__ import annotations

from typing import Any

from app.i18n import Words
from app.maps.cards import format_mode
from app.maps.themes import AREAS, MapTheme, make_indicator_themes
from app.workbench.numbers import MISSING
from app.workbench.scenario import Scenario, apply_scenario, data_year
from app.workbench.workbench import Workbench


def recolour_theme(bench: Workbench, theme: MapTheme, scenario: Scenario) -> MapTheme:
    """A theme under the policy that is tried; areas do not change with it."""
    if theme.key == AREAS or not scenario.changes:
        return theme
    return next(one for one in make_indicator_themes(apply_scenario(bench, scenario)) if one.key == theme.key)


def describe_scenario(bench: Workbench, scenario: Scenario, words: Words) -> tuple[str, ...]:
    """What was turned, each value with that of the policy; empty where nothing was."""
    entries = bench.policy.entries
    changes = [
        words(
            "print.tried_value",
            label=words.pick(entries[key].label_zh, entries[key].label_en),
            value=_text(value, words),
            original=_text(entries[key].value, words),
        )
        for key, value in scenario.changes
    ]
    year = [words("print.year", year=scenario.year, now=data_year(bench))] if scenario.year else []
    return (*year, *([words("print.tried", changes="; ".join(changes))] if changes else []))


def _text(value: Any, words: Words) -> str:
    if isinstance(value, bool):
        return words("print.on" if value else "print.off")
    if isinstance(value, int | float):
        return f"{value:g}"
    return "、".join(format_mode(mode, words) for mode in value) or MISSING
