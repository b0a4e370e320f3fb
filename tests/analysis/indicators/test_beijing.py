"""510 real communities of Beijing: real names of companies, and how each mode is read from them."""

import pandas as pd
import pytest

from analysis.indicators.registry import compute_indicators
from analysis.policy import read_policy
from geo.importing import ImportOptions, import_paths

POLICY = read_policy()
HEADS = {
    "id": "小区编码",
    "title": "小区名称",
    "district": "旗县区",
    "service": "物业公司",
    "house_num": "户数",
    "year": "建成年份",
    "longitude": "经度",
    "latitude": "纬度",
}
KEEPERS = {  # what stands in the company's column and is no company
    "无物业管理服务": "none",
    "单位自管物业": "unit_self",
    "房管所代管物业": "unit_self",
    "街道办事处（委员会）代管物业": "community_custody",
}


@pytest.fixture(scope="module")
def table(shared):
    """The communities with their BD-09 coordinates, and the mode read by a rule of its own."""
    folder = shared / "data" / "beijing"
    places = pd.read_csv(folder / "bj_communities_coords_bd09_4851.csv", dtype=str)
    rows = pd.read_csv(folder / "bj_communities_lianjia2018_510.csv", dtype=str)
    rows = rows.merge(places.drop_duplicates("ID"), left_on="id", right_on="ID", how="left")
    service = rows["service"].fillna("")
    is_firm = service.str.contains("公司", regex=False)  # 物业管理中心 and the like: not told
    rows["mode"] = service.map(KEEPERS).mask(is_firm, "professional").astype(object)
    return rows


@pytest.fixture(scope="module")
def figures(table, tmp_path_factory):
    folder = tmp_path_factory.mktemp("beijing")
    table[list(HEADS)].rename(columns=HEADS).to_csv(folder / "bj.csv", index=False)
    options = ImportOptions(layer="communities", datum="bd09")
    report = import_paths([folder / "bj.csv"], folder / "d", options=options, unit_rules=POLICY.unit_rules())
    found = [f for level in ("city", "district") for f in compute_indicators(report.dataset, POLICY, level=level)]
    return {(f.id, f.admin_code): f for f in found}


def test_how_each_mode_is_read(table):
    assert table["mode"].value_counts().to_dict() == {
        "professional": 416,
        "unit_self": 26,
        "none": 12,
        "community_custody": 10,
    }
    assert table["mode"].isna().sum() == 46


@pytest.mark.parametrize(
    ("indicator", "counted"),
    [
        ("G03", ["professional", "unit_self", "community_custody"]),
        ("G05", ["professional"]),
        ("T13a", ["professional"]),
    ],
)
def test_three_coverages_by_district(figures, table, indicator, counted):
    """As a plain count of the source says; T13a over communities built until 2000."""
    year = pd.to_numeric(table["year"].str.extract(r"(\d{4})")[0])
    rows = table[year <= 2000] if indicator == "T13a" else table
    by_district = [(f"N-{name}", own) for name, own in rows.groupby("district")]  # known by name only
    for place, own in [("all", rows), *by_district]:
        figure, known = figures[indicator, place], own[own["mode"].notna()]
        assert (figure.numerator, figure.denominator) == (known["mode"].isin(counted).sum(), len(known))


def test_the_three_differ(figures):
    values = [figures[indicator, "all"].value for indicator in ("G03", "G05", "T13a")]
    assert values[0] > values[1] > values[2]
    assert figures["G05", "all"].unknown_units == 46
