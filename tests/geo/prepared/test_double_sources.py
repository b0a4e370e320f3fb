"""A figure in a ledger's column and in a table of its own: the table counts, whichever came first."""

import pytest

from tests.geo.prepared.test_ledger import HEAD, ROWS, book, bring, of_units, rules

STOCK = (["小区名称", "电动自行车数"], ["红星小区", 250], ["绿园小区", 400])
SITES = (["小区名称", "站点编号", "充电端口"], ["红星小区", "A1", 30], ["红星小区", "A2", 20])
FIRMS = (["企业名称", "统一社会信用代码", "信用等级"], ["晨光物业服务有限公司", None, "B"], ["长河物业", None, "A"])


@pytest.fixture
def files(tmp_path):
    return {
        "ledger": book(tmp_path / "台账.xlsx", HEAD, *ROWS),
        "stock": book(tmp_path / "车.xlsx", *STOCK),
        "sites": book(tmp_path / "充电.xlsx", *SITES),
        "firms": book(tmp_path / "企业.xlsx", *FIRMS),
    }


@pytest.mark.parametrize(
    "order", ["table first", *(pytest.param(one, marks=pytest.mark.full) for one in ("ledger first", "together"))]
)
@pytest.mark.parametrize(
    ("table", "layer", "column", "counts"),
    [
        ("stock", "ebike_stock", "ebikes", {"红星小区": 250, "绿园小区": 400, "幸福里": 90}),
        ("sites", "ebike_sites", "ports", {"红星小区": 20, "幸福里": 0}),  # two sites, the last is shown
    ],
)
def test_the_table_counts_whichever_came_first(tmp_path, files, order, table, layer, column, counts):
    bring(tmp_path / "D", files["ledger"])  # the communities the table speaks of
    if order == "table first":
        bring(tmp_path / "D", files[table], replace=True)
        report = bring(tmp_path / "D", files["ledger"])
    elif order == "together":
        report = bring(tmp_path / "E", files["ledger"], files[table])
    else:
        report = bring(tmp_path / "D", files[table])
    assert of_units(report, layer, column) == counts
    told = next(f for f in report.findings if f.rule == "ledger.own_wins")
    assert told.severity == "warning"
    assert "红星小区" in told.zh
    assert "以“" in told.zh


def test_what_both_say_alike_is_told_without_a_warning(tmp_path, files):
    same = book(tmp_path / "同.xlsx", STOCK[0], ["红星小区", 210])
    told = next(f for f in bring(tmp_path / "D", files["ledger"], same).findings if f.rule == "ledger.own_wins")
    assert told.severity == "info"


@pytest.mark.parametrize("is_first", [True, False])
def test_a_table_of_companies_takes_over_with_its_ids_and_ratings(tmp_path, files, is_first):
    order = ("firms", "ledger") if is_first else ("ledger", "firms")
    for name in order:
        report = bring(tmp_path / "D", files[name])
    companies = report.dataset.layer("companies").set_index("name")
    assert companies["credit_rating"].to_dict() == {"晨光物业服务有限公司": "B", "长河物业": "A"}
    assert not companies["company_id"].str.startswith("ledger-").any()
    units = report.dataset.layer("units").set_index("name")
    assert units.loc["红星小区", "company_id"] == companies.loc["晨光物业服务有限公司", "company_id"]
    assert set(report.dataset.layer("contracts")["company_id"]) == {units.loc["红星小区", "company_id"]}
    assert "ledger.own_wins" in rules(report)  # B against AA


@pytest.mark.full
def test_replacing_the_ledger_replaces_what_it_said_and_leaves_the_tables(tmp_path, files):
    bring(tmp_path / "D", files["ledger"], files["stock"])
    short = book(tmp_path / "新.xlsx", HEAD[:3], ROWS[0][:3])
    report = bring(tmp_path / "D", short, replace=True)
    assert len(report.dataset.layer("parking")) == len(report.dataset.layer("ebike_sites")) == 0
    assert of_units(report, "ebike_stock", "ebikes")["红星小区"] == 250
