"""What a planner does with a city of thousands of units, from its files to the briefing; its figures follow."""

import contextlib
import io
import json
import re
import zipfile

import openpyxl
import pytest
from playwright.sync_api import Error, expect

from app.i18n import load_words
from app.workbench.plans_on_disk import read_plan
from geo.corrections.consultations import consultation_status, read_consultations
from geo.corrections.store import list_overrides
from geo.storage.dataset import open_dataset
from tests.e2e.desk import EDITOR, WAYS, Desk
from tests.waiting import read_layer

pytestmark = pytest.mark.full

VIEWS = [("zh", 1366, 768), ("en", 1920, 1080)]
LONG_MS = 180_000
ROWS = """([grid, column]) => {
    const all = [];
    dash_ag_grid.getApi(grid).forEachNode((node) => all.push(node.data[column]));
    return all;
}"""


@pytest.fixture(scope="module")
def folder(city, tmp_path_factory):
    """A copy of the city for all that is corrected, recorded and kept here."""
    return city.copied(tmp_path_factory.mktemp("city-office"))


@pytest.fixture(scope="module")
def office(serve, folder, city):
    """Address of a server of that copy and the better plan."""
    yield from serve(folder, city.plan, store=f"sqlite:///{folder.parent / 'plans.sqlite'}")


@pytest.fixture
def planner(new_page, office):
    planner = new_page(office)
    planner.page.set_default_timeout(LONG_MS)
    yield planner
    planner.clean()


@pytest.fixture(params=VIEWS, ids=lambda view: "-".join(map(str, view)))
def view(request, planner):
    """The page in a language on a screen, the texts of that language, and a name for its pictures."""
    language, width, height = request.param
    planner.page.set_viewport_size({"width": width, "height": height})
    planner.open(f"/language/{language}")
    yield planner, load_words(language), f"{language}-{width}x{height}"
    assert planner.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def number(text):
    """The first number of a text that a reader sees."""
    return float(re.search(r"[\d,.]+", text).group().rstrip(".,").replace(",", ""))


def homes_told(page):
    """Households of the whole city, as the first map of the briefing tells them."""
    return number(page.locator("#slide-state dd").nth(1).text_content())


def homes_of(folder):
    return float(read_layer(folder, "units")["households"].sum())


def come_back(planner):
    """Wait until the page was loaded anew, after something was kept."""
    for _ in range(LONG_MS // 200):
        with contextlib.suppress(Error):
            if planner.page.evaluate("() => window.before === undefined"):
                break
        planner.page.wait_for_timeout(200)
    else:
        pytest.fail("not loaded anew: " + planner.page.locator("#correct-said").inner_text())
    planner.page.wait_for_selector(".map-box[data-ready=map]")


def press_and_come_back(planner, button):
    planner.page.evaluate("window.before = true")
    planner.page.get_by_role("button", name=button, exact=True).click()
    come_back(planner)


def take_back(planner, row, author="李工", reason="原台账无误"):
    """Take back the correction in the list that has a text; none is left."""
    page = planner.page
    page.get_by_role("tab", name="更正 (1)").click()
    page.locator("#grid-corrections .ag-row", has_text=row).locator(".ag-cell").first.click()
    page.locator("#back-author").fill(author)
    page.locator("#back-reason").fill(reason)
    press_and_come_back(planner, "撤回选中的更正")
    expect(page.get_by_role("tab", name="更正 (0)")).to_be_visible()


def test_a_city_is_told_in_five_maps(view, folder, city):
    planner, _, name = view
    page, plan = planner.page, read_plan(city.plan)
    page.goto(planner.origin + "/story")
    page.keyboard.press("f")
    page.wait_for_function("() => Boolean(document.fullscreenElement)")
    for at in range(1, 6):
        expect(page.locator("#story-at")).to_have_text(f"{at} / 5")
        expect(page.locator(".slide:visible svg.plate-map")).to_have_count(1)
        planner.shot(f"city-story-{at}-{name}")
        page.keyboard.press("ArrowRight")
    units = read_layer(folder, "units")
    assert number(page.locator("#slide-state dd").first.text_content()) == len(units)
    assert homes_told(page) == homes_of(folder)
    areas, joined = (number(page.locator("#slide-plan dd").nth(k).text_content()) for k in (0, 1))
    assert areas == len(plan["areas"])
    assert joined == sum(len(area["unit_ids"]) for area in plan["areas"])


def test_the_plan_of_a_city_is_exported(planner, city):
    page = planner.open().page
    page.locator("#exports summary").click()
    planner.shot("city-exports")
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("^各旗县区 GeoJSON")).click()
    plan = read_plan(city.plan)
    kept = {"areas": [], "units": []}
    with zipfile.ZipFile(download.value.path()) as archive:
        for name in (one for one in archive.namelist() if one.endswith(".geojson")):  # the plan and its manifest too
            kept[name.split("_")[0]] += json.loads(archive.read(name))["features"]
    areas, units = ([one["properties"] for one in kept[layer]] for layer in ("areas", "units"))
    assert {a["area_id"]: a["households"] for a in areas} == {a["area_id"]: a["households"] for a in plan["areas"]}
    assert {u["unit_id"]: u["area_id"] for u in units if u["area_id"]} == {
        unit: area["area_id"] for area in plan["areas"] for unit in area["unit_ids"]
    }
    assert sum(u["households"] or 0 for u in units) == homes_of(city.folder)


