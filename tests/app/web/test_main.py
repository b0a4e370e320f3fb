"""What the server hands out: known names only, compressed, kept, guarded; no stranger's address."""

import json
import re
from pathlib import Path

import pytest

from app.i18n import load_words
from app.maps.buildings import building_tiles, make_tiles
from app.session.page import prepare_page
from app.session.reader import LANGUAGE_COOKIE
from app.settings import VENDOR
from app.web.components import editor, map_view
from app.web.components.map_view import MapView
from app.web.layout.shell.page import page
from app.web.main import create_app, to_script_json
from app.web.routes.page import vendor_files
from geo.errors import NotADatasetError
from tests.app.opened import open_workbench


def test_the_page_is_chinese_until_the_reader_switches(client):
    assert '<html lang="zh-CN">' in client.get("/").text
    answer = client.get("/language/en")
    assert answer.status_code == 303
    assert '<html lang="en">' in client.get("/").text
    client.delete_cookie(LANGUAGE_COOKIE)


def test_no_address_of_a_stranger_is_loaded(client):
    text = client.get("/").text
    loaded = re.findall(r'(?:src|href)="([^"]+)"', text)
    assert loaded
    assert all(address.startswith("/") and not address.startswith("//") for address in loaded)


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


def test_own_components_are_one_file_each_before_the_large_suites(client):
    addresses = re.findall(r'<script src="([^"]+)"', client.get("/").text)
    own = [k for k, address in enumerate(addresses) if address.startswith("/component/")]
    grid = next(k for k, address in enumerate(addresses) if "dash_ag_grid" in address)
    assert len(own) == 2
    assert max(own) < grid
    for k, package in zip(own, (map_view, editor), strict=True):
        answer = client.get(addresses[k])
        assert answer.mimetype == "text/javascript"
        assert "immutable" in answer.headers["Cache-Control"]
        folder = Path(package.__file__).parent
        sent = answer.get_data(as_text=True)
        assert all((folder / name).read_text(encoding="utf-8") in sent for name in package.SCRIPTS)


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


@pytest.mark.skipif(not VENDOR.is_dir(), reason="front-end parts are not installed: make setup")
def test_front_end_parts_are_there_with_their_types(client):
    assert "maplibre/maplibre-gl.mjs" in vendor_files(VENDOR)
    answer = client.get("/vendor/maplibre/maplibre-gl.mjs")
    assert answer.mimetype == "text/javascript"


def test_every_answer_is_guarded(client):
    for address in ("/", "/_dash-dependencies", "/geo/nothing"):
        headers = client.get(address).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        script = next(rule for rule in policy.split("; ") if rule.startswith("script-src"))
        assert "unsafe" not in script
        assert "http" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_every_id_a_callback_uses_is_on_the_page(town, data):
    app = create_app(*town)
    layout = page(data, "t" * 20, load_words("zh"))
    there = {str(getattr(part, "id", None)) for part in layout._traverse()}
    for name, callback in app.callback_map.items():
        used = {entry["id"] for entry in callback["inputs"] + callback["state"]}
        used |= set(re.findall(r"([\w-]+)\.\w+", name))
        assert {part for part in used if not part.startswith("{")} <= there, name


def test_a_plan_for_older_data_is_named_but_not_shown(town, tmp_path):
    folder, plan = town
    document = json.loads(plan.read_text(encoding="utf-8")) | {"planning_sha256": "0" * 64}
    other = tmp_path / "other.json"
    other.write_text(json.dumps(document), encoding="utf-8")
    bench = open_workbench(folder, other)
    assert (bench.plan, bench.is_stale, bench.plan_name) == (None, True, "other")
    texts = create_app(folder, other).server.test_client().get("/_dash-layout").text
    assert json.dumps(load_words("zh")("plan.stale_title"))[1:-1] in texts


def test_an_empty_folder_invites_to_import(tmp_path):
    for folder in (tmp_path, tmp_path / "new"):
        client = create_app(folder, None).server.test_client()
        assert "welcome-card" in client.get("/_dash-layout").text
    assert not (tmp_path / "new").exists()


def test_a_folder_with_other_things_is_not_filled(tmp_path):
    (tmp_path / "letter.docx").touch()
    with pytest.raises(NotADatasetError):
        create_app(tmp_path, None)
    with pytest.raises(NotADatasetError):
        create_app(tmp_path / "letter.docx", None)


def test_a_damaged_dataset_is_refused(tmp_path):
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(NotADatasetError):
        create_app(tmp_path, None)


def test_many_buildings_become_tiles_beside_the_dataset(town, monkeypatch):
    monkeypatch.setattr("app.maps.buildings.MOST_AS_GEOJSON", 10)
    folder, plan = town
    before = sorted(path.name for path in folder.iterdir())
    bench = open_workbench(folder, plan)
    tiles = building_tiles(bench.dataset)
    assert tiles == prepare_page(bench).buildings
    assert not tiles.is_ready
    make_tiles(bench.dataset, tiles)
    assert tiles.path.read_bytes()[:7] == b"PMTiles"
    assert sorted(path.name for path in folder.iterdir()) == before
    client = create_app(folder, plan).server.test_client()
    part = client.get(f"/geo/{tiles.name}", headers={"Range": "bytes=0-6"})
    assert (part.status_code, part.data) == (206, b"PMTiles")


def test_tiles_in_the_making_are_announced_not_missing(town, monkeypatch):
    monkeypatch.setattr("app.maps.buildings.MOST_AS_GEOJSON", 20)
    monkeypatch.setattr("app.session.plan_session.start_tiling", lambda *_: None)
    monkeypatch.setattr("app.maps.buildings.BuildingTiles.is_ready", False)
    app = create_app(*town)
    name = building_tiles(open_workbench(*town).dataset).name
    assert app.server.test_client().head(f"/geo/{name}").status_code == 202
