from __future__ import annotations

import pandas as pd
import pytest

from geo.errors import UnreadableFileError
from geo.names import NameRules, name_core, name_similarity, read_names, similar_pairs


@pytest.fixture
def baotou(root):
    return read_names(root / "policy/baotou_names.toml")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("昆区", "150203"),
        ("昆都仑区", "150203"),
        ("包头市昆都仑区", "150203"),
        ("白云", "150206"),
        ("土右旗", "150221"),
        ("达茂", "150223"),
        ("高新区", "150271"),
        ("稀土高新区", "150271"),
        ("内蒙古自治区包头市青山区", "150204"),
        ("滨江区", None),
        (None, None),
        ("", None),
    ],
)
def test_a_district_is_known_by_all_its_names(baotou, name, code):
    assert baotou.district_code(name) == code


@pytest.mark.parametrize("name", ["前进街道", "前进街道办", "前进街道办事处", "前进道街道"])
def test_a_street_is_known_by_its_other_names(baotou, name):
    assert name_core(baotou.street_name(name)) == "前进道"


def test_functional_zones_of_baotou_are_told_from_its_streets(baotou, shared):
    names = pd.read_csv(shared / "data/baotou/baotou_streets_nbs2023.csv", dtype=str)["name"]
    zones = [name for name in names if baotou.is_functional_zone(name)]
    assert zones == [
        "铝业产业园区",
        "包钢厂区办事处",
        "包头市装备制造产业园区",
        "内蒙古包头钢铁冶金开发区管委会石拐产业园",
        "九峰山生态管理区",
    ]


@pytest.mark.parametrize("text", ["[districts", "[districts.150203]\nalias = 1", "districts = 3"])
def test_a_broken_file_of_names_is_refused_with_a_sentence(tmp_path, text):
    path = tmp_path / "names.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableFileError, match=r"names\.toml"):
        read_names(path)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("红星东区", "红星西区"),
        ("绿园一期", "绿园二期"),
        ("1号院", "2号院"),
        ("A区", "B区"),
        ("红星小区", ""),
        (None, "红星"),
    ],
)
def test_parts_of_one_estate_are_never_alike(a, b):
    assert name_similarity(a, b) == name_similarity(b, a) == 0.0


def test_alike_names_are_found_whatever_their_number():
    names = [f"小区{i}" for i in range(30)] + ["阳光花园", "阳光花园小区", "阳 光花园住宅小区"]
    pairs = similar_pairs(names, at_least=85)
    assert {(i, j) for i, j, _ in pairs} == {(30, 31), (30, 32), (31, 32)}
    assert similar_pairs(names, at_least=85, most=10) == pairs


def test_rules_without_names_know_nothing():
    rules = NameRules()
    assert rules.district_code("昆区") is None
    assert rules.street_name("前进街道") == "前进街道"
    assert not rules.is_functional_zone("产业园区")