def test_charging_places_of_a_city_are_chosen(view, folder):
    planner, words, name = view
    page = planner.page
    page.get_by_role("tab", name=words("tabs.charging"), exact=True).click()

    def figure(key):
        terms = page.locator("#charge-totals dt").all_text_contents()
        return number(page.locator("#charge-totals dd").nth(terms.index(words(key))).inner_text())

    places = page.locator("#charge-totals dd").first
    expect(places).to_have_text("0")
    lacking = figure("charge.gap_recorded") + figure("charge.gap_guessed")
    gaps = page.evaluate(ROWS, ["grid-charging", "gap"])
    assert gaps == sorted(gaps, reverse=True)
    assert sum(gaps) == lacking > 10_000

    page.locator("#grid-charging .ag-row .ag-cell").first.click()
    take = page.locator("#charge-unit").get_by_role("button", name=words("charge.take"), exact=True)
    take.first.click()
    expect(places).to_have_text("1")
    added = figure("charge.ports_added")
    assert 0 < added <= gaps[0]
    assert figure("charge.gap_left") == lacking - added
    planner.settle()
    planner.shot(f"city-charging-{name}")

    page.get_by_label(words("charge.budget")).fill("120")
    page.get_by_role("button", name=words("charge.choose")).click()
    expect(page.locator("#charge-proof")).to_contain_text(words("charge.optimal"))
    expect(places).not_to_have_text("1")
    best = figure("charge.ports_added")
    assert figure("charge.cost") <= 1_200_000
    assert figure("charge.gap_left") == lacking - best
    assert best > added
    planner.settle()
    planner.shot(f"city-charging-best-{name}")

    page.get_by_role("textbox", name=words("charge.author")).fill("王工")
    page.get_by_role("button", name=words("charge.keep")).click()
    expect(page.locator("#charge-said")).to_contain_text(f"{best:,.0f}")
    kept = read_layer(folder, "chosen_sites")
    assert kept["ports"].sum() == best
    assert len(kept) == number(places.inner_text())
    book = openpyxl.load_workbook(io.BytesIO(page.request.get(planner.origin + "/charging/xlsx").body()))
    assert book["候选场地"].max_row == 3 + len(kept)
    body = json.loads(page.request.get(planner.origin + "/charging/geojson").body())
    assert {f["properties"]["site_id"] for f in body["features"]} == set(kept["site_id"])

    page.get_by_role("button", name=words("charge.clear")).click()
    expect(places).to_have_text("0")
    page.get_by_role("button", name=words("charge.keep")).click()
    expect(page.locator("#charge-said")).to_contain_text(words("charge.kept", n=0, ports="0"))
    assert not len(read_layer(folder, "chosen_sites"))


