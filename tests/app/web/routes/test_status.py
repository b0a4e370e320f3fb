"""How the server is, for the administrator alone; what somebody should look at is said first."""

import datetime
import re

import pytest

from app.desks.backup.last import note_backup
from app.store.health import DatabaseState
from tests.app.web.conftest import OWN, SECRET


@pytest.mark.parametrize("who", ["district", "west", "viewer", "company"])
def test_it_is_for_the_administrator_alone(office, who):
    assert office.client(who).get("/status").status_code == 403


def test_the_administrator_is_told_of_everything_and_of_nobody(office):
    client = office.client("city")
    assert '"href":"status"' in client.get("/_dash-layout").text
    assert '"href":"status"' not in office.client("district").get("/_dash-layout").text
    note_backup(office.folder, datetime.datetime.now().astimezone().isoformat(), 5_000_000, with_plans=True)
    client.get("/nowhere")
    page = client.get("/status")
    assert page.headers["Cache-Control"] == "no-store"
    facts = dict(re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", page.text, re.DOTALL))
    told = {name: re.sub(r"<[^>]+>", "", value).strip() for name, value in facts.items()}
    assert re.fullmatch(r"SQLite 3\.[\d.]+ · [\d.]+ MB", told["方案库"])
    assert "检查无误" in told["完整性"]
    assert "5.0 MB" in told["上次备份"]
    assert int(told["被拒绝 (4xx)"]) >= 1
    assert "GiB" in told["磁盘"]
    assert page.text.count("进行 0 项, 排队 0 项") == 2
    assert not any(f"{name}同志" in page.text for name in ("district", "west", "east", "viewer"))
    assert client.get("/language/en?back=status").location == "../status"
    assert "checked, sound" in client.get("/status").text


def test_what_is_not_well_stands_on_top(office, monkeypatch):
    note_backup(office.folder, "2020-01-01T12:00:00+00:00", 5_000_000, with_plans=True)
    monkeypatch.setattr(
        "app.desks.operation.status.examine_database", lambda _: DatabaseState("SQLite 3", 10, is_sound=False)
    )
    page = office.client("city").get("/status").text
    top = page.partition('class="status-blocks"')[0]
    assert "已损坏" in top
    assert "2020-01-01" in top
    assert SECRET not in top
    assert OWN not in top
