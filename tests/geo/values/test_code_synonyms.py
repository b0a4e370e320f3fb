from __future__ import annotations

import pandas as pd
import pytest

from geo.schema import LAYERS
from geo.values.parsing import parse_column, parse_value

FIELDS = {
    f.name: f for f in (*LAYERS["ebike_sites"], *LAYERS["companies"], *LAYERS["contracts"], *LAYERS["communities"])
}


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("市场化物业", "professional"),
        ("专业化物业（一级）", "professional"),
        ("标准物业服务", "standard_grade"),
        ("准物业", "quasi"),
        ("基础物业", "basic"),
        ("社区代管", "community_custody"),
        ("街道办事处（委员会）代管物业", "community_custody"),
        ("居委会代管", "community_custody"),
        ("业主自治", "owner_self"),
        ("居民自治", "owner_self"),
        ("产权单位自管", "unit_self"),
        ("单位自管物业", "unit_self"),
        ("应急托管", "emergency_only"),
        ("无物业", "none"),
        ("弃管", "none"),
        ("无物业管理服务", "none"),
        ("有", "unknown"),
        ("quasi", "quasi"),
    ],
)
def test_local_names_of_management_modes_have_one_key_each(text, mode):
    assert parse_value(text, FIELDS["management_mode"]).value == mode


@pytest.mark.parametrize("name", ["management_mode", "owners_body", "merge_willingness"])
def test_the_keys_of_a_code_list_are_read_as_written(name):
    field = FIELDS[name]
    for key in field.choices:  # "none" is a key (no management, no body), not a blank
        assert parse_value(key, field).value == key
    assert parse_value("None", field).value is None


@pytest.mark.parametrize(
    ("layer", "field", "text", "key"),
    [
        ("barriers", "kind", "桥", None),
        ("crossings", "kind", "人行天桥", "bridge"),
        ("open_spaces", "kind", "公园绿地", "green"),
        ("open_spaces", "kind", "闲置空地", "vacant"),
        ("service_points", "kind", "物业用房", "property_office"),
        ("service_points", "kind", "维修站", "repair_station"),
        ("permits", "kind", "跨街道合并", "cross_street"),
        ("consents", "agrees", "业主大会表决通过", "yes"),
        ("consents", "agrees", "未通过", "no"),
        ("consents", "agrees", "尚未征求", "unsurveyed"),
    ],
)
def test_a_word_is_a_key_of_its_own_layer_only(layer, field, text, key):
    (asked,) = [f for f in LAYERS[layer] if f.name == field]
    assert parse_column(pd.Series([text]), asked)[0].tolist() == [key]
