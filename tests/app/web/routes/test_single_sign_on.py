"""Single sign-on with a real provider: who is known comes in, and whatever is not as it must be is refused."""

import base64
import hashlib
import re
import socket
import urllib.parse
from functools import cache

import pytest

from app.i18n import load_words
from app.store.accounts import Accounts
from app.web.main import create_app
from app.web.routes.signing_in import PER_MACHINE
from tests.app.web.conftest import PASSWORD
from tests.oidc import run_provider

CLIENT = "pianqu"
USERS = {
    "1": {"preferred_username": "West", "name": "孙丽"},
    "2": {"preferred_username": "newcomer", "name": "钱进", "groups": ["staff", "street"], "area": "150299001"},
    "3": {"preferred_username": "gone"},
    "4": {"preferred_username": "city", "groups": "viewer", "area": ""},
    "5": {"name": "无名"},
    "7": {"preferred_username": "west", "azp": CLIENT},  # says that the token was asked for by our server
    "6": {"preferred_username": "lost", "groups": "street", "area": "999999999"},
}


@pytest.fixture(scope="module")
def provider():
    with run_provider(USERS) as running:
        yield running


@pytest.fixture(scope="module")
def other():
    """Another provider, whose tokens are over when they are made."""
    with run_provider(USERS, lasts_s=-300) as running:
        yield running


@pytest.fixture(scope="module")
def start(office):
    """Starts the server of the office with these settings of single sign-on, once, and gives a client of it."""

    @cache
    def serve(**told):
        with pytest.MonkeyPatch.context() as patch:
            for name, value in told.items():
                patch.setenv(f"PIANQU_OIDC_{name.upper()}", value)
            return create_app(office.folder, None, str(office.store.engine.url)).server

    def start(issuer, **settings):
        client = serve(issuer=issuer, client_id=CLIENT, secret="s", **settings).test_client()
        client.environ_base["REMOTE_ADDR"] = f"127.0.1.{next(office.machines)}"
        return client

    return start


def begin(client):
    answer = client.get("/sign-in/sso?next=/story")
    assert answer.status_code == 302, answer.text
    return answer.location


def come_back(client, address):
    parts = urllib.parse.urlsplit(address)
    return client.get(f"{parts.path}?{parts.query}")


def change(address, **named):
    parts = urllib.parse.urlsplit(address)
    asked = dict(urllib.parse.parse_qsl(parts.query)) | named
    return parts._replace(query=urllib.parse.urlencode(asked)).geturl()


def sign_on(client, provider, sub):
    return come_back(client, provider.approve(begin(client), sub))


def is_in(client):
    return client.get("/_dash-layout").status_code == 200


def test_without_a_provider_there_is_nothing_behind_it(office):
    client = office.client()
    assert client.get("/sign-in/sso").status_code == 404
    assert "单点登录" not in client.get("/sign-in").text


def test_whoever_has_an_account_comes_in_and_goes_out_again(office, start, provider):
    provider.asked.clear()
    client = start(provider.issuer)
    page = client.get("/sign-in?next=/story")
    assert re.search(r'href="/sign-in/sso\?next=/story">单点登录<', page.text)
    assert provider.asked == []  # nothing is asked of the network before somebody wants it
    there = begin(client)
    asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(there).query))
    answer = come_back(client, provider.approve(there, "1"))
    assert (answer.status_code, answer.location) == (303, "/story")
    assert {"HttpOnly", "SameSite=Lax"} <= set(answer.headers["Set-Cookie"].split("; "))
    proof = hashlib.sha256(provider.tokens[-1]["code_verifier"].encode()).digest()
    assert asked["code_challenge_method"] == "S256"
    assert asked["code_challenge"] == base64.urlsafe_b64encode(proof).decode().rstrip("=")
    assert is_in(client)
    row = office.store.audit_rows(limit=1)[0]
    assert (row.action, row.author, row.subject) == ("account.sign_on", "west同志", "west")
    left = client.post("/sign-out", headers=office.origin)
    assert left.location.startswith(f"{provider.issuer}/oauth2/end_session?")
    assert "post_logout_redirect_uri=http%3A%2F%2Flocalhost%2Fsign-in" in left.location
    assert f"form-action 'self' {provider.issuer}" in left.headers["Content-Security-Policy"]
    assert not is_in(client)


def refuse(client, answer, reason, status=403, **values):
    """Nobody is signed in, and the page says why."""
    sentence = load_words("zh")(f"sign_on.{reason}", **values)
    assert sentence in answer.text.replace("&#34;", '"')
    assert answer.status_code == status
    assert not is_in(client)


def test_an_answer_to_nobodys_question(start, provider):
    client = start(provider.issuer)
    back = provider.approve(begin(client), "1")
    refuse(client, come_back(client, change(back, state="another")), "state")
    refuse(client, come_back(client, back), "state")  # it ended with the first attempt


