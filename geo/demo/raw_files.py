"""The files of the fictional bureau: map layers, ledgers and tables, each with the headers bureaus use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.datum import Datum
from geo.demo import wording
from geo.demo.files import (
    Header,
    write_bd09_csv,
    write_csv,
    write_gbk_shapefile,
    write_geojson,
    write_ledger,
    write_table,
)
from geo.demo.people import People
from geo.demo.places import DemoCity
from geo.demo.services import ServiceTables
from geo.demo.spec import DEMO_MARK, METRIC_CRS


@dataclass(frozen=True)
class RawFile:
    """One file of the fictional bureau, and what one must know to read it.

    Parameters
    ----------
    path
        Where it is.
    layer
        What it holds, a name of `geo.schema.IMPORTABLE`.
    datum
        What its degrees are on; None where it has none.
    crs
        CRS its .prj states; None where it has none.
    encoding
        Of its text; None where the format fixes it.
    """

    path: Path
    layer: str
    datum: Datum | None = None
    crs: str | None = None
    encoding: str | None = None


def write_map_files(raw: Path, places: DemoCity, people: People) -> list[RawFile]:
    """Streets, roads and barriers as GeoJSON; communities and buildings as shapefiles.

    Parameters
    ----------
    raw
        The folder, which exists.
    places
        The map of the city, metric CRS.
    people
        Figures of its communities and buildings.
    """
    layers: tuple[tuple[str, str, gpd.GeoDataFrame, dict[str, str]], ...] = (
        (
            "街道",
            "streets",
            places.streets,
            {"street_code": "街道代码", "name": "街道名称", "district_code": "旗县区代码", "district_name": "旗县区"},
        ),
        (
            "社区",
            "neighbourhoods",
            places.neighbourhoods,
            {"neighbourhood_code": "社区代码", "name": "社区名称", "street_code": "街道代码"},
        ),
        ("旗县区界", "boundary", places.boundary, {"district_code": "旗县区代码", "name": "旗县区名称"}),
        (
            "道路",
            "roads",
            places.roads,
            {
                "road_id": "道路编号",
                "name": "道路名称",
                "road_class": "道路等级",
                "is_bridge": "是否桥梁",
                "is_tunnel": "是否隧道",
            },
        ),
        ("阻隔", "barriers", places.barriers, {"barrier_id": "阻隔编号", "kind": "kind", "name": "名称"}),
        ("通道", "crossings", places.crossings, {"crossing_id": "通道编号", "kind": "kind", "name": "通道名称"}),
    )
    files = []
    for stem, layer, frame, names in layers:
        path = raw / f"{stem}_{DEMO_MARK}.geojson"
        write_geojson(path, _noted(_renamed(frame, names)))
        files.append(RawFile(path, layer, datum="cgcs2000", encoding="utf-8"))
    return [*_shapefiles(raw, places, people), *files]


def _shapefiles(raw: Path, places: DemoCity, people: People) -> list[RawFile]:
    outlines = raw / f"小区边界_{DEMO_MARK}.shp"
    names = {"unit_id": "小区编码", "name": "小区名称", "street_code": "街道代码", "neighbourhood_code": "社区代码"}
    write_gbk_shapefile(outlines, _noted(_renamed(places.communities, names)))
    footprints = raw / f"建筑轮廓_{DEMO_MARK}.shp"
    buildings = gpd.GeoDataFrame(people.buildings, geometry="geometry", crs=METRIC_CRS)
    buildings["use"] = buildings["use"].map(wording.USES)
    buildings["name"] = _building_names(people.buildings)
    for name in ("households", "built_year"):
        buildings[name] = buildings[name].astype("Int32")
    names = {
        "building_id": "楼栋编号",
        "community_code": "小区编码",
        "name": "楼栋名称",
        "use": "用途",
        "floors_above": "地上层数",
        "households": "户数",
        "floor_area_m2": "建筑面积",
        "built_year": "建成年份",
    }
    write_gbk_shapefile(footprints, _noted(_renamed(buildings, names)))
    return [
        RawFile(outlines, "communities", crs=METRIC_CRS, encoding="gbk"),
        RawFile(footprints, "buildings", crs=METRIC_CRS, encoding="gbk"),
    ]


def _building_names(buildings: pd.DataFrame) -> pd.Series:
    """1号楼 in a community; 单体楼 with its street elsewhere; nothing for the rest."""
    number = buildings["number"].astype(str)
    alone = buildings["street_name"].str.removesuffix("街道") + "路" + number + "号单体楼"
    names = (number + "号楼").where(buildings["role"] == "home", alone)
    return names.where(buildings["role"].isin(("home", "single")))


def _renamed(frame: pd.DataFrame, names: Mapping[str, str]) -> gpd.GeoDataFrame:
    kept = frame[[*names, "geometry"]].rename(columns=dict(names))
    return gpd.GeoDataFrame(kept, geometry="geometry", crs=METRIC_CRS)


def _noted(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    frame.insert(len(frame.columns) - 1, "备注", DEMO_MARK)
    return frame


def write_ledgers(raw: Path, people: People, rng: np.random.Generator) -> list[RawFile]:
    """One ledger of communities a district, and one of single buildings.

    Parameters
    ----------
    raw
        The folder, which exists.
    people
        Figures of the city's communities and buildings.
    rng
        Decides which cells are written as people write them.
    """
    files = []
    groups = people.communities.groupby("district_name", sort=False)
    for number, (district, rows) in enumerate(groups):
        path = raw / f"小区台账_{district}_{DEMO_MARK}.xlsx"
        in_ten_thousands = number == 1
        table = _ledger_rows(rows, number, in_ten_thousands, rng)
        streets = list(dict.fromkeys(table["街道"]))
        step = 1 if len(streets) < 4 else 3
        sheets = {}
        for first in range(0, len(streets), step):
            some = streets[first : first + step]
            label = some[0] if len(some) == 1 else f"{some[0]}等{len(some)}个街道"
            part = table[table["街道"].isin(some)].reset_index(drop=True)
            part.insert(0, "序号", np.arange(1, len(part) + 1))
            sheets[label] = part
        headers = _ledger_headers(in_ten_thousands)
        title = f"云岭市{district}住宅小区物业管理台账（{DEMO_MARK}）"
        write_ledger(path, title, headers, sheets, street_column=1, sums=(7, 8, 9, 10))
        files.append(RawFile(path, "communities"))
    return [*files, _single_ledger(raw, people, rng)]


def _ledger_headers(in_ten_thousands: bool) -> tuple[Header, ...]:
    area = "建筑面积（万㎡）" if in_ten_thousands else "建筑面积（㎡）"
    groups: tuple[tuple[str, tuple[str, ...]], ...] = (
        ("", ("序号", "街道", "社区", "小区编码", "小区名称", "地址")),
        ("基本情况", ("建成年份", "楼栋数", "户数", area, "占地面积（㎡）")),
        ("物业管理", ("管理方式", "物业企业", "物业费（元/㎡·月）", "收缴率")),
        ("业主组织", ("业委会/物管会", "合并意愿")),
        ("分类", ("小区类型", "特殊类型", "产权单位", "改造状态")),
        ("", ("备注",)),
    )
    return tuple((upper, lower) for upper, lowers in groups for lower in lowers)


def _ledger_rows(rows: pd.DataFrame, number: int, in_ten_thousands: bool, rng: np.random.Generator) -> pd.DataFrame:
    """The ledger's columns but 序号; every district has its own habits."""
    area = rows["floor_area_m2"] / 1e4 if in_ten_thousands else rows["floor_area_m2"]
    bodies = wording.TICKED_OWNERS_BODIES if number % 2 else wording.OWNERS_BODIES
    table = pd.DataFrame(
        {
            "街道": rows["street_name"],
            "社区": rows["neighbourhood_name"],
            "小区编码": rows["unit_id"],
            "小区名称": rows["name"],
            "地址": rows["address"],
            "建成年份": pd.Series(wording.type_years(rows["built_year"], rng), rows.index, object),
            "楼栋数": rows["building_count"],
            "户数": pd.Series(wording.type_households(rows["households"], rng), rows.index, object),
            "建筑面积": area.round(4),
            "占地面积": rows["land_area_m2"],
            "管理方式": wording.write_modes(rows["management_mode"], rng),
            "物业企业": rows["company_name"],
            "物业费": rows["fee_yuan_m2_month"],
            "收缴率": wording.type_shares(rows["collection_rate"], percent=number % 3 == 0),
            "业委会": rows["owners_body"].map(bodies),
            "合并意愿": rows["merge_willingness"].map(wording.WILLINGNESS),
            "小区类型": rows["community_type"].map(wording.COMMUNITY_TYPES),
            "特殊类型": rows["special_type"].map(wording.SPECIAL_TYPES),
            "产权单位": rows["property_unit"],
            "改造状态": rows["renewal_status"].map(wording.RENEWAL),
            "备注": DEMO_MARK,
        }
    )
    return table.sort_values("小区编码", ignore_index=True)


