from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.importing import ImportOptions, import_paths
from geo.names import NameRules
from geo.rules import UnitRules
from geo.storage.dataset import open_dataset

METRIC = "EPSG:4546"


def run(paths, folder, names=None, **options):
    return import_paths(
        paths, folder, options=ImportOptions(**options), unit_rules=UnitRules(), names=names or NameRules()
    )


def rules(report):
    return [f.rule for f in report.findings]


def table(path, rows):
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def outlines(path, *names, **columns):
    """A row of walled communities, 80 m wide, 20 m apart, of one street."""
    boxes = [shapely.box(400_000 + 100 * i, 4_500_000, 400_080 + 100 * i, 4_500_080) for i in range(len(names))]
    frame = gpd.GeoDataFrame({"小区名称": names, "街道": "友谊街道", **columns}, geometry=boxes, crs=METRIC)
    frame.to_file(path)
    return path


def at(i):
    """Metric coordinates inside the i-th outline."""
    return 400_040 + 100 * i, 4_500_040


def joins(dataset, file):
    found = dataset.layer("joins")
    found = found[found["file"] == file]
    return dict(zip(found["name"], zip(found["method"], found["score"], strict=True), strict=True))


def test_rows_join_by_code_then_name_then_place_and_say_how(tmp_path):
    first = outlines(tmp_path / "o.gpkg", "甲小区", "乙小区", None, 小区编码=["C1", None, None])
    run([first], tmp_path / "D")
    x, y = zip(at(9), at(9), at(2), at(9), strict=True)
    roster = table(
        tmp_path / "r.csv",
        {
            "小区编码": ["C1", "", "", ""],
            "小区名称": ["甲", "乙小区", "丙苑", "丁庄"],
            "户数": [10, 20, 30, 40],
            "x": x,
            "y": y,
        },
    )
    frame = pd.read_csv(roster)
    frame.loc[[0, 1, 3], ["x", "y"]] = None
    frame.to_csv(roster, index=False)
    report = run([roster], tmp_path / "D", crs=METRIC)
    assert joins(report.dataset, "r.csv") == {
        "甲": ("code", 100.0),
        "乙小区": ("name", 100.0),
        "丙苑": ("place", 80.0),
        "丁庄": ("new", pytest.approx(float("nan"), nan_ok=True)),
    }
    communities = report.dataset.layer("communities").set_index("name")
    assert communities["households"].to_dict() == {"甲": 10, "乙小区": 20, "丙苑": 30, "丁庄": 40}
    assert communities["geom_quality"].to_dict()["丙苑"] == "digitised"
    assert {"join.by_place", "units.no_place"} <= set(rules(report))


def test_a_name_only_alike_joins_within_its_street_and_is_told(tmp_path):
    run([outlines(tmp_path / "o.gpkg", "阳光花园住宅小区", "绿园")], tmp_path / "D")
    roster = table(tmp_path / "r.csv", {"小区名称": ["阳光花园小区", "绿园东区"], "街道": "友谊街道", "户数": 9})
    report = run([roster], tmp_path / "D")
    assert joins(report.dataset, "r.csv")["阳光花园小区"] == ("name", 99.0)
    assert joins(report.dataset, "r.csv")["绿园东区"][0] == "new"
    assert "join.by_like_name" in rules(report)


def test_an_alike_name_in_another_street_is_another_community(tmp_path):
    run([outlines(tmp_path / "o.gpkg", "阳光花园住宅小区")], tmp_path / "D")
    roster = table(tmp_path / "r.csv", {"小区名称": ["阳光花园小区"], "街道": ["前进道街道"], "户数": 9})
    assert joins(run([roster], tmp_path / "D").dataset, "r.csv")["阳光花园小区"][0] == "new"


def test_a_point_in_an_outline_of_quite_another_name_is_not_joined_but_told(tmp_path):
    run([outlines(tmp_path / "o.gpkg", "甲小区")], tmp_path / "D")
    x, y = at(0)
    points = table(tmp_path / "p.csv", {"小区名称": ["万达广场公寓"], "户数": [5], "x": [x], "y": [y]})
    report = run([points], tmp_path / "D", crs=METRIC)
    assert len(report.dataset.layer("communities")) == 2
    assert "join.place_contradicts" in rules(report)


def test_unplaced_rows_are_units_and_a_point_list_places_them(tmp_path):
    roster = table(tmp_path / "r.csv", {"小区名称": ["甲小区", "乙小区"], "街道": "友谊街道", "户数": [10, 20]})
    first = run([roster], tmp_path / "D").dataset.layer("units")
    assert first["geom_quality"].tolist() == ["missing"] * 2
    points = table(
        tmp_path / "p.csv", {"小区名称": ["乙小区"], "街道": ["友谊街道"], "经度": [109.84], "纬度": [40.65]}
    )
    later = run([points], tmp_path / "D", layer="communities", datum="wgs84").dataset.layer("units")
    assert later["unit_id"].tolist() == first["unit_id"].tolist()
    placed = later.set_index("name")
    assert placed["geom_quality"].to_dict() == {"甲小区": "missing", "乙小区": "buffered_point"}
    assert placed["households"].to_dict() == {"甲小区": 10, "乙小区": 20}


