"""The plan of arterials and obstacles: superblocks, streets, districts, rail and water, and the bend to a city.

Everything is drawn on a straight plan in metres around (0, 0) and bent at the end by a conformal
map, which keeps right angles, order and separation: what does not overlap on the plan does not
overlap in the city.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from shapely.ops import substring

from geo.demo.spec import CENTRE_LON_LAT, METRIC_CRS, CitySpec

CELL_M = 940.0
SECONDARY_HALF_M = 13.0
CANAL_HALF_M = 21.0
EXPRESSWAY_HALF_M = 28.5
_STEP_M = 100.0


@dataclass(frozen=True, eq=False)
class StreetGrid:
    """Arterials, secondary roads and the superblocks between them, on the straight plan.

    Parameters
    ----------
    xs, ys
        (columns + 1,) and (rows + 1,) arterial lines, metres.
    xm, ym
        (columns,) and (rows,) secondary roads through the middle of superblocks, metres.
    half_x, half_y
        Half widths of the arterials, kerb to wall, metres.
    half_xm
        (columns,) half widths of the vertical secondary roads; a canal runs in a wider one.
    cells
        One row a superblock: column, row, district (0-based), street (0-based within the city),
        factory (bool).
    radius_m
        From the centre to the far corner.
    """

    xs: NDArray[np.float64]
    ys: NDArray[np.float64]
    xm: NDArray[np.float64]
    ym: NDArray[np.float64]
    half_x: NDArray[np.float64]
    half_y: NDArray[np.float64]
    half_xm: NDArray[np.float64]
    cells: pd.DataFrame
    radius_m: float

    def has(self, column: int, row: int) -> bool:
        """Whether a superblock belongs to the city.

        Parameters
        ----------
        column, row
            Of the superblock, from 0.
        """
        return bool(((self.cells["column"] == column) & (self.cells["row"] == row)).any())


def build_grid(spec: CitySpec, rng: np.random.Generator) -> StreetGrid:
    """Draw arterials and secondary roads, and group superblocks into streets and districts.

    Parameters
    ----------
    spec
        The measures of the city.
    rng
        Where spacing and widths come from.
    """
    xs = _lines(spec.columns, rng)
    ys = _lines(spec.rows, rng)
    half_x = rng.uniform(19.5, 25.5, spec.columns + 1)
    half_y = rng.uniform(19.5, 25.5, spec.rows + 1)
    half_y[spec.expressway_row] = EXPRESSWAY_HALF_M
    half_xm = np.full(spec.columns, SECONDARY_HALF_M)
    if spec.canal_column is not None:
        half_xm[spec.canal_column] = CANAL_HALF_M
    return StreetGrid(
        xs=xs,
        ys=ys,
        xm=_middles(xs, rng),
        ym=_middles(ys, rng),
        half_x=half_x,
        half_y=half_y,
        half_xm=half_xm,
        cells=_cells(spec),
        radius_m=float(np.hypot(np.abs(xs).max(), np.abs(ys).max())),
    )


@dataclass(frozen=True)
class ConformalWarp:
    """A conformal map from the straight plan to EPSG:4546: turns, bows and stretches, gently.

    Parameters
    ----------
    radius_m
        Reach of the plan; the bend is |f' - 1| ≤ 0.13 within it, so the map is one to one.
    """

    radius_m: float

    def __call__(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Bend (n, 2) plan coordinates in metres to (n, 2) EPSG:4546 metres."""
        z = xy[:, 0] + 1j * xy[:, 1]
        square = 0.075 * np.exp(0.9j) / (2 * self.radius_m)
        cube = 0.055 * np.exp(2.2j) / (3 * self.radius_m**2)
        w = np.exp(-0.05j) * (z + square * z**2 + cube * z**3)
        east, north = _centre()
        return np.column_stack([w.real + east, w.imag + north])

    def shapes(self, geometry: NDArray[np.object_]) -> NDArray[np.object_]:
        """Bend plan geometries to EPSG:4546, edges kept as they are (densify long ones first)."""
        return np.asarray(shapely.transform(geometry, self), dtype=object)


def _centre() -> tuple[float, float]:
    to_metric = Transformer.from_crs("EPSG:4490", METRIC_CRS, always_xy=True)
    east, north = to_metric.transform(*CENTRE_LON_LAT)
    return float(east), float(north)


def cell_ring(grid: StreetGrid, column: int, row: int) -> shapely.Polygon:
    """A superblock up to the middle of its arterials; neighbours share every vertex.

    Points lie every tenth of each side, so that bent tiles still meet exactly.

    Parameters
    ----------
    grid
        Of the arterials.
    column, row
        Of the superblock, from 0.
    """
    xs = np.linspace(grid.xs[column], grid.xs[column + 1], 11)
    ys = np.linspace(grid.ys[row], grid.ys[row + 1], 11)
    return _ring(xs, ys)


