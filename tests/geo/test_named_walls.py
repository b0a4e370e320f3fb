"""Names of districts, streets and neighbourhoods make a wall; real codes take over, permits with them."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.admin.gazetteer import (
    district_names,
    find_streets,
    gazetteer_layers,
    known_streets,
    neighbourhood_names,
    street_names,
)
from geo.admin.jurisdictions import impute_admin_codes
from geo.admin.place_codes import is_from_name
from geo.importing import ImportOptions, import_paths
from geo.names import NameRules
from geo.rules import UnitRules
from tests.effort import examples

METRIC = "EPSG:4546"
COLUMNS = ("district_code", "street_code", "neighbourhood_code", "district_name", "street_name", "neighbourhood_name")
NOTHING = pd.DataFrame()


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


def coded(*rows, **tables):
    """The three codes of rows given as the six texts of COLUMNS."""
    frame = pd.DataFrame(list(rows), columns=list(COLUMNS))
    found = impute_admin_codes(
        frame, tables.get("streets", NOTHING), tables.get("quarters", NOTHING), tables.get("boundary", NOTHING)
    )[0]
    return found[list(COLUMNS[:3])].astype(object).where(found.notna(), None).values.tolist()


def named(district=None, street=None, quarter=None, codes=(None, None, None)):
    return (*codes, district, street, quarter)


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


@pytest.mark.parametrize(
    ("rows", "codes"),
    [
        # one street, one code: a code in some rows, a name in others; 12 digits are 9
        (
            [
                named("昆都仑区", "前进道街道", codes=("150203", "150203001000", None)),
                named("昆都仑区", "前进道街道办事处"),
            ],
            ["150203001", "150203001"],
        ),
        # one name in two districts is two streets
        (
            [named("昆区", "前进街道"), named("青山区", "前进街道"), named(None, "前进街道")],
            ["N-昆区-前进", "N-青山-前进", "N--前进"],
        ),
        # a district named in some rows only
        ([named("昆区", "前进街道"), named(None, "前进街道办事处")], ["N-昆区-前进"] * 2),
        # the ending left out, and a town that is not the street of its name
        ([named("固阳县", "金山"), named("固阳县", "金山镇")], ["N-固阳县-金山镇"] * 2),
        ([named("沙河市", "沙河镇"), named("沙河市", "沙河街道")], ["N-沙河市-沙河镇", "N-沙河市-沙河"]),
        # the city and province before the district, width and blanks
        (
            [named("内蒙古自治区包头市昆都仑区", "前进道街道"), named("昆都仑 区", "前进道 街道")],
            ["N-昆都仑-前进道"] * 2,
        ),
        # only a neighbourhood is named
        ([named("昆区", "前进街道", "环西社区"), named(None, None, "环西社区居委会")], ["N-昆区-前进"] * 2),
        ([named(None, None, "环西社区")], [None]),
        # a code where the name should be, and the code of a neighbourhood alone
        ([named(None, "150203001"), named(codes=(None, None, "150203001004"))], ["150203001"] * 2),
    ],
)
def test_names_and_codes_of_one_street_are_one_code(rows, codes):
    assert [found[1] for found in coded(*rows)] == codes


def test_a_table_gives_names_their_codes_within_their_district():
    table = pd.DataFrame(
        {"street_code": ["150203001", "150204001"], "name": ["前进街道"] * 2, "district_name": ["昆都仑区", "青山区"]}
    )
    rows = [named("昆都仑区", "前进"), named("青山区", "前进街道"), named("九原区", "前进街道")]
    assert [found[:2] for found in coded(*rows, streets=table)] == [
        ["150203", "150203001"],
        ["150204", "150204001"],
        ["N-九原", "N-九原-前进"],
    ]


def test_codes_from_names_are_safe_names_of_files_and_never_digits():
    code = coded(named('昆/区:*?"<>|.', "前-进\\道" + "长" * 60))[0]
    assert not set('\\/:*?"<>|.') & set("".join(code[:2]))
    assert all(is_from_name(one) and len(one) < 90 for one in code[:2])


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


@settings(max_examples=examples(60))
@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, "昆都仑区", "青山区", "包头市青山区"]),
            st.sampled_from([None, "前进街道", "前进街道办事处", "少先路", "少先路街道"]),
            st.booleans(),
        ),
        min_size=1,
        max_size=12,
    ),
    st.randoms(),
)
def test_codes_do_not_hang_on_the_order_of_rows_and_never_mix_streets(rows, random):
    """Two rows with different districts or streets never share a code, in whatever order they come."""
    real = {"昆都仑": "150203", "青山": "150204"}
    told = [
        named(d, s, codes=(real[d.removeprefix("包头市")[:-1]] if coded_ and d else None, None, None))
        for d, s, coded_ in rows
    ]
    found = coded(*told)
    order = list(range(len(told)))
    random.shuffle(order)
    assert coded(*(told[i] for i in order)) == [found[i] for i in order]
    core = [s and s.removesuffix("办事处").removesuffix("街道") for _, s, _ in rows]
    inside = [d and d.removeprefix("包头市") for d, _, _ in rows]
    for i in range(len(rows)):
        for j in range(i):
            if core[i] and core[j] and core[i] != core[j]:
                assert found[i][1] != found[j][1]
            if inside[i] and inside[j]:
                assert (found[i][0] == found[j][0]) == (inside[i] == inside[j])
                if core[i] and core[i] == core[j]:
                    assert (found[i][1] == found[j][1]) == (inside[i] == inside[j])
