"""What an indicator is, its target, what each row contributes to it, and a theme that maps it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.figures.facts import Facts
from analysis.figures.figure import CITY_CODE, Basis, Better, Layers, Level
from analysis.policy import Policy, PolicyEntry

Kind = Literal["N", "C", "M"]

EVERYWHERE: tuple[Level, ...] = ("city", "district", "street", "neighbourhood")
BY_DISTRICT: tuple[Level, ...] = ("city", "district")
CITY_ONLY: tuple[Level, ...] = ("city",)


ANY_YEAR = "any"


@dataclass(frozen=True, eq=False)
class Tally:
    """What each row contributes to an indicator; sums over places come later, once for all.

    Parameters
    ----------
    rows
        n rows of what is counted (units, streets, contracts, companies), with those of the columns
        district_code, street_code, neighbourhood_code that say where a row is.
    ids
        (n,) the id of each row, for the reader who clicks on a number.
    top
        (n,) float, share of the numerator; read only where `known`.
    bottom
        (n,) float, share of the denominator; read only where `known`.
    in_scope
        (n,) bool, whether the indicator speaks of the row at all.
    known
        (n,) bool, in scope and with all data needed.
    counted
        (n,) bool, the rows behind the numerator.
    estimated
        (n,) bool, whether what the row counts for is an estimate.
    is_ratio
        The value is Σ top ÷ Σ bottom; otherwise Σ top, and Σ bottom is shown beside it.
    unit, basis
        Of the value, and what is counted.
    needs
        Columns needed this time next to those of the indicator, "layer.column".
    """

    rows: pd.DataFrame
    ids: NDArray[Any]
    top: NDArray[np.float64]
    bottom: NDArray[np.float64]
    in_scope: NDArray[np.bool_]
    known: NDArray[np.bool_]
    counted: NDArray[np.bool_]
    estimated: NDArray[np.bool_]
    is_ratio: bool
    unit: str
    basis: Basis
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Indicator:
    """One entry of the registry: what an indicator is and the pure function that computes it.

    Parameters
    ----------
    id, key
        As in docs/indicators.md; several keys may share the id of one row of the action plan.
    formula
        In words, as printed next to the figure.
    unit
        Unit of the value on the basis "count".
    levels
        Where it is reported.
    kind
        "N" = numeric target in the action plan, "C" = countable without a number there,
        "M" = milestone: done or not, with date and document.
    clause
        Clause of the action plan.
    version
        Changes whenever the formula does.
    better
        Whether a higher or a lower value is the better one: how a target is met.
    columns
        The columns needed, "layer.column".
    tally
        (facts, basis) → what each row contributes. None: the figure is not computed from tables
        of the dataset but taken from `reported_figures`, with its document.
    per_roster
        Whether its denominator is the roster, so that merging units would move it (R65).
    claim_on_estimates
        Whether a value that rests on estimates may be called "target met" (R51: not for bikes).
    or_reported
        Where the tables lack what it needs, what offices reported counts, and is stated to be that.
    """

    id: str
    key: str
    name_zh: str
    name_en: str
    formula: str
    unit: str
    levels: tuple[Level, ...]
    kind: Kind
    clause: str
    version: str
    better: Better
    columns: tuple[str, ...]
    tally: Callable[[Facts, Basis], Tally] | None = None
    per_roster: bool = False
    claim_on_estimates: bool = True
    or_reported: bool = False


@dataclass(frozen=True)
class Band:
    """One class of a map theme: its key in the data and what a legend calls it."""

    key: str
    zh: str
    en: str


@dataclass(frozen=True)
class Theme:
    """A way to colour the units of the map.

    Parameters
    ----------
    key
        Stable name, as in :func:`analysis.indicators.registry.classify_units`.
    indicator_key
        The indicator whose figure belongs next to the map; None where units alone are coloured.
    bands
        policy → the classes in the order of the legend.
    classify
        (units, all layers, policy) → columns band, value, estimated; same index as units.
    step
        Of a theme of numbers: the least difference a reader cares for, in the unit of the value;
        bounds of classes are multiples of it. None where bands are names.
    kept
        Bands of a theme of numbers that stay whatever way its values are put into classes.
    """

    key: str
    indicator_key: str | None
    zh: str
    en: str
    bands: Callable[[Policy], tuple[Band, ...]]
    classify: Callable[[pd.DataFrame, Layers, Policy], pd.DataFrame]
    step: float | None = None
    kept: tuple[str, ...] = ("no_data",)


def find_target(
    policy: Policy, indicator: Indicator, year: int | None, level: Level = "city", admin_code: str = CITY_CODE
) -> float | None:
    """What the policy asks for; None where it sets no target, which is never interpolated.

    A district's own target (`overlay.<district_code>.<indicator>`) stands before the city's, for
    the district and for rates also inside it. A number of things (60 projects) is asked of the
    city, not of each street; zero is asked of all.

    Parameters
    ----------
    policy
        Entries `target.<key>` or `target.<id>`: a value for each year, or for "any" year.
    year
        Year; None finds only targets without a year.
    level, admin_code
        The place.

    Examples
    --------
    >>> from analysis.indicators.coverage import PROFESSIONAL_COVERAGE
    >>> from analysis.policy import read_policy
    >>> [find_target(read_policy(), PROFESSIONAL_COVERAGE, year) for year in (2026, 2031, None)]
    [0.82, None, None]
    """
    by_year = _entry(policy, indicator, f"overlay.{admin_code[:6]}")
    if by_year is not None and (level == "district" or _is_general(indicator, by_year)):
        return _value_in_year(by_year, year)
    by_year = _entry(policy, indicator, "target")
    if by_year is None:
        return None
    value = _value_in_year(by_year, year)
    general = level == "city" or value == 0 or _is_general(indicator, by_year)
    return value if general else None


def count_units_needed(target: float, total: float, served: float) -> int:
    """How many units more must be served to meet a target (R60).

    The small subtraction keeps a product such as 0.80 × 5 = 4.000…01 from asking one too many.

    Parameters
    ----------
    target
        A share, 0 to 1.
    total
        Units asked about, or what they count for.
    served
        Those served, in the same measure.

    Examples
    --------
    >>> [count_units_needed(target, 351, 260) for target in (0.80, 0.82, 0.90)]
    [21, 28, 56]
    """
    return max(0, math.ceil(target * total - 1e-9) - int(served))


def _entry(policy: Policy, indicator: Indicator, section: str) -> Mapping[str, float] | None:
    for name in (indicator.key, indicator.id):
        entry = policy.entries.get(f"{section}.{name}")
        if entry is not None:
            return dict(entry.value)
    return None


def _value_in_year(by_year: Mapping[str, float], year: int | None) -> float | None:
    value = by_year.get(str(year), by_year.get(ANY_YEAR))
    return None if value is None else float(value)


def _is_general(indicator: Indicator, by_year: Mapping[str, float]) -> bool:
    """Rates and ratios hold everywhere; numbers of things do not."""
    return indicator.unit in ("ratio", "bikes/port")


def has_same_targets(one: Policy, other: Policy) -> bool:
    """Whether two policies ask for the same, of the city and of every district.

    Parameters
    ----------
    one, other
        Two policies.
    """
    return _target_entries(one) == _target_entries(other)


def _target_entries(policy: Policy) -> dict[str, PolicyEntry]:
    return {key: entry for key, entry in policy.entries.items() if key.startswith(("target.", "overlay."))}
