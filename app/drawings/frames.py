"""What part of the ground a drawing shows, and at which scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import box

from app.workbench.workbench import Workbench

UNITS_A_MM = 5.0
"""Units of a drawing a millimetre of paper."""
EDGE_MM = 9.0
"""Margin of a sheet all round."""
UNITS_A_PT = 25.4 / 72 * UNITS_A_MM
"""Units of a drawing a point of print."""
_LEAST_PT = 6.0
"""Smallest print that is read without a glass."""
HEAD_MM, _FOOT_MM, _GAP_MM = 11.0, 23.0, 5.0
_LEAST_M, _MOST_M = 800.0, 3000.0
"""Ground shown at least around an area; and at most, so that a unit alone is seen among others."""
_COMPANY = 4
"""Of them."""
_STEPS = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
"""Denominators of a scale are these times a power of ten."""


@dataclass(frozen=True)
class Paper:
    """A sheet in landscape.

    Parameters
    ----------
    name
        "A4", "A3", or "16:9" of a screen.
    width_mm, height_mm
        Of the sheet.
    side_mm
        Of the column of the legend.
    text_pt
        Size of names on the map.
    """

    name: str
    width_mm: float
    height_mm: float
    side_mm: float
    text_pt: float

    @property
    def map_mm(self) -> tuple[float, float]:
        """Width and height of the map, between head, legend and foot."""
        width = self.width_mm - 2 * EDGE_MM - self.side_mm - _GAP_MM
        return width, self.height_mm - 2 * EDGE_MM - HEAD_MM - _FOOT_MM

    @property
    def text(self) -> float:
        """Size of names in units of the drawing."""
        return self.text_pt * UNITS_A_PT


PAPERS: dict[str, Paper] = {
    paper.name: paper
    for paper in (
        Paper("A4", 297.0, 210.0, 68.0, 8.0),
        Paper("A3", 420.0, 297.0, 80.0, 9.0),
        Paper("16:9", 338.7, 190.5, 74.0, 9.0),
    )
}


@dataclass(frozen=True)
class Frame:
    """The ground of a drawing, which it fills.

    Parameters
    ----------
    west, south
        Its corner, metres in the metric CRS.
    metres
        A unit of the drawing.
    width, height
        Of the drawing, in its units.
    text
        Size of names, in its units.
    denominator
        N of 1:N on paper; None on a screen.
    least
        Size below which no name is drawn, in its units.
    """

    west: float
    south: float
    metres: float
    width: float
    height: float
    text: float
    denominator: int | None = None
    least: float = 0.0

    @property
    def scale(self) -> float:
        """Units of the drawing a metre."""
        return 1.0 / self.metres

    @property
    def east(self) -> float:
        """Its other side, metres."""
        return self.west + self.width * self.metres

    @property
    def north(self) -> float:
        """Its upper side, metres."""
        return self.south + self.height * self.metres

    def to_paper(self, ground: NDArray[np.float64]) -> NDArray[np.float64]:
        """(k, 2) metres to (k, 2) units of the drawing, y downwards."""
        return (ground - np.array([self.west, self.north])) / self.metres * [1, -1]


def surround(bench: Workbench, members: Sequence[int], room_m: float, share: float) -> Sequence[float]:
    """West, south, east and north of units with ground around them, metres; a unit alone among a few others.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    members
        Positions of the units.
    room_m, share
        Ground around them, metres, and at least this share of their extent.
    """
    shapes = bench.units.geometry.to_numpy()
    own = shapes[list(members)]
    placed = own[~shapely.is_missing(own)]
    if not len(placed):
        return 0.0, 0.0, 1.0, 1.0
    west, south, east, north = shapely.total_bounds(placed).tolist()
    extent = max(east - west, north - south)
    room = max(room_m, share * extent, 0.5 * (_LEAST_M - extent))
    if len(members) == 1:
        near = find_nearest(bench, members[0], _COMPANY)
        corners = shapely.get_coordinates(shapely.centroid(shapes[near]))
        apart = np.abs(corners - [(west + east) / 2, (south + north) / 2]).max(initial=0.0)
        room = max(room, min(1.2 * apart, _MOST_M / 2) - extent / 2)
    return west - room, south - room, east + room, north + room


def find_nearest(bench: Workbench, position: int, count: int) -> list[int]:
    """Positions of the placed units nearest to one, nearest first.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    position
        Of the unit.
    count
        At most so many.
    """
    shapes = bench.units.geometry.to_numpy()
    if shapes[position] is None:
        return []
    apart = shapely.distance(shapes, shapes[position])
    apart[position] = np.nan
    order = np.argsort(apart, kind="stable")
    return [int(unit) for unit in order[:count] if np.isfinite(apart[unit])]


def make_frame(bench: Workbench, degrees: Sequence[float] | None = None, paper: str = "A4") -> Frame:
    """The whole of the units, or what lies between west, south, east and north in degrees, on paper.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    degrees
        West, south, east, north; None = the whole.
    paper
        Key of `PAPERS`.
    """
    return frame_ground(_extent(bench, degrees), PAPERS[paper])


def frame_ground(ground: Sequence[float], paper: Paper) -> Frame:
    """A part of the ground on paper, in its middle, at a round scale at which it has room.

    Parameters
    ----------
    ground
        West, south, east, north, metres.
    paper
        The sheet.
    """
    width, height = (side * UNITS_A_MM for side in paper.map_mm)
    needed = _metres_a_unit(ground, width, height, margin=0.02)
    denominator = round_scale(needed * 1000 * UNITS_A_MM)
    metres = denominator / 1000 / UNITS_A_MM
    return replace(_centred(ground, metres, width, height, paper.text, denominator), least=_LEAST_PT * UNITS_A_PT)


def frame_screen(bench: Workbench, width: float, height: float, text: float, least: float = 0.0) -> Frame:
    """The whole of the units on a screen.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    width, height
        Of the drawing, in its units.
    text, least
        Size of names, and the one below which none is drawn, in its units.
    """
    return frame_picture(_extent(bench, None), width, height, text, least)


def frame_picture(ground: Sequence[float], width: float, height: float, text: float = 0.0, least: float = 0.0) -> Frame:
    """A part of the ground as a picture, in its middle.

    Parameters
    ----------
    ground
        West, south, east, north, metres.
    width, height
        Of the picture, in its units.
    text, least
        Size of names, and the one below which none is drawn, in its units.
    """
    metres = _metres_a_unit(ground, width, height, margin=0.03)
    return replace(_centred(ground, metres, width, height, text, None), least=least)


def round_scale(denominator: float) -> int:
    """The next round N of 1:N.

    Examples
    --------
    >>> round_scale(10_001), round_scale(83_000), round_scale(20_000)
    (12000, 100000, 20000)
    """
    power = 10 ** math.floor(math.log10(denominator))
    return round(next(step * power for step in _STEPS if step * power >= denominator * (1 - 1e-9)))


def _metres_a_unit(ground: Sequence[float], width: float, height: float, *, margin: float) -> float:
    west, south, east, north = ground
    inner = 1 - 2 * margin
    return max((east - west) / (width * inner), (north - south) / (height * inner), 1e-3)


def _centred(
    ground: Sequence[float], metres: float, width: float, height: float, text: float, denominator: int | None
) -> Frame:
    west, south, east, north = ground
    x, y = (west + east - width * metres) / 2, (south + north - height * metres) / 2
    return Frame(x, y, metres, width, height, text, denominator)


def _extent(bench: Workbench, degrees: Sequence[float] | None) -> Sequence[float]:
    shapes = bench.units.geometry.dropna()
    if degrees is not None:
        west, south, east, north = degrees
        shapes = gpd.GeoSeries([box(west, south, east, north)], crs="EPSG:4326").to_crs(bench.units.crs)
    return (0.0, 0.0, 1.0, 1.0) if shapes.empty else shapes.total_bounds.tolist()
