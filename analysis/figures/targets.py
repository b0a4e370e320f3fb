"""Targets of the policy by indicator, year and place, with what districts set for themselves."""

from __future__ import annotations

import math
from collections.abc import Mapping

from analysis.figures.figure import CITY_CODE, Level
from analysis.figures.indicator import Indicator
from analysis.policy import Policy, PolicyEntry

ANY_YEAR = "any"


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
    >>> [target_of(read_policy(), PROFESSIONAL_COVERAGE, year) for year in (2026, 2031, None)]
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

    Examples
    --------
    >>> [units_still_needed(target, 351, 260) for target in (0.80, 0.82, 0.90)]
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
    """Whether two policies ask for the same, of the city and of every district."""
    return _target_entries(one) == _target_entries(other)


def _target_entries(policy: Policy) -> dict[str, PolicyEntry]:
    return {key: entry for key, entry in policy.entries.items() if key.startswith(("target.", "overlay."))}
