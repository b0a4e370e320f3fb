"""The layers of the fictional city with codes and names, in EPSG:4546."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.demo.footprints import BuiltCity, build_footprints
from geo.demo.grid import (
    ConformalWarp,
    LinearObstacle,
    StreetGrid,
    build_grid,
    build_obstacles,
    cell_ring,
    densify,
    quarter_ring,
)
from geo.demo.parcels import Parcels, divide_into_parcels
from geo.demo.roads import build_roads, cross_obstacles
from geo.demo.spec import METRIC_CRS, CitySpec
from geo.demo.wording import DISTRICTS, draw_community_names, draw_road_names, draw_word_pairs

_DISTRICT_BASE = 159_901


@dataclass(frozen=True, eq=False)
class DemoCity:
    """Where everything is. Every frame is in EPSG:4546 and has the columns of its layer.

    Parameters
    ----------
    boundary, streets, neighbourhoods
        Tiles of the city.
    communities
        unit_id, name, district/street/neighbourhood code and name, character, geometry.
    buildings
        building_id, community (position, -1 outside), community_code, role, site, floors_above,
        street_code, geometry.
    roads, barriers, crossings
        Layers as in `geo.schema`.
    """

    boundary: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    neighbourhoods: gpd.GeoDataFrame
    communities: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame
    crossings: gpd.GeoDataFrame


def build_city(spec: CitySpec, rng: np.random.Generator) -> DemoCity:
    """Draw the whole city: plan, parcels, buildings, then codes, names and the bend.

    Parameters
    ----------
    spec
        The measures of the city.
    rng
        Where every choice comes from: the same generator state gives the same city.
    """
    grid = build_grid(spec, rng)
    obstacles = build_obstacles(spec, grid)
    parcels = divide_into_parcels(spec, grid, obstacles, rng)
    footprints = build_footprints(spec, parcels, rng)
    roads, crossings = cross_obstacles(build_roads(grid, parcels.local_roads), obstacles)
    bend = ConformalWarp(grid.radius_m)
    admin = _admin_codes(grid, rng)
    neighbourhoods = _neighbourhoods(grid, admin, bend, rng)
    communities = _communities(footprints, neighbourhoods, bend, rng)
    barriers, gates = _barriers(obstacles, parcels, roads, bend)
    return DemoCity(
        boundary=_tiles(admin, "district_code", "district_name"),
        streets=_tiles(admin, "street_code", "street_name"),
        neighbourhoods=_without(neighbourhoods, "column", "row", "quarter"),
        communities=communities,
        buildings=_buildings(footprints, communities, neighbourhoods, bend),
        roads=_roads(roads, bend, rng),
        barriers=barriers,
        crossings=_crossings(crossings, gates, obstacles, bend),
    )


def _frame(table: pd.DataFrame, geometry: NDArray[np.object_]) -> gpd.GeoDataFrame:
    rounded = shapely.transform(geometry, lambda xy: np.round(xy, 3))
    return gpd.GeoDataFrame(table.reset_index(drop=True), geometry=rounded, crs=METRIC_CRS)


def _without(frame: gpd.GeoDataFrame, *columns: str) -> gpd.GeoDataFrame:
    return frame.drop(columns=list(columns))


def _admin_codes(grid: StreetGrid, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """One row a superblock with the codes and names of its district and street."""
    cells = grid.cells.copy()
    district = cells["district"].to_numpy()
    first = cells.groupby("district")["street"].transform("min").to_numpy()
    number = cells["street"].to_numpy() - first + 1
    names = np.array([f"{word}街道" for word in draw_word_pairs(cells["street"].max() + 1, rng)])
    cells["district_code"] = [str(_DISTRICT_BASE + d) for d in district]
    cells["district_name"] = np.array(DISTRICTS)[district]
    cells["street_code"] = [f"{code}{n:03d}" for code, n in zip(cells["district_code"], number, strict=True)]
    cells["street_name"] = names[cells["street"]]
    bend = ConformalWarp(grid.radius_m)
    rings = [cell_ring(grid, i, j) for i, j in cells[["column", "row"]].to_numpy().tolist()]
    return _frame(cells, bend.shapes(np.array(rings, dtype=object)))


def _tiles(admin: gpd.GeoDataFrame, code: str, name: str) -> gpd.GeoDataFrame:
    """Superblocks of one code joined into one tile, with its name and its district."""
    groups = admin.groupby(code, sort=True)
    columns = {
        code: groups[code].first(),
        "name": groups[name].first(),
        "district_code": groups["district_code"].first(),
        "district_name": groups["district_name"].first(),
    }
    shapes = [shapely.coverage_union_all(part.to_numpy()) for _, part in groups["geometry"]]
    return _frame(pd.DataFrame(columns), np.array(shapes, dtype=object))


def _neighbourhoods(
    grid: StreetGrid, admin: gpd.GeoDataFrame, bend: ConformalWarp, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """Each quarter of a superblock is a 社区: its code is the street's and three digits."""
    rows = admin.loc[np.repeat(admin.index, 4)].drop(columns="geometry").reset_index(drop=True)
    rows["quarter"] = np.tile(np.arange(4), len(admin))
    rows = rows.sort_values(["street_code", "row", "column", "quarter"], ignore_index=True)
    number = rows.groupby("street_code").cumcount() + 1
    rows["neighbourhood_code"] = rows["street_code"] + number.map("{:03d}".format)
    names = draw_word_pairs(len(rows), rng)
    rows["name"] = [f"{word}社区" for word in names]
    spots = rows[["column", "row", "quarter"]].to_numpy().tolist()
    rings = [quarter_ring(grid, i, j, quarter) for i, j, quarter in spots]
    columns = [
        "neighbourhood_code",
        "name",
        "street_code",
        "street_name",
        "district_code",
        "district_name",
        "column",
        "row",
        "quarter",
    ]
    return _frame(rows[columns], bend.shapes(np.array(rings, dtype=object)))