def test_outlines_no_row_speaks_of_are_listed(tmp_path):
    run([outlines(tmp_path / "o.gpkg", "甲小区", "乙小区")], tmp_path / "D")
    roster = table(tmp_path / "r.csv", {"小区名称": ["甲小区"], "户数": [10]})
    report = run([roster], tmp_path / "D")
    (bare,) = [f for f in report.findings if f.rule == "join.outline_without_row"]
    assert bare.value == "乙小区"


def test_sites_find_their_community_by_place_even_when_it_comes_later(tmp_path):
    x, y = zip(at(0), at(5), strict=True)
    sites = table(tmp_path / "e.csv", {"站点编号": ["E1", "E2"], "充电端口数": [10, 20], "x": x, "y": y})
    run([sites], tmp_path / "D", crs=METRIC)
    run([outlines(tmp_path / "o.gpkg", "甲小区")], tmp_path / "D")
    dataset = open_dataset(tmp_path / "D")
    (unit,) = dataset.layer("communities")["unit_id"]
    assert dataset.layer("ebike_sites").set_index("site_id")["unit_id"].to_dict() == {
        "E1": unit,
        "E2": pytest.approx(float("nan"), nan_ok=True),
    }


def test_names_that_may_be_one_community_are_told_and_stay_two(tmp_path):
    roster = table(
        tmp_path / "r.csv",
        {"小区名称": ["阳光花园小区", "阳光花园住宅小区", "阳光花园东区"], "街道": "友谊街道", "户数": [10, 10, 10]},
    )
    report = run([roster], tmp_path / "D")
    (alike,) = [f for f in report.findings if f.rule == "communities.alike"]
    assert alike.value.count("/") == 1
    assert len(report.dataset.layer("communities")) == 3


def test_aliases_of_districts_become_codes_where_the_file_is_of_that_city(tmp_path):
    names = NameRules(districts=(("150203", "昆都仑区", ("昆区",)), ("150204", "青山区", ())))
    here = table(tmp_path / "a.csv", {"小区名称": ["甲", "乙"], "旗县区": ["昆区", "青山区"], "户数": 9})
    found = run([here], tmp_path / "A", names).dataset.layer("units").set_index("name")
    assert found["district_code"].to_dict() == {"甲": "150203", "乙": "150204"}
    wuhan = table(
        tmp_path / "b.csv",
        {"小区名称": list("甲乙丙丁"), "旗县区": ["青山区", "江岸区", "武昌区", "汉阳区"], "户数": 9},
    )
    elsewhere = run([wuhan], tmp_path / "B", names).dataset.layer("units").set_index("name")
    assert elsewhere["district_code"]["甲"] == "N-青山"  # by its name: not Baotou's 150204


def test_a_street_by_its_other_name_gets_its_code(tmp_path):
    names = NameRules(streets=(("友谊大街街道", ("友谊街道",)),))
    streets = table(tmp_path / "s.csv", {"街道代码": ["150203005"], "街道名称": ["友谊大街街道"]})
    roster = table(tmp_path / "r.csv", {"小区名称": ["甲"], "街道": ["友谊街道办"], "户数": [9]})
    units = run([streets, roster], tmp_path / "D", names).dataset.layer("units")
    assert units[["street_code", "district_code"]].to_numpy().tolist() == [["150203005", "150203"]]


@pytest.mark.full
def test_ten_districts_files_add_up_and_coming_again_changes_nothing(tmp_path):
    codes = [*(f"15020{i}" for i in range(2, 8)), "150221", "150222", "150223", "150271"]
    files = [
        table(
            tmp_path / f"{code}.csv",
            {
                "序号": [1, 2, 3],
                "小区编码": [f"{code}00{i}" for i in (1, 2, 3)],
                "小区名称": ["幸福小区", "阳光小区", f"{code}家园"],
                "旗县区代码": code,
                "户数": [10, 20, 30],
            },
        )
        for code in codes
    ]
    for path in files:
        run([path], tmp_path / "D")
    units = open_dataset(tmp_path / "D").layer("units")
    assert len(units) == 30
    assert units.groupby("district_code")["households"].sum().to_dict() == dict.fromkeys(codes, 60)
    before = open_dataset(tmp_path / "D").manifest.planning_sha256
    run(files[::-1], tmp_path / "D")
    assert open_dataset(tmp_path / "D").manifest.planning_sha256 == before
    assert run(files, tmp_path / "E").dataset.manifest.planning_sha256 == before


def test_a_community_is_the_same_however_its_street_district_and_phase_are_written(tmp_path):
    names = NameRules(districts=(("150203", "昆都仑区", ("昆区",)),))
    place = {"经度": [109.8412], "纬度": [40.6523]}
    first = {"小区名称": ["阳光花园（一期）"], "街道": ["前进道街道"], "区": ["昆都仑区"], "户数": [100], **place}
    second = {
        "小区名称": ["阳光花园一期", "阳光花园二期"],
        "街道": ["前进道街道办事处"] * 2,
        "区": ["昆区"] * 2,
        "户数": [120, 130],
    }
    run([table(tmp_path / "a.csv", first)], tmp_path / "D", names, datum="wgs84", layer="communities")
    report = run([table(tmp_path / "b.csv", second)], tmp_path / "D", names, layer="communities")
    units = report.dataset.layer("units").sort_values("households")
    assert units["households"].tolist() == [120, 130]
