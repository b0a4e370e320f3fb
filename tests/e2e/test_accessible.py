"""Nothing a screen reader or a weak eye would stumble over: axe-core, the size of text, the order of focus."""

import pytest
from playwright.sync_api import expect

from tests.effort import IS_FULL

SERIOUS = ("serious", "critical")
# A name on the map of a sheet is of the paper's true size, so that it is printed as it is seen: 6 pt is 8 px of CSS.
# Only those names: scale, north, legend and title block of a sheet, and maps of every other page, are 12 px.
SMALL = """() => [...document.querySelectorAll("body *")].filter((node) => {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
    const to = node.closest("svg") && node.getScreenCTM ? node.getScreenCTM() : null;
    const drawn = to ? Math.hypot(to.c, to.d) : 1; // of turned text too
    const least = node.closest(".plate .plate-map tspan") ? 7.99 : 11.99;
    return own && node.checkVisibility() && !["title", "desc", "style"].includes(node.localName)
        && drawn * parseFloat(getComputedStyle(node).fontSize) < least;
}).map((node) => (node.getAttribute("class") || "") + ": " + node.textContent.trim().slice(0, 30))"""


def faults(page, axe, within=None):
    """What axe finds serious, in all of the page or within one part of it, and text below 12 px."""
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(axe)
    found = page.evaluate("(at) => axe.run(at || document, { resultTypes: ['violations'] })", within)
    told = [
        f"{rule['id']}: {node['target']} {node['failureSummary'][:160]}"
        for rule in found["violations"]
        if rule["impact"] in SERIOUS
        for node in rule["nodes"][:4]
    ]
    return told + [f"small text {text}" for text in page.evaluate(SMALL)]


@pytest.mark.parametrize("language", ["zh", pytest.param("en", marks=pytest.mark.full)])
def test_the_page_in_all_its_states(new_page, origin, axe, language):
    watched = new_page(origin).speak(language).open()
    page = watched.page
    page.keyboard.press("Tab")  # the page begins with a way past the map
    expect(page.locator(".skip-link:focus")).to_be_visible()
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#tabs"
    page.wait_for_selector(".coverage-table")
    found = {"first": faults(page, axe)}
    page.locator(".coverages summary").last.click()
    page.wait_for_selector(".coverages details .coverage-table")
    found["coverages by street"] = faults(page, axe)
    page.locator(".coverages summary").last.click()
    page.locator(".filter summary").click()
    page.locator("#search-input").fill("xi")
    page.wait_for_selector("#search-list li")
    found["search and filter"] = faults(page, axe)
    page.locator("#search-input").fill("")
    page.locator(".filter summary").click()
    page.keyboard.press("0")
    page.wait_for_selector("#classes-box:not([hidden])")
    found["classes"] = faults(page, axe)
    within = None if IS_FULL else ".tables"  # what a tab changes
    for tab in page.get_by_role("tab").all():
        tab.click()
        page.wait_for_timeout(700)
        found[f"tab {tab.inner_text()}"] = faults(page, axe, within)
    page.get_by_role("tab").nth(3).click()
    page.locator("#grid-units .ag-row .ag-cell").first.click()
    expect(page.locator("#facts-open")).to_be_visible()
    found["selected"] = faults(page, axe)
    page.locator("#facts-open").click()
    page.wait_for_selector("#facts table")
    page.wait_for_timeout(400)
    found["drawer"] = faults(page, axe)
    page.keyboard.press("Escape")
    for mode in ("edit", "compare"):
        page.evaluate("(value) => window.dash_clientside.set_props('mode', { value })", mode)
        page.wait_for_selector(f"#page.mode-{mode}")
        page.wait_for_timeout(1500)
        found[mode] = faults(page, axe)
    assert {state: told for state, told in found.items() if told} == {}
    watched.clean()


@pytest.mark.parametrize(
    "address",
    [
        "/story",
        "/print?theme=owners_body",
        "/print?paper=A3",
        "/print?theme=owners_body&level=street",
        "/print/single-buildings",
        "/?lite=1",
    ],
)
def test_the_other_pages(new_page, origin, axe, address):
    watched = new_page(origin)
    watched.page.goto(origin + address)
    if "lite" in address:
        watched.page.wait_for_selector(".map-box[data-ready=lite]", timeout=60_000)
    assert faults(watched.page, axe) == []
    watched.clean()


def test_what_is_wrong_is_found(new_page, origin, axe):
    page = new_page(origin).page
    page.goto(origin + "/print")
    page.evaluate(
        """document.body.insertAdjacentHTML('beforeend', `<img src=data:,x><small style=font-size:9px>x</small>
            <svg viewBox="0 0 20 20" width=10 height=10><text font-size=20>x</text></svg>`)"""
    )
    assert len(page.evaluate(SMALL)) == 2
    assert {fault.split(":")[0] for fault in faults(page, axe)} == {"image-alt", "small text "}
