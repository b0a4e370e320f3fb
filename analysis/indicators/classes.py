"""Ways to put the numbers of a theme into classes: the policy's bands, natural breaks, equal counts."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from analysis.figures.indicator import Band, Theme
from analysis.policy import Policy

Method = Literal["policy", "natural", "quantile"]
METHODS: tuple[Method, ...] = ("policy", "natural", "quantile")
"""The bands of the theme itself; breaks where the values have gaps; as many units in each class."""

N_CLASSES = 5
_MOST_VALUES = 500


def compute_class_bounds(
    values: ArrayLike, method: Method, *, step: float = 1.0, n_classes: int = N_CLASSES, break_at: float | None = None
) -> NDArray[np.float64]:
    """Where the classes after the first begin.

    Parameters
    ----------
    values
        (n,) numbers; missing ones are passed over.
    method
        "natural": the classes of least variance inside them (Jenks, Fisher);
        "quantile": as many values in each.
    step
        Bounds are multiples of it.
    n_classes
        At most this many classes; fewer where there are fewer different values.
    break_at
        A target: it takes the place of the bound nearest to it, so that no class lies on both sides.

    Returns
    -------
    Increasing bounds, at most ``n_classes - 1``; each lies above the least value and at or below
    the greatest, and belongs to the class above it. Empty where all values are the same.

    Examples
    --------
    >>> compute_class_bounds([1, 2, 2, 30, 31, 90], "natural", n_classes=3).tolist()
    [16.0, 61.0]
    >>> compute_class_bounds([1, 2, 3, 4], "quantile", n_classes=2).tolist()
    [3.0]
    """
    known = np.asarray(values, dtype=np.float64)
    known = known[np.isfinite(known)]
    different, counts = np.unique(known, return_counts=True)
    if len(different) <= 1:
        return np.empty(0)
    if len(different) <= n_classes:
        bounds = different[1:]
    elif method == "natural":
        bounds = _natural_bounds(different, counts, n_classes)
    else:
        shares = np.arange(1, n_classes) / n_classes
        bounds = np.quantile(known, shares, method="higher")
    rounded = np.unique(np.ceil(np.round(bounds / step, 6)) * step)
    if break_at is not None and len(rounded) and different[0] < break_at <= different[-1]:
        rounded[np.argmin(np.abs(rounded - break_at))] = break_at
    return rounded[(rounded > different[0]) & (rounded <= different[-1])]


def classify_values(
    theme: Theme, table: pd.DataFrame, policy: Policy, method: Method, most: float | None = None
) -> tuple[tuple[Band, ...], pd.Series]:
    """The legend and the band of each unit under a way to make classes.

    Parameters
    ----------
    theme
        A theme of numbers for any method; one of names keeps its bands.
    table
        What its `classify` gives: columns band and value.
    policy
        The policy in force.
    method
        How classes are made.
    most
        The highest value that is still good: no class holds it and a higher one.

    Returns
    -------
    The bands in order, lowest class first, with those of `theme.kept` where they were; and (n,)
    band keys.
    """
    own = theme.bands(policy)
    if method == "policy" or theme.step is None:
        return own, table["band"]
    stays = table["band"].isin(theme.kept)
    values = table["value"].where(~stays)
    just_above = None if most is None else float(np.nextafter(most, np.inf))
    bounds = compute_class_bounds(values, method, step=theme.step, break_at=just_above)
    at = np.searchsorted(bounds, values.to_numpy(dtype=np.float64), side="right")
    named = np.array([f"c{number}" for number in range(len(bounds) + 1)], dtype=object)
    band = pd.Series(named[np.minimum(at, len(bounds))], index=table.index).where(~stays, table["band"])
    texts = format_class_ranges(values, bounds, step=theme.step, is_whole=theme.step >= 1)
    classes = tuple(Band(f"c{number}", text, text) for number, text in enumerate(texts))
    first = next(i for i, one in enumerate(own) if one.key not in theme.kept)
    head = tuple(one for one in own[:first] if one.key in theme.kept)
    tail = tuple(one for one in own[first:] if one.key in theme.kept)
    return (*head, *classes, *tail), band


def format_class_ranges(values: ArrayLike, bounds: ArrayLike, *, step: float, is_whole: bool) -> list[str]:
    """What a legend calls the classes between bounds: "3–9", "10–31", or one number alone.

    Whole numbers end below the next bound; others share it, and it belongs to the class above.

    Parameters
    ----------
    values
        The numbers that are classed.
    bounds
        Lowest number of each class but the first, ascending.
    step
        Least difference of two numbers shown.
    is_whole
        Whether values are whole numbers.

    Examples
    --------
    >>> format_class_ranges([1, 2, 30, 31], [16], step=1, is_whole=True)
    ['1–15', '16–31']
    >>> format_class_ranges([0.4, 2.55], [1.5], step=0.1, is_whole=False)
    ['0.4–1.5', '1.5–2.6']
    """
    known = np.asarray(values, dtype=np.float64)
    known = known[np.isfinite(known)]
    if not len(known):
        return []
    low = np.concatenate([[np.floor(known.min() / step + 1e-9) * step], np.asarray(bounds, float)])
    high = np.append(low[1:], np.ceil(known.max() / step - 1e-9) * step)
    high[:-1] -= step if is_whole else 0.0
    digits = len(f"{step:g}".partition(".")[2])
    ends = [(f"{a:.{digits}f}", f"{b:.{digits}f}") for a, b in zip(low, high, strict=True)]
    return [a if a == b else f"{a}–{b}" for a, b in ends]


def _natural_bounds(different: NDArray[np.float64], counts: NDArray[np.int64], n_classes: int) -> NDArray[np.float64]:
    """Half-way between neighbours that the classes of least variance part (Fisher 1958, exact).

    Of more than `_MOST_VALUES` different values those near each other count as their mean.
    """
    values, weights = _binned_values(different, counts)
    if len(values) <= n_classes:
        return (values[1:] + values[:-1]) / 2
    ahead = np.vstack([weights, weights * values, weights * values**2])
    sums = np.pad(np.cumsum(ahead, axis=1), ((0, 0), (1, 0)))
    n = len(values)
    weight, moment, square = (row[None, :] - row[:, None] for row in sums)  # [i, j]: values i to j-1
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.where(weight > 0, square - moment**2 / weight, np.inf)
    best, cuts = spread[0], []
    for _ in range(n_classes - 1):
        through = best[:, None] + spread
        cuts.append(np.argmin(through, axis=0))
        best = through.min(axis=0)
    at, bounds = n, []
    for cut in reversed(cuts):
        at = int(cut[at])
        bounds.append((values[at - 1] + values[at]) / 2)
    return np.array(bounds[::-1])


def _binned_values(
    different: NDArray[np.float64], counts: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.number]]:
    """The values and how many there are of each; near ones together where there are many."""
    if len(different) <= _MOST_VALUES:
        return different, counts
    share = (different - different[0]) / (different[-1] - different[0])
    bins = np.minimum((share * _MOST_VALUES).astype(np.int64), _MOST_VALUES - 1)
    weights = np.bincount(bins, counts, _MOST_VALUES)
    sums = np.bincount(bins, counts * different, _MOST_VALUES)
    return sums[weights > 0] / weights[weights > 0], weights[weights > 0]