def test_a_talk_about_a_building_of_a_city_is_recorded_and_printed(view, folder):
    planner, words, name = view
    page = planner.page
    page.get_by_role("tab", name=re.compile(rf"^{words('tabs.strays')}")).click()
    expect(page.locator("#grid-strays .ag-row").first).to_be_visible()
    homes = page.evaluate(ROWS, ["grid-strays", "households"])
    told = words("work.total", n=f"{len(homes):,}", households=f"{sum(filter(None, homes)):,.0f}")
    expect(page.locator("#work-counts")).to_contain_text(told)

    row = page.locator("#grid-strays .ag-row").nth(0 if words.language == "zh" else 1)
    unit = row.get_attribute("row-id")
    row.locator(".ag-cell").first.click()
    expect(page.locator("#work-one h4")).not_to_be_empty()
    expect(page.locator("#walk-told")).not_to_be_empty()
    page.get_by_role("textbox", name=words("work.author")).fill("社区小刘")
    for label, choice in (("work.answer", "work.yes"), ("work.stage", "work.stage_owners_consulted")):
        page.get_by_role("textbox", name=words(label)).nth(1).click()
        page.get_by_role("option", name=words(choice), exact=True).click()
    page.get_by_role("button", name=words("work.keep"), exact=True).click()
    expect(page.locator("#work-said")).not_to_be_empty()
    expect(page.locator("#work-one")).to_contain_text("社区小刘")
    told = consultation_status(read_consultations(open_dataset(folder)))
    assert tuple(told.loc[unit, ["agrees", "stage"]]) == ("yes", "owners_consulted")
    planner.settle()
    planner.shot(f"city-worklist-{name}")

    page.get_by_role("textbox", name=words("work.stage")).nth(0).click()
    page.get_by_role("option", name=words("work.stage_owners_consulted")).click()
    n = int(told["stage"].eq("owners_consulted").sum())
    expect(page.locator("#grid-strays .ag-center-cols-container .ag-row")).to_have_count(n)
    page.goto(planner.origin + "/" + page.get_by_role("link", name=words("work.print")).get_attribute("href"))
    expect(page.locator("tbody tr")).to_have_count(n)
    page.goto(planner.origin + "/print/single-buildings")
    expect(page.locator("tbody tr")).to_have_count(len(homes))
    planner.shot(f"city-sheet-{name}")


def test_an_edit_of_a_city_is_repaired(planner, folder):
    """An area is left too small; the repair keeps every rule again, and both are undone."""
    desk = Desk(planner).begin()
    page = planner.page
    start = desk.checked()
    assert start["violations"] == []
    before = desk.tell()["area"]
    homes = read_layer(folder, "units")["households"].fillna(0).tolist()
    k = max(set(before) - {-1}, key=before.count)
    members = sorted(desk.members(k), key=homes.__getitem__)
    page.evaluate(f"{EDITOR}.tools.goTo({members})")
    page.evaluate(f"{EDITOR}.select({members[1:]}, 'key')")  # all but the smallest
    desk.press("Delete")
    broken = desk.checked()
    gone = broken["figures"]["left_over_households"] - start["figures"]["left_over_households"]
    assert gone == sum(homes[i] for i in members[1:])
    assert broken["violations"]
    planner.settle()
    planner.shot("city-broken")
    desk.press("r")
    expect(page.locator(".edit-box")).to_be_visible()
    assert desk.tell()["done"] == 1
    planner.settle()
    planner.shot("city-repair")
    page.locator(".edit-box button").first.click()
    assert desk.tell()["done"] == 2
    assert desk.checked()["violations"] == []
    desk.press("Control+z", "Control+z")
    assert desk.tell()["area"] == before
    assert desk.checked()["figures"] == start["figures"]


