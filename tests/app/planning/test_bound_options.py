"""Bounds of an area's size come back from the panel as they were put in."""

import pytest

from analysis.bundling.model.sizes import SizeBound
from app.planning.bound_options import bound_texts, bound_values
from geo.errors import UsageError


def test_bounds_come_back_as_they_were():
    fields = bound_values([SizeBound("members", 3, None), SizeBound("floor_area", 0, 9000)])
    assert set(bound_texts({"weight": "households"} | fields)) == {"members=3:", "floor_area=:9000"}


def test_faults_are_told_together():
    fields = {"bound_members_lower": 9, "bound_members_upper": 3, "bound_floor_area_lower": -1}
    with pytest.raises(UsageError) as told:
        bound_texts(fields)
    assert "单元数" in told.value.zh
    assert "建筑面积" in told.value.zh
