from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.adjacency.graph import build_graph
from geo.datum import geometries_to_wgs84
from geo.errors import (
    EmptyLayerError,
    MissingCRSError,
    MissingDatumError,
    PlanningError,
    UnknownLayerError,
    UnreadableFileError,
    UsageError,
)
from geo.importing import ImportOptions, import_paths, store_layers
from geo.rules import NeighbourRules, UnitRules
from geo.storage.dataset import open_dataset
from geo.storage.manifest import new_manifest

SHARED = Path(__file__).parents[3] / "../shared/data"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data is not there")
METRIC = "EPSG:4546"


def run(paths, folder, **options):
    return import_paths(paths, folder, options=ImportOptions(**options), unit_rules=UnitRules())


def rules(report):
    return [f.rule for f in report.findings]


def table(path, rows):
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def yards(*names, x=400_000, **columns):
    """A row of walled communities, 80 m wide, 20 m apart, in Baotou."""
    boxes = [shapely.box(x + 100 * i, 4_500_000, x + 80 + 100 * i, 4_500_080) for i in range(len(names))]
    return gpd.GeoDataFrame({"小区名称": names, **columns}, geometry=boxes, crs=METRIC)


def layer_file(frame, path):
    frame.to_file(path)
    return path


@pytest.fixture
def outlines(tmp_path):
    return layer_file(yards("红星小区", "绿园", "东风"), tmp_path / "outlines.gpkg")


@pytest.fixture
def roster(tmp_path):
    return table(
        tmp_path / "roster.csv",
        {
            "小区编码": ["150203001", "150203002", "150203003"],
            "小区名称": ["红星小区", "绿园", "东风"],
            "街道": ["前进道街道", "前进道街道办事处", "友谊街道"],
            "户数": ["120户", "1，200", "—"],
            "物业公司": ["甲物业公司", "无物业管理服务", None],
        },
    )


@pytest.fixture
def streets(tmp_path):
    return table(
        tmp_path / "streets.csv", {"街道代码": ["150203001", "150203002"], "街道名称": ["前进道街道", "友谊街道"]}
    )


@pytest.fixture
def companies(tmp_path):
    return table(tmp_path / "companies.csv", {"企业编号": ["F1"], "企业名称": ["甲物业公司"], "信用等级": ["AA"]})


# --- one thing from several files ---------------------------------------------------------------


@pytest.mark.parametrize("order", [("outlines", "roster"), ("roster", "outlines")])
def test_a_roster_and_outlines_complete_one_another_in_any_order(tmp_path, request, order):
    run([request.getfixturevalue(name) for name in order], tmp_path / "D")
    communities = open_dataset(tmp_path / "D").layer("communities")
    assert communities["unit_id"].tolist() == ["150203001", "150203002", "150203003"]
    assert communities["households"].tolist() == [120, 1200, pd.NA]
    assert communities.geometry.notna().all()
    assert set(communities["geom_quality"]) == {"digitised"}


def test_a_later_roster_keeps_the_ids_of_the_outlines(tmp_path, outlines, roster):
    first = run([outlines], tmp_path / "D").dataset.layer("units")["unit_id"].tolist()
    units = run([roster], tmp_path / "D").dataset.layer("units")
    assert units["unit_id"].tolist() == first
    assert sorted(units["external_code"]) == ["150203001", "150203002", "150203003"]


def test_names_become_codes_when_the_layers_that_know_them_come(tmp_path, roster, streets, companies):
    early = run([roster], tmp_path / "D").dataset.layer("communities")
    assert early["street_code"].isna().all()
    late = run([companies, streets], tmp_path / "D").dataset.layer("communities")
    assert late["street_code"].tolist() == ["150203001", "150203001", "150203002"]
    assert late["district_code"].tolist() == ["150203"] * 3
    assert late["company_id"].tolist()[0] == "F1"


