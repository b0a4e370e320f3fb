"""OSM files as they are downloaded and drawn: any order, negative ids, deleted things, JSON of Overpass."""

from __future__ import annotations

import bz2
import gzip
import json
import random

import pytest

from geo.errors import UnreadableFileError
from geo.osm.layers import read_osm
from geo.osm.sorting import is_sorted_xml

NODES = {1: (9.0, 0.0), 2: (9.001, 0.0), 3: (9.001, 0.001), 4: (9.0, 0.001), 5: (9.002, -0.001), 6: (9.002, 0.002)}
WAYS = {
    10: ([1, 2, 3, 4, 1], {"landuse": "residential", "name": "红星 & <小区>"}),
    11: ([5, 6], {"highway": "residential"}),
}


def parts(sign=1):
    nodes = [f'<node id="{sign * k}" version="1" lon="{x}" lat="{y}"/>' for k, (x, y) in NODES.items()]
    ways = []
    for k, (refs, tags) in WAYS.items():
        inner = "".join(f'<nd ref="{sign * r}"/>' for r in refs)
        inner += "".join(f'<tag k="{a}" v="{b.replace("&", "&amp;").replace("<", "&lt;")}"/>' for a, b in tags.items())
        ways.append(f'<way id="{sign * k}" version="2">{inner}</way>')
    return nodes, ways


def xml(*elements):
    return ('<?xml version="1.0" encoding="UTF-8"?><osm version="0.6">' + "\n".join(elements) + "</osm>").encode()


def read(tmp_path, content, name="t.osm"):
    path = tmp_path / name
    path.write_bytes(content)
    layers = read_osm(path).layers
    homes, roads = layers["communities"], layers["roads"]
    return homes, roads


def is_town(found):
    homes, roads = found
    assert homes["name"].tolist() == ["红星 & <小区>"]
    assert homes.geometry.iloc[0].bounds == pytest.approx((9.0, 0.0, 9.001, 0.001))
    assert roads.geometry.iloc[0].length == pytest.approx(0.003)
    return homes["unit_id"].iloc[0]


@pytest.mark.parametrize("seed", range(4))
def test_any_order_is_the_same_town(tmp_path, seed):
    nodes, ways = parts()
    mixed = [*ways, *nodes]
    random.Random(seed).shuffle(mixed)
    assert is_town(read(tmp_path, xml(*mixed))) == "osm-w10"


def test_ways_before_nodes_packed_by_gzip_and_bzip2(tmp_path):
    nodes, ways = parts()
    content = xml(*ways, *nodes)
    assert is_town(read(tmp_path, gzip.compress(content), "t.osm.gz")) == "osm-w10"
    assert is_town(read(tmp_path, bz2.compress(content), "t.osm.bz2")) == "osm-w10"
    assert is_town(read(tmp_path, bz2.compress(xml(*nodes, *ways)), "u.osm.bz2")) == "osm-w10"


def test_what_was_drawn_and_not_uploaded_has_negative_ids(tmp_path):
    nodes, ways = parts(-1)
    quoted = xml(*nodes, *ways).replace(b'"', b"'")
    first = is_town(read(tmp_path, quoted))
    assert first.startswith("osm-w3")
    assert is_town(read(tmp_path, xml(*ways, *nodes))) == first


def test_deleted_things_and_old_versions_do_not_count(tmp_path):
    nodes, ways = parts()
    gone = '<way id="12" version="3" visible="false"/>'
    struck = '<way id="13" action="delete"><nd ref="5"/><nd ref="1"/><tag k="highway" v="residential"/></way>'
    old = '<node id="2" version="0" lon="50" lat="50"/>'
    homes, roads = read(tmp_path, xml(*nodes, old, *ways, gone, struck))
    is_town((homes, roads))
    assert roads["road_id"].tolist() == ["osm-w11"]


def test_nodes_that_are_missing_shorten_a_way_only(tmp_path):
    nodes, ways = parts()
    longer = ways[1].replace('<nd ref="6"/>', '<nd ref="6"/><nd ref="99"/>')
    is_town(read(tmp_path, xml(*ways[:1], longer, *nodes)))


def test_overpass_answers_in_json_and_with_places_inside(tmp_path):
    elements = [{"type": "way", "id": k, "nodes": refs, "tags": tags} for k, (refs, tags) in WAYS.items()]
    elements += [{"type": "node", "id": k, "lon": x, "lat": y} for k, (x, y) in NODES.items()]
    body = {"version": 0.6, "generator": "Overpass API", "elements": elements}
    assert is_town(read(tmp_path, json.dumps(body).encode(), "export.json")) == "osm-w10"
    inside = []
    for k, (refs, tags) in WAYS.items():
        at = [{"lon": NODES[r][0], "lat": NODES[r][1]} for r in refs]
        inside.append({"type": "way", "id": k, "nodes": refs, "geometry": at, "tags": tags})
    content = json.dumps({"version": 0.6, "elements": inside}).encode()
    assert is_town(read(tmp_path, content, "geom.json")) == "osm-w10"
    _, ways = parts()
    for number, (x, y) in NODES.items():
        ways = [w.replace(f'<nd ref="{number}"/>', f'<nd ref="{number}" lat="{y}" lon="{x}"/>') for w in ways]
    assert is_town(read(tmp_path, xml(*ways), "geom.osm")) == "osm-w10"


def test_damaged_files_are_still_refused(tmp_path):
    nodes, ways = parts()
    for name, content in (
        ("a.osm", xml(*ways, *nodes)[:-200]),
        ("b.json", b'{"version":0.6,"elements":[{"type":"node"'),
        ("c.osm.bz2", bz2.compress(xml(*ways, *nodes))[:-20]),
        ("d.osm", b"<osmChange/>"),
    ):
        with pytest.raises(UnreadableFileError, match=name):
            read(tmp_path, content, name)


def test_what_is_sorted_is_seen_as_such(tmp_path):
    nodes, ways = parts()
    for k, (content, is_sorted) in enumerate(
        [
            (xml(*nodes, *ways), True),
            (xml(*ways, *nodes), False),
            (xml(*nodes[::-1], *ways), False),
            (xml(*nodes, *ways, ways[1]), False),
        ]
    ):
        path = tmp_path / f"{k}.osm"
        path.write_bytes(content)
        assert is_sorted_xml(path) is is_sorted
