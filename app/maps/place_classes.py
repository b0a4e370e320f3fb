"""Whole places put into classes by the figure of a theme, with the legend that explains them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from analysis.figures.figure import Figure
from analysis.figures.indicator import Theme
from analysis.indicators.classes import Method, compute_class_bounds, format_class_ranges
from analysis.indicators.registry import REGISTRY
from analysis.policy import Policy
from app.maps.themes import NO_PORTS, LegendClass, sample_viridis

NAMED_CLASSES = ("no_data", "no_ports")
"""Classes that no bound makes; the others are "c0", "c1", … from low to high."""

_NO_DATA = "#f4f5f7"
_FIXED: Mapping[str, tuple[float, ...]] = {
    "ratio": (0.60, 0.70, 0.80, 0.90),
    "count": (1, 5, 10, 20),
    "ports": (1, 100, 300, 1000),
}
"""Where the fixed classes after the first begin, by the unit of the figure."""
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


def classify_places(theme: Theme, figures: Sequence[Figure | None], policy: Policy, method: Method) -> PlaceClasses:
    """Put places of one level into classes.

    Parameters
    ----------
    theme
        One with an indicator.
    figures
        That of each place; None where there is none.
    method
        "policy": fixed bounds, the policy's where it has any; else as for units.
    """
    indicator = next(entry for entry in REGISTRY if entry.key == theme.indicator_key)
    good_fair = tuple(float(bound) for bound in policy.value("ebike.bands"))
    named = [_named(figure) for figure in figures]
    values = np.array(
        [np.nan if name or figure is None else figure.value for name, figure in zip(named, figures, strict=True)],
        dtype=float,
    )
    is_load = indicator.unit == "bikes/port"
    if method == "policy":
        bounds: NDArray[np.float64] = np.array(good_fair if is_load else _FIXED[indicator.unit])
        texts = _fixed_texts(indicator.unit, bounds)
    else:
        step = _STEP.get(indicator.unit, 1.0)
        bounds = compute_class_bounds(values, method, step=step)
        texts = _made_texts(indicator.unit, values, bounds, step)
    # a load of exactly the bound is still good, a rate of exactly the bound is already better
    side, nudge = ("left", 1e-12) if is_load and method == "policy" else ("right", -1e-12)
    at = np.searchsorted(bounds + nudge, values, side=side)  # type: ignore[call-overload]
    keys = tuple(name or f"c{place}" for name, place in zip(named, at.tolist(), strict=True))
    fills = sample_viridis(len(texts), dark_is_low=indicator.better == "higher")
    if is_load and method == "policy":
        fills = ["#FDE725", "#35B779", "#31688E"]
    bands = [
        LegendClass(f"c{number}", (fill,), False, text, text, keys.count(f"c{number}"))
        for number, (fill, text) in enumerate(zip(fills, texts, strict=True))
    ]
    if is_load:
        bands.append(LegendClass("no_ports", (NO_PORTS,), False, "", "", keys.count("no_ports")))
    return PlaceClasses(keys, (*bands, LegendClass("no_data", (_NO_DATA,), True, "", "", keys.count("no_data"))))


def _named(figure: Figure | None) -> str | None:
    """The class of a place without a number; None where there is one."""
    if figure is None or figure.numerator is None or figure.denominator is None:
        return "no_data"
    if figure.unit == "bikes/port" and not figure.denominator:
        return "no_ports" if figure.numerator else "no_data"
    return None if figure.value is not None else "no_data"


def _fixed_texts(unit: str, bounds: NDArray[np.float64]) -> list[str]:
    if unit == "bikes/port":
        good, fair = (f"{bound:g}" for bound in bounds)
        return [f"≤ {good}", f"{good}–{fair}", f"> {fair}"]
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
