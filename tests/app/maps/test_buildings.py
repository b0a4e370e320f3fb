"""Many buildings become tiles beside the dataset, announced while they are made."""

from app.maps.buildings import building_tiles, make_tiles
from app.session.page import prepare_page
from app.web.main import create_app
from tests.app.opened import open_workbench


def test_many_buildings_become_tiles_beside_the_dataset(town, monkeypatch):
    monkeypatch.setattr("app.maps.buildings.MOST_AS_GEOJSON", 10)
    folder, plan = town
    before = sorted(path.name for path in folder.iterdir())
    bench = open_workbench(folder, plan)
    tiles = building_tiles(bench.dataset)
    assert tiles == prepare_page(bench).buildings
    assert not tiles.is_ready
    make_tiles(bench.dataset, tiles)
    assert tiles.path.read_bytes()[:7] == b"PMTiles"
    assert sorted(path.name for path in folder.iterdir()) == before
    client = create_app(folder, plan).server.test_client()
    part = client.get(f"/geo/{tiles.name}", headers={"Range": "bytes=0-6"})
    assert (part.status_code, part.data) == (206, b"PMTiles")


def test_tiles_in_the_making_are_announced_not_missing(town, monkeypatch):
    monkeypatch.setattr("app.maps.buildings.MOST_AS_GEOJSON", 20)
    monkeypatch.setattr("app.session.page.start_tiling", lambda *_: None)
    monkeypatch.setattr("app.maps.buildings.BuildingTiles.is_ready", False)
    app = create_app(*town)
    name = building_tiles(open_workbench(*town).dataset).name
    assert app.server.test_client().head(f"/geo/{name}").status_code == 202
