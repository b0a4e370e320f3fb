"""Requests of a while, as the counts for Prometheus have them."""

import time

import pytest
from flask import Flask, abort

from app.session.measuring import RequestMeter


@pytest.fixture
def meter():
    return RequestMeter()


@pytest.fixture
def client(meter):
    server = Flask("measured")
    meter.measure(server)

    @server.get("/answer/<code>")
    def answer(code):
        if code == "slow":
            time.sleep(0.03)
            return "slow"
        return abort(int(code))

    return server.test_client()


def test_nothing_was_asked_yet(meter):
    traffic = meter.traffic()
    assert (traffic.requests, traffic.refused, traffic.errors, traffic.p95_ms) == (0, 0, 0, None)


def test_answers_are_counted_by_how_they_ended(meter, client):
    for code in ("404", "403", "500", "slow", "slow"):
        client.get(f"/answer/{code}")
    client.get("/nowhere")
    traffic = meter.traffic()
    assert (traffic.requests, traffic.refused, traffic.errors) == (6, 3, 1)
    assert traffic.p95_ms >= 50  # two of six took more than 25 ms


def test_the_last_hour_forgets_what_was_before(meter, client, monkeypatch):
    client.get("/answer/500")
    now = time.monotonic()
    for minute in range(1, 64):
        monkeypatch.setattr(time, "monotonic", lambda at=now + 60 * minute: at)
        client.get("/answer/404")
    traffic = meter.traffic()
    assert traffic.errors == 0
    assert traffic.seconds == pytest.approx(59 * 60, abs=61)
    assert traffic.requests == traffic.refused == 59
