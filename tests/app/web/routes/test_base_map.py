"""Tiles of a local base map are served; without one there is no address, and nobody foreign is let in."""

import pytest

from app.web.main import create_app
from app.workbench.base_map import TIANDITU_HOST
from tests.app.tiles import draw_png, write_mbtiles, write_pmtiles

PICTURE = draw_png(size=8)


@pytest.fixture
def open_client(town, monkeypatch):
    def opened(**settings):
        for name, value in settings.items():
            monkeypatch.setenv(f"PIANQU_{name.upper()}", str(value))
        return create_app(*town, "sqlite://").server.test_client()

    return opened


def rules(client):
    policy = client.get("/").headers["Content-Security-Policy"]
    return dict(rule.partition(" ")[::2] for rule in policy.split("; "))


def test_tiles_of_a_local_file_are_served_and_nobody_foreign_is_let_in(open_client, tmp_path):
    client = open_client(basemap=write_mbtiles(tmp_path / "a.mbtiles", {(2, 1, 3): PICTURE}, format="png"))
    answer = client.get("/base/2/1/0")
    assert (answer.data, answer.mimetype) == (PICTURE, "image/png")
    assert client.get("/base/2/1/1").status_code == 404
    assert client.get("/base/tiles.pmtiles").status_code == 404
    assert "http" not in " ".join(rules(client).values())
    assert '"kind": "mbtiles"' in client.get("/").text


def test_a_file_of_pmtiles_is_read_by_ranges(open_client, tmp_path):
    client = open_client(basemap=write_pmtiles(tmp_path / "a.pmtiles", PICTURE))
    answer = client.get("/base/tiles.pmtiles", headers={"Range": "bytes=0-6"})
    assert (answer.status_code, answer.data) == (206, b"PMTiles")
    assert client.get("/base/0/0/0").status_code == 404


def test_the_policy_opens_for_exactly_the_host_of_tianditu(open_client):
    client = open_client(basemap="tianditu", tianditu_key="a" * 32, basemap_approval="GS(2024)0650号")
    found = rules(client)
    assert found["img-src"].split() == ["'self'", "data:", "blob:", TIANDITU_HOST]
    assert found["connect-src"].split() == ["'self'", TIANDITU_HOST]
    assert [rule for rule, text in found.items() if "http" in text] == ["img-src", "connect-src"]
    assert client.get("/base/0/0/0").mimetype == "text/html"  # the page, as for any address


def test_without_a_setting_there_is_none(client):
    assert client.get("/base/0/0/0").mimetype == "text/html"
    assert '"base_map": null' in client.get("/").text
