"""Two plans of one dataset: which areas answer each other, what moved, who gains and who loses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from analysis.bundling.evaluation.boundary_length import measure_boundary
from analysis.economics import count_shared_posts
from geo.messages import Sentence, load_catalogue

say = load_catalogue(__file__)

Effect = Literal["gains_cover", "loses_cover", "nearer", "farther", "same"]


@dataclass(frozen=True)
class AreaMatch:
    """An area of the first plan and the one of the second that answers it.

    Parameters
    ----------
    area_id_a, area_id_b
        None where the other plan has no area for it.
    shared_units, shared_households
        What both have.
    """

    area_id_a: str | None
    area_id_b: str | None
    shared_units: int
    shared_households: int


@dataclass(frozen=True)
class UnitChange:
    """A unit that is elsewhere, or has another walk, in the second plan.

    Parameters
    ----------
    unit_id, name, households
        The unit; households None where they are not known.
    area_id_a, area_id_b
        Its areas, None = in none.
    walk_a_m, walk_b_m
        Metres to the anchor, or to the hub of an area without one; None where it is in none.
    has_moved
        Whether its areas do not answer each other.
    effect
        What it comes to for those who live there.
    """

    unit_id: str
    name: str
    households: int | None
    area_id_a: str | None
    area_id_b: str | None
    walk_a_m: int | None
    walk_b_m: int | None
    has_moved: bool
    effect: Effect


@dataclass(frozen=True)
class LeaderChange:
    """A unit that somebody else leads in the second plan, or that is newly led there, or no longer.

    Parameters
    ----------
    unit_id, name, households
        The unit; households None where they are not known.
    leader_a, leader_b
        Unit ids of who leads it, None = nobody.
    """

    unit_id: str
    name: str
    households: int | None
    leader_a: str | None
    leader_b: str | None

    @property
    def kind(self) -> Literal["newly_led", "no_longer_led", "other_leader"]:
        """What changes for the unit."""
        if self.leader_a is None:
            return "newly_led"
        return "no_longer_led" if self.leader_b is None else "other_leader"


@dataclass(frozen=True)
class Comparison:
    """Two plans side by side.

    Parameters
    ----------
    matches
        Every area of either plan once, in the order of the first plan, then the second's own.
    figures
        Name → (first, second), None where it is not known: areas, units and households in areas,
        units and households left over, household_metres, mean_walk_m of a household in an area,
        decided_households (in areas or left over) and the share of these in areas (covered_share),
        pairs of neighbours not in one area (cut_pairs), the metres along which these face each
        other (cut_facing_m), posts of cleaning, greening and repair (shared_posts, R38). Where a plan has
        leaders inside its areas (mode "area") also led_households: of units that somebody leads.
    changes
        Units that moved or whose walk changed, by id.
    households
        Households by effect; units whose number is not known are left out.
    leaders
        Units led by another, newly led or no longer, by id; none where neither plan has leaders inside areas.
    """

    matches: tuple[AreaMatch, ...]
    figures: dict[str, tuple[float | None, float | None]]
    changes: tuple[UnitChange, ...]
    households: dict[str, int]
    leaders: tuple[LeaderChange, ...] = ()

    def difference(self, name: str) -> float | None:
        """How much more the second plan has of a figure; None where one is not known."""
        first, second = self.figures[name]
        return None if first is None or second is None else second - first

    @property
    def units_by_effect(self) -> dict[str, int]:
        """Units by what the second plan comes to for those who live there."""
        counts: dict[str, int] = dict.fromkeys(("gains_cover", "loses_cover", "nearer", "farther"), 0)
        for change in self.changes:
            if change.effect != "same":
                counts[change.effect] += 1
        return counts

    @property
    def moved(self) -> tuple[UnitChange, ...]:
        """Units that are in another area, or in one in one plan only."""
        return tuple(change for change in self.changes if change.has_moved)

    @property
    def sentence(self) -> Sentence:
        """The comparison in one sentence."""
        left, metres = self.figures["left_over_households"], self.figures["household_metres"]
        return say(
            "compare.whole",
            moved=len(self.moved),
            left_before=left[0],
            left_after=left[1],
            metres_before=metres[0],
            metres_after=metres[1],
            **self.households,
        )


def compare_plans(
    units: pd.DataFrame,
    walks: pd.DataFrame,
    a: Mapping[str, Any],
    b: Mapping[str, Any],
    *,
    edges: pd.DataFrame | None = None,
) -> Comparison:
    """What the second plan changes in the first.

    Areas answer each other so that as many households as possible stay in the area they had
    (units where there are ties): a matching, solved exactly.

    Parameters
    ----------
    units, walks
        The layers both plans were made for.
    a, b
        Plan documents.
    edges
        The layer; without it pairs of neighbours are not counted.
    """
    table = units.set_index("unit_id")
    households = table["households"].astype("float64")
    area_of = [_area_of(document) for document in (a, b)]
    metres = [measure_walks(document, households, walks) for document in (a, b)]
    matches = match_areas(a, b, households)
    answer = {m.area_id_a: m.area_id_b for m in matches if m.area_id_a is not None}
    changes = []
    for unit in sorted({*area_of[0], *area_of[1]}):
        change = _change(unit, table, area_of, metres, answer)
        if change.has_moved or change.effect != "same":
            changes.append(change)
    effects: dict[str, int] = dict.fromkeys(("gains_cover", "loses_cover", "nearer", "farther"), 0)
    for change in changes:
        if change.effect != "same":
            effects[change.effect] += change.households or 0
    figures_a, figures_b = (_figures(d, households, m) for d, m in zip((a, b), metres, strict=True))
    figures = {name: (figures_a[name], figures_b[name]) for name in figures_a}
    cut_a, cut_b = (_outline(document, edges) for document in (a, b))
    figures["cut_pairs"] = (cut_a.get("cut_pairs"), cut_b.get("cut_pairs"))
    figures["cut_facing_m"] = (cut_a.get("cut_facing_m"), cut_b.get("cut_facing_m"))
    figures["shared_posts"] = (_shared_posts(a, table), _shared_posts(b, table))
    leaders: tuple[LeaderChange, ...] = ()
    if "area" in (a.get("mode"), b.get("mode")):
        leader_of = [read_leaders(document) for document in (a, b)]
        leaders = _leader_changes(table, leader_of)
        led = [float(households.reindex(list(found)).fillna(0).sum()) for found in leader_of]
        figures["led_households"] = (led[0], led[1])
    return Comparison(matches, figures, tuple(changes), effects, leaders)


def read_leaders(document: Mapping[str, Any]) -> dict[str, str]:
    """Who leads each unit that is led, by unit id: as areas say, or the one anchor of an area all its others.

    Parameters
    ----------
    document
        PLAN.json of any mode.

    Examples
    --------
    >>> read_leaders({"areas": [{"unit_ids": ["a", "b"], "anchor_unit_id": "a"}]})
    {'b': 'a'}
    """
    found: dict[str, str] = {}
    for area in document["areas"]:
        anchor = area["anchor_unit_id"]
        others = {unit: anchor for unit in area["unit_ids"] if unit != anchor} if anchor is not None else {}
        found |= area.get("led", others)
    return found


def _leader_changes(table: pd.DataFrame, leader_of: Sequence[Mapping[str, str]]) -> tuple[LeaderChange, ...]:
    found = []
    for unit in sorted({*leader_of[0], *leader_of[1]}):
        one, other = (leaders.get(unit) for leaders in leader_of)
        households = table["households"].get(unit)
        if one != other:
            people = None if pd.isna(households) else int(households)
            found.append(LeaderChange(unit, str(table["name"].get(unit) or unit), people, one, other))
    return tuple(found)


def match_areas(a: Mapping[str, Any], b: Mapping[str, Any], households: pd.Series) -> tuple[AreaMatch, ...]:
    """Areas of two plans that answer each other; see `compare_plans`.

    Parameters
    ----------
    a, b
        Documents of the plan before and after.
    households
        Of each unit, by id.
    """
    ids_a = [area["area_id"] for area in a["areas"]]
    ids_b = [area["area_id"] for area in b["areas"]]
    shared_units, shared_people = _overlaps(a, b, households)
    weight = shared_people * (shared_units.sum() + 1) + shared_units
    rows, columns = linear_sum_assignment(weight, maximize=True)
    pairs = {int(i): int(j) for i, j in zip(rows, columns, strict=True) if shared_units[i, j]}
    found = [
        AreaMatch(ids_a[i], ids_b[j], int(shared_units[i, j]), int(shared_people[i, j]))
        if (j := pairs.get(i)) is not None
        else AreaMatch(ids_a[i], None, 0, 0)
        for i in range(len(ids_a))
    ]
    new = sorted(set(range(len(ids_b))) - set(pairs.values()))
    return (*found, *(AreaMatch(None, ids_b[j], 0, 0) for j in new))


def measure_walks(document: Mapping[str, Any], households: pd.Series, walks: pd.DataFrame) -> dict[str, int]:
    """Metres from each unit in an area to its anchor or leader, or to the hub of an area without one.

    Whole metres, at least 1 between two units; a walk that is not in the layer counts as the limit.

    Parameters
    ----------
    document
        PLAN.json.
    households
        By unit id; missing ones weigh nothing when the hub is found.
    walks
        The layer of this name.
    """
    area_of = _area_of(document)
    of_a, of_b = walks["unit_a"].map(area_of), walks["unit_b"].map(area_of)
    inside = walks[(of_a == of_b) & of_a.notna()]
    by_area = dict(list(inside.groupby(of_a[inside.index])))
    limit = int(document["rules"]["walk_limit_m"])
    found: dict[str, int] = {}
    for area in document["areas"]:
        members = sorted(area["unit_ids"])
        at = {unit: i for i, unit in enumerate(members)}
        metres = np.full((len(members), len(members)), limit, dtype=np.int64)
        np.fill_diagonal(metres, 0)
        rows = by_area.get(area["area_id"])
        if rows is not None:
            i, j = (rows[name].map(at).to_numpy(int) for name in ("unit_a", "unit_b"))
            walk = np.maximum(np.rint(rows["walk_m"].to_numpy(float)), 1).astype(np.int64)
            metres[i, j] = metres[j, i] = walk
        people = np.nan_to_num(households.reindex(members).to_numpy(float))
        anchor = area["anchor_unit_id"]
        hub = at[anchor] if anchor is not None else int((metres @ people).argmin())
        to = [at.get(area.get("led", {}).get(unit, ""), hub) for unit in members]
        found |= dict(zip(members, metres[to, range(len(members))].tolist(), strict=True))
    return found


def _area_of(document: Mapping[str, Any]) -> dict[str, str]:
    return {unit: area["area_id"] for area in document["areas"] for unit in area["unit_ids"]}


def _overlaps(a: Mapping[str, Any], b: Mapping[str, Any], households: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """(areas of a, areas of b) units and households that both have."""
    number_b = {unit: j for j, area in enumerate(b["areas"]) for unit in area["unit_ids"]}
    shape = (len(a["areas"]), len(b["areas"]))
    units, people = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    known = households.fillna(0).astype(np.int64).to_dict()
    for i, area in enumerate(a["areas"]):
        for unit in area["unit_ids"]:
            if unit in number_b:
                units[i, number_b[unit]] += 1
                people[i, number_b[unit]] += known.get(unit, 0)
    return units, people


def _change(
    unit: str,
    table: pd.DataFrame,
    area_of: list[dict[str, str]],
    metres: list[dict[str, int]],
    answer: Mapping[str, str | None],
) -> UnitChange:
    one, other = (areas.get(unit) for areas in area_of)
    walk_a, walk_b = (walks.get(unit) for walks in metres)
    households = table["households"].get(unit)
    return UnitChange(
        unit_id=unit,
        name=str(table["name"].get(unit) or unit),
        households=None if pd.isna(households) else int(households),
        area_id_a=one,
        area_id_b=other,
        walk_a_m=walk_a,
        walk_b_m=walk_b,
        has_moved=one is None or other is None or answer[one] != other,
        effect=_effect(walk_a, walk_b),
    )


def _effect(walk_a: int | None, walk_b: int | None) -> Effect:
    if walk_a is None or walk_b is None:
        return "same" if walk_a is walk_b else ("gains_cover" if walk_a is None else "loses_cover")
    return "same" if walk_a == walk_b else ("nearer" if walk_b < walk_a else "farther")


def _figures(document: Mapping[str, Any], households: pd.Series, walks: Mapping[str, int]) -> dict[str, float | None]:
    """Figures of one plan; anchors count among the units in areas."""
    people = households.fillna(0)
    covered = people.reindex(list(walks))
    total = float(covered.sum())
    metres = float((covered * pd.Series(walks, dtype=float)).sum()) if walks else 0.0
    left = [row["unit_id"] for row in document["left_over"]]
    left_households = float(people.reindex(left).sum())
    decided = total + left_households
    return {
        "areas": float(len(document["areas"])),
        "area_units": float(len(walks)),
        "area_households": total,
        "left_over_units": float(len(left)),
        "left_over_households": left_households,
        "household_metres": metres,
        "mean_walk_m": round(metres / total, 1) if total else None,
        "decided_households": decided,
        "covered_share": total / decided if decided else None,
    }


def _outline(document: Mapping[str, Any], edges: pd.DataFrame | None) -> dict[str, float | None]:
    """Pairs of neighbours the plan parts, and the metres along which they face each other."""
    if edges is None:
        return {}
    area_of = _area_of(document)
    found = measure_boundary(edges, area_of, [*area_of, *_alone(document)])
    metres = None if found.facing_m is None else float(found.facing_m)
    return {"cut_pairs": float(found.pairs), "cut_facing_m": metres}


def _shared_posts(document: Mapping[str, Any], table: pd.DataFrame) -> float | None:
    """Posts of cleaning, greening and repair; areas as one, other units planned alone."""
    norms: Sequence[float] = document["rules"].get("staffing_norms") or []
    if len(norms) != 4:
        return None
    cleaning_m2, greening_m2, repair_m2, green_share = norms
    floor = table["floor_area_m2"].astype("float64").fillna(0.0)
    green = table["land_area_m2"].astype("float64").fillna(0.0) * green_share
    groups = [area["unit_ids"] for area in document["areas"]]
    groups += [[unit] for unit in _alone(document)]
    return sum(
        sum(
            count_shared_posts(
                float(floor[units].sum()),
                float(green[units].sum()),
                cleaning_m2=cleaning_m2,
                greening_m2=greening_m2,
                repair_m2=repair_m2,
            )
        )
        for units in groups
    )


def _alone(document: Mapping[str, Any]) -> list[str]:
    """Units the plan decides about that are in no area: left over, and anchors that lead nobody."""
    idle = [row for row in document["out_of_scope"] if row["reason"] in ("anchor_unused", "member_unused")]
    return [row["unit_id"] for row in (*document["left_over"], *idle)]
