"""What the map is given: every unit once, in degrees, coloured so that neighbours differ."""

import gzip
import json
from dataclasses import replace

import numpy as np
import pytest
import shapely

from analysis.indicators.registry import THEMES, classify_units
from analysis.studies.colouring import find_adjacent_areas
from app.i18n import load_words
from app.maps.cards import make_unit_cards
from app.maps.layers import area_outlines, make_browser_file
from app.maps.themes import NEXT_TO_M, pick_area_colours


def read(file):
    return json.loads(gzip.decompress(file.packed))


def test_units_carry_their_position_and_lie_where_they_belong(bench, data):
    features = read(data.layers["units"])["features"]
    assert [feature["id"] for feature in features] == list(range(len(bench.units)))
    west, south, east, north = bench.units.to_crs(4326).total_bounds
    shapes = shapely.from_geojson([json.dumps(feature["geometry"]) for feature in features])
    assert shapely.total_bounds(shapes) == pytest.approx([west, south, east, north], abs=2e-6)


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


def test_an_outline_holds_its_members(bench):
    outlines = area_outlines(bench).geometry.to_numpy()
    for number, outline in enumerate(outlines):
        members = bench.units.geometry[bench.area_of == number]
        assert shapely.covers(outline, members.to_numpy()).all()


def test_the_name_of_a_file_is_its_content():
    one, other = make_browser_file("a", "x"), make_browser_file("a", "y")
    assert one == make_browser_file("a", "x")
    assert one.name != other.name


def test_a_card_names_the_permit_by_which_its_unit_crosses_a_border(bench):
    words = load_words("zh")
    area = bench.areas[0]
    named, other = area["unit_ids"][:2]
    plan = {
        **bench.plan,
        "areas": [{**area, "street_code": None}, *bench.areas[1:]],
        "permits": [{"permit_id": "p1", "unit_a": named, "document_no": "包物〔2026〕1号"}],
    }
    cards = json.loads(make_unit_cards(replace(bench, plan=plan), words))
    rows = {unit: dict(cards[bench.position_of[unit]]["rows"]) for unit in (named, other)}
    assert rows[named][words("card.permit")] == "p1 · 包物〔2026〕1号"
    assert words("card.permit") not in rows[other]


def test_cards_mark_estimates_and_never_show_a_missing_figure_as_a_number(bench):
    words = load_words("zh")
    cards = json.loads(make_unit_cards(bench, words))
    assert len(cards) == len(bench.units)
    for card, quality in zip(cards, bench.units["households_quality"], strict=True):
        households = dict(card["rows"])[words("card.households")]
        assert ("估算" in households) == (quality == "estimated")
        assert (households == words("card.not_known")) == (quality == "missing")
