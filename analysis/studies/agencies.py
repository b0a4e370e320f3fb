"""Responsible agencies: whose tasks the indicators measure, and which of them lag (四(四))."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.figures.figure import CURRENT, Figure
from analysis.indicators.registry import is_target_met
from analysis.policy import Policy

_TASK = re.compile(r"T\d\d")


@dataclass(frozen=True)
class AgencyState:
    """Where one agency stands in one place.

    Parameters
    ----------
    agency
        As the policy names it.
    admin_code
        Place of the figures; "all" for the city.
    tasks
        Ids of its tasks.
    met, lagging, no_data, no_target
        Figures of its tasks on the current roster: target met; missed; without a value, or with
        one that rests on estimates, so that nobody can tell; without a target.
    """

    agency: str
    admin_code: str
    tasks: tuple[str, ...]
    met: tuple[Figure, ...]
    lagging: tuple[Figure, ...]
    no_data: tuple[Figure, ...]
    no_target: tuple[Figure, ...]


def find_task(indicator_id: str) -> str | None:
    """The task of the action plan an indicator belongs to; None for headline targets.

    Examples
    --------
    >>> find_task("T25a.survey"), find_task("G05")
    ('T25', None)
    """
    found = _TASK.match(indicator_id)
    return found.group() if found else None


def find_agencies(policy: Policy, indicator_id: str) -> tuple[str, ...]:
    """The agencies the policy makes responsible; none for headline targets or unknown tasks.

    Parameters
    ----------
    policy
        The policy in force.
    indicator_id
        Such as "T13a".

    Examples
    --------
    >>> from analysis.policy import read_policy
    >>> find_agencies(read_policy(), "T08")
    ('市财政局', '市住建局', '市审计局')
    """
    entry = policy.entries.get(f"agency.{find_task(indicator_id)}")
    return () if entry is None else tuple(entry.value)


def summarise_agencies(figures: Sequence[Figure], policy: Policy) -> tuple[AgencyState, ...]:
    """Every agency in every place the figures speak of, by place, the most lagging first.

    A task shared by several agencies counts for each of them: the plan does not say whose part is
    late.

    Parameters
    ----------
    figures
        Figures of any levels; those of a frozen roster are left out.
    policy
        Entries `agency.<task>`.
    """
    held: dict[tuple[str, str], list[Figure]] = {}
    for figure in figures:
        if figure.roster == CURRENT:
            for agency in find_agencies(policy, figure.id):
                held.setdefault((figure.admin_code, agency), []).append(figure)
    states = [_state(agency, code, own) for (code, agency), own in held.items()]
    return tuple(sorted(states, key=lambda s: (s.admin_code, -len(s.lagging), s.agency)))


def _state(agency: str, code: str, own: Sequence[Figure]) -> AgencyState:
    asked = [figure for figure in own if figure.target is not None]
    verdict = {id(figure): is_target_met(figure) for figure in asked}
    return AgencyState(
        agency=agency,
        admin_code=code,
        tasks=tuple(sorted({find_task(figure.id) or "" for figure in own})),
        met=tuple(f for f in asked if verdict[id(f)] is True),
        lagging=tuple(f for f in asked if verdict[id(f)] is False),
        no_data=tuple(f for f in asked if verdict[id(f)] is None),
        no_target=tuple(f for f in own if f.target is None),
    )