def _single_ledger(raw: Path, people: People, rng: np.random.Generator) -> RawFile:
    rows = people.buildings[people.buildings["role"] == "single"]
    names = _building_names(rows)
    table = pd.DataFrame(
        {
            "序号": np.arange(1, len(rows) + 1),
            "街道": rows["street_name"],
            "社区": rows["neighbourhood_name"],
            "楼栋编号": rows["building_id"],
            "楼栋名称": names,
            "地址": rows["district_name"] + names.str.removesuffix("单体楼"),
            "地上层数": rows["floors_above"],
            "户数": rows["households"],
            "建成年份": rows["built_year"],
            "管理方式": wording.write_modes(rows["management_mode"], rng),
            "产权单位": rows["property_unit"],
            "备注": DEMO_MARK,
        }
    ).sort_values("楼栋编号", ignore_index=True)
    path = raw / f"单体楼台账_{DEMO_MARK}.xlsx"
    write_table(path, f"云岭市单体独栋住宅摸排台账（{DEMO_MARK}）", table)
    return RawFile(path, "buildings")


def write_tables(raw: Path, people: People, services: ServiceTables) -> list[RawFile]:
    """Companies, contracts, owners' bodies, charging, parking, open ground, services and reported figures.

    Parameters
    ----------
    raw
        The folder, which exists.
    people, services
        What the tables hold.
    """
    site_path = raw / f"电动自行车充电站点_百度坐标_{DEMO_MARK}.csv"
    sites = services.ebike_sites.assign(in_service=services.ebike_sites["in_service"].map(wording.YES_NO))
    write_bd09_csv(site_path, _noted(_renamed(sites, _SITE_NAMES)))
    point_path = raw / f"服务点_百度坐标_{DEMO_MARK}.csv"
    points = services.service_points.assign(kind=services.service_points["kind"].map(wording.POINTS))
    write_bd09_csv(point_path, _noted(_renamed(points, _POINT_NAMES)))
    ground_path = raw / f"小区空地_{DEMO_MARK}.geojson"
    grounds = services.open_spaces.assign(kind=services.open_spaces["kind"].map(wording.GROUNDS))
    write_geojson(ground_path, _noted(_renamed(grounds, _GROUND_NAMES)))
    stock_path = raw / f"电动自行车摸排_{DEMO_MARK}.csv"
    stock = services.ebike_stock.replace({"method": dict(wording.METHODS)})
    write_csv(stock_path, _chinese(stock, _STOCK_NAMES), encoding="utf-8-sig")
    return [
        _table(raw, "物业企业名录", "companies", _company_words(people.companies), _COMPANY_NAMES),
        _table(
            raw,
            "物业服务合同备案表",
            "contracts",
            services.contracts.assign(filed=services.contracts["filed"].map(wording.YES_NO)),
            _CONTRACT_NAMES,
        ),
        _table(
            raw,
            "业委会物管会台账",
            "owners_bodies",
            services.owners_bodies.assign(
                body_type=services.owners_bodies["body_type"].map(wording.OWNERS_BODIES),
                has_party_org=services.owners_bodies["has_party_org"].map(wording.TICKS),
            ),
            _BODY_NAMES,
        ),
        _table(raw, "停车位统计表", "parking", services.parking, _PARKING_NAMES),
        _table(raw, "上报指标表", "reported_figures", services.reported_figures, _FIGURE_NAMES),
        RawFile(stock_path, "ebike_stock", encoding="utf-8"),
        RawFile(ground_path, "open_spaces", datum="cgcs2000", encoding="utf-8"),
        RawFile(site_path, "ebike_sites", datum="bd09", encoding="gb18030"),
        RawFile(point_path, "service_points", datum="bd09", encoding="gb18030"),
    ]


