"""Bikes per port: a ratio of sums, of ports in service, and never of piles."""

import pandas as pd
import pytest

from analysis.indicators import compute, theme_values
from analysis.policy import read_policy
from geo.dataset import shape_layer

POLICY = read_policy()


def town(stock: dict, sites: list[dict], n_units: int = 3) -> dict[str, pd.DataFrame]:
    """Layers of n communities "c0", "c1"… with bikes by unit and rows of charging sites."""
    frames = {
        "units": pd.DataFrame(
            {"unit_id": [f"c{i}" for i in range(n_units)], "kind": "community", "name": "小区"}
        ),
        "ebike_stock": pd.DataFrame(
            {"unit_id": list(stock), "ebikes": list(stock.values()), "method": "registered"}
        ),
        "ebike_sites": pd.DataFrame(
            [{"site_id": f"s{i}", "in_service": True, **site} for i, site in enumerate(sites)]
        ),
    }
    return {name: shape_layer(name, frame, "EPSG:4546") for name, frame in frames.items()}


def ratio(layers, **options):
    (figure,) = (f for f in compute(layers, POLICY, **options) if f.id == "T25a")
    return figure


def bands(layers):
    return theme_values(layers, POLICY, "ebike_ports").set_index("unit_id")["band"].to_dict()


def test_it_is_a_ratio_of_sums_not_a_mean_of_ratios():
    layers = town({"c0": 10, "c1": 300}, [{"unit_id": "c0", "ports": 10}, {"unit_id": "c1", "ports": 50}])  # fmt: skip
    figure = ratio(layers)
    assert figure.value == 310 / 60
    assert (figure.numerator, figure.denominator, figure.target) == (310, 60, 3.0)
    assert figure.unit_ids == ("c0", "c1")


def test_a_unit_with_bikes_and_no_port_weighs_in():
    layers = town({"c0": 30, "c1": 30}, [{"unit_id": "c0", "ports": 10}, {"unit_id": "c1", "ports": 0}])  # fmt: skip
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


@pytest.mark.parametrize(
    ("bikes", "band"), [(0, "ok"), (30, "ok"), (31, "mid"), (50, "mid"), (51, "high")]
)
def test_a_bound_belongs_to_the_better_band(bikes, band):
    assert bands(town({"c0": bikes}, [{"unit_id": "c0", "ports": 10}]))["c0"] == band


def test_estimated_stock_is_marked():
    layers = town({"c0": 30, "c1": 20}, [{"unit_id": u, "ports": 10} for u in ("c0", "c1")])
    layers["ebike_stock"]["method"] = ["estimated", "survey"]
    assert ratio(layers).estimated_share == 0.5
    assert theme_values(layers, POLICY, "ebike_ports")["estimated"].tolist() == [True, False, False]


def test_a_town_without_charging_data_has_no_value():
    figure = ratio(town({}, []))
    assert (figure.value, figure.numerator, figure.completeness) == (None, None, 0.0)
    assert "ebike_stock.ebikes" in figure.missing_columns
    assert "ebike_sites.ports" in figure.missing_columns
