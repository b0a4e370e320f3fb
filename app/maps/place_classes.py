"""Whole places put into classes by the figure of a theme, with the legend that explains them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from analysis.figures.figure import Figure
from analysis.indicators.classes import Method, compute_class_bounds, format_class_ranges
from analysis.indicators.registry import REGISTRY
from app.maps.palettes import NO_DATA, NO_PORTS, OCHRE, TEAL, sample_diverging
from app.maps.themes import LegendClass

NAMED_CLASSES = ("no_data", "no_ports")
"""Classes that no bound makes; the others are "c0", "c1", … from low to high."""

_FIXED: Mapping[str, tuple[float, ...]] = {
    "ratio": (0.60, 0.70, 0.80, 0.90),
    "count": (1, 5, 10, 20),
    "ports": (1, 100, 300, 1000),
    "bikes/port": (2, 3, 4, 5),
}
"""Where the fixed classes after the first begin where there is no target, by the unit of the figure."""
_AROUND: Mapping[str, tuple[float, ...]] = {
    "ratio": (-0.20, -0.08, 0.0, 0.06, 0.12),
    "bikes/port": (-1.0, 0.0, 0.5, 2.0),
}
"""The same as distances from the target, which is one of them."""
_STEP = {"ratio": 0.01, "bikes/port": 0.1}


@dataclass(frozen=True)
class PlaceClasses:
    """The class of each place, and the legend.

    Parameters
    ----------
    keys
        Key of the band of each place, in the order of the figures.
    bands
        From low to high, then those of `NAMED_CLASSES`, which have no names yet.
    """

    keys: tuple[str, ...]
    bands: tuple[LegendClass, ...]


def classify_places(indicator_key: str, figures: Sequence[Figure | None], method: Method) -> PlaceClasses:
    """Put places of one level into classes.

    Parameters
    ----------
    indicator_key
        Of the indicator that colours them.
    figures
        That of each place, with its target; None where there is none.
    method
        "policy": bounds at the target and around it, fixed ones where there is none; else as for units, with
        a bound at the target.
    """
    indicator = next(entry for entry in REGISTRY if entry.key == indicator_key)
    unit, is_lower_better = indicator.unit, indicator.better == "lower"
    named = [_named(figure) for figure in figures]
    values = np.array(
        [np.nan if name or figure is None else figure.value for name, figure in zip(named, figures, strict=True)],
        dtype=float,
    )
    target, values = _around_target(unit, figures, values)
    # a load of exactly the target is still good, a rate of exactly a bound is already better
    nudge = 1e-12 if is_lower_better and target is not None else -1e-12
    if method == "policy":
        bounds = _fixed_bounds(unit, target)
        texts = _fixed_texts(unit, bounds)
    else:
        step = _STEP.get(unit, 1.0)
        bounds = compute_class_bounds(values, method, step=step, break_at=None if target is None else target + nudge)
        texts = _made_texts(unit, values, bounds, step)
    at = np.searchsorted(bounds + nudge, values, side="right")
    keys = tuple(name or f"c{place}" for name, place in zip(named, at.tolist(), strict=True))
    is_lack = unit in ("count", "ports") and is_lower_better
    if is_lack and method == "policy":
        met: list[bool | None] = [True, *[False] * len(bounds)]  # where nothing is lacking
    else:
        met = _which_meet(bounds, values, target, is_lower_better=is_lower_better) if texts else []
    fills = _fills(met, is_lower_better=is_lower_better)
    bands = [
        LegendClass(f"c{number}", (fill,), False, text, text, keys.count(f"c{number}"), is_met)
        for number, (fill, text, is_met) in enumerate(zip(fills, texts, met, strict=True))
    ]
    if unit == "bikes/port":
        bands.append(LegendClass("no_ports", (NO_PORTS,), False, "", "", keys.count("no_ports")))
    return PlaceClasses(keys, (*bands, LegendClass("no_data", (NO_DATA,), True, "", "", keys.count("no_data"))))


def _around_target(
    unit: str, figures: Sequence[Figure | None], values: NDArray[np.float64]
) -> tuple[float | None, NDArray[np.float64]]:
    """The target of the places, None without one; where theirs differ, it is 0 and values are distances from it."""
    if unit not in _AROUND:
        return None, values
    targets = np.array([np.nan if f is None or f.target is None else f.target for f in figures], dtype=float)
    known = targets[np.isfinite(values)]
    if not len(known) or np.isnan(known).any():
        return None, values
    if np.ptp(known) == 0:
        return float(known[0]), values
    return 0.0, np.round(values - targets, 12)


def _fixed_bounds(unit: str, target: float | None) -> NDArray[np.float64]:
    if target is None:
        return np.array(_FIXED[unit], dtype=float)
    bounds = np.round(target + np.array(_AROUND[unit]), 9)
    most = 1.0 if unit == "ratio" else np.inf
    return bounds if target == 0 else bounds[(bounds > 0) & (bounds <= most)]


def _which_meet(
    bounds: NDArray[np.float64], values: NDArray[np.float64], target: float | None, *, is_lower_better: bool
) -> list[bool | None]:
    """Whether each class meets the target; no class lies on both sides of it."""
    if target is None:
        return [None] * (len(bounds) + 1)
    seen = [*values[np.isfinite(values)].tolist(), *bounds.tolist()] or [target]
    if is_lower_better:
        return [bool(top <= target + 1e-9) for top in (*bounds.tolist(), max(seen))]
    return [bool(bottom >= target - 1e-9) for bottom in (min(seen), *bounds.tolist())]


def _fills(met: Sequence[bool | None], *, is_lower_better: bool) -> list[str]:
    """Around a target ochre and teal; without one ochre for what is lacking, teal for what is there, by amount."""
    judged = [one for one in met if one is not None]
    if judged:
        return sample_diverging(judged, is_lower_better=is_lower_better)
    return list((OCHRE if is_lower_better else TEAL)[len(met)])


def _named(figure: Figure | None) -> str | None:
    """The class of a place without a number; None where there is one."""
    if figure is None or figure.numerator is None or figure.denominator is None:
        return "no_data"
    if figure.unit == "bikes/port" and not figure.denominator:
        return "no_ports" if figure.numerator else "no_data"
    return None if figure.value is not None else "no_data"


def _fixed_texts(unit: str, bounds: NDArray[np.float64]) -> list[str]:
    if unit == "bikes/port":
        shown = [f"{bound:g}" for bound in bounds]
        return [f"≤ {shown[0]}", *(f"{a}–{b}" for a, b in pairwise(shown)), f"> {shown[-1]}"]
    if unit == "ratio":
        shown = [f"{bound:.0%}" for bound in bounds]
        return [f"< {shown[0]}", *(f"{a}–{b}" for a, b in pairwise(shown)), f"≥ {shown[-1]}"]
    starts = [0, *(int(bound) for bound in bounds)]
    inner = [f"{a}" if a == b - 1 else f"{a}–{b - 1}" for a, b in pairwise(starts)]
    return [*inner, f"≥ {starts[-1]}"]


def _made_texts(unit: str, values: NDArray[np.float64], bounds: NDArray[np.float64], step: float) -> list[str]:
    if unit == "ratio":
        ranges = format_class_ranges(100 * values, np.round(100 * bounds), step=1, is_whole=False)
        return [f"{text}%" for text in ranges]
    return format_class_ranges(values, bounds, step=step, is_whole=step >= 1)
