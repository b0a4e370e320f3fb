"""Other programs read plans by OGC API – Features: pages, boxes, single features; by a token, what its account sees."""

import json
import subprocess
import sys
import threading

import pytest
from jsonschema import Draft202012Validator
from werkzeug.serving import make_server

from app.exports.gis.geojson import SCHEMA
from app.store.accounts import Accounts
from tests.app.web.conftest import OWN, SECRET


@pytest.fixture(scope="module")
def read(office):
    """Ask the interface with the token of an account."""
    tokens = {}

    def read(address, who="city"):
        if who not in tokens:
            tokens[who] = Accounts(office.store).add_token(who)
        headers = {"Authorization": f"Bearer {tokens[who]}"}
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


def test_gdal_subscribes_page_by_page(read, office):
    """As QGIS does; in a process of its own, for it does not let the server's threads run."""
    version = office.plans[OWN]
    server = make_server("127.0.0.1", 0, office.app.server, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        address = f"http://127.0.0.1:{server.server_port}/api/v1/plans/{version.plan_id}"
        token = Accounts(office.store).add_token("east")
        done = subprocess.run([sys.executable, "-c", READ, address, token], capture_output=True, text=True, check=False)
    finally:
        server.shutdown()
        thread.join()
    here = f"/plans/{version.plan_id}/collections"
    whole = [read(f"{here}/{layer}/items", "east").json["numberMatched"] for layer in ("areas", "units")]
    assert done.stdout.split() == [str(n) for n in whole], done.stderr
