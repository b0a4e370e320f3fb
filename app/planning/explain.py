"""A unit or an area of a plan explained: for the console, as JSON, and for the card of the page."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from analysis.bundling.document.read import OpenPlan, open_plan
from analysis.bundling.explain.alternatives import Alternative, describe_other_changes
from analysis.bundling.explain.binding import AreaAccount, explain_area
from analysis.bundling.explain.explain import UnitAccount, explain_unit
from app.desks.selection.selected import Selection
from app.i18n import Words
from app.workbench.workbench import NO_AREA, Workbench
from geo.dataset import Dataset
from geo.errors import PlanningError

logger = logging.getLogger(__name__)

SHOWN = 4
"""Other areas a card names."""


@dataclass(frozen=True)
class ExplanationCard:
    """What the page says of what is selected: titled lists of sentences, empty ones left out.

    Parameters
    ----------
    title
        Name of the unit or the area.
    sections
        (heading, sentences) in reading order.
    """

    title: str
    sections: tuple[tuple[str, tuple[str, ...]], ...]


def explain_document(dataset: Dataset, document: Mapping[str, Any], name: str) -> UnitAccount | AreaAccount:
    """Explain what a planner names: an area by its id, a unit by its id or its name if only one has it.

    Raises
    ------
    UnknownCodeError
        If nothing, or more than one unit, has that name.
    StalePlanError
        If the plan was made for other planning data.
    """
    opened = open_plan(dataset, document)
    if name in opened.area_ids:
        return explain_area(opened, name)
    units = dataset.layer("units")
    named = units.loc[units["name"].eq(name), "unit_id"].astype(str).tolist()
    return explain_unit(opened, named[0] if len(named) == 1 else name)


def account_document(account: UnitAccount | AreaAccount) -> dict[str, Any]:
    """An account as JSON; `runner_up` of a unit is the first alternative that nothing forbids."""
    body = asdict(account)
    if isinstance(account, UnitAccount):
        best = account.runner_up
        body["runner_up"] = None if best is None else asdict(best)
    return body


def account_lines(account: UnitAccount | AreaAccount) -> list[str]:
    """An account for a console, Chinese and English."""
    if isinstance(account, AreaAccount):
        lines = [account.title.zh]
        for one in account.bindings:
            mark = "*" if one.is_binding else " "
            lines += [f"{mark} {one.rule} {one.sentence_zh}", f"      {one.sentence_en}"]
        return lines
    lines = [f"{account.title} · {account.role} · {account.area_id or '-'}"]
    for why in account.why:
        lines += [f"- {why.zh}", f"  {why.en}"]
    for other in account.alternatives:
        cost_zh, cost_en = _cost(other)
        lines += [f"→ {other.title.zh}: {cost_zh}", f"  {other.title.en}: {cost_en}"]
        for obstacle in other.obstacles:
            lines += [f"   ✗ {obstacle.rule} {obstacle.sentence_zh}", f"     {obstacle.sentence_en}"]
    return lines


def selection_card(bench: Workbench, selection: Selection, words: Words) -> ExplanationCard | None:
    """Why a unit is here, where else it could be, what forbids it; or what binds an area.

    None where nothing is selected or there is no plan whose graph is there.
    """
    opened = _opened(bench)
    if opened is None:
        return None
    if selection.unit is not None:
        return _unit_card(explain_unit(opened, str(bench.units["unit_id"].iloc[selection.unit])), words)
    if selection.area is not None and selection.area != NO_AREA:
        return _area_card(explain_area(opened, bench.areas[selection.area]["area_id"]), words)
    return None


def _opened(bench: Workbench) -> OpenPlan | None:
    try:
        return bench.opened
    except PlanningError:
        logger.info("the plan cannot be explained", exc_info=True)
        return None


def _unit_card(account: UnitAccount, words: Words) -> ExplanationCard:
    why = tuple(words.pick(one.zh, one.en) for one in account.why)
    allowed = [other for other in account.alternatives if other.is_allowed][:SHOWN]
    barred = [other for other in account.alternatives if not other.is_allowed][:SHOWN]
    heading = "explain.why_here" if account.area_id else "explain.why_none"
    sections = (
        (words(heading), why),
        (words("explain.alternatives"), tuple(_allowed_line(o, words) for o in allowed)),
        (words("explain.blocked"), tuple(_barred_line(o, words) for o in barred)),
    )
    return ExplanationCard(account.title, tuple(section for section in sections if section[1]))


def _area_card(account: AreaAccount, words: Words) -> ExplanationCard:
    def lines(*, is_binding: bool) -> tuple[str, ...]:
        return tuple(
            f"{words.pick(one.sentence_zh, one.sentence_en)} ({one.rule})"
            for one in account.bindings
            if one.is_binding == is_binding
        )

    sections = ((words("explain.binding"), lines(is_binding=True)), (words("explain.slack"), lines(is_binding=False)))
    title = words.pick(account.title.zh, account.title.en)
    return ExplanationCard(title, tuple(section for section in sections if section[1]))


def _allowed_line(other: Alternative, words: Words) -> str:
    return f"{words.pick(other.title.zh, other.title.en)}: {words.pick(*_cost(other))}"


def _barred_line(other: Alternative, words: Words) -> str:
    told = "; ".join(f"{words.pick(one.sentence_zh, one.sentence_en)} ({one.rule})" for one in other.obstacles)
    return f"{words.pick(other.title.zh, other.title.en)}: {told}"


def _cost(other: Alternative) -> tuple[str, str]:
    """What a move costs, in both languages."""
    if other.household_metres is None:
        return "代价无法计算", "cost unknown"
    zh, en = f"{other.household_metres:+,} 户·米", f"{other.household_metres:+,} household-metres"
    also = describe_other_changes(other)
    if also is not None:
        zh, en = f"{zh}, {also.zh}", f"{en}, {also.en}"
    if other.left_over_households:
        return (
            f"未划入 {other.left_over_households:+,} 户, {zh}",
            f"{other.left_over_households:+,} households left over, {en}",
        )
    return zh, en
