"""What cuts the city: railway, river, canal and expressway, on the straight plan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.ops import substring

from geo.demo.grid import CANAL_HALF_M, EXPRESSWAY_HALF_M, StreetGrid
from geo.demo.spec import CitySpec

RAIL_HALF_M = 21.0
_BANK_M = 8.0
_STATION_HALF_M = 55.0


@dataclass(frozen=True, eq=False)
class LinearObstacle:
    """One thing that separates, on the straight plan.

    Parameters
    ----------
    kind
        A key of `geo.schema.BARRIER_KINDS`.
    name
        Invented name.
    axis
        Its middle line, metres.
    shape
        What is drawn as the barrier: the line, or the water's surface.
    corridor
        The land it takes, kept free of communities.
    crossing_kinds
        The kinds of its crossings, taken in turn.
    """

    kind: str
    name: str
    axis: shapely.LineString
    shape: shapely.Geometry
    corridor: shapely.Geometry
    crossing_kinds: tuple[str, ...]


def build_obstacles(spec: CitySpec, grid: StreetGrid) -> tuple[LinearObstacle, ...]:
    """Draw the railway, the river, the expressway and, in the large city, a canal."""
    found = [_railway(grid), _river(spec, grid), _expressway(spec, grid)]
    if spec.canal_column is not None:
        found.append(_canal(spec.canal_column, grid))
    return tuple(found)


def _railway(grid: StreetGrid) -> LinearObstacle:
    """A long diagonal with a slow double bow; wider at its one station."""
    west, east = grid.xs[0] - 600, grid.xs[-1] + 600
    x = np.linspace(west, east, 160)
    t = (x - west) / (east - west)
    height = grid.ys[-1] - grid.ys[0]
    y = grid.ys[0] + height * (0.20 + 0.56 * t + 0.035 * np.sin(2 * np.pi * t))
    axis = _line(x, y)
    station = substring(axis, 0.57, 0.60, normalized=True)
    corridor = shapely.union(
        axis.buffer(RAIL_HALF_M, cap_style="flat"), station.buffer(_STATION_HALF_M, cap_style="flat")
    )
    return LinearObstacle("railway", "云麓铁路", axis, axis, corridor, ("underpass", "bridge"))


def _river(spec: CitySpec, grid: StreetGrid) -> LinearObstacle:
    """A winding river from north to south that widens as it goes."""
    south, north = grid.ys[0] - 600, grid.ys[-1] + 600
    y = np.linspace(north, south, 220)
    t = (north - y) / (north - south)
    width = grid.xs[-1] - grid.xs[0]
    swing = min(0.05 * width, 420.0)
    bends = (north - south) / 3_600
    x = (
        grid.xs[0]
        + width * (0.64 + 0.05 * t)
        + swing * np.sin(2 * np.pi * bends * t)
        + 0.35 * swing * np.sin(2 * np.pi * 2.3 * bends * t + 1.0)
    )
    half = (spec.river_m[0] + (spec.river_m[1] - spec.river_m[0]) * t) / 2
    axis = _line(x, y)
    water = _ribbon(x, y, half)
    bank = _ribbon(x, y, half + _BANK_M)
    return LinearObstacle("river", "砚溪河", axis, water, bank, ("bridge",))


def _expressway(spec: CitySpec, grid: StreetGrid) -> LinearObstacle:
    y = grid.ys[spec.expressway_row]
    axis = _line(np.array([grid.xs[0] - 600, grid.xs[-1] + 600]), np.array([y, y]))
    corridor = axis.buffer(EXPRESSWAY_HALF_M, cap_style="flat")
    return LinearObstacle("expressway", "云岭北快速路", axis, axis, corridor, ("underpass",))


def _canal(column: int, grid: StreetGrid) -> LinearObstacle:
    x = grid.xm[column]
    axis = _line(np.array([x, x]), np.array([grid.ys[0] - 200, grid.ys[-1] + 200]))
    return LinearObstacle(
        "canal",
        "禾埠渠",
        axis,
        axis.buffer(9.0, cap_style="flat"),
        axis.buffer(CANAL_HALF_M - 1.0, cap_style="flat"),
        ("bridge",),
    )


def _line(x: NDArray[np.float64], y: NDArray[np.float64]) -> shapely.LineString:
    return shapely.LineString(np.round(np.column_stack([x, y]), 2))


def _ribbon(x: NDArray[np.float64], y: NDArray[np.float64], half: NDArray[np.float64]) -> shapely.Polygon:
    """The band of a given half width along a line, made valid where it folds in a bend."""
    dx, dy = np.gradient(x), np.gradient(y)
    length = np.hypot(dx, dy)
    left = np.column_stack([x - dy / length * half, y + dx / length * half])
    right = np.column_stack([x + dy / length * half, y - dx / length * half])
    ring = np.round(np.concatenate([left, right[::-1]]), 2)
    return shapely.Polygon(ring).buffer(0)
