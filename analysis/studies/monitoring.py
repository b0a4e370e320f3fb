"""Month against month: what is new, lost, changed, doubtful, and who has not reported (R64)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.figures.figure import Figure, format_rate
from analysis.indicators.registry import compute_indicators
from analysis.indicators.reported import is_city_code
from analysis.policy import Policy
from geo.messages import EMPTY, Sentence, join_names, load_catalogue

say = load_catalogue(__file__)

WATCHED = ("management_mode", "company_id", "households", "floor_area_m2", "owners_body", "is_old")
"""Columns whose change is reported, unit by unit."""

MONTHLY_KEYS = (
    "management_coverage_rate",
    "professional_coverage_rate",
    "old_community_service_rate",
    "owners_body_formation_rate",
)
"""The figures of the monthly table."""


@dataclass(frozen=True)
class ValueChange:
    """One value of one unit that is not what it was; None = missing."""

    unit_id: str
    name: str
    column: str
    before: str | None
    after: str | None
    is_suspicious: bool


@dataclass(frozen=True)
class MonthDiff:
    """What happened between two months.

    Parameters
    ----------
    new, lost
        Ids of units that came and went, sorted.
    changes
        By unit, then by column.
    """

    new: tuple[str, ...]
    lost: tuple[str, ...]
    changes: tuple[ValueChange, ...]

    @property
    def suspicious(self) -> tuple[ValueChange, ...]:
        """Changes somebody should look at before the month is locked."""
        return tuple(change for change in self.changes if change.is_suspicious)


def diff_months(before: pd.DataFrame, after: pd.DataFrame, policy: Policy) -> MonthDiff:
    """Compare two snapshots of the layer `units`.

    Suspicious are: households or floor area that jump by more than the policy's share; a value
    that was there and is gone; an old community that is one no longer, or the reverse; a unit
    that is professionally managed all at once without a company.

    Parameters
    ----------
    before, after
        Units of two months, n and m rows.
    """
    old, new = (frame.set_index("unit_id", drop=False) for frame in (before, after))
    both = sorted(set(old.index) & set(new.index))
    changes: list[ValueChange] = []
    for column in WATCHED:
        was, now = old.loc[both, column].astype(object), new.loc[both, column].astype(object)
        same = (was == now) | (was.isna() & now.isna())
        for unit in [unit for unit, equal in zip(both, same.fillna(False), strict=True) if not equal]:
            row = new.loc[unit]
            changes.append(
                ValueChange(
                    unit,
                    str(row["name"]),
                    column,
                    _text(was[unit]),
                    _text(now[unit]),
                    _is_suspicious(column, was[unit], now[unit], row, policy),
                )
            )
    return MonthDiff(
        new=tuple(sorted(set(new.index) - set(old.index))),
        lost=tuple(sorted(set(old.index) - set(new.index))),
        changes=tuple(sorted(changes, key=lambda c: (c.unit_id, WATCHED.index(c.column)))),
    )


def find_late_reporters(reported: pd.DataFrame, districts: Sequence[str], month: str) -> tuple[str, ...]:
    """Districts without a single reported figure of the month, sorted.

    Parameters
    ----------
    reported
        The layer of reported figures.
    districts
        Codes of all districts that report.
    month
        Such as "2026-06".

    Examples
    --------
    >>> rows = pd.DataFrame({"admin_code": ["1", "2"], "period": ["2026-06", "2026-05"]})
    >>> find_late_reporters(rows, ["1", "2"], "2026-06")
    ('2',)
    """
    there = set(reported.loc[reported["period"] == month, "admin_code"])
    return tuple(sorted(code for code in districts if code not in there and not is_city_code(code)))


def compute_monthly_figures(units: pd.DataFrame, policy: Policy, month: str) -> dict[str, list[Figure]]:
    """The monthly table of one snapshot: figures of the city and the districts, by key.

    Parameters
    ----------
    units
        The units of the snapshot.
    policy
        The policy in force.
    month
        Such as "2026-06".
    """
    found: dict[str, list[Figure]] = {key: [] for key in MONTHLY_KEYS}
    for level in ("city", "district"):
        figures = compute_indicators({"units": units}, policy, level=level, year=int(month[:4]), keys=MONTHLY_KEYS)
        for figure in figures:
            found[figure.key].append(figure)
    return found


def write_bulletin(
    month: str,
    now: Mapping[str, Sequence[Figure]],
    before: Mapping[str, Sequence[Figure]] | None,
    diff: MonthDiff | None,
    late: Sequence[str],
    names: Mapping[str, str],
) -> list[str]:
    """The points of the monthly bulletin (通报), in Chinese; a draft for a person to edit.

    Parameters
    ----------
    month
        "2026-06".
    now, before
        As :func:`compute_monthly_figures`; before = the month it is compared with, None = the first.
    diff
        What changed; None with no month before.
    late
        Codes of districts that have not reported.
    names
        Name of a place by its code.
    """
    earlier = {(figure.key, figure.admin_code): figure.value for rows in (before or {}).values() for figure in rows}
    lines = [_point(month, rows, earlier, names) for rows in now.values() if rows]
    if diff is not None:
        changed = len({change.unit_id for change in diff.changes})
        suspicious = len(diff.suspicious)
        lines.append(
            say("bulletin.changes", new=len(diff.new), lost=len(diff.lost), changed=changed, suspicious=suspicious)
        )
    places = join_names(names.get(code, code) for code in late)
    lines.append(say("bulletin.late", places=places) if late else say("bulletin.none_late"))
    return [line.zh for line in lines]


def _point(
    month: str, rows: Sequence[Figure], earlier: Mapping[tuple[str, str], float | None], names: Mapping[str, str]
) -> Sentence:
    city = next(figure for figure in rows if figure.level == "city")
    change, target, behind = EMPTY, EMPTY, EMPTY
    was = earlier.get((city.key, city.admin_code))
    if was is not None and city.value is not None:
        change = say("bulletin.change", points=100 * (city.value - was))
    if city.target is not None:
        target = say("bulletin.target", target=format_rate(city.target, decimals=0))
        places = [
            names.get(f.admin_code, f.admin_code)
            for f in rows
            if f.level == "district" and f.value is not None and f.value < city.target - 1e-12
        ]
        behind = say("bulletin.behind", places=join_names(places)) if places else EMPTY
    return say(
        "bulletin.point",
        month=month,
        indicator=Sentence(city.name_zh, city.name_en),
        value=format_rate(city.value, target=city.target),
        change=change,
        target=target,
        behind=behind,
    )


def _is_suspicious(column: str, was: Any, now: Any, row: pd.Series, policy: Policy) -> bool:
    if pd.isna(was):
        return False
    if pd.isna(now) or column == "is_old":
        return True
    if column in ("households", "floor_area_m2"):
        return abs(float(now) - float(was)) > float(policy.value("monitoring.jump_share")) * float(was)
    if column == "management_mode":
        professional = policy.value("mode.professional")
        return now in professional and was not in professional and pd.isna(row["company_id"])
    return False


def _text(value: Any) -> str | None:
    return None if pd.isna(value) else str(value)
