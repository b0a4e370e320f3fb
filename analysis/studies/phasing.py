"""Next years' work: what each district owes, which areas start first, and by what dates (R60-R62)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from analysis.figures.facts import Facts
from analysis.figures.figure import UNKNOWN_CODE, Basis, Figure, Level
from analysis.figures.indicator import count_units_needed, find_target
from analysis.indicators.registry import REGISTRY, compute_figures
from analysis.policy import Policy
from geo.messages import load_catalogue

say = load_catalogue(__file__)

QUOTA_KEYS = ("professional_coverage_rate", "old_community_service_rate", "management_coverage_rate")
"""The coverages that are asked of districts year by year."""

STAGES = {
    key: say(f"stage.{key}") for key in ("survey", "drawing", "consulting", "body", "tender", "contract", "entry")
}
"""Stages of an area in their order (R62) and what they are called; monthly assessment follows (R64)."""


@dataclass(frozen=True)
class AreaStage:
    """One stage of an area and the latest days on which it starts and ends.

    `is_late`: its start is before the day the data speak of, so the year can no longer be kept
    without shortening something.
    """

    key: str
    zh: str
    en: str
    start: date
    end: date
    is_late: bool


@dataclass(frozen=True)
class Quota:
    """What one place owes in one year for one indicator.

    Parameters
    ----------
    key, admin_code, level, year
        Of what, where, when.
    target
        Share asked for; None where the policy sets none for the year.
    total, served
        Denominator and numerator as they are now, on the basis of the figures.
    needed
        More than now by the end of the year: ⌈target × total⌉ − served, at least 0.
    in_year
        Of these, what is left for the year itself when the years before kept their quota.
    unknown_units
        Units without data: in neither sum.
    """

    key: str
    admin_code: str
    level: str
    year: int
    target: float | None
    total: float
    served: float
    needed: int
    in_year: int
    unknown_units: int


@dataclass(frozen=True)
class CandidateArea:
    """An area that could start.

    Parameters
    ----------
    area_id, district_code, street_code
        Which, and where; codes may be missing.
    gains
        Units it would serve that are not served today.
    households
        Of all its members.
    gap_yuan
        Income − cost of a year, negative = money is lacking; None = unknown.
    """

    area_id: str
    district_code: str | None
    street_code: str | None
    gains: int
    households: float
    gap_yuan: float | None

    @property
    def gap_per_household(self) -> float:
        """Money lacking a household and year; ∞ where it is not known: such areas come last."""
        if self.gap_yuan is None or not self.households:
            return math.inf
        return max(0.0, -self.gap_yuan) / self.households


def compute_quotas(
    facts: Facts,
    years: Sequence[int],
    *,
    level: Level = "district",
    basis: Basis = "count",
    keys: Sequence[str] = QUOTA_KEYS,
) -> tuple[Quota, ...]:
    """What every place of a level owes, year by year (R60), by indicator, place and year.

    Each place is asked for its own target, so the quotas of the districts add up to at least the
    city's: rounding up never loses one.

    Parameters
    ----------
    facts
        Of the roster the quotas are held against.
    years
        Years, rising.

    Examples
    --------
    >>> from analysis.figures.indicator import count_units_needed
    >>> [count_units_needed(target, 351, 260) for target in (0.80, 0.82, 0.90)]
    [21, 28, 56]
    """
    found: list[Quota] = []
    for figure in compute_figures((facts,), level=level, basis=basis, keys=keys):
        if figure.numerator is not None and figure.admin_code != UNKNOWN_CODE:
            found.extend(_compute_place_quotas(figure, facts, years))
    return tuple(found)


def schedule_areas(
    candidates: Sequence[CandidateArea],
    need: Mapping[tuple[str, int], int],
    years: Sequence[int],
    *,
    every_street_first: bool = True,
) -> dict[str, int | None]:
    """In which year each area starts, under the quotas of its district (R61).

    District by district and year by year: while the year's need is not met, the area with the
    least money lacking a household starts. Before that, where the rule is on, every street with
    candidates gets its cheapest one in the first year that needs any.

    Parameters
    ----------
    candidates
        Areas that could start.
    need
        (district_code, year) → units to gain in that year.
    years
        Years, rising.
    every_street_first
        The rule of equity.

    Returns
    -------
    area_id → year, None = not needed under the quotas; in the order of the candidates.
    """
    started: dict[str, int | None] = {area.area_id: None for area in candidates}
    for district in sorted({area.district_code or UNKNOWN_CODE for area in candidates}):
        own = [area for area in candidates if (area.district_code or UNKNOWN_CODE) == district]
        waiting = sorted(own, key=lambda a: (a.gap_per_household, -a.gains, a.area_id))
        ahead = 0  # gained more than was asked: helps the next year
        equal = not every_street_first
        for year in years:
            owed = need.get((district, year), 0) - ahead
            first = [] if equal or owed <= 0 else _cheapest_of_each_street(waiting)
            equal = equal or owed > 0
            for area in (*first, *[a for a in waiting if a not in first]):
                if area not in first and owed <= 0:
                    break
                if area.gains > 0:
                    started[area.area_id] = year
                    owed -= area.gains
            waiting = [area for area in waiting if started[area.area_id] is None]
            ahead = max(0, -owed)
    return started


def schedule_stages(year: int, policy: Policy, *, as_of: str | None = None) -> tuple[AreaStage, ...]:
    """The stages of an area that must operate by the end of a year, at the latest (R62, R63).

    Reckoned back from 31 December, for only what operates counts.

    Parameters
    ----------
    year
        The year in whose figures the area shall count.
    policy
        Days of every stage.
    as_of
        ISO date of the data; None = no stage is called late.

    Examples
    --------
    >>> from analysis.policy import read_policy
    >>> stages = schedule_stages(2026, read_policy())
    >>> stages[0].zh, stages[0].start.isoformat(), stages[-1].zh, stages[-1].end.isoformat()
    ('摸底', '2026-06-20', '进驻', '2026-12-31')
    """
    days = dict(policy.value("phasing.stage_days"))
    now = date.fromisoformat(as_of) if as_of else None
    end, found = date(year, 12, 31), []
    for key, name in reversed(STAGES.items()):
        start = end - timedelta(days=int(days[key]) - 1)
        found.append(AreaStage(key, *name, start, end, now is not None and start < now))
        end = start - timedelta(days=1)
    return tuple(reversed(found))


def _compute_place_quotas(figure: Figure, facts: Facts, years: Sequence[int]) -> list[Quota]:
    indicator = next(entry for entry in REGISTRY if entry.key == figure.key)
    total, served = float(figure.denominator or 0), float(figure.numerator or 0)
    out, before = [], 0
    for year in years:
        target = find_target(facts.policy, indicator, year, figure.level, figure.admin_code)  # type: ignore[arg-type]
        needed = 0 if target is None else count_units_needed(target, total, served)
        out.append(
            Quota(
                figure.key,
                figure.admin_code,
                figure.level,
                year,
                target,
                total,
                served,
                needed,
                max(0, needed - before),
                figure.unknown_units,
            )
        )
        before = max(before, needed)
    return out


def _cheapest_of_each_street(waiting: Sequence[CandidateArea]) -> list[CandidateArea]:
    first: dict[str | None, CandidateArea] = {}
    for area in waiting:
        if area.gains > 0:
            first.setdefault(area.street_code, area)
    return list(first.values())
