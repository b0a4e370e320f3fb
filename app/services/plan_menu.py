"""The plans of the store as the header lists them."""

from __future__ import annotations

from dataclasses import dataclass

from app.services.shown import Shown
from app.services.workbench import Workbench
from app.store.records import StoredPlan, Version
from app.store.store import Store
from geo.errors import UsageError

MOST_PLANS, MOST_VERSIONS = 40, 12
"""Plans, and versions of the plan shown, that the menu lists; the newest ones."""


@dataclass(frozen=True)
class MenuPlan:
    """A plan of the menu.

    Parameters
    ----------
    plan
        The plan, its newest version with it.
    versions
        Those listed, newest first: several of the plan shown, the newest of others.
    is_shown
        The page shows one of its versions.
    is_stale
        Its newest version was made for other planning data.
    """

    plan: StoredPlan
    versions: tuple[Version, ...]
    is_shown: bool
    is_stale: bool


@dataclass(frozen=True)
class PlanMenu:
    """What the menu of plans shows.

    Parameters
    ----------
    plans
        Those saved last first.
    shown
        The version the page shows; None without one.
    newer
        The newest version of the plan shown, where the page shows an older one.
    is_kept
        Whether plans outlive the server.
    author
        Name the reader signs with; may be empty.
    """

    plans: tuple[MenuPlan, ...]
    shown: Version | None
    newer: Version | None
    is_kept: bool
    author: str


NO_PLANS = PlanMenu((), None, None, is_kept=True, author="")
"""Before there is a dataset."""


def plan_menu(store: Store, bench: Workbench | None, author: str) -> PlanMenu:
    """The plans a reader may open.

    Parameters
    ----------
    store
        Where they are kept.
    bench
        What the page shows; None before there is a dataset.
    author
        Name the reader signs with.

    Raises
    ------
    StoreError
        If the store cannot be read.
    """
    shown = bench.version if bench else None
    made_for = bench.dataset.manifest.planning_sha256 if bench else None
    plans = tuple(
        MenuPlan(
            plan=plan,
            versions=_listed(store, plan, is_shown=bool(shown and shown.plan_id == plan.id)),
            is_shown=bool(shown and shown.plan_id == plan.id),
            is_stale=plan.newest.planning_sha256 != made_for,
        )
        for plan in store.plans()[:MOST_PLANS]
    )
    newest = next((one.plan.newest for one in plans if one.is_shown), None)
    is_older = newest is not None and shown is not None and newest.number > shown.number
    return PlanMenu(plans, shown, newest if is_older else None, store.is_kept, author)


def act_on_plan(shown: Shown, page: str, action: str, name: str, author: str) -> str:
    """Rename the plan a page shows, or take it out of the list; the address to go to then.

    Parameters
    ----------
    shown
        Of the server.
    page
        `PageData.version` of the page.
    action
        "rename" or "archive".
    name
        The new name.
    author
        Who does it.

    Raises
    ------
    PlanningError
        If the name is missing, the page old, or the store cannot be written.
    """
    version = shown.there(page).bench.version
    if version is None:
        raise UsageError("这里没有已保存的方案。", "No plan that is kept is shown here.")
    if action == "rename":
        shown.store.rename(version.plan_id, name, author)
        shown.forget(version.plan_id)
        return f"./?plan={version.id}"
    shown.store.archive(version.plan_id, author)
    shown.forget(version.plan_id)
    return "./"


def _listed(store: Store, plan: StoredPlan, *, is_shown: bool) -> tuple[Version, ...]:
    if not is_shown or plan.newest.number == 1:
        return (plan.newest,)
    return tuple(store.versions(plan.id)[:MOST_VERSIONS])
