"""The thresholds `geo` works with; `analysis.policy` fills them, `geo` knows no policy."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class NeighbourRules:
    """When two units are neighbours (domain rules R20, R22, R23).

    Parameters
    ----------
    gap_m
        Largest gap between two polygons, metres.
    facing_m
        Least length along which two outlines run opposite each other, metres; 0 asks for none.
    walk_m
        Longest walk from gate to gate, metres.
    detour_factor
        Walk = straight line × this, where no street network is known.
    walk_limit_m
        Walks longer than this are not stored, metres.
    road_access_m
        Roads count as reached from a gate or an outline up to this far from them, metres.
    road_snap_m
        Ends of roads that stop short of another road by at most this are joined to it, metres.
    road_scrap_m
        Roads that are joined to nothing longer than this altogether are left out, metres.
    closed_road_classes
        Values of `road_class` that nobody walks on, where `walkable` is unknown.
    hard_kinds
        Barrier kinds that stop a connection unless a crossing lets it through.
    within
        The wall between units: "street", "neighbourhood" or "none". A pair of units whose codes
        differ is refused; units without a code are held to no wall.

    Examples
    --------
    >>> NeighbourRules(gap_m=80, walk_m=600).gap_m
    80
    """

    gap_m: float = 60.0
    facing_m: float = 3.0
    walk_m: float = 500.0
    detour_factor: float = 1.3
    walk_limit_m: float = 1500.0
    road_access_m: float = 100.0
    road_snap_m: float = 15.0
    road_scrap_m: float = 500.0
    closed_road_classes: tuple[str, ...] = ("motorway", "motorway_link", "trunk", "trunk_link", "高速公路", "快速路")
    hard_kinds: tuple[str, ...] = ("railway", "expressway", "river", "canal", "factory_wall")
    within: str = "street"

    def canonical_text(self) -> str:
        """The rules as hashes of graphs state them, whatever class and fields are called in the code.

        Examples
        --------
        >>> NeighbourRules(gap_m=50.0).canonical_text()[:40]
        'NeighbourRules(gap_m=50.0, facing_m=3.0,'
        """
        stated = ", ".join(f"{key}={getattr(self, name)!r}" for key, name in _CANONICAL_KEYS.items())
        return f"NeighbourRules({stated})"


_CANONICAL_KEYS = {
    "gap_m": "gap_m",
    "facing_m": "facing_m",
    "walk_m": "walk_m",
    "detour_factor": "detour_factor",
    "walk_limit_m": "walk_limit_m",
    "road_access_m": "road_access_m",
    "road_snap_m": "road_snap_m",
    "road_scrap_m": "road_scrap_m",
    "closed_road_classes": "closed_road_classes",
    "hard_kinds": "hard_kinds",
    "within": "within",
}
"""What a hash calls a rule, and its field; a new rule goes last, no key ever changes."""


@dataclass(frozen=True)
class UnitRules:
    """How figures of units are derived and, where the tables lack them, estimated.

    Parameters
    ----------
    old_until_year
        Built in this year or before makes an old community (R02).
    stated_old_wins
        Whether a roster's 是否老旧小区 counts where it contradicts the year built; the year does else.
    m2_per_household
        Floor area of one household, m², for estimates.
    floor_area_ratio
        Floor area ÷ land area, for community polygons without buildings or figures.
    storey_count
        Storeys of a residential building whose number of floors is unknown.
    point_radius_m
        Radius of the disc drawn for a unit known only as a point, metres; its cell has at least that.
    min_single_building_m2
        Smaller residential footprints in no community are sheds, not single-building units.
    point_reach_m
        A community known only as a point, and named by no building, has the residential buildings
        in no community that stand this near to it, metres.
    yard_gap_m
        Residential buildings in no community, in one street and on one side of every hard barrier,
        that stand this near to each other are one unit, metres; 0 = each is a unit of its own.
    yard_min_buildings
        Least number of buildings round a yard, the one in their middle counted.
    barrier_kinds
        Barrier kinds that part yards.
    storey_m
        Height of one storey, for estimates from heights, metres.
    closed_road_classes
        As in `NeighbourRules`: no crossing is found on such a road.
    cell_reach_m
        How far the cell of a unit known only as a point reaches at most, metres; 0 = it stays a disc.
    cell_unsized_reach_m
        The same for a community whose floor area is unknown, metres.
    cell_floor_area_ratio
        Floor area ÷ land area that a cell does not fall below: it is no larger than that makes it.
    inner_road_classes
        Values of `road_class` of roads inside communities: all others part cells.
    """

    old_until_year: int = 2000
    stated_old_wins: bool = False
    m2_per_household: float = 80.0
    floor_area_ratio: float = 1.6
    storey_count: float = 5.0
    point_radius_m: float = 30.0
    min_single_building_m2: float = 60.0
    point_reach_m: float = 30.0
    yard_gap_m: float = 0.0
    yard_min_buildings: int = 2
    barrier_kinds: tuple[str, ...] = ("railway", "expressway", "river", "canal", "factory_wall")
    storey_m: float = 3.0
    closed_road_classes: tuple[str, ...] = NeighbourRules.closed_road_classes
    cell_reach_m: float = 0.0
    cell_unsized_reach_m: float = 150.0
    cell_floor_area_ratio: float = 1.1
    inner_road_classes: tuple[str, ...] = ()
