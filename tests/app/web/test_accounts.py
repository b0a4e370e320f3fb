"""Signing in: only with a password, never by force, and nothing before it."""

import json

import pytest

from app.store.accounts import Accounts
from app.web.main import create_app, serve
from app.web.routes.signing_in import PER_NAME
from geo.errors import UsageError
from tests.app.web.conftest import PASSWORD


def test_others_are_served_only_where_there_are_accounts(town):
    with pytest.raises(UsageError, match="pianqu user add"):
        serve(town[0], town[1], host="0.0.0.0", store_url="sqlite://")


def test_one_planner_alone_signs_in_nowhere(client):
    assert client.get("/").status_code == 200
    assert client.get("/sign-in").status_code in (200, 404)
    assert "account-menu" not in client.get("/_dash-layout").text


def test_without_signing_in_there_is_only_the_way_to_it(office):
    client = office.client()
    answer = client.get("/story?plan=1", headers={"Accept": "text/html"})
    assert answer.status_code == 303
    assert answer.location == "/sign-in?next=/story%3Fplan%3D1"
    assert client.get("/_dash-layout").status_code == 401
    page = client.get("/sign-in")
    assert 'autocomplete="current-password"' in page.text
    assert "unsafe-inline" not in page.headers["Content-Security-Policy"]


def test_a_session_is_a_cookie_no_script_reads_and_ends_with_the_password(office):
    client = office.client()
    asked = {"name": " West ", "password": PASSWORD, "next": "//evil.example"}
    answer = client.post("/sign-in", data=asked, headers=office.origin)
    assert answer.location == "/"
    assert {"HttpOnly", "SameSite=Lax"} <= set(answer.headers["Set-Cookie"].split("; "))
    layout = client.get("/_dash-layout")
    assert json.dumps("west同志")[1:-1] in layout.text
    assert "public" not in layout.headers["Cache-Control"]
    Accounts(office.store).set_password("west", PASSWORD)
    assert client.get("/_dash-layout").status_code == 401


def test_signing_out_ends_it(office):
    client = office.client("east")
    assert client.post("/sign-out", headers=office.origin).status_code == 303
    assert client.get("/_dash-layout").status_code == 401


def test_passwords_are_not_guessed_by_trying(office):
    client = office.client()
    wrong = {"name": "city", "password": "falsches Passwort"}
    most = int(PER_NAME.split()[0])
    codes = [client.post("/sign-in", data=wrong, headers=office.origin).status_code for _ in range(most + 2)]
    assert set(codes[:most]) <= {401, 429}  # others of these tests signed in a moment ago
    assert codes[-2:] == [429, 429]
    other = {"name": "nobody", "password": "falsches Passwort"}
    assert client.post("/sign-in", data=other, headers=office.origin).status_code == 401


@pytest.mark.parametrize("headers", [{}, {"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_a_page_elsewhere_changes_nothing(office, headers):
    client = office.client("district")
    assert client.post("/sign-out", headers=headers).status_code == 403
    asked = {"output": "go.data", "inputs": [], "state": [], "changedPropIds": []}
    assert client.post("/_dash-update-component", json=asked, headers=headers).status_code == 403
    assert client.get("/_dash-layout").status_code == 200


def test_the_own_password_is_changed_by_the_old_one(office):
    client = office.client("viewer")
    new = {"old": PASSWORD, "password": "另一句更长的新口令!", "again": "另一句更长的新口令!"}
    assert client.post("/password", data={**new, "old": "x"}, headers=office.origin).status_code == 422
    assert client.post("/password", data={**new, "again": "x"}, headers=office.origin).status_code == 422
    assert client.post("/password", data=new, headers=office.origin).status_code == 200
    assert client.get("/_dash-layout").status_code == 200  # still signed in here
    Accounts(office.store).set_password("viewer", PASSWORD)


def test_by_https_alone_the_cookie_goes_no_other_way(office):
    app = create_app(office.folder, None, str(office.store.engine.url), is_https=True)
    asked = {"name": "east", "password": PASSWORD}
    origin = {"Origin": "https://bureau.example"}
    client = app.server.test_client()
    answer = client.post("/sign-in", data=asked, headers=origin, base_url="https://bureau.example")
    assert answer.headers["Set-Cookie"].startswith("__Host-pianqu=")
    assert "Secure" in answer.headers["Set-Cookie"]
