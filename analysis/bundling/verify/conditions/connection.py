"""Areas on the ground: inside one street, connected, near their anchor (R20, R22, R23, R26)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import shapely
from scipy.cluster.hierarchy import DisjointSet
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from analysis.bundling.model.violations import Violation
from analysis.bundling.verify.base.context import CheckContext, make_violation
from analysis.bundling.verify.base.permits import PermittedPairs
from analysis.bundling.verify.base.schema import AreaPart
from analysis.bundling.verify.base.verification import Unchecked
from analysis.bundling.verify.base.walks import read_area_walks
from analysis.bundling.verify.conditions.corrections import Corrections
from analysis.bundling.verify.conditions.frontage import is_facing
from analysis.bundling.verify.conditions.geometry import MILLIMETRE, WALK_TOLERANCE_M, GroundGeometry
from geo.messages import load_catalogue

say = load_catalogue(__file__)


def check_jurisdictions(context: CheckContext) -> Iterator[Violation]:
    """R20: an area is in one district and, as the plan has it, one street (and neighbourhood).

    Codes tell, and names where codes are missing (:mod:`verify.places`). Permits let streets mix
    (:meth:`PermittedPairs.may_mix`); none lets districts or neighbourhoods, whatever `within` says.
    """
    within = context.plan.rules.within
    permitted = PermittedPairs.from_layer(context.dataset.layer("permits"))
    columns = {
        "street": ["district", "street"],
        "neighbourhood": ["district", "street", "neighbourhood"],
        "none": ["district"],
    }[within]
    for area in context.plan.areas:
        members = context.members(area)
        for column in columns:
            cells = {unit: getattr(context.places[unit], column) for unit in members}
            known = {unit: code for unit, code in cells.items() if code is not None}
            found = sorted(set(known.values()))
            if len(found) > 1 and not (column == "street" and _may_all_mix(known, found, permitted)):
                most = max(found, key=list(known.values()).count)
                yield make_violation(
                    "R20",
                    say("R20.several", n=len(found), column=say(f"column.{column}"), places=", ".join(found)),
                    units=[unit for unit, code in known.items() if code != most],
                    area=area,
                    value=len(found),
                    limit=1,
                )
            elif column == "street" and area.street_code not in [*found, None]:
                yield make_violation(
                    "R20",
                    say(
                        "R20.stated_street", street_code=area.street_code, places=", ".join(found) or say("street.none")
                    ),
                    units=members,
                    area=area,
                )


def find_unchecked_jurisdictions(context: CheckContext) -> Iterator[Unchecked]:
    """Units of areas of several that have no street or no district by which R20 could be checked."""
    in_areas = [unit for area in context.plan.areas if len(members := context.members(area)) > 1 for unit in members]
    columns = ["district"]
    if context.plan.rules.within != "none":
        columns.append("street")
    if context.plan.rules.within == "neighbourhood":
        columns.append("neighbourhood")
    for column in columns:
        lacking = tuple(unit for unit in in_areas if getattr(context.places[unit], column) is None)
        if lacking:
            yield Unchecked(
                "R20",
                lacking,
                *say("unchecked.R20", n=len(lacking), column=say(f"column.{column}"), units=context.unit_list(lacking)),
                (column,),
            )


def may_mix_streets(context: CheckContext, area: AreaPart) -> bool:
    """Whether the streets of an area's units may be in one area, by the rules and permits (R20).

    Parameters
    ----------
    context
        The plan and its tables.
    area
        One of its areas.
    """
    if context.plan.rules.within == "none":
        return True
    street_of = {unit: context.places[unit].street for unit in context.members(area)}
    known = {unit: street for unit, street in street_of.items() if street is not None}
    permitted = PermittedPairs.from_layer(context.dataset.layer("permits"))
    return _may_all_mix(known, sorted(set(known.values())), permitted)


def _may_all_mix(known: dict[str, str], streets: list[str], permitted: PermittedPairs) -> bool:
    """Whether each two streets of an area may be in it together, with the units it has of them."""
    of_street = {street: [u for u, code in known.items() if code == street] for street in streets}
    return all(permitted.may_mix(one, of_street[one], two, of_street[two]) for one, two in combinations(streets, 2))


@dataclass(frozen=True, eq=False)
class _NeighbourPairs:
    """Pairs of an area's members near enough to be neighbours, by position.

    `stopped` says which hard barriers part a pair for good: no crossing near enough joins it.
    """

    a: np.ndarray
    b: np.ndarray
    stopped: list[set[int]]

    def components(self, n: int, *, with_barriers: bool) -> np.ndarray:
        """(n,) label of the connected part each member is in."""
        use = np.array([not (with_barriers and stop) for stop in self.stopped], dtype=bool)
        links = (np.ones(use.sum()), (self.a[use], self.b[use]))
        return connected_components(coo_array(links, shape=(n, n)), directed=False)[1]


def check_connected(context: CheckContext, ground: GroundGeometry, corrections: Corrections) -> Iterator[Violation]:
    """R22 and R23: every member reaches every other through members alone.

    Two members are neighbours when their polygons are at most `gap_m` apart and face each other
    along `shared_frontage_m`, the walk is at most `walk_m`, and no hard barrier stands between them, or a
    crossing leads through it within `walk_m`; units of two streets besides need a permit that
    names them or their streets. Pairs that somebody corrected are neighbours, or not, as they say.
    An area that would be connected without its barriers breaks R23, else R22.

    Parameters
    ----------
    context
        The plan and its tables.
    ground
        Units, barriers and crossings as geometry.
    corrections
        Pairs that a person joined or parted.
    """
    permitted = PermittedPairs.from_layer(context.dataset.layer("permits"))
    for area in context.plan.areas:
        members = [unit for unit in context.members(area) if context.placed[unit]]
        if len(members) < 2:
            continue
        pairs = _find_pairs(members, context, ground, permitted, corrections)
        plain = pairs.components(len(members), with_barriers=False)
        blocked = pairs.components(len(members), with_barriers=True)
        if plain.max() > 0:
            yield _disconnected_violation(context, area, members, plain)
        if blocked.max() > plain.max():
            yield _blocked_violation(context, area, members, blocked, pairs, ground)


def _find_pairs(
    members: list[str],
    context: CheckContext,
    ground: GroundGeometry,
    permitted: PermittedPairs,
    corrections: Corrections,
) -> _NeighbourPairs:
    """The pairs that matter for the parts: two members that free ways join already are not looked at again."""
    rules = context.plan.rules
    at = [context.position[unit] for unit in members]
    shapes = ground.shapes[at]
    street = {unit: context.places[unit].street for unit in members} if rules.within != "none" else {}
    known = {unit: code for unit, code in street.items() if code is not None}
    if not _may_all_mix(known, sorted(set(known.values())), permitted):
        known = {}  # R20 tells of it; R22 is about the ground
    sides = [(unit, known.get(unit)) for unit in members]
    a, b = np.triu_indices(len(shapes), k=1)
    gaps = shapely.distance(shapes[a], shapes[b])
    named = [frozenset({members[i], members[j]}) for i, j in zip(a, b, strict=True)]
    by_word = np.array([pair in corrections.joined for pair in named], dtype=bool)
    near = (gaps <= rules.gap_m + MILLIMETRE) | by_word
    near &= [pair not in corrections.parted for pair in named]
    near &= [permitted.may_adjoin(sides[i], sides[j]) for i, j in zip(a, b, strict=True)]
    a, b, gaps, by_word = a[near], b[near], gaps[near], by_word[near]
    parts = DisjointSet(range(len(shapes)))
    kept, stopped = [], []
    for k in np.argsort(gaps, kind="stable"):
        i, j, gap, is_corrected = int(a[k]), int(b[k]), float(gaps[k]), by_word[k]
        if parts.connected(i, j):
            continue
        if not is_corrected and not is_facing(shapes[i], shapes[j], rules.gap_m, rules.facing_m):
            continue
        walls = set() if is_corrected else ground.barriers_between(shapes[i], shapes[j], gap)
        if is_corrected or ground.has_way(at[i], at[j], gap, walls):
            parts.merge(i, j)
            walls = set()
        elif not walls or gap * rules.detour_factor > rules.walk_m + MILLIMETRE:
            continue
        kept.append(k)
        stopped.append(walls)
    return _NeighbourPairs(a[kept], b[kept], stopped)


def _outside_largest(labels: np.ndarray, members: list[str]) -> list[str]:
    """Members that are not in the largest part; the first of equally large ones stays."""
    largest = int(np.bincount(labels).argmax())
    return [unit for unit, label in zip(members, labels, strict=True) if label != largest]


def _disconnected_violation(context: CheckContext, area: AreaPart, members: list[str], labels: np.ndarray) -> Violation:
    rules, cut_off = context.plan.rules, _outside_largest(labels, members)
    n_parts = int(labels.max()) + 1
    return make_violation(
        "R22",
        say(
            "R22.pieces",
            n_parts=n_parts,
            gap_m=rules.gap_m,
            facing_m=rules.facing_m,
            walk_m=rules.walk_m,
            units=context.unit_list(cut_off),
        ),
        units=cut_off,
        area=area,
        value=n_parts,
        limit=1,
    )


def _blocked_violation(
    context: CheckContext,
    area: AreaPart,
    members: list[str],
    labels: np.ndarray,
    pairs: _NeighbourPairs,
    ground: GroundGeometry,
) -> Violation:
    cut_off = _outside_largest(labels, members)
    walls = set()
    for i, j, stop in zip(pairs.a, pairs.b, pairs.stopped, strict=True):
        if labels[i] != labels[j]:
            walls |= {ground.labels[wall] for wall in stop}
    named = ", ".join(sorted(walls))
    n_parts = int(labels.max()) + 1
    walk_m = context.plan.rules.walk_m
    return make_violation(
        "R23",
        say("R23.pieces", named=named, n_parts=n_parts, walk_m=walk_m, units=context.unit_list(cut_off)),
        units=cut_off,
        area=area,
        value=n_parts,
        limit=1,
    )


def check_radius(context: CheckContext, ground: GroundGeometry) -> Iterator[Violation]:
    """R26: every unit that is led is within the walking radius of its anchor.

    Parameters
    ----------
    context
        The plan and its tables.
    ground
        Units, barriers and roads as geometry, for the walks.
    """
    rules = context.plan.rules
    limit_m = rules.radius_m + WALK_TOLERANCE_M
    for area, anchor, absorbed in context.leading:
        joined = [unit for unit in absorbed if context.placed[unit]]
        if not joined or not context.placed[anchor]:
            continue
        ends = [context.position[unit] for unit in joined]
        walks = ground.walks_from(context.position[anchor], ends, limit_m)
        for unit, end, walk in zip(joined, ends, walks, strict=True):
            if walk <= limit_m:
                continue
            straight = (
                float(np.hypot(*(ground.places[end] - ground.places[context.position[anchor]]))) * rules.detour_factor
            )
            least = straight if straight > limit_m else limit_m
            yield make_violation(
                "R26",
                say(
                    "R26.barrier" if straight <= limit_m else "R26.far",
                    unit=context.named(unit),
                    radius_m=rules.radius_m,
                    straight=straight,
                ),
                units=[unit],
                area=area,
                value=round(least, 1),
                limit=rules.radius_m,
            )


def check_reach(context: CheckContext, ground: GroundGeometry) -> Iterator[Violation]:
    """R26, mode "area": members that nobody leads are near the medoid of their area.

    Walks are found on the ground; which member is the medoid is told by the `walks` layer (`AreaWalks`).

    Parameters
    ----------
    context
        The plan and its tables.
    ground
        Units, barriers and roads as geometry, for the walks.
    """
    if not context.plan.has_leaders_inside:
        return
    rules = context.plan.rules
    reach_m = min(rules.reach_m, rules.walk_limit_m)
    for area, walks in zip(context.plan.areas, read_area_walks(context), strict=True):
        medoid = walks.medoid
        loose = [u for u in walks.members if u not in area.led and u != medoid and context.placed[u]]
        if medoid is None or not loose or not context.placed[medoid]:
            continue
        ends = [context.position[unit] for unit in loose]
        found = ground.walks_from(context.position[medoid], ends, reach_m + WALK_TOLERANCE_M)
        far = [unit for unit, walk in zip(loose, found, strict=True) if walk > reach_m + WALK_TOLERANCE_M]
        for unit in far:
            sentence = say("R26.reach", unit=context.named(unit), medoid=context.named(medoid), reach_m=reach_m)
            yield make_violation("R26", sentence, units=[unit], area=area, limit=reach_m)
