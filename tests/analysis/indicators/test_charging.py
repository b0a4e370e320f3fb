"""Bikes per port: a ratio of sums, of ports in service, and never of piles."""

import pandas as pd
import pytest

from analysis.indicators.registry import classify_units, compute_indicators, is_target_met
from analysis.policy import read_policy
from geo.storage.layer_frames import shape_layer

POLICY = read_policy()


def town(stock: dict, sites: list[dict], n_units: int = 3) -> dict[str, pd.DataFrame]:
    """Layers of n communities "c0", "c1"… with bikes by unit and rows of charging sites."""
    frames = {
        "units": pd.DataFrame({"unit_id": [f"c{i}" for i in range(n_units)], "kind": "community", "name": "小区"}),
        "ebike_stock": pd.DataFrame({"unit_id": list(stock), "ebikes": list(stock.values()), "method": "registered"}),
        "ebike_sites": pd.DataFrame([{"site_id": f"s{i}", "in_service": True, **site} for i, site in enumerate(sites)]),
    }
    return {name: shape_layer(name, frame, "EPSG:4546") for name, frame in frames.items()}


def ratio(layers, **options):
    (figure,) = (f for f in compute_indicators(layers, POLICY, **options) if f.id == "T25a")
    return figure


def bands(layers):
    return classify_units(layers, POLICY, "ebike_ports").set_index("unit_id")["band"].to_dict()


def test_it_is_a_ratio_of_sums_not_a_mean_of_ratios():
    layers = town({"c0": 10, "c1": 300}, [{"unit_id": "c0", "ports": 10}, {"unit_id": "c1", "ports": 50}])
    figure = ratio(layers)
    assert figure.value == 310 / 60
    assert (figure.numerator, figure.denominator, figure.target) == (310, 60, 3.0)
    assert figure.unit_ids == ("c0", "c1")


def test_a_unit_with_bikes_and_no_port_weighs_in():
    layers = town({"c0": 30, "c1": 30}, [{"unit_id": "c0", "ports": 10}, {"unit_id": "c1", "ports": 0}])
    assert ratio(layers).value == 6.0
    assert bands(layers) == {"c0": "ok", "c1": "no_ports", "c2": "no_data"}


def test_without_any_port_the_ratio_has_no_value_but_its_sums():
    figure = ratio(town({"c0": 30}, [{"unit_id": "c0", "ports": 0}]))
    assert (figure.value, figure.numerator, figure.denominator) == (None, 30, 0)


def test_piles_are_never_ports():
    layers = town({"c0": 30}, [{"unit_id": "c0", "piles": 40}])
    assert ratio(layers).numerator is None
    assert bands(layers)["c0"] == "no_data"


def test_ports_out_of_service_do_not_count():
    sites = [{"unit_id": "c0", "ports": 10}, {"unit_id": "c0", "ports": 90, "in_service": False}]
    assert ratio(town({"c0": 40}, sites)).value == 4.0


def test_unknown_ports_out_of_service_do_no_harm_but_in_service_they_do():
    closed = [{"unit_id": "c0", "ports": 10}, {"unit_id": "c0", "in_service": False}]
    assert ratio(town({"c0": 40}, closed)).value == 4.0
    open_ = [{"unit_id": "c0", "ports": 10}, {"unit_id": "c0"}]
    assert ratio(town({"c0": 40}, open_)).value is None


def test_stock_without_any_site_row_is_a_gap_not_a_zero():
    layers = town({"c0": 30, "c1": 60}, [{"unit_id": "c0", "ports": 10}])
    figure = ratio(layers)
    assert figure.value == 3.0
    assert figure.completeness == pytest.approx(1 / 3)
    assert figure.unknown_units == 2
    assert bands(layers)["c1"] == "no_data"


@pytest.mark.parametrize(("bikes", "band"), [(0, "ok"), (30, "ok"), (31, "mid"), (50, "mid"), (51, "high")])
def test_a_bound_belongs_to_the_better_band(bikes, band):
    assert bands(town({"c0": bikes}, [{"unit_id": "c0", "ports": 10}]))["c0"] == band


def test_estimated_stock_is_marked():
    layers = town({"c0": 30, "c1": 20}, [{"unit_id": u, "ports": 10} for u in ("c0", "c1")])
    layers["ebike_stock"]["method"] = ["estimated", "survey"]
    assert ratio(layers).estimated_share == 0.5
    assert classify_units(layers, POLICY, "ebike_ports")["estimated"].tolist() == [True, False, False]


def test_a_town_without_charging_data_has_no_value():
    figure = ratio(town({}, []))
    assert (figure.value, figure.numerator, figure.completeness) == (None, None, 0.0)
    assert "ebike_stock.ebikes" in figure.missing_columns
    assert "ebike_sites.ports" in figure.missing_columns


def figure(key, layers, **options):
    return next(f for f in compute_indicators(layers, POLICY, **options) if f.key == key)


@pytest.mark.parametrize(("bikes", "ports", "gap"), [(10, 2, 2), (9, 3, 0), (10, 3, 1), (0, 0, 0), (30, 0, 10)])
def test_ports_lacking_are_rounded_up(bikes, ports, gap):
    layers = town({"c0": bikes}, [{"unit_id": "c0", "ports": ports}])
    assert figure("ebike_port_gap", layers).value == gap


def test_spare_ports_of_one_do_not_serve_another():
    layers = town({"c0": 30, "c1": 30}, [{"unit_id": "c0", "ports": 90}, {"unit_id": "c1", "ports": 4}])
    assert figure("ebike_port_gap", layers).value == 6
    assert ratio(layers).value < 3


@pytest.mark.parametrize(
    "known", [{"stock": {"c0": 30}, "sites": []}, {"stock": {}, "sites": [{"unit_id": "c0", "ports": 9}]}]
)
def test_with_either_missing_there_is_no_gap_and_no_pass(known):
    layers = town(**known)
    assert figure("ebike_port_gap", layers).value is None
    assert figure("ebike_ratio_pass_rate", layers).value is None


def test_estimated_stock_never_passes_and_never_meets_the_target():
    layers = town({"c0": 30, "c1": 30}, [{"unit_id": u, "ports": 10} for u in ("c0", "c1")])
    layers["ebike_stock"]["method"] = ["estimated", "survey"]
    passed = figure("ebike_ratio_pass_rate", layers)
    assert (passed.numerator, passed.denominator) == (1, 1)
    assert is_target_met(ratio(layers)) is None
    layers["ebike_stock"]["method"] = "survey"
    assert is_target_met(ratio(layers)) is True


def test_registered_surveyed_and_estimated_are_kept_apart():
    layers = town({"c0": 30, "c1": 40, "c2": 50}, [{"unit_id": f"c{i}", "ports": 10} for i in range(3)])
    layers["ebike_stock"]["method"] = ["registered", "survey", "estimated"]
    apart = [figure(f"ebike_port_ratio_{m}", layers).value for m in ("registered", "survey", "estimated")]
    assert apart == [3.0, 4.0, 5.0]
    assert ratio(layers).value == 4.0
