"""The first map of the page: begun by the HTML, taken over by the page, painted where it then is."""

import pytest

ASKED = "performance.getEntriesByType('resource').map((one) => one.name)"


def test_the_page_takes_over_the_map_that_the_html_began_and_shows_all_of_the_city(new_page, origin):
    watched = new_page(origin).open()
    page = watched.page
    check_all_is_in_view(watched)
    painted_ms, layout_ms = page.evaluate(
        """[performance.getEntriesByName("map painted").map((one) => one.startTime + one.duration)[0],
            performance.getEntriesByType("resource").find((one) => one.name.includes("async-community")).startTime]"""
    )
    assert painted_ms < layout_ms  # the table, which only a mounted page asks for
    assert page.locator(".map-box").count() == 1
    assert page.locator(".map-view > .map-box").count() == 1
    assert page.locator(".map-ahead, .shell").count() == 0
    units = (
        "document.querySelector('.map-box').mapView.map.getSource('units').getData().then((one) => one.features.length)"
    )
    assert page.evaluate(units) > 0  # whether the first picture needed them or not
    files = [name for name in page.evaluate(ASKED) if "/geo/themes" in name]
    assert len(files) == 1
    for name in ("_dash-layout", "_dash-dependencies"):
        assert sum(name in asked for asked in page.evaluate(ASKED)) == 1
    watched.clean()


def check_all_is_in_view(watched):
    seen = watched.page.evaluate(
        """() => {
            const { map, props } = document.querySelector(".map-box").mapView;
            const [west, south, east, north] = props.bounds;
            const box = map.getCanvas().getBoundingClientRect();
            const corners = [map.project([west, south]), map.project([east, north])];
            const place = document.querySelector(".map-view").getBoundingClientRect();
            return {
                corners: corners.map(({ x, y }) => [x, y]),
                canvas: [box.width, box.height], place: [place.width, place.height],
            };
        }"""
    )
    assert seen["canvas"] == pytest.approx(seen["place"], abs=1)
    (left, bottom), (right, top) = seen["corners"]
    wide, high = seen["canvas"]
    assert min(left, wide - right, top, high - bottom) == pytest.approx(24, abs=1.5)


@pytest.mark.full
@pytest.mark.parametrize(("width", "height"), [(900, 700), (1920, 1080)])
def test_all_of_the_city_is_in_view_in_windows_of_other_sizes_too(new_page, origin, width, height):
    watched = new_page(origin)
    watched.page.set_viewport_size({"width": width, "height": height})
    check_all_is_in_view(watched.open())
    watched.clean()


def test_a_map_of_other_files_is_not_taken_over(new_page, origin):
    watched = new_page(origin)
    watched.page.add_init_script(
        """document.addEventListener("readystatechange", () => {
            const said = document.getElementById("map-ahead");
            if (said) said.textContent = said.textContent.replace(/cards-[a-z]+-/, "cards-other-");
        });
        new MutationObserver(() => {
            const said = document.getElementById("map-ahead");
            if (said && !said.dataset.changed) {
                said.dataset.changed = "1";
                said.textContent = said.textContent.replace(/cards-[a-z]+-/, "cards-other-");
            }
        }).observe(document, { childList: true, subtree: true });"""
    )
    watched.open()
    assert watched.page.locator(".map-box").count() == 1
    assert "cards-other" not in watched.page.evaluate("document.querySelector('.map-box').mapView.props.cards_url")
    watched.clean()
