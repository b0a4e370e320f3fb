"""What reading a plan back answers: the changes and remarks, in words and for machines; and where its base is."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.i18n import say
from app.plan_files.plan_edit import ReadPlan
from geo.messages import Item, Line, Sentence

BASE_NAME = "plan.json"
"""Of the plan in an export folder."""
MOST_LISTED = 60


def find_base(file: Path) -> Path | None:
    """The plan a file was exported from, where it still lies in its export folder; None elsewhere."""
    beside = file.parent / BASE_NAME
    return beside if beside.is_file() else None


def list_changes(found: ReadPlan) -> list[Sentence]:
    """The changes of a file, one sentence each: areas, then leaders."""
    none = say("plan_file.none")
    told = []
    for one in found.changes:
        if one.from_area != one.to_area:
            values = {"before": one.from_area or none, "after": one.to_area or none}
            told.append(say("plan_file.moved", name=one.name, unit=one.unit_id, **values))
        if one.from_leader != one.to_leader:
            values = {"before": one.from_leader or none, "after": one.to_leader or none}
            told.append(say("plan_file.led", name=one.name, unit=one.unit_id, **values))
    return told


def answer_lines(found: ReadPlan) -> list[Line]:
    """The answer for a console.

    Parameters
    ----------
    found
        The plan read back.
    """
    lines: list[Line] = [say("plan_file.matched", n=found.n_matched, changed=len(found.changes))]
    lines += [Item("-", sentence) for sentence in list_changes(found)[:MOST_LISTED]]
    for remark in found.remarks[:MOST_LISTED]:
        zh, en = remark.sentence
        mark = "!" if remark.is_fault else "·"
        lines.append(Item(mark, Sentence(f"{_row(remark.row, '行')}{zh}", f"{_row(remark.row, 'row')}{en}")))
    for name, n in (("changes", len(list_changes(found))), ("remarks", len(found.remarks))):
        if n > MOST_LISTED:
            lines.append(Item("…", say(f"cli.n_{name}", n=n)))
    return lines


def answer_document(found: ReadPlan) -> dict[str, Any]:
    """The answer for machines: matched, changes unit by unit, remarks with the row of the file.

    Parameters
    ----------
    found
        The plan read back.
    """
    return {
        "matched": found.n_matched,
        "changes": [asdict(one) for one in found.changes],
        "remarks": [
            {"row": one.row, "fault": one.is_fault, "sentence_zh": one.sentence.zh, "sentence_en": one.sentence.en}
            for one in found.remarks
        ],
    }


def _row(row: int | None, word: str) -> str:
    return "" if row is None else f"{word} {row}: "
