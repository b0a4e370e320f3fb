"""What is doubtful in communities, buildings and the units made of them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.findings import Finding, list_some
from geo.values.years import format_years, is_old_by_year, is_year_known, year_bounds

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
    for rule, chosen, zh, en in (
        ("units.overlap", (shared > OVERLAP_M2) & (share < NESTED_SHARE), "互相重叠", "overlap"),
        (
            "units.nested",
            (shared > OVERLAP_M2) & (share >= NESTED_SHARE),
            "是一个套着另一个",
            "lie one inside the other",
        ),
    ):
        pairs = [f"{ids[a[k]]}/{ids[b[k]]} {share[k]:.0%}" for k in worst if chosen[k]]
        if pairs:
            found.append(
                Finding(
                    "warning",
                    rule,
                    f"有 {len(pairs)} 对小区边界{zh}, 未作改动; 落在重叠处的楼栋归较小的小区。请核对边界。",
                    f"{len(pairs)} pairs of community polygons {en}; nothing was changed, buildings "
                    "in both go to the smaller one. Check the outlines.",
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
            f"有 {len(giant)} 个小区面积超过 {GIANT_M2 / 1e4:.0f} 公顷, 像一片城区; 未拆分, 请核对。",
            f"{len(giant)} communities exceed {GIANT_M2 / 1e4:.0f} ha, more a quarter than a "
            "community; they were not split. Check them.",
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
            Finding(
                "info",
                "units.drawn",
                f"没有边界的小区: {n_hull} 个用其楼栋的外包轮廓、{n_disc} 个用点位示意圆代替。",
                f"Communities without an outline: {n_hull} drawn around their buildings, "
                f"{n_disc} as a disc around a point.",
                layer="communities",
            )
        )
    lost = ids[quality == "missing"].tolist()
    if lost:
        found.append(
            Finding(
                "warning",
                "units.no_place",
                f"有 {len(lost)} 个小区没有位置, 定位之前不参与划片; 请补坐标、边界或楼栋。",
                f"{len(lost)} communities have no place and are not planned until they have one; "
                "add coordinates, outlines or buildings.",
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
                f"{int(unknown.sum())} 栋楼的所属小区编码在小区表中找不到, 改按位置归属; 请核对编码。",
                f"The community codes of {int(unknown.sum())} buildings name no community; they were "
                "joined by place instead. Check the codes.",
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
                f"{len(elsewhere)} 栋楼按编码属于一个小区, 位置却在另一个小区内; 以编码为准, 请核对。",
                f"{len(elsewhere)} buildings lie inside another community than their code names; "
                "the code was followed. Check them.",
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
            f"{len(places)} 栋楼: 小区内 {n['inside']}, 单体楼 {n['single']}, 非住宅 {n['non_residential']}, "
            f"附属用房 {n['ancillary']}, 归属不明 {n['unclear']}。",
            f"{len(places)} buildings: {n['inside']} in communities, {n['single']} single-building "
            f"units, {n['non_residential']} non-residential, {n['ancillary']} too small to be a "
            f"unit, {n['unclear']} unclear.",
            layer="buildings",
        )
    ]
    unclear = buildings["building_id"].to_numpy(dtype=object)[places == "unclear"].tolist()
    if unclear:
        found.append(
            Finding(
                "info",
                "units.unclear",
                f"{len(unclear)} 栋楼归属不明(小区外且用途不明, 或所属小区不在数据中), 未作为单元; "
                "补上用途或所属小区后重新导入。",
                f"{len(unclear)} buildings are unclear (outside every community and of unknown use, or "
                "of a community that is not in the data) and are no units; add their use or their "
                "community and import again.",
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
            f"{int(yards['building_count'].sum())} 栋单体楼按同一院落合为 {len(yards)} 个单元; "
            "楼栋表的所属单元列出各院落的楼栋。间距见参数 unit.yard_gap_m。",
            f"{int(yards['building_count'].sum())} single buildings share yards and are "
            f"{len(yards)} units; the buildings' unit_id lists those of each. The gap is "
            "unit.yard_gap_m.",
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
    for column, zh in (("households", "户数"), ("floor_area_m2", "建筑面积"), ("built_year", "建成年份")):
        quality = units[f"{column}_quality"]
        n_estimated, n_missing = (int((quality == "estimated").sum()), int((quality == "missing").sum()))
        if n_estimated or n_missing:
            found.append(
                Finding(
                    "info",
                    "units.figures",
                    f"{len(units)} 个单元的{zh}: {n_estimated} 个为估算, {n_missing} 个缺失。",
                    f"{column} of {len(units)} units: {n_estimated} estimated, {n_missing} missing.",
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
    more_zh = f"(这样的共 {len(open_rows)} 个)" if len(open_rows) > _SHOWN else ""
    more_en = f" ({len(open_rows)} units are like this)" if len(open_rows) > _SHOWN else ""
    found = []
    for place in open_rows[:_SHOWN]:
        name = units["name"].iloc[place]
        zh, en = (format_years(first[place], last[place], zh=is_zh) for is_zh in (True, False))
        found.append(
            Finding(
                "warning",
                "units.year_undecided",
                f"“{name}”的建成年份只知道是 {zh}, 不能判断是否建于 {old_until_year} 年底前, "
                f"是否老旧按缺失处理{more_zh}; 请补准确年份。",
                f"Of '{name}' the year built is only known as {en}, so whether it was built by the end of "
                f"{old_until_year} is left missing{more_en}; give the exact year.",
                layer="units",
                column="built_year",
                value=zh,
            )
        )
    return found