def test_a_mode_in_the_company_column_becomes_the_mode(tmp_path, roster):
    communities = run([roster], tmp_path / "D").dataset.layer("communities")
    assert communities["management_mode"].tolist()[:2] == ["professional", "none"]
    assert communities["company_name"].notna().tolist() == [True, False, False]


def test_having_a_company_tells_the_mode_only_where_none_is_known(tmp_path):
    known = table(tmp_path / "a.csv", {"小区编码": ["C1"], "小区名称": ["甲"], "管理方式": ["准物业"]})
    firms = {"小区编码": ["C1", "C2"], "小区名称": ["甲", "乙"], "物业公司": ["甲物业公司"] * 2}
    report = run([known, table(tmp_path / "b.csv", firms)], tmp_path / "D")
    modes = report.dataset.layer("communities")["management_mode"].tolist()
    assert modes == ["quasi", "professional"]
    assert "mode.from_company" in rules(report)


def test_a_new_company_name_voids_the_old_company_id(tmp_path, roster, companies):
    run([roster, companies], tmp_path / "D")
    change = table(
        tmp_path / "c.csv", {"小区编码": ["150203001"], "小区名称": ["红星小区"], "物业公司": ["乙物业公司"]}
    )
    after = run([change], tmp_path / "D").dataset.layer("communities")
    assert after["company_name"].tolist()[0] == "乙物业公司"
    assert pd.isna(after["company_id"].tolist()[0])


def test_later_values_win_and_blanks_take_nothing_away(tmp_path, roster):
    run([roster], tmp_path / "D")
    change = table(
        tmp_path / "c.csv",
        {"小区编码": ["150203001", "150203002"], "小区名称": ["红星小区", "绿园"], "户数": [130, None]},
    )
    after = run([change], tmp_path / "D").dataset.layer("communities")
    assert after["households"].tolist() == [130, 1200, pd.NA]


def test_files_of_districts_add_up_and_replace_replaces(tmp_path):
    a = layer_file(yards("甲一", "甲二"), tmp_path / "a.gpkg")
    b = layer_file(yards("乙一", x=410_000), tmp_path / "b.gpkg")
    assert len(run([a], tmp_path / "D", layer="communities").dataset.layer("units")) == 2
    assert len(run([b], tmp_path / "D", layer="communities").dataset.layer("units")) == 3
    report = run([b], tmp_path / "D", layer="communities", replace=True)
    assert report.dataset.layer("units")["name"].tolist() == ["乙一"]
    assert [s["file"] for s in report.dataset.manifest.sources] == ["b.gpkg"]


def test_communities_of_one_name_in_different_places_stay_two(tmp_path):
    path = layer_file(yards("幸福小区", "别的", "幸福小区"), tmp_path / "a.gpkg")
    once = run([path], tmp_path / "D", layer="communities").dataset
    again = run([path], tmp_path / "D", layer="communities").dataset
    assert len(once.layer("communities")) == len(again.layer("communities")) == 3


def test_the_same_import_gives_the_same_bytes(tmp_path, outlines, roster, streets):
    files = [run([roster, streets, outlines], tmp_path / name).dataset.manifest.files for name in "AB"]
    again = run([roster, streets, outlines], tmp_path / "A").dataset.manifest.files
    assert files[0] == files[1] == again


def test_tables_of_a_community_find_it_by_code_or_name(tmp_path, roster):
    stock = table(tmp_path / "s.csv", {"小区名称": ["绿园", "无此小区"], "电动自行车数": [300, 20]})
    sites = table(tmp_path / "e.csv", {"站点编号": ["E1"], "小区编码": ["150203001"], "充电端口数": [0]})
    report = run([stock, sites, roster], tmp_path / "D")
    assert report.dataset.layer("ebike_stock")["unit_id"].tolist() == ["150203002"]
    assert report.dataset.layer("ebike_sites")[["unit_id", "ports"]].to_numpy().tolist() == [["150203001", 0]]
    assert report.rejected[["file", "row", "小区名称"]].to_numpy().tolist() == [["s.csv", 3, "无此小区"]]
    assert "reference.unknown_name" in rules(report)


