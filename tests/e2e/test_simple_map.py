"""The map without WebGL2: explored, edited and saved as the other is; single buildings as dots, the scale in words."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.desk import EDITOR, WAYS, Desk, save

VIEW = "document.querySelector('.map-box').mapView"


@pytest.fixture(params=["no-webgl", pytest.param("asked", marks=pytest.mark.full)])
def lite(request, launch, new_page, origin):
    """The page with the simple map: without WebGL2, and where the address asks for it."""
    poor = launch("--disable-3d-apis") if request.param == "no-webgl" else None
    watched = new_page(origin, poor).open("/?lite=1" if request.param == "asked" else "/", shows="lite")
    yield watched
    watched.shot(f"lite-{request.param}")
    watched.clean()
    if poor:
        poor.close()


def test_the_simple_map_can_do_what_the_other_can(lite):
    """Select from the table and from the map, switch themes, hide a class, see whole streets."""
    page = lite.page
    expect(page.locator(".lite-note")).to_contain_text("精简")
    assert not page.evaluate(
        "performance.getEntriesByType('resource').some((r) => /tile|maplibre-gl-worker/.test(r.name))"
    )
    page.locator("#grid-areas .ag-row[row-index='0'] .ag-cell").first.click()
    expect(page.locator("#selection-line")).to_contain_text("已选片区")
    at = page.evaluate(
        """() => {
            const view = document.querySelector(".map-box").mapView;
            const layer = view.layers.units.getLayers().find((one) => one.feature.id === 20);
            view.leaflet.fitBounds(layer.getBounds(), { animate: false });
            const point = view.leaflet.latLngToContainerPoint(layer.getBounds().getCenter());
            const { left, top } = view.element.getBoundingClientRect();
            return [left + point.x, top + point.y];
        }"""
    )
    page.wait_for_timeout(200)
    page.mouse.move(at[0] + 1, at[1])
    expect(page.locator(".map-card")).to_be_visible()
    page.mouse.click(*at)
    expect(page.locator("#selection-line")).to_contain_text("单元")
    page.keyboard.press("2")
    button = page.locator("#legend .band-professional button")
    button.click()
    page.wait_for_timeout(300)
    states = "document.querySelector('.map-box').mapView.painted.map((state) => [state.f, state.d])"
    assert {f for f, d in page.evaluate(states) if d} == {button.get_attribute("data-fills")}
    page.locator("#level").get_by_text("街道", exact=True).click()
    expect(page.locator(".lite-label").first).to_contain_text("街道")
    expect(page.locator("#crumbs")).to_have_text(re.compile("^全市 › [东西]街道$"))
    page.locator(".crumb-whole").click()
    expect(page.locator("#crumbs")).to_be_hidden()


def go_to(page, unit, zoom):
    """Move the map to a unit; where that is on the screen, pixels."""
    at = page.evaluate(
        f"""([unit, zoom]) => {{
            const view = {VIEW};
            const centre = view.unitLayers.get(unit).getBounds().getCenter();
            view.leaflet.setView(centre, zoom, {{ animate: false }});
            const point = view.leaflet.latLngToContainerPoint(centre);
            const {{ left, top }} = view.element.getBoundingClientRect();
            return [left + point.x, top + point.y];
        }}""",
        [unit, zoom],
    )
    page.wait_for_timeout(200)
    return at


def test_single_buildings_are_dots_until_their_outlines_are_seen(new_page, origin):
    watched = new_page(origin).open("/?lite=1", shows="lite")
    page = watched.page
    singles = page.evaluate(f"{VIEW}.data.units.features.filter((one) => one.properties.single).map((one) => one.id)")
    assert singles
    shown = f"{VIEW}.leaflet.hasLayer({VIEW}.layers.dots)"
    colour = f"[{VIEW}.dotLayers, {VIEW}.unitLayers].map((all) => all.get({singles[0]}).options.fillColor)"
    radius = f"{VIEW}.dotLayers.get({singles[0]}).getRadius()"
    assert sorted(page.evaluate(f"[...{VIEW}.dotLayers.keys()]")) == sorted(singles)

    at = go_to(page, singles[0], 13.5)
    assert page.evaluate(shown)
    watched.shot("lite-dots")
    assert page.evaluate(radius) == pytest.approx(3.03, abs=0.01)
    pinned = f"window.dash_clientside.set_props('map', {{ pin: {VIEW}.where().center }})"
    page.evaluate(pinned)
    watched.settle()
    page.mouse.click(at[0] + 2, at[1])  # beside the building, on its dot; the pin lets it through
    expect(page.locator("#selection-line")).to_contain_text("号楼")
    page.keyboard.press("4")
    expect(page.locator("#legend .band-not_applicable")).to_be_visible()
    watched.settle()
    dot, outline = page.evaluate(colour)
    assert dot == outline
    go_to(page, singles[0], 14)
    assert 3.2 < page.evaluate(radius) < 4

    go_to(page, singles[0], 16)
    assert not page.evaluate(shown)
    page.locator("#level").get_by_text("街道", exact=True).click()
    page.evaluate(f"void {VIEW}.leaflet.setZoom(12, {{ animate: false }})")
    watched.settle()
    assert not page.evaluate(shown)  # whole streets are coloured
    watched.clean()


def test_neighbours_are_shown_explained_and_walked(new_page, origin):
    watched = new_page(origin).open("/?lite=1", shows="lite")
    page, allowed = watched.page, f"{VIEW}.layers.edges.getLayers().map((one) => one.feature)"
    page.get_by_label("谁与谁相邻").check()
    for _ in range(150):
        if page.evaluate(f"{allowed}.length"):
            break
        page.wait_for_timeout(200)
    x, y = page.evaluate(
        f"""() => {{
            const view = {VIEW};
            const line = {allowed}.find((one) => one.properties.allowed).geometry.coordinates;
            view.goTo({{ center: [0, 1].map((k) => (line[1][k] + line[2][k]) / 2), zoom: 17 }});
            const {{ left, top, width, height }} = view.element.getBoundingClientRect();
            return [left + width / 2, top + height / 2];
        }}"""
    )
    watched.settle()
    page.mouse.move(x + 2, y)
    page.mouse.move(x, y)
    expect(page.locator(".map-card")).to_contain_text("相邻")
    page.mouse.click(x, y)
    expect(page.locator("#walk-told")).to_contain_text("门到门步行")
    watched.shot("lite-walk")
    page.evaluate(f"void {VIEW}.leaflet.setZoom(12, {{ animate: false }})")
    assert not page.evaluate(f"{VIEW}.leaflet.hasLayer({VIEW}.layers.edges)")  # no room for lines
    watched.clean()


@pytest.mark.parametrize(
    ("language", "units"), [("zh", ("米", "千米")), pytest.param("en", ("m", "km"), marks=pytest.mark.full)]
)
def test_the_scale_is_in_the_readers_words(new_page, origin, language, units):
    watched = new_page(origin).speak(language).open("/?lite=1", shows="lite")
    scale = watched.page.locator(".leaflet-control-scale-line")
    for zoom, unit in zip((16, 11), units, strict=True):
        watched.page.evaluate(f"void {VIEW}.leaflet.setZoom({zoom}, {{ animate: false }})")
        expect(scale).to_have_text(re.compile(rf"^\d+\s{unit}$"))
    watched.clean()


@pytest.mark.full
def test_the_simple_map_is_edited_too(shared, new_page):
    """Picked, assigned in its area's colour, locked and taken by lasso, without WebGL."""
    desk = Desk(new_page(shared.address)).begin("/?lite=1", shows="lite")
    page, view = desk.page, f"{EDITOR}.tools.view"
    unit = desk.planned()[0]

    def colour(i):
        return page.evaluate(f"{view}.unitLayers.get({i}).options.fillColor")

    def drawn(source):
        return page.evaluate(f"{EDITOR}.tools.surface.layers.{source}.getLayers().length")

    page.mouse.click(*desk.place(unit))
    assert desk.tell()["chosen"] == [unit]
    assert drawn("selection") == 2
    desk.press("1", "Enter")
    k = desk.tell()["area"][unit]
    assert {colour(i) for i in desk.members(k)} == {page.evaluate(f"{EDITOR}.drawing.fillOf({k})")}
    desk.checked()
    before = drawn("marks")
    page.mouse.click(*desk.place(unit))
    desk.press("k", "Escape", "l")
    assert drawn("marks") > before
    places = [desk.place(i) for i in desk.planned()]
    left, right = min(x for x, _ in places) - 25, max(x for x, _ in places) + 25
    top, bottom = min(y for _, y in places) - 20, max(y for _, y in places) + 20
    desk.drag([(left, top), (right, top), (right, bottom), (left, bottom)])
    assert set(desk.planned()) <= set(desk.tell()["chosen"])
    desk.watched.shot("edit-lite")
    desk.press("Escape", "v")
    page.evaluate(f"{EDITOR}.tools.goTo([{unit}])")
    assert drawn("labels")
    desk.watched.shot("edit-lite-near")
    desk.press("Control+z", "Control+z")
    page.locator(WAYS["explore"]).click()
    desk.until(f"!{view}.tools && {view}.painted.every((state) => state.f)")
    desk.watched.clean()


@pytest.mark.full
def test_what_is_edited_on_the_simple_map_is_saved(office, new_page):
    """The page that shows the new version is the simple one again."""
    desk = Desk(new_page(office.address)).begin("/?lite=1", shows="lite")
    page = desk.page
    unit = desk.planned()[0]
    page.mouse.click(*desk.place(unit))
    desk.press("Delete")
    save(desk)
    expect(page.locator("#edit-status")).to_contain_text("第 2 版")
    newest = office.versions()[0]
    assert len(newest.steps) == 1
    desk.click(page.locator(WAYS["explore"]))
    page.wait_for_url(f"**plan={newest.plan_id}&version={newest.number}**")
    page.wait_for_selector(".map-box[data-ready=lite]", timeout=60_000)
    left = page.locator("#legend .band-left_over button").get_attribute("data-fills")
    assert page.evaluate(f"{VIEW}.painted[{unit}].f") == left
    desk.watched.shot("lite-saved")
    desk.watched.clean()