def test_a_foreign_link_to_it_signs_nobody_out(office, start, provider):
    client = start(provider.issuer)
    assert sign_on(client, provider, "1").status_code == 303
    begin(client)
    client.get("/sign-in/sso/back?code=x&state=y")
    assert is_in(client)


def test_a_stolen_code_in_another_browser(start, provider):
    back = provider.approve(begin(start(provider.issuer)), "1")
    victim = start(provider.issuer)
    refuse(victim, come_back(victim, back), "state")


def test_a_token_of_another_sign_on(start, provider, caplog):
    client = start(provider.issuer)
    refuse(client, come_back(client, provider.approve(change(begin(client), nonce="older"), "1")), "nonce")
    told = next(record for record in caplog.records if record.name == "app.web.routes.single_sign_on")
    assert (told.getMessage(), told.reason) == ("single sign-on refused", "nonce")


@pytest.mark.parametrize("sub", ["1", "7"])
def test_a_token_for_another_program(start, provider, sub):
    client = start(provider.issuer)
    there = begin(client)
    provider.answers = [provider.take_token(there, sub, "another-program")]
    refuse(client, come_back(client, provider.approve(there, sub)), "audience")


def test_a_token_that_names_another_issuer_with_a_signature_that_holds(start, provider):
    client = start(provider.issuer)
    there = begin(client)
    provider.answers = [provider.take_token(there.replace("localhost", "127.0.0.1", 1), "1", CLIENT)]
    refuse(client, come_back(client, provider.approve(there, "1")), "foreign", 502)


def test_a_token_somebody_else_signed(start, provider, other):
    client = start(provider.issuer)
    there = begin(client)
    provider.answers = [other.take_token(there.replace(provider.issuer, other.issuer), "1", CLIENT)]
    refuse(client, come_back(client, provider.approve(there, "1")), "signature")


def test_an_answer_without_a_token_of_identity(start, provider):
    client = start(provider.issuer)
    provider.answers = [{"access_token": "a", "token_type": "Bearer"}]
    refuse(client, sign_on(client, provider, "1"), "token")


def test_a_token_that_is_over(start, other):
    client = start(other.issuer)
    refuse(client, sign_on(client, other, "1"), "expired")


def test_another_provider_than_was_set(start, provider):
    client = start(provider.issuer.replace("localhost", "LOCALHOST"))
    refuse(client, client.get("/sign-in/sso"), "foreign", 502)


def test_a_provider_that_is_away(start):
    with socket.socket() as free:
        free.bind(("localhost", 0))
        free_port = free.getsockname()[1]
        client = start(f"http://localhost:{free_port}")
        refuse(client, client.get("/sign-in/sso"), "provider", 502)
    with run_provider({}, port=free_port) as late:  # for a while nobody waits for it again
        refuse(client, client.get("/sign-in/sso"), "provider", 502)
        assert late.asked == []


def test_whoever_does_not_agree_has_no_account_or_is_disabled(office, start, provider):
    client = start(provider.issuer)
    refuse(client, come_back(client, provider.approve(begin(client), "1", agreed=False)), "denied")
    refuse(client, sign_on(client, provider, "2"), "no_account", name="newcomer")
    refuse(client, sign_on(client, provider, "5"), "no_claim", claim="preferred_username")
    accounts = Accounts(office.store)
    accounts.add("gone", PASSWORD, "viewer")
    accounts.disable("gone")
    refuse(client, sign_on(client, provider, "3"), "disabled")
    assert accounts.find("newcomer") is None


def test_accounts_are_made_and_kept_in_line_only_where_the_setting_says_so(office, start, provider):
    accounts = Accounts(office.store)
    client = start(provider.issuer, new_accounts="create", role_claim="groups", code_claim="area")
    assert sign_on(client, provider, "2").status_code == 303
    made = accounts.find("newcomer")
    assert (made.role, made.code, made.full_name, made.has_password) == ("street", "150299001", "钱进", False)
    row = next(row for row in office.store.audit_rows(limit=4) if row.action == "account.add")
    assert (row.author, row.subject, row.after) == ("OIDC", "newcomer", "street 150299001")
    assert accounts.authenticate("newcomer", "") is None
    assert accounts.authenticate("newcomer", "nobody has this password") is None
    accounts.move("newcomer", "street", "150299002", "")
    assert not is_in(client)  # its sessions ended
    assert sign_on(client, provider, "2").status_code == 303
    assert accounts.find("newcomer").code == "150299001"
    assert sign_on(client, provider, "4").status_code == 303
    assert accounts.find("city").role == "city"  # has a password: it belongs to this program
    answer = sign_on(client, provider, "6")
    assert answer.status_code == 403
    assert "999999999" in answer.text
    assert accounts.find("lost") is None


def test_it_is_not_tried_without_end(start, provider):
    client = start(provider.issuer)
    most = int(PER_MACHINE.split()[0])
    codes = [client.get("/sign-in/sso/back?code=x&state=y").status_code for _ in range(most + 1)]
    assert codes == [403] * most + [429]
