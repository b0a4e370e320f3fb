"""Buildings: rows of slabs and towers inside communities, shops, schools, works, stray houses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.demo.parcels import Parcels
from geo.demo.spec import QUARTERS, CitySpec

_SETBACK_M = 8.0
_HOUSEHOLDS = (66.0, 2_000.0)
_LEAST_BUILDINGS = 2
_ISLAND_CLEAR_M = 66.0

_SHAPES = {
    "slab": ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)),
    "tee": ((0.0, 0.36), (0.3, 0.36), (0.3, 0.0), (0.7, 0.0), (0.7, 0.36), (1.0, 0.36), (1.0, 1.0), (0.0, 1.0)),
    "bow": ((0.0, 0.0), (0.36, 0.0), (0.36, 0.3), (0.64, 0.3), (0.64, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)),
    "ell_west": ((0.0, 0.0), (1.0, 0.0), (1.0, 0.52), (0.26, 0.52), (0.26, 1.0), (0.0, 1.0)),
    "ell_east": ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.74, 1.0), (0.74, 0.52), (0.0, 0.52)),
}
"""Outlines in a unit box, counter-clockwise."""


@dataclass(frozen=True, eq=False)
class BuiltCity:
    """Communities and buildings on the straight plan.

    Parameters
    ----------
    communities
        One row a community: column, row, quarter, character, geometry.
    buildings
        One row a building: community (position in `communities`, -1 outside), column, row,
        quarter, role {home, ancillary, single, other}, site (what it stands on), floors,
        geometry.
    """

    communities: pd.DataFrame
    buildings: pd.DataFrame


def build_footprints(spec: CitySpec, parcels: Parcels, rng: np.random.Generator) -> BuiltCity:
    """Place every building and choose which parcels are communities.

    The residential parcels nearest to `spec.communities` in number become communities; buildings
    outside homes are added or left away until there are about `spec.buildings`.

    Parameters
    ----------
    spec
        Wanted numbers.
    parcels
        The land.
    rng
        Where every choice comes from.
    """
    land = parcels.land
    homes = _home_rows(land, rng)
    chosen = _choose_communities(land, homes, spec.communities, rng)
    land = land.assign(use=np.where(chosen, "residential", _other_use(land, rng)))
    number = np.where(chosen, np.cumsum(chosen) - 1, -1)
    homes = homes[chosen[homes["parcel"]]]
    homes = homes.assign(community=number[homes["parcel"]])
    communities = land[chosen].reset_index(drop=True)
    singles, free = _singles(spec.singles, land, parcels.slots, communities, rng)
    others = pd.concat(
        [_ancillary(communities, rng), _public_buildings(land, rng), _shops(free, rng)], ignore_index=True
    )
    room = max(spec.buildings - len(homes) - len(singles), 0)
    if len(others) > room:
        keep_first = np.where(others["site"].isin(("community", "shop")), 1.0, 0.0)
        rank = np.argsort(keep_first + rng.random(len(others)), kind="stable")
        others = others.iloc[np.sort(rank[:room])]
    buildings = pd.concat([homes, others, singles], ignore_index=True)
    return BuiltCity(communities, _finish(buildings))


def _finish(buildings: pd.DataFrame) -> pd.DataFrame:
    columns = ["community", "column", "row", "quarter", "role", "site", "floors"]
    out = buildings[columns].copy()
    out["geometry"] = _outlines(buildings)
    return out


def _outlines(buildings: pd.DataFrame) -> NDArray[np.object_]:
    """The polygon of every building: its outline stretched to its box."""
    out = np.empty(len(buildings), dtype=object)
    shape = buildings["shape"].to_numpy()
    box = buildings[["x0", "y0", "x1", "y1"]].to_numpy(float)
    for name, outline in _SHAPES.items():
        at = np.flatnonzero(shape == name)
        corners = np.array(outline)
        size = box[at, 2:] - box[at, :2]
        rings = box[at, None, :2] + corners[None] * size[:, None]
        out[at] = shapely.polygons(rings)
    return out


def _rows_of_boxes(
    bounds: NDArray[np.float64],
    length: NDArray[np.float64],
    depth: NDArray[np.float64],
    pitch: NDArray[np.float64],
    gap: NDArray[np.float64],
) -> pd.DataFrame:
    """Fill each box with rows of equal boxes, spread evenly: parcel, line, place, lines, x0 … y1.

    Parameters
    ----------
    bounds
        (n, 4) usable land of each parcel.
    length, depth, pitch, gap
        (n,) metres.
    """
    width, height = bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1]
    across = np.floor((width + gap) / (length + gap)).clip(0).astype(int)
    lines = (np.floor((height - depth) / pitch) + 1).clip(0).astype(int)
    lines = np.where(height < depth, 0, lines)
    count = across * lines
    parcel = np.repeat(np.arange(len(bounds)), count)
    rank = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    line, place = rank // across[parcel], rank % across[parcel]
    step_x = np.where(across > 1, (width - length) / np.maximum(across - 1, 1), 0.0)
    step_x = np.minimum(step_x, length + 3.0 * gap)
    slack_x = width - length - step_x * (across - 1)
    step_y = np.where(lines > 1, (height - depth) / np.maximum(lines - 1, 1), 0.0)
    x0 = bounds[parcel, 0] + slack_x[parcel] / 2 + place * step_x[parcel]
    y0 = bounds[parcel, 1] + line * step_y[parcel]
    return pd.DataFrame(
        {
            "parcel": parcel,
            "line": line,
            "place": place,
            "lines": lines[parcel],
            "x0": x0,
            "y0": y0,
            "x1": x0 + length[parcel],
            "y1": y0 + depth[parcel],
        }
    )


def _home_rows(land: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Dwellings of every parcel that could be a community, by the manner of its quarter."""
    character = land["character"].to_numpy()
    draw = {
        name: np.array([rng.uniform(*getattr(QUARTERS[kind], name)) for kind in character])
        for name in ("slab_m", "depth_m", "pitch_m")
    }
    gap = np.array([QUARTERS[kind].side_gap_m for kind in character])
    bounds = shapely.bounds(land["geometry"].to_numpy()) + _SETBACK_M * np.array([1, 1, -1, -1])
    rows = _rows_of_boxes(bounds, draw["slab_m"], draw["depth_m"], draw["pitch_m"], gap)
    kind = character[rows["parcel"]]
    rows["shape"] = _home_shapes(rows, kind, rng)
    rows["y1"] += np.where(np.char.startswith(rows["shape"].to_numpy(str), "ell"), 11.0, 0.0)
    rows["floors"] = _floors(character, rng)[rows["parcel"]] + np.where(
        kind == "new", rng.integers(-3, 3, len(rows)), 0
    )
    rows["floors"] = np.where(kind == "new", rows["floors"].clip(15, 33), rows["floors"])
    rows = rows[_keeps_yard(rows, bounds, kind, rng)]
    rows = rows[_inside(rows, land)]
    rows = _not_too_dense(rows, character)
    facts = land[["column", "row", "quarter"]].iloc[rows["parcel"]].reset_index(drop=True)
    rows = pd.concat([rows.reset_index(drop=True), facts], axis=1)
    return rows.assign(role="home", site="community", community=-1)


