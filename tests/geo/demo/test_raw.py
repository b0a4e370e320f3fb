"""The fictional city: its ground plan, its files, and what comes of importing them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.datum import to_wgs84
from geo.demo import RawFile, build_demo, write_raw
from geo.demo.people import People, generate_people, make_credit_code
from geo.demo.places import DemoCity, build_city
from geo.demo.services import generate_services
from geo.demo.spec import DEMO_MARK, METRIC_CRS, SPECS, CitySpec
from geo.errors import UsageError
from geo.findings import count_by_severity
from geo.network.barriers import find_serving_crossings, select_hard_barriers
from geo.network.footways import build_footways
from geo.rules import NeighbourRules, UnitRules
from geo.storage.dataset import Dataset

SMALL = SPECS["small"]


def draw(spec: CitySpec, seed: int) -> tuple[DemoCity, People]:
    rng = np.random.default_rng(seed)
    places = build_city(spec, rng)
    return places, generate_people(spec, places, rng)


@pytest.fixture(scope="module", params=[0, 7])
def places(request: pytest.FixtureRequest) -> DemoCity:
    return draw(SMALL, request.param)[0]


@pytest.fixture(scope="module")
def people() -> People:
    return draw(SMALL, 0)[1]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Dataset]:
    folder = tmp_path_factory.mktemp("demo")
    return folder / "raw", build_demo(folder / "raw", folder / "city", unit_rules=UnitRules())


def sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def overlaps(shapes: np.ndarray) -> int:
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    return int((left < right).sum())


# --- ground plan ---------------------------------------------------------------------------------


def test_the_small_city_has_the_promised_numbers(places: DemoCity) -> None:
    assert len(places.communities) == 250
    assert (places.buildings["role"] == "single").sum() == 60
    assert 3_900 <= len(places.buildings) <= 4_100
    assert (len(places.streets), len(places.boundary)) == (4, 2)


def test_communities_and_buildings_keep_apart(places: DemoCity) -> None:
    assert overlaps(places.communities.geometry.to_numpy()) == 0
    assert overlaps(places.buildings.geometry.to_numpy()) == 0


def test_buildings_stand_inside_their_community_or_outside_all(places: DemoCity) -> None:
    homes = places.buildings[places.buildings["community"] >= 0]
    others = places.buildings[places.buildings["community"] < 0]
    walls = places.communities.geometry.to_numpy()
    own = walls[homes["community"].to_numpy()]
    assert shapely.contains_properly(own, homes.geometry.to_numpy()).all()
    assert shapely.STRtree(walls).query(others.geometry, predicate="intersects").size == 0


def test_streets_tile_the_city_and_hold_their_communities(places: DemoCity) -> None:
    streets = places.streets
    assert shapely.coverage_is_valid(streets.geometry.to_numpy())
    assert set(streets.geometry.geom_type) == {"Polygon"}
    home = streets.set_index("street_code").geometry.loc[places.communities["street_code"]]
    assert shapely.contains(home.to_numpy(), places.communities.geometry.to_numpy()).all()


def test_rail_water_and_roads_spare_communities(places: DemoCity) -> None:
    hard = places.barriers[~places.barriers["kind"].isin(("arterial", "closed_park"))]
    tree = shapely.STRtree(places.communities.geometry.to_numpy())
    assert tree.query(hard.geometry, predicate="intersects").size == 0
    assert tree.query(places.roads.geometry, predicate="intersects").size == 0


def test_roads_open_onto_each_other_and_pass_rail_and_water_at_crossings(places: DemoCity) -> None:
    rules = NeighbourRules()
    hard = select_hard_barriers(places.barriers.assign(barrier_id="b"), rules.hard_kinds)
    crossings = find_serving_crossings(places.crossings.assign(crossing_id="c"), hard)
    footways = build_footways(places.roads, hard, crossings, rules)
    links = (np.ones(footways.n_edges), tuple(footways.ends.T))
    n = len(footways.xy)
    part = connected_components(coo_array(links, shape=(n, n)), directed=False)[1]
    length_m = np.bincount(part[footways.ends[:, 0]], weights=footways.length_m)
    assert length_m.max() >= 0.9 * places.roads.length.sum()


def test_most_communities_have_a_neighbour_across_a_lane(places: DemoCity) -> None:
    shapes = places.communities.geometry.to_numpy()
    left, right = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=60.0)
    assert len(np.unique(left[left != right])) >= 0.95 * len(shapes)
    gap = shapely.distance(shapes[left], shapes[right])[left != right]
    assert gap.min() > 3.0


def test_some_stray_buildings_are_islands(places: DemoCity) -> None:
    stray = places.buildings[places.buildings["role"] == "single"].geometry.to_numpy()
    tree = shapely.STRtree(places.communities.geometry.to_numpy())
    _, gap = tree.query_nearest(stray, return_distance=True, all_matches=False)
    assert 1 <= (gap > 60.0).sum() <= 15


def test_crossings_lie_on_their_barrier_at_a_distance(places: DemoCity) -> None:
    rail = places.barriers.loc[places.barriers["kind"] == "railway", "geometry"].iloc[0]
    bridges = places.crossings[places.crossings["name"].str.startswith("云麓铁路")]
    assert (bridges.distance(rail) < 1.0).all()
    steps = np.diff(np.sort(rail.project(gpd.GeoSeries(bridges.geometry))))
    assert steps.min() > 500.0
    assert steps.max() < 1_600.0


def test_another_seed_draws_another_city() -> None:
    one, two = (draw(SMALL, seed)[0].communities for seed in (1, 2))
    assert not one.geometry.iloc[0].equals(two.geometry.iloc[0])


# --- people --------------------------------------------------------------------------------------


def test_households_follow_from_floor_area(people: People) -> None:
    table = people.communities.dropna(subset=["households", "floor_area_m2"])
    assert table["households"].between(60, 2_500).all()
    assert (table["floor_area_m2"] / table["households"]).between(55, 115).all()


def test_old_quarters_are_managed_less(people: People) -> None:
    is_professional = people.communities["management_mode"].isin(("professional", "standard_grade"))
    by_character = is_professional.groupby(people.communities["character"]).mean()
    assert by_character["new"] > 0.9 > 0.75 > by_character["old"]
    assert 0.6 < is_professional.mean() < 0.85


def test_few_companies_are_rated_well_and_one_is_blacklisted(people: People) -> None:
    companies = people.companies
    assert 1 <= companies["credit_rating"].isin(("AAA", "AA")).sum() <= 4
    assert companies["blacklisted"].sum() == 1
    assert companies["name"].str.endswith("（虚构）").all()


def test_one_district_reports_more_than_its_ledger_holds(people: People) -> None:
    reported = generate_services(people, np.random.default_rng(0)).reported_figures
    rows = reported[(reported["indicator_id"] == "G05") & (reported["admin_code"] != "159900")]
    own = people.communities[people.communities["management_mode"].isin(("professional", "standard_grade"))]
    surplus = rows.set_index("admin_code")["numerator"] - own.groupby("district_code").size()
    assert surplus.tolist() == [0, 2]


def test_credit_codes_are_well_formed_and_of_no_place() -> None:
    codes = [make_credit_code(number) for number in range(0, 99_999_999, 7_654_321)]
    assert {len(code) for code in codes} == {18}
    assert all(code.startswith("91159901") for code in codes)


# --- files ---------------------------------------------------------------------------------------


def test_the_same_seed_writes_the_same_bytes(built: tuple[Path, Dataset], tmp_path: Path) -> None:
    raw, _ = built
    stale = tmp_path / f"old_{DEMO_MARK}.xlsx"
    stale.touch()
    write_raw(tmp_path, size="small", seed=0)
    assert not stale.exists()
    first = {path.name: sha(path) for path in raw.iterdir()}
    assert first == {path.name: sha(path) for path in tmp_path.iterdir()}


def test_every_file_says_that_it_is_invented(built: tuple[Path, Dataset]) -> None:
    raw, _ = built
    for path in raw.iterdir():
        assert DEMO_MARK in path.name
        if path.suffix == ".xlsx":
            for sheet in openpyxl.load_workbook(path):
                assert DEMO_MARK in sheet["A1"].value
                assert "虚构" in sheet["A2"].value
        elif path.suffix in (".geojson", ".csv", ".dbf"):
            encoding = {".geojson": "utf-8", ".dbf": "gbk"}.get(path.suffix)
            codes = [encoding] if encoding else ["utf-8", "gb18030"]
            assert any(DEMO_MARK.encode(code) in path.read_bytes() for code in codes)


def test_shapefiles_are_gbk_and_do_not_say_so(built: tuple[Path, Dataset]) -> None:
    raw, _ = built
    path = raw / f"小区边界_{DEMO_MARK}.shp"
    assert not path.with_suffix(".cpg").exists()
    assert path.with_suffix(".dbf").read_bytes()[29] == 0
    table = gpd.read_file(path, encoding="GBK", rows=1)
    assert {"小区编码", "小区名称"} <= set(table.columns)
    assert table.crs == METRIC_CRS


def test_the_ledger_has_what_ledgers_have(built: tuple[Path, Dataset]) -> None:
    raw, _ = built
    book = openpyxl.load_workbook(raw / f"小区台账_砚溪区_{DEMO_MARK}.xlsx")
    sheet = book.worksheets[0]
    merged = {str(cells) for cells in sheet.merged_cells.ranges}
    assert "G3:K3" in merged
    assert any(cells.startswith("B5:B") for cells in merged)
    assert sheet.cell(sheet.max_row, 1).value == "合计"
    assert "万㎡" in sheet["J4"].value
    assert any(isinstance(sheet.cell(row, 9).value, str) for row in range(5, sheet.max_row))


def test_charging_sites_are_in_baidu_coordinates(built: tuple[Path, Dataset]) -> None:
    raw, dataset = built
    table = pd.read_csv(
        raw / f"电动自行车充电站点_百度坐标_{DEMO_MARK}.csv", encoding="gb18030", dtype={"小区编码": str}
    )
    lon, lat = to_wgs84(table["经度"], table["纬度"], "bd09")
    points = gpd.GeoSeries(gpd.points_from_xy(lon, lat, crs="EPSG:4326")).to_crs(METRIC_CRS)
    units = dataset.layer("units").set_index("unit_id").geometry.loc[table["小区编码"]]
    assert shapely.distance(points.to_numpy(), units.to_numpy()).max() < 1.0


def test_an_unknown_size_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="huge"):
        write_raw(tmp_path / "raw", size="huge")  # type: ignore[arg-type]
    assert not (tmp_path / "raw").exists()


# --- imported ------------------------------------------------------------------------------------


def test_the_import_finds_every_unit_and_no_error(built: tuple[Path, Dataset]) -> None:
    _, dataset = built
    units = dataset.layer("units")
    assert units["kind"].value_counts().to_dict() == {"community": 250, "single_building": 60}
    assert not units.geometry.isna().any()
    assert count_by_severity(dataset.findings())["error"] == 0
    assert (dataset.manifest.demo, dataset.manifest.data_date) == (True, "2026-06-30")


def test_the_import_reads_the_figures_back(built: tuple[Path, Dataset], people: People) -> None:
    _, dataset = built
    got = dataset.layer("communities").set_index("unit_id")
    want = people.communities.set_index("unit_id")
    got = got.loc[want.index]
    for name in ("households", "floor_area_m2", "built_year", "fee_yuan_m2_month"):
        known = want[name].notna()
        assert (got[name].notna() == known).all(), name
        assert np.allclose(got.loc[known, name].astype(float), want.loc[known, name]), name
    for name in ("owners_body", "special_type", "company_id", "merge_willingness"):
        assert got[name].fillna("").tolist() == want[name].fillna("").tolist(), name
    modes = got["management_mode"].fillna("unknown")
    assert modes.tolist() == want["management_mode"].tolist()


def test_single_buildings_keep_what_their_ledger_says(built: tuple[Path, Dataset], people: People) -> None:
    _, dataset = built
    want = people.buildings[people.buildings["role"] == "single"].set_index("building_id")
    got = dataset.layer("units").set_index("unit_id").loc[want.index]
    assert (got["households"] == want["households"]).all()
    assert got["management_mode"].fillna("unknown").tolist() == want["management_mode"].tolist()
    assert got["street_code"].tolist() == want["street_code"].tolist()


def test_every_table_is_there(built: tuple[Path, Dataset]) -> None:
    _, dataset = built
    for layer in (
        "streets",
        "neighbourhoods",
        "boundary",
        "roads",
        "barriers",
        "crossings",
        "companies",
        "contracts",
        "owners_bodies",
        "ebike_sites",
        "ebike_stock",
        "parking",
        "reported_figures",
        "open_spaces",
        "service_points",
    ):
        assert len(dataset.layer(layer)) > 0, layer
    ids = set(dataset.layer("units")["unit_id"])
    for layer in ("contracts", "owners_bodies", "ebike_sites", "ebike_stock", "parking"):
        assert set(dataset.layer(layer)["unit_id"]) <= ids, layer


def test_open_ground_lies_in_its_community_clear_of_buildings(built: tuple[Path, Dataset]) -> None:
    _, dataset = built
    grounds, units = dataset.layer("open_spaces"), dataset.layer("units").set_index("unit_id")
    assert set(grounds["kind"]) == {"green", "parking", "plaza", "playground", "vacant"}
    homes = units.geometry.loc[grounds["unit_id"]].to_numpy()
    assert shapely.contains_properly(homes, grounds.geometry.to_numpy()).all()
    walls = shapely.STRtree(dataset.layer("buildings").geometry.to_numpy())
    assert not walls.query(grounds.geometry, predicate="intersects").size
    assert np.allclose(grounds["area_m2"], grounds.geometry.area, atol=1.0)


def test_service_points_are_of_every_kind_and_some_stand_by_the_road(built: tuple[Path, Dataset]) -> None:
    _, dataset = built
    points = dataset.layer("service_points")
    assert points["kind"].nunique() == 5
    assert points["kind"].notna().all()
    by_the_road = points[points["unit_id"].isna()]
    assert 0 < len(by_the_road) < 0.1 * len(points)
    assert points["company_id"].notna().any()


def test_charging_has_zeros_and_gaps(built: tuple[Path, Dataset]) -> None:
    _, dataset = built
    sites = dataset.layer("ebike_sites")
    assert (sites["ports"] == 0).any()
    assert sites["unit_id"].nunique() < 250
    assert len(dataset.layer("ebike_stock")) < 250


@pytest.mark.full
def test_the_large_city_has_the_promised_numbers(tmp_path: Path) -> None:
    files = write_raw(tmp_path, size="city", seed=0)
    assert all(isinstance(file, RawFile) for file in files)
    places, people = draw(SPECS["city"], 0)
    assert len(places.communities) == 3_000
    assert 57_000 <= len(places.buildings) <= 63_000
    assert 55 <= len(places.streets) <= 66
    assert len(places.boundary) == 6
    assert overlaps(places.communities.geometry.to_numpy()) == 0
    assert len(people.companies) == 120