def _company_words(companies: pd.DataFrame) -> pd.DataFrame:
    return companies.assign(
        credit_rating=companies["credit_rating"].replace(dict(wording.RATINGS)),
        blacklisted=companies["blacklisted"].map(wording.YES_NO),
    )


def _table(raw: Path, stem: str, layer: str, table: pd.DataFrame, names: Mapping[str, str]) -> RawFile:
    path = raw / f"{stem}_{DEMO_MARK}.xlsx"
    write_table(path, f"云岭市{stem}（{DEMO_MARK}）", _chinese(table, names))
    return RawFile(path, layer)


def _chinese(table: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    return table[list(names)].rename(columns=dict(names)).assign(备注=DEMO_MARK)


_SITE_NAMES = {
    "site_id": "站点编号",
    "unit_id": "小区编码",
    "name": "小区名称",
    "ports": "充电端口数",
    "piles": "充电桩数",
    "in_service": "是否在用",
    "operator": "运营单位",
}


_POINT_NAMES = {
    "point_id": "服务点编号",
    "unit_id": "小区编码",
    "name": "服务点名称",
    "kind": "服务点类型",
    "company_name": "物业企业",
}


_GROUND_NAMES = {
    "space_id": "场地编号",
    "unit_id": "小区编码",
    "name": "场地名称",
    "kind": "场地类型",
    "area_m2": "场地面积",
}


_STOCK_NAMES = {
    "unit_id": "小区编码",
    "name": "小区名称",
    "ebikes": "电动自行车数量",
    "method": "统计方式",
    "counted_date": "统计日期",
}


_COMPANY_NAMES = {
    "company_id": "企业编号",
    "name": "企业名称",
    "uscc": "统一社会信用代码",
    "credit_rating": "信用等级",
    "blacklisted": "是否列入黑名单",
    "managed_area_m2": "在管面积（㎡）",
    "project_count": "在管项目数",
    "staff_total": "从业人员数",
}


_CONTRACT_NAMES = {
    "contract_id": "合同编号",
    "unit_id": "小区编码",
    "name": "小区名称",
    "company_id": "企业编号",
    "company_name": "物业企业",
    "start_date": "合同起始日期",
    "end_date": "合同终止日期",
    "filed": "是否备案",
    "fee_yuan_m2_month": "物业费（元/㎡·月）",
}


_BODY_NAMES = {
    "unit_id": "小区编码",
    "name": "小区名称",
    "body_type": "组织类型",
    "established_date": "成立日期",
    "member_count": "成员数",
    "party_member_count": "党员数",
    "has_party_org": "是否建立党组织",
}


_PARKING_NAMES = {
    "unit_id": "小区编码",
    "name": "小区名称",
    "bays_fixed": "固定车位",
    "bays_public": "公共车位",
    "cars_registered": "登记汽车",
    "ev_bays_built": "已建充电车位",
    "ev_bays_reserved": "预留充电车位",
}


_FIGURE_NAMES = {
    "indicator_id": "指标编号",
    "admin_code": "区划代码",
    "period": "期间",
    "numerator": "分子",
    "denominator": "分母",
    "value": "指标值",
    "document_no": "文号",
}
