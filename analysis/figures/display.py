"""Figures as a reader sees them; rounding never lifts a value over its target."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Literal

from analysis.figures.figure import Figure
from analysis.indicators.registry import REGISTRY

NO_VALUE = "—"
Better = Literal["higher", "lower"]


def format_rate(value: float | None, *, target: float | None = None, decimals: int = 2) -> str:
    """A share as percent, rounded half up, but never up to a target it does not meet.

    Parameters
    ----------
    value
        Fraction 0-1; None = no data.
    target
        Fraction asked for; a value below it is never printed as equal to it.
    decimals
        Places after the point.

    Examples
    --------
    >>> format_rate(260 / 351), format_rate(0.79996, target=0.80), format_rate(None)
    ('74.07%', '79.99%', '—')
    """
    if value is None:
        return NO_VALUE
    percent = _as_percent(value)
    limit = None if target is None else _as_percent(target)
    return f"{_round_towards_limit(percent, limit, 'higher', decimals)}%"


def format_ratio(value: float | None, *, target: float | None = None, decimals: int = 2) -> str:
    """A ratio that should be low, rounded half up, but never down to a target it exceeds.

    Examples
    --------
    >>> format_ratio(3.0), format_ratio(3.004, target=3.0), format_ratio(3.004)
    ('3.00', '3.01', '3.00')
    """
    if value is None:
        return NO_VALUE
    limit = None if target is None else Decimal(repr(float(target)))
    return str(_round_towards_limit(Decimal(repr(float(value))), limit, "lower", decimals))


def format_figure(figure: Figure) -> str:
    """The value of a figure in its unit: "74.07%", "2.31", "1,204", or "—" without data."""
    if figure.value is None:
        return NO_VALUE
    if figure.unit == "ratio":
        return format_rate(figure.value, target=figure.target)
    if figure.unit == "bikes/port":
        return format_ratio(figure.value, target=figure.target)
    return f"{_round_towards_limit(Decimal(repr(float(figure.value))), None, 'lower', 0):,}"


def format_target(figure: Figure) -> str:
    """The target of a figure in its unit, "" without one."""
    if figure.target is None:
        return ""
    if figure.unit == "ratio":
        return format_rate(figure.target, decimals=0)
    return f"≤ {figure.target:g}" if figure.unit == "bikes/port" else f"{figure.target:g}"


def is_target_met(figure: Figure) -> bool | None:
    """Whether a figure meets its target; None where there is no value or no target.

    Where the indicator forbids it (R51), what rests on estimates is never called met: None.
    A value so close that only the arithmetic of binary fractions keeps it away (1e-12) meets it.
    """
    if figure.value is None or figure.target is None:
        return None
    indicator = next(entry for entry in REGISTRY if entry.key == figure.key)
    higher = indicator.better == "higher"
    gain = figure.value - figure.target if higher else figure.target - figure.value
    met = gain >= -1e-12
    if met and figure.estimated_share and not indicator.claim_on_estimates:
        return None
    return met


def _round_towards_limit(value: Decimal, limit: Decimal | None, better: Better, decimals: int) -> Decimal:
    step = Decimal(1).scaleb(-decimals)
    half_up = value.quantize(step, ROUND_HALF_UP)
    if limit is None:
        return half_up
    if better == "higher" and value < limit <= half_up:
        return value.quantize(step, ROUND_FLOOR)
    if better == "lower" and value > limit >= half_up:
        return value.quantize(step, ROUND_CEILING)
    return half_up


def _as_percent(share: float) -> Decimal:
    return Decimal(repr(float(share))) * 100
