"""Names of districts, streets and neighbourhoods make a wall; real codes take over, permits with them."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.admin.gazetteer import (
    district_names,
    find_streets,
    gazetteer_layers,
    known_streets,
    neighbourhood_names,
    street_names,
)
from geo.importing import ImportOptions, import_paths
from geo.names import NameRules
from geo.rules import UnitRules

METRIC = "EPSG:4546"


def run(*paths, into, names=None, **options):
    return import_paths(
        list(paths),
        into,
        options=ImportOptions(**{"crs": METRIC} | options),
        unit_rules=UnitRules(),
        names=names or NameRules(),
    )


def roster(path, rows, *headers):
    """Communities in a row, 100 m apart, with the columns named."""
    frame = pd.DataFrame(rows, columns=list(headers))
    frame.insert(0, "小区名称", [f"小区{chr(0x7532 + i)}" for i in range(len(frame))])
    frame["户数"] = 300
    frame["x"] = 400_040 + 100 * np.arange(len(frame))
    frame["y"] = 4_500_040
    frame.to_csv(path, index=False)
    return path


def street_map(path, rows):
    """Streets as bands of so many communities each: code, name, district, from, to."""
    bands = [shapely.box(400_000 + 100 * a, 4_499_900, 400_000 + 100 * b, 4_500_200) for *_, a, b in rows]
    told = pd.DataFrame([row[:3] for row in rows], columns=["街道代码", "街道名称", "旗县区"])
    gpd.GeoDataFrame(told.dropna(axis=1, how="all"), geometry=bands, crs=METRIC).to_file(path)
    return path


def units_of(report):
    return report.dataset.layer("units").sort_values("name", ignore_index=True)


def rules(report):
    return {finding.rule for finding in report.findings}


def test_rows_that_name_street_and_district_get_codes_without_a_layer_of_streets(tmp_path):
    told = roster(
        tmp_path / "a.csv",
        [
            ("昆都仑区", "前进道街道"),
            ("昆都仑区", "前进道街道办事处"),
            ("昆都仑区", "少先路街道"),
            ("青山区", "少先路街道"),
        ],
        "旗县区",
        "街道",
    )
    report = run(told, into=tmp_path / "D")
    units = units_of(report)
    assert units["street_code"].tolist() == ["N-昆都仑-前进道", "N-昆都仑-前进道", "N-昆都仑-少先路", "N-青山-少先路"]
    assert units["district_code"].tolist() == ["N-昆都仑"] * 3 + ["N-青山"]
    assert "units.street_by_name" in rules(report)
    layers = gazetteer_layers(report.dataset)
    assert street_names(layers)["N-青山-少先路"] == "少先路街道"
    assert district_names(layers) == {"N-昆都仑": "昆都仑区", "N-青山": "青山区"}


def test_units_with_neither_code_nor_name_nor_place_are_told(tmp_path):
    told = roster(tmp_path / "a.csv", [("昆区", "前进道街道"), (None, None), ("昆区", None)], "旗县区", "街道")
    report = run(told, into=tmp_path / "D")
    assert {"units.no_wall", "units.no_street"} <= rules(report)
    assert units_of(report)["district_code"].isna().tolist() == [False, True, False]


def test_a_district_known_by_place_tells_what_its_alias_means(tmp_path):
    boundary = gpd.GeoDataFrame(
        {"区县代码": ["150203", "150204"], "名称": ["昆都仑区", "青山区"]},
        geometry=[
            shapely.box(400_000, 4_499_900, 400_200, 4_500_200),
            shapely.box(400_200, 4_499_900, 400_400, 4_500_200),
        ],
        crs=METRIC,
    )
    boundary.to_file(tmp_path / "b.gpkg")
    told = roster(tmp_path / "a.csv", [("昆区",), ("昆区",), ("青山区",), (None,)], "旗县区")
    run(told, into=tmp_path / "D")
    report = run(tmp_path / "b.gpkg", into=tmp_path / "D", layer="boundary")
    assert units_of(report)["district_code"].tolist() == ["150203"] * 2 + ["150204"] * 2


def test_buildings_that_name_their_street_are_held_by_it(tmp_path):
    blocks = gpd.GeoDataFrame(
        {
            "楼栋编号": ["b1", "b2"],
            "层数": [6, 6],
            "用途": ["住宅"] * 2,
            "旗县区": ["昆区"] * 2,
            "街道": ["前进街道", "少先路街道"],
        },
        geometry=[shapely.box(0, 0, 60, 12), shapely.box(80, 0, 140, 12)],
        crs=METRIC,
    )
    blocks["geometry"] = blocks.translate(400_000, 4_500_000)
    blocks.to_file(tmp_path / "b.gpkg")
    report = run(tmp_path / "b.gpkg", into=tmp_path / "D")
    assert set(units_of(report)["street_code"]) == {"N-昆区-前进", "N-昆区-少先路"}


def test_polygons_take_over_with_permits_and_corrections(tmp_path):
    told = roster(
        tmp_path / "a.csv", [("昆区", "前进街道"), ("昆区", "少先路街道"), ("昆区", "少先路街道")], "旗县区", "街道"
    )
    permits = pd.DataFrame(
        {"批准编号": ["p1"], "街道甲": ["前进街道"], "街道乙": ["N-昆区-少先路"], "理由": ["同一物业"]}
    )
    permits.columns = ["permit_id", "street_a", "street_b", "reason"]
    permits.to_csv(tmp_path / "p.csv", index=False)
    run(told, into=tmp_path / "D")
    report = run(tmp_path / "p.csv", into=tmp_path / "D", layer="permits")
    row = report.dataset.layer("permits").iloc[0]
    assert (row["street_a"], row["street_b"]) == ("N-昆区-前进", "N-昆区-少先路")
    streets = street_map(
        tmp_path / "s.gpkg", [("150203001", "前进街道", "昆区", 0, 1), ("150203002", "少先路街道", "昆区", 1, 3)]
    )
    report = run(streets, into=tmp_path / "D")
    assert units_of(report)["street_code"].tolist() == ["150203001"] + ["150203002"] * 2
    assert units_of(report)["district_code"].tolist() == ["150203"] * 3
    row = report.dataset.layer("permits").iloc[0]
    assert (row["street_a"], row["street_b"]) == ("150203001", "150203002")
    known = known_streets(gazetteer_layers(report.dataset))
    assert find_streets("N-昆区-少先路", known) == ("150203002",)


def test_a_table_of_codes_takes_over_from_a_table_of_names(tmp_path):
    names = pd.DataFrame({"街道名称": ["前进街道", "少先路街道"], "旗县区": ["昆区"] * 2, "联席会议": ["是", "否"]})
    names.to_csv(tmp_path / "n.csv", index=False)
    codes = pd.DataFrame({"街道代码": ["150203001", "150203002"], "街道名称": ["前进街道", "少先路街道办事处"]})
    codes.to_csv(tmp_path / "c.csv", index=False)
    told = roster(tmp_path / "a.csv", [("昆区", "前进街道")], "旗县区", "街道")
    run(tmp_path / "n.csv", into=tmp_path / "D", layer="streets")
    report = run(told, into=tmp_path / "D")
    streets = report.dataset.layer("streets")
    assert set(streets["street_code"]) == {"N-昆区-前进", "N-昆区-少先路"}
    assert units_of(report)["street_code"].tolist() == ["N-昆区-前进"]
    report = run(tmp_path / "c.csv", into=tmp_path / "D")
    streets = report.dataset.layer("streets").set_index("street_code")
    assert sorted(streets.index) == ["150203001", "150203002"]
    assert streets.loc["150203001", "district_name"] == "昆区"
    assert units_of(report)["street_code"].tolist() == ["150203001"]


def test_a_name_that_contradicts_the_outline_is_told(tmp_path):
    streets = street_map(
        tmp_path / "s.gpkg", [("150203001", "前进街道", "昆区", 0, 1), ("150203002", "少先路街道", "昆区", 1, 3)]
    )
    told = roster(
        tmp_path / "a.csv", [("昆区", "少先路街道"), ("昆区", "少先路街道"), ("昆区", "不在表里街道")], "旗县区", "街道"
    )
    report = run(streets, told, into=tmp_path / "D")
    assert units_of(report)["street_code"].tolist() == ["150203002"] * 3
    found = next(f for f in report.findings if f.rule == "units.street_contradicts")
    assert found.zh.startswith("2 个单元")


def test_neighbourhoods_have_names_too(tmp_path):
    told = roster(
        tmp_path / "a.csv",
        [("昆区", "前进街道", "环西社区"), ("昆区", "前进街道", "环西社区居委会"), ("昆区", "少先路街道", "环西社区")],
        "旗县区",
        "街道",
        "社区",
    )
    report = run(told, into=tmp_path / "D")
    codes = units_of(report)["neighbourhood_code"].tolist()
    assert codes == ["N-昆区-前进-环西", "N-昆区-前进-环西", "N-昆区-少先路-环西"]
    assert neighbourhood_names(gazetteer_layers(report.dataset))[codes[2]] == "环西社区"
