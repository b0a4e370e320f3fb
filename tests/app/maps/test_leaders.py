"""Leaders on the map: a spoke for each led unit, an open circle for who is led by nobody, words for both."""

import gzip
import json

import numpy as np
import pytest
import shapely

from app.drawings.frames import PAPERS, frame_ground, make_frame
from app.drawings.plan_map import draw_unit_map
from app.i18n import LANGUAGES, load_words
from app.maps.cards import make_unit_cards
from app.maps.leaders import format_role, make_led_points, make_spokes, read_leader_walks
from app.maps.themes import pick_area_colours, tint


def read(file):
    return json.loads(gzip.decompress(file.packed))


def test_a_spoke_goes_from_each_led_unit_to_its_leader(led_bench):
    spokes = make_spokes(led_bench)
    assert dict(zip(spokes.index, spokes["leader"], strict=True)) == led_bench.leaders
    shapes = led_bench.units.geometry
    for unit, line in spokes.geometry.items():
        start, end = (shapely.Point(place) for place in line.coords)
        assert shapes.iloc[unit].covers(start)
        assert shapes.iloc[led_bench.leaders[unit]].covers(end)


def test_who_is_led_and_who_is_not_have_points_of_their_own(led_bench):
    points = make_led_points(led_bench)
    told = {row["unit_id"] for row in led_bench.plan["unled"]}
    ids = led_bench.units["unit_id"]
    assert {ids.iloc[unit] for unit in points.index[~points["is_led"]]} == told
    assert set(points.index[points["is_led"]]) == set(led_bench.leaders)


def test_the_layers_of_the_map_hold_them(led_data, data):
    assert len(read(led_data.layers["spokes"])["features"]) == len(led_data.bench.leaders)
    assert len(read(led_data.layers["anchors"])["features"]) == len(led_data.bench.followers)
    left = [f["id"] for f in read(led_data.layers["units"])["features"] if f["properties"]["left_over"]]
    assert left == sorted(led_data.bench.left_over.tolist())
    led = sum(len(area["unit_ids"]) - 1 for area in data.bench.areas if area["anchor_unit_id"])
    assert len(read(data.layers["spokes"])["features"]) == led  # one anchor leads a whole area


def test_walks_to_leaders_are_those_of_the_dataset(led_bench):
    walks = led_bench.dataset.layer("walks")
    ids = led_bench.units["unit_id"].tolist()
    found = read_leader_walks(led_bench)
    for unit, leader in led_bench.leaders.items():
        pair = {ids[unit], ids[leader]}
        rows = walks[walks["unit_a"].isin(pair) & walks["unit_b"].isin(pair)]
        assert found.get(unit) == (rows["walk_m"].min() if len(rows) else None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_cards_say_whom_a_unit_leads_who_leads_it_or_why_nobody_does(led_bench, language):
    words = load_words(language)
    cards = json.loads(make_unit_cards(led_bench, words))
    told = [dict(card["rows"]).get(words("card.role")) for card in cards]
    assert told == [format_role(led_bench, unit, words) for unit in range(len(cards))]
    names = led_bench.units["name"]
    for leader, led in led_bench.followers.items():
        assert str(names.iloc[led[0]]) in told[leader]
        assert all(str(names.iloc[leader]) in told[unit] for unit in led)
    for unit in led_bench.unled_reasons:
        assert words("card.unled", reason="") in told[unit]
    outside = np.flatnonzero(led_bench.area_of < 0)
    assert all(told[unit] is None for unit in outside)


def test_what_is_led_is_stronger_than_what_only_shares_services(led_data):
    bench, theme = led_data.bench, led_data.themes[0]
    assert [band.key for band in theme.bands] == ["led", "unled", "member", "left_over", "out_of_scope"]
    assert sum(band.n_units for band in theme.bands) == len(bench.units)
    fills = pick_area_colours(bench)
    for unit, area in enumerate(bench.area_of.tolist()):
        colour = theme.palette[theme.class_of[unit]]
        if unit in bench.leaders or unit in bench.followers:
            assert colour == tint(fills[area], 0.48)
        assert theme.hatched[unit] == (unit in bench.unled_reasons or unit in bench.left_over)
    all_fills = [colour for band in theme.bands for colour in band.colours]
    assert len(all_fills) == len(set(all_fills))  # a class is dimmed by its colours


def test_signs_of_leaders_are_printed_where_there_is_room(led_data):
    theme = led_data.themes[0]
    near = make_frame(led_data.bench)
    far = frame_ground((near.west - 90_000, near.south - 90_000, near.east + 90_000, near.north + 90_000), PAPERS["A4"])
    drawn = draw_unit_map(led_data.bench, theme, near, "", load_words("zh"))
    assert str(drawn.svg).count('fill="#a5501b"') == len(led_data.bench.followers)
    assert {"anchor", "spoke"} <= set(drawn.signs)
    assert "anchor" not in draw_unit_map(led_data.bench, theme, far, "", load_words("zh")).signs
