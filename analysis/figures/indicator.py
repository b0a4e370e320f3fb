"""What an indicator is, what each row contributes to it, and a theme that maps it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.figures.facts import Facts
from analysis.figures.figure import Basis, Layers, Level
from analysis.policy import Policy

Kind = Literal["N", "C", "M"]
Better = Literal["higher", "lower"]

EVERYWHERE: tuple[Level, ...] = ("city", "district", "street", "neighbourhood")
BY_DISTRICT: tuple[Level, ...] = ("city", "district")
CITY_ONLY: tuple[Level, ...] = ("city",)


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
        Columns needed this time beside those of the indicator, "layer.column".
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
        Of domain.md §1; several keys may share the id of one row of the action plan.
    formula
        In words, as printed beside the figure.
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
        Where the tables lack what it needs, what offices reported counts, and is said to be that.
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
        Stable name, as in :func:`analysis.indicators.classify_units`.
    indicator_key
        The indicator whose figure belongs beside the map; None where units alone are coloured.
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
