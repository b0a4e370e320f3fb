"""Objectives a planner may name: how each is measured, ordered and weighted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

from analysis.bundling.model.rules import PlanRules
from analysis.bundling.model.score import Objective
from geo.errors import UsageError
from geo.messages import load_catalogue

say = load_catalogue(__file__)

LEVEL_OF = {
    "walking": "household_metres",
    "compact": "cut_pairs",
    "border": "cut_facing_m",
    "staffing": "shared_posts",
    "closeness": "units_moved",
    "preferences": "households_against",
    "areas": "areas",
    "window": "areas_outside_preferred",
    "new_leads_old": "households_led_by_old",
}
"""Every objective, with the name of its level in PLAN.json; less is better in each."""

_LEXICOGRAPHIC_AREA_M = 10_000_000
"""Household-metres that an area costs in the search where fewer areas come before walking."""

_LEXICOGRAPHIC_HOUSEHOLD_M = 10_000
"""Household-metres that a household led against a preference costs where preferences come first."""

_CUT_SHARE = 0.75
"""Of what an area costs, what parting a pair of neighbours does where mode "area" is given no objective [A]: so much
that a managed community which touches an area twice, or lies in it, joins it."""

AREAS_ONLY = ("window", "new_leads_old")
"""Objectives of mode "area" alone."""

_POSTS_AN_AREA = 2
"""Posts that one area fewer saves, roughly: what the search takes staffing for before it is exact."""


@dataclass(frozen=True)
class ObjectiveSpec:
    """Objectives in an order, or weighted; households left over come before all of them.

    Parameters
    ----------
    names
        Keys of `LEVEL_OF`.
    weights
        One for each name; None = in order: a later one counts where all before are equal.
    """

    names: tuple[str, ...]
    weights: tuple[float, ...] | None = None

    def key(self, first: tuple[int, ...], values: Mapping[str, int]) -> tuple[float, ...]:
        """What plans are compared by, after what `primary_levels` tells: compare keys with `<`.

        Parameters
        ----------
        first
            What comes before all objectives (`primary_levels`).
        values
            What the plan is worth by each name.

        Examples
        --------
        >>> values = {"walking": 500, "closeness": 2}
        >>> ObjectiveSpec(("closeness", "walking")).key((9, 0), values)
        (9, 0, 2, 500)
        >>> ObjectiveSpec(("walking", "closeness"), (1.0, 200.0)).key((9, 0), values)
        (9, 0, 900.0)
        """
        if self.weights is None:
            return *first, *(values[name] for name in self.names)
        pairs = zip(self.weights, self.names, strict=True)
        return *first, sum(weight * values[name] for weight, name in pairs)

    @property
    def counting(self) -> tuple[str, ...]:
        """Names that tell plans apart: those of weight 0 do not.

        Examples
        --------
        >>> ObjectiveSpec(("walking", "areas"), (1.0, 0.0)).counting
        ('walking',)
        """
        if self.weights is None:
            return self.names
        return tuple(n for n, weight in zip(self.names, self.weights, strict=True) if weight)

    @property
    def is_walking(self) -> bool:
        """Whether walking and the number of areas are all that counts: the search is made for it."""
        return set(self.names) <= {"walking", "areas"} and self._rank("walking") == 0

    @property
    def is_cut_first(self) -> bool:
        """Whether compact or short outlines come before walking."""
        if self.weights is None:
            return min(self._rank("compact"), self._rank("border")) < self._rank("walking")
        outlines = self._weight("compact") + self._weight("border")
        return outlines > 0 and self._weight("walking") == 0

    @property
    def area_price_m(self) -> int | None:
        """Household-metres an area costs where walking and areas are all that is weighed; else None.

        Examples
        --------
        >>> ObjectiveSpec(("walking", "areas"), (2.0, 600.0)).area_price_m
        300
        >>> ObjectiveSpec(("walking", "areas"), (7.0, 600.0)).area_price_m is None  # no whole number
        True
        """
        aside = {"window", "compact"} if "window" in self.counting else set()
        if self.weights is None or set(self.counting) - aside != {"walking", "areas"}:
            return None
        price = self._weight("areas") / self._weight("walking")
        return int(price) if price.is_integer() else None

    def objective(self) -> Objective:
        """What the search goes by: walking, with areas and staffing as a price of each area."""
        if self.weights is None:
            first = min(self._rank("areas"), self._rank("staffing"))
            return Objective(area_m=_LEXICOGRAPHIC_AREA_M if first < self._rank("walking") else 0)
        walking = self._weight("walking")
        price = self._weight("areas") + _POSTS_AN_AREA * self._weight("staffing")
        return Objective(area_m=round(price / walking) if walking else (_LEXICOGRAPHIC_AREA_M if price else 0))

    def price_m(self, name: str) -> int:
        """Household-metres that one of an objective costs.

        That is a unit in another area than before ("closeness"), a pair of neighbours parted
        ("compact"), a metre along which they face each other ("border"), a household led against one
        preference ("preferences").

        Examples
        --------
        >>> ObjectiveSpec(("walking", "closeness"), (2.0, 400.0)).price_m("closeness")
        200
        """
        ahead = _LEXICOGRAPHIC_HOUSEHOLD_M if name == "preferences" else _LEXICOGRAPHIC_AREA_M
        if self.weights is None:
            is_first = self._rank(name) < self._rank("walking")
            return ahead if is_first else int(name in self.names)
        walking, weight = self._weight("walking"), self._weight(name)
        return round(weight / walking) if walking else (ahead if weight else 0)

    def _rank(self, name: str) -> int:
        return self.names.index(name) if name in self.names else len(LEVEL_OF)

    def _weight(self, name: str) -> float:
        if self.weights is None or name not in self.names:
            return 0.0
        return self.weights[self.names.index(name)]


def read_objective(text: str) -> tuple[str, ...]:
    """What a planner names, as it stands in the rules.

    Parameters
    ----------
    text
        "walking,compact": in this order; "walking=1,closeness=200": weighted.

    Raises
    ------
    UsageError
        If a name is unknown or twice, a weight is no number ≥ 0, or only some have a weight.

    Examples
    --------
    >>> read_objective("walking=1, closeness=200")
    ('walking=1', 'closeness=200')
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    names = [part.partition("=")[0].strip() for part in parts]
    weights = [part.partition("=")[2].strip() for part in parts if "=" in part]
    known = ", ".join(LEVEL_OF)
    if not parts or not set(names) <= set(LEVEL_OF) or len(set(names)) < len(names):
        raise UsageError(*say("objective.not_known", text=text, known=known))
    if weights and len(weights) < len(parts):
        raise UsageError(*say("objective.some_weights", text=text))
    if not all(_is_weight(weight) for weight in weights):
        raise UsageError(*say("objective.weight", text=text))
    if not weights:
        return tuple(names)
    return tuple(f"{n}={float(w):g}" for n, w in zip(names, weights, strict=True))


