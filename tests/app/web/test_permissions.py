"""Every address and every callback, by every role, about a plan of another place: nothing of it comes back."""

import json
import re

import pytest

from app.store.access import ROLES
from app.web.permissions import CALLBACKS, GRANTS, ROUTES, first_output
from tests.app.web.conftest import OWN, SECRET

FOREIGN = ("east", "viewer", "company", None)
"""Accounts that are not to see the plan of the western street; None = nobody is signed in."""


@pytest.fixture(scope="module")
def rules(office):
    return list(office.app.server.url_map.iter_rules())


def test_every_address_has_a_line(rules):
    assert {rule.endpoint for rule in rules} - set(ROUTES) == set()


def test_every_callback_has_a_line(office):
    answered = {first_output(key) for key, one in office.app.callback_map.items() if "callback" in one}
    assert answered - set(CALLBACKS) == set()
    assert set(CALLBACKS) - answered == set()


def test_every_role_is_granted_something_that_exists():
    assert set(GRANTS) == set(ROLES)
    assert set().union(*GRANTS.values()) >= set(ROUTES.values()) - {"anyone"}


def addresses(rule, version, page):
    """Addresses of a rule that name the plan in every way one can."""
    values = {"version": page, "version_id": version.id, "kind": "plan", "language": "zh", "path": "x", "name": "x"}
    built = rule.rule
    for argument in rule.arguments:
        start = built.index("<")
        built = built[:start] + values.get(argument, "1") + built[built.index(">") + 1 :]
    asked = f"plan={version.plan_id}&version={version.number}&page={page}"
    yield f"{built}?{asked}"
    yield f"{built}?plan={version.id}&page={page}"


@pytest.mark.parametrize("who", FOREIGN)
def test_no_address_tells_of_a_plan_of_another_place(office, rules, who):
    version = office.plans[SECRET]
    page = f"{_key(office)}.{version.id}"
    client = office.client(who)
    for rule in rules:
        for method in rule.methods - {"OPTIONS", "HEAD"}:
            if rule.endpoint in ("sign_out", "sign_in", "change_password"):
                continue
            for address in addresses(rule, version, page):
                body = {"base": page, "plan": version.plan_id, "version": version.id}
                sent = {"json": body} if method == "POST" else {}
                answer = client.open(address, method=method, headers={**office.origin, "X-Pianqu": "1"}, **sent)
                assert answer.status_code < 500, (address, answer.text)
                assert not tells(answer, SECRET), address
                assert not tells(answer, version.plan_sha256), address
                needed = ROUTES[rule.endpoint]
                role = {"east": "street", None: None}.get(who, who)
                if needed != "anyone" and (role is None or needed not in GRANTS[role]):
                    assert answer.status_code in (303, 401, 403), (address, answer.status_code)
                answer.close()


@pytest.mark.parametrize("who", FOREIGN)
def test_no_callback_tells_of_a_plan_of_another_place(office, who):
    version = office.plans[SECRET]
    page = f"{_key(office)}.{version.id}"
    client = office.client(who)
    for key, one in office.app.callback_map.items():
        if "callback" not in one:
            continue
        answer = client.post("/_dash-update-component", json=asked_of(key, one, page, version), headers=office.origin)
        assert not tells(answer, SECRET), key
        role = {"east": "street", None: None}.get(who, who)
        if role is None or CALLBACKS[first_output(key)] not in GRANTS[role]:
            assert answer.status_code in (401, 403), key


def test_who_may_see_it_does(office):
    """Otherwise the tests above would hold of a server that tells nothing."""
    version = office.plans[SECRET]
    for who in ("city", "district", "west"):
        assert tells(office.client(who).get(f"/story?plan={version.plan_id}"), SECRET), who
        assert tells(office.client(who).get("/_dash-layout"), SECRET), who
    page = f"{_key(office)}.{version.id}"
    one = next(key for key in office.app.callback_map if key.startswith("..verified.children"))
    asked = asked_of(one, office.app.callback_map[one], page, version)
    assert office.client("west").post("/_dash-update-component", json=asked, headers=office.origin).status_code == 200
    assert tells(office.client("east").get("/_dash-layout"), OWN)


def test_files_of_a_page_are_for_those_who_see_its_plan(office):
    asked = f"/_dash-layout?plan={office.plans[SECRET].plan_id}"
    names = map_files(office.client("city").get(asked))
    shared = map_files(office.client("east").get("/_dash-layout"))
    own, other = office.client("west"), office.client("east")
    secret = names - shared
    assert secret
    for name in secret:
        assert own.get(f"/geo/{name}").status_code == 200, name
        assert other.get(f"/geo/{name}").status_code == 404, name
    assert {other.get(f"/geo/{name}").status_code for name in shared} <= {200, 202}


def test_an_export_is_for_those_who_see_its_plan(office):
    page = f"{_key(office)}.{office.plans[SECRET].id}"
    own, other = office.client("west"), office.client("east")
    job = own.post(f"/export/jobs/geojson?page={page}", headers=office.origin).json["job"]
    for address in (f"/export/jobs/{job}", f"/export/jobs/{job}/file"):
        assert other.get(address).status_code == 404
    assert own.get(f"/export/jobs/{job}").status_code == 200


def map_files(answer):
    return set(re.findall(r"geo/([\w-]+\.\w+)", answer.text.replace("\\u002f", "/")))


def tells(answer, word):
    body = answer.get_data()
    return any(form.encode() in body for form in (word, json.dumps(word)[1:-1]))


def asked_of(key, one, page, version):
    """A callback as the page would ask it, everything in it about one version."""
    from dash._utils import stringify_id

    def value(part):
        name = f"{stringify_id(part['id'])}.{part['property']}"
        filled = {"version.data": page, "compare-with.value": [version.id], "mode.value": "compare"}
        known = filled.get(name, filled.get(name.split("-")[0]))
        return {**part, "id": json.loads(part["id"]) if part["id"].startswith("{") else part["id"], "value": known or 1}

    def output(text):
        name, _, prop = text.rpartition(".")
        return {"id": json.loads(name) if name.startswith("{") else name, "property": prop}

    inputs = [value(part) for part in one["inputs"]]
    outputs = [output(text) for text in key.removeprefix("..").removesuffix("..").split("...")]
    return {
        "output": key,
        "outputs": outputs if key.startswith("..") else outputs[0],
        "inputs": inputs,
        "state": [value(part) for part in one.get("state", [])],
        "changedPropIds": [f"{stringify_id(part['id'])}.{part['property']}" for part in inputs[:1]],
    }


def _key(office):
    from app.session.plan_session import PlanSession

    return PlanSession(office.folder, None, None, str(office.store.engine.url)).data.version.partition(".")[0]
