"""A city of thousands of units, planned, edited, cut and compared in the page: both languages, both usual screens."""

import pytest
from playwright.sync_api import expect

from analysis.bundling.verify.verify import verify_plan
from analysis.policy import read_policy
from app.i18n import load_words
from app.session.address import version_address
from geo.storage.dataset import open_dataset
from tests.e2e.desk import EDITOR, WAYS, Desk

pytestmark = pytest.mark.full

VIEWS = [(language, *size) for language in ("zh", "en") for size in ((1366, 768), (1920, 1080))]
LONG_MS = 180_000


@pytest.fixture(params=VIEWS, ids=lambda view: "-".join(map(str, view)))
def view(request, new_page, city_origin):
    """The page in a language on a screen, the texts of that language, and a name for its pictures."""
    language, width, height = request.param
    watched = new_page(city_origin)
    watched.page.set_default_timeout(LONG_MS)
    watched.page.set_viewport_size({"width": width, "height": height})
    watched.open(f"/language/{language}")
    yield watched, load_words(language), f"{language}-{width}x{height}"
    assert watched.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    watched.clean()


def test_a_city_is_explored(view):
    watched, words, name = view
    page = watched.page
    watched.shot(f"city-{name}")
    page.keyboard.press("2")
    expect(page.locator("#legend .legend-side").first).to_be_visible()  # from afar streets around their target
    page.get_by_role("tab", name=words("tabs.charts")).click()
    expect(page.locator(".chart-progress .bars .point").first).to_be_visible()
    watched.settle()
    watched.shot(f"city-charts-{name}")


def test_areas_of_a_city_are_edited_and_cut(view):
    watched, words, name = view
    page, desk = watched.page, Desk(watched)
    page.locator(WAYS["edit"]).click()
    desk.wait()
    told = desk.tell()
    members = {}
    for i, k in enumerate(told["area"]):
        members.setdefault(k, []).append(i)
    k, units = max(((k, units) for k, units in members.items() if k >= 0), key=lambda one: len(one[1]))
    page.evaluate(f"{EDITOR}.tools.goTo({units})")
    page.evaluate(f"{EDITOR}.select([{units[0]}], 'key')")
    watched.settle()
    places = {i: desk.place(i) for i in units}
    across = sorted(x for x, _ in places.values())
    x = (across[len(units) // 2 - 1] + across[len(units) // 2]) / 2
    heights = [y for _, y in places.values()]
    desk.press("c")
    page.mouse.move(x, min(heights) - 30)
    page.mouse.down()
    page.mouse.move(x, max(heights) + 30, steps=8)
    page.wait_for_timeout(300)
    watched.shot(f"city-cut-{name}")
    page.mouse.up()
    stay = desk.members(k)
    gone = [i for i in units if i not in stay]
    assert stay
    assert gone
    sides = [{places[i][0] < x for i in part} for part in (stay, gone)]
    assert [len(side) for side in sides] == [1, 1]
    assert sides[0] != sides[1]
    assert desk.checked()["figures"]["areas"] == len(set(desk.tell()["area"]) - {-1})
    desk.press("Control+z")
    assert desk.members(k) == units
    page.evaluate(f"{EDITOR}.select([{units[0]}], 'key')")
    desk.press("ArrowRight", "]", "Enter")  # the line that waits, moved and turned by keys
    assert 0 < len(desk.members(k)) < len(units)
    desk.checked()
    watched.settle()
    watched.shot(f"city-edit-{name}")
    desk.press("Escape", "Control+z")
    assert desk.members(k) == units
    expect(page.locator(".edit-state")).to_contain_text(words("editor.nothing_unsaved"))


def test_plans_of_a_city_are_compared(view):
    watched, words, name = view
    page = watched.page
    page.locator(WAYS["compare"]).click()
    page.wait_for_selector("#compare-map[data-swipe=on]")
    expect(page.locator(".scenarios figure")).to_have_count(2)
    expect(page.locator("#compared")).to_contain_text(words("compare.figures"))
    expect(page.locator("#compare-checked")).not_to_be_empty(timeout=LONG_MS)
    watched.settle()
    watched.shot(f"city-compare-{name}")


def test_a_street_of_a_city_is_planned(new_page, city_origin, city):
    watched = new_page(city_origin)
    page, words = watched.page, load_words("zh")
    page.set_default_timeout(LONG_MS)
    watched.open()
    page.get_by_role("button", name=words("planner.open"), exact=True).click()
    form = page.locator(".plan-form")
    form.get_by_label(words("planner.name")).fill("一街之内")
    if not form.locator(".mantine-MultiSelect-pill").count():  # the plan shown may have named one
        form.get_by_placeholder(words("planner.streets_all")).click()
        page.get_by_role("listbox").get_by_role("option").first.click()
        page.keyboard.press("Escape")
    form.get_by_label(words("planner.seconds")).fill("5")
    watched.settle()
    watched.shot("city-planning-form")
    form.get_by_role("button", name=words("run.start")).click()
    page.wait_for_url("**/?plan=*", timeout=LONG_MS)
    page.wait_for_selector(".map-box[data-ready=map]")
    expect(page.locator("#plan-line")).to_contain_text("一街之内")
    expect(page.locator("#verified")).to_contain_text("独立核验通过", timeout=LONG_MS)
    store = city.store
    (version,) = [plan.newest for plan in store.plans() if plan.newest.plan_name == "一街之内"]
    document = store.document(version.id)
    assert page.url.endswith(version_address(version, "/"))
    assert len(document["rules"]["streets"]) == 1
    assert verify_plan(open_dataset(city.folder), document, read_policy()).violations == ()
    watched.shot("city-planned")
    watched.clean()
