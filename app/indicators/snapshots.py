"""Months: keep the units of a month, compare with the one before, draft the bulletin."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from analysis.figures.figure import CITY_CODE, Figure, format_figure, format_target
from analysis.indicators.registry import is_target_met
from analysis.policy import Policy
from analysis.studies.monitoring import (
    MonthDiff,
    compute_monthly_figures,
    diff_months,
    find_late_reporters,
    write_bulletin,
)
from app.exports.workbook import make_workbook, write_rows
from app.i18n import say
from geo.admin.gazetteer import district_names, gazetteer_layers
from geo.errors import EmptyLayerError, UsageError
from geo.storage.atomic_files import atomic_write
from geo.storage.commits import lock_dataset
from geo.storage.dataset import Dataset, open_dataset, write_dataset

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Snapshot:
    """A month that was kept, and what it says.

    Parameters
    ----------
    roster
        Name of the frozen roster, "2026-06-r1".
    month, revision, locked
        Of the snapshot.
    compared_with
        Roster of the snapshot before; None for the first one.
    diff
        Against that snapshot; None for the first one.
    bulletin
        Points of the monthly bulletin, in Chinese.
    table
        The monthly table: a row a place, city first; code, name, then value and target as text of
        each of `TABLE_HEAD`.
    """

    roster: str
    month: str
    revision: int
    locked: bool
    compared_with: str | None
    diff: MonthDiff | None
    bulletin: tuple[str, ...]
    table: tuple[tuple[str, ...], ...] = ()


TABLE_HEAD = ("地区代码", "地区", "指标", "数值", "分子", "分母", "目标", "是否达标", "较上次")


def write_month(path: Path, found: Snapshot, policy: Policy) -> None:
    """Write the monthly table and the bulletin as .xlsx, or the bulletin alone as .txt.

    Parameters
    ----------
    path
        The file to write.
    found
        The month that was kept.
    policy
        The policy in force.

    Raises
    ------
    UsageError
        If the name ends otherwise.
    """
    if path.suffix.lower() == ".txt":
        title = f"{policy.city_zh}{found.month} 月度监测通报 (草稿, {found.roster})"
        body = "\n".join([title, "", *(f"{n}. {line}" for n, line in enumerate(found.bulletin, 1))])
        atomic_write(path, (body + "\n").encode("utf-8-sig"))
    elif path.suffix.lower() == ".xlsx":
        atomic_write(path, _workbook(found))
    else:
        raise UsageError(*say("snapshot.month_suffix", name=path.name))


def _workbook(found: Snapshot) -> bytes:
    changes = found.diff.changes if found.diff else ()
    sheets: dict[str, list[tuple[Any, ...]]] = {
        "月度表": [TABLE_HEAD, *found.table],
        "通报要点": [("要点",), *((line,) for line in found.bulletin)],
        "变化": [
            ("单元编号", "名称", "字段", "原值", "现值", "须核实"),
            *((c.unit_id, c.name, c.column, c.before, c.after, "是" if c.is_suspicious else "") for c in changes),
        ],
        "增减": [
            ("单元编号", "变化"),
            *((u, "新增") for u in (found.diff.new if found.diff else ())),
            *((u, "减少") for u in (found.diff.lost if found.diff else ())),
        ],
    }

    def fill(book: xlsxwriter.Workbook) -> None:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            write_rows(sheet, [[None if cell is None else str(cell) for cell in row] for row in rows])
            sheet.set_column(0, 8, 18)

    return make_workbook(fill)


def take_snapshot(
    folder: Path, month: str, policy: Policy, *, lock: bool = False, reason: str | None = None
) -> Snapshot:
    """Keep the present units as a month; nothing kept before is ever changed (R64).

    A month may be kept again until it is locked; afterwards only as a revision with a reason.

    Parameters
    ----------
    folder
        Dataset folder.
    month
        "2026-06".
    policy
        What counts as professional, what as a doubtful jump.
    lock
        Lock the month with this snapshot.
    reason
        Why a locked month is revised.

    Raises
    ------
    UsageError
        If the month is no month, or is locked and no reason is given.
    EmptyLayerError
        If the dataset has no unit.
    """
    with lock_dataset(folder):
        dataset = open_dataset(folder)
        units, kept = dataset.layer("units"), dataset.layer("snapshots")
        _check(month, units, kept, reason)
        own = kept[kept["month"] == month]
        revision = 1 + int(own["revision"].max() if len(own) else 0)
        roster = f"{month}-r{revision}"
        row = {"roster": roster, "month": month, "revision": revision, "locked": lock, "reason": reason}
        table = pd.concat([kept, pd.DataFrame([row])], ignore_index=True)
        before = find_roster_before(kept, month)
        found = _compare(dataset, units, before, month, policy)
        write_dataset(folder, dataset.manifest, {"snapshots": table}, rosters={roster: units})
        return Snapshot(roster, month, revision, lock, before, *found)


def _check(month: str, units: pd.DataFrame, kept: pd.DataFrame, reason: str | None) -> None:
    if not _MONTH.fullmatch(month):
        raise UsageError(*say("snapshot.no_month", month=month))
    if units.empty:
        raise EmptyLayerError(*say("snapshot.no_unit"))
    locked = kept.loc[kept["month"] == month, "locked"].fillna(False).any()
    if locked and not (reason or "").strip():
        raise UsageError(*say("snapshot.month_locked", month=month))


def find_roster_before(kept: pd.DataFrame, month: str) -> str | None:
    """The last revision of this month, else of the latest month before it; None where nothing was kept.

    Parameters
    ----------
    kept
        The layer of snapshots.
    month
        "2026-06".
    """
    earlier = kept[kept["month"] <= month].sort_values(["month", "revision"])
    return None if earlier.empty else str(earlier["roster"].iloc[-1])


def _compare(
    dataset: Dataset, units: pd.DataFrame, before: str | None, month: str, policy: Policy
) -> tuple[MonthDiff | None, tuple[str, ...], tuple[tuple[str, ...], ...]]:
    streets, reported = dataset.layer("streets"), dataset.layer("reported_figures")
    codes = sorted(set(units["district_code"].dropna()) | set(streets["district_code"].dropna()))
    names = district_names(gazetteer_layers(dataset))
    past = None if before is None else dataset.roster(before)
    diff = None if past is None else diff_months(past, units, policy)
    now = compute_monthly_figures(units, policy, month)
    earlier = None if past is None else compute_monthly_figures(past, policy, month)
    places = {CITY_CODE: "全市", **names}
    points = write_bulletin(month, now, earlier, diff, find_late_reporters(reported, codes, month), places)
    return diff, tuple(points), _table(now, earlier, places)


def _table(
    now: Mapping[str, Sequence[Figure]], earlier: Mapping[str, Sequence[Figure]] | None, places: Mapping[str, str]
) -> tuple[tuple[str, ...], ...]:
    """The monthly table: every figure of the city and the districts, and how it moved."""
    before = {(f.key, f.admin_code): f.value for rows in (earlier or {}).values() for f in rows}
    rows = []
    for figure in (figure for rows_ in now.values() for figure in rows_):
        was = before.get((figure.key, figure.admin_code))
        moved = None if was is None or figure.value is None else 100 * (figure.value - was)
        target = {True: "达标", False: "未达标", None: ""}[is_target_met(figure)]
        rows.append(
            (
                figure.admin_code,
                places.get(figure.admin_code, figure.admin_code),
                figure.name_zh,
                format_figure(figure),
                _number(figure.numerator),
                _number(figure.denominator),
                format_target(figure),
                target,
                "" if moved is None else f"{moved:+.2f} 个百分点",
            )
        )
    return tuple(rows)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


@dataclass(frozen=True)
class KeptMonth:
    """One snapshot: its month and revision, whether it is locked, why it was revised."""

    month: str
    revision: int
    locked: bool
    reason: str | None


def list_months(dataset: Dataset) -> list[KeptMonth]:
    """All snapshots, the latest first."""
    rows = dataset.layer("snapshots").sort_values(["month", "revision"], ascending=False)
    return [
        KeptMonth(
            str(row["month"]),
            int(row["revision"]),
            bool(row["locked"]),
            row["reason"] if isinstance(row["reason"], str) and row["reason"] else None,
        )
        for row in rows.to_dict("records")
    ]
