"""The 15-minute circle: every service asked for, on foot, round what stands in the way."""

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString, Point, box

from analysis.indicators.life_circle import measure_service_walks
from analysis.indicators.registry import compute_indicators
from analysis.policy import read_policy
from geo.storage.layer_frames import shape_layer

POLICY = read_policy().replaced({"life_circle.kinds": ("shop", "repair_station")})
LIMIT_M = 990.0  # 15 minutes at 1.1 m/s
RULES = {"kinds": ("shop",), "limit_m": LIMIT_M, "detour_factor": 1.3, "hard_kinds": ("railway",)}


def layers(points, *, walks=(), railway=False, households=(100, 300)):
    """Two communities 400 m apart, c0 | c1; with a railway between them where asked for."""
    frames = {
        "units": pd.DataFrame(
            {
                "unit_id": ["c0", "c1"],
                "kind": "community",
                "households": list(households),
                "geometry": [box(x, 0, x + 100, 100) for x in (0, 400)],
            }
        ),
        "service_points": pd.DataFrame(
            [
                {"point_id": f"p{i}", "kind": kind, "unit_id": host, "geometry": Point(x, 50)}
                for i, (kind, x, host) in enumerate(points)
            ],
            columns=["point_id", "kind", "unit_id", "geometry"],
        ),
        "walks": pd.DataFrame(walks, columns=["unit_a", "unit_b", "walk_m"]),
        "barriers": pd.DataFrame(
            {"barrier_id": ["r"], "kind": ["railway"], "geometry": [LineString([(250, -900), (250, 900)])]}
            if railway
            else {"barrier_id": [], "kind": [], "geometry": []}
        ),
    }
    return {name: shape_layer(name, frame, "EPSG:4546") for name, frame in frames.items()}


def metres(held):
    frames = [held[n] for n in ("units", "service_points", "walks", "barriers")]
    frames = [f if n == 2 else gpd.GeoDataFrame(f) for n, f in enumerate(frames)]
    return measure_service_walks(*frames, **RULES)["shop"]


def circle(held, **options):
    figures = compute_indicators(held, POLICY, **options)
    return next(f for f in figures if f.key == "life_circle_15min_rate")


def test_it_is_the_straight_line_times_the_detour_where_no_walk_is_known():
    assert metres(layers([("shop", 150, None)])).tolist() == pytest.approx([130.0, 390.0])


def test_a_railway_stops_the_straight_line_but_not_the_walk_the_dataset_knows():
    shop = [("shop", 50, "c0")]
    assert metres(layers(shop, railway=True)).isna().tolist() == [False, True]
    known = [("c0", "c1", 850.0)]
    assert metres(layers(shop, railway=True, walks=known)).tolist() == pytest.approx([0.0, 850.0])
    far = [("c0", "c1", 1200.0)]
    assert metres(layers(shop, walks=far)).isna().tolist() == [False, True]


def test_all_services_asked_for_must_be_in_reach():
    held = layers([("shop", 50, None), ("repair_station", 1150, None), ("repair_station", 60, None)])
    assert circle(held).value == 1.0
    held = layers([("shop", 50, None), ("repair_station", -450, None)])
    found = circle(held)
    assert (found.numerator, found.denominator, found.basis) == (100, 400, "households")
    assert found.unit_ids == ("c0",)


def test_a_kind_the_city_has_no_row_of_is_a_gap_of_the_data():
    found = circle(layers([("shop", 50, None)]))
    assert (found.value, found.completeness) == (None, 0.0)
    assert any("service_points" in column for column in found.missing_columns)


def test_a_community_without_households_is_not_known():
    held = layers([("shop", 50, None), ("repair_station", 50, None)], households=(100, None))
    found = circle(held)
    assert (found.value, found.unknown_units) == (1.0, 1)


def test_without_service_points_what_offices_report_counts_and_says_so():
    reported = pd.DataFrame(
        {
            "indicator_id": ["T30"],
            "admin_code": ["150200"],
            "period": ["2026-06"],
            "numerator": [70.0],
            "denominator": [100.0],
        }
    )
    held = {**layers([]), "reported_figures": shape_layer("reported_figures", reported, "EPSG:4546")}
    found = circle(held, year=2026)
    assert (found.value, found.source) == (0.7, "reported")
    with_points = layers([("shop", 50, None), ("repair_station", 50, None)])
    assert circle({**held, **with_points}, year=2026).source == "computed"


def test_a_service_that_only_names_its_unit_stands_at_the_unit():
    held = layers([("shop", 50, "c0")])
    held["service_points"] = held["service_points"].set_geometry([None], crs="EPSG:4546")
    assert metres(held).tolist() == pytest.approx([0.0, 520.0])
