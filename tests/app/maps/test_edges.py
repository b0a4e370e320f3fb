"""The map of neighbours: every pair that was looked at, its fate, and the walk between the two."""

import gzip
import json

import pytest

from app.i18n import load_words
from app.maps.edges import make_edge_files
from app.maps.walks import draw_pair_walk, draw_unit_reach

ZH, EN = load_words("zh"), load_words("en")


@pytest.fixture(scope="module")
def pairs(data):
    files = make_edge_files(data.bench, {"zh": ZH, "en": EN})
    return {lang: json.loads(gzip.decompress(f.packed))["features"] for lang, f in files.items()}


def test_every_pair_is_a_line_with_its_fate_in_each_language(data, pairs):
    edges = data.bench.dataset.layer("edges")
    for language in ("zh", "en"):
        told = [feature["properties"]["allowed"] for feature in pairs[language]]
        assert told == edges["allowed"].tolist()
        assert {feature["geometry"]["type"] for feature in pairs[language]} == {"LineString"}
    assert 0 < sum(edges["allowed"]) < len(edges)


def test_a_refused_pair_says_why(data, pairs):
    edges = data.bench.dataset.layer("edges")
    for position, blocked_by in enumerate(edges["blocked_by"]):
        card = json.loads(pairs["zh"][position]["properties"]["card"])
        reasons = [value for label, value in card["rows"] if label == "原因"]
        assert (card["kind"] == "不相邻") == bool(reasons) == isinstance(blocked_by, str)
        assert all(any("一" <= c <= "鿿" for c in reason) for reason in reasons)


def test_the_walk_of_a_pair_starts_and_ends_at_the_two(data, pairs):
    units = data.bench.units.to_crs("EPSG:4326").set_index("unit_id")
    allowed = [f["properties"]["pair"] for f in pairs["zh"] if f["properties"]["allowed"]]
    for pair in allowed[:: max(1, len(allowed) // 20)]:
        drawn = draw_pair_walk(data.bench, pair, ZH)
        ways = [f["geometry"]["coordinates"] for f in drawn.features["features"]]
        ends = {tuple(ways[0][0]), tuple(ways[-1][-1])}
        a, b = (units.loc[one, "geometry"].buffer(2e-4) for one in pair.split("|"))
        assert len(ends) == 2
        assert any(a.bounds[0] <= x <= a.bounds[2] and a.bounds[1] <= y <= a.bounds[3] for x, y in ends)
        assert any(b.bounds[0] <= x <= b.bounds[2] and b.bounds[1] <= y <= b.bounds[3] for x, y in ends)
        assert "相邻" in drawn.sentences[0]
        assert "步行" in drawn.sentences[1]


def test_what_is_reached_holds_the_unit_and_its_neighbours(data):
    drawn = draw_unit_reach(data.bench, 0, ZH)
    kinds = [feature["properties"]["what"] for feature in drawn.features["features"]]
    assert kinds[0] == "reach_area"
    assert "个单元" in drawn.sentences[0]
    assert "500" in drawn.sentences[0]


def test_a_pair_that_is_gone_draws_nothing(data):
    assert draw_pair_walk(data.bench, "nobody|nowhere", ZH) is None
