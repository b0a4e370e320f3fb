"""The page's address: its language, its first map, its files."""

import json
import re

import pytest

from app.session.reader import LANGUAGE_COOKIE
from app.web.components.map_view import MapView
from app.web.main import to_script_json


def test_the_page_is_chinese_until_the_reader_switches(client):
    assert '<html lang="zh-CN">' in client.get("/").text
    answer = client.get("/language/en")
    assert answer.status_code == 303
    assert '<html lang="en">' in client.get("/").text
    client.delete_cookie(LANGUAGE_COOKIE)


def test_the_html_names_what_the_first_map_of_the_page_shows(client):
    text = client.get("/").text
    ahead = json.loads(re.search(r'<script id="map-ahead"[^>]*>(.*?)</script>', text, re.S)[1])
    assert ahead == _map_of(client.get("/_dash-layout").json)
    assert client.get("/" + ahead["values_url"]).status_code == 200


def _map_of(part):
    """Properties of the first map in a layout; None where there is none."""
    if isinstance(part, dict) and part.get("type") == "MapView":
        return part["props"]
    inside = part.values() if isinstance(part, dict) else part if isinstance(part, list) else []
    return next((found for one in inside if (found := _map_of(one))), None)


def test_the_layout_the_page_will_ask_for_is_asked_for_at_once(client):
    text = client.get("/?plan=a%22b&lite=1").text
    asked = re.search(r'<link rel="preload" href="([^"]+)" as="fetch"', text)[1]
    assert asked == "/_dash-layout?plan=a%22b&amp;lite=1"


def test_no_text_ends_the_block_that_names_the_first_map():
    told = to_script_json(MapView(id="map", words={"failed": "</script><script>alert(1)</script>"}))
    assert "<" not in told
    assert json.loads(told)["words"]["failed"] == "</script><script>alert(1)</script>"


def test_map_files_are_compressed_and_kept_for_ever(client, data):
    for file in data.layers.values():
        answer = client.get(f"/geo/{file.name}", headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200
        assert answer.headers["Content-Encoding"] == "gzip"
        assert "immutable" in answer.headers["Cache-Control"]
        assert json.loads(client.get(f"/geo/{file.name}").data)["type"] == "FeatureCollection"


@pytest.mark.parametrize(
    "address",
    [
        "/geo/units.geojson",
        "/geo/..%2f..%2fmanifest.json",
        "/vendor/../settings.py",
        "/vendor/%2e%2e/settings.py",
        "/vendor/",
        "/component/map_view.js",
        "/language/fr",
        "/geo/%00",
    ],
)
def test_unknown_names_are_not_found(client, address):
    """Dash answers any other address with its page; never with a file."""
    answer = client.get(address)
    assert answer.status_code in (400, 404) or "_dash-config" in answer.text
