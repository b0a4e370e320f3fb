"""A plan edited by hand, repaired: the new plan and, before it is taken, what would move and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.bundling.document.read import OpenPlan, open_plan
from analysis.bundling.document.reasons import REASONS
from analysis.bundling.document.wording import Wording
from analysis.bundling.document.write import revise_document
from analysis.bundling.led_areas.mend import repair_plan
from analysis.bundling.locks.locks import Lock
from analysis.bundling.reassign.assignment_mip import SolveLimits
from analysis.bundling.reassign.repair import Move, Repair
from app.i18n import say
from geo.messages import EMPTY, Item, Line, Sentence
from geo.storage.dataset import Dataset


def repair_document(
    dataset: Dataset, document: Mapping[str, Any], *, locks: Sequence[Lock] | None = None, seconds: float = 1.0
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The smallest change that makes a plan keep its rules and locks.

    Parameters
    ----------
    dataset, document
        The data, and the plan made for them, edited.
    locks
        Used instead of the document's.
    seconds
        To look for the smallest change; afterwards a small one is given, not proven smallest.

    Returns
    -------
    document, preview
        PLAN.json repaired; and the preview: `proven`, `moves` (each with unit, name, areas, rule
        and a sentence in both languages) and `unmet` (locks the rules do not allow).

    Raises
    ------
    StalePlanError
        If the plan was made for other planning data.
    """
    opened = open_plan(dataset, document, locks=locks)
    found = repair_plan(opened.problem, opened.plan, opened.placed, effort=SolveLimits(seconds=seconds))
    return revise_document(opened, found.plan), repair_preview(opened, found)


def preview_lines(preview: Mapping[str, Any]) -> list[Line]:
    """A preview for a console."""
    moves = preview["moves"]
    proven = preview["proven"]
    marked = [("-", move) for move in moves] + [("!", lock) for lock in preview["unmet"]]
    return [
        say("cli.repaired", n=len(moves), proof=say("cli.proven_fewest") if proven else EMPTY),
        *(Item(mark, Sentence(row["sentence_zh"], row["sentence_en"])) for mark, row in marked),
    ]


def repair_preview(opened: OpenPlan, found: Repair) -> dict[str, Any]:
    """What a repair moves and why, and the locks it cannot meet.

    Parameters
    ----------
    opened
        The plan and its problem.
    found
        The repair.
    """
    wording = Wording(opened)
    return {
        "proven": found.is_proven,
        "moves": [
            *(_stranger(wording, unit, area) for unit, area in opened.unknown_units),
            *(_move(wording, move) for move in found.moves),
        ],
        "unmet": [_unmet(wording, opened.locks[number]) for number in found.unmet],
        **_leader_changes(opened, found),
    }


def _leader_changes(opened: OpenPlan, found: Repair) -> dict[str, Any]:
    """Who is led by whom after a repair and was not before, where areas have leaders inside."""
    before, after = opened.plan.leader_of, found.plan.leader_of
    if before is None or after is None:
        return {}
    ids = [*opened.problem.unit_ids.astype(str).tolist(), None]
    changed = [unit for unit in range(len(before)) if before[unit] != after[unit]]
    return {
        "leaders": [
            {"unit_id": ids[unit], "from_unit_id": ids[int(before[unit])], "to_unit_id": ids[int(after[unit])]}
            for unit in changed
        ]
    }


def _move(wording: Wording, move: Move) -> dict[str, Any]:
    source, target = wording.area(move.source), wording.area(move.target)
    why = _cause(wording, move)
    unit = wording.unit(move.unit)
    return {
        "unit_id": str(wording.opened.problem.unit_ids[move.unit]),
        "from_area_id": _area_id(wording, move.source),
        "to_area_id": _area_id(wording, move.target),
        "rule": move.fault.rule_id if move.fault else _lock_rule(wording, move),
        **_both(say("planning.repair_move", unit=unit, source=source, target=target, why=why)),
    }


def _cause(wording: Wording, move: Move) -> Sentence:
    if move.fault is not None:
        area, fault = wording.area(move.fault.area), wording.fault(move.fault)
        return Sentence(
            f"{area.zh}: {fault.zh} ({move.fault.rule_id})", f"{area.en}: {fault.en} ({move.fault.rule_id})"
        )
    if move.lock is not None:
        return wording.lock(wording.opened.locks[move.lock])
    return say("planning.makes_room")


def _lock_rule(wording: Wording, move: Move) -> str | None:
    return None if move.lock is None else wording.opened.locks[move.lock].rule


def _stranger(wording: Wording, unit_id: str, area: int) -> dict[str, Any]:
    """A unit the plan has in an area and is not for; it goes back where it was."""
    table = wording.opened.problem.out_of_scope.set_index("unit_id")["reason"]
    reason = REASONS[str(table.get(unit_id, "not_placed"))]
    unit, source = wording.unit_id(unit_id), wording.area(area)
    return {
        "unit_id": unit_id,
        "from_area_id": _area_id(wording, area),
        "to_area_id": None,
        "rule": next(iter(reason.rules), None),
        **_both(say("planning.repair_out_of_scope", unit=unit, source=source, reason=reason)),
    }


def _unmet(wording: Wording, lock: Lock) -> dict[str, Any]:
    sentence = say("planning.repair_unmet", lock=wording.lock(lock), rule=lock.rule)
    return {"rule": lock.rule, "unit_ids": list(lock.unit_ids), **_both(sentence)}


def _both(sentence: Sentence) -> dict[str, str]:
    return {"sentence_zh": sentence.zh, "sentence_en": sentence.en}


def _area_id(wording: Wording, number: int) -> str | None:
    areas = wording.opened.document["areas"]
    return str(areas[number]["area_id"]) if 0 <= number < len(areas) else None
