"""Other programs read plans by OGC API – Features: pages, boxes, single features; by a token, what its account sees."""

import json
import math
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import mapbox_vector_tile
import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import Engine, event
from werkzeug.serving import make_server

from app.exports.gis.geojson import SCHEMA
from app.session.folders import default_plan_path
from app.session.reader import LANGUAGE_COOKIE
from app.store.accounts import Accounts
from app.web.main import create_app
from app.workbench.plans_on_disk import write_plan
from tests.app.exports.gis.test_qgis import needs_qgis, run_qgis
from tests.app.web.conftest import OWN, SECRET


@pytest.fixture(scope="module")
def read(office):
    """Ask the interface with the token of an account."""
    tokens = {}

    def read(address, who="city", headers=()):
        if who not in tokens:
            tokens[who] = Accounts(office.store).add_token(who)
        headers = {"Authorization": f"Bearer {tokens[who]}", **dict(headers)}
        return office.app.server.test_client().get(f"/api/v1{address}", headers=headers)

    return read


def test_links_lead_from_the_landing_page_to_every_feature_once(read, office):
    plan = office.plans[OWN].plan_id
    landing = read(f"/plans/{plan}/").json
    assert {one["rel"] for one in landing["links"]} == {"self", "service-desc", "conformance", "data"}
    for layer, key in (("areas", "area_id"), ("units", "unit_id")):
        address, seen = f"/plans/{plan}/collections/{layer}/items?limit=7", []
        while address:
            page = read(address).json
            assert page["numberReturned"] == len(page["features"]) <= 7
            seen += [one["id"] for one in page["features"]]
            following = [one["href"] for one in page["links"] if one["rel"] == "next"]
            address = following[0].partition("/api/v1")[2] if following else None
        assert len(seen) == len(set(seen)) == page["numberMatched"] > 7 * (layer == "units")
        one = read(f"/plans/{plan}/collections/{layer}/items/{seen[0]}").json
        assert one["properties"][key] == seen[0]


def test_a_box_gives_what_meets_it(read, office):
    here = f"/plans/{office.plans[OWN].plan_id}/collections/units"
    west, south, east, north = read(here).json["extent"]["spatial"]["bbox"][0]
    middle = (west + east) / 2
    found = read(f"{here}/items?limit=2000&bbox={west},{south},{middle},{north}").json
    whole = read(f"{here}/items?limit=2000").json
    assert 0 < found["numberMatched"] < whole["numberMatched"]
    assert read(f"{here}/items?bbox=0,0,1,1").json["numberMatched"] == 0


def test_features_are_those_of_the_files(read, office):
    whole = read(f"/plans/{office.plans[OWN].plan_id}/collections/areas/items").json
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    fields = set(whole["features"][0]["properties"])
    assert fields <= set(json.dumps(schema).split('"'))
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("asked", ["bbox=1,2,3", "bbox=a,b,c,d", "bbox=1,9,2,3", "limit=0", "limit=x", "offset=-1"])
def test_what_makes_no_sense_is_said(read, office, asked):
    answer = read(f"/plans/{office.plans[OWN].plan_id}/collections/units/items?{asked}")
    assert answer.status_code == 400
    assert answer.json["description"]


def test_tiles_are_found_from_the_layer_and_hold_its_features(read, office):
    here = f"/plans/{office.plans[OWN].plan_id}/collections/areas"
    links = {one["rel"].rpartition("/")[2]: path_of(one["href"]) for one in read(here).json["links"]}
    (tileset,) = read(links["tilesets-vector"]).json["tilesets"]
    told = {one["rel"]: path_of(one["href"]) for one in tileset["links"]}
    box = read(told["self"]).json["boundingBox"]
    zoom = 12
    seen = set()
    for row, column in tiles_over(box["lowerLeft"], box["upperRight"], zoom):
        address = told["item"].format(tileMatrix=zoom, tileRow=row, tileCol=column)
        answer = read(address)
        assert answer.mimetype == "application/vnd.mapbox-vector-tile"
        for feature in mapbox_vector_tile.decode(answer.data).get("areas", {"features": []})["features"]:
            seen.add(feature["properties"]["area_id"])
    whole = read(f"{here}/items?limit=2000").json["features"]
    assert seen == {one["id"] for one in whole} != set()


