"""Styles are well-formed and know every role."""

from xml.etree import ElementTree as ET

import pytest

from analysis.bundling.document.roles import ROLES
from app.exports.gis.layers import make_layers
from app.exports.gis.qgis_style import make_style


@pytest.mark.parametrize("position", [0, 1, 2])
def test_columns_have_titles(hostile, position):
    layer = make_layers(hostile, hostile.parts("city")[0])[position]
    style = ET.fromstring(make_style(layer, hostile.words))
    assert [one.get("field") for one in style.iter("alias")] == [field.key for field in layer.fields]


def test_every_role_has_a_symbol(hostile):
    style = ET.fromstring(make_style(make_layers(hostile, hostile.parts("city")[0])[1], hostile.words))
    categories = [*style.iter("category")]
    assert {one.get("value") for one in categories} == set(ROLES)
    assert {one.get("symbol") for one in categories} == {one.get("name") for one in style.iter("symbol")}


def test_areas_are_labelled_before_units_and_units_only_where_one_is_near(hostile):
    areas, units = (
        ET.fromstring(make_style(layer, hostile.words)).find("labeling/settings")
        for layer in make_layers(hostile, hostile.parts("city")[0])[:2]
    )
    priorities = [int(one.find("placement").get("priority")) for one in (areas, units)]
    assert priorities[0] > priorities[1]
    assert areas.find("rendering").get("scaleVisibility") == "0"
    assert (units.find("rendering").get("scaleVisibility"), units.find("rendering").get("scaleMax")) == ("1", "6000")
    assert "@map_scale" in areas.find("text-style").get("fieldName")
