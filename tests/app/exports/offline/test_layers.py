"""Layers of the offline map: what is missing leaves an empty layer, names are text."""

import numpy as np

from app.exports.offline import layers
from app.exports.offline.layers import format_text, make_layers
from app.exports.request import make_request


def test_every_layer_has_its_name_in_the_readers_language(town):
    for language, told in (("zh", "片区外廓"), ("en", "Outlines of areas")):
        request = make_request(*town, language=language)
        layers = make_layers(request, request.parts("city")[0], np.array(["#0072B2"] * len(request.areas)))
        names = [layer.layer_name for layer in layers]
        assert told in names
        assert len(names) == len(set(names))


def test_text_of_the_data_does_nothing():
    assert format_text('<b onclick="x">{{ 1 }}') == "&lt;b onclick=&quot;x&quot;&gt;&#123;&#123; 1 }}"


def test_ground_around_points_is_dashed_and_who_is_left_over_still_stands_out():
    assert layers._dash({"color": "#FFFFFF"}) == {"color": layers.GREY, "weight": 1, "dashArray": "4 3"}
    assert layers._dash({"color": layers.GAP})["color"] == layers.GAP
