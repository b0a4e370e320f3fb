"""The registry: laws that hold for every indicator and every theme."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.indicators.registry import REGISTRY, THEMES, classify_units, compute_indicators, make_figure_record
from analysis.policy import read_policy
from geo.errors import UnknownCodeError, UsageError
from geo.schema import MANAGEMENT_MODES
from geo.storage.dataset import write_dataset
from geo.storage.layer_frames import shape_layer
from geo.storage.manifest import new_manifest

POLICY = read_policy()


def random_layers(seed: int, n: int = 60) -> dict[str, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    ids = [f"u{i:02d}" for i in range(n)]

    def pick(values):
        return rng.choice(np.array([*values, None], dtype=object), n)

    frames = {
        "units": pd.DataFrame(
            {
                "unit_id": ids,
                "kind": rng.choice(["community", "single_building"], n),
                "name": "单元",
                "district_code": pick(["150001", "150002"]),
                "street_code": pick(["150001001", "150001002", "150002001"]),
                "management_mode": pick(MANAGEMENT_MODES),
                "households": pick([40, 300, 900]),
                "floor_area_m2": pick([3000.0, 24000.0]),
            }
        ),
        "ebike_stock": pd.DataFrame({"unit_id": ids[::2], "ebikes": rng.integers(0, 400, n // 2)}),
        "ebike_sites": pd.DataFrame({"site_id": ids, "unit_id": rng.choice(ids, n), "ports": pick([0, 10, 40])}),
    }
    return {name: shape_layer(name, frame, "EPSG:4546") for name, frame in frames.items()}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("basis", ["count", "households", "floor_area"])
def test_streets_add_up_to_the_city(seed, basis):
    layers = random_layers(seed)
    city = {f.key: f for f in compute_indicators(layers, POLICY, basis=basis)}
    streets = compute_indicators(layers, POLICY, level="street", basis=basis)
    for key in {f.key for f in streets}:
        total, parts = city[key], [f for f in streets if f.key == key]
        assert sum(f.numerator or 0 for f in parts) == (total.numerator or 0)
        assert sum(f.unknown_units for f in parts) == total.unknown_units
        assert sorted(u for f in parts for u in f.unit_ids) == sorted(total.unit_ids)


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_rows_changes_no_figure(seed):
    layers = random_layers(seed)
    shuffled = {n: f.sample(frac=1, random_state=seed) for n, f in layers.items()}
    for one, other in zip(compute_indicators(layers, POLICY), compute_indicators(shuffled, POLICY), strict=True):
        assert sorted(one.unit_ids) == sorted(other.unit_ids)
        assert replace(one, unit_ids=()) == replace(other, unit_ids=())


def test_a_dataset_and_its_layers_give_the_same(tmp_path):
    layers = random_layers(0)
    units = layers["units"].assign(
        geom_quality="missing",
        households_quality="reported",
        floor_area_m2_quality="reported",
        built_year_quality="missing",
    )
    layers = {**layers, "units": units}
    dataset = write_dataset(tmp_path, new_manifest("虚构城", "EPSG:4546", demo=True), layers)
    assert compute_indicators(dataset, POLICY) == compute_indicators(layers, POLICY)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.key)
def test_every_unit_has_a_band_of_the_legend(theme):
    layers = random_layers(1)
    table = classify_units(layers, POLICY, theme.key)
    assert list(table.columns) == ["unit_id", "band", "value", "estimated"]
    assert table["unit_id"].tolist() == layers["units"]["unit_id"].tolist()
    assert set(table["band"]) <= {band.key for band in theme.bands(POLICY)}
    assert theme.indicator_key in {None, *(entry.key for entry in REGISTRY)}
    assert set(theme.kept) - {band.key for band in theme.bands(POLICY)} == set()


def test_records_are_json_without_nan():
    records = [make_figure_record(f) for f in compute_indicators(random_layers(2), POLICY, level="district")]
    assert json.loads(json.dumps(records, allow_nan=False)) == records


@pytest.mark.parametrize("indicator", REGISTRY, ids=lambda entry: entry.key)
def test_every_indicator_is_documented(indicator, root):
    """Its key, names, formula, clause, columns and version stand in one row of the handbook."""
    text = (root / "docs" / "indicators.md").read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if f"| `{indicator.key}` |" in line)
    told = (
        indicator.id,
        indicator.name_zh,
        indicator.name_en,
        indicator.formula,
        indicator.clause,
        indicator.version,
        *indicator.columns,
    )
    assert [part for part in told if part not in row] == []


def test_all_rows_of_the_action_plan_are_there():
    numbers = {entry.id.split(".")[0].rstrip("abcde") for entry in REGISTRY}
    assert numbers >= {f"G{i:02d}" for i in range(1, 13)} | {f"T{i:02d}" for i in range(1, 32)}
    lettered = {entry.id for entry in REGISTRY}
    assert lettered >= {
        "T07a",
        "T07b",
        "T07c",
        "T10a",
        "T10b",
        "T10c",
        "T12a",
        "T12b",
        "T12c",
        "T12d",
        "T13a",
        "T13b",
        "T13c",
        "T13d",
        "T13e",
        "T14a",
        "T14b",
        "T15a",
        "T15b",
        "T15c",
        "T19a",
        "T19b",
        "T25a",
        "T25b",
        "T25c",
        "T25d",
    }
    keys = [entry.key for entry in REGISTRY]
    assert len(keys) == len(set(keys))


def test_without_data_nothing_has_a_value_and_all_say_what_is_missing():
    """One unit of which nothing is known: no figure is zero, each names the columns it needs."""
    units = pd.DataFrame({"unit_id": ["c1"], "kind": ["community"], "name": ["小区"]})
    figures = compute_indicators({"units": shape_layer("units", units, "EPSG:4546")}, POLICY, year=2026)
    assert len(figures) == len(REGISTRY)
    for figure in figures:
        assert (figure.value, figure.key) == (None, figure.key)
        assert figure.missing_columns, figure.key


def test_unknown_choices_are_refused():
    with pytest.raises(UsageError, match="village"):
        compute_indicators(random_layers(0), POLICY, level="village")
    with pytest.raises(UnknownCodeError, match="weather"):
        classify_units(random_layers(0), POLICY, "weather")