# --- places -------------------------------------------------------------------------------------


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_shifted_coordinates_land_where_they_belong(tmp_path, datum):
    place = shapely.Point(109.84, 40.66)
    (true,) = geometries_to_wgs84(np.array([place], dtype=object), datum)
    path = table(tmp_path / "a.csv", {"小区名称": ["红星小区"], "户数": [3], "经度": [place.x], "纬度": [place.y]})
    units = run([path], tmp_path / "D", datum=datum).dataset.layer("units")
    centre = units.geometry.centroid.to_crs(4326).iloc[0]
    assert shapely.distance(centre, true) * 111_000 < 0.1
    assert units["geom_quality"].tolist() == ["buffered_point"]


def test_points_get_ground_that_barriers_imported_later_bound(tmp_path):
    cells = UnitRules(cell_reach_m=150)
    x, y = 400_000.0, 4_500_000.0
    rows = {"小区名称": ["东苑", "西苑"], "户数": [300, 300], "x": [x, x + 160], "y": [y, y]}
    options = ImportOptions(crs=METRIC)
    path = table(tmp_path / "a.csv", rows)
    first = import_paths([path], tmp_path / "D", options=options, unit_rules=cells)
    units = first.dataset.layer("units")
    assert units["geom_quality"].tolist() == ["estimated_cell"] * 2
    assert "units.estimated_ground" in rules(first)
    assert units.geometry.iloc[0].distance(units.geometry.iloc[1]) < 0.1
    rail = gpd.GeoDataFrame(
        {"kind": ["railway"]}, geometry=[shapely.LineString([(x + 30, y - 900), (x + 30, y + 900)])]
    )
    rail.set_crs(METRIC).to_file(tmp_path / "rail.gpkg")
    second = import_paths([tmp_path / "rail.gpkg"], tmp_path / "D", options=ImportOptions(), unit_rules=cells)
    units, barriers = second.dataset.layer("units"), second.dataset.layer("barriers")
    assert not units.intersects(barriers.geometry.iloc[0]).any()
    graph = build_graph(units, barriers, gpd.GeoDataFrame(), NeighbourRules())
    assert graph.pairs["blocked_by"].str.startswith("railway:").tolist() == [True]


def test_a_point_does_not_replace_an_outline(tmp_path, outlines):
    before = run([outlines], tmp_path / "D").dataset.layer("units")
    x, y = 400_040.0, 4_500_040.0
    point = table(tmp_path / "p.csv", {"小区名称": ["红星小区"], "户数": [7], "x": [x], "y": [y]})
    after = run([point], tmp_path / "D", crs=METRIC).dataset.layer("units")
    assert after.geometry.area.tolist() == before.geometry.area.tolist()
    assert after.set_index("name").loc["红星小区", "households"] == 7


def test_survey_axes_are_exchanged_and_told(tmp_path):
    path = table(tmp_path / "p.csv", {"小区名称": ["红星小区"], "户数": [7], "X": [4_500_040.0], "Y": [400_040.0]})
    report = run([path], tmp_path / "D", crs=METRIC)
    assert "crs.axes_swapped" in rules(report)
    assert report.dataset.layer("communities").geometry.iloc[0].x == pytest.approx(400_040)


def test_the_crs_of_a_dataset_stays_open_until_something_has_a_place(tmp_path, roster):
    run([roster], tmp_path / "D")
    far = yards("杭州小区").set_crs("EPSG:4549", allow_override=True)
    far["geometry"] = far.translate(100_000, -1_150_000)
    path = layer_file(far, tmp_path / "far.gpkg")
    dataset = run([path], tmp_path / "D", layer="communities").dataset
    assert dataset.manifest.metric_crs == "EPSG:4549"
    assert {dataset.layer(n).crs.to_epsg() for n in ("communities", "units")} == {4549}
    assert len(dataset.layer("units")) == 4


