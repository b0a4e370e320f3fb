"""Theme, layers, level and classes of the map follow their controls."""

from app.web.callbacks.showing import register
from app.web.layout import ids
from tests.app.web.callbacks.wired import outputs_of


def test_each_control_of_the_map_has_its_property_of_the_map():
    found = outputs_of(register, None)
    assert {f"{ids.MAP}.{name}" for name in ("theme", "visible", "level", "classes", "dimmed")} <= found.keys()
