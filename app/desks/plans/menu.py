"""The plans of the store as the header lists them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from app.desks.plans.carry import carry_plan
from app.i18n import Words, say
from app.session.address import version_address
from app.session.audit import read_verdicts
from app.session.page import page_version
from app.session.plan_session import PlanSession
from app.store.records import StoredPlan, Version
from app.store.store import EXPORTED, Store
from app.workbench.rights import Sentence
from geo.errors import UsageError
from geo.storage.dataset import Dataset

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
    has_other_limits
        These differ by the limits alone, from which the neighbours follow.
    """

    plan: StoredPlan
    versions: tuple[Version, ...]
    is_shown: bool
    is_stale: bool
    has_other_limits: bool = False


@dataclass(frozen=True)
class PlanMenu:
    """What the menu of plans shows.

    Parameters
    ----------
    plans
        Those saved last first.
    shown
        The version the page shows; None without one.
    is_stale
        It was made for other planning data.
    newer
        The newest version of the plan shown, where the page shows an older one.
    is_kept
        Whether plans outlive the server.
    author
        Name the reader signs with; may be empty.
    reason
        Why plans cannot be changed; None where they can.
    current
        Id of the plan that is shown where none is asked for; None without any.
    verdicts
        By version, those that were checked: the verdict in a word, in Chinese and in English.
    is_exported
        Whether files of the version shown were fetched.
    is_signed
        Whether the author is an account that is signed in.
    may_choose
        Whether the reader chooses the current plan, which everybody sees first.
    """

    plans: tuple[MenuPlan, ...]
    shown: Version | None
    is_stale: bool
    newer: Version | None
    is_kept: bool
    author: str
    reason: Sentence | None = None
    current: str | None = None
    verdicts: Mapping[str, Sentence] = field(default_factory=dict, hash=False)
    is_exported: bool = False
    is_signed: bool = False
    may_choose: bool = True


NO_PLANS = PlanMenu((), None, False, None, is_kept=True, author="")
"""Before there is a dataset."""


def make_menu(
    store: Store,
    dataset: Dataset,
    shown: Version | None,
    author: str,
    reason: Sentence | None = None,
    has_other_limits: Callable[[str], bool] = lambda _: False,
) -> PlanMenu:
    """The plans a reader may open.

    Parameters
    ----------
    store
        Where they are kept.
    dataset
        What the page shows.
    shown
        The version it shows; None without a plan.
    author
        Name the reader signs with.
    reason
        Why plans cannot be changed; None where they can.
    has_other_limits
        Whether planning data, by their hash, differ from today's by the limits alone.

    Raises
    ------
    StoreError
        If the store cannot be read.
    """
    made_for = dataset.manifest.planning_sha256
    plans = tuple(
        MenuPlan(
            plan=plan,
            versions=_listed(store, plan, is_shown=bool(shown and shown.plan_id == plan.id)),
            is_shown=bool(shown and shown.plan_id == plan.id),
            is_stale=plan.newest.planning_sha256 != made_for,
            has_other_limits=has_other_limits(plan.newest.planning_sha256),
        )
        for plan in store.plans()[:MOST_PLANS]
    )
    newest = next((one.plan.newest for one in plans if one.is_shown), None)
    listed = [version.id for one in plans for version in one.versions]
    is_older = newest is not None and shown is not None and newest.number > shown.number
    return PlanMenu(
        plans,
        shown,
        bool(shown and shown.planning_sha256 != made_for),
        newest if is_older else None,
        store.is_kept,
        author,
        reason,
        store.current_plan(),
        read_verdicts(store, listed),
        bool(shown and store.marks(EXPORTED, [shown.id])),
        is_signed=bool(store.access.name),
        may_choose=store.access.edits(""),
    )


def act_on_plan(session: PlanSession, version_id: str, action: str, name: str, author: str, words: Words) -> str:
    """Rename the plan of a version, make it the current one, carry it over, or take it out of the list.

    Parameters
    ----------
    session
        Of the server.
    version_id
        Of the store.
    action
        "rename", "current", "carry" or "archive".
    name
        The new name.
    author
        Who does it.
    words
        Texts in the reader's language.

    Returns
    -------
    The address to go to then.

    Raises
    ------
    PlanningError
        If the name is missing, the version not there, or the store cannot be written.
    """
    session.rights.require("plans")
    version = session.store.version(version_id)
    if action == "rename":
        session.store.rename(version.plan_id, name, author)
        session.invalidate(version.plan_id)
        return version_address(session.store.version(version.id))
    if action == "current":
        session.store.choose_current(version.plan_id, author)
        return version_address(version)
    if action == "carry":
        carried = carry_plan(session, version, author, words)
        if carried is None:
            raise UsageError(*say("carry.nothing"))
        return version_address(carried)
    session.store.archive(version.plan_id, author)
    session.invalidate(version.plan_id)
    return "./"


def make_menu_after_saving(session: PlanSession, page: str, version_id: str, author: str) -> tuple[str, PlanMenu]:
    """What a page would be called that shows a version just saved, and its menu; it is not made yet.

    Parameters
    ----------
    session
        Of the server.
    page
        `PageData.version` of the page it was saved from.
    version_id
        Of the store.
    author
        Name the reader signs with.

    Raises
    ------
    PlanningError
        If the page is old, or the version is not there.
    """
    ground, version = session.page(page).bench.context, session.store.version(version_id)
    return page_version(ground, version), make_menu(
        session.store, ground.dataset, version, author, has_other_limits=session.has_other_limits
    )


def _listed(store: Store, plan: StoredPlan, *, is_shown: bool) -> tuple[Version, ...]:
    if not is_shown or plan.newest.number == 1:
        return (plan.newest,)
    return tuple(store.versions(plan.id)[:MOST_VERSIONS])
