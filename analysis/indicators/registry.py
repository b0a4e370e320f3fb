"""The indicators there are, and the figure each of them gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Basis = Literal["count", "households", "floor_area"]


@dataclass(frozen=True)
class Figure:
    """An indicator's value for one place, with all that an auditor asks for.

    Parameters
    ----------
    id, key
        "G05", "professional_coverage_rate".
    admin_code, level
        Place and its level {city, district, street, neighbourhood}; the city's code is "all".
    value
        None when there are no data: missing is missing, never zero.
    unit
        "ratio", "count".
    numerator, denominator
        As counted on `basis`; None where there are no data.
    basis
        What is counted: communities, households or floor area.
    roster
        "current" or the name of a frozen roster.
    target
        Policy target, None where the policy sets none.
    completeness
        Share 0-1 of the units in scope whose data are known.
    missing_columns
        Columns needed and absent.
    unit_ids
        The units behind the numerator.
    formula_version
        Changes whenever the formula does.
    """

    id: str
    key: str
    name_zh: str
    name_en: str
    admin_code: str
    level: str
    year: int | None
    value: float | None
    unit: str
    numerator: float | None
    denominator: float | None
    basis: Basis
    roster: str
    target: float | None
    completeness: float | None
    missing_columns: tuple[str, ...]
    unit_ids: tuple[str, ...]
    formula_version: str


@dataclass(frozen=True)
class Indicator:
    """One entry of the registry: what an indicator is and the pure function that computes it."""

    id: str
    key: str
    name_zh: str
    name_en: str
    formula: str
    unit: str
    clause: str
    version: str
    compute: Callable[..., Any]
