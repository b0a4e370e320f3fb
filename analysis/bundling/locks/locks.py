"""Planners' locks: read, written, and whether areas meet them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from geo.errors import PlanningError
from geo.messages import load_catalogue

say = load_catalogue(__file__)

RULE_OF: Mapping[str, str] = MappingProxyType(
    {
        "in_area": "L01",
        "area_kept": "L02",
        "together": "L03",
        "apart": "L04",
        "out": "L05",
        "led_by": "L06",
        "not_led_by": "L07",
        "leads_nobody": "L08",
    }
)
"""Rule id of each kind of lock."""

LEADER_KINDS = ("led_by", "not_led_by", "leads_nobody")
"""Kinds that settle who leads whom inside an area: mode "area" only."""

WITH_ANOTHER = ("in_area", "led_by", "not_led_by")
"""Kinds that name a second unit apart from their own."""


class LockError(PlanningError, ValueError):
    """Locks are malformed or name what is not there; all faults are named together."""


@dataclass(frozen=True)
class Lock:
    """One thing that is settled.

    Parameters
    ----------
    kind
        "in_area": the unit is in the area of `with_unit_id`; "area_kept": the units are an area,
        and nobody else is in it; "together", "apart": the two units; "out": the unit is in no area;
        "led_by", "not_led_by": the anchor `with_unit_id` leads the unit, or does not; "leads_nobody": the
        unit leads none.
    unit_ids
        The units it is about.
    with_unit_id
        "in_area": the anchor of the area, or the hub of one without: what the area is known by,
        for numbers of areas change from plan to plan. "led_by", "not_led_by": the anchor.
    anchor_unit_id
        "area_kept": its anchor, None where it has none.
    note
        Why, in the planner's words.
    led
        "area_kept" in mode "area": who leads whom inside, as pairs of a unit and its leader, and nobody
        else is led; None = leaders may change.
    """

    kind: str
    unit_ids: tuple[str, ...]
    with_unit_id: str | None = None
    anchor_unit_id: str | None = None
    note: str | None = None
    led: tuple[tuple[str, str], ...] | None = None

    @property
    def rule(self) -> str:
        """Its rule id, L01-L08."""
        return RULE_OF[self.kind]


def read_locks(raw: Any, *, known: Iterable[str], document: Mapping[str, Any] | None = None) -> tuple[Lock, ...]:
    """Locks of a file or of a plan, each once, in their order.

    Parameters
    ----------
    raw
        A list of objects, or an object with such a list under "locks". Each has a `kind` and
        `unit_ids` (or `unit_id`); "in_area" names the area by `with_unit_id` or `area_id`,
        "area_kept" by `area_id` or by its units and `anchor_unit_id`; `led` of "area_kept" maps units to
        their leaders, or is true for those of the area named.
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
    (Lock(kind='out', unit_ids=('a',), with_unit_id=None, anchor_unit_id=None, note=None, led=None),)
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
            **({"with_unit_id": lock.with_unit_id} if lock.kind in WITH_ANOTHER else {}),
            **({"anchor_unit_id": lock.anchor_unit_id} if lock.kind == "area_kept" else {}),
            **({} if lock.led is None else {"led": dict(lock.led)}),
            **({"note": lock.note} if lock.note else {}),
        }
        for lock in locks
    ]


def areas_by_units(area_of: Mapping[str, int], leads: Sequence[str | None]) -> set[tuple[frozenset[str], str | None]]:
    """Areas as their units and anchor, from the area of each unit by id and the anchor of each area.

    Parameters
    ----------
    area_of
        Area number of each unit id.
    leads
        Unit id of the anchor of each area, None = it has none.
    """
    members: dict[int, list[str]] = {}
    for unit, area in area_of.items():
        members.setdefault(area, []).append(unit)
    return {(frozenset(units), leads[area]) for area, units in members.items()}