def _not_too_dense(rows: pd.DataFrame, character: NDArray[np.object_]) -> pd.DataFrame:
    """Add the expected households of each building; lower the towers of overfull communities."""
    m2 = np.array([np.mean(QUARTERS[kind].m2_per_household) for kind in character])[rows["parcel"]]
    fill = np.where(character[rows["parcel"]] == "new", 0.85, 1.0)
    plan_m2 = (rows["x1"] - rows["x0"]) * (rows["y1"] - rows["y0"]) * fill
    total = (plan_m2 * rows["floors"] / m2).groupby(rows["parcel"]).transform("sum")
    floors = np.floor(rows["floors"] * np.minimum(_HOUSEHOLDS[1] / total, 1.0)).clip(3).astype(int)
    return rows.assign(floors=floors, expected=plan_m2 * floors / m2)


def _home_shapes(rows: pd.DataFrame, kind: NDArray[np.object_], rng: np.random.Generator) -> NDArray[np.object_]:
    """Slabs, with a wing here and there in low quarters; broken outlines for towers."""
    draw = rng.random(len(rows))
    low = kind != "new"
    free_north = (rows["line"] < rows["lines"] - 1).to_numpy()
    shape = np.where(draw < 0.5, "tee", "bow").astype(object)
    shape[low] = "slab"
    shape[low & free_north & (draw < 0.07)] = "ell_west"
    shape[low & free_north & (draw > 0.93)] = "ell_east"
    return shape