def _communities(
    town: BuiltCity, neighbourhoods: gpd.GeoDataFrame, bend: ConformalWarp, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    table = _joined(town.communities, neighbourhoods)
    number = table.groupby("neighbourhood_code").cumcount() + 1
    table["unit_id"] = table["neighbourhood_code"] + number.map("{:03d}".format)
    table = table.rename(columns={"name": "neighbourhood_name"})
    table["name"] = draw_community_names(list(table["character"]), rng)
    columns = [
        "unit_id",
        "name",
        "district_code",
        "district_name",
        "street_code",
        "street_name",
        "neighbourhood_code",
        "neighbourhood_name",
        "character",
    ]
    return _frame(table[columns], bend.shapes(town.communities["geometry"].to_numpy()))


def _joined(places: pd.DataFrame, neighbourhoods: gpd.GeoDataFrame) -> pd.DataFrame:
    """Rows with column, row and quarter together with their neighbourhood's codes and names."""
    codes = pd.DataFrame(neighbourhoods.drop(columns="geometry"))
    return places.drop(columns="geometry").merge(
        codes, on=["column", "row", "quarter"], how="left", validate="many_to_one"
    )


def _buildings(
    town: BuiltCity, communities: gpd.GeoDataFrame, neighbourhoods: gpd.GeoDataFrame, bend: ConformalWarp
) -> gpd.GeoDataFrame:
    """Building ids: the community's code and a number, or street, D (stray) or F, and a number."""
    table = _joined(town.buildings, neighbourhoods)
    owner = table["community"].to_numpy()
    code = communities["unit_id"].to_numpy(dtype=object)[owner]
    table["community_code"] = pd.Series(code).where(owner >= 0)
    letter = np.where(table["role"] == "single", "D", "F").astype(object)
    outside = table["street_code"].to_numpy(dtype=object) + letter
    table["stem"] = np.where(owner >= 0, code, outside)
    number = table.groupby("stem").cumcount() + 1
    table["building_id"] = table["stem"].astype(str) + number.map("{:04d}".format)
    table["number"] = number
    table = table.rename(columns={"floors": "floors_above"})
    columns = [
        "building_id",
        "number",
        "community",
        "community_code",
        "role",
        "site",
        "floors_above",
        "street_code",
        "street_name",
        "neighbourhood_name",
        "district_name",
    ]
    table = table.rename(columns={"name": "neighbourhood_name"})
    return _frame(table[columns], bend.shapes(town.buildings["geometry"].to_numpy()))


def _roads(roads: pd.DataFrame, bend: ConformalWarp, rng: np.random.Generator) -> gpd.GeoDataFrame:
    lines = pd.unique(roads["line"])
    names = dict(zip(lines, draw_road_names(len(lines), rng), strict=True))
    table = pd.DataFrame(
        {
            "road_id": [f"R{k + 1:05d}" for k in range(len(roads))],
            "name": roads["line"].map(names),
            "road_class": roads["road_class"],
            "is_bridge": roads["is_bridge"],
            "is_tunnel": roads["is_tunnel"],
        }
    )
    return _frame(table, bend.shapes(densify(roads["geometry"].to_numpy())))


def _barriers(
    obstacles: Sequence[LinearObstacle], parcels: Parcels, roads: pd.DataFrame, bend: ConformalWarp
) -> tuple[gpd.GeoDataFrame, NDArray[np.object_]]:
    """Barriers, and the gates through walls (plan coordinates)."""
    land = parcels.land
    works = land.loc[land["use"] == "factory", "geometry"].to_numpy()
    rings = shapely.get_exterior_ring(shapely.buffer(works, -2.0, join_style="mitre"))
    old_walls = shapely.linestrings(parcels.walls.reshape(-1, 2, 2))
    parks = land.loc[land["use"] == "closed_park", "geometry"].to_numpy()
    main = roads[(roads["road_class"] == "主干路") & ~roads["is_bridge"] & ~roads["is_tunnel"]]
    groups: list[tuple[str, str, NDArray[np.object_]]] = [
        *((o.kind, o.name, np.array([o.shape], dtype=object)) for o in obstacles),
        ("factory_wall", "厂区围墙", np.asarray(rings, dtype=object)),
        ("factory_wall", "旧厂围墙", np.asarray(old_walls, dtype=object)),
        ("closed_park", "围合公园", np.asarray(parks, dtype=object)),
        ("arterial", "主干路", main["geometry"].to_numpy()),
    ]
    table = pd.DataFrame([(kind, name) for kind, name, shapes in groups for _ in shapes], columns=["kind", "name"])
    table.insert(0, "barrier_id", [f"B{k + 1:04d}" for k in range(len(table))])
    shapes = np.concatenate([shapes for _, _, shapes in groups])
    walls = np.concatenate([rings, old_walls])
    gates = [shapely.line_interpolate_point(walls, share, normalized=True) for share in (0.13, 0.6)]
    return _frame(table, bend.shapes(densify(shapes))), np.concatenate(gates)


def _crossings(
    crossings: pd.DataFrame, gates: NDArray[np.object_], obstacles: Sequence[LinearObstacle], bend: ConformalWarp
) -> gpd.GeoDataFrame:
    label = {"bridge": "桥", "underpass": "下穿通道", "gate": "大门"}
    kinds = [*crossings["kind"], *(["gate"] * len(gates))]
    over = [obstacles[k].name for k in crossings["obstacle"]] + ["厂区"] * len(gates)
    table = pd.DataFrame(
        {
            "crossing_id": [f"K{k + 1:04d}" for k in range(len(kinds))],
            "kind": kinds,
            "name": [f"{name}{k + 1}号{label[kind]}" for k, (name, kind) in enumerate(zip(over, kinds, strict=True))],
        }
    )
    points = np.concatenate([crossings["geometry"].to_numpy(), gates])
    return _frame(table, bend.shapes(points))
