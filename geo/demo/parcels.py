"""Blocks between roads divided into parcels: walled communities and everything else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.demo.grid import SECONDARY_HALF_M, LinearObstacle, StreetGrid
from geo.demo.spec import QUARTERS, Character, CitySpec

LOCAL_ROAD_M = (12.0, 18.0)
LANE_M = (4.0, 20.0)
STRIP_M = 15.0
_LEAST_SIDE_M = 62.0
_LEAST_PARCEL_M2 = 3_600.0

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 in plan metres."""


@dataclass(frozen=True, eq=False)
class Parcels:
    """The land between roads, on the straight plan.

    Parameters
    ----------
    land
        One row a parcel: column, row, quarter (0-3), character, use {residential, school,
        commercial, office, park, closed_park, vacant, factory}, is_cut (not a rectangle), geometry (Polygon).
    slots
        Small sites a building may stand on outside any community: column, row, quarter, kind
        {notch, strip, leftover}, x0, y0, x1, y1 of the site.
    local_roads
        Lines: x0, y0, x1, y1.
    walls
        Old factory walls standing in place of a local road: lines like `local_roads`.
    """

    land: pd.DataFrame
    slots: pd.DataFrame
    local_roads: NDArray[np.float64]
    walls: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Draft:
    """Rows gathered while blocks are divided; private to this module."""

    land: list[dict[str, object]] = field(default_factory=list)
    slots: list[dict[str, object]] = field(default_factory=list)
    local_roads: list[Box] = field(default_factory=list)
    walls: list[Box] = field(default_factory=list)


def divide_into_parcels(
    spec: CitySpec, grid: StreetGrid, obstacles: Sequence[LinearObstacle], rng: np.random.Generator
) -> Parcels:
    """Divide every superblock into parcels and cut out what rail and water need.

    Parameters
    ----------
    spec, grid, obstacles
        The plan so far.
    rng
        Where every choice comes from; superblocks are visited in a fixed order.
    """
    draft = _Draft()
    near_works = _near_works(spec)
    for column, row, factory in grid.cells[["column", "row", "factory"]].to_numpy().tolist():
        place = {"column": column, "row": row}
        if factory:
            box = _cell_box(grid, column, row)
            _add_parcel(draft, {**place, "quarter": 0, "character": "soe"}, box, "factory")
            continue
        for quarter, box in enumerate(_quarter_boxes(grid, column, row)):
            if (column, row, quarter) in spec.park_quarters:
                facts = {**place, "quarter": quarter, "character": "mid"}
                _add_parcel(draft, facts, box, "closed_park")
                continue
            character = _character(grid, box, (column, row) in near_works, rng)
            facts = {**place, "quarter": quarter, "character": character}
            _divide_quarter(draft, facts, box, rng)
    land, leftovers = _cut(pd.DataFrame(draft.land), obstacles)
    slots = pd.concat([pd.DataFrame(draft.slots), leftovers], ignore_index=True)
    slots = _free_slots(slots, obstacles)
    return Parcels(
        land=land,
        slots=slots,
        local_roads=np.array(draft.local_roads, dtype=float).reshape(-1, 4),
        walls=np.array(draft.walls, dtype=float).reshape(-1, 4),
    )


def _near_works(spec: CitySpec) -> set[tuple[int, int]]:
    """Superblocks next to a factory: the works' housing."""
    return {
        (column + dx, row + dy)
        for column, row in spec.factory_cells
        for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1), (1, 1))
    } - set(spec.factory_cells)


def _cell_box(grid: StreetGrid, column: int, row: int) -> Box:
    return (
        grid.xs[column] + grid.half_x[column],
        grid.ys[row] + grid.half_y[row],
        grid.xs[column + 1] - grid.half_x[column + 1],
        grid.ys[row + 1] - grid.half_y[row + 1],
    )


def _quarter_boxes(grid: StreetGrid, column: int, row: int) -> tuple[Box, Box, Box, Box]:
    x0, y0, x1, y1 = _cell_box(grid, column, row)
    west, east = (grid.xm[column] + side * grid.half_xm[column] for side in (-1, 1))
    south, north = (grid.ym[row] + side * SECONDARY_HALF_M for side in (-1, 1))
    return ((x0, y0, west, south), (east, y0, x1, south), (x0, north, west, y1), (east, north, x1, y1))


def _character(grid: StreetGrid, box: Box, near_works: bool, rng: np.random.Generator) -> Character:
    """Old towards the centre, new towards the rim, works' housing next to the factory."""
    if near_works and rng.random() < 0.8:
        return "soe"
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    reach = np.hypot((x / grid.xs[-1] + 0.08) / 1.0, (y / grid.ys[-1] - 0.05) / 1.0)
    reach += rng.normal(0, 0.09)
    weights = {
        "old": float(np.interp(reach, [0.25, 0.6, 0.95], [0.9, 0.5, 0.08])),
        "mid": float(np.interp(reach, [0.2, 0.55, 0.9], [0.1, 0.4, 0.3])),
        "new": float(np.interp(reach, [0.3, 0.6, 0.9], [0.03, 0.2, 0.75])),
    }
    kinds: tuple[Character, ...] = ("old", "mid", "new")
    total = np.array([weights[kind] for kind in kinds])
    return kinds[int(rng.choice(3, p=total / total.sum()))]


