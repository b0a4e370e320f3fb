"""The card of the page that explains what is selected: why it is there, where else it could be."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from analysis.bundling.document.read import OpenPlan
from analysis.bundling.explain.alternatives import Alternative
from analysis.bundling.explain.binding import AreaAccount, explain_area
from analysis.bundling.explain.explain import UnitAccount, explain_unit
from app.desks.selection.selected import Selection
from app.i18n import Words
from app.planning.explain import format_cost
from app.workbench.workbench import NO_AREA, Workbench
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


def selection_card(bench: Workbench, selection: Selection, words: Words) -> ExplanationCard | None:
    """Why a unit is here, where else it could be, what forbids it; or what binds an area.

    None where nothing is selected or there is no plan whose graph is there.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    selection
        What is selected.
    words
        Texts in the reader's language.
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
    blocked = [other for other in account.alternatives if not other.is_allowed][:SHOWN]
    heading = "explain.why_here" if account.area_id else "explain.why_none"
    sections = (
        (words(heading), why),
        (words("explain.alternatives"), tuple(_allowed_line(o, words) for o in allowed)),
        (words("explain.blocked"), tuple(_blocked_line(o, words) for o in blocked)),
    )
    return ExplanationCard(account.title, tuple(section for section in sections if section[1]))


def _area_card(account: AreaAccount, words: Words) -> ExplanationCard:
    def lines(*, is_binding: bool) -> tuple[str, ...]:
        return tuple(
            f"{words.pick(*one.sentence)} ({one.rule})" for one in account.bindings if one.is_binding == is_binding
        )

    sections = ((words("explain.binding"), lines(is_binding=True)), (words("explain.slack"), lines(is_binding=False)))
    title = words.pick(account.title.zh, account.title.en)
    return ExplanationCard(title, tuple(section for section in sections if section[1]))


def _allowed_line(other: Alternative, words: Words) -> str:
    return f"{words.pick(other.title.zh, other.title.en)}: {words.pick(*format_cost(other))}"


def _blocked_line(other: Alternative, words: Words) -> str:
    reasons = "; ".join(f"{words.pick(*one.sentence)} ({one.rule})" for one in other.obstacles)
    return f"{words.pick(other.title.zh, other.title.en)}: {reasons}"
