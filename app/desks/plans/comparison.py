"""The plan shown next to one or two others: figures, what moved, who gains and who loses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analysis.bundling.editing.compare import Comparison, Effect, UnitChange, compare_plans
from app.i18n import Words, say
from app.session.page import PageData
from app.session.plan_session import PlanSession
from app.store.records import Version
from app.workbench.formats import MISSING
from app.workbench.kept import keep_with_owner
from app.workbench.workbench import Workbench
from geo.errors import StalePlanError

MOST_OTHERS = 2
"""Plans next to the one shown."""

EFFECTS: tuple[Effect, ...] = ("gains_cover", "loses_cover", "nearer", "farther")
_COUNTS = ("areas", "area_units", "left_over_units", "left_over_households")


@dataclass(frozen=True, eq=False)
class ComparedPlan:
    """Another plan next to the one shown.

    Parameters
    ----------
    data
        Its page.
    found
        What the plan shown changes in it.
    """

    data: PageData
    found: Comparison


_LEAST_SHOWN = 0.05
"""A smaller difference is called none."""
_BETTER = {
    "area_units": 1,
    "left_over_units": -1,
    "left_over_households": -1,
    "mean_walk_m": -1,
    "household_metres": -1,
}
"""Figures of which more is better (1) or worse (-1); the number of areas is neither."""


@dataclass(frozen=True)
class FigureRow:
    """A figure of all plans.

    Parameters
    ----------
    name
        In words.
    values
        Of the plan shown, then of the others.
    differences
        Of the plan shown against each of the others, in words.
    senses
        Of each difference: 1 = the plan shown is better, -1 = worse, 0 = neither.
    """

    name: str
    values: tuple[str, ...]
    differences: tuple[str, ...]
    senses: tuple[int, ...]


def compare_with_plans(session: PlanSession, page: str, others: Sequence[str]) -> tuple[ComparedPlan, ...]:
    """The other plans, each compared with the one a page shows.

    Parameters
    ----------
    session
        Of the server.
    page
        `PageData.version` of the page.
    others
        Ids of versions; those beyond two, and the one shown, are left aside.

    Raises
    ------
    StalePlanError
        If one was made for other planning data.
    NotInStoreError
        If the store has no such version.
    """
    data = session.page(page)
    own = data.bench.version.id if data.bench.version else None
    if data.bench.plan is None:
        return ()
    found = []
    for version_id in [one for one in dict.fromkeys(others) if one != own][:MOST_OTHERS]:
        other = session.page(f"{data.bench.context.key}.{version_id}")
        if other.bench.plan is None:
            raise StalePlanError(*say("planning.older_data", plan_name=other.bench.plan_name))
        found.append(ComparedPlan(other, _compared(other, data)))
    return tuple(found)


@keep_with_owner
def _compared(other: PageData, data: PageData) -> Comparison:
    assert other.bench.plan is not None
    assert data.bench.plan is not None
    layers = data.bench.dataset
    return compare_plans(data.bench.units, layers.layer("walks"), other.bench.plan, data.bench.plan)


def make_figure_rows(data: PageData, beside: Sequence[ComparedPlan], words: Words) -> list[FigureRow]:
    """The figures of all plans, numerators and denominators with every share.

    Parameters
    ----------
    data
        All that one page is made of.
    beside
        The other plans.
    words
        Texts in the reader's language.
    """
    own = {name: pair[1] for name, pair in beside[0].found.figures.items()}
    theirs = [{name: pair[0] for name, pair in one.found.figures.items()} for one in beside]
    rows = [_covered(own, theirs, words)]
    for name in (*_COUNTS, "mean_walk_m", "household_metres"):
        unit = words(f"compare.unit_{name}")
        values = [own[name], *(figures[name] for figures in theirs)]
        texts = tuple("–" if v is None else f"{v:,.10g} {unit}" for v in values)
        found = [one.found.difference(name) for one in beside]
        gaps = tuple(_gap(value, unit, "compare.more", "compare.less", words) for value in found)
        senses = tuple(_sense(value, _BETTER.get(name, 0)) for value in found)
        rows.append(FigureRow(words(f"compare.{name}"), texts, gaps, senses))
    return rows


def format_verdicts(data: PageData, beside: Sequence[ComparedPlan], words: Words) -> str:
    """The verdict on each plan, found independently of the search; seconds for a city.

    Parameters
    ----------
    data
        All that one page is made of.
    beside
        The other plans.
    words
        Texts in the reader's language.
    """
    shown = [data, *(one.data for one in beside)]
    verdicts = [one.bench.verdict for one in shown]
    if all(one is not None and one.is_met for one in verdicts):
        return f"{words('compare.violations')}: {words('compare.all_met')}"
    broken = [words("compare.broken", name=format_plan_title(one), said=_said(one.bench, words)) for one in shown]
    return f"{words('compare.violations')}: {'; '.join(broken)}"


def _said(bench: Workbench, words: Words) -> str:
    """The verdict on a plan; nothing without one."""
    found = bench.verdict
    return "" if found is None else words.pick(found.zh, found.en)


def format_plan_title(data: PageData) -> str:
    """Name and version of the plan of a page."""
    name, version = data.bench.plan_name or "", data.bench.version
    return name if version is None else f"{name} v{version.number}"


def _covered(own: dict[str, float | None], theirs: Sequence[dict[str, float | None]], words: Words) -> FigureRow:
    """Households in areas of those to be decided about."""
    shares, texts = [], []
    for figures in (own, *theirs):
        top, bottom, share = (figures[name] for name in ("area_households", "decided_households", "covered_share"))
        shares.append(share)
        shown = "–" if share is None else f"{share:.1%}"
        texts.append(f"{shown} ({top:,.0f} / {bottom:,.0f})")
    gaps, senses = [], []
    for other in shares[1:]:
        gap = None if shares[0] is None or other is None else 100 * (shares[0] - other)
        gap = None if gap is None else round(gap, 1)
        gaps.append(_gap(gap, words("compare.points"), "compare.more", "compare.less", words))
        senses.append(_sense(gap, 1))
    return FigureRow(words("compare.covered"), tuple(texts), tuple(gaps), tuple(senses))


def _sense(difference: float | None, better: int) -> int:
    """Whether a difference is for the better: a value with a gap too small to be shown is neither."""
    return 0 if difference is None or abs(difference) < _LEAST_SHOWN else better * (1 if difference > 0 else -1)


def _gap(value: float | None, unit: str, more: str, less: str, words: Words) -> str:
    if value is None:
        return "–"
    if abs(value) < _LEAST_SHOWN:
        return words("compare.same")
    return words(more if value > 0 else less, n=f"{abs(value):,.10g}"[:12], unit=unit)


def sort_changes(found: Comparison) -> list[UnitChange]:
    """The units of the table: those that moved, most households first, then those that walk otherwise."""
    return sorted(found.changes, key=lambda c: (not c.has_moved, -(c.households or 0), c.unit_id))


def make_change_rows(found: Comparison, words: Words) -> list[dict[str, Any]]:
    """The rows of that table: id and texts.

    Parameters
    ----------
    found
        What differs.
    words
        Texts in the reader's language.
    """
    return [
        {
            "id": change.unit_id,
            "name": f"⇄ {change.name}" if change.has_moved else change.name,
            "areas": f"{change.area_id_a or MISSING} → {change.area_id_b or MISSING}",
            "walk": f"{_metres(change.walk_a_m)} → {_metres(change.walk_b_m)}",
            "effect": words(f"compare.{change.effect}"),
        }
        for change in sort_changes(found)
    ]


def _metres(walk_m: int | None) -> str:
    return MISSING if walk_m is None else f"{walk_m:,} m"


def list_moved_units(data: PageData, found: Comparison) -> list[int]:
    """Positions of the units that moved.

    Parameters
    ----------
    data
        All that one page is made of.
    found
        What differs.
    """
    return sorted(data.bench.position_of[change.unit_id] for change in found.moved)


def list_comparable_plans(session: PlanSession, data: PageData, words: Words) -> list[tuple[str, str]]:
    """Id and label of the versions that may stand next to the plan shown.

    Parameters
    ----------
    session
        The dataset and the plan that are served.
    data
        All that one page is made of.
    words
        Texts in the reader's language.
    """
    made_for = data.bench.dataset.manifest.planning_sha256
    own = data.bench.version
    found: dict[str, str] = {}

    def add(version: Version) -> None:
        if version.planning_sha256 == made_for and (own is None or version.id != own.id):
            number = words("store.number", n=version.number)
            found[version.id] = f"{version.plan_name} · {number}"

    for version in session.store.versions(own.plan_id)[:20] if own else ():
        add(version)
    for plan in session.store.plans()[:40]:
        add(plan.newest)
    return list(found.items())
