"""What is doubtful in communities, buildings and the units made of them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.findings import Finding, list_some
from geo.messages import EMPTY, Sentence, load_catalogue
from geo.values.years import format_years, is_old_by_year, is_year_known, year_bounds

say = load_catalogue(__file__)

OVERLAP_M2 = 1.0
"""Community polygons that share less than this are drawn carelessly, not overlapping."""
NESTED_SHARE = 0.95
"""A polygon with this share of its area inside another one is contained by it."""
GIANT_M2 = 500_000.0
"""A community polygon beyond 50 hectares is a quarter or half a town, not a community."""

_SHOWN = 20


def find_overlaps(communities: gpd.GeoDataFrame, own: np.ndarray) -> list[Finding]:
    """Polygons that overlap or contain each other.

    Parameters
    ----------
    communities
        The `communities` layer, n rows.
    own
        (n,) their polygons, metric CRS; None where there is none.
    """
    found: list[Finding] = []
    ids = communities["unit_id"].to_numpy(dtype=object)
    area = shapely.area(own)
    a, b = shapely.STRtree(own).query(own, predicate="intersects")
    a, b = a[a < b], b[a < b]
    shared = shapely.area(shapely.intersection(own[a], own[b]))
    share = shared / np.minimum(area[a], area[b])
    worst = np.lexsort((b, a, -share))
    for rule, chosen in (
        ("units.overlap", (shared > OVERLAP_M2) & (share < NESTED_SHARE)),
        ("units.nested", (shared > OVERLAP_M2) & (share >= NESTED_SHARE)),
    ):
        pairs = [f"{ids[a[k]]}/{ids[b[k]]} {share[k]:.0%}" for k in worst if chosen[k]]
        if pairs:
            found.append(
                Finding(
                    "warning",
                    rule,
                    *say(rule, n=len(pairs)),
                    layer="communities",
                    column="geometry",
                    value=list_some(pairs),
                )
            )
    return found


def find_giants(communities: gpd.GeoDataFrame, shapes: np.ndarray) -> list[Finding]:
    """Shapes, drawn or hulls, too large to be a community.

    Parameters
    ----------
    communities
        The `communities` layer, n rows.
    shapes
        (n,) what stands for them on the map, metric CRS; None where nothing does.
    """
    ids = communities["unit_id"].to_numpy(dtype=object)
    area = shapely.area(shapes)
    order = np.argsort(-np.nan_to_num(area), kind="stable")
    giant = [f"{ids[k]} {area[k] / 1e4:.0f} ha" for k in order if area[k] > GIANT_M2]
    if not giant:
        return []
    return [
        Finding(
            "warning",
            "units.giant",
            *say("units.giant", n=len(giant), hectares=GIANT_M2 / 10000.0),
            layer="communities",
            column="geometry",
            value=list_some(giant),
        )
    ]


def find_estimated_shapes(communities: gpd.GeoDataFrame, quality: np.ndarray) -> list[Finding]:
    """Communities drawn from their buildings or a point, and those without any place.

    Parameters
    ----------
    communities
        The `communities` layer, n rows.
    quality
        (n,) their `geom_quality`.
    """
    found: list[Finding] = []
    ids = communities["unit_id"].to_numpy(dtype=object)
    n_hull, n_disc = int((quality == "convex_hull").sum()), int((quality == "buffered_point").sum())
    if n_hull or n_disc:
        found.append(
            Finding("info", "units.drawn", *say("units.drawn", n_hull=n_hull, n_disc=n_disc), layer="communities")
        )
    lost = ids[quality == "missing"].tolist()
    if lost:
        found.append(
            Finding(
                "warning",
                "units.no_place",
                *say("units.no_place", n=len(lost)),
                layer="communities",
                column="geometry",
                value=list_some(lost),
            )
        )
    return found


def find_code_conflicts(
    buildings: gpd.GeoDataFrame, communities: gpd.GeoDataFrame, coded: np.ndarray, within: np.ndarray
) -> list[Finding]:
    """Community codes of buildings that name nobody, or another community than the place does.

    Parameters
    ----------
    buildings, communities
        The layers, m and n rows.
    coded
        (m,) position of the community a building's code names, −1 where none.
    within
        (m,) position of the community polygon it lies in, −1 where none or where it has no code.
    """
    found: list[Finding] = []
    ids = buildings["building_id"].to_numpy(dtype=object)
    unknown = buildings["community_code"].notna().to_numpy() & (coded < 0)
    if unknown.any() and len(communities):
        codes = sorted(set(buildings["community_code"][unknown]))
        found.append(
            Finding(
                "warning",
                "units.code_unmatched",
                *say("units.code_unmatched", n=int(unknown.sum())),
                layer="buildings",
                column="community_code",
                value=list_some(codes),
            )
        )
    elsewhere = ids[(within >= 0) & (coded >= 0) & (within != coded)].tolist()
    if elsewhere:
        found.append(
            Finding(
                "warning",
                "units.code_elsewhere",
                *say("units.code_elsewhere", n=len(elsewhere)),
                layer="buildings",
                column="community_code",
                value=list_some(elsewhere),
            )
        )
    return found


def count_building_classes(buildings: gpd.GeoDataFrame, places: np.ndarray) -> list[Finding]:
    """How many buildings ended where, and which are unclear.

    Parameters
    ----------
    buildings
        The `buildings` layer, m rows.
    places
        (m,) where each ended, one of `geo.importing.unit_sites.BUILDING_CLASSES`.
    """
    if buildings.empty:
        return []
    n = {
        place: int((places == place).sum()) for place in ("inside", "single", "non_residential", "ancillary", "unclear")
    }
    found = [
        Finding(
            "info",
            "units.places",
            *say(
                "units.places",
                n=len(places),
                inside=n["inside"],
                single=n["single"],
                non_residential=n["non_residential"],
                ancillary=n["ancillary"],
                unclear=n["unclear"],
            ),
            layer="buildings",
        )
    ]
    unclear = buildings["building_id"].to_numpy(dtype=object)[places == "unclear"].tolist()
    if unclear:
        found.append(
            Finding(
                "info",
                "units.unclear",
                *say("units.unclear", n=len(unclear)),
                layer="buildings",
                column="use",
                value=list_some(unclear),
            )
        )
    return found


def find_courtyards(buildings: gpd.GeoDataFrame, alone: pd.DataFrame) -> list[Finding]:
    """Single buildings that share a yard and are one unit.

    Parameters
    ----------
    buildings
        The `buildings` layer with the `unit_id` of each.
    alone
        The units that are no communities.
    """
    if alone.empty or not (alone["building_count"] > 1).any():
        return []
    of_unit = buildings.groupby("unit_id")["building_id"].agg(list)
    yards = alone[alone["building_count"] > 1].sort_values("unit_id")
    listed = [f"{unit}: {'+'.join(map(str, of_unit[unit]))}" for unit in yards["unit_id"]]
    return [
        Finding(
            "info",
            "units.yards",
            *say("units.yards", n=int(yards["building_count"].sum()), n_units=len(yards)),
            layer="units",
            column="unit_id",
            value=list_some(listed),
        )
    ]


def count_estimates(units: gpd.GeoDataFrame) -> list[Finding]:
    """How many figures are estimated and how many are missing.

    Parameters
    ----------
    units
        The `units` layer.
    """
    found: list[Finding] = []
    for column in ("households", "floor_area_m2", "built_year"):
        quality = units[f"{column}_quality"]
        n_estimated, n_missing = (int((quality == "estimated").sum()), int((quality == "missing").sum()))
        if n_estimated or n_missing:
            found.append(
                Finding(
                    "info",
                    "units.figures",
                    *say(
                        "units.figures",
                        column=say(f"column.{column}"),
                        n=len(units),
                        n_estimated=n_estimated,
                        n_missing=n_missing,
                    ),
                    layer="units",
                    column=column,
                )
            )
    return found


def find_uncertain_years(units: gpd.GeoDataFrame, old_until_year: int) -> list[Finding]:
    """Units of which what is known of the year does not tell whether they are old (R02).

    Parameters
    ----------
    units
        The `units` layer.
    old_until_year
        Built by the end of this year = old.
    """
    open_rows = np.flatnonzero(is_year_known(units) & is_old_by_year(units, old_until_year).isna().to_numpy())
    first, last = year_bounds(units)
    more = say("units.like_this", n=len(open_rows)) if len(open_rows) > _SHOWN else EMPTY
    found = []
    for place in open_rows[:_SHOWN]:
        name = units["name"].iloc[place]
        years = Sentence(*(format_years(first[place], last[place], zh=is_zh) for is_zh in (True, False)))
        found.append(
            Finding(
                "warning",
                "units.year_undecided",
                *say("units.year_undecided", name=name, years=years, old_until_year=old_until_year, more=more),
                layer="units",
                column="built_year",
                value=years.zh,
            )
        )
    return found
