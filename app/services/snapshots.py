"""Months: keep the units of a month, compare with the one before, draft the bulletin."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.indicators.figure import CITY_CODE
from analysis.monitoring import MonthDiff, bulletin, diff_months, late_reporters, monthly_figures
from analysis.policy import Policy
from geo.dataset import Dataset, open_dataset, write_dataset
from geo.errors import EmptyLayerError, UsageError

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
    """

    roster: str
    month: str
    revision: int
    locked: bool
    compared_with: str | None
    diff: MonthDiff | None
    bulletin: tuple[str, ...]


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
    dataset = open_dataset(folder)
    units, kept = dataset.layer("units"), dataset.layer("snapshots")
    _check(month, units, kept, reason)
    own = kept[kept["month"] == month]
    revision = 1 + int(own["revision"].max() if len(own) else 0)
    roster = f"{month}-r{revision}"
    row = {"roster": roster, "month": month, "revision": revision, "locked": lock, "reason": reason}
    table = pd.concat([kept, pd.DataFrame([row])], ignore_index=True)
    before = _before(kept, month)
    found = _compare(dataset, units, before, month, policy)
    write_dataset(folder, dataset.manifest, {"snapshots": table}, rosters={roster: units})
    return Snapshot(roster, month, revision, lock, before, *found)


def _check(month: str, units: pd.DataFrame, kept: pd.DataFrame, reason: str | None) -> None:
    if not _MONTH.fullmatch(month):
        raise UsageError(
            f"“{month}”不是月份; 请写成 2026-06。", f"'{month}' is no month; write it as 2026-06."
        )
    if units.empty:
        raise EmptyLayerError(
            "数据集没有任何单元, 无法留存月度快照; 请先导入小区。",
            "The dataset has no unit to keep; import communities first.",
        )
    locked = kept.loc[kept["month"] == month, "locked"].fillna(False).any()
    if locked and not (reason or "").strip():
        raise UsageError(
            f"{month} 已锁定; 修订须用 --reason 说明原因。",
            f"{month} is locked; give the reason of the revision with --reason.",
        )


def _before(kept: pd.DataFrame, month: str) -> str | None:
    """The last revision of this month, else of the latest month before it."""
    earlier = kept[kept["month"] <= month].sort_values(["month", "revision"])
    return None if earlier.empty else str(earlier["roster"].iloc[-1])


def _compare(
    dataset: Dataset, units: pd.DataFrame, before: str | None, month: str, policy: Policy
) -> tuple[MonthDiff | None, tuple[str, ...]]:
    streets, reported = dataset.layer("streets"), dataset.layer("reported_figures")
    codes = sorted(set(units["district_code"].dropna()) | set(streets["district_code"].dropna()))
    named = streets.dropna(subset=["district_code", "district_name"])
    names = dict(zip(named["district_code"], named["district_name"], strict=True))
    past = None if before is None else dataset.roster(before)
    diff = None if past is None else diff_months(past, units, policy)
    points = bulletin(
        month,
        monthly_figures(units, policy, month),
        None if past is None else monthly_figures(past, policy, month),
        diff,
        late_reporters(reported, codes, month),
        {CITY_CODE: "全市", **names},
    )
    return diff, tuple(points)
