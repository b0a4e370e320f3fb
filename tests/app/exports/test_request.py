"""What an export is made from: parts without loss, names that say what a file is."""

import pytest

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