def is_lock_satisfied(
    lock: Lock,
    area_of: Mapping[str, int],
    areas: Container[tuple[frozenset[str], str | None]],
    leader_of: Mapping[str, str] | None = None,
) -> bool:
    """Whether a plan, told by unit ids, is as a lock asks; `areas` as of :func:`areas_by_units`.

    Parameters
    ----------
    lock
        The lock.
    area_of
        Area number of each unit id that is in one.
    areas
        As of `areas_by_units`.
    leader_of
        Who leads each unit that is led, where areas have leaders inside; None in other modes.

    Examples
    --------
    >>> lock = Lock("together", ("a", "b"))
    >>> [is_lock_satisfied(lock, of, ()) for of in ({"a": 0, "b": 0}, {"a": 0}, {})]
    [True, False, True]
    """
    if lock.kind in LEADER_KINDS:
        return _is_leader_lock_satisfied(lock, leader_of or {})
    if lock.kind == "area_kept" and leader_of is not None:
        return (frozenset(lock.unit_ids), None) in areas and _keeps_leaders(lock, leader_of)
    if lock.kind == "area_kept":
        return (frozenset(lock.unit_ids), lock.anchor_unit_id) in areas
    if lock.kind == "out":
        return not any(unit in area_of for unit in lock.unit_ids)
    one, other = (*lock.unit_ids, lock.with_unit_id or "")[:2]
    is_same = area_of.get(one) == area_of.get(other)
    if lock.kind == "apart":
        return not is_same or one not in area_of
    return is_same and (one in area_of or lock.kind == "together")


def _is_leader_lock_satisfied(lock: Lock, leader_of: Mapping[str, str]) -> bool:
    if lock.kind == "leads_nobody":
        return not any(leader in lock.unit_ids for leader in leader_of.values())
    return (leader_of.get(lock.unit_ids[0]) == lock.with_unit_id) == (lock.kind == "led_by")


def _keeps_leaders(lock: Lock, leader_of: Mapping[str, str]) -> bool:
    """Whether leaders inside a kept area are as the lock tells, where it does."""
    now = {unit: leader_of[unit] for unit in lock.unit_ids if unit in leader_of}
    if lock.led is not None:
        return now == dict(lock.led)
    return lock.anchor_unit_id is None or lock.anchor_unit_id in now.values()


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
        with_unit = _area_representative(area, units)
    led = row.get("led") if kind == "area_kept" else None
    if led is True:
        led = None if area is None else area.get("led")
    if led is not None and not isinstance(led, Mapping):
        return "led is no map of units to their leaders"
    inside = [*led, *led.values()] if led else []
    named = [*units, *(unit for unit in (with_unit, anchor) if unit is not None), *inside]
    fault = _lock_fault(kind, list(units), with_unit, named, known)
    if fault:
        return fault
    ids = tuple(dict.fromkeys(str(unit) for unit in units))
    return Lock(
        kind,
        ids if kind == "in_area" else tuple(sorted(ids)),
        str(with_unit) if kind in WITH_ANOTHER else None,
        str(anchor) if kind == "area_kept" and anchor is not None else None,
        str(row["note"]) if row.get("note") else None,
        None if led is None else tuple(sorted((str(unit), str(leader)) for unit, leader in led.items())),
    )


def _lock_fault(kind: str, units: list[Any], with_unit: Any, named: list[Any], known: set[str]) -> str | None:
    missing = [str(unit) for unit in named if str(unit) not in known]
    if missing:
        return f"no unit {', '.join(missing[:3])}"
    wanted = 2 if kind in ("together", "apart") else None if kind == "area_kept" else 1
    if wanted is not None and len(set(units)) != wanted:
        return f"{kind} needs {wanted} unit{'s' if wanted > 1 else ''}, not {len(set(units))}"
    if kind == "area_kept" and not units:
        return "area_kept needs units or an area_id"
    if kind == "in_area" and (with_unit is None or with_unit in units):
        return "in_area needs with_unit_id or area_id, another unit than its own"
    if kind in ("led_by", "not_led_by") and (with_unit is None or with_unit in units):
        return f"{kind} needs with_unit_id, the anchor, another unit than its own"
    return None


def _area_representative(area: Mapping[str, Any], units: Sequence[str]) -> str | None:
    """What an area is known by: its anchor, else its first unit that is not the locked one."""
    if area["anchor_unit_id"] is not None:
        return str(area["anchor_unit_id"])
    return next((unit for unit in area["unit_ids"] if unit not in units), None)


def _lock_error(faults: list[str]) -> LockError:
    shown = "; ".join(faults[:5])
    return LockError(*say("error.faults", n=len(faults), shown=shown))