def test_cgcs2000_needs_no_datum_and_wgs84_does(tmp_path):
    frame = yards("红星小区")
    stated = layer_file(frame.to_crs(4490), tmp_path / "a.gpkg")
    hidden = layer_file(frame.to_crs(4326), tmp_path / "b.gpkg")
    assert run([stated], tmp_path / "D", layer="communities").dataset is not None
    with pytest.raises(MissingDatumError, match="--datum"):
        run([hidden], tmp_path / "E", layer="communities")


def test_invalid_shapes_are_repaired_with_both_areas_shown(tmp_path):
    bow = shapely.Polygon([(400_000, 4_500_000), (400_100, 4_500_100), (400_100, 4_500_000), (400_000, 4_500_100)])
    frame = yards("红星小区", "绿园").set_geometry([bow, yards("x", x=401_000).geometry[0]], crs=METRIC)
    report = run([layer_file(frame, tmp_path / "a.gpkg")], tmp_path / "D", layer="communities")
    (finding,) = [f for f in report.findings if f.rule == "geometry.repaired"]
    assert (finding.row, "0 → 5000 m²" in finding.en) == (1, True)
    assert report.dataset.layer("communities").geometry.is_valid.all()


def test_a_third_dimension_is_left_behind_and_parts_are_kept(tmp_path):
    frame = yards("红星小区")
    box = frame.geometry[0]
    parts = shapely.MultiPolygon([box, shapely.transform(box, lambda xy: xy + 200)])
    frame["geometry"] = shapely.force_3d(np.array([parts]), 7.0)
    shape = run([layer_file(frame, tmp_path / "a.gpkg")], tmp_path / "D", layer="communities")
    shape = shape.dataset.layer("communities").geometry.iloc[0]
    assert (shape.has_z, len(shape.geoms)) == (False, 2)


def test_an_outline_without_a_name_gets_one_and_a_row_with_neither_is_rejected(tmp_path):
    frame = yards("红星小区", None, None)
    frame.loc[2, "geometry"] = None
    report = run([layer_file(frame, tmp_path / "a.gpkg")], tmp_path / "D", layer="communities")
    names = report.dataset.layer("communities")["name"]
    assert sorted(n.split(" ")[0] for n in names) == ["未命名小区", "红星小区"]
    assert report.rejected["row"].tolist() == [3]


def test_barriers_take_their_kind_from_a_column_or_the_options(tmp_path):
    lines = gpd.GeoDataFrame(
        {"name": ["a", "b"], "waterway": ["river", "canal"]},
        geometry=[shapely.LineString([(400_000, 4_500_000 + d), (400_500, 4_500_000 + d)]) for d in (0, 9)],
        crs=METRIC,
    )
    path = layer_file(lines, tmp_path / "a.gpkg")
    barriers = run([path], tmp_path / "D", layer="barriers").dataset.layer("barriers")
    assert sorted(barriers["kind"]) == ["canal", "river"]
    bare = layer_file(lines.drop(columns="waterway"), tmp_path / "b.gpkg")
    with pytest.raises(UsageError, match="--kind"):
        run([bare], tmp_path / "E", layer="barriers")
    barriers = run([bare], tmp_path / "E", layer="barriers", kind="railway").dataset.layer("barriers")
    assert barriers["kind"].tolist() == ["railway", "railway"]


# --- what is wrong ------------------------------------------------------------------------------


