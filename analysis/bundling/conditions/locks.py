"""What a planner has settled and no search may change: read, checked, and put onto a problem."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.bundling.editing.assign import Bond
from analysis.bundling.plan import Plan
from analysis.bundling.problem import Problem
from geo.errors import PlanningError

RULE_OF: dict[str, str] = {
    "in_area": "L01",
    "area_kept": "L02",
    "together": "L03",
    "apart": "L04",
    "out": "L05",
}
"""Rule id of each kind of lock."""


class LockError(PlanningError, ValueError):
    """Locks are malformed or name what is not there; all faults are named together."""


@dataclass(frozen=True)
class Lock:
    """One thing that is settled.

    Parameters
    ----------
    kind
        "in_area": the unit is in the area of `with_unit_id`; "area_kept": the units are an area,
        and nobody else is in it; "together", "apart": the two units; "out": the unit is in no area.
    unit_ids
        The units it is about.
    with_unit_id
        "in_area": the anchor of the area, or the hub of one without: what the area is known by,
        for numbers of areas change from plan to plan.
    anchor_unit_id
        "area_kept": its anchor, None where it has none.
    note
        Why, in the planner's words.
    """

    kind: str
    unit_ids: tuple[str, ...]
    with_unit_id: str | None = None
    anchor_unit_id: str | None = None
    note: str | None = None

    @property
    def rule(self) -> str:
        """Its rule id, L01-L05."""
        return RULE_OF[self.kind]


def read_locks(
    raw: Any, *, known: Iterable[str], document: Mapping[str, Any] | None = None
) -> tuple[Lock, ...]:
    """Locks of a file or of a plan, each once, in their order.

    Parameters
    ----------
    raw
        A list of objects, or an object with such a list under "locks". Each has a `kind` and
        `unit_ids` (or `unit_id`); "in_area" names the area by `with_unit_id` or `area_id`,
        "area_kept" by `area_id` or by its units and `anchor_unit_id`.
    known
        Ids of all units of the dataset.
    document
        The plan whose `area_id`s are meant; without one they cannot be used.

    Raises
    ------
    LockError
        With up to five of the faults in one sentence.

    Examples
    --------
    >>> read_locks([{"kind": "out", "unit_id": "a"}], known=["a"])
    (Lock(kind='out', unit_ids=('a',), with_unit_id=None, anchor_unit_id=None, note=None),)
    """
    rows = raw.get("locks") if isinstance(raw, Mapping) else raw
    if not isinstance(rows, Sequence) or isinstance(rows, str):
        raise _lock_error(["no list of locks"])
    areas = {area["area_id"]: area for area in document["areas"]} if document else {}
    ids, faults, locks = set(known), [], []
    for k, row in enumerate(rows):
        found = _read_lock(row, ids, areas)
        if isinstance(found, str):
            faults.append(f"locks[{k}]: {found}")
        else:
            locks.append(found)
    if faults:
        raise _lock_error(faults)
    return tuple(dict.fromkeys(locks))


def lock_documents(locks: Iterable[Lock]) -> list[dict[str, Any]]:
    """The `locks` of PLAN.json."""
    return [
        {
            "kind": lock.kind,
            "unit_ids": list(lock.unit_ids),
            **({"with_unit_id": lock.with_unit_id} if lock.kind == "in_area" else {}),
            **({"anchor_unit_id": lock.anchor_unit_id} if lock.kind == "area_kept" else {}),
            **({"note": lock.note} if lock.note else {}),
        }
        for lock in locks
    ]


@dataclass(frozen=True, eq=False)
class KeptArea:
    """An area that stays as it is: members (ascending, anchor included), anchor (−1 none)."""

    members: np.ndarray
    anchor: int
    number: int


@dataclass(frozen=True, eq=False)
class PlacedLocks:
    """Locks on the positions of a problem.

    Parameters
    ----------
    bonds
        Between two units.
    kept
        Areas that stay.
    void
        Numbers of the locks that ask for units the problem does not decide about.
    """

    bonds: tuple[Bond, ...] = ()
    kept: tuple[KeptArea, ...] = ()
    void: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything is locked."""
        return bool(self.bonds or self.kept)


NO_LOCKS = PlacedLocks()


