"""A file that comes through the page is read, shown, and kept as a version with author and reason."""

import json
import zipfile

import pytest

from app.exports.export import export_plan
from app.exports.formats import choose_formats
from app.exports.request import make_request
from app.session.plan_session import PlanSession
from app.web.main import create_app

OWN = {"X-Pianqu": "1"}


@pytest.fixture
def served(town, tmp_path):
    import shutil

    folder = shutil.copytree(town[0], tmp_path / "city")
    session = PlanSession(folder, town[1])
    return session, create_app(folder, town[1]).server.test_client()


def send(client, session, body, name):
    headers = {**OWN, "X-File-Name": name, "Content-Type": "application/octet-stream"}
    return client.post(f"/import/plan?page={session.data.version}", data=body, headers=headers)


@pytest.fixture
def edited(served, tmp_path):
    """Units of the plan as GeoJSON, one taken out; and which."""
    bench = served[0].data.bench
    request = make_request(bench.dataset, dict(bench.plan))
    paths = export_plan(request, choose_formats("geojson"), tmp_path / "out", by="city")
    body = json.loads(paths[1].read_text(encoding="utf-8"))
    unit = next(one["properties"] for one in body["features"] if one["properties"]["role"] == "absorbed")
    unit["area_id"] = None
    return json.dumps(body, ensure_ascii=False).encode(), unit["unit_id"]


def test_it_becomes_a_version_once_a_reason_is_given(served, edited):
    session, client = served
    client.set_cookie("author", "%E5%BC%A0%E5%B7%A5")
    answer = send(client, session, edited[0], "units.geojson").get_json()
    assert answer["changed"]
    assert any(edited[1] in line for line in answer["lines"])
    assert answer["verdict"]
    address = f"/import/plan/{answer['token']}"
    assert client.post(address, json={"reason": " "}, headers=OWN).status_code == 409
    kept = client.post(address, json={"reason": "现场踏勘"}, headers=OWN)
    assert kept.status_code == 200, kept.text
    (newest, *_) = session.store.versions(session.data.bench.version.plan_id)
    assert (newest.number, newest.author) == (2, "张工")
    assert newest.note == "现场踏勘 (units.geojson)"
    assert session.store.document(newest.id)["read_back"]["by"] == "张工"
    assert client.post(address, json={"reason": "再来"}, headers=OWN).status_code == 409


def test_hostile_files_are_refused_in_a_sentence(served, tmp_path):
    session, client = served
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("a.csv", "小区名称,片区\n" + "0" * 150_000_000)
    bodies = {"bomb.zip": bomb.read_bytes(), "x.gpkg": b"\0" * 999, "x.exe": b"MZ", "x.csv": b"", "": b"x"}
    for name, body in bodies.items():
        answer = send(client, session, body, name)
        assert answer.status_code == 422, name
        assert answer.get_json()["sentence"]


def test_a_foreign_page_may_not_send_one(served, edited):
    session, client = served
    address = f"/import/plan?page={session.data.version}"
    assert client.post(address, data=edited[0]).status_code == 403
