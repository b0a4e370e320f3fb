from __future__ import annotations

from geo.schema import GRAPH_INPUTS, IMPORTABLE, KEYS, LAYERS, PLANNING_LAYERS, field_names


def test_every_key_is_a_required_or_first_field_of_its_layer():
    for layer, key in KEYS.items():
        assert key in field_names(layer)


def test_named_layers_exist_and_no_field_stands_twice():
    assert {*IMPORTABLE, *PLANNING_LAYERS, *GRAPH_INPUTS} <= set(LAYERS)
    for layer in LAYERS:
        assert len(set(field_names(layer))) == len(field_names(layer))
