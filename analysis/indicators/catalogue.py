"""The indicators of the action plan as `indicators.toml` lists them, and those that offices report."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from analysis.figures.facts import Facts
from analysis.figures.figure import Basis
from analysis.figures.indicator import BY_DISTRICT, CITY_ONLY, EVERYWHERE, Band, Indicator, Tally
from geo.messages import load_catalogue

say = load_catalogue(__file__)

_LEVELS = {"everywhere": EVERYWHERE, "district": BY_DISTRICT, "city": CITY_ONLY}
_RATE = ("reported_figures.numerator", "reported_figures.denominator")
_COUNT = ("reported_figures.value",)


def declare(key: str, tally: Callable[[Facts, Basis], Tally] | None = None) -> Indicator:
    """An indicator of the list, with the function that computes it.

    Parameters
    ----------
    key
        Its table in `indicators.toml`.
    tally
        What each row contributes; None for what offices report.

    Raises
    ------
    KeyError
        If the list has no such indicator: a programmer's mistake.

    Examples
    --------
    >>> declare("district_party_committee_count").name_en
    'District industry party committees'
    """
    facts = dict(_read_list()[key])
    unit = facts.pop("unit", "count")
    return Indicator(
        key=key,
        name_zh=facts.pop("zh"),
        name_en=facts.pop("en"),
        unit=unit,
        levels=_LEVELS[facts.pop("levels", "city")],
        kind=facts.pop("kind", "C"),
        version=facts.pop("version", "1"),
        better=facts.pop("better", "higher"),
        columns=tuple(facts.pop("columns", _RATE if unit == "ratio" else _COUNT)),
        tally=tally,
        **facts,
    )


def name_band(theme: str, key: str, **values: object) -> Band:
    """A class of a theme with what a legend calls it.

    Parameters
    ----------
    theme, key
        Of the theme and of the class.
    values
        For the places of its name.

    Examples
    --------
    >>> name_band("built_year", "old", year=2000)
    Band(key='old', zh='≤ 2000 (老旧)', en='≤ 2000 (old)')
    """
    return Band(key, *say(f"band.{theme}.{key}", **values))


def name_bands(theme: str, *keys: str) -> tuple[Band, ...]:
    """Classes of a theme whose names have no places, in order."""
    return tuple(name_band(theme, key) for key in keys)


@cache
def _read_list() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads(Path(__file__).with_name("indicators.toml").read_text(encoding="utf-8"))


REPORTED: tuple[Indicator, ...] = tuple(declare(key) for key, facts in _read_list().items() if "columns" not in facts)
"""Indicators that offices report, because no table of the dataset holds them."""
