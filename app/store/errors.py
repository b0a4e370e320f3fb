"""What may go wrong when plans are kept."""

from __future__ import annotations

from app.i18n import say
from app.store.records import Version
from geo.errors import PlanningError


class StoreError(PlanningError, OSError):
    """The store cannot be opened, read or written."""


class NotInStoreError(PlanningError, KeyError):
    """There is no plan or version of that id."""

    def __str__(self) -> str:
        return f"{self.zh}\n{self.en}"


def refuse_downgrade() -> None:
    """A store does not go back to an earlier structure, which would lose what it holds.

    Raises
    ------
    StoreError
        Always.
    """
    raise StoreError(*say("storing.no_way_back"))


class NotAllowedError(PlanningError, PermissionError):
    """Somebody may not do this with a plan: it is of another place, or fixed."""


class ConflictError(PlanningError, RuntimeError):
    """Somebody else saved a newer version meanwhile.

    Parameters
    ----------
    newer
        The newest version of the plan.
    """

    def __init__(self, newer: Version) -> None:
        who = newer.author or say("storing.unsigned")
        super().__init__(
            *say("storing.conflict", name=newer.plan_name, number=newer.number, who=who, made=newer.created_text)
        )
        self.newer = newer


class StageConflictError(ConflictError):
    """Somebody else saved the plan or moved it to another stage meanwhile.

    Parameters
    ----------
    newer
        The plan as it is now.
    """

    def __init__(self, newer: Version) -> None:
        super().__init__(newer)
        stage = say(f"approval.{newer.stage}")
        self.zh, self.en = say("approval.conflict", name=newer.plan_name, number=newer.number, stage=stage)
