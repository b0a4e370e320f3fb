"""What each unit is in a plan document: who leads, who is led, who is in an area without a leader, who in none."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from analysis.bundling.document.reasons import REASONS, UNLED_REASONS, Reason, say
from geo.messages import Sentence

ROLES = ("anchor", "absorbed", "unled", "companion", "member", "left_over", "out_of_scope")
"""What a unit is in a plan: it leads somebody, is led, is to be led and is not, joins by confirmation, belongs
to an area without being led, is left over, or was not decided about."""

ROLE_NAMES: Mapping[str, Sentence] = MappingProxyType({role: say(f"role.{role}") for role in ROLES})
"""Each role in words."""


@dataclass(frozen=True)
class UnitRole:
    """The place of a unit in a plan.

    Parameters
    ----------
    unit_id
        The unit.
    area_id
        Its area; None outside areas.
    role
        One of `ROLES`.
    leader_unit_id
        Who leads it; None where nobody does.
    reason
        Key of why it is in no area, or why nobody leads it in its area; None for the others.
    """

    unit_id: str
    area_id: str | None
    role: str
    leader_unit_id: str | None = None
    reason: str | None = None

    @property
    def sentence(self) -> Reason | None:
        """The reason in words; None without one that is known."""
        return None if self.reason is None else find_reason(self.reason, self.role)


def find_reason(key: str, role: str) -> Reason | None:
    """A reason in words: of units nobody leads, else of units in no area; None for an unknown key.

    Parameters
    ----------
    key
        As PLAN.json has it.
    role
        Of the unit, one of `ROLES`: the two kinds of reasons share some keys.

    Examples
    --------
    >>> find_reason("anchor_too_small", "unled") == find_reason("anchor_too_small", "left_over")
    False
    """
    return (UNLED_REASONS if role == "unled" else REASONS).get(key)


def find_leaders(area: Mapping[str, Any]) -> dict[str, str]:
    """Who leads each unit of an area that is led.

    Of an area of mode "area" those its entry names; where one anchor leads a whole area, all others.

    Parameters
    ----------
    area
        An entry of the plan's `areas`.

    Examples
    --------
    >>> find_leaders({"anchor_unit_id": "a", "unit_ids": ["a", "b"]})
    {'b': 'a'}
    >>> find_leaders({"anchor_unit_id": None, "unit_ids": ["a", "b", "c"], "led": {"b": "a"}})
    {'b': 'a'}
    """
    if "led" in area:
        return dict(area["led"])
    anchor = area["anchor_unit_id"]
    return {} if anchor is None else {unit: anchor for unit in area["unit_ids"] if unit != anchor}


def list_roles(document: Mapping[str, Any], special: Collection[str] = ()) -> list[UnitRole]:
    """The role of every unit a plan speaks of: area by area, then those left over, then those out of scope.

    Parameters
    ----------
    document
        PLAN.json.
    special
        Ids of units that join an area only by confirmation (R05).

    Examples
    --------
    >>> area = {"area_id": "P-1", "anchor_unit_id": None, "unit_ids": ["a", "b", "c", "d"], "led": {"b": "a"}}
    >>> plan = {"areas": [area], "unled": [{"unit_id": "c", "reason": "anchor_full"}], "left_over": [],
    ...     "out_of_scope": []}
    >>> [(row.unit_id, row.role) for row in list_roles(plan)]
    [('a', 'anchor'), ('b', 'absorbed'), ('c', 'unled'), ('d', 'member')]
    """
    unled = {row["unit_id"]: row["reason"] for row in document.get("unled", ())}
    rows = []
    for area in document["areas"]:
        leaders = find_leaders(area)
        leading = {*leaders.values(), area["anchor_unit_id"]}
        for unit in area["unit_ids"]:
            role = "anchor" if unit in leading else "member"
            if unit in leaders:
                role = "absorbed"
            elif unit in unled:
                role = "unled"
            if unit in special and role in ("absorbed", "member") and ("led" in area or area["anchor_unit_id"]):
                role = "companion"
            rows.append(UnitRole(unit, area["area_id"], role, leaders.get(unit), unled.get(unit)))
    for role in ("left_over", "out_of_scope"):
        rows += [UnitRole(row["unit_id"], None, role, reason=row["reason"]) for row in document[role]]
    return rows


def find_leader_walks(walks: pd.DataFrame, leaders: Mapping[str, str]) -> dict[str, float]:
    """Metres on foot from each led unit to its leader; those that were not computed are left out.

    Parameters
    ----------
    walks
        The layer `walks`: unit_a, unit_b in any order, walk_m.
    leaders
        Id of the leader of each led unit.

    Examples
    --------
    >>> walks = pd.DataFrame({"unit_a": ["a"], "unit_b": ["b"], "walk_m": [120.0]})
    >>> find_leader_walks(walks, {"b": "a", "c": "a"})
    {'b': 120.0}
    """
    if not leaders or walks.empty:
        return {}
    keys = [tuple(sorted(pair)) for pair in leaders.items()]
    ends = np.sort(walks[["unit_a", "unit_b"]].astype(str).to_numpy(dtype=object), axis=1)
    pairs = pd.MultiIndex.from_arrays([ends[:, 0], ends[:, 1]])
    known = pd.Series(walks["walk_m"].to_numpy(dtype=float), index=pairs).groupby(level=[0, 1]).min()
    found = known.reindex(pd.MultiIndex.from_tuples(keys))
    return {unit: float(walk) for unit, walk in zip(leaders, found, strict=True) if np.isfinite(walk)}
