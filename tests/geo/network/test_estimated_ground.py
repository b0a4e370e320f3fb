"""Ground for points: no wall is crossed, none is shared, none is larger than it should be."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box

from geo.network.estimated_ground import draw_estimated_ground, estimate_ground
from geo.rules import UnitRules
from tests.effort import examples

RULES = UnitRules(cell_reach_m=200, cell_unsized_reach_m=100, inner_road_classes=("service",))
NOTHING = gpd.GeoDataFrame()
WALLS = np.array([LineString([(150, -500), (150, 800)]), box(260, -400, 300, 700), LineString([(0, 90), (80, 95)])])
SLIVER_M2 = 8.0  # two edges on the centimetre grid may share as much

places = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 300)), min_size=1, max_size=12)


def ground(spots, walls=WALLS, land=np.nan, reach=150.0):
    points = shapely.points(np.asarray(spots, dtype=float))
    return estimate_ground(points, np.full(len(spots), land), walls, reach_m=reach, least_m=30.0)


def units(shapes, **columns):
    rows = {"unit_id": list(shapes), "kind": "community", "geom_quality": "buffered_point", "floor_area_m2": np.nan}
    shapes = [shape.buffer(30, quad_segs=8) if isinstance(shape, Point) else shape for shape in shapes.values()]
    return gpd.GeoDataFrame({**rows, **columns}, geometry=shapes, crs="EPSG:4546")


def layer(shapes, **columns):
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4546")


@given(places, st.sampled_from([np.nan, 3000.0, 20000.0]))
@settings(max_examples=examples(40), deadline=None)
def test_ground_holds_its_point_shares_none_and_stays_off_walls(spots, land):
    cells = ground(spots, land=land)
    known = ~shapely.is_missing(cells)
    points = shapely.points(np.asarray(spots, dtype=float))
    assert shapely.is_valid(cells[known]).all()
    assert (shapely.distance(cells[known], points[known]) <= 0.01).all()
    assert (shapely.hausdorff_distance(cells[known], points[known]) <= 150.1).all()
    land_m2 = np.array([spots.count(spot) * land for spot in spots])[known]  # those on one spot have one cell
    assert not (shapely.area(cells[known]) > np.maximum(land_m2, np.pi * 31**2) * 1.01).any()
    a, b = np.triu_indices(len(spots), 1)
    apart = np.array([spots[i] != spots[j] for i, j in zip(a, b, strict=True)], dtype=bool)
    shared = shapely.area(shapely.intersection(cells[a[apart]], cells[b[apart]]))
    assert (np.nan_to_num(shared) < SLIVER_M2).all()
    taken = shapely.intersection(cells[known][:, None], WALLS[None, :])
    assert (shapely.area(taken) < SLIVER_M2).all()
    assert (shapely.length(taken[:, [0, 2]]) < 0.05).all()


@given(places, st.randoms(use_true_random=False))
@settings(max_examples=examples(25), deadline=None)
def test_order_of_points_and_walls_changes_nothing(spots, random):
    order, walls = list(range(len(spots))), list(WALLS)
    random.shuffle(order)
    random.shuffle(walls)
    before = shapely.to_wkb(ground(spots))
    after = shapely.to_wkb(ground([spots[i] for i in order], np.array(walls)))
    assert list(after) == [before[i] for i in order]


def test_no_ground_lies_beyond_a_wall_though_its_point_is_nearer():
    left, right = ground([(140, 0), (240, 0)])
    assert left.bounds[2] <= 150
    assert right.bounds[0] >= 150  # and what is nearer to the left one, on this side, is the right one's
    assert right.bounds[0] < 152
    assert right.bounds[2] <= 260


def test_ground_goes_round_the_end_of_a_wall():
    wall = np.array([LineString([(50, -500), (50, 20)])])
    one, two = ground([(0, 0), (100, 0)], wall)
    assert one.distance(two) == pytest.approx(0, abs=0.01)


def test_points_on_one_spot_share_one_cell_and_one_on_a_wall_has_none():
    a, b, on_wall, on_water = ground([(20, 20), (20, 20), (150, 10), (280, 10)])
    assert a.equals(b)
    assert on_wall is None
    assert on_water is None


def test_no_points_have_no_ground():
    assert len(estimate_ground(np.empty(0, object), np.empty(0), WALLS, reach_m=9, least_m=3)) == 0


def test_a_pressed_cell_grows_where_there_is_room_until_it_has_its_size():
    walls = np.array([LineString([(-900, 20), (900, 20)]), LineString([(-900, -20), (900, -20)])])
    (cell,) = ground([(0, 0)], walls, land=6000.0, reach=400.0)
    assert cell.area == pytest.approx(6000, rel=0.02)
    assert cell.bounds[2] > np.sqrt(6000 / np.pi) * 1.5


def test_units_with_an_outline_keep_it_and_no_ground_covers_it():
    town = units({"a": Point(0, 0), "b": box(40, -100, 200, 100), "c": Point(300, 0)})
    town["geom_quality"] = ["buffered_point", "digitised", "buffered_point"]
    drawn, found = draw_estimated_ground(town, NOTHING, NOTHING, RULES)
    assert drawn["geom_quality"].tolist() == ["estimated_cell", "digitised", "estimated_cell"]
    assert drawn.geometry[1].equals_exact(town.geometry[1])
    assert drawn.geometry[0].intersection(town.geometry[1]).area < SLIVER_M2
    assert drawn.geometry[0].distance(town.geometry[1]) < 0.02
    assert [one.rule for one in found] == ["units.estimated_ground"]
    assert "2" in found[0].zh


def test_a_dataset_with_outlines_only_is_left_as_it_is():
    town = units({"b": box(40, -100, 200, 100)}, geom_quality="digitised")
    drawn, found = draw_estimated_ground(town, NOTHING, NOTHING, RULES)
    assert drawn is town
    assert found == []
    points = units({"a": Point(0, 0)})
    assert draw_estimated_ground(points, NOTHING, NOTHING, UnitRules())[0] is points


def test_size_follows_the_floor_area_and_a_building_of_unknown_size_stays_small():
    town = units(
        {"sized": Point(0, 0), "unsized": Point(1000, 0), "single": Point(2000, 0)},
        floor_area_m2=[11000.0, np.nan, np.nan],
        kind=["community", "community", "single_building"],
    )
    area = draw_estimated_ground(town, NOTHING, NOTHING, RULES)[0].area
    assert area[0] == pytest.approx(10000, rel=0.03)
    assert area[1] == pytest.approx(np.pi * 100**2, rel=0.02)
    assert area[2] == pytest.approx(np.pi * 30**2, rel=0.02)


def test_roads_bound_ground_but_not_lanes_inside_communities_nor_tunnels():
    lines = [LineString([(x, -300), (x, 300)]) for x in (20, -20, 40)]
    roads = layer(lines, road_class=["service", "residential", "primary"], is_tunnel=[None, False, True])
    (cell,) = draw_estimated_ground(units({"a": Point(0, 0)}), NOTHING, roads, RULES)[0].geometry
    west, _, east, _ = cell.bounds
    assert west == pytest.approx(-19.5, abs=0.1)
    assert east == pytest.approx(100, abs=0.5)


def test_a_unit_of_several_points_has_the_ground_of_all_and_one_on_a_barrier_keeps_its_disc():
    two = shapely.union_all([Point(0, 0).buffer(30), Point(150, 0).buffer(30)])
    barriers = layer([LineString([(500, -300), (500, 300)])], kind=["railway"])
    town = units({"merged": two, "lost": Point(500, 0)})
    drawn = draw_estimated_ground(town, barriers, NOTHING, RULES)[0]
    assert drawn["geom_quality"].tolist() == ["estimated_cell", "buffered_point"]
    assert drawn.geometry[0].geom_type == "Polygon"  # the two cells meet
    assert drawn.geometry[1].equals_exact(town.geometry[1])