def wrong_files(folder):
    """Each bad input with the error it must raise and the options it is imported with."""
    degrees = yards("红星小区").to_crs(4326)
    shapefile = layer_file(yards("甲").rename(columns={"小区名称": "name"}), folder / "bare.shp")
    shapefile.with_suffix(".prj").unlink()
    (folder / "text.geojson").write_text("hello")
    (folder / "empty.geojson").write_text('{"type":"FeatureCollection","features":[]}')
    swapped = degrees.set_geometry(shapely.transform(degrees.geometry.to_numpy(), lambda xy: xy[:, ::-1]))
    metres = yards("甲").set_crs(4326, allow_override=True)
    lonlat = {"小区名称": ["甲"], "户数": [3], "经度": [109.8], "纬度": [40.6]}
    return {
        "missing": (folder / "none.csv", UnreadableFileError, {}),
        "text": (folder / "text.geojson", UnreadableFileError, {"layer": "communities"}),
        "empty": (folder / "empty.geojson", EmptyLayerError, {"layer": "communities"}),
        "no crs": (shapefile, MissingCRSError, {"layer": "communities"}),
        "no datum": (table(folder / "ll.csv", lonlat), MissingDatumError, {}),
        "x y": (
            table(folder / "xy.csv", {"小区名称": ["甲"], "户数": [3], "X": [400_000], "Y": [4_500_000]}),
            MissingCRSError,
            {},
        ),
        "unclear": (table(folder / "u.csv", {"name": ["a"], "户": [1]}), PlanningError, {}),
        "swapped": (layer_file(swapped, folder / "sw.geojson"), UsageError, {"layer": "communities", "datum": "wgs84"}),
        "metres": (
            layer_file(metres, folder / "m.geojson"),
            MissingCRSError,
            {"layer": "communities", "datum": "wgs84"},
        ),
        "degrees": (
            layer_file(degrees.set_crs(METRIC, allow_override=True), folder / "d.gpkg"),
            UsageError,
            {"layer": "communities"},
        ),
        "another zone": (
            layer_file(yards("甲").set_crs("EPSG:4525", allow_override=True), folder / "z.gpkg"),
            UsageError,
            {"layer": "communities"},
        ),
        "outside": (table(folder / "o.csv", {**lonlat, "经度": [11.6], "纬度": [50.0]}), UsageError, {"datum": "bd09"}),
        "no rows": (layer_file(yards("甲"), folder / "n.gpkg"), EmptyLayerError, {"layer": "streets"}),
        "old datum": (
            layer_file(yards("甲").set_crs("EPSG:2333", allow_override=True), folder / "x.gpkg"),
            MissingDatumError,
            {"layer": "communities"},
        ),
    }


@pytest.mark.parametrize(
    "case",
    [
        "missing",
        "text",
        "empty",
        "no crs",
        "no datum",
        "x y",
        "unclear",
        "swapped",
        "metres",
        "degrees",
        "another zone",
        "outside",
        "no rows",
        "old datum",
    ],
)
def test_bad_input_is_refused_and_not_even_the_folder_is_made(tmp_path, case):
    path, error, options = wrong_files(tmp_path)[case]
    with pytest.raises(error) as refused:
        run([path], tmp_path / "D", **options)
    assert path.name in refused.value.zh
    assert not (tmp_path / "D").exists()


def test_findings_on_units_outlive_an_import_that_leaves_units_alone(tmp_path, outlines, companies):
    """They are told again only where units are derived anew."""
    first = run([outlines], tmp_path / "d")
    of_units = [f for f in first.dataset.findings() if f.rule.startswith("units.")]
    later = run([companies], tmp_path / "d")
    assert of_units
    assert [f for f in later.dataset.findings() if f.rule.startswith("units.")] == of_units
    again = run([outlines], tmp_path / "d")
    assert len([f for f in again.dataset.findings() if f.rule.startswith("units.")]) == len(of_units)


def test_a_failed_import_leaves_a_dataset_as_it_was(tmp_path, roster):
    run([roster], tmp_path / "D")
    before = {p.name: p.read_bytes() for p in (tmp_path / "D").iterdir()}
    (tmp_path / "text.geojson").write_text("hello")
    with pytest.raises(UnreadableFileError):
        run([roster, tmp_path / "text.geojson"], tmp_path / "D")
    assert {p.name: p.read_bytes() for p in (tmp_path / "D").iterdir()} == before


