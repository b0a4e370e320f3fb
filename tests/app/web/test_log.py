"""Whatever is asked, by whom and about what: the log says which rule, how it ended, how long; nothing of the rest."""

import io
import json
import logging
import re

import pytest

from app.logs.lines import FIELDS, REQUESTS, make_formatter
from tests.app.web.conftest import PASSWORD

PERSON, STREET, FILE, PLACE, WORD = "王敏机密", "槐荫机密路", "小区名单机密.xlsx", "109.840317", "查询机密词"
PRIVATE = (PERSON, STREET, FILE, PLACE, WORD, PASSWORD, "127.0.1.", "同志")
"""Nothing of this may stand in a log: what the tests type, and what the accounts are called."""
KEYS = {"time", "level", "event", "logger", "line", "exception", "trace", *FIELDS}


@pytest.fixture
def log():
    """The lines written meanwhile, from DEBUG on, by whoever writes a log."""
    stream, root, requests = io.StringIO(), logging.getLogger(), logging.getLogger(REQUESTS)
    handler = logging.StreamHandler(stream)
    handler.setFormatter(make_formatter("json"))
    before, of_requests = root.level, requests.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    requests.setLevel(logging.INFO)
    yield stream
    root.removeHandler(handler)
    root.setLevel(before)
    requests.setLevel(of_requests)


def fill(rule):
    """The address of a rule, filled with what is private, numbers with a number."""
    return re.sub(r"<[^>]+>", f"{STREET}-{PERSON}", re.sub(r"<int:[^>]+>", "8", rule.rule))


def test_nothing_private_stands_in_the_log_whatever_is_asked(office, log, monkeypatch):
    def fail(*_):
        raise ValueError(f"{PERSON} {PLACE} {FILE}")

    client = office.client("city")
    headers = {**office.origin, "X-Pianqu": "1", "Cookie": f"author={PERSON}", "User-Agent": f"{PERSON} 5.0"}
    rules = [rule for rule in office.app.server.url_map.iter_rules() if rule.endpoint != "sign_out"]
    asked = f"?bbox={PLACE},40.6,110.0,40.7&q={WORD}&plan={PERSON}&unit={STREET}&next=/{PERSON}"
    for rule in rules:
        for method in sorted(rule.methods & {"GET", "POST"}):
            form = {"name": PERSON, "text": WORD, "note": WORD, "file": (io.BytesIO(WORD.encode()), FILE)}
            sent = {"data": form, "content_type": "multipart/form-data"} if method == "POST" else {}
            client.open(fill(rule) + asked, method=method, headers=headers, **sent).close()
    callback = {"output": "legend.children", "inputs": [{"id": "map", "property": "theme", "value": WORD}]}
    client.post("/_dash-update-component", json={**callback, "state": [], "changedPropIds": []}, headers=headers)
    client.post(f"/import/x/{FILE}", data={"file": (io.BytesIO(b"x"), FILE)}, headers=headers)
    client.post("/sign-in", data={"name": PERSON, "password": f"{PASSWORD}x"}, headers=office.origin)
    monkeypatch.setitem(office.app.server.view_functions, "healthz", fail)
    broken = client.get(f"/healthz?q={WORD}", headers=headers)
    logging.getLogger("geo.readers.table").info("%s: %d rows in %d sheets", FILE, 3, 1)
    logging.getLogger("waitress").error(f"Exception while serving /units/{PERSON}")  # noqa: G004

    text = log.getvalue()
    assert [word for word in PRIVATE if word in text] == []
    lines = [json.loads(line) for line in text.splitlines()]
    assert set().union(*lines) - KEYS == set()
    requests = [line for line in lines if line["event"] == "request"]
    assert {rule.rule for rule in rules} - {line["route"] for line in requests} == set()
    assert {"city"} <= {line.get("role") for line in requests}
    assert "legend.children" in {line.get("callback") for line in requests}
    failed = next(line for line in lines if line["event"] == "request failed" and line["exception"] == "ValueError")
    answered = next(line for line in requests if line["request_id"] == failed["request_id"])
    assert (failed["route"], answered["status"], answered["level"]) == ("/healthz", 500, "ERROR")
    assert any(part.endswith(" fail") for part in failed["trace"])
    assert broken.headers["X-Request-Id"] == failed["request_id"]
