"""What is no road and no barrier: ferries, rails, expressways, tunnels, pools, whatever a file calls them."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.importing import ImportOptions, import_paths
from geo.rules import UnitRules

X, Y = 401_707, 4_501_466
RIVER = shapely.box(X - 500, Y, X + 5000, Y + 120)


def over(k):
    """A line across the river."""
    return shapely.LineString([(X + 150 * k, Y - 60), (X + 150 * k, Y + 200)])


def run(tmp_path, frames, **options):
    paths = []
    for name, frame in frames.items():
        frame.to_file(tmp_path / name)
        paths.append(tmp_path / name)
    return import_paths(paths, tmp_path / "D", options=ImportOptions(**options), unit_rules=UnitRules())


def roads(rows):
    columns = {key for row in rows for key in row}
    data = {c: [row.get(c) for row in rows] for c in sorted(columns)}
    return gpd.GeoDataFrame(data, geometry=[over(k) for k in range(len(rows))], crs=4546)


def rivers():
    return gpd.GeoDataFrame({"阻隔类型": ["河流"], "名称": ["昆都仑河"]}, geometry=[RIVER], crs=4546)


CLOSED = (
    [
        {"道路等级": w}
        for w in (
            "轮渡",
            "铁路",
            "地铁",
            "轻轨",
            "规划道路(未建)",
            "在建道路",
            "高速公路",
            "城市快速路",
            "快速路",
            "高速",
            "索道",
        )
    ]
    + [
        {"fclass": w}
        for w in (
            "ferry",
            "rail",
            "subway",
            "light_rail",
            "motorway",
            "motorway_link",
            "trunk",
            "tram",
            "raceway",
            "bus_guideway",
            "escape",
            "construction",
            "proposed",
            "platform",
            "corridor",
            "bridleway",
            "cable_car",
        )
    ]
    + [
        {"highway": None, "railway": "rail"},
        {"highway": None, "route": "ferry"},
        {"highway": None, "aerialway": "gondola"},
        {"highway": "residential", "access": "private"},
        {"highway": "residential", "foot": "no"},
        {"highway": "path", "other_tags": '"access"=>"no","surface"=>"dirt"'},
        {"highway": None, "other_tags": '"route"=>"ferry"'},
        {"highway": None, "other_tags": '"railway"=>"rail"'},
        {"highway": "primary", "motorroad": "yes"},
        {"highway": "construction", "construction": "primary"},
    ]
)
OPEN = [
    {"道路等级": "支路"},
    {"道路等级": "主干路"},
    {"道路等级": "快速路辅路"},
    {"fclass": "footway"},
    {"fclass": "tertiary"},
    {"highway": "residential", "railway": "tram"},
    {"highway": "residential", "access": "private", "foot": "yes"},
    {"highway": "path", "access": "no", "foot": "yes"},
    {"highway": "service"},
    {"道路等级": "城市次干路"},
]


def files_of(rows):
    """The rows of the same columns are those of one file."""
    files = {}
    for row in rows:
        files.setdefault(tuple(row), []).append(row)
    return [pytest.param(rows, id=",".join(columns)) for columns, rows in files.items()]


@pytest.mark.parametrize("rows", files_of(CLOSED))
def test_what_is_no_road_on_foot_makes_no_bridge(tmp_path, rows):
    key = next(iter(rows[0]))
    lines = roads([*rows, {key: "支路" if key == "道路等级" else "residential"}])
    report = run(tmp_path, {"路.gpkg": lines}, layer="roads")
    report = run(tmp_path, {"河.gpkg": rivers()}, layer="barriers")
    crossings = report.dataset.layer("crossings")
    assert [round(x) for x in crossings.geometry.x] == [X + 150 * len(rows)]


@pytest.mark.parametrize("rows", files_of(OPEN))
def test_a_road_is_walked_and_makes_a_bridge(tmp_path, rows):
    run(tmp_path, {"路.gpkg": roads(rows)}, layer="roads")
    report = run(tmp_path, {"河.gpkg": rivers()}, layer="barriers")
    assert len(report.dataset.layer("crossings")) == len(rows)


def test_what_is_not_walked_is_told_with_words_and_rows(tmp_path):
    report = run(
        tmp_path, {"路.gpkg": roads([{"道路等级": w} for w in ("支路", "轮渡", "轮渡", "铁路")])}, layer="roads"
    )
    (told,) = [f for f in report.findings if f.rule == "roads.not_walked"]
    assert told.severity == "warning"
    assert "轮渡 2、铁路 1" in told.zh
    assert "第 2、3、4 行" in told.zh
    stored = report.dataset.layer("roads")
    assert stored["walkable"].eq(False).sum() == 3
    assert pd.isna(stored.set_index("road_class")["walkable"]["支路"])


def test_a_column_that_says_it_is_walked_wins_over_a_class_but_not_over_a_ferry(tmp_path):
    rows = [{"道路等级": "城市快速路", "可步行": "是"}, {"道路等级": "轮渡", "可步行": "是"}]
    report = run(tmp_path, {"路.gpkg": roads(rows)}, layer="roads")
    stored = report.dataset.layer("roads").set_index("road_class")["walkable"]
    assert (stored["城市快速路"], stored["轮渡"]) == (True, False)


WATER = {
    "游泳池": (shapely.box(X, Y + 900, X + 50, Y + 925), False),
    "喷泉": (shapely.box(X, Y + 1200, X + 20, Y + 1220), False),
    "水池": (shapely.box(X, Y + 1500, X + 300, Y + 1600), False),
    "湖": (shapely.box(X, Y + 2000, X + 60, Y + 2050), False),
    "河流": (RIVER, True),
    "湖泊": (shapely.box(X, Y + 3000, X + 400, Y + 3300), True),
    "渠": (shapely.box(X, Y + 4000, X + 90, Y + 4010), True),
    "河": (shapely.box(X, Y + 125, X + 40, Y + 150), True),
}


def test_pools_fountains_and_ponds_stop_nobody(tmp_path):
    shapes = [shape for shape, _ in WATER.values()]
    frame = gpd.GeoDataFrame({"类别": list(WATER), "编号": [f"b{k}00000" for k in range(8)]}, geometry=shapes, crs=4546)
    report = run(tmp_path, {"水.gpkg": frame}, layer="barriers", kind="river")
    stored = report.dataset.layer("barriers")
    assert len(stored) == sum(kept for _, kept in WATER.values())
    assert {"barriers.no_barrier", "barriers.ponds"} <= {f.rule for f in report.findings}


@pytest.mark.parametrize(
    "row",
    [
        {"waterway": "river", "tunnel": "culvert"},
        {"railway": "rail", "tunnel": "yes"},
        {"railway": "subway"},
        {"railway": "abandoned"},
        {"railway": "disused"},
        {"railway": "construction"},
        {"类型": "地铁"},
        {"类型": "铁路(废弃)"},
        {"类型": "规划快速路"},
        {"类型": "暗渠"},
        {"highway": "residential"},
        {"highway": "footway"},
        {"类型": "支路"},
        {"fclass": "river", "tunnel": "T"},
        {"railway": "rail", "location": "underground"},
    ],
    ids=str,
)
def test_what_lies_below_is_not_there_or_is_a_common_road_is_no_barrier(tmp_path, row):
    key = next(iter(row))
    real = {"waterway": "river", "railway": "rail", "highway": "motorway", "fclass": "river", "类型": "铁路"}[key]
    lines = roads([row, {key: real}])
    report = run(tmp_path, {"线.gpkg": lines}, layer="barriers", kind="railway")
    assert len(report.dataset.layer("barriers")) == 1


def test_a_bridge_of_trains_is_no_crossing(tmp_path):
    points = [shapely.Point(X + 100 * k, Y) for k in range(4)]
    frame = gpd.GeoDataFrame(
        {
            "通道类型": ["桥"] * 4,
            "名称": ["黄河铁路桥", "民族桥", "南海轮渡", None],
            "railway": [None, None, None, "rail"],
        },
        geometry=points,
        crs=4546,
    )
    report = run(tmp_path, {"桥.gpkg": frame}, layer="crossings")
    assert report.dataset.layer("crossings")["name"].tolist() == ["民族桥"]
    assert pd.Series([f.rule for f in report.findings]).eq("crossings.no_crossing").sum() == 1


TUNNELS = [
    ({"highway": "primary", "tunnel": "yes", "layer": "-2"}, False),
    ({"highway": "footway", "tunnel": "yes"}, True),
    ({"highway": "primary", "tunnel": "yes", "sidewalk": "both"}, True),
    ({"highway": "trunk", "bridge": "yes", "sidewalk": "both"}, True),
    ({"highway": "motorway", "bridge": "yes", "sidewalk": "both"}, False),
    ({"highway": "path", "bridge": None}, False),
    ({"highway": "path", "ford": "yes"}, False),
    ({"highway": "footway", "waterway": "dam"}, True),
    ({"highway": "service", "ferry": "yes"}, False),
    ({"highway": "primary", "bridge": "yes", "disused": "yes"}, False),
    ({"highway": "footway", "bridge": "yes", "abandoned": "yes"}, False),
    ({"highway": None, "other_tags": '"power"=>"line"'}, False),
    ({"道路等级": "主干路", "隧道": "是"}, False),
    ({"道路等级": "主干路", "路名": "过江隧道"}, False),
    ({"道路等级": "主干路", "路名": "隧道路"}, True),
    ({"道路等级": "人行通道", "隧道": "是"}, True),
    ({"道路等级": "支路", "隧道": "是", "可步行": "是"}, True),
]


@pytest.mark.parametrize(("row", "is_passed"), TUNNELS, ids=str)
def test_only_what_one_walks_through_or_over_leads_across_a_river(tmp_path, row, is_passed):
    is_osm = "highway" in row
    other = {"highway": "residential", "bridge": "yes"} if is_osm else {"道路等级": "支路"}
    run(tmp_path, {"路.gpkg": roads([row, other])}, layer="roads")
    report = run(tmp_path, {"河.gpkg": rivers()}, layer="barriers")
    xs = {round(x) for x in report.dataset.layer("crossings").geometry.x}
    assert xs == ({X, X + 150} if is_passed else {X + 150})


def test_a_road_tunnel_under_water_is_told(tmp_path):
    run(tmp_path, {"路.gpkg": roads([{"道路等级": "主干路", "隧道": "是"}])}, layer="roads")
    report = run(tmp_path, {"河.gpkg": rivers()}, layer="barriers")
    (told,) = [f for f in report.findings if f.rule == "crossings.under_water"]
    assert "可步行" in told.zh
