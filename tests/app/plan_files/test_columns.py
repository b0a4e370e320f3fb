"""Columns are recognised by what bureaus and our own files call them."""

import pytest

from app.exports.gis.fields import UNIT_FIELDS
from app.i18n import load_words
from app.plan_files.columns import find_columns

NEEDED = {"unit_id", "name", "area", "leader", "leader_name"}


@pytest.mark.parametrize("names", [[field.key for field in UNIT_FIELDS], [field.short for field in UNIT_FIELDS]])
def test_our_own_gis_files(names):
    found = find_columns(names)
    assert set(found) >= NEEDED
    assert found["area"].lower() == "area_id"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_our_own_workbook(language):
    heads = load_words(language)("office.unit_heads").split("|")
    found = find_columns(heads)
    assert set(found) >= NEEDED
    assert heads.index(found["area"]) == 5


def test_the_surest_name_wins_over_order():
    assert find_columns(["片区名称", "片区编号", "小区"])["area"] == "片区编号"
