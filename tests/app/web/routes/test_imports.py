"""Routes of uploads guard: foreign pages, bad tokens, files too large."""

import io
import tempfile
from pathlib import Path
from urllib.parse import quote, unquote

import pandas as pd
import pytest

from app.desks.imports.session import ImportSession
from app.web.main import create_app
from tests.app.import_files import TOKEN, drop, geojson, tried

OWN = {"X-Pianqu": "1", "Content-Type": "application/octet-stream"}


@pytest.fixture
def server(tmp_path):
    return create_app(tmp_path / "city", None).server.test_client()


def send(client, name, content, **more):
    headers = {**OWN, "X-File-Name": quote(name), **more}
    return client.post(f"/import/files/{TOKEN}", data=content, headers=headers)


def test_a_file_is_received_and_looked_at(server):
    assert send(server, "小区.geojson", geojson(["红星小区"]).encode()).status_code == 200


def test_a_foreign_page_is_refused(server):
    for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        assert send(server, "a.csv", b"x", **headers).status_code == 403
    without = {key: value for key, value in OWN.items() if key != "X-Pianqu"}
    assert server.post(f"/import/files/{TOKEN}", data=b"x", headers=without).status_code == 403
    assert server.post("/_dash-update-component", json={}, headers={"Origin": "http://evil.example"}).status_code == 403
    assert server.get("/export/html", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


@pytest.mark.parametrize(
    ("name", "content", "told"), [("../../a.exe", b"MZ", "支持的格式"), ("空.csv", b"", "空文件"), ("", b"x", "文件名")]
)
def test_a_bad_file_is_answered_with_a_sentence(server, name, content, told):
    answer = send(server, name, content)
    assert answer.status_code == 422
    assert told in answer.json["sentence"]


def test_a_file_too_large_is_refused(server, monkeypatch):
    monkeypatch.setattr("app.desks.imports.uploads.save_stream.__kwdefaults__", {"most_mb": 1})
    answer = send(server, "a.csv", bytes(1_000_001))
    assert answer.status_code == 422
    assert "MB" in answer.json["sentence"]
    server.application.config["MAX_CONTENT_LENGTH"] = 1000
    assert send(server, "a.csv", bytes(2000)).status_code == 413


def test_a_bad_token_is_refused(server):
    answer = server.post("/import/files/..%2f..%2fx", data=b"x", headers=OWN)
    assert answer.status_code in (404, 405, 422)
    answer = server.post("/import/files/short", data=b"x", headers={**OWN, "X-File-Name": "a.csv"})
    assert answer.status_code == 422


def test_nothing_is_written_outside_the_temporary_folder(server, tmp_path):
    before = {path.name for path in Path(tempfile.gettempdir()).iterdir()}
    send(server, "../../../evil.csv", "小区名称\n红星\n".encode())
    new = {path.name for path in Path(tempfile.gettempdir()).iterdir()} - before
    assert all(name.startswith("pianqu-") for name in new if "evil" in name or "pianqu" in name)
    assert not list(tmp_path.rglob("evil*"))


def test_reports_are_there_only_after_a_check(server):
    for address in (f"/import/findings/{TOKEN}.xlsx", f"/import/rejected/{TOKEN}", f"/import/findings/{TOKEN}.exe"):
        assert server.get(address).status_code == 404


def test_findings_are_downloaded_under_a_chinese_name(outlines, tmp_path, monkeypatch):
    desks = []
    monkeypatch.setattr("app.web.main.ImportSession", lambda shown: desks.append(ImportSession(shown)) or desks[0])
    client = create_app(tmp_path / "city", None).server.test_client()
    drop(desks[0], outlines)
    desks[0].answer_all(TOKEN, "datum", "wgs84")
    tried(desks[0])
    answer = client.get(f"/import/findings/{TOKEN}.json")
    assert "导入问题清单.json" in unquote(answer.headers["Content-Disposition"])
    assert answer.json["findings"]
    book = client.get(f"/import/findings/{TOKEN}.xlsx")
    assert len(pd.read_excel(io.BytesIO(book.data), engine="openpyxl")) == len(answer.json["findings"])
    desks[0].close()