def test_a_tile_is_sent_again_only_where_it_changed(read, office):
    address = f"/plans/{office.plans[OWN].plan_id}/collections/units/tiles/WebMercatorQuad"
    tag = read(f"{address}/8/96/206").headers["ETag"]
    again = read(f"{address}/8/96/206", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    refused = read(f"{address}/30/0/0")
    assert refused.status_code == 400
    assert "8" in refused.json["description"]
    assert read(f"/plans/{office.plans[SECRET].plan_id}/collections/units/tiles", "east").status_code == 404
    assert read(f"/plans/{office.plans[OWN].plan_id}/collections/streets/tiles").status_code == 404


def test_an_answer_that_was_kept_is_its_account_s_alone_and_ends_with_what_it_was_made_from(read, office):
    secret, items = office.plans[SECRET].plan_id, f"/plans/{office.plans[OWN].plan_id}/collections/units/items?limit=3"
    for _ in range(2):  # the second time it is kept
        assert read(f"/plans/{secret}/").status_code == 200
        assert read(f"/plans/{secret}/", "east").status_code == 404
        assert {one["name"] for one in read("/plans", "west").json["plans"]} == {SECRET}
        assert {one["name"] for one in read("/plans", "east").json["plans"]} == {OWN}
        assert read("/plans", "company").status_code == 403
        first = read(items)
    elsewhere = read(items, headers={"Host": "pianqu.example"})
    assert (first.data == read(items).data, b"pianqu.example" in elsewhere.data) == (True, True)
    assert first.headers["Cache-Control"] == "private, no-cache"
    office.store.rename(secret, "另一个名字", "")
    assert {one["name"] for one in read("/plans", "west").json["plans"]} == {"另一个名字"}
    office.store.rename(secret, SECRET, "")
    client, token = office.app.server.test_client(), Accounts(office.store).add_token("viewer")
    headers = {"Authorization": f"Bearer {token}"}
    collections = f"/api/v1/plans/{office.plans[OWN].plan_id}/collections"
    chinese = client.get(collections, headers=headers).json
    client.set_cookie(LANGUAGE_COOKIE, "en")
    assert client.get(collections, headers=headers).json != chinese
    assert [client.get("/api/v1/plans", headers=headers).status_code for _ in range(2)] == [200, 200]
    Accounts(office.store).disable("viewer")
    assert client.get("/api/v1/plans", headers=headers).status_code == 401
    Accounts(office.store).disable("viewer", back=True)


def test_a_second_server_of_the_same_store_knows_at_once_what_the_first_was_told(read, office):
    second = create_app(office.folder, None, str(office.store.engine.url)).server.test_client()
    token = Accounts(office.store).add_token("east")

    def ask(client, path="plans"):
        return client.get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {token}"})

    plan, first = office.plans[OWN].plan_id, office.app.server.test_client()
    saved = office.client("east").get(f"/api/v1/plans/{plan}/collections/areas/items?limit=1")
    assert ask(second, f"plans/{plan}/collections/areas/items?limit=1").json["features"] == saved.json["features"]
    office.store.rename(plan, "又一个名字", "")
    assert [{one["name"] for one in ask(client).json["plans"]} for client in (first, second)] == [{"又一个名字"}] * 2
    office.store.rename(plan, OWN, "")
    Accounts(office.store).disable("east")
    assert [ask(client).status_code for client in (first, second)] == [401, 401]
    Accounts(office.store).disable("east", back=True)


def test_an_answer_that_is_kept_asks_the_store_once(read, office):
    asked = []

    def note(_, __, statement, *___):
        asked.append(statement)

    address = f"/plans/{office.plans[OWN].plan_id}/collections/areas/items?limit=2"
    read(address)
    event.listen(Engine, "before_cursor_execute", note)
    try:
        assert read(address).status_code == 200
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert sum(one.startswith("SELECT") for one in asked) == 1


def test_a_token_reads_what_its_account_sees_and_opens_nothing_else(read, office):
    secret = office.plans[SECRET].plan_id
    assert {one["name"] for one in read("/plans").json["plans"]} == {SECRET, OWN}
    assert {one["name"] for one in read("/plans", "east").json["plans"]} == {OWN}
    assert read(f"/plans/{secret}/", "east").status_code == 404
    assert read(f"/plans/{secret}/collections/areas/items", "east").status_code == 404
    assert read("/plans", "company").status_code == 403
    client, token = office.app.server.test_client(), Accounts(office.store).add_token("city")
    headers = {"Authorization": f"Bearer {token}"}
    assert client.get("/_dash-layout", headers=headers).status_code == 401
    assert client.get("/api/v1/plans", headers={"Authorization": "Bearer x"}).status_code == 401
    refused = client.get("/api/v1/plans", headers={"Accept": "*/*"})
    assert (refused.headers["WWW-Authenticate"], refused.mimetype) == ("Bearer", "application/json")
    assert Accounts(office.store).drop_tokens("city") == 2
    assert client.get("/api/v1/plans", headers=headers).status_code == 401


def test_the_definition_names_every_address(office):
    rules = {r.rule for r in office.app.server.url_map.iter_rules() if r.rule.startswith("/api/")}
    definition = office.client("viewer").get("/api/v1/openapi.json").get_json(force=True)
    rules = {rule.replace("<int:", "<") for rule in rules}
    named = {path.replace("{", "<").replace("}", ">") for path in definition["paths"]}
    assert rules - named == {"/api/v1/openapi.json"}
    assert named <= rules


READ = """
import sys, pyogrio
options = {"GDAL_HTTP_AUTH": "BEARER", "GDAL_HTTP_BEARER": sys.argv[2]}
pyogrio.set_gdal_config_options(options)
print(len(pyogrio.read_dataframe("OAPIF:" + sys.argv[1], layer="areas")))
print(len(pyogrio.read_dataframe("OAPIF:" + sys.argv[1], layer="units", bbox=(100, 30, 120, 50))))
"""


@contextmanager
def served(office, who):
    """Address of the interface of a plan on a port, and a token of an account."""
    server = make_server("127.0.0.1", 0, office.app.server, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        address = f"http://127.0.0.1:{server.server_port}/api/v1/plans/{office.plans[OWN].plan_id}"
        yield address, Accounts(office.store).add_token(who)
    finally:
        server.shutdown()
        thread.join()


def counts(read, office, who):
    """How many areas and units an account is told of."""
    here = f"/plans/{office.plans[OWN].plan_id}/collections"
    return [read(f"{here}/{layer}/items", who).json["numberMatched"] for layer in ("areas", "units")]


def test_gdal_subscribes_page_by_page(read, office):
    """As QGIS does; in a process of its own, for it does not let the server's threads run."""
    with served(office, "east") as (address, token):
        done = subprocess.run([sys.executable, "-c", READ, address, token], capture_output=True, text=True, check=False)
    assert done.stdout.split() == [str(n) for n in counts(read, office, "east")], done.stderr


@needs_qgis
@pytest.mark.full
def test_qgis_subscribes_to_features_and_tiles(read, office):
    with served(office, "east") as (address, token):
        found = run_qgis(address, token, script=Path(__file__).with_name("subscribe_in_qgis.py"))
    assert [found[layer] for layer in ("areas", "units")] == counts(read, office, "east")
    assert found["tiles"]["is_valid"]
    assert found["tiles"]["colours"] > 1


def path_of(address):
    return address.partition("/api/v1")[2]


def tiles_over(south_west, north_east, zoom):
    """Rows and columns over a box in degrees, by the formula of web maps."""
    columns = [int((lon + 180) / 360 * 2**zoom) for lon in (south_west[0], north_east[0])]
    rows = [
        int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**zoom)
        for lat in (north_east[1], south_west[1])
    ]
    return [(row, column) for row in range(rows[0], rows[1] + 1) for column in range(columns[0], columns[1] + 1)]


def test_a_plan_laid_beside_the_data_is_there_for_whoever_asks_first(read, office):
    assert read("/plans", "district").json["plans"]
    document = office.store.document(office.plans[OWN].id)
    write_plan(default_plan_path(office.folder), {**document, "seed": document["seed"] + 1})
    found = next(one for one in read("/plans", "district").json["plans"] if one["name"] == "town-plan")
    assert read(f"/plans/{found['id']}/", "district").json["title"] == "town-plan"
    office.store.archive(found["id"], "")
