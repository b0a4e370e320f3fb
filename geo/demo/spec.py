"""How large the fictional city is, and what its quarters are like."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Size = Literal["small", "city"]
Character = Literal["old", "soe", "mid", "new"]

CITY_NAME = "云岭市（演示数据）"
DEMO_MARK = "演示数据"
DEMO_NOTE = "演示数据：云岭市为虚构城市，地名、企业、小区与数字均非真实，不得作为统计依据。"
DATA_DATE = "2026-06-30"
METRIC_CRS = "EPSG:4546"
CENTRE_LON_LAT = (110.3, 40.6)
"""Baotou's latitude, some 30 km east of its streets; degrees, CGCS2000."""


@dataclass(frozen=True)
class CitySpec:
    """The measures of one size of the fictional city.

    Parameters
    ----------
    columns, rows
        Superblocks between arterials, about 940 m each way.
    district_columns, district_rows
        How districts (区) divide the superblocks.
    cells_per_street
        Superblocks of one street (街道), on average.
    communities, singles, buildings, companies
        How many there are; buildings is met to within a few per cent.
    factory_cells
        (column, row) of superblocks that are factories.
    park_quarters
        (column, row, quarter) of superblock quarters that are one walled park.
    outline
        How far the city reaches into the corners of its frame: 1 is an ellipse, 2 the full frame.
    expressway_row
        The horizontal grid line that is an expressway.
    river_m
        Width of the river where it enters and where it leaves, metres.
    canal_column
        The column whose middle is a canal; None for no canal.
    """

    columns: int
    rows: int
    district_columns: int
    district_rows: int
    cells_per_street: float
    communities: int
    singles: int
    buildings: int
    companies: int
    factory_cells: tuple[tuple[int, int], ...]
    park_quarters: tuple[tuple[int, int, int], ...]
    outline: float
    expressway_row: int
    river_m: tuple[float, float]
    canal_column: int | None


SPECS: MappingProxyType[Size, CitySpec] = MappingProxyType(
    {
        "small": CitySpec(
            columns=4,
            rows=4,
            district_columns=2,
            district_rows=1,
            cells_per_street=4.0,
            communities=250,
            singles=60,
            buildings=4_000,
            companies=25,
            factory_cells=((0, 0),),
            park_quarters=((2, 2, 0),),
            outline=2.0,
            expressway_row=3,
            river_m=(34.0, 44.0),
            canal_column=None,
        ),
        "city": CitySpec(
            columns=16,
            rows=12,
            district_columns=3,
            district_rows=2,
            cells_per_street=2.65,
            communities=3_000,
            singles=640,
            buildings=60_000,
            companies=120,
            factory_cells=((1, 3), (2, 3), (1, 4), (2, 4), (12, 8), (13, 8)),
            park_quarters=((6, 7, 1), (7, 7, 0), (11, 2, 3), (4, 9, 0)),
            outline=1.16,
            expressway_row=10,
            river_m=(36.0, 110.0),
            canal_column=11,
        ),
    }
)
"""The two sizes."""


@dataclass(frozen=True)
class QuarterType:
    """How one kind of residential quarter is laid out.

    Parameters
    ----------
    block_m
        Wanted side of a block between local roads, metres.
    parcel_m2
        Wanted land of one community, m².
    slab_m, depth_m, pitch_m, side_gap_m
        Range of a building's length; its depth; from row to row; between buildings of a row; metres.
    floors
        Range of storeys.
    years
        Range of years of completion.
    m2_per_household
        Range of floor area of one household, m².
    """

    block_m: float
    parcel_m2: float
    slab_m: tuple[float, float]
    depth_m: tuple[float, float]
    pitch_m: tuple[float, float]
    side_gap_m: float
    floors: tuple[int, int]
    years: tuple[int, int]
    m2_per_household: tuple[float, float]


QUARTERS: MappingProxyType[Character, QuarterType] = MappingProxyType(
    {
        "old": QuarterType(
            block_m=205,
            parcel_m2=27_500,
            slab_m=(24, 39),
            depth_m=(10.5, 12.5),
            pitch_m=(26, 32),
            side_gap_m=6,
            floors=(5, 6),
            years=(1978, 1998),
            m2_per_household=(60, 74),
        ),
        "soe": QuarterType(
            block_m=260,
            parcel_m2=38_000,
            slab_m=(28, 44),
            depth_m=(10.5, 12),
            pitch_m=(27, 32),
            side_gap_m=7,
            floors=(4, 6),
            years=(1962, 1995),
            m2_per_household=(60, 70),
        ),
        "mid": QuarterType(
            block_m=235,
            parcel_m2=38_500,
            slab_m=(25, 40),
            depth_m=(12.5, 14.5),
            pitch_m=(33, 41),
            side_gap_m=8,
            floors=(6, 11),
            years=(1999, 2011),
            m2_per_household=(80, 104),
        ),
        "new": QuarterType(
            block_m=290,
            parcel_m2=46_000,
            slab_m=(25, 36),
            depth_m=(15, 19),
            pitch_m=(52, 66),
            side_gap_m=18,
            floors=(18, 31),
            years=(2010, 2025),
            m2_per_household=(88, 110),
        ),
    }
)
"""Quarters by character: old walk-ups, works housing, mid-rise of the 2000s, towers."""
