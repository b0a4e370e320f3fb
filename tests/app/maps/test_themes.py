"""Themes of the map: counted as the analysis counts, coloured so that neighbours differ."""

import gzip
import json

import numpy as np

from analysis.indicators.registry import THEMES, classify_units
from analysis.studies.colouring import find_adjacent_areas
from app.maps.themes import NEXT_TO_M, pick_area_colours


def read(file):
    return json.loads(gzip.decompress(file.packed))


def test_every_unit_has_a_class_in_every_theme(bench, data):
    record = read(data.values)
    plain = [key for key in record["themes"] if "~" not in key]
    assert plain == ["areas", *[theme.key for theme in THEMES]]
    for theme in record["themes"].values():
        assert len(theme["class_of"]) == len(bench.units)
        assert max(theme["class_of"]) < len(theme["colours"])


def test_legend_counts_are_the_classes_of_analysis(bench, data):
    for theme in data.themes[1:]:
        if theme.method not in (None, "policy"):
            continue
        counted = classify_units(bench.layers, bench.policy, theme.key)["band"].value_counts()
        assert {band.key: band.n_units for band in theme.bands if band.n_units} == counted.to_dict()


def test_legend_of_areas_counts_every_unit_once(bench, data):
    assert sum(band.n_units for band in data.themes[0].bands) == len(bench.units)


def test_areas_next_to_each_other_differ_in_colour(bench):
    fills = pick_area_colours(bench)
    pairs = find_adjacent_areas(bench.units.geometry.to_numpy(), bench.area_of, gap_m=NEXT_TO_M)
    assert len(pairs)
    assert all(fills[a] != fills[b] for a, b in pairs)


def test_hatching_is_what_has_no_data_or_no_area(bench, data):
    left_over = np.zeros(len(bench.units), dtype=bool)
    left_over[bench.left_over] = True
    assert (data.themes[0].hatched == left_over).all()
    charging = next(theme for theme in data.themes if theme.key == "ebike_ports")
    bands = classify_units(bench.layers, bench.policy, "ebike_ports")["band"]
    assert (charging.hatched == (bands == "no_data").to_numpy()).all()
