"""What a machine lacks is said with what to do; nothing is changed by looking."""

import socket
import sys

import pytest

from app.workbench import doctor
from tests.app.tiles import draw_png, write_mbtiles


def test_everything_is_looked_at_and_nothing_is_left_behind(tmp_path):
    checks = doctor.examine(tmp_path, 8050)
    names = [check.name for check in checks]
    assert names == [
        "python",
        "memory",
        "disk",
        "write",
        "port",
        "browser",
        "locale",
        "front_end",
        "policy",
        "base_map",
    ]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("gib", "verdict"), [(2, "fault"), (4, "warning"), (8, "ok"), (None, "warning")])
def test_memory_is_enough_for_nothing_a_district_or_a_city(gib, verdict):
    assert doctor._check_memory(gib and gib * 2**30).verdict == verdict


def test_a_taken_port_is_named_with_another():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        check = doctor._check_port(port)
    assert check.verdict == "warning"
    assert f"--port {port + 1}" in check.zh


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands for the browser")
@pytest.mark.parametrize(
    ("answer", "verdict"), [("Chromium 99.0.1", "fault"), ("Google Chrome 126.0.6478.55", "ok"), ("?", "ok")]
)
def test_an_old_browser_is_a_fault(tmp_path, answer, verdict):
    browser = tmp_path / "browser"
    browser.write_text(f"#!/bin/sh\necho '{answer}'\n", encoding="utf-8")
    browser.chmod(0o755)
    assert doctor._check_browser(browser).verdict == verdict


def test_no_browser_is_no_fault(monkeypatch):
    monkeypatch.setattr(doctor.shutil, "which", lambda name: None)
    for name in ("ProgramFiles", "ProgramFiles(x86)", "LocalAppData"):
        monkeypatch.delenv(name, raising=False)
    assert doctor._check_browser(doctor.find_browser()).verdict == "warning"


def test_a_browser_of_windows_is_found_where_it_lies(monkeypatch, tmp_path):
    monkeypatch.setattr(doctor.shutil, "which", lambda name: None)
    monkeypatch.setattr(doctor, "_WINDOWS_BROWSERS", ("Edge/msedge.exe",))
    monkeypatch.setenv("ProgramFiles", str(tmp_path))
    (tmp_path / "Edge" / "126.0.2592.87").mkdir(parents=True)
    (tmp_path / "Edge" / "msedge.exe").touch()
    assert doctor.find_browser() == tmp_path / "Edge" / "msedge.exe"
    monkeypatch.setattr(doctor.sys, "platform", "win32")
    assert doctor._browser_version(tmp_path / "Edge" / "msedge.exe") == 126


def test_a_missing_policy_is_a_fault(tmp_path):
    assert doctor._check_policy(tmp_path / "none.toml").verdict == "fault"


TIANDITU = {"PIANQU_BASEMAP": "tianditu", "PIANQU_TIANDITU_KEY": "a" * 32, "PIANQU_BASEMAP_APPROVAL": "GS(2024)0650号"}


@pytest.mark.parametrize(
    ("settings", "verdict", "says"),
    [
        ({}, "ok", "没有设底图"),
        (TIANDITU, "ok", "密钥已设"),
        ({**TIANDITU, "PIANQU_TIANDITU_KEY": ""}, "fault", "PIANQU_TIANDITU_KEY"),
        ({"PIANQU_BASEMAP": "none.mbtiles"}, "fault", "none.mbtiles"),
    ],
)
def test_the_base_map_is_looked_at_without_any_network(monkeypatch, settings, verdict, says):
    monkeypatch.setattr(socket, "socket", None)
    check = doctor._check_base_map(settings)
    assert check.verdict == verdict
    assert says in check.zh
    assert "a" * 32 not in check.zh + check.en


def test_a_base_map_without_approval_is_for_internal_use(tmp_path):
    pictures = write_mbtiles(tmp_path / "a.mbtiles", {(3, 0, 0): draw_png(size=8)})
    lines = write_mbtiles(tmp_path / "v.mbtiles", {(3, 0, 0): b"\x1f\x8b"}, format="pbf")
    check = doctor._check_base_map({"PIANQU_BASEMAP": str(pictures)})
    assert (check.verdict, check.zh) == ("warning", "底图 a.mbtiles: image/png, 3–3; 没有审图号, 只能内部使用")
    check = doctor._check_base_map({"PIANQU_BASEMAP": str(lines)})
    assert (check.verdict, "矢量瓦片须先转成图片" in check.zh) == ("fault", True)
