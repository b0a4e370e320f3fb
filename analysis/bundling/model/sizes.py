"""Size bounds of areas in further weights: parsed, checked, formatted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

import numpy as np

from geo.errors import UsageError
from geo.messages import Sentence, load_catalogue

say = load_catalogue(__file__)

WeightName = Literal["households", "floor_area"]
BoundName = Literal["households", "floor_area", "members"]

UNBOUNDED = 2**60
"""Stands for no most where a number is needed; sums of weights stay far below it."""

MEASURES: dict[str, Sentence] = {name: say(f"measure.{name}") for name in get_args(BoundName)}
"""What each weight is counted in, Chinese and English."""


@dataclass(frozen=True)
class SizeBound:
    """What an area without an anchor may come to in one weight more (R31).

    Parameters
    ----------
    weight
        "households", "floor_area" (m²) or "members" (units of the area).
    lower, upper
        The least and the most, both hard; an upper of None sets no most.
    """

    weight: BoundName
    lower: int
    upper: int | None = None

    @property
    def text(self) -> str:
        """As `read_bounds` reads it.

        Examples
        --------
        >>> SizeBound("members", 0, 12).text
        'members=:12'
        """
        least, most = self.lower or "", "" if self.upper is None else self.upper
        return f"{self.weight}={least}:{most}"

    def holds(self, total: int) -> bool:
        """Whether a total is within."""
        return self.lower <= total and (self.upper is None or total <= self.upper)


@dataclass(frozen=True, eq=False)
class Size:
    """One weight that areas without an anchor are bounded by, with the units' figures.

    Parameters
    ----------
    name
        See `MEASURES`.
    weight
        (n,) int of the units it is about; floor areas are rounded unit by unit.
    lower, upper
        As in `SizeBound`.
    """

    name: str
    weight: np.ndarray
    lower: int
    upper: int | None

    @property
    def measure(self) -> Sentence:
        """What it is counted in, Chinese and English."""
        return MEASURES[self.name]

    def fits(self, weight: Any) -> Any:
        """Whether a weight, or each of several, is not above the most."""
        return np.asarray(weight) <= (UNBOUNDED if self.upper is None else self.upper)

    def limit_broken(self, total: int) -> int | None:
        """The limit that a total breaks; None where it keeps both."""
        if total < self.lower:
            return self.lower
        return None if self.upper is None or total <= self.upper else self.upper

    def is_oversize(self, members: np.ndarray) -> bool:
        """Whether one member alone is above the most, which then holds for what is added to it.

        Parameters
        ----------
        members
            (k,) positions of the units of an area.
        """
        return self.upper is not None and int(self.weight[members].max()) > self.upper

    def total_bounded(self, members: np.ndarray) -> int:
        """The total of an area that the most holds for: without its largest member where that alone exceeds it.

        Parameters
        ----------
        members
            (k,) positions of the units of an area.

        Examples
        --------
        >>> Size("households", np.array([5, 90, 3]), 1, 50).total_bounded(np.array([0, 1, 2]))
        8
        """
        weights = self.weight[members]
        return int(weights.sum()) - (int(weights.max()) if self.is_oversize(members) else 0)


def read_bounds(texts: Sequence[str], weight: str) -> tuple[SizeBound, ...]:
    """Bounds written as "name=least:most", either side empty.

    Parameters
    ----------
    texts
        One for each weight.
    weight
        The first weight, which `lower` and `upper` bound: it cannot be bounded once more.

    Raises
    ------
    UsageError
        If any of them is no bound; all faults are reported together.

    Examples
    --------
    >>> read_bounds(["members=3:12", "floor_area=:300000"], "households")[1]
    SizeBound(weight='floor_area', lower=0, upper=300000)
    """
    found: list[SizeBound] = []
    faults: list[Sentence] = []
    for text in texts:
        name, _, sides = str(text).partition("=")
        name = name.strip()
        faults += _name_faults(text, name, weight, [bound.weight for bound in found])
        lower, upper, wrong = _parse_limits(str(text), sides)
        faults += wrong
        if name in get_args(BoundName):
            found.append(SizeBound(cast(BoundName, name), lower or 0, upper))
    if faults:
        raise UsageError(*say("bound.faults", n=len(faults), faults=Sentence.join(faults, ("; ", "; "))))
    return tuple(found)


def bounds_from_rules(rules: Mapping[str, Any]) -> tuple[SizeBound, ...]:
    """The bounds in the `rules` of a plan document; plans made before there were any have none.

    Examples
    --------
    >>> bounds_from_rules({"bounds": [{"weight": "members", "lower": 3, "upper": None}]})
    (SizeBound(weight='members', lower=3, upper=None),)
    """
    return tuple(
        bound if isinstance(bound, SizeBound) else SizeBound(bound["weight"], bound["lower"], bound["upper"])
        for bound in rules.get("bounds", ())
    )


def is_valid_bound(entry: Any) -> bool:
    """Whether an entry of a document's `bounds` has the form of one."""
    if not isinstance(entry, Mapping) or entry.get("weight") not in get_args(BoundName):
        return False
    lower, upper = entry.get("lower"), entry.get("upper", False)
    return _is_count(lower) and (upper is None or _is_count(upper))


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _name_faults(text: str, name: str, weight: str, before: list[str]) -> list[Sentence]:
    if name not in get_args(BoundName):
        known = ", ".join(get_args(BoundName))
        return [say("bound.name", text=text, known=known)]
    if name == weight:
        return [say("bound.is_weight", text=text)]
    if name in before:
        return [say("bound.twice", name=name)]
    return []


def _parse_limits(text: str, sides: str) -> tuple[int | None, int | None, list[Sentence]]:
    """Least and most of "least:most", None where empty, and what is wrong with them."""
    parts = sides.split(":")
    if len(parts) != 2 or not any(part.strip() for part in parts):
        return None, None, [say("bound.form", text=text)]
    numbers: list[int | None] = []
    for part in (one.strip().replace(",", "") for one in parts):
        if part and not (part.isascii() and part.isdigit()):
            return None, None, [say("bound.number", text=text, part=part)]
        numbers.append(int(part) if part else None)
    lower, upper = numbers
    if lower is not None and upper is not None and lower > upper:
        return None, None, [say("bound.crossed", text=text)]
    return lower, upper, []