def test_the_faults_of_all_files_are_told_together(tmp_path):
    with pytest.raises(UnreadableFileError) as refused:
        run([tmp_path / "a.csv", tmp_path / "b.shp"], tmp_path / "D")
    assert "a.csv" in refused.value.en
    assert "b.shp" in refused.value.en


def test_strict_stores_nothing_where_a_value_is_bad(tmp_path):
    bad = table(tmp_path / "a.csv", {"小区名称": ["甲", "乙"], "户数": ["很多", "3"]})
    report = run([bad], tmp_path / "D", strict=True)
    assert report.dataset is None
    assert not (tmp_path / "D").exists()
    (finding,) = [f for f in report.findings if f.severity == "error"]
    assert (finding.file, finding.row, finding.column, finding.value) == ("a.csv", 2, "户数", "很多")


def test_without_strict_the_rest_is_stored_and_the_report_stays(tmp_path):
    bad = table(tmp_path / "a.csv", {"小区名称": ["甲", None], "户数": ["很多", "3"], "联系电话": ["1", "2"]})
    report = run([bad], tmp_path / "D")
    assert report.dataset.layer("communities")["name"].tolist() == ["甲"]
    assert (dict(report.rows), dict(report.stored)) == ({"communities": 2}, {"communities": 1})
    assert "联系电话" not in report.rejected
    assert report.dataset.findings() == report.findings


def test_row_numbers_are_not_taken_for_codes(tmp_path):
    for name in "ab":
        run(
            [table(tmp_path / f"{name}.csv", {"ID": [1, 2], "小区名称": [f"{name}1", f"{name}2"], "户数": [3, 4]})],
            tmp_path / "D",
        )
    assert len(open_dataset(tmp_path / "D").layer("communities")) == 4


def test_one_code_under_two_names_is_refused_for_the_second(tmp_path):
    path = table(tmp_path / "a.csv", {"小区编码": ["C1", "C1"], "小区名称": ["甲", "乙"], "户数": [3, 4]})
    report = run([path], tmp_path / "D")
    assert report.dataset.layer("communities")["name"].tolist() == ["甲"]
    assert report.rejected["小区名称"].tolist() == ["乙"]


def test_a_source_is_recorded_with_its_hash_and_how_it_was_read(tmp_path, outlines):
    (source,) = run([outlines], tmp_path / "D").dataset.manifest.sources
    assert (source["file"], source["layer"], source["rows"], source["stored"]) == ("outlines.gpkg", "communities", 3, 3)
    assert len(source["sha256"]) == 64


def test_layers_from_another_reader_are_stored_with_units(tmp_path):
    frame = yards("红星小区").rename(columns={"小区名称": "name"}).assign(unit_id="c1", geom_quality="digitised")
    dataset = store_layers(
        tmp_path / "D",
        {"communities": frame},
        manifest=new_manifest("甲城", METRIC),
        findings=(),
        unit_rules=UnitRules(),
        replace=False,
    )
    assert dataset.layer("units")["unit_id"].tolist() == ["c1"]
    with pytest.raises(EmptyLayerError):
        store_layers(
            tmp_path / "E",
            {"communities": frame[:0]},
            manifest=new_manifest("乙城", METRIC),
            findings=(),
            unit_rules=UnitRules(),
            replace=False,
        )
    assert not (tmp_path / "E").exists()


# --- real files ---------------------------------------------------------------------------------


@pytest.mark.full
@needs_shared
def test_hangzhou_outlines_and_rivers_become_a_dataset(tmp_path):
    folder = SHARED / "hangzhou"
    run([folder / "hangzhou_residential.geojson"], tmp_path / "D", layer="communities", datum="wgs84")
    report = run([folder / "hangzhou_rivers.geojson"], tmp_path / "D", layer="barriers", datum="wgs84")
    units = report.dataset.layer("units")
    assert (len(units), report.dataset.manifest.metric_crs) == (2112, "EPSG:4549")
    assert units["name"].str.startswith("未命名小区").sum() == 706
    assert set(report.dataset.layer("barriers")["kind"]) == {"river"}