def test_a_city_is_explored_and_edited_on_the_simple_map(planner, city):
    plan = read_plan(city.plan)
    page = planner.open("/?lite=1", shows="lite").page
    page.locator("#grid-areas .ag-row[row-index='0'] .ag-cell").first.click()
    expect(page.locator("#selection-line")).to_contain_text("已选片区")
    page.keyboard.press("2")
    expect(page.locator("#legend .band-professional")).to_be_visible()
    planner.settle()
    planner.shot("city-lite")

    page.locator(WAYS["edit"]).click()
    desk = Desk(planner).wait()
    before = desk.tell()["area"]
    figures = desk.checked()["figures"]
    unit = desk.tell()["ids"].index(plan["areas"][1]["unit_ids"][0])
    page.evaluate(f"{EDITOR}.tools.goTo([{unit}])")
    planner.settle()
    page.mouse.click(*desk.place(unit))
    assert desk.tell()["chosen"] == [unit]
    desk.press("1", "Enter")
    k = desk.tell()["area"][unit]
    assert k != before[unit]
    assert desk.checked()["figures"] != figures
    colour = f"{EDITOR}.tools.view.unitLayers.get({unit}).options.fillColor"
    assert page.evaluate(colour) == page.evaluate(f"{EDITOR}.drawing.fillOf({k})")
    planner.settle()
    planner.shot("city-lite-edited")
    desk.press("Control+z")
    assert desk.tell()["area"] == before
    assert desk.checked()["figures"] == figures


def test_a_planner_asks_for_a_plan_of_a_city_in_either_language(view):
    planner, words, name = view
    page = planner.page
    page.get_by_role("button", name=words("planner.open"), exact=True).click()
    form = page.locator(".plan-form")
    form.get_by_placeholder(words("planner.streets_all")).click()
    streets = page.get_by_role("listbox").get_by_role("option")
    expect(streets).to_have_count(63)
    page.keyboard.press("Escape")
    planner.settle()
    planner.shot(f"city-planner-{name}")


def test_a_wrong_number_of_households_is_corrected_and_taken_back(planner, folder, city):
    """Found by its name; the briefing follows, the plan waits for a new one, and both come back."""
    page, units = planner.open().page, read_layer(folder, "units")
    areas = read_plan(city.plan)["areas"]
    anchors = [area["anchor_unit_id"] for area in areas]  # areas have their names
    planned = [unit for area in areas for unit in area["unit_ids"] if unit not in anchors]
    is_alone = ~units["name"].duplicated(keep=False) & units["unit_id"].isin(planned)
    unit = units[is_alone & units["households"].gt(500).fillna(False)].iloc[0]
    before = homes_of(folder)
    page.locator("#search-input").fill(unit["name"])
    expect(page.locator("#search-list [aria-selected=true]")).to_contain_text(unit["name"])
    page.keyboard.press("Enter")
    expect(page.locator("#selection-line")).to_contain_text(unit["name"])
    page.get_by_role("button", name="改正数据").click()
    expect(page.locator(".correct-unit")).to_contain_text(unit["unit_id"])
    page.locator("#correct-section").get_by_text("数值", exact=True).click()
    more = int(unit["households"]) + 321
    page.locator("#correct-body").get_by_label("户数").fill(str(more))
    expect(page.locator(".changes li")).to_have_text(f"户数 {unit['households']:,.0f} → {more:,}")
    page.locator("#correct-author").fill("王工")
    page.locator("#correct-reason").fill("现场踏勘")
    planner.shot("city-correct")
    press_and_come_back(planner, "保存更正")
    expect(page.locator("#correct-said")).to_contain_text("已保存")
    assert homes_of(folder) == before + 321
    planner.settle()
    planner.shot("city-corrected")
    page.goto(planner.origin + "/story")
    assert homes_told(page) == before + 321
    planner.open()
    take_back(planner, "户数")
    assert homes_of(folder) == before
    expect(page.locator("#legend .sign-area_hair")).to_be_visible()  # the plan is there again
    page.goto(planner.origin + "/story")
    assert homes_told(page) == before


