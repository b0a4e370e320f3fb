"""How far the work on a page is: five steps, which are done, and what waits in them."""

from __future__ import annotations

from dataclasses import dataclass

from app.workbench.workbench import Workbench

STEPS = ("import", "check", "plan", "adjust", "report")
"""In the order of the work."""


@dataclass(frozen=True)
class StepState:
    """One step of the work.

    Parameters
    ----------
    name
        One of `STEPS`.
    is_done
        Nothing of it is left.
    waiting
        How many things wait in it; 0 = none, or not known yet.
    """

    name: str
    is_done: bool
    waiting: int = 0


def list_steps(
    bench: Workbench | None, *, broken: int | None = None, is_exported: bool = False
) -> tuple[StepState, ...]:
    """The five steps as they stand.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows; None before there is a dataset.
    broken
        How many rules the plan breaks; None = not checked yet.
    is_exported
        Whether files of the version shown were fetched.
    """
    if bench is None:
        return tuple(StepState(name, is_done=False) for name in STEPS)
    unplaced, has_plan = count_unplaced(bench), bench.plan is not None
    return (
        StepState("import", is_done=True),
        StepState("check", is_done=unplaced == 0, waiting=unplaced),
        StepState("plan", is_done=has_plan),
        StepState("adjust", is_done=has_plan and broken == 0, waiting=broken or 0),
        StepState("report", is_done=has_plan and is_exported),
    )


def count_unplaced(bench: Workbench) -> int:
    """Units without a place on the map.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    """
    places = bench.units.geometry
    return int((places.isna() | places.is_empty).sum())
