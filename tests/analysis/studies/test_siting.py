"""Candidate places for charging: on open ground, away from walls, ranked by what is lacking near by."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import LineString, Point, box

from analysis.figures.facts import Facts
from analysis.policy import read_policy
from analysis.studies.siting import find_candidate_sites, read_separation
from geo.errors import UsageError
from geo.storage.layer_frames import shape_layer

POLICY = read_policy()
CRS = "EPSG:4546"


def town(bikes=(90, 0, 30), *, quality="surveyed", policy=POLICY):
    """c0 with two buildings, c1 beside it without need, the single building b2 across the street.

    ```
    c0 [0-100]  c1 [110-210]  b2 [220-250]
    ```
    """
    units = pd.DataFrame(
        {
            "unit_id": ["c0", "c1", "b2"],
            "kind": ["community", "community", "single_building"],
            "name": ["甲", "乙", "丙"],
            "street_code": "150203001",
            "households": [100, 100, 40],
            "geom_quality": quality,
            "geometry": [box(0, 0, 100, 80), box(110, 0, 210, 80), box(220, 30, 250, 42)],
        }
    )
    stock = {"unit_id": units["unit_id"], "ebikes": list(bikes), "method": "survey"}
    sites = {"site_id": ["s0", "s1", "s2"], "unit_id": units["unit_id"], "ports": 0, "in_service": True}
    frames = {"units": units, "ebike_stock": pd.DataFrame(stock), "ebike_sites": pd.DataFrame(sites)}
    return Facts({n: shape_layer(n, f, CRS) for n, f in frames.items()}, policy)


def blocks(floors=6):
    shapes = [box(10, 10, 90, 22), box(10, 50, 90, 62), box(120, 10, 200, 22), box(220, 30, 250, 42)]
    ids = [f"b{i}" for i in range(len(shapes))]
    return shape_layer("buildings", pd.DataFrame({"building_id": ids, "floors_above": floors, "geometry": shapes}), CRS)


def layer(name, rows):
    return shape_layer(name, pd.DataFrame(rows), CRS)


@pytest.mark.parametrize(
    ("profile", "floors", "away"), [("outdoor", 6, 6), ("strict", 6, 6), ("strict", 18, 9), ("strict", None, 9)]
)
def test_places_keep_away_from_walls_and_from_each_other(profile, floors, away):
    found = find_candidate_sites(town(), blocks(floors), profile=profile).sites
    rules = read_separation(POLICY, profile)
    shapes, outline = found.geometry.to_numpy(), box(0, 0, 100, 80).buffer(1e-6)
    assert len(found) > 2
    walls = shapely.union_all(blocks().geometry.to_numpy())
    assert shapely.distance(shapes, walls).min() >= away - 1e-6
    apart = shapely.distance(shapes[:, None], shapes[None, :])[~np.eye(len(shapes), dtype=bool)]
    assert apart.min() >= rules.apart_m - 1e-6
    assert shapely.covers(outline, shapes[found["unit_id"] == "c0"]).all()
    sides = shapely.minimum_rotated_rectangle(shapes)
    assert shapely.length(sides).max() <= 4 * rules.group_m + 1e-6
    assert (found["capacity"] <= found["area_m2"] / rules.m2_per_bike + 0.1).all()
    assert found["capacity"].max() <= rules.most_bikes
    assert found["capacity"].min() >= rules.least_bikes


def test_they_are_ranked_by_the_ports_lacking_within_a_walk():
    siting = find_candidate_sites(town(), blocks())
    sites, reach = siting.sites, siting.reach.set_index(["site_id", "unit_id"])["walk_m"]
    assert siting.need == {"c0": 30, "b2": 10}
    assert sites["rank"].tolist() == list(range(1, len(sites) + 1))
    assert sites["need_ports"].is_monotonic_decreasing
    assert set(sites["need_ports"]) == {10, 30}
    assert (reach.xs("c0", level="unit_id") == 0).all()
    across = reach.xs("b2", level="unit_id")
    assert {site.split("-")[1] for site in across.index} == {"c1"}  # within 150 m ÷ 1.3 of c1 only
    assert across.max() <= 150


def test_what_has_ground_of_its_own_is_served_by_others_only_where_the_policy_says_so():
    facts = town(bikes=(90, 30, 30))
    for share, served in (("own", {"c1"}), ("no_space", {"c1", "b2"}), ("all", {"c0", "c1", "b2"})):
        wide = Facts(facts.layers, POLICY.replaced({"siting.share": share}))
        reach = find_candidate_sites(wide, blocks()).reach
        assert set(reach.loc[reach["site_id"].str.startswith("X-c1"), "unit_id"]) == served


def test_a_railway_in_between_parts_a_place_from_a_unit():
    line = LineString([(215, -900), (215, 900)])
    rail = layer("barriers", {"barrier_id": ["r"], "kind": ["railway"], "geometry": [line]})
    assert set(find_candidate_sites(town(), blocks(), barriers=rail).reach["unit_id"]) == {"c0"}


def test_a_road_keeps_its_fire_lane():
    road = LineString([(0, 36), (100, 36)])
    lane = layer("roads", {"road_id": ["w"], "geometry": [road]})
    shapes = find_candidate_sites(town(), blocks(), roads=lane).sites.geometry.to_numpy()
    assert shapely.distance(shapes, road).min() >= 4 - 1e-6


def test_open_spaces_on_file_stand_for_the_ground_of_their_community():
    spaces = layer(
        "open_spaces",
        {
            "space_id": ["p", "g"],
            "unit_id": ["c0", "c0"],
            "kind": ["parking", "green"],
            "geometry": [box(10, 64, 90, 80), box(10, 24, 90, 48)],
        },
    )
    found = find_candidate_sites(town(), blocks(), open_spaces=spaces).sites
    own = found[found["unit_id"] == "c0"]
    assert set(own["origin"]) == {"open_space"}
    assert set(own["space_id"]) == {"p"}  # nothing on the green
    assert own.geometry.within(box(0, 68, 100, 80)).all()  # 6 m off the wall at 62


def test_where_nothing_can_be_screened_it_is_said():
    bare = blocks().iloc[3:]
    assert set(find_candidate_sites(town(), bare).unscreened["reason"]) == {"no_buildings"}
    discs = find_candidate_sites(town(quality="buffered_point"), blocks())
    assert dict(discs.unscreened.to_numpy()) == {"c0": "no_outline", "c1": "no_outline"}
    full = layer("buildings", {"building_id": ["x"], "geometry": [box(1, 1, 99, 79)]})
    assert dict(find_candidate_sites(town((90, 0, 0)), full).unscreened.to_numpy())["c0"] == "no_ground"
    assert find_candidate_sites(town((90, 0, 0)), full).sites.empty


def test_without_need_there_is_no_place():
    siting = find_candidate_sites(town((0, 0, 0)), blocks())
    assert (len(siting.sites), len(siting.reach), dict(siting.need)) == (0, 0, {})


def test_a_large_place_wants_a_camera_and_estimated_need_is_marked():
    facts = town()
    stock = facts.layers["ebike_stock"].assign(method="estimated")
    found = find_candidate_sites(Facts({**facts.layers, "ebike_stock": stock}, POLICY), blocks()).sites
    assert found["estimated"].all()
    assert (found["needs_video"] == ((found["area_m2"] > 200) | (found["capacity"] > 100))).all()


def test_turning_the_map_turns_the_places():
    """Places lie along the community, not along the grid of the map."""
    facts, turned = town(), {}
    for name, frame in facts.layers.items():
        held = frame.copy()
        if "geometry" in held and held["geometry"].notna().any():
            held = gpd.GeoDataFrame(held, geometry="geometry", crs=CRS)
            held["geometry"] = held.geometry.rotate(30, origin=Point(0, 0))
        turned[name] = held
    rotated = blocks().set_geometry(blocks().geometry.rotate(30, origin=Point(0, 0)))
    here = find_candidate_sites(facts, blocks()).sites
    there = find_candidate_sites(Facts(turned, POLICY), rotated).sites
    assert here.geometry.area.sum() == pytest.approx(there.geometry.area.sum(), rel=0.05)


def test_an_unknown_profile_is_refused():
    with pytest.raises(UsageError, match="indoor"):
        read_separation(POLICY, "indoor")
