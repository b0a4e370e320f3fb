"""A place from the network: here the servers are on this machine and know one little town."""

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlparse

import geopandas as gpd
import osmnx
import pytest
from shapely import box

from geo.adjacency.graph import refresh_graph
from geo.errors import EmptyLayerError, NetworkError, UsageError
from geo.osm.download import NOMINATIM, OVERPASS, fetch_around, fetch_place
from geo.rules import NeighbourRules, UnitRules
from geo.storage.dataset import write_dataset
from geo.storage.manifest import new_manifest

LON, LAT = 110.0, 40.6
RING = [(0, 0), (0.004, 0), (0.004, 0.003), (0, 0.003)]


def way(number, places, tags):
    """A way and its nodes; a closed one where the first place returns."""
    nodes = [
        {"type": "node", "id": 1000 * number + k, "lon": LON + x, "lat": LAT + y}
        for k, (x, y) in enumerate(dict.fromkeys(places))
    ]
    ids = dict(zip(dict.fromkeys(places), [node["id"] for node in nodes], strict=True))
    return [*nodes, {"type": "way", "id": number, "nodes": [ids[p] for p in places], "tags": tags}]


TOWN = [
    *way(1, [*RING, RING[0]], {"landuse": "residential", "name": "新村"}),
    *way(2, [(-0.002, -0.001), (0.009, -0.001)], {"highway": "residential", "name": "钢铁大街"}),
    *way(3, [(-0.002, -0.002), (0.009, -0.002)], {"highway": "motorway"}),
    *way(4, [(-0.002, -0.004), (0.009, -0.004)], {"railway": "rail"}),
    *way(5, [(0.002, -0.001), (0.002, -0.006)], {"highway": "footway", "bridge": "yes", "layer": "2"}),
]


@pytest.fixture
def servers(monkeypatch):
    """Overpass and Nominatim on this machine; `asked` holds what they were asked."""
    asked, answer = [], {"elements": TOWN, "status": 200}

    class Server(BaseHTTPRequestHandler):
        def do_POST(self):
            asked.append(parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            self.send({"elements": answer["elements"]})

        def do_GET(self):
            query = parse_qs(urlparse(self.path).query)
            found = box(LON - 0.01, LAT - 0.01, LON + 0.02, LAT + 0.02).__geo_interface__
            place = {
                "lat": "40.6",
                "lon": "110",
                "display_name": "镇",
                "importance": 1.0,
                "boundingbox": ["40.5", "40.7", "109.9", "110.1"],
                "geojson": found,
            }
            self.send([place] if query["q"] == ["昆都仑区"] else [])

        def send(self, body):
            self.send_response(answer["status"])
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv(OVERPASS, f"{url}/api")
    monkeypatch.setenv(NOMINATIM, f"{url}/")
    yield asked, answer
    server.shutdown()
    server.server_close()


def test_a_place_becomes_a_town(servers, tmp_path):
    dataset = fetch_place("昆都仑区", tmp_path / "town", unit_rules=UnitRules())
    roads = dataset.layer("roads").set_index("road_id")
    assert dataset.layer("units")["name"].tolist() == ["新村"]
    assert roads.loc["osm-w2", ["name", "walkable"]].tolist() == ["钢铁大街", True]
    assert not roads.loc["osm-w3", "walkable"]
    assert roads.loc["osm-w5", ["is_bridge", "level"]].tolist() == [True, 2]
    assert sorted(dataset.layer("barriers")["kind"]) == ["expressway", "railway"]
    assert len(dataset.layer("crossings"))
    assert dataset.manifest.sources[0]["attribution"].startswith("© OpenStreetMap")


@pytest.fixture
def bureau(tmp_path):
    """A dataset of one community, as a bureau sent it."""
    shape = gpd.GeoSeries([box(LON, LAT, LON + 0.004, LAT + 0.003)], crs=4326).to_crs(4546)
    communities = gpd.GeoDataFrame(
        {"unit_id": ["150203001001"], "name": ["一小区"], "geom_quality": "surveyed"}, geometry=shape
    )
    units = communities.assign(
        kind="community", households_quality="missing", floor_area_m2_quality="missing", built_year_quality="missing"
    )
    layers = {"communities": communities, "units": units}
    return write_dataset(tmp_path / "bureau", new_manifest("局", "EPSG:4546"), layers)


def test_around_a_dataset_only_roads_barriers_and_crossings_are_fetched(servers, bureau):
    dataset = fetch_around(bureau.folder, unit_rules=UnitRules())
    assert dataset.layer("communities")["name"].tolist() == ["一小区"]
    assert not dataset.has("buildings")
    assert len(dataset.layer("roads")) == 3
    assert "building" not in str(servers[0])
    assert refresh_graph(dataset, NeighbourRules())[1].n_units == 1


def test_without_units_there_is_no_place_to_fetch(tmp_path):
    write_dataset(tmp_path / "empty", new_manifest("空", "EPSG:4546"), {})
    with pytest.raises(UsageError, match="--place"):
        fetch_around(tmp_path / "empty", unit_rules=UnitRules())


def test_an_unknown_place_is_said_to_be_so(servers, tmp_path):
    with pytest.raises(EmptyLayerError, match="无此地"):
        fetch_place("无此地", tmp_path / "town", unit_rules=UnitRules())
    assert not (tmp_path / "town").exists()


def test_no_network_is_a_kind_sentence(monkeypatch, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv(NOMINATIM, f"http://127.0.0.1:{port}/")
    with pytest.raises(NetworkError, match="pianqu osm"):
        fetch_place("昆都仑区", tmp_path / "town", unit_rules=UnitRules())
    assert not (tmp_path / "town").exists()


def test_a_server_that_refuses_is_a_kind_sentence(servers, bureau):
    servers[1]["status"] = 400
    servers[1]["elements"] = []
    with pytest.raises((NetworkError, EmptyLayerError)):
        fetch_around(bureau.folder, unit_rules=UnitRules())
    assert not bureau.has("roads")


def test_osmnx_is_left_as_it_was(servers, bureau):
    before = (dict(vars(osmnx.settings)), socket.getaddrinfo)
    fetch_around(bureau.folder, unit_rules=UnitRules())
    assert (dict(vars(osmnx.settings)), socket.getaddrinfo) == before
