"""A unit or an area of a plan explained, for the console and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from analysis.bundling.document.read import open_plan
from analysis.bundling.explain.alternatives import Alternative, describe_other_changes
from analysis.bundling.explain.binding import AreaAccount, explain_area
from analysis.bundling.explain.explain import UnitAccount, explain_unit
from app.i18n import say
from geo.messages import Item, Line, Sentence
from geo.storage.dataset import Dataset


def explain_document(dataset: Dataset, document: Mapping[str, Any], name: str) -> UnitAccount | AreaAccount:
    """Explain what a planner names: an area by its id, a unit by its id or its name if only one has it.

    Parameters
    ----------
    dataset
        The dataset.
    document
        The plan.
    name
        What the planner names.

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
    record: dict[str, Any] = _to_json(body)
    return record


def _to_json(value: Any) -> Any:
    """Sentences by language: those of obstacles and bindings next to their numbers, others as an object."""
    if isinstance(value, Sentence):
        return {"zh": value.zh, "en": value.en}
    if isinstance(value, tuple | list):
        return [_to_json(one) for one in value]
    if not isinstance(value, Mapping):
        return value
    record: dict[str, Any] = {}
    for name, one in value.items():
        if name == "sentence":
            record |= {"sentence_zh": one.zh, "sentence_en": one.en}
        else:
            record["worth" if name == "score" else name] = _to_json(one)
    return record


def account_lines(account: UnitAccount | AreaAccount) -> list[Line]:
    """An account for a console."""
    if isinstance(account, AreaAccount):
        marked = [(f"{'*' if one.is_binding else ' '} {one.rule}", one.sentence) for one in account.bindings]
        return [Sentence(*account.title), *(Item(*one) for one in marked)]
    lines: list[Line] = [f"{account.title} · {account.role} · {account.area_id or '-'}"]
    lines += [Item("-", Sentence(*why)) for why in account.why]
    for other in account.alternatives:
        lines.append(Item("→", Sentence.join((other.title, format_cost(other)), (": ", ": "))))
        lines += [Item(f"   ✗ {obstacle.rule}", Sentence(*obstacle.sentence)) for obstacle in other.obstacles]
    return lines


def format_cost(other: Alternative) -> Sentence:
    """What a move costs, in both languages."""
    if other.household_metres is None:
        return say("planning.cost_unknown")
    cost = say("planning.cost_metres", metres=other.household_metres)
    also = describe_other_changes(other)
    if also is not None:
        cost = Sentence.join((cost, also), (", ", ", "))
    unled = 0 if other.score is None else int(other.score[1])
    if unled:  # comes before walking, though no objective names it
        cost = say("planning.cost_unled", households=unled, cost=cost)
    if other.left_over_households:
        cost = say("planning.cost_left_over", households=other.left_over_households, cost=cost)
    return cost
