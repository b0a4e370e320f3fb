"""The months a dataset keeps, for the page."""

from __future__ import annotations

from dataclasses import dataclass

from geo.dataset import Dataset


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