def quarter_ring(grid: StreetGrid, column: int, row: int, quarter: int) -> shapely.Polygon:
    """One of the four quarters (0 SW, 1 SE, 2 NW, 3 NE) of a superblock, up to the road middles.

    Parameters
    ----------
    grid
        Of the arterials.
    column, row
        Of the superblock, from 0.
    quarter
        0 to 3.
    """
    x = [grid.xs[column], grid.xm[column], grid.xs[column + 1]]
    y = [grid.ys[row], grid.ym[row], grid.ys[row + 1]]
    i, j = quarter % 2, quarter // 2
    return _ring(np.linspace(x[i], x[i + 1], 6), np.linspace(y[j], y[j + 1], 6))


def densify(lines: NDArray[np.object_]) -> NDArray[np.object_]:
    """Add points every 100 m, so that long straight lines bend with the city."""
    return np.asarray(shapely.segmentize(lines, _STEP_M), dtype=object)


def _ring(xs: NDArray[np.float64], ys: NDArray[np.float64]) -> shapely.Polygon:
    south = [(x, ys[0]) for x in xs[:-1]]
    east = [(xs[-1], y) for y in ys[:-1]]
    north = [(x, ys[-1]) for x in xs[:0:-1]]
    west = [(xs[0], y) for y in ys[:0:-1]]
    return shapely.Polygon(south + east + north + west)


def _lines(n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    widths = rng.uniform(0.9, 1.12, n) * CELL_M
    lines = np.concatenate([[0.0], np.cumsum(widths)])
    return np.round(lines - lines[-1] / 2, 1)


def _middles(lines: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    share = rng.uniform(0.44, 0.56, len(lines) - 1)
    return np.round(lines[:-1] + share * np.diff(lines), 1)


def _cells(spec: CitySpec) -> pd.DataFrame:
    column, row = np.meshgrid(np.arange(spec.columns), np.arange(spec.rows))
    cells = pd.DataFrame({"column": column.ravel(), "row": row.ravel()})
    reach_x = (cells["column"] + 0.5) / spec.columns * 2 - 1
    reach_y = (cells["row"] + 0.5) / spec.rows * 2 - 1
    reach = spec.outline + 0.12 * np.sin(2 * np.arctan2(reach_y, reach_x) + 0.6)
    cells = cells[reach_x**2 + reach_y**2 < reach].reset_index(drop=True)
    cells["district"] = cells["column"] * spec.district_columns // spec.columns + (
        cells["row"] * spec.district_rows // spec.rows * spec.district_columns
    )
    cells["street"] = _streets(cells, spec.cells_per_street)
    places = set(spec.factory_cells)
    cells["factory"] = [place in places for place in zip(cells["column"], cells["row"], strict=True)]
    return cells


def _streets(cells: pd.DataFrame, cells_per_street: float) -> NDArray[np.int64]:
    """Number the streets: runs of neighbouring superblocks along a path through each district."""
    street = np.full(len(cells), -1)
    count = 0
    for _, part in cells.groupby("district"):
        for run in _runs(part, cells_per_street):
            street[run] = count
            count += 1
    return street


def _runs(part: pd.DataFrame, cells_per_street: float) -> list[list[int]]:
    """Cut the ploughman's path through a district into connected runs of the wanted length."""
    columns = part["column"].to_numpy()
    rows = part["row"].to_numpy()
    path = np.lexsort((np.where(rows % 2 == 0, columns, -columns), rows))
    runs: list[list[int]] = []
    last: int | None = None
    for taken, at in enumerate(path):
        is_adjacent = last is not None and (abs(columns[at] - columns[last]) + abs(rows[at] - rows[last]) == 1)
        if not is_adjacent or taken >= round(len(runs) * cells_per_street):
            runs.append([])
        runs[-1].append(int(at))
        last = int(at)
    return [[int(part.index[at]) for at in run] for run in _absorb_stubs(runs, columns, rows)]


def _absorb_stubs(runs: list[list[int]], columns: NDArray[np.int64], rows: NDArray[np.int64]) -> list[list[int]]:
    """Give runs of a single superblock to the smallest run next to them."""
    for stub in [run for run in runs if len(run) == 1]:
        at = stub[0]
        adjacent = [
            run
            for run in runs
            if run is not stub and (np.abs(columns[run] - columns[at]) + np.abs(rows[run] - rows[at]) == 1).any()
        ]
        if adjacent:
            min(adjacent, key=len).append(at)
            stub.clear()
    return [run for run in runs if run]


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
    """Draw the railway, the river, the expressway and, in the large city, a canal.

    Parameters
    ----------
    spec
        Of the city's size.
    grid
        Of the arterials.
    """
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