def place_locks(problem: Problem, locks: Sequence[Lock]) -> PlacedLocks:
    """Locks on the positions of a problem; their numbers are their places in `locks`.

    Locks of kind "out" are not among them: see :func:`reduced.without`.
    """
    position = {str(unit): i for i, unit in enumerate(problem.unit_ids)}
    bonds: list[Bond] = []
    kept: list[KeptArea] = []
    void: list[int] = []
    for number, lock in enumerate(locks):
        named = [*lock.unit_ids, *([lock.with_unit_id] if lock.with_unit_id else [])]
        places = [position[unit] for unit in named if unit in position]
        is_all_there = len(places) == len(named)
        if lock.kind == "area_kept" and is_all_there:
            anchor = position[lock.anchor_unit_id] if lock.anchor_unit_id else -1
            kept.append(KeptArea(np.array(sorted(places)), anchor, number))
        elif lock.kind in ("in_area", "together") and is_all_there:
            bond = _bond(problem, places[0], places[1], lock.kind, number)
            bonds += [bond] if bond else []
            void += [] if bond else [number]
        elif lock.kind == "apart" and is_all_there:
            bonds.append(Bond(places[0], places[1], "apart", number))
        elif lock.kind not in ("apart", "out"):
            void.append(number)
    return PlacedLocks(tuple(bonds), tuple(kept), tuple(void))


def is_met(bond: Bond, plan: Plan) -> bool:
    """Whether a plan obeys a lock between two units."""
    a, b = int(plan.area_of[bond.a]), int(plan.area_of[bond.b])
    if bond.kind == "apart":
        return a != b or a < 0
    return a == b and (a >= 0 or bond.kind == "together")


def _bond(problem: Problem, a: int, b: int, kind: str, number: int) -> Bond | None:
    """A bond whose first unit is a target; None between two anchors, which no area holds."""
    if not problem.is_target[a]:
        a, b = b, a
    if not problem.is_target[a] or a == b:
        return None
    is_joined = kind == "in_area" or not problem.is_target[b]
    return Bond(a, b, "joined" if is_joined else "together", number)


def _read_lock(row: Any, known: set[str], areas: Mapping[str, Mapping[str, Any]]) -> Lock | str:
    """A lock, or what is wrong with it."""
    if not isinstance(row, Mapping) or row.get("kind") not in RULE_OF:
        return f"kind must be one of {', '.join(RULE_OF)}"
    kind, area = row["kind"], areas.get(row.get("area_id", ""))
    if "area_id" in row and area is None and not ("with_unit_id" in row or "unit_ids" in row):
        return f"there is no area {row['area_id']} in the plan it is read with"
    units = row.get("unit_ids", [row["unit_id"]] if "unit_id" in row else [])
    if kind == "area_kept" and area is not None and not units:
        units = area["unit_ids"]
    if not isinstance(units, Sequence) or isinstance(units, str):
        return "unit_ids is no list"
    anchor = row.get("anchor_unit_id", area["anchor_unit_id"] if area else None)
    with_unit = row.get("with_unit_id")
    if kind == "in_area" and with_unit is None and area is not None:
        with_unit = _hub(area, units)
    named = [*units, *(unit for unit in (with_unit, anchor) if unit is not None)]
    fault = _faults_of(kind, list(units), with_unit, named, known)
    if fault:
        return fault
    ids = tuple(dict.fromkeys(str(unit) for unit in units))
    return Lock(
        kind,
        ids if kind == "in_area" else tuple(sorted(ids)),
        str(with_unit) if kind == "in_area" else None,
        str(anchor) if kind == "area_kept" and anchor is not None else None,
        str(row["note"]) if row.get("note") else None,
    )


def _faults_of(
    kind: str, units: list[Any], with_unit: Any, named: list[Any], known: set[str]
) -> str | None:
    missing = [str(unit) for unit in named if str(unit) not in known]
    if missing:
        return f"no unit {', '.join(missing[:3])}"
    wanted = {"in_area": 1, "together": 2, "apart": 2, "out": 1}.get(kind)
    if wanted is not None and len(set(units)) != wanted:
        return f"{kind} needs {wanted} unit{'s' if wanted > 1 else ''}, not {len(set(units))}"
    if kind == "area_kept" and not units:
        return "area_kept needs units or an area_id"
    if kind == "in_area" and (with_unit is None or with_unit in units):
        return "in_area needs with_unit_id or area_id, another unit than its own"
    return None


def _hub(area: Mapping[str, Any], units: Sequence[str]) -> str | None:
    """What an area is known by: its anchor, else its first unit that is not the locked one."""
    if area["anchor_unit_id"] is not None:
        return str(area["anchor_unit_id"])
    return next((unit for unit in area["unit_ids"] if unit not in units), None)


def _lock_error(faults: list[str]) -> LockError:
    shown = "; ".join(faults[:5])
    return LockError(
        f"锁定不能使用({len(faults)} 处错误): {shown}。",
        f"The locks cannot be used ({len(faults)} faults): {shown}.",
    )
