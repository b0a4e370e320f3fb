"""A plan changed by hand: the edit put onto the plan it was made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from analysis.bundling.document.areas import AreaEntries
from analysis.bundling.document.read import OpenPlan, open_plan, place_units
from analysis.bundling.led_areas.leader_options import offer_leader
from analysis.bundling.locks.index import index_locks
from analysis.bundling.locks.locks import Lock, read_locks
from analysis.bundling.locks.presolve import exclude_locked_out
from analysis.bundling.model.plan import LEFT_OVER, Plan
from analysis.bundling.model.problem import Problem
from geo.errors import PlanningError
from geo.messages import Sentence, load_catalogue
from geo.storage.dataset import Dataset

say = load_catalogue(__file__)


class EditError(PlanningError, ValueError):
    """An edit names what is not there, or contradicts itself; all faults are named together."""


@dataclass(frozen=True)
class AreaEdit:
    """What is new of an area.

    Parameters
    ----------
    anchor_unit_id
        Its anchor, None for none.
    name
        None = the name it had, or one made of its anchor or street.
    """

    anchor_unit_id: str | None
    name: str | None = None


@dataclass(frozen=True)
class Edit:
    """How a plan differs from the document it was made of.

    Parameters
    ----------
    moves
        Area of each unit that changed it, by unit id; None = none. Areas go by their `area_id`,
        new ones by any other text.
    areas
        New areas, in their order, and areas whose anchor or name changed.
    locked_units
        Units locked to the area they are in, or out of every area.
    locked_areas
        Areas locked as they are.
    other_locks
        Numbers of the document's locks that are neither and stay.
    leaders
        Who leads each unit whose leader changed, by unit id; None = nobody. Mode "area" only: whoever is not
        named keeps its leader while both are in one area.
    """

    moves: Mapping[str, str | None] = field(default_factory=dict)
    areas: Mapping[str, AreaEdit] = field(default_factory=dict)
    locked_units: tuple[str, ...] = ()
    locked_areas: tuple[str, ...] = ()
    other_locks: tuple[int, ...] = ()
    leaders: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class EditBase:
    """A plan document ready to be edited.

    Parameters
    ----------
    opened
        The document next to its problem, as if nothing were locked.
    locks
        The document's locks.
    """

    opened: OpenPlan
    locks: tuple[Lock, ...]

    @cached_property
    def area_of(self) -> dict[str, int]:
        """Number of the area of each unit that is in one, by unit id."""
        return {
            str(unit): number for number, area in enumerate(self.opened.document["areas"]) for unit in area["unit_ids"]
        }

    @cached_property
    def leader_of(self) -> dict[str, str]:
        """Who leads each unit that is led inside an area, by unit id; nobody in modes without leaders inside."""
        plan, ids = self.opened.plan, self.opened.problem.unit_ids.astype(str)
        if plan.leader_of is None:
            return {}
        led = np.flatnonzero(plan.leader_of >= 0)
        return dict(zip(ids[led].tolist(), ids[plan.leader_of[led]].tolist(), strict=True))

    @cached_property
    def unedited(self) -> Edit:
        """The edit that changes nothing: locks told the way edits tell them."""
        units, areas, others = [], [], []
        for number, lock in enumerate(self.locks):
            told = self._told(lock)
            if told == "unit":
                units.append(lock.unit_ids[0])
            elif told == "area":
                areas.append(self.opened.area_ids[self.area_of[lock.unit_ids[0]]])
            else:
                others.append(number)
        return Edit({}, {}, tuple(units), tuple(areas), tuple(others))

    def _told(self, lock: Lock) -> str:
        """Whether a lock holds a "unit" or an "area" where it is now, or says something "other"."""
        home = self.area_of.get(lock.unit_ids[0])
        if home is None:
            return "unit" if lock.kind == "out" else "other"
        area = self.opened.document["areas"][home]
        if lock.kind == "in_area" and lock.with_unit_id in area["unit_ids"]:
            return "unit"
        same = set(area["unit_ids"]) == set(lock.unit_ids)
        is_led = lock.led is None or dict(lock.led) == area.get("led")
        is_kept = lock.kind == "area_kept" and same and is_led
        return "area" if is_kept and area["anchor_unit_id"] == lock.anchor_unit_id else "other"


@dataclass(frozen=True, eq=False)
class Edited:
    """A plan with an edit put onto it.

    Parameters
    ----------
    opened
        The plan as it is now, without units that locks keep out. Its document has the areas of
        the base, then the new ones with the id and name they will have; what else it says
        (members, sums, units left over) is still the base's.
    keys
        What the edit calls each area, by number.
    lost
        Units that had a leader and have none any more, in an area all the same; mode "area".
    """

    opened: OpenPlan
    keys: tuple[str, ...]
    lost: tuple[LostLeader, ...] = ()


@dataclass(frozen=True)
class LostLeader:
    """A unit that an edit left without its leader: an edit moves no other unit, and gives no other leader.

    Parameters
    ----------
    unit_id, leader_unit_id
        The unit, and who led it.
    offered_unit_id
        The nearest anchor of its area that could lead it now; None = nobody could.
    """

    unit_id: str
    leader_unit_id: str
    offered_unit_id: str | None


def open_for_editing(dataset: Dataset, document: Mapping[str, Any], like: EditBase | None = None) -> EditBase:
    """A plan document next to its problem, ready to be edited.

    Parameters
    ----------
    dataset
        With its graph.
    document
        The plan.
    like
        Another plan ready to be edited: what both have in common is not built again.

    Raises
    ------
    StalePlanError
        If the plan was made for other planning data.
    LockError
        If its locks are malformed.
    UsageError
        If the dataset has no graph.
    """
    opened = open_plan(dataset, document, locks=(), like=None if like is None else like.opened)
    return EditBase(opened, read_locks(document["locks"], known=opened.graph.unit_ids.astype(str), document=document))


def apply_edit(base: EditBase, edit: Edit) -> Edited:
    """The plan an edit makes.

    Parameters
    ----------
    base
        The plan and its problem.
    edit
        What changes.

    Raises
    ------
    EditError
        If the edit names a unit, area or lock that is not there, an anchor outside its area, or a leader
        where areas have none inside.
    """
    keys = list(base.opened.area_ids)
    keys += [key for key in edit.areas if key not in set(keys)]
    number_of = {key: number for number, key in enumerate(keys)}
    _refuse_unknown(base, edit, number_of)
    area_of = dict(base.area_of)
    for unit, key in edit.moves.items():
        area_of.pop(unit, None)
        if key is not None:
            area_of[unit] = number_of[key]
    areas = _areas(base, edit, keys, area_of)
    leader_of = _leaders(base, edit, area_of)
    locks = _locks(base, edit, areas, area_of, number_of, leader_of)
    problem = exclude_locked_out(base.opened.problem, locks)
    plan, unknown_units = place_units(problem, area_of.items(), [area["anchor_unit_id"] for area in areas])
    plan = _drop_outside_anchors(plan)
    if problem.rules.mode == "area":
        plan = plan.assign_leaders(_positions_of(problem, leader_of))
    opened = replace(
        base.opened,
        document={**base.opened.document, "areas": areas},
        problem=problem,
        plan=plan,
        locks=locks,
        placed=index_locks(problem, locks),
        unknown_units=tuple(sorted(unknown_units)),
    )
    return Edited(opened, tuple(keys), _find_lost(base, edit, opened, area_of))


def _leaders(base: EditBase, edit: Edit, area_of: Mapping[str, int]) -> dict[str, str]:
    """Who leads each unit that is led, by unit id: as the base has it and the edit changes it, inside one area."""
    found = {**base.leader_of, **edit.leaders}
    return {
        unit: leader
        for unit, leader in found.items()
        if leader is not None and unit in area_of and area_of[unit] == area_of.get(leader)
    }


def _positions_of(problem: Problem, leader_of: Mapping[str, str]) -> np.ndarray:
    """(n,) position of the leader of each unit of a problem, −1 = none."""
    position = {str(unit): i for i, unit in enumerate(problem.unit_ids)}
    found = np.full(problem.n_units, LEFT_OVER)
    for unit, leader in leader_of.items():
        if unit in position and leader in position:
            found[position[unit]] = position[leader]
    return found


def _find_lost(base: EditBase, edit: Edit, opened: OpenPlan, area_of: Mapping[str, int]) -> tuple[LostLeader, ...]:
    """Units left without their leader by the edit, other than those whose leader it took away itself."""
    problem, plan = opened.problem, opened.plan
    if problem.rules.mode != "area":
        return ()
    ids, lost = problem.unit_ids.astype(str), []
    position = {unit: i for i, unit in enumerate(ids.tolist())}
    for unit, leader in sorted(base.leader_of.items()):
        place = position.get(unit, -1)
        is_led = place >= 0 and plan.leader_of is not None and plan.leader_of[place] >= 0
        if place < 0 or is_led or unit not in area_of or edit.leaders.get(unit, leader) is None:
            continue
        offered = offer_leader(problem, plan, place, opened.placed)
        lost.append(LostLeader(unit, leader, str(ids[offered]) if offered >= 0 else None))
    return tuple(lost)


def _refuse_unknown(base: EditBase, edit: Edit, number_of: Mapping[str, int]) -> None:
    known = base.opened.tables.position
    anchors = [area.anchor_unit_id for area in edit.areas.values() if area.anchor_unit_id]
    leaders = [unit for pair in edit.leaders.items() for unit in pair if unit is not None]
    units = [*edit.moves, *anchors, *edit.locked_units, *leaders]
    faults = [f"unit {unit}" for unit in units if unit not in known]
    areas = [*(key for key in edit.moves.values() if key is not None), *edit.locked_areas]
    faults += [f"area {key}" for key in areas if key not in number_of]
    faults += [f"lock {n}" for n in edit.other_locks if not 0 <= n < len(base.locks)]
    if faults:
        raise _edit_error(faults, say("fault.not_there"))
    mode = base.opened.problem.rules.mode
    if edit.leaders and mode != "area":
        faults = [f"{unit} (--mode {mode})" for unit in edit.leaders]
        raise _edit_error(faults, say("fault.no_leaders"))


def _areas(base: EditBase, edit: Edit, keys: Sequence[str], area_of: Mapping[str, int]) -> list[dict[str, Any]]:
    """Id, name, street and anchor of every area, its members as the base has them."""
    before = base.opened.document["areas"]
    members = _members(area_of, len(keys))
    entries = AreaEntries(base.opened.tables, base.opened.document["areas"])
    areas, faults = [], []
    for number, key in enumerate(keys):
        changed = edit.areas.get(key)
        area = before[number] if number < len(before) else None
        anchor = changed.anchor_unit_id if changed else area["anchor_unit_id"] if area else None
        if base.opened.problem.rules.mode == "area":  # its leaders are inside
            anchor = None
        if anchor is not None and area_of.get(anchor) != number and members[number]:
            if changed and changed.anchor_unit_id is not None:
                faults.append(f"{anchor} ({key})")
            anchor = None
        if area is None:
            area = entries.make(members[number], anchor, None)
        if changed and changed.name:
            area = {**area, "name": changed.name}
        areas.append({**area, "anchor_unit_id": anchor})
    if faults:
        raise _edit_error(faults, say("fault.anchor_outside"))
    return areas


def _members(area_of: Mapping[str, int], n_areas: int) -> list[list[str]]:
    members: list[list[str]] = [[] for _ in range(n_areas)]
    for unit, number in area_of.items():
        members[number].append(unit)
    return [sorted(units) for units in members]


def _drop_outside_anchors(plan: Plan) -> Plan:
    """The plan in which an area has no anchor that is not a member of it."""
    here = plan.anchor_of >= 0
    gone = here & (plan.area_of[plan.anchor_of] != np.arange(plan.n_areas)) if plan.n_areas else here
    return Plan(plan.area_of, np.where(gone, LEFT_OVER, plan.anchor_of))


def _locks(
    base: EditBase,
    edit: Edit,
    areas: Sequence[Mapping[str, Any]],
    area_of: Mapping[str, int],
    number_of: Mapping[str, int],
    leader_of: Mapping[str, str],
) -> tuple[Lock, ...]:
    """The locks an edit leaves: those of the document that still say the same are kept with their note."""
    members = _members(area_of, len(areas))
    old = {(lock.kind, lock.unit_ids): lock for lock in base.locks}
    locks = [base.locks[number] for number in edit.other_locks]
    for unit in edit.locked_units:
        home = area_of.get(unit)
        if home is None:
            locks.append(old.get(("out", (unit,)), Lock("out", (unit,))))
            continue
        kept = old.get(("in_area", (unit,)))
        if kept is not None and kept.with_unit_id in members[home]:
            locks.append(kept)
            continue
        anchor = areas[home]["anchor_unit_id"]
        hub = anchor if anchor not in (None, unit) else None
        hub = hub or next((other for other in members[home] if other != unit), None)
        if hub is not None:
            locks.append(Lock("in_area", (unit,), str(hub)))
        else:  # alone in its area: the area is what it is locked to
            locks.append(Lock("area_kept", (unit,), None, anchor))
    for key in edit.locked_areas:
        number = number_of[key]
        units, anchor = tuple(members[number]), areas[number]["anchor_unit_id"]
        led = None
        if base.opened.problem.rules.mode == "area":
            led = tuple(sorted((unit, leader_of[unit]) for unit in units if unit in leader_of))
        if not units:
            continue
        kept = old.get(("area_kept", units))
        same = kept is not None and kept.anchor_unit_id == anchor and kept.led in (None, led)
        locks.append(kept if kept is not None and same else Lock("area_kept", units, None, anchor, None, led))
    return tuple(dict.fromkeys(locks))


def _edit_error(faults: list[str], what: Sentence) -> EditError:
    return EditError(*say("error.edit", what=what, faults="; ".join(faults[:5]), n=len(faults)))
