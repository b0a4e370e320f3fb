"""Whoever runs the server is told that it is well, and nothing of data or people."""

from app.store.accounts import Accounts
from app.store.errors import StoreError
from tests.app.web.conftest import OWN, SECRET


def test_anybody_may_ask_whether_it_is_well_and_is_told_no_more(office):
    answer = office.client().get("/healthz")
    assert answer.status_code == 200
    assert set(answer.json) == {"ok", "dataset", "version"}


def test_without_its_store_it_is_not_well(office, monkeypatch):
    def fail(_):
        raise StoreError("坏了。", "Broken.")

    monkeypatch.setattr("app.store.store.Store.revision", fail)
    answer = office.client().get("/healthz")
    assert (answer.status_code, answer.json["ok"]) == (503, False)


def test_counts_are_for_those_who_may_read(office):
    client = office.client()
    assert client.get("/metrics").status_code == 401
    token = Accounts(office.store).add_token("viewer")
    told = client.get("/metrics", headers={"Authorization": f"Bearer {token}"}).text
    assert 'pianqu_requests_total{endpoint="metrics",status="401"}' in told
    assert "pianqu_request_seconds_bucket" in told
    assert not any(word in told for word in (OWN, SECRET, "viewer"))
