"""Single buildings nobody manages: the anchors nearest to each, and what keeps it from them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from analysis.bundling.model.eligibility import ANCHOR, OUT, TARGET, assign_roles
from analysis.bundling.model.rules import PlanRules
from geo.messages import load_catalogue
from geo.network.barriers import Barriers, select_hard_barriers

say = load_catalogue(__file__)

_ASKED_FOR_EACH = 4  # candidates by middle point for each anchor wanted: outlines decide among them
_PLACES = {"street": "street_code", "neighbourhood": "neighbourhood_code"}  # areas may not cross


@dataclass(frozen=True)
class AnchorObstacle:
    """What keeps a building from an anchor: its key, rule, and a sentence in each language."""

    key: str
    rule: str
    zh: str
    en: str


_RULE_OF_BLOCK = {
    "special": "R05",
    "unwilling": "R40",
    "no_figures": "",
    "wall": "R20",
    "barrier": "R23",
    "walk": "R26",
    "not_connected": "R22",
    "too_small": "R13",
}
BLOCKS = MappingProxyType(
    {key: AnchorObstacle(key, rule, *say(f"block.{key}")) for key, rule in _RULE_OF_BLOCK.items()}
)
"""Everything that may block, by its key, in the order in which it is reported."""


@dataclass(frozen=True)
class NearAnchor:
    """An eligible anchor near a building.

    Parameters
    ----------
    unit_id
        Of the anchor.
    gap_m
        Between the two outlines, metres.
    walk_m
        Metres; None = more than the dataset's walks reach.
    blocks
        Keys of :data:`BLOCKS`; none = it may take the building in.
    barrier
        "railway:R1" where a hard barrier is in between; None without.
    """

    unit_id: str
    gap_m: float
    walk_m: float | None
    blocks: tuple[str, ...]
    barrier: str | None


@dataclass(frozen=True)
class UnmanagedBuilding:
    """A single building without professional management.

    Parameters
    ----------
    unit_id
        Of the building.
    anchors
        The nearest eligible anchors, by gap, then by id.
    joins
        Other such buildings it can be joined to, over neighbours that are such buildings too.
    """

    unit_id: str
    anchors: tuple[NearAnchor, ...]
    joins: tuple[str, ...]

    @property
    def likeliest_id(self) -> str | None:
        """The nearest anchor that nothing blocks, else the nearest; None where there is none."""
        free = [anchor for anchor in self.anchors if not anchor.blocks]
        return next((anchor.unit_id for anchor in (*free, *self.anchors)), None)


def find_unmanaged_buildings(
    units: gpd.GeoDataFrame,
    edges: pd.DataFrame,
    walks: pd.DataFrame,
    barriers: gpd.GeoDataFrame,
    companies: pd.DataFrame,
    contracts: pd.DataFrame | None,
    rules: PlanRules,
    *,
    data_date: str | None,
    confirmed: Collection[str] = (),
    overridden: Collection[str] = (),
    n_anchors: int = 3,
) -> tuple[UnmanagedBuilding, ...]:
    """Every unmanaged single building with its nearest eligible anchors, in the order of the units.

    Parameters
    ----------
    units, edges, walks, barriers
        Layers of the dataset, metric CRS.
    companies, contracts, data_date, confirmed, overridden
        As in `analysis.bundling.model.eligibility.assign_roles`.
    rules
        Those areas are held to; of mode "lead" or "mixed", for otherwise nobody leads.
    n_anchors
        How many anchors to name for each.

    Notes
    -----
    A building of unknown mode is neither managed nor unmanaged and is not listed. Whether an anchor
    still has room is not asked here: that depends on what else it takes in.
    """
    roles = assign_roles(
        units, contracts, companies, rules, data_date=data_date, confirmed=confirmed, overridden=overridden
    )
    known = units["management_mode"].notna() & (units["management_mode"] != "unknown")
    professional = units["management_mode"].isin(rules.professional_modes)
    asked = np.flatnonzero((units["kind"] == "single_building") & known & ~professional)
    anchors = np.flatnonzero(roles["role"] == ANCHOR)
    near = _nearest(np.asarray(units.geometry, dtype=object), asked, anchors, n_anchors)
    judge = _AnchorEvaluator.of(units, edges, walks, barriers, roles, rules)
    joins = _joined_buildings(judge.links, asked, len(units))
    ids = units["unit_id"].to_numpy(object)
    return tuple(
        UnmanagedBuilding(
            str(ids[b]),
            tuple(judge.anchor(b, a, gap) for a, gap in near.get(int(b), ())),
            tuple(str(ids[j]) for j in joins[int(b)]),
        )
        for b in asked.tolist()
    )


def _nearest(
    shapes: NDArray[np.object_], asked: NDArray[np.intp], anchors: NDArray[np.intp], n: int
) -> dict[int, list[tuple[int, float]]]:
    """(anchor, gap) of the n nearest of each placed building; by gap, then by position."""
    asked = asked[~shapely.is_missing(shapes[asked])]
    anchors = anchors[~shapely.is_missing(shapes[anchors])]
    if not len(asked) or not len(anchors):
        return {}
    middle = [shapely.get_coordinates(shapely.centroid(shapes[at])) for at in (anchors, asked)]
    k = min(len(anchors), _ASKED_FOR_EACH * n)
    at = cKDTree(middle[0]).query(middle[1], k=np.arange(1, k + 1))[1]
    gaps = np.round(shapely.distance(shapes[asked][:, None], shapes[anchors][at]), 3)
    found = {}
    for b, mine, gap in zip(asked.tolist(), anchors[at], gaps, strict=True):
        order = np.lexsort((mine, gap))[:n]
        found[b] = [(int(mine[i]), float(gap[i])) for i in order]
    return found


@dataclass(frozen=True, eq=False)
class _AnchorEvaluator:
    """All that decides whether an anchor may take a building in; columns as arrays: a city asks 1,700 times."""

    ids: NDArray[np.object_]
    place: NDArray[np.object_] | None
    district: NDArray[np.object_]
    area_m2: NDArray[np.float64]
    shapes: NDArray[np.object_]
    rules: PlanRules
    reason: NDArray[np.object_]
    links: NDArray[np.intp]
    part: NDArray[np.int64]
    reached: frozenset[tuple[int, int]]
    walks: dict[tuple[str, str], float]
    barriers: Barriers

    @staticmethod
    def of(
        units: gpd.GeoDataFrame,
        edges: pd.DataFrame,
        walks: pd.DataFrame,
        barriers: gpd.GeoDataFrame,
        roles: pd.DataFrame,
        rules: PlanRules,
    ) -> _AnchorEvaluator:
        """Chains run through targets alone; an anchor is reached where it touches one."""
        at = {unit: i for i, unit in enumerate(units["unit_id"])}
        allowed = edges[edges["allowed"].astype(bool)]
        links = np.array(
            [(at[a], at[b]) for a, b in zip(allowed["unit_a"], allowed["unit_b"], strict=True) if a in at and b in at],
            dtype=np.intp,
        ).reshape(-1, 2)
        role = roles["role"].to_numpy(object)
        inner = links[(role[links] != ANCHOR).all(axis=1) & (role[links] == TARGET).all(axis=1)]
        part = _labels(inner, len(units))
        either = np.concatenate([links, links[:, ::-1]])
        reached = either[role[either[:, 1]] == ANCHOR]
        touching = frozenset((int(part[t]), int(a)) for t, a in reached.tolist())
        pairs = zip(walks["unit_a"], walks["unit_b"], strict=True)
        within = _PLACES.get(rules.within)
        reasons = roles["reason"].astype(object).where(roles["role"] == OUT, None)
        return _AnchorEvaluator(
            units["unit_id"].to_numpy(object),
            None if within is None else units[within].to_numpy(object),
            units["district_code"].to_numpy(object),
            units["floor_area_m2"].astype("Float64").to_numpy(np.float64, na_value=np.nan),
            np.asarray(units.geometry, dtype=object),
            rules,
            reasons.to_numpy(object),
            links,
            part,
            touching,
            dict(zip(pairs, walks["walk_m"].tolist(), strict=True)),
            select_hard_barriers(barriers, rules.hard_kinds),
        )

    def anchor(self, building: int, anchor: int, gap_m: float) -> NearAnchor:
        """One anchor near a building, and what blocks it."""
        one, other = sorted((str(self.ids[building]), str(self.ids[anchor])))
        walk = self.walks.get((one, other))
        connected = (int(self.part[building]), anchor) in self.reached
        barrier = None if connected else self._barrier(building, anchor)
        blocks = {
            **self._own_blocks(building),
            "wall": self._is_walled(building, anchor),
            "barrier": barrier is not None,
            "walk": walk is None or walk > self.rules.radius_m,
            "not_connected": not connected,
            "too_small": self._is_too_small(building, anchor),
        }
        keys = tuple(key for key in BLOCKS if blocks.get(key))
        return NearAnchor(str(self.ids[anchor]), gap_m, walk, keys, barrier)

    def _own_blocks(self, building: int) -> dict[str, bool]:
        reason = self.reason[building]
        return {
            "special": reason == "special_needs_confirmation",
            "unwilling": reason == "owner_unwilling",
            "no_figures": reason == "data_missing",
        }

    def _is_walled(self, building: int, anchor: int) -> bool:
        sides = [(self.district[building], self.district[anchor])]
        if self.place is not None:
            sides.append((self.place[building], self.place[anchor]))
        return any(bool(pd.notna(a) and pd.notna(b) and a != b) for a, b in sides)

    def _is_too_small(self, building: int, anchor: int) -> bool:
        room = self.area_m2[anchor] * min(self.rules.unit_ratio, self.rules.capacity_ratio)
        return bool(self.area_m2[building] > room)  # never where either is unknown

    def _barrier(self, building: int, anchor: int) -> str | None:
        line = shapely.shortest_line(self.shapes[building], self.shapes[anchor])
        (first,) = self.barriers.find_first_crossed(np.array([line], dtype=object)).tolist()
        return None if first < 0 else str(self.barriers.label(first))


def _labels(links: NDArray[np.intp], n: int) -> NDArray[np.int64]:
    matrix = coo_array((np.ones(len(links)), (links[:, 0], links[:, 1])), shape=(n, n))
    return np.asarray(connected_components(matrix, directed=False)[1], dtype=np.int64)


def _joined_buildings(links: NDArray[np.intp], asked: NDArray[np.intp], n: int) -> dict[int, list[int]]:
    """The others each building can be joined to, by position, over such buildings alone."""
    inner = links[np.isin(links, asked).all(axis=1)]
    labels = _labels(inner, n)
    groups: dict[int, list[int]] = {}
    for building in asked.tolist():
        groups.setdefault(int(labels[building]), []).append(building)
    return {b: [j for j in groups[int(labels[b])] if j != b] for b in asked.tolist()}


def describe_obstacles(anchor: NearAnchor, *, zh: bool = True) -> str:
    """What blocks an anchor, with the rules; or that nothing does.

    Parameters
    ----------
    anchor
        An anchor near a building, and what lies between.
    zh
        Whether in Chinese; else in English.

    Examples
    --------
    >>> describe_obstacles(NearAnchor("a", 9.0, None, ("wall", "walk"), None))
    '不在同一街道(社区) (R20); 步行超过上限 (R26)'
    """
    if not anchor.blocks:
        return say("block.none")[not zh]
    obstacles = (BLOCKS[key] for key in anchor.blocks)
    return "; ".join(f"{one.zh if zh else one.en}{f' ({one.rule})' if one.rule else ''}" for one in obstacles)
