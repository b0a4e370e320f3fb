"""What an export is made from: parts without loss, names that say what a file is."""

from dataclasses import replace

import pytest

from app.exports.public import PublicDataset
from app.exports.request import make_request


@pytest.mark.parametrize("level", ["city", "district", "street"])
def test_every_unit_and_area_is_in_one_part(town, level):
    request = make_request(*town)
    parts = request.parts(level)
    assert sorted(unit for part in parts for unit in part.units["unit_id"]) == sorted(request.units["unit_id"])
    assert sorted(area for part in parts for area in part.areas["area_id"]) == ["P-1", "P-2"]


def test_names_say_where_which_version_and_what_it_is_not(town):
    request = make_request(*town, number=3)
    name = request.file_name("片区", request.parts("district")[0], ".gpkg")
    assert name.startswith("片区_150203_")
    assert "_v3_" in name
    assert "演示数据" in name
    assert ("草案" in name) == request.is_draft


def test_names_for_english_readers_are_english(town):
    whole = make_request(*town, language="en")
    request = replace(whole, dataset=PublicDataset(whole.dataset.folder, whole.dataset.manifest))
    name = request.file_name("areas", request.parts("district")[0], ".gpkg")
    assert name.endswith("_public_draft_demo data.gpkg" if request.is_draft else "_public_demo data.gpkg")


def test_a_place_that_is_named_needs_no_code_in_names(town):
    request = make_request(*town)
    part = replace(request.parts("district")[0], code="unknown", name="某市")
    assert request.file_name("片区", part, ".gpkg").startswith("片区_某市_")
    assert request.file_name("片区", replace(part, name=""), ".gpkg").startswith("片区_unknown_")
