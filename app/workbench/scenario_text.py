"""What the reader tries, on paper: the theme under it, and the sentences that say so."""

from __future__ import annotations

from typing import Any

from app.i18n import Words
from app.maps.cards import mode_text
from app.maps.themes import AREAS, MapTheme, tried_themes
from app.workbench.numbers import MISSING
from app.workbench.scenario import Choice, bench_of, data_year
from app.workbench.workbench import Workbench


def tried_theme(bench: Workbench, theme: MapTheme, choice: Choice) -> MapTheme:
    """A theme under the policy that is tried; areas do not change with it."""
    if theme.key == AREAS or not choice.changes:
        return theme
    return next(one for one in tried_themes(bench_of(bench, choice)) if one.key == theme.key)


def choice_notes(bench: Workbench, choice: Choice, words: Words) -> tuple[str, ...]:
    """What was turned, each value with that of the policy; empty where nothing was."""
    entries = bench.policy.entries
    changes = [
        words(
            "print.tried_value",
            label=words.pick(entries[key].label_zh, entries[key].label_en),
            value=_text(value, words),
            original=_text(entries[key].value, words),
        )
        for key, value in choice.changes
    ]
    year = [words("print.year", year=choice.year, now=data_year(bench))] if choice.year else []
    return (*year, *([words("print.tried", changes="; ".join(changes))] if changes else []))


def _text(value: Any, words: Words) -> str:
    if isinstance(value, bool):
        return words("print.on" if value else "print.off")
    if isinstance(value, int | float):
        return f"{value:g}"
    return "、".join(mode_text(mode, words) for mode in value) or MISSING
