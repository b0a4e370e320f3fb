"""What may go wrong when plans are kept."""

from __future__ import annotations

from app.store.records import Version
from geo.errors import PlanningError


class StoreError(PlanningError, OSError):
    """The store cannot be opened, read or written."""


class NotInStoreError(PlanningError, KeyError):
    """There is no plan or version of that id."""

    def __str__(self) -> str:
        return f"{self.zh}\n{self.en}"


class ConflictError(PlanningError, RuntimeError):
    """Somebody else saved a newer version meanwhile.

    Parameters
    ----------
    newer
        The newest version of the plan.
    """

    def __init__(self, newer: Version) -> None:
        who = newer.author or "未署名"
        super().__init__(
            f"方案“{newer.plan_name}”已有更新的第 {newer.number} 版({who}, {newer.created_text}), "
            "没有覆盖它; 请打开新版后再改, 或把现在的改动另存为新方案。",
            f"Plan '{newer.plan_name}' has a newer version {newer.number} "
            f"({newer.author or 'unsigned'}, {newer.created_text}); it was not overwritten. Open it "
            "and change that, or save your changes as a new plan.",
        )
        self.newer = newer
