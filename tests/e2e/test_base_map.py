"""The base map: nothing foreign by default, one host where the office named it, a local file from this server."""

import math
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from app.workbench.base_map import TIANDITU_HOST
from tests.app.tiles import draw_png, write_mbtiles, write_pmtiles

PICTURE = draw_png((90, 140, 220))
APPROVAL = "GS(2024)0650号"
KEY = "a" * 32
LOADED = """() => {
    const { map } = document.querySelector('.map-box').mapView;
    return map.getSource('base-0') && map.isSourceLoaded('base-0');
}"""
LAYERS = "document.querySelector('.map-box').mapView.map.getStyle().layers.map((one) => one.id)"


@pytest.fixture
def open_on(town, serve, new_page, monkeypatch):
    """A page of a server started with settings; foreign requests stay in `asked`."""
    servers = []

    def opened(address="/", shows="map", *, is_online=True, **settings):
        for name, value in settings.items():
            monkeypatch.setenv(f"PIANQU_{name.upper()}", str(value))
        servers.append(serve(*town, store="sqlite://"))
        watched = new_page(next(servers[-1]))
        watched.asked = []

        def answer(route):
            watched.asked.append(route.request.url)
            answer_as_tianditu(route) if is_online else route.abort("internetdisconnected")

        watched.page.route(f"{TIANDITU_HOST}/**", answer)
        return watched.open(address, shows=shows)

    yield opened
    for server in servers:
        server.close()


def answer_as_tianditu(route):
    """The published interface: matrix set w is the web's, levels 1 to 18, a key that is known; else 403 in JSON."""
    url = urlsplit(route.request.url)
    asked = {name.lower(): value[0] for name, value in parse_qs(url.query).items()}
    layer, _, matrix_set = url.path.removesuffix("/wmts").removeprefix("/").partition("_")
    zoom, row, column = (int(asked[name]) for name in ("tilematrix", "tilerow", "tilecol"))
    fixed = {"service": "WMTS", "request": "GetTile", "version": "1.0.0", "style": "default", "format": "tiles"}
    assert fixed.items() <= asked.items()
    assert (asked["layer"], asked["tilematrixset"]) == (layer, matrix_set) == (layer, "w")
    assert 1 <= zoom <= 18
    assert 0 <= min(row, column) <= max(row, column) < 2**zoom
    if asked["tk"] != KEY:
        route.fulfill(status=403, body='{"code":301003,"msg":"非法Key"}', content_type="application/json")
        return
    route.fulfill(body=PICTURE, content_type="image/png", headers={"Access-Control-Allow-Origin": "*"})


def tile_at(lon, lat, zoom):
    """Column and row of the web's tile at a place, degrees."""
    north = math.asinh(math.tan(math.radians(lat)))
    return int((lon + 180) / 360 * 2**zoom), int((1 - north / math.pi) / 2 * 2**zoom)


def test_by_default_nothing_lies_below_and_nobody_is_asked(watched):
    assert not [layer for layer in watched.page.evaluate(LAYERS) if layer.startswith("base-")]
    expect(watched.page.locator("#corner")).not_to_contain_text("底图")
    watched.clean()


def test_tianditu_is_asked_at_its_one_host_and_named_with_its_approval(open_on):
    watched = open_on(basemap="tianditu", tianditu_key=KEY, basemap_approval=APPROVAL)
    watched.page.wait_for_function(LOADED)
    asked = [urlsplit(url) for url in watched.asked]
    assert {f"{one.scheme}://{one.netloc}" for one in asked} == {TIANDITU_HOST}
    assert {one.path for one in asked} == {"/vec_w/wmts", "/cva_w/wmts"}
    assert all(parse_qs(one.query)["tk"] == [KEY] for one in asked)
    assert watched.page.evaluate(LAYERS)[:3] == ["background", "base-0", "base-1"]
    lon, lat = watched.page.evaluate("document.querySelector('.map-box').mapView.map.getCenter().toArray()")
    tiles = [tuple(int(parse_qs(one.query)[f"TILE{what}"][0]) for what in ("MATRIX", "COL", "ROW")) for one in asked]
    assert all(math.dist((column, row), tile_at(lon, lat, zoom)) < 8 for zoom, column, row in tiles)  # around the town
    expect(watched.page.locator(".base-unreachable")).to_be_hidden()
    expect(watched.page.locator("#corner")).to_contain_text(f"底图: 天地图, 审图号: {APPROVAL}")
    refused = watched.page.evaluate("fetch('https://t1.tianditu.gov.cn/').then(() => 'let through', () => 'refused')")
    assert refused == "refused"
    assert watched.foreign == []  # the policy held it back: it never left the page


@pytest.mark.full
@pytest.mark.parametrize(
    ("address", "shows", "is_online"),
    [("/", "map", False), ("/", "map", True), pytest.param("/?lite=1", "lite", True, marks=pytest.mark.full)],
    ids=["no network", "wrong key", "wrong key, simple map"],
)
def test_a_base_map_that_does_not_come_is_told_and_all_else_works(open_on, address, shows, is_online):
    watched = open_on(
        address,
        shows,
        is_online=is_online,
        basemap="tianditu",
        tianditu_key=KEY.upper() if is_online else KEY,
        basemap_approval=APPROVAL,
    )
    expect(watched.page.locator(".base-unreachable")).to_be_visible()
    expect(watched.page.locator("#corner")).to_contain_text("天地图不认这个密钥")
    expect(watched.page.locator(".map-problem, .notice:not(:empty)")).to_have_count(0)
    watched.shot("base-map-refused" if is_online else "base-map-no-network")


@pytest.mark.parametrize("write", [write_mbtiles, pytest.param(write_pmtiles, marks=pytest.mark.full)])
def test_a_local_file_is_drawn_below_everything(open_on, tmp_path, write):
    if write is write_mbtiles:
        everywhere = {(0, 0, 0): PICTURE}
        path = write(tmp_path / "底图.mbtiles", everywhere, format="png", name="测绘院影像")
    else:
        path = write(tmp_path / "底图.pmtiles", PICTURE)
    watched = open_on(basemap=path, basemap_approval=APPROVAL)
    watched.page.wait_for_function(LOADED)
    assert watched.page.evaluate(LAYERS)[:2] == ["background", "base-0"]
    expect(watched.page.locator("#corner")).to_contain_text(APPROVAL)
    assert watched.asked == []
    watched.clean()
    watched.shot(f"base-map-{path.suffix[1:]}")


@pytest.mark.full
def test_the_simple_map_has_it_too(open_on, tmp_path):
    path = write_pmtiles(tmp_path / "a.pmtiles", PICTURE)
    watched = open_on("/?lite=1", "lite", basemap=path)
    expect(watched.page.locator(".leaflet-tile-pane canvas, .leaflet-tile-pane img").first).to_be_attached()
    watched.clean()