@needs_shared
def test_hangzhou_is_known_by_its_class_and_its_datum_is_not_guessed(tmp_path):
    path = SHARED / "hangzhou/hangzhou_residential.geojson"
    with pytest.raises(MissingDatumError):
        run([path], tmp_path / "D")


@pytest.mark.full
@needs_shared
def test_beijing_tables_join_on_their_ids(tmp_path):
    names = ["bj_communities_coords_bd09_4851.csv", "bj_communities_lianjia2018_510.csv"]
    report = run([SHARED / "beijing" / n for n in names], tmp_path / "D", datum="bd09")
    communities = report.dataset.layer("communities")
    known = communities[communities["households"].notna()]
    assert (len(communities), len(known), int(known.geometry.notna().sum())) == (4876, 510, 480)
    modes = communities["management_mode"].value_counts().to_dict()
    assert (modes["none"], modes["community_custody"], modes["unit_self"]) == (12, 10, 26)


@needs_shared
def test_shenzhen_shapefile_and_baotou_codes_are_read(tmp_path):
    path = SHARED / "shenzhen/SZ_districts/SZ_districts.shp"
    zones = run([path], tmp_path / "S", layer="communities").dataset
    assert (len(zones.layer("units")), zones.manifest.metric_crs) == (491, "EPSG:4547")
    folder = SHARED / "baotou"
    paths = [
        folder / n
        for n in (
            "baotou_villages_nbs2023.csv",
            "baotou_streets_nbs2023.csv",
            "baotou_districts_cgcs2000_fastgeocn.geojson",
        )
    ]
    stored = run(paths, tmp_path / "B").stored
    assert stored == {"streets": 91, "neighbourhoods": 855, "boundary": 9}


@pytest.mark.parametrize(("extra", "cells"), [("", ["翠园", "前进道", "1", "200"]), (",联系电话", [])])
def test_a_row_of_shifted_cells_comes_back_to_be_corrected(tmp_path, extra, cells):
    """Its cells are left out where some of them may be about a person."""
    text = f"小区名称,街道,户数{extra}\n翠园,前进道,1,200{',1' * bool(extra)}\n东风,前进道,80\n"
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    report = import_paths([tmp_path / "a.csv"], tmp_path / "D", options=ImportOptions(), unit_rules=UnitRules())
    assert ("table.row_too_long", 2) in [(f.rule, f.row) for f in report.findings]
    assert dict(report.stored) == {"communities": 1}
    row = report.rejected.iloc[0]
    assert (row["row"], "逗号" in row["reason_zh"]) == (2, True)
    assert row.iloc[6:].dropna().tolist() == cells


@pytest.mark.parametrize(
    ("classes", "shape", "layer"),
    [
        (["residential"] * 2, shapely.box(0, 0, 80, 80), "communities"),
        (["river", "canal"], shapely.LineString([(0, 0), (80, 0)]), "barriers"),
        (["residential"] * 2, shapely.LineString([(0, 0), (80, 0)]), None),  # streets, or not: nobody knows
        (["residential", "river"], shapely.box(0, 0, 80, 80), None),
    ],
)
def test_an_extract_of_one_class_says_what_it_is(tmp_path, classes, shape, layer):
    shapes = [shapely.affinity.translate(shape, 400_000 + 200 * i, 4_500_000) for i in range(2)]
    frame = gpd.GeoDataFrame({"osm_id": [1, 2], "fclass": classes, "name": ["甲", "乙"]}, geometry=shapes, crs=METRIC)
    frame.to_file(tmp_path / "a.gpkg")
    if layer is None:
        with pytest.raises(UnknownLayerError):
            run([tmp_path / "a.gpkg"], tmp_path / "D")
    else:
        report = run([tmp_path / "a.gpkg"], tmp_path / "D")
        assert dict(report.rows) == {layer: 2}
        assert "layer.by_class" in rules(report)
