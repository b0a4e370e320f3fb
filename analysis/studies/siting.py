"""Where charging places could stand: a screening of open ground outside the fire separations (R54-R56)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from analysis.figures.facts import Facts
from analysis.policy import Policy
from analysis.studies.charging import build_charging_table
from geo.errors import UsageError
from geo.messages import join_names, load_catalogue
from geo.network.barriers import select_hard_barriers

say = load_catalogue(__file__)

LABEL = say("siting.label")
UNCHECKED = say("siting.unchecked")

DRAWN = ("surveyed", "digitised")
"""Outlines that are real: a disc around a point holds no open ground."""

_CHORDS = 8
_ROUND = 1 / np.cos(np.pi / (4 * _CHORDS))  # chords of this radius stay outside the circle itself
_COLUMNS = (
    "site_id",
    "unit_id",
    "name",
    "street_code",
    "origin",
    "space_id",
    "area_m2",
    "capacity",
    "clearance_m",
    "needs_video",
    "need_ports",
    "units_in_walk",
    "estimated",
    "rank",
    "geometry",
)


@dataclass(frozen=True)
class Separation:
    """What a charging place keeps away from, and how large one may be; metres, m², bikes.

    Parameters
    ----------
    wall_m, high_rise_m
        From the walls of buildings, and of those with `high_rise_floors` or more.
    exit_m
        From exits. Where they are not drawn, any wall may hold one.
    road_m
        From the middle of a road: the fire lane stays free.
    group_m
        Longest side of one place; places are `apart_m` apart.
    m2_per_bike, least_bikes, most_bikes
        Ground a bike takes; smallest and largest place.
    video_m2, video_bikes
        Places larger than this need a camera.
    """

    wall_m: float
    high_rise_m: float
    high_rise_floors: int
    exit_m: float
    road_m: float
    group_m: float
    apart_m: float
    m2_per_bike: float
    least_bikes: int
    most_bikes: int
    video_m2: float
    video_bikes: int


@dataclass(frozen=True, eq=False)
class Siting:
    """Candidate places, whom each could serve, and where nothing could be screened.

    Parameters
    ----------
    sites
        Ranked by the ports lacking within a walk: columns site_id, unit_id, name, street_code,
        origin ("open_space" = a space on file, "outline" = ground inside the community's outline
        that no building stands on), space_id, area_m2, capacity (ports), clearance_m (to the
        nearest wall), needs_video, need_ports, units_in_walk, estimated (some of the need rests on
        estimated bikes), rank, geometry (metric CRS).
    reach
        site_id, unit_id, walk_m: whom each place could serve; 0 m inside the own community.
    need
        unit_id → ports lacking, of units that lack any.
    unscreened
        unit_id, reason of communities that lack ports and were not screened: "no_outline",
        "no_buildings", or were and hold no ground: "no_ground".
    """

    sites: gpd.GeoDataFrame
    reach: pd.DataFrame
    need: Mapping[str, int]
    unscreened: pd.DataFrame


def read_separation(policy: Policy, profile: str | None = None) -> Separation:
    """The separations of a profile of the policy; None = the one in force.

    Parameters
    ----------
    policy
        The policy in force.
    profile
        Its name.

    Raises
    ------
    UsageError
        If the policy has no such profile.
    """
    name = profile or str(policy.value("siting.profile"))
    known = policy.entries["siting.profile"].choices
    if name not in known:
        raise UsageError(*say("error.no_profile", name=name, known=join_names(known)))
    values = dict(policy.value(f"siting.{name}"))
    common = ("high_rise_floors", "road_m", "apart_m", "least_bikes")
    return Separation(**values, **{key: policy.value(f"siting.{key}") for key in common})


def find_candidate_sites(
    facts: Facts,
    buildings: gpd.GeoDataFrame,
    *,
    open_spaces: gpd.GeoDataFrame | None = None,
    roads: gpd.GeoDataFrame | None = None,
    barriers: gpd.GeoDataFrame | None = None,
    streets: Sequence[str] | None = None,
    profile: str | None = None,
) -> Siting:
    """Places for charging bikes, ranked by the ports that are lacking within a walk of each.

    Ground of a community = its open spaces on file (of the policy's kinds); where there is none,
    its outline without what buildings, exits and roads keep free. The ground is cut into places
    along the longer side of the outline. A screening, never an approval (R56).

    Parameters
    ----------
    facts
        Of the current roster; `units` with geometry in the metric CRS.
    buildings, open_spaces, roads, barriers
        Layers of the dataset.
    streets
        Only communities of these streets; None = all. Needs of units across the border of a
        street count where they are within a walk.
    profile
        Of the policy; None = the one in force.
    """
    rules = read_separation(facts.policy, profile)
    units = gpd.GeoDataFrame(facts.layers["units"])
    table = build_charging_table(facts)
    lacking = table["gap_left"].fillna(0.0).to_numpy(np.float64)
    asked = (units["kind"] == "community").to_numpy()
    if streets is not None:
        asked = asked & units["street_code"].isin(list(streets)).to_numpy()
    asked = asked & _near_need(units, lacking > 0, _reach_m(facts.policy))
    spaces = _usable_spaces(open_spaces, facts.policy)
    places, unscreened = _places(units[asked], buildings, spaces, roads, rules, facts.policy)
    reach = _find_served_units(places, units, lacking, barriers, facts.policy)
    guessed = set(table.loc[table["method"].isin(["estimated", "from_households"]), "unit_id"])
    need = {u: int(n) for u, n in zip(table["unit_id"], lacking, strict=True) if n > 0}
    return Siting(_rank_sites(places, reach, need, guessed), reach, need, unscreened)


def _reach_m(policy: Policy) -> float:
    """Straight metres within the policy's walk to a place outside the own community."""
    return float(policy.value("ebike.off_site_walk_m")) / float(policy.value("neighbour.detour_factor"))


def _near_need(units: gpd.GeoDataFrame, lacks: NDArray[np.bool_], reach_m: float) -> NDArray[Any]:
    """(n,) bool: units that lack ports, or lie within reach of one that does."""
    shapes = np.asarray(units.geometry, dtype=object)
    needy = np.flatnonzero(lacks & ~shapely.is_missing(shapes))
    out = lacks.copy()
    tree = shapely.STRtree(shapes)
    out[tree.query(shapes[needy], predicate="dwithin", distance=reach_m)[1]] = True
    return out


def _usable_spaces(open_spaces: gpd.GeoDataFrame | None, policy: Policy) -> gpd.GeoDataFrame:
    """Open spaces with an outline, of the kinds a charging place may stand on."""
    if open_spaces is None or open_spaces.empty:
        return gpd.GeoDataFrame({"unit_id": [], "space_id": []}, geometry=[])
    kinds = policy.value("siting.kinds")
    area = shapely.get_dimensions(np.asarray(open_spaces.geometry, dtype=object)) == 2
    return open_spaces[area & open_spaces["kind"].fillna("other").isin(kinds).to_numpy()]


def _places(
    units: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    spaces: gpd.GeoDataFrame,
    roads: gpd.GeoDataFrame | None,
    rules: Separation,
    policy: Policy,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Places of all units asked, and the units where there are none with the reason."""
    kept_free = _ClearanceMask(buildings, roads, rules, bool(policy.value("siting.exits_at_walls")))
    most = int(policy.value("siting.most_per_unit"))
    rows: list[dict[str, Any]] = []
    without: list[tuple[str, str]] = []
    own_spaces = dict(list(spaces.groupby("unit_id"))) if len(spaces) else {}
    for unit in units.sort_values("unit_id").itertuples():
        grounds = own_spaces.get(unit.unit_id)
        if unit.geometry is None or (grounds is None and unit.geom_quality not in DRAWN):
            without.append((unit.unit_id, "no_outline"))
            continue
        if not kept_free.has_buildings(unit.geometry):
            without.append((unit.unit_id, "no_buildings"))
            continue
        found = _places_of(unit, grounds, kept_free, rules)[:most]
        rows.extend(found)
        if not found:
            without.append((unit.unit_id, "no_ground"))
    blank = gpd.GeoDataFrame(columns=list(_COLUMNS), geometry="geometry", crs=units.crs)
    places = gpd.GeoDataFrame(rows, geometry="geometry", crs=units.crs) if rows else blank
    return places, pd.DataFrame(without, columns=["unit_id", "reason"])


class _ClearanceMask:
    """What buildings and roads keep free, asked ground by ground."""

    def __init__(
        self, buildings: gpd.GeoDataFrame, roads: gpd.GeoDataFrame | None, rules: Separation, exits_at_walls: bool
    ) -> None:
        there = buildings[buildings.geometry.notna()]
        self.walls = np.asarray(there.geometry, dtype=object)
        floors = there["floors_above"].astype("Float64").astype("float64").to_numpy()
        tall = ~(floors < rules.high_rise_floors)  # of unknown height: taken for tall
        away = np.where(tall, rules.high_rise_m, rules.wall_m)
        self.away_m = np.maximum(away, rules.exit_m) if exits_at_walls else away
        self.tree = shapely.STRtree(self.walls)
        lines = () if roads is None else roads.geometry.dropna()
        self.roads, self.road_m = np.asarray(lines, dtype=object), rules.road_m
        self.road_tree = shapely.STRtree(self.roads)

    def has_buildings(self, ground: Any) -> bool:
        return bool(len(self.tree.query(ground, predicate="intersects")))

    def cut(self, ground: Any) -> Any:
        """The ground without what must stay free."""
        widest = float(self.away_m.max()) if len(self.away_m) else 0.0
        near = self.tree.query(ground, predicate="dwithin", distance=widest)
        roads = self.road_tree.query(ground, predicate="dwithin", distance=self.road_m)
        taken = [
            *shapely.buffer(self.walls[near], self.away_m[near] * _ROUND, quad_segs=_CHORDS),
            *shapely.buffer(self.roads[roads], self.road_m * _ROUND, quad_segs=_CHORDS),
        ]
        return shapely.difference(ground, shapely.union_all(taken)) if taken else ground

    def clearance_m(self, places: NDArray[Any]) -> NDArray[np.float64]:
        """(k,) metres from each place to the nearest wall."""
        at, metres = self.tree.query_nearest(places, return_distance=True, all_matches=False)
        out = np.full(len(places), np.nan)
        out[at[0]] = metres
        return out


def _places_of(
    unit: Any, grounds: gpd.GeoDataFrame | None, kept_free: _ClearanceMask, rules: Separation
) -> list[dict[str, Any]]:
    """The places of one unit, the largest first, then those farthest from any wall."""
    sources = (
        [(None, unit.geometry)] if grounds is None else list(zip(grounds["space_id"], grounds.geometry, strict=True))
    )
    cut = [(s, p) for s, ground in sources for p in _subdivide_ground(kept_free.cut(ground), unit, rules)]
    if not cut:
        return []
    shapes = np.array([shape for _, shape in cut], dtype=object)
    area, clear = shapely.area(shapes), kept_free.clearance_m(shapes)
    bikes = np.minimum(rules.most_bikes, np.floor(area / rules.m2_per_bike + 1e-9)).astype(int)
    order = np.lexsort((np.arange(len(cut)), -np.round(clear, 3), -bikes))
    return [
        {
            "site_id": f"X-{unit.unit_id}-{number:02d}",
            "unit_id": unit.unit_id,
            "name": unit.name,
            "street_code": unit.street_code,
            "origin": "outline" if cut[i][0] is None else "open_space",
            "space_id": cut[i][0],
            "area_m2": round(float(area[i]), 1),
            "capacity": int(bikes[i]),
            "clearance_m": round(float(clear[i]), 1),
            "needs_video": bool(area[i] > rules.video_m2 or bikes[i] > rules.video_bikes),
            "geometry": shapes[i],
        }
        for number, i in enumerate(order, 1)
    ]


def _subdivide_ground(ground: Any, unit: Any, rules: Separation) -> list[Any]:
    """Free ground cut into places of at most `group_m`, `apart_m` apart, large enough for a few.

    What is narrower than the place of one row of bikes (2 m) is no ground.
    """
    open_ = shapely.buffer(shapely.buffer(ground, -1.0, quad_segs=2), 1.0, quad_segs=2)
    if shapely.is_empty(open_):
        return []
    angle, centre = _direction(unit.geometry), shapely.get_coordinates(unit.geometry.centroid)[0]
    turned = _rotate(open_, -angle, centre)
    x0, y0, x1, y1 = shapely.bounds(turned).tolist()
    step = rules.group_m + rules.apart_m
    x, y = np.meshgrid(np.arange(x0, x1, step), np.arange(y0, y1, step))
    cells = shapely.box(x, y, x + rules.group_m, y + rules.group_m).ravel()
    parts, cell = shapely.get_parts(_common(cells, turned), return_index=True)
    area = shapely.area(parts)
    order = np.lexsort((-area, cell))
    order = order[area[order] >= rules.least_bikes * rules.m2_per_bike]
    largest = order[np.unique(cell[order], return_index=True)[1]]
    return list(_rotate(parts[largest], angle, centre))


def _common(cells: NDArray[Any], ground: Any) -> NDArray[Any]:
    """What the cells share with the ground: most lie inside it or apart from it, which is quick to tell."""
    shapely.prepare(ground)
    touched = cells[shapely.intersects(ground, cells)]
    crossed = ~shapely.contains_properly(ground, touched)
    touched[crossed] = shapely.intersection(touched[crossed], ground)
    return touched


def _rotate(shapes: Any, degrees: float, centre: NDArray[np.float64]) -> Any:
    """Shapes turned about a point, all at once: one by one, they took half the time of a city."""
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turn = np.array([[cos, sin], [-sin, cos]])
    return shapely.transform(shapes, lambda xy: (xy - centre) @ turn + centre)


def _direction(outline: Any) -> float:
    """Degrees of the longer side of an outline's smallest rectangle."""
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(outline))
    sides = np.diff(corners[:3], axis=0)
    dx, dy = sides[np.argmax(np.round(np.hypot(*sides.T), 6))]
    return float(np.degrees(np.arctan2(dy, dx)))


def _find_served_units(
    places: gpd.GeoDataFrame,
    units: gpd.GeoDataFrame,
    lacking: NDArray[np.float64],
    barriers: gpd.GeoDataFrame | None,
    policy: Policy,
) -> pd.DataFrame:
    """Which units that lack ports each place could serve, and the walk.

    Its own community always; others within the policy's walk where nothing hard is in between:
    all of them, only those without a place of their own (R53), or none, as the policy says.
    """
    shapes = np.asarray(units.geometry, dtype=object)
    ids = units["unit_id"].to_numpy(object)
    needy = np.flatnonzero((lacking > 0) & ~shapely.is_missing(shapes))
    spots = np.asarray(places.geometry, dtype=object)
    at, near = shapely.STRtree(shapes[needy]).query(spots, predicate="dwithin", distance=_reach_m(policy))
    near = needy[near]
    own = places["unit_id"].to_numpy(object)[at] == ids[near]
    share = policy.value("siting.share")
    housed = np.isin(ids[near].astype(str), places["unit_id"].to_numpy(str))
    kept = own | (share == "all") | ((share == "no_space") & ~housed)
    at, near, own = at[kept], near[kept], own[kept]
    ways = shapely.shortest_line(spots[at], shapes[near])
    if barriers is not None and len(barriers):
        stops = select_hard_barriers(barriers, tuple(policy.value("neighbour.hard_kinds")))
        free = own | ~stops.intersects(ways)
        at, near, own, ways = at[free], near[free], own[free], ways[free]
    walk = shapely.length(ways) * float(policy.value("neighbour.detour_factor"))
    table = pd.DataFrame(
        {
            "site_id": places["site_id"].to_numpy(object)[at],
            "unit_id": ids[near],
            "walk_m": np.where(own, 0.0, np.round(walk, 1)),
        }
    )
    return table.sort_values(["site_id", "unit_id"], ignore_index=True)


def _rank_sites(
    places: gpd.GeoDataFrame, reach: pd.DataFrame, need: Mapping[str, int], guessed: set[str]
) -> gpd.GeoDataFrame:
    """Places somebody needs: most ports lacking within a walk first, then the roomiest."""
    needed = reach.assign(ports=reach["unit_id"].map(need), guessed=reach["unit_id"].isin(guessed))
    groups = needed.groupby("site_id")
    ids = places["site_id"]
    found = places.assign(
        need_ports=ids.map(groups["ports"].sum()),
        units_in_walk=ids.map(groups.size()),
        estimated=ids.map(groups["guessed"].any()),
    )
    found = found[found["need_ports"].notna()].astype({"need_ports": int, "units_in_walk": int, "estimated": bool})
    found = found.sort_values(
        ["need_ports", "capacity", "clearance_m", "site_id"], ascending=[False, False, False, True], ignore_index=True
    )
    return found.assign(rank=np.arange(1, len(found) + 1))[list(_COLUMNS)]
