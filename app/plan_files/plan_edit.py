"""A file about units as an edit of a plan: which units move, who leads whom, and the plan that makes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from analysis.bundling.document.write import COMMAND_LINE_AUTHOR, is_management_known, revise_document, write_document
from analysis.bundling.editing.apply import AreaEdit, Edit, EditBase, apply_edit, open_for_editing
from analysis.bundling.model.plan import LEFT_OVER, Plan
from analysis.bundling.model.problem import build_problem
from analysis.bundling.model.rules import rules_from_policy
from analysis.bundling.solve.baselines import baseline_result
from analysis.policy import Policy
from app.i18n import say
from app.plan_files.matching import Matches, MatchRemark, match_rows
from app.plan_files.rows import PlanRows
from geo.adjacency.graph import refresh_graph
from geo.storage.dataset import Dataset


@dataclass(frozen=True)
class MembershipChange:
    """What a file changes of one unit.

    Parameters
    ----------
    unit_id, name
        The unit.
    from_area, to_area
        Name of the area before and after; None = none.
    from_leader, to_leader
        Name of who leads it before and after; None = nobody.
    """

    unit_id: str
    name: str
    from_area: str | None
    to_area: str | None
    from_leader: str | None
    to_leader: str | None


@dataclass(frozen=True, eq=False)
class ReadPlan:
    """A plan read back from a file.

    Parameters
    ----------
    document
        PLAN.json; the base itself where nothing changed.
    changes
        Unit by unit, those of the file.
    remarks
        What a planner should know of the file.
    n_matched
        Units the file speaks of.
    """

    document: dict[str, Any]
    changes: tuple[MembershipChange, ...]
    remarks: tuple[MatchRemark, ...]
    n_matched: int

    @property
    def is_whole(self) -> bool:
        """Whether everything the file says was used."""
        return not any(one.is_fault for one in self.remarks)


def read_plan_rows(
    rows: PlanRows,
    dataset: Dataset,
    policy: Policy,
    base: Mapping[str, Any] | None = None,
    *,
    by: str = "",
    reason: str = "",
) -> ReadPlan:
    """The plan a file makes of another one.

    Parameters
    ----------
    rows
        Of the file. Units it does not name stay as they are in the base.
    dataset
        The data of the plan.
    policy
        In force.
    base
        The plan the file was exported from; None = a plan without areas, by the policy's own rules.
    by, reason
        Who changed it and why; kept in the document next to the file's name.

    Raises
    ------
    StalePlanError
        If the base was made for other planning data.
    EditError
        If leaders stand outside their areas in modes with one leader an area.
    """
    if base is None:
        dataset, base = _empty_plan(dataset, policy)
    matches = match_rows(rows, dataset)
    opened = open_for_editing(dataset, base)
    edit, remarks = make_edit(rows, matches, opened)
    public = (MatchRemark(None, say("plan_file.public")),) if rows.is_public else ()
    remarks = (*public, *matches.remarks, *remarks)
    if not (edit.moves or edit.areas or edit.leaders):
        return ReadPlan(dict(base), (), remarks, len(matches.unit_of))
    edited = apply_edit(opened, edit).opened
    document = revise_document(edited, edited.plan, unknown_units=edited.unknown_units)
    document["read_back"] = {"file": rows.file, "by": by, "reason": reason}
    return ReadPlan(document, _list_changes(base, document, dataset), remarks, len(matches.unit_of))


def _empty_plan(dataset: Dataset, policy: Policy) -> tuple[Dataset, dict[str, Any]]:
    """A plan without areas: what a table of areas is put onto where there is no other."""
    rules = rules_from_policy(policy, management_known=is_management_known(dataset.layer("units")))
    dataset, graph = refresh_graph(dataset, policy.neighbour_rules(within=rules.within))
    problem = build_problem(dataset, graph, rules)
    nowhere = np.full(problem.n_units, LEFT_OVER)
    plan = Plan(nowhere, np.array([], dtype=np.int64), nowhere if rules.mode == "area" else None)
    result = baseline_result(problem, plan)
    return dataset, write_document(problem, result, dataset, policy, by=COMMAND_LINE_AUTHOR)


def make_edit(rows: PlanRows, matches: Matches, base: EditBase) -> tuple[Edit, tuple[MatchRemark, ...]]:
    """What the rows change of a plan; nothing of units they do not name.

    Parameters
    ----------
    rows, matches
        The file, and which unit each row is about.
    base
        The plan.

    Returns
    -------
    The edit, and remarks on areas and leaders that are not there.
    """
    document = base.opened.document
    keys = _AreaKeys(document["areas"], has_ids=rows.has_ids)
    area_of = {unit: base.opened.area_ids[number] for unit, number in base.area_of.items()}
    table, moves = rows.table, {}
    for unit, position in matches.unit_of.items():
        key = keys.find(table["area"].iloc[position])
        if key != area_of.get(unit):
            moves[unit] = key
    after = {**area_of, **moves}
    leaders, remarks = _find_leaders(rows, matches, base)
    areas = {key: AreaEdit(None, name) for key, name in keys.new.items()}
    if document["mode"] == "area":
        changed = {
            unit: leader
            for unit, leader in leaders.items()
            if leader != base.leader_of.get(unit) and (leader is not None or after.get(unit) is not None)
        }
        kept = {unit: leader for unit, leader in changed.items() if leader is None or _is_inside(unit, leader, after)}
        for unit in sorted(changed.keys() - kept.keys()):
            row = int(table["row"].iloc[matches.unit_of[unit]])
            remarks.append(
                MatchRemark(row, say("plan_file.leader_outside", unit=unit, leader=changed[unit]), is_fault=True)
            )
        return replace(base.unedited, moves=moves, areas=areas, leaders=kept), tuple(remarks)
    areas |= _find_anchors(leaders, after, document["areas"], areas, has_leaders=rows.has_leaders)
    return replace(base.unedited, moves=moves, areas=areas), tuple(remarks)


class _AreaKeys:
    """What a file calls areas: ids of the plan, names or numbers of its areas, or new ones."""

    def __init__(self, areas: list[dict[str, Any]], *, has_ids: bool) -> None:
        self.new: dict[str, str] = {}
        self._known = {str(area["area_id"]): str(area["area_id"]) for area in areas}
        if has_ids:  # a bureau's own numbers are no numbers of the plan
            names = Counter(str(area["name"]) for area in areas)
            once = {str(a["name"]): str(a["area_id"]) for a in areas if names[str(a["name"])] == 1}
            numbers = {str(number): str(area["area_id"]) for number, area in enumerate(areas, 1)}
            self._known = {**numbers, **once, **self._known}

    def find(self, text: str | None) -> str | None:
        """The key of an area by what the file calls it; a new one where the plan has none of the name."""
        if text is None:
            return None
        if text in self._known:
            return self._known[text]
        key = f"new:{text}"
        self.new[key] = say("plan_file.area", number=text).zh if text.isdecimal() else text
        return key


def _find_leaders(rows: PlanRows, matches: Matches, base: EditBase) -> tuple[dict[str, str | None], list[MatchRemark]]:
    """Who leads each unit of the file, None = nobody; nothing where the file does not say."""
    if not rows.has_leaders:
        return {}, []
    table, tables = rows.table, base.opened.tables
    ids_of: dict[str, list[str]] = {}
    for one, called in tables.name_of.items():
        ids_of.setdefault(called, []).append(one)
    found: dict[str, str | None] = {}
    remarks = []
    for unit, position in matches.unit_of.items():
        given: str | None = table["leader"].iloc[position]
        name: str | None = table["leader_name"].iloc[position]
        before = base.leader_of.get(unit)
        if name and ("leader" not in rows.says or (given == before and name != tables.name_of.get(before or ""))):
            given = None  # the file has no ids, or only the name was changed
        elif "leader" in rows.says:
            name = None
        by_name = ids_of.get(name or "", [])
        leader = given if given in tables.position else by_name[0] if not given and len(by_name) == 1 else None
        if leader is None and (given or name):
            row = int(table["row"].iloc[position])
            remarks.append(MatchRemark(row, say("plan_file.no_leader", unit=unit, leader=given or name), is_fault=True))
            continue
        found[unit] = None if leader == unit else leader
    return found, remarks


def _is_inside(unit: str, leader: str, area_of: Mapping[str, str | None]) -> bool:
    return area_of.get(unit) is not None and area_of.get(unit) == area_of.get(leader)


def _find_anchors(
    leaders: Mapping[str, str | None],
    area_of: Mapping[str, str | None],
    before: list[dict[str, Any]],
    new: Mapping[str, AreaEdit],
    *,
    has_leaders: bool,
) -> dict[str, AreaEdit]:
    """The anchor of each area whose one changed, where one anchor leads a whole area: who leads most of its units."""
    if not has_leaders:
        return {}
    votes: dict[str, Counter[str]] = {}
    for unit, leader in leaders.items():
        key = area_of.get(unit)
        if key is not None and leader is not None and area_of.get(leader) == key:
            votes.setdefault(key, Counter())[leader] += 1
    anchors = {key: min(counted, key=lambda one: (-counted[one], one)) for key, counted in votes.items()}
    was = {str(area["area_id"]): area["anchor_unit_id"] for area in before}
    changed = {key: anchor for key, anchor in anchors.items() if was.get(key) != anchor}
    return {key: AreaEdit(anchor, new[key].name if key in new else None) for key, anchor in changed.items()}


def _list_changes(
    before: Mapping[str, Any], after: Mapping[str, Any], dataset: Dataset
) -> tuple[MembershipChange, ...]:
    """Units whose area or leader differs, by id; areas go by id, so that one renumbered is no change."""
    units = dataset.layer("units")
    names = dict(zip(units["unit_id"], units["name"].fillna(""), strict=True))
    states = [_state(document) for document in (before, after)]
    changes = []
    for unit in sorted({*states[0], *states[1]}):
        (area_a, name_a, leader_a), (area_b, name_b, leader_b) = (state.get(unit, _NOWHERE) for state in states)
        if (area_a, leader_a) != (area_b, leader_b):
            called = [None if one is None else names.get(one, one) for one in (leader_a, leader_b)]
            changes.append(MembershipChange(unit, names.get(unit, unit), name_a, name_b, *called))
    return tuple(changes)


_NOWHERE = (None, None, None)


def _state(document: Mapping[str, Any]) -> dict[str, tuple[str | None, str | None, str | None]]:
    """Id and name of the area of each unit that is in one, and who leads it."""
    found: dict[str, tuple[str | None, str | None, str | None]] = {}
    for area in document["areas"]:
        anchor = area["anchor_unit_id"]
        led = area["led"] if "led" in area else {unit: anchor for unit in area["unit_ids"] if unit != anchor}
        for unit in area["unit_ids"]:
            found[unit] = (str(area["area_id"]), str(area["name"]), led.get(unit))
    return found
