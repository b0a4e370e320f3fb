from geo.schema import LAYERS
from geo.tables.headers import find_additive_field, map_columns, recognise_layer
from geo.tables.ledger_fields import LEDGER_FIELDS, LEDGER_LAYERS, LEDGER_NAMES


def test_every_field_has_headers_and_every_header_a_field():
    assert set(LEDGER_FIELDS) == set(LEDGER_NAMES)
    assert set(LEDGER_LAYERS) <= set(LAYERS)


def test_no_header_means_two_things_above_a_sheet_of_communities():
    for field, headers in LEDGER_NAMES.items():
        for header in headers:
            assert map_columns([header], "communities").fields == (field,), header


def test_a_ledger_of_everything_stays_a_ledger_of_communities():
    bodies = ["业委会成立时间", "委员人数", "年培训次数"]
    parking = ["固定车位", "公共车位", "登记汽车"]
    contracts = ["合同开始日期", "合同到期日期", "合同备案"]
    assert recognise_layer(["小区名称", "户数", *bodies, *parking, *contracts]) == "communities"


def test_tables_of_their_own_stay_tables_of_their_own():
    assert recognise_layer(["小区名称", "物业公司", "合同开始日期", "合同到期日期", "是否备案"]) == "contracts"
    assert recognise_layer(["小区名称", "充电端口", "充电桩"]) == "ebike_sites"
    assert recognise_layer(["小区名称", "电动自行车数"]) == "ebike_stock"
    assert recognise_layer(["小区名称", "户数", "固定车位", "公共车位", "登记汽车", "已建充电车位"]) == "parking"
    assert recognise_layer(["小区名称", "组织类型", "成立时间", "委员人数"]) == "owners_bodies"


def test_totals_of_the_columns_are_compared_too():
    assert find_additive_field("电动自行车数")[0].name == "ebikes"
