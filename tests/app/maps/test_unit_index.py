"""The file of search, filter and table: every unit once, every name with its sound."""

import gzip
import json

import pytest

from app.i18n import LANGUAGES
from app.maps.unit_index import pinyin_key


@pytest.fixture(params=LANGUAGES)
def index(request, data):
    return json.loads(gzip.decompress(data.indexes[request.param].pack()))


def test_every_column_has_every_unit(index, bench):
    assert index["units"]["id"] == bench.units["unit_id"].tolist()
    assert {len(column) for column in index["units"].values()} == {len(bench.units)}


def test_positions_lead_to_the_names_they_mean(index, bench):
    for i, code in enumerate(bench.units["street_code"]):
        at = index["units"]["street"][i]
        assert index["streets"][at][0] == code
    for i, key in bench.reason_of.items():
        assert index["reasons"][index["units"]["reason"][i]][0] == key
    managed = [i for i, at in enumerate(index["units"]["company"]) if at >= 0]
    assert managed == bench.units.index[bench.units["company_id"].notna()].tolist()


def test_what_is_missing_stays_missing(index, bench):
    for name in ("households", "built_year"):
        missing = [i for i, value in enumerate(index["units"][name]) if value is None]
        assert missing == bench.units.index[bench.units[name].isna()].tolist()


def test_areas_places_and_companies_can_be_found(index, bench):
    kinds = [entry["kind"] for entry in index["others"]]
    assert kinds.count("area") == len(bench.areas)
    assert {"district", "street", "company"} <= set(kinds)
    assert all(entry["bounds"] for entry in index["others"] if entry["kind"] != "company")


def test_a_name_sounds_syllable_by_syllable():
    assert pinyin_key("重庆路3号院") == "chong qing lu 3 hao yuan"
