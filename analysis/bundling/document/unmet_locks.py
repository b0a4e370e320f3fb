"""Locks that a plan could not meet, reported in its document: whom they leave over, and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from analysis.bundling.document.reasons import REASONS, say
from analysis.bundling.locks.index import IndexedLocks
from analysis.bundling.locks.locks import LEADER_KINDS, Lock, areas_by_units, is_lock_satisfied
from geo.messages import Sentence

_IN_NO_AREA = ("anchor_unused", "member_unused")
"""Reasons of units that are planned for, ask for no area and are in none."""


def add_unmet_locks(
    document: Mapping[str, Any], locks: Sequence[Lock], placed: IndexedLocks, names: Mapping[str, str]
) -> dict[str, Any]:
    """The document with every lock it could not meet named.

    Parameters
    ----------
    document
        PLAN.json; what it tells of other locks is taken out.
    locks, placed
        The locks it was made with, and the same on its problem.
    names
        Name of each unit by its id; "" where it has none.

    Returns
    -------
    PLAN.json. Units that a lock leaves over have the reason `lock_unmet` and its rule; `notes` has an
    entry for each such lock with its number (`lock`, from 0), its rule and a sentence in both
    languages. A lock that is broken by units in an area is reported by `verify` alone.
    """
    unmet = _find_unmet(document, locks)
    rules: dict[str, list[str]] = {}
    for number, units in unmet.items():
        for unit in units:
            rules.setdefault(unit, []).append(locks[number].rule)
    others = [note for note in document.get("notes", []) if "lock" not in note]
    notes = [_note(document, number, locks[number], placed, names) for number in unmet]
    return {
        **document,
        "left_over": [_mark_unmet(row, rules.get(row["unit_id"])) for row in document["left_over"]],
        "notes": [*others, *notes],
    }


def _find_unmet(document: Mapping[str, Any], locks: Sequence[Lock]) -> dict[int, tuple[str, ...]]:
    """Numbers of the locks that leave units over, and the units that are in no area for them."""
    area_of = {unit: k for k, area in enumerate(document["areas"]) for unit in area["unit_ids"]}
    leads = [area["anchor_unit_id"] for area in document["areas"]]
    areas, left = areas_by_units(area_of, leads), {row["unit_id"] for row in document["left_over"]}
    leader_of = read_leaders(document)
    if leader_of is not None:  # who may join an area and is in none is planned for as well
        left |= {row["unit_id"] for row in document["out_of_scope"] if row["reason"] in _IN_NO_AREA}
    found: dict[int, tuple[str, ...]] = {}
    for number, lock in enumerate(locks):
        units = _concerned_units(lock, leads)
        if lock.kind in LEADER_KINDS:
            if lock.kind == "led_by" and not (leader_of or {}).keys() & set(lock.unit_ids):
                found[number] = ()
            continue
        is_asked = not is_lock_satisfied(lock, area_of, areas, leader_of) or (
            lock.kind == "together" and not left.issuperset(units)  # one of them is not planned for
        )
        if is_asked and units and not area_of.keys() & set(units):
            found[number] = units
    return found


def read_leaders(document: Mapping[str, Any]) -> dict[str, str] | None:
    """Who leads each unit that is led inside an area; None for a plan of a mode without leaders inside."""
    if document.get("mode") != "area":
        return None
    return {unit: leader for area in document["areas"] for unit, leader in area.get("led", {}).items()}


def _concerned_units(lock: Lock, leads: Collection[str | None]) -> tuple[str, ...]:
    """The units that are in no area where a lock cannot be met; an anchor may lead all the same."""
    if lock.kind == "area_kept":
        return lock.unit_ids
    if lock.kind == "in_area" and lock.with_unit_id is not None:
        return (lock.with_unit_id,) if lock.unit_ids[0] in leads else lock.unit_ids
    if lock.kind == "together":
        return tuple(unit for unit in lock.unit_ids if unit not in leads)
    return ()


def _mark_unmet(row: dict[str, Any], rules: Sequence[str] | None) -> dict[str, Any]:
    if rules is None:
        return row
    return {**row, "reason": "lock_unmet", "rules": list(dict.fromkeys([*rules, *row["rules"]]))}


def _note(
    document: Mapping[str, Any], number: int, lock: Lock, placed: IndexedLocks, names: Mapping[str, str]
) -> dict[str, Any]:
    """One lock that could not be met, with what forbids it."""
    named = (*lock.unit_ids, *([lock.with_unit_id] if lock.with_unit_id else []))
    outside = {row["unit_id"]: row["reason"] for row in document["out_of_scope"]}
    gone = [unit for unit in named if unit in outside and outside[unit] not in _IN_NO_AREA]
    if gone:
        reason = REASONS[outside[gone[0]]]
        why = say("unmet.out_of_scope", unit=_unit_titles(gone[:1], names), reason=Sentence(reason.zh, reason.en))
    elif placed.void.get(number):
        why = say("unmet.breaks", rules=", ".join(placed.void[number]))
    else:
        why = say("unmet.others")
    units = _unit_titles(named, names)
    key = "unmet.led_by" if lock.kind == "led_by" else "unmet.lock"
    text = say(key, number=number + 1, rule=lock.rule, units=units, why=why)
    return {"rule": lock.rule, "zh": text.zh, "en": text.en, "lock": number}


def _unit_titles(units: Sequence[str], names: Mapping[str, str]) -> str:
    """Up to three units, and how many more there are."""
    more = f" … (+{len(units) - 3})" if len(units) > 3 else ""
    return ", ".join(f"{names.get(u) or ''} ({u})".strip() for u in units[:3]) + more