def _floors(character: NDArray[np.object_], rng: np.random.Generator) -> NDArray[np.int64]:
    low = np.array([QUARTERS[kind].floors[0] for kind in character])
    high = np.array([QUARTERS[kind].floors[1] for kind in character])
    return np.asarray(rng.integers(low, high + 1), dtype=np.int64)


def _keeps_yard(
    rows: pd.DataFrame, bounds: NDArray[np.float64], kind: NDArray[np.object_], rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Leave out the middle of newer communities (a garden) and a house here and there in old ones."""
    own = bounds[rows["parcel"]]
    middle_x, middle_y = (own[:, 0] + own[:, 2]) / 2, (own[:, 1] + own[:, 3]) / 2
    off_x = np.abs((rows["x0"] + rows["x1"]) / 2 - middle_x) / (own[:, 2] - own[:, 0])
    off_y = np.abs((rows["y0"] + rows["y1"]) / 2 - middle_y) / (own[:, 3] - own[:, 1])
    size = rows.groupby("parcel")["parcel"].transform("size")
    garden = np.isin(kind, ("new", "mid")) & (size >= 9) & (np.maximum(off_x, off_y) < 0.17)
    gone = (rng.random(len(rows)) < 0.05) & (size >= 6)
    return ~(garden | gone).to_numpy()


def _inside(rows: pd.DataFrame, land: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether each box lies in its parcel; only cut parcels need the test."""
    inside = np.ones(len(rows), dtype=bool)
    cut = land["is_cut"].to_numpy()[rows["parcel"]]
    owner = rows["parcel"].to_numpy()[cut]
    inner = np.asarray(shapely.buffer(land["geometry"].to_numpy(), -4.0, join_style="mitre"))
    shapely.prepare(inner)
    part = rows[cut]
    boxes = shapely.box(part["x0"], part["y0"], part["x1"], part["y1"])
    inside[cut] = shapely.contains(inner[owner], boxes)
    return inside


def _choose_communities(
    land: pd.DataFrame, homes: pd.DataFrame, wanted: int, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Exactly the wanted number of parcels with enough homes, those meant for homes first."""
    expected = np.bincount(homes["parcel"], weights=homes["expected"], minlength=len(land))
    enough = np.bincount(homes["parcel"], minlength=len(land)) >= _LEAST_BUILDINGS
    fit = enough & (expected >= _HOUSEHOLDS[0]) & ~land["use"].isin(("factory", "closed_park")).to_numpy()
    rank = rng.random(len(land)) + np.where(land["use"] == "residential", 0.0, 1.0)
    rank[~fit] = np.inf
    order = np.argsort(rank, kind="stable")[:wanted]
    chosen = np.zeros(len(land), dtype=bool)
    chosen[order[np.isfinite(rank[order])]] = True
    return chosen


def _other_use(land: pd.DataFrame, rng: np.random.Generator) -> NDArray[np.object_]:
    """What stands on residential parcels the city did not need."""
    spare = rng.choice(["commercial", "office", "vacant", "school"], len(land))
    return np.where(land["use"] == "residential", spare, land["use"])


_SINGLE_SHARES = {"notch": 0.34, "leftover": 0.24, "vacant": 0.10, "island": 0.07}


def _singles(
    wanted: int, land: pd.DataFrame, slots: pd.DataFrame, communities: pd.DataFrame, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Stray residential buildings, and the sites left for shops."""
    open_land = _open_land(land, communities, rng)
    sites = pd.concat([slots, open_land], ignore_index=True)
    sites = sites.iloc[rng.permutation(len(sites))].reset_index(drop=True)
    kind = sites["kind"].to_numpy()
    taken = np.zeros(len(sites), dtype=bool)
    for name, share in _SINGLE_SHARES.items():
        taken[np.flatnonzero(kind == name)[: round(share * wanted)]] = True
    rest = np.flatnonzero(~taken & np.isin(kind, ("strip", "notch")))
    taken[rest[: wanted - taken.sum()]] = True
    free = sites[~taken & np.isin(kind, ("strip", "notch"))]
    return _single_rows(sites[taken], rng), free


def _single_rows(sites: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    n = len(sites)
    site_w = (sites["x1"] - sites["x0"]).to_numpy()
    site_d = (sites["y1"] - sites["y0"]).to_numpy()
    upright = site_d > site_w
    length = np.minimum(np.where(upright, site_d, site_w) - 2.0, rng.uniform(22, 54, n))
    depth = np.minimum(np.where(upright, site_w, site_d) - 1.5, rng.uniform(10, 12.5, n))
    width, height = np.where(upright, depth, length), np.where(upright, length, depth)
    x = (sites["x0"] + sites["x1"]).to_numpy() / 2
    y = (sites["y0"] + sites["y1"]).to_numpy() / 2
    return pd.DataFrame(
        {
            "community": -1,
            "column": sites["column"],
            "row": sites["row"],
            "quarter": sites["quarter"],
            "role": "single",
            "site": sites["kind"],
            "floors": rng.choice([3, 4, 5, 6, 6, 7], n),
            "shape": "slab",
            "x0": x - width / 2,
            "y0": y - height / 2,
            "x1": x + width / 2,
            "y1": y + height / 2,
        }
    )


def _open_land(land: pd.DataFrame, communities: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """A site in the middle of vacant parcels; far from every community it is an island."""
    vacant = land[land["use"] == "vacant"]
    middle = shapely.point_on_surface(vacant["geometry"].to_numpy())
    x, y = shapely.get_x(middle), shapely.get_y(middle)
    sites = pd.DataFrame(
        {
            "column": vacant["column"],
            "row": vacant["row"],
            "quarter": vacant["quarter"],
            "x0": x - rng.uniform(14, 24, len(x)),
            "y0": y - 8,
            "y1": y + 8,
        }
    )
    sites["x1"] = 2 * x - sites["x0"]
    boxes = shapely.box(sites["x0"], sites["y0"], sites["x1"], sites["y1"])
    fits = shapely.contains(vacant["geometry"].to_numpy(), boxes)
    tree = shapely.STRtree(communities["geometry"].to_numpy())
    _, gap = tree.query_nearest(boxes, return_distance=True, all_matches=False)
    sites["kind"] = np.where(gap > _ISLAND_CLEAR_M, "island", "vacant")
    return sites[fits]


def _ancillary(communities: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Gate houses and sheds in the strip between a community's wall and its rows."""
    bounds = shapely.bounds(communities["geometry"].to_numpy())
    n = len(communities)
    owner = np.repeat(np.arange(n), 6)
    number = np.tile(np.arange(6), n)
    x0, y0, x1, y1 = bounds[owner].T
    along_x = (number < 2) | (number > 3)
    half = (np.where(along_x, x1 - x0, y1 - y0) - 18.0) / 2
    length = np.minimum(rng.uniform(9, 22, 6 * n), half - 2.0)
    offset = np.choose(number // 2, [0.0, half / 2, half]) + 9.0
    start = np.where(along_x, x0, y0) + offset
    start = start + rng.random(6 * n) * (half - 2.0 - length)
    edge = np.choose(number, [y0 + 1.5, y1 - 6.5, x0 + 1.5, x1 - 6.5, y0 + 1.5, y1 - 6.5])
    rows = pd.DataFrame(
        {
            "parcel": owner,
            "x0": np.where(along_x, start, edge),
            "y0": np.where(along_x, edge, start),
            "x1": np.where(along_x, start + length, edge + 5.0),
            "y1": np.where(along_x, edge + 5.0, start + length),
        }
    )
    clear = shapely.buffer(communities["geometry"].to_numpy(), -0.8, join_style="mitre")
    boxes = shapely.box(rows["x0"], rows["y0"], rows["x1"], rows["y1"])
    kept = shapely.contains(clear[owner], boxes) & ~communities["is_cut"].to_numpy()[owner]
    rows = rows[kept & (rng.random(6 * n) < 0.97)].reset_index(drop=True)
    facts = communities[["column", "row", "quarter"]].iloc[rows["parcel"]].reset_index(drop=True)
    rows = pd.concat([rows, facts], axis=1)
    return rows.assign(
        community=rows["parcel"], role="ancillary", site="community", shape="slab", floors=rng.integers(1, 3, len(rows))
    )


_PUBLIC = {
    # use: length, depth, pitch, gap, floors from-to, share kept
    "school": (58.0, 14.0, 38.0, 14.0, 3, 6, 0.55),
    "commercial": (48.0, 24.0, 42.0, 12.0, 2, 13, 0.9),
    "office": (38.0, 18.0, 44.0, 16.0, 6, 21, 0.8),
    "park": (14.0, 8.0, 60.0, 60.0, 1, 2, 0.35),
    "closed_park": (22.0, 12.0, 110.0, 90.0, 1, 2, 0.6),
    "vacant": (24.0, 9.0, 50.0, 40.0, 1, 3, 0.0),
    "factory": (120.0, 44.0, 68.0, 24.0, 1, 3, 0.85),
}


def _public_buildings(land: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Schools, shops, offices and works on the parcels that are not communities."""
    parts = []
    for use, (length, depth, pitch, gap, low, high, share) in _PUBLIC.items():
        own = land[land["use"] == use].reset_index(drop=True)
        n = len(own)
        if not n:
            continue
        bounds = shapely.bounds(own["geometry"].to_numpy()) + 9.0 * np.array([1, 1, -1, -1])
        rows = _rows_of_boxes(
            bounds,
            length * rng.uniform(0.7, 1.2, n),
            depth * rng.uniform(0.8, 1.2, n),
            np.full(n, pitch),
            np.full(n, gap),
        )
        rows = rows[_inside(rows, own) & (rng.random(len(rows)) < share)]
        facts = own[["column", "row", "quarter"]].iloc[rows["parcel"]].reset_index(drop=True)
        rows = pd.concat([rows.reset_index(drop=True), facts], axis=1)
        shape = rng.choice(["slab", "slab", "bow"], len(rows))
        floors = rng.integers(low, high, len(rows))
        parts.append(rows.assign(community=-1, role="other", site=use, shape=shape, floors=floors))
    return pd.concat(parts, ignore_index=True)


def _shops(sites: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Rows of small shops on the street fronts that no stray house took."""
    box = sites[["x0", "y0", "x1", "y1"]].to_numpy(float)
    upright = (box[:, 3] - box[:, 1]) > (box[:, 2] - box[:, 0])
    long = np.where(upright, box[:, 3] - box[:, 1], box[:, 2] - box[:, 0])
    count = np.maximum((long // 30).astype(int), 1)
    owner = np.repeat(np.arange(len(box)), count)
    rank = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    share = long[owner] / count[owner]
    start = rank * share + 1.5
    end = (rank + 1) * share - 1.5 - rng.uniform(0, 6, len(owner))
    b, up = box[owner], upright[owner]
    facts = sites[["column", "row", "quarter"]].iloc[owner].reset_index(drop=True)
    rows = pd.DataFrame(
        {
            "x0": np.where(up, b[:, 0] + 0.5, b[:, 0] + start),
            "y0": np.where(up, b[:, 1] + start, b[:, 1] + 0.5),
            "x1": np.where(up, b[:, 2] - 0.5, b[:, 0] + end),
            "y1": np.where(up, b[:, 1] + end, b[:, 3] - 0.5),
        }
    )
    rows = pd.concat([rows, facts], axis=1)
    return rows.assign(community=-1, role="other", site="shop", shape="slab", floors=rng.integers(1, 4, len(rows)))
