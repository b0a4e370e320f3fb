"""A real server in its own process, a real Chromium, and a network that is closed."""

import importlib.util
import os
import shutil
from pathlib import Path

import pytest
from filelock import FileLock
from playwright.sync_api import Error, expect

from tests.e2e.city import City, build_city
from tests.e2e.desk import Desk, office_of
from tests.e2e.servers import Server

expect.set_options(timeout=60_000)  # many pages are drawn at a time, by software

ROOT = Path(__file__).resolve().parents[2]
ARTEFACTS = ROOT / "tests" / "artefacts"
BUILT = "built"
"""A file in the folder of a city that is complete."""


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if os.environ.get("CI") == "true":  # named in the summary as RERUN, and counted: decision 0037
                item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def town_module():
    place = ROOT / "tests" / "app" / "town.py"
    spec = importlib.util.spec_from_file_location("town", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def town(town_module, tmp_path_factory):
    return town_module.build_town(tmp_path_factory.mktemp("town"))


@pytest.fixture(scope="session")
def serve():
    """Start a server of a folder and a plan: a generator that gives its address and ends it."""
    return serving


@pytest.fixture(scope="session")
def origin(town):
    """Address of a server of the town with its plan."""
    yield from serving(*town)


@pytest.fixture(scope="session")
def bare_origin(town):
    """Address of a server of the town without a plan, where ten buildings are many."""
    yield from serving(town[0], None, most_as_geojson=10, store="sqlite://")


@pytest.fixture(scope="session")
def city(tmp_path_factory, worker_id):
    """The fictional city of thousands of units: built once for all workers, a copy for each."""
    mine = tmp_path_factory.mktemp("city")
    if worker_id == "master":
        return build_city(mine / "built")
    built = tmp_path_factory.getbasetemp().parent / "city"
    with FileLock(f"{built}.lock"):
        if not (built / BUILT).exists():
            shutil.rmtree(built, ignore_errors=True)
            build_city(built)
            (built / BUILT).touch()
    shutil.copytree(built, mine / "built")
    return City.of(mine / "built")


@pytest.fixture(scope="session")
def city_origin(city):
    """Address of a server of the city and its store, for tests that correct no data."""
    yield from serving(city.folder, None, store=city.url)


def serving(folder, plan, *, most_as_geojson=8_000, store=None, slow=False, read_only=False):
    """Start a server on a free port, wait for it, end it by its own handle."""
    server = Server(
        folder, plan, most_as_geojson=most_as_geojson, seconds=2, slow=slow, store_url=store, read_only=read_only
    )
    try:
        yield server.start().address
    finally:
        server.end()


class Watched:
    """A page that lets nothing out, and remembers whatever went wrong."""

    def __init__(self, page, origin):
        self.page, self.origin = page, origin
        self.foreign, self.errors = [], []
        page.route("**/*", self._only_own)
        page.on("console", lambda m: m.type == "error" and self.errors.append(m.text))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("response", lambda r: r.status >= 400 and self.errors.append(f"{r.status} {r.url}"))
        page.on("websocket", lambda socket: self.foreign.append(socket.url))

    def _only_own(self, route):
        url = route.request.url
        if url.startswith((self.origin, "blob:", "data:")):
            route.continue_()
        else:
            self.foreign.append(url)
            route.abort()

    def open(self, address="/", *, shows="map"):
        """Open an address and wait until the map, or the note in its place, is complete."""
        self.page.goto(self.origin + address)
        self.page.wait_for_selector(f".map-box[data-ready={shows}]", timeout=60_000)
        return self

    def speak(self, language):
        """Choose a language without loading a page for it."""
        assert self.page.request.get(f"{self.origin}/language/{language}", max_redirects=0).status < 400
        return self

    def clean(self):
        """Nothing asked for from elsewhere, nothing on the console."""
        assert self.foreign == []
        assert self.errors == []

    def shot(self, name):
        ARTEFACTS.mkdir(exist_ok=True)
        self.page.screenshot(path=ARTEFACTS / f"{name}.png")

    def keep(self, name, told):
        """A line kept beside the pictures."""
        ARTEFACTS.mkdir(exist_ok=True)
        (ARTEFACTS / f"{name}.txt").write_text(told + "\n", encoding="utf-8")

    def place_of(self, unit):
        """Where the middle of a unit is on the screen, pixels."""
        place = self.page.evaluate(
            """async (id) => {
                const { map } = document.querySelector(".map-box").mapView;
                const data = await map.getSource("units").getData();
                const shape = data.features.find((feature) => feature.id === id).geometry;
                const ring = shape.coordinates[0].slice(1);
                const mean = (k) => ring.reduce((sum, point) => sum + point[k], 0) / ring.length;
                const { x, y } = map.project([mean(0), mean(1)]);
                const { left, top } = map.getCanvas().getBoundingClientRect();
                return [left + x, top + y];
            }""",
            unit,
        )
        return tuple(place)

    def state_of(self, source, feature):
        """Feature state of a feature, as the map draws it."""
        return self.page.evaluate(
            """([source, id]) => document.querySelector(".map-box").mapView.map
                .getFeatureState({ source, id })""",
            [source, feature],
        )

    def marked_area(self):
        """Position of the area that is drawn as selected; None when its outline is not drawn."""
        return self.page.evaluate(
            """() => {
                const drawn = document.querySelector(".map-marks .selected").getAttribute("d");
                return drawn ? document.querySelector(".map-box").mapView.selected.area : null;
            }"""
        )

    def settle(self):
        """Let the map draw what it was told."""
        self.page.wait_for_timeout(300)

    def whole(self):
        """Back to the whole town."""
        self.page.evaluate(
            """() => {
                const { map, props } = document.querySelector(".map-box").mapView;
                map.fitBounds(props.bounds, { padding: 24, duration: 0 });
            }"""
        )
        self.settle()

    def selected_rows(self, grid):
        rows = self.page.locator(f"#{grid} .ag-center-cols-container .ag-row-selected")
        return [row.get_attribute("row-id") for row in rows.all()]


@pytest.fixture(scope="session")
def watch():
    """Makes a page a watched one, for pages that several tests share."""
    return Watched


@pytest.fixture(scope="session")
def page_of_planner(browser, origin):
    """One page for a whole day of work: loading it is what costs."""
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    return Watched(page, origin).open()


@pytest.fixture
def watched(page_of_planner):
    """The page at its first theme and table, nothing under the pointer."""
    page_of_planner.page.mouse.move(700, 20)
    page_of_planner.page.keyboard.press("1")
    page_of_planner.page.get_by_role("tab").first.click()
    yield page_of_planner
    page_of_planner.clean()


@pytest.fixture
def new_page(browser):
    """A page of its own, for a server and a browser of choice."""
    pages = []

    def make(origin, in_browser=None):
        page = (in_browser or browser).new_page(viewport={"width": 1366, "height": 768})
        page.set_default_timeout(60_000)
        pages.append(page)
        return Watched(page, origin)

    yield make
    for page in pages:
        page.close()


@pytest.fixture(scope="module")
def shared(town, tmp_path_factory):
    """For tests that save nothing."""
    running = office_of(town, tmp_path_factory.mktemp("office"))
    yield running
    running.kill()


@pytest.fixture
def office(town, tmp_path):
    """For tests that save, or kill."""
    running = office_of(town, tmp_path)
    yield running
    running.kill()


@pytest.fixture(scope="module")
def desks(shared, browser):
    """The one page that many tests of a module share: loading it is what costs."""
    kept = []
    yield kept
    for desk in kept:
        desk.page.close()


@pytest.fixture
def desk(shared, browser, desks):
    """The plan as it was opened; on a new page when the last test left one that does not come back to that."""
    if desks:
        try:
            return desks[0].begin_anew()
        except (AssertionError, Error):
            desks.pop().page.close()
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    page.set_default_timeout(60_000)
    desks.append(Desk(Watched(page, shared.address)).begin())
    return desks[0]


@pytest.fixture
def fresh_desk(shared, new_page):
    """The plan on a page of its own, for tests that load it again or leave the editor."""
    return Desk(new_page(shared.address)).begin()


@pytest.fixture
def own_desk(office, new_page):
    return Desk(new_page(office.address)).begin()


@pytest.fixture(params=["map", pytest.param("lite", marks=pytest.mark.full)])
def either_desk(request):
    """The same desk with the map of WebGL and, on a page of its own, with the simple one."""
    if request.param == "map":
        return request.getfixturevalue("desk")
    shared, new_page = (request.getfixturevalue(name) for name in ("shared", "new_page"))
    return Desk(new_page(shared.address)).begin("/?lite=1", shows="lite")


@pytest.fixture(scope="session")
def axe(root, must_have_browser):
    path = root / "node_modules" / "axe-core" / "axe.min.js"
    if not path.is_file():
        assert not must_have_browser, "no axe-core in CI"
        pytest.skip("axe-core is not here: make setup")
    return path.read_text(encoding="utf-8")