def _divide_quarter(draft: _Draft, facts: dict[str, object], box: Box, rng: np.random.Generator) -> None:
    """Local roads first, then lanes between the parcels of each block."""
    character: Character = facts["character"]  # type: ignore[assignment]
    side = QUARTERS[character].block_m
    width = rng.uniform(*LOCAL_ROAD_M)
    strips, gaps = _slice(box, 0, side, width, rng)
    roads = [*gaps]
    for strip in strips:
        blocks, gaps = _slice(strip, 1, side, width, rng)
        roads += gaps
        for block in blocks:
            for parcel in _divide_block(block, QUARTERS[character].parcel_m2, rng):
                _settle(draft, facts, parcel, box, rng)
    for road in roads:
        is_wall = character == "soe" and rng.random() < 0.22
        (draft.walls if is_wall else draft.local_roads).append(road)


def _slice(box: Box, axis: int, side_m: float, road_m: float, rng: np.random.Generator) -> tuple[list[Box], list[Box]]:
    """Cut a box into strips of about a wanted width; also the lines in the gaps between them."""
    low, high = box[axis], box[axis + 2]
    n = max(1, round((high - low) / side_m))
    inner = np.linspace(low, high, n + 1)[1:-1]
    inner = inner + rng.uniform(-0.1, 0.1, n - 1) * side_m
    edges = [low, *(inner - road_m / 2), *(inner + road_m / 2), high]
    edges.sort()
    strips = [_with(box, axis, a, b) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return strips, [_with(box, axis, float(m), float(m)) for m in inner]


def _with(box: Box, axis: int, low: float, high: float) -> Box:
    parts = list(box)
    parts[axis], parts[axis + 2] = float(low), float(high)
    return (parts[0], parts[1], parts[2], parts[3])


def _divide_block(block: Box, parcel_m2: float, rng: np.random.Generator) -> list[Box]:
    """Halve a block across its longer side until parcels have about the wanted size."""
    open_boxes, done = [block], []
    while open_boxes:
        box = open_boxes.pop()
        sides = (box[2] - box[0], box[3] - box[1])
        axis = int(sides[1] > sides[0])
        wanted = parcel_m2 * rng.uniform(0.75, 1.75)
        if sides[0] * sides[1] <= wanted or sides[axis] < 2 * _LEAST_SIDE_M + LANE_M[1]:
            done.append(box)
            continue
        lane = LANE_M[0] + (LANE_M[1] - LANE_M[0]) * rng.beta(1.4, 3.2)
        middle = box[axis] + sides[axis] * rng.uniform(0.4, 0.6)
        open_boxes.append(_with(box, axis, middle + lane / 2, box[axis + 2]))
        open_boxes.append(_with(box, axis, box[axis], middle - lane / 2))
    return done


def _settle(draft: _Draft, facts: dict[str, object], box: Box, quarter: Box, rng: np.random.Generator) -> None:
    """Give one parcel its use and character, its street front and, sometimes, a missing corner."""
    character: Character = facts["character"]  # type: ignore[assignment]
    facts = {**facts, "character": _infill(character, rng)}
    use = _use(rng)
    box = _front(draft, facts, box, quarter, rng)
    notched = use == "residential" and rng.random() < 0.16 and min(box[2] - box[0], box[3] - box[1]) > 95
    if not notched:
        _add_parcel(draft, facts, box, use)
        return
    site = _corner(box, rng)
    shape = shapely.difference(shapely.box(*box), shapely.box(*site).buffer(3.0, join_style="mitre"))
    draft.land.append({**facts, "use": use, "is_cut": True, "geometry": shape})
    _add_slot(draft, facts, "notch", site)


def _infill(character: Character, rng: np.random.Generator) -> Character:
    """A few parcels of every quarter are of another time."""
    share: dict[Character, tuple[float, float, float]] = {
        "old": (0.86, 0.06, 0.08),
        "soe": (0.0, 0.05, 0.07),
        "mid": (0.16, 0.70, 0.14),
        "new": (0.06, 0.08, 0.86),
    }
    draw = rng.random()
    old, mid, new = share[character]
    if draw < new:
        return "new"
    if draw < new + mid:
        return "mid"
    return "old" if draw < new + mid + old else character


def _use(rng: np.random.Generator) -> str:
    uses = ("residential", "school", "commercial", "office", "park", "vacant")
    return uses[int(rng.choice(6, p=(0.80, 0.045, 0.055, 0.035, 0.035, 0.03)))]


def _front(draft: _Draft, facts: dict[str, object], box: Box, quarter: Box, rng: np.random.Generator) -> Box:
    """Take a strip of shops or stray houses off the side that faces a main road, now and then."""
    for side in range(4):
        on_road = abs(box[side] - quarter[side]) < 0.5
        axis = side % 2
        if not on_road or box[axis + 2] - box[axis] < 90 or rng.random() > 0.16:
            continue
        inward = STRIP_M if side < 2 else -STRIP_M
        edge = box[side] + inward
        strip = _with(box, axis, *sorted((box[side], edge - np.sign(inward) * 3.0)))
        _add_slot(draft, facts, "strip", strip)
        low, high = (edge, box[axis + 2]) if side < 2 else (box[axis], edge)
        return _with(box, axis, low, high)
    return box


def _corner(box: Box, rng: np.random.Generator) -> Box:
    """A site of about 50 × 26 m in one corner of a parcel."""
    width, depth = rng.uniform(38, 58), rng.uniform(20, 30)
    west, south = rng.random() < 0.5, rng.random() < 0.5
    x0 = box[0] if west else box[2] - width
    y0 = box[1] if south else box[3] - depth
    return (x0, y0, x0 + width, y0 + depth)


def _add_parcel(draft: _Draft, facts: dict[str, object], box: Box, use: str) -> None:
    draft.land.append({**facts, "use": use, "is_cut": False, "geometry": shapely.box(*box)})


def _add_slot(draft: _Draft, facts: dict[str, object], kind: str, box: Box) -> None:
    place = {name: facts[name] for name in ("column", "row", "quarter")}
    draft.slots.append({**place, "kind": kind, "x0": box[0], "y0": box[1], "x1": box[2], "y1": box[3]})


def _cut(land: pd.DataFrame, obstacles: Sequence[LinearObstacle]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Take rail and water out of the parcels; what is left too small becomes leftover land."""
    corridor = shapely.union_all([o.corridor for o in obstacles if o.kind != "expressway"])
    shapely.prepare(corridor)
    geometry = land["geometry"].to_numpy()
    hit = shapely.intersects(corridor, geometry)
    rest = shapely.simplify(shapely.difference(geometry[hit], corridor), 0.3)
    parts, owner = shapely.get_parts(rest, return_index=True)
    pieces = land[hit].iloc[owner].assign(geometry=parts, is_cut=True)
    area = shapely.area(parts)
    plump = 4 * np.pi * area / shapely.length(parts) ** 2
    usable = (area >= _LEAST_PARCEL_M2) & (plump > 0.38)
    land = pd.concat([land[~hit], pieces[usable]], ignore_index=True)
    order = land.sort_values(["row", "column", "quarter"], kind="stable", ignore_index=True)
    return order, _leftover_slots(pieces[~usable & (area > 500)])


def _leftover_slots(pieces: pd.DataFrame) -> pd.DataFrame:
    """The roomiest upright site of each leftover piece that has one."""
    sites = [_widest_site(shape) for shape in pieces["geometry"]]
    found = np.array([site is not None for site in sites], dtype=bool)
    boxes = np.array([site for site in sites if site is not None]).reshape(-1, 4)
    rows = pieces.loc[found, ["column", "row", "quarter"]].assign(kind="leftover")
    return rows.assign(x0=boxes[:, 0], y0=boxes[:, 1], x1=boxes[:, 2], y1=boxes[:, 3])


def _widest_site(shape: shapely.Polygon) -> Box | None:
    for width, depth in ((46.0, 18.0), (32.0, 17.0), (20.0, 26.0)):
        site = _place_box(shape, width, depth)
        if site is not None:
            return site
    return None


def _place_box(shape: shapely.Polygon, width: float, depth: float) -> Box | None:
    """Some place for a box inside a shape, looked for every 6 m."""
    x0, y0, x1, y1 = shape.bounds
    xs = np.arange(x0, x1 - width, 6.0)
    ys = np.arange(y0, y1 - depth, 6.0)
    if not len(xs) or not len(ys):
        return None
    left, low = (a.ravel() for a in np.meshgrid(xs, ys))
    shapely.prepare(shape)
    fits = np.flatnonzero(shapely.contains(shape, shapely.box(left, low, left + width, low + depth)))
    if not len(fits):
        return None
    at = fits[len(fits) // 2]
    return (float(left[at]), float(low[at]), float(left[at] + width), float(low[at] + depth))


def _free_slots(slots: pd.DataFrame, obstacles: Sequence[LinearObstacle]) -> pd.DataFrame:
    """Sites that rail, water and expressway leave alone."""
    corridor = shapely.union_all([o.corridor for o in obstacles])
    shapely.prepare(corridor)
    boxes = shapely.box(slots["x0"] + 0.5, slots["y0"] + 0.5, slots["x1"] - 0.5, slots["y1"] - 0.5)
    return slots[~shapely.intersects(corridor, boxes)].reset_index(drop=True)