def add_opening_price(objective: tuple[str, ...], opening: int | None) -> tuple[str, ...]:
    """Named objectives with a price for each area, in household-metres, added to them.

    Parameters
    ----------
    objective
        Named objectives as `read_objective` gives them.
    opening
        Household-metres of each area; None = no price.

    Raises
    ------
    UsageError
        If they are in an order, which knows no price, or have a weight for areas already.

    Examples
    --------
    >>> add_opening_price(("walking=2", "compact=9"), 100)
    ('walking=2', 'compact=9', 'areas=200')
    """
    if opening is None or not objective:
        return objective
    weights = {name: text for name, equals, text in (p.partition("=") for p in objective) if equals}
    if "areas" in weights or len(weights) < len(objective):
        raise UsageError(*say("objective.opening"))
    return (*objective, f"areas={opening * float(weights.get('walking', 1)):g}")


def require_known_objectives(rules: PlanRules) -> None:
    """Refuse objectives that the rules' mode cannot measure.

    Raises
    ------
    UsageError
        If one of mode "area" is named in another.
    """
    if rules.mode == "area":
        return
    named = {part.partition("=")[0] for part in rules.objective}
    wrong = [name for name in AREAS_ONLY if name in named]
    if wrong:
        listed = ", ".join(wrong)
        raise UsageError(*say("objective.of_areas", listed=listed))


def objectives_of(rules: PlanRules) -> ObjectiveSpec:
    """The aims of a plan's rules: those named, else walking and `area_worth` for each area; mode "area" has more.

    Examples
    --------
    >>> from analysis.bundling.model.rules import rules_from_policy
    >>> from analysis.policy import read_policy
    >>> objectives_of(rules_from_policy(read_policy(), mode="mixed"))
    ObjectiveSpec(names=('walking', 'areas'), weights=(1.0, 200000.0))
    """
    if not rules.objective and rules.mode == "area":
        return ObjectiveSpec(
            ("window", "walking", "areas", "compact"),
            (float(_LEXICOGRAPHIC_AREA_M), 1.0, float(rules.area_worth), _CUT_SHARE * rules.area_worth),
        )
    if not rules.objective:
        return ObjectiveSpec(("walking", "areas"), (1.0, float(rules.area_worth)))
    pairs = [part.partition("=") for part in rules.objective]
    names = tuple(name for name, _, _ in pairs)
    if any(not equals for _, equals, _ in pairs):
        return ObjectiveSpec(names)
    return ObjectiveSpec(names, tuple(float(weight) for _, _, weight in pairs))


def missing_lengths_error() -> UsageError:
    """What is stated where outlines are to be short and the length of a pair is not known."""
    return UsageError(*say("objective.lengths_missing"))


def _is_weight(text: str) -> bool:
    try:
        return isfinite(float(text)) and float(text) >= 0
    except ValueError:
        return False