def test_a_passage_of_a_city_is_closed_and_opened_again(planner, folder):
    """Who was reached through it is no neighbour any more."""
    page, before = planner.open().page, read_layer(folder, "edges")
    through = before[before["allowed"]]["crossing_id"].value_counts()
    crossings = read_layer(folder, "crossings").set_index("crossing_id")
    name = crossings.loc[through.index[0], "name"]
    page.get_by_role("button", name="改正数据").click()
    page.locator("#correct-section").get_by_text("通道", exact=True).click()
    page.get_by_role("radio", name="通道已关闭").check()
    page.get_by_role("textbox", name="要关闭的通道").fill(name)
    page.get_by_role("option", name=name).first.click()
    page.locator("#correct-author").fill("王工")
    page.locator("#correct-reason").fill("长期积水封闭")
    planner.shot("city-passage")
    press_and_come_back(planner, "保存更正")
    told = list_overrides(open_dataset(folder))
    assert told["what"].tolist() == ["closed"]
    after = read_layer(folder, "edges")
    assert before["allowed"].sum() - after["allowed"].sum() == through.iloc[0]
    take_back(planner, "通道")
    assert read_layer(folder, "edges")["allowed"].sum() == before["allowed"].sum()
    planner.shot("city-opened")


def choose_files(page, paths):
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="选择文件").click()
    chooser.value.set_files(paths)


def test_a_ledger_is_imported_into_a_city_and_its_community_put_on_the_map(planner, folder, tmp_path):
    page, before = planner.open().page, homes_of(folder)
    ledger = tmp_path / "补充小区台账.csv"
    ledger.write_text("小区名称,户数\n文化路二院,300\n", encoding="utf-8")
    page.locator("#steps .path-step").first.click()
    page.get_by_role("button", name="导入数据").first.click()
    choose_files(page, [ledger])
    page.get_by_role("textbox", name="补充小区台账.csv 的图层").wait_for()
    planner.shot("city-import-ledger")
    check = page.locator(".wizard").get_by_role("button", name="检查", exact=True)
    expect(check).to_be_enabled()
    check.click()
    expect(page.locator(".wizard")).to_contain_text("试导入的结果")
    planner.shot("city-import-report")
    page.locator(".wizard").get_by_role("button", name="导入", exact=True).click()
    page.get_by_role("link", name="查看地图").click()
    page.wait_for_selector(".map-box[data-ready=map]")
    page.get_by_role("tab", name="待落图 (1)").click()
    page.locator("#grid-unplaced .ag-row").first.click()
    page.get_by_role("textbox", name="更正人").fill("王工")
    page.get_by_role("textbox", name="依据").fill("现场核对")
    page.locator("#map .map-box").click(position={"x": 320, "y": 180})
    page.wait_for_function("() => document.querySelector('.map-box').mapView.pin")
    planner.shot("city-placing")
    page.get_by_role("button", name="确认位置").click()
    again = page.locator("#placing-said").get_by_text("再点一次")
    kept = page.locator("#notice").get_by_text("已记下")  # after the page was loaded anew, by itself
    expect(again.or_(kept)).to_be_visible(timeout=LONG_MS)
    if again.is_visible():  # it lies on another unit: told first
        page.get_by_role("button", name="确认位置").click()
    expect(kept).to_be_visible(timeout=LONG_MS)
    page.wait_for_selector(".map-box[data-ready=map]")
    expect(page.locator("#placing-done")).to_contain_text("文化路二院: 王工")
    expect(page.get_by_role("tab", name="待落图 (0)")).to_be_visible()
    planner.shot("city-placed")
    units = read_layer(folder, "units").set_index("name")
    assert units.loc["文化路二院", "geom_quality"] != "missing"
    assert homes_of(folder) == before + 300
