"""The table of a plan's units: each once, with its role."""

from types import SimpleNamespace

import geopandas as gpd
import pytest
import shapely

from analysis.bundling.document.roles import ROLES
from app.exports.plan_table import clean_codes, list_notices, plan_id, tell_estimated, tell_overlaps, unit_table
from app.exports.public import PublicDataset
from app.i18n import load_words
from geo.errors import UsageError

ZH = load_words("zh")


def test_every_unit_has_one_role_of_those_there_are(town):
    dataset, document = town
    table = unit_table(dataset, document)
    assert table["unit_id"].is_unique
    assert set(table["role"]) <= set(ROLES)
    assert dict(zip(table["unit_id"], table["role"], strict=True))["lead"] == "anchor"


def test_a_plan_that_lacks_a_unit_is_refused(town):
    dataset, document = town
    with pytest.raises(UsageError, match="left"):
        unit_table(dataset, {**document, "left_over": []})


def test_a_district_is_part_of_the_name_of_a_file(town):
    dataset, document = town
    assert set(clean_codes(dataset.layer("units")["district_code"])) == {"150203", "150204", "unknown"}
    assert len(plan_id(document)) == 16


def test_files_say_that_ground_around_points_is_no_outline(town):
    dataset, _ = town
    assert tell_estimated(dataset, ZH) == ""
    units = dataset.layer("units").assign(geom_quality=["estimated_cell", "buffered_point"] + ["digitised"] * 6)
    told = tell_estimated(SimpleNamespace(layer={"units": units}.get), ZH)
    assert told.startswith("2 个单元只有点位")
    assert list_notices(SimpleNamespace(layer={"units": units}.get), ZH)[0] == told


def test_a_reader_is_told_of_outlines_that_overlap():
    shapes = [shapely.box(0, 0, 10, 10), shapely.box(8, 0, 18, 10), shapely.box(18, 0, 30, 10), shapely.box(0, 0, 9, 9)]
    quality = ["digitised", "digitised", "digitised", "buffered_point"]
    units = gpd.GeoDataFrame({"geom_quality": quality}, geometry=shapes, crs="EPSG:4546")
    assert "1 对边界" in tell_overlaps(ZH, units)
    assert "20 ㎡" in tell_overlaps(ZH, units)
    assert tell_overlaps(load_words("en"), units).startswith("1 pair of outlines")
    assert tell_overlaps(ZH, units.iloc[2:]) == ""


def test_files_for_the_public_are_not_called_internal(town):
    dataset, _ = town
    assert "内部" in list_notices(dataset, ZH)[-1]
    assert "内部" not in list_notices(PublicDataset(dataset.folder, dataset.manifest), ZH)[-1]
