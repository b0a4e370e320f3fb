"""Roads as whole lines."""

import pytest

from app.maps.background import join_roads


def test_a_road_is_one_line_with_its_name_and_rank(bench):
    roads = bench.dataset.layer("roads")
    joined = join_roads(roads)
    assert set(joined["name"].dropna()) == set(roads["name"].dropna())
    assert set(joined["rank"]) <= {0, 1, 2, 3}
    assert joined.union_all().length == pytest.approx(roads.union_all().length)
    assert joined.geometry.is_simple.all()


def test_no_roads_give_no_lines(bench):
    assert join_roads(bench.dataset.layer("roads").iloc[:0]).empty
