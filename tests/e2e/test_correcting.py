"""A planner corrects the data on the map, in a real browser: values, outlines, pairs, passages."""

import contextlib
import json
import re

import pytest
from playwright.sync_api import Error, expect

from geo.corrections.store import list_overrides
from geo.storage.dataset import open_dataset
from tests.waiting import read_layer


@pytest.fixture(scope="module")
def folder(town_module, tmp_path_factory):
    """A town whose units come from imported layers; each test leaves its corrections behind."""
    return town_module.build_imported_town(tmp_path_factory.mktemp("imported") / "town")


@pytest.fixture(scope="module")
def imported(serve, folder):
    yield from serve(folder, None)


@pytest.fixture
def planner(new_page, imported):
    planner = new_page(imported).open()
    planner.page.set_default_timeout(60_000)
    yield planner
    planner.clean()


def units_of(folder):
    return read_layer(folder, "units").set_index("unit_id")


def position(folder, unit_id):
    return read_layer(folder, "units")["unit_id"].tolist().index(unit_id)


VIEW = "document.querySelector('#map .map-box').mapView"


def near(planner, unit, zoom=15.2):
    """The map, of either kind, around a unit; where it is on the screen."""
    until(planner, f"Boolean({VIEW}.sketch) && {VIEW}.shapes.units.size > 0")
    x, y = planner.page.evaluate(
        f"""([id, zoom]) => {{
            const view = {VIEW};
            const ring = view.shapes.units.get(id).coordinates[0].slice(1);
            const center = [0, 1].map((k) => ring.reduce((sum, point) => sum + point[k], 0) / ring.length);
            view.goTo({{ center, zoom: view.leaflet ? zoom + 1 : zoom }});
            const {{ x, y }} = view.sketch.pad.project(center);
            const {{ left, top }} = view.element.getBoundingClientRect();
            return [left + x, top + y];
        }}""",
        [unit, zoom],
    )
    planner.settle()
    return x, y


def begin_drawing(planner, tool):
    """Choose a tool, and wait until the map says how to use it."""
    planner.page.get_by_role("button", name=tool).click()
    expect(planner.page.locator(".sketch-bar")).to_be_visible()


def drag(page, start, end):
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=4)
    page.mouse.up()


def corners(page):
    """Corners of the first ring while they are dragged, degrees."""
    return page.evaluate("() => document.querySelector('.map-box').mapView.sketch.corners.rings[0].points")


def sketched(page):
    """What the map last told of a tool."""
    return page.evaluate(f"{VIEW}.props.sketched")


def choose(planner, folder, unit_id, section="数值"):
    page = planner.page
    x, y = near(planner, position(folder, unit_id))
    page.get_by_role("button", name="改正数据").click()
    page.mouse.click(x, y)  # before the panel is there
    expect(page.locator(".correct-unit")).to_contain_text(unit_id)
    page.locator("#correct-section").get_by_text(section, exact=True).click()
    return x, y


def keep(planner, reason="现场踏勘"):
    """Say who and why, keep it, and wait until the page is there again."""
    page = planner.page
    page.locator("#correct-author").fill("王工")
    page.locator("#correct-reason").fill(reason)
    page.evaluate("window.before = true")
    page.get_by_role("button", name="保存更正").click()
    come_back(planner)
    expect(page.locator("#correct-said")).to_contain_text("已保存")


def until(planner, script):
    """Ask again until a script says yes; the page may be loading."""
    for _ in range(300):
        with contextlib.suppress(Error):
            if planner.page.evaluate(script):
                return
        planner.page.wait_for_timeout(200)
    pytest.fail(f"never true: {script}")


def come_back(planner):
    """Wait until the page was loaded anew; if it was not, tell what it says instead."""
    for _ in range(300):
        with contextlib.suppress(Error):
            if planner.page.evaluate("() => window.before === undefined"):
                break
        planner.page.wait_for_timeout(200)
    else:
        pytest.fail("not loaded anew: " + planner.page.locator("#correct-said").inner_text())
    planner.page.wait_for_selector(".map-box:is([data-ready=map], [data-ready=lite])", timeout=60_000)


def test_values_are_corrected_and_taken_back(planner, folder):
    page = planner.page
    before = units_of(folder).loc["C011"]
    choose(planner, folder, "C011")
    page.locator("#correct-body").get_by_label("户数").fill("1234")
    expect(page.locator(".changes li")).to_have_text(f"户数 {before['households']:,.0f} → 1,234")
    page.get_by_role("textbox", name="管理方式").click()
    page.get_by_role("option", name="准物业", exact=True).click()
    expect(page.locator(".changes li")).to_have_count(2)
    planner.shot("correct-values")
    page.get_by_role("button", name="保存更正").click()
    expect(page.locator("#correct-said")).to_contain_text("更正须写明")
    page.locator("#correct-author").fill("王工")
    page.evaluate("window.before = true")
    said = page.evaluate(
        """async () => {
            const type = (node, text) => {
                Object.getOwnPropertyDescriptor(Object.getPrototypeOf(node), "value").set.call(node, text);
                node.dispatchEvent(new Event("input", { bubbles: true }));
            };
            type(document.querySelector("#correct-body input[id*=households]"), "1235");
            type(document.getElementById("correct-reason"), "现场踏勘");
            document.getElementById("correct-keep").click(); // in the moment of the last key
            await new Promise((done) => setTimeout(done, 0));
            return document.getElementById("correct-said").textContent;
        }"""
    )
    assert said == "正在保存…"
    come_back(planner)
    expect(page.locator("#correct-said")).to_contain_text("已保存")
    row = units_of(folder).loc["C011"]
    assert (row["households"], row["management_mode"]) == (1235, "quasi")
    page.get_by_role("tab", name="更正 (2)").click()
    planner.shot("corrections-tab")
    page.locator("#grid-corrections .ag-row", has_text="户数").first.click()
    page.locator("#back-author").fill("李工")
    page.locator("#back-reason").fill("原台账无误")
    page.evaluate("window.before = true")
    page.get_by_role("button", name="撤回选中的更正").click()
    come_back(planner)
    expect(page.get_by_role("tab", name="更正 (1)")).to_be_visible()
    expect(page.locator("#trail li").first).to_contain_text("李工 撤回数值")
    assert units_of(folder).loc["C011", "households"] == before["households"]


@pytest.mark.full
def test_an_outline_is_drawn_judged_and_kept(planner, folder):
    page = planner.page
    x, y = choose(planner, folder, "C014", "边界")
    begin_drawing(planner, "在地图上画边界")
    for dx, dy in ((-50, -40), (60, -40), (300, 150)):
        page.mouse.click(x + dx, y + dy)
    page.keyboard.press("Backspace")
    for dx, dy in ((60, 40), (-50, 40)):
        page.mouse.click(x + dx, y + dy)
    page.mouse.move(x, y + 20)
    expect(page.locator(".sketch-bar")).to_contain_text("㎡")
    planner.shot("correct-drawing")
    page.keyboard.press("Enter")
    expect(page.locator("#correct-told")).to_contain_text("面积")
    expect(page.locator(".sketch-bar")).to_be_hidden()
    before = page.locator("#correct-told").inner_text()
    begin_drawing(planner, "拖动边界顶点")
    drag(page, (x - 50, y - 40), (x - 70, y - 40))
    drag(page, (x, y + 40), (x, y + 55))  # the middle of an edge: a fifth corner
    expect(page.locator(".sketch-bar")).to_contain_text("Delete")
    planner.shot("correct-corners")
    assert len(corners(page)) == 5
    page.keyboard.down("Alt")
    page.mouse.click(x - 50, y + 40)
    page.keyboard.up("Alt")
    assert len(corners(page)) == 4
    page.keyboard.press("Control+z")
    page.keyboard.press("PageDown")
    page.keyboard.press("Shift+ArrowLeft")
    assert len(corners(page)) == 5
    page.keyboard.press("Enter")
    expect(page.locator("#correct-told")).not_to_have_text(before)
    keep(planner)
    shape = units_of(folder).loc["C014"].geometry
    assert len(shape.exterior.coords) == 6
    assert 5_000 < shape.area < 40_000
    assert shape.is_valid
    x, y = near(planner, position(folder, "C014"))
    begin_drawing(planner, "拖动边界顶点")  # now those of the outline that was kept
    assert len(corners(page)) == 5
    page.keyboard.press("PageDown")
    page.keyboard.press("Delete")
    assert len(corners(page)) == 4
    page.keyboard.press("Escape")
    expect(page.locator(".sketch-bar")).to_be_hidden()
    expect(page.locator("#correct-told")).to_be_empty()


def test_a_crossing_outline_is_told_and_not_kept(planner, folder):
    page = planner.page
    choose(planner, folder, "C012", "边界")
    page.get_by_text("不用鼠标: 粘贴坐标").click()
    bow = "402600 4500010; 402700 4500100; 402700 4500010; 402600 4500100; 402600 4500010"
    page.get_by_label("不用鼠标: 粘贴坐标").fill(bow)
    page.get_by_role("button", name="用这段坐标").click()
    expect(page.locator(".remark.error")).to_contain_text("自相交")
    page.locator("#correct-author").fill("王工")
    page.locator("#correct-reason").fill("试")
    page.get_by_role("button", name="保存更正").click()
    expect(page.locator("#correct-said")).to_contain_text("自相交")


@pytest.mark.full
def test_a_unit_is_split_and_its_parts_merged(planner, folder):
    page = planner.page
    whole = units_of(folder).loc["C015"]
    x, y = choose(planner, folder, "C015", "切分")
    begin_drawing(planner, "在地图上画分界线")
    page.mouse.click(x, y - 150)
    page.mouse.click(x, y + 150)
    page.keyboard.press("Enter")
    expect(page.locator("#correct-told")).to_contain_text("西侧")
    west, east = (page.locator(".correct-fields").nth(k) for k in (0, 1))
    homes = int(whole["households"])
    for part, values in ((west, ("C015", "西苑", 100)), (east, ("C015-2", "东苑", homes - 100))):
        for label, text in zip(("编号", "名称", "户数"), values, strict=True):
            part.get_by_label(label).fill(str(text))
        area = whole["floor_area_m2"] * values[2] / homes
        part.get_by_label("建筑面积 (㎡)").fill(f"{area:.1f}")
    planner.shot("correct-split")
    keep(planner, "两家物业分管")
    parts = units_of(folder)
    assert (parts.loc["C015", "name"], parts.loc["C015-2", "name"]) == ("西苑", "东苑")
    assert parts.loc["C015-2", "households"] == homes - 100
    page.locator("#correct-section").get_by_text("合并", exact=True).click()
    page.get_by_role("textbox", name="另一个单元").click()
    page.get_by_role("option", name="东苑").click()
    keep(planner, "合为一个物业区域")
    row = units_of(folder).loc["C015"]
    assert row["households"] == homes
    assert row.geometry.symmetric_difference(whole.geometry).area < 1


@pytest.mark.full
def test_all_tools_draw_on_the_simple_map_too(new_page, imported, folder):
    """An outline and its corners, a dividing line, a place, a unit and a passage, without WebGL."""
    planner = new_page(imported).open("/?lite=1", shows="lite")
    page = planner.page
    x, y = choose(planner, folder, "C034", "边界")
    begin_drawing(planner, "在地图上画边界")
    for dx, dy in ((-50, -40), (60, -40), (300, 150)):
        page.mouse.click(x + dx, y + dy)
    page.keyboard.press("Backspace")
    page.mouse.click(x + 60, y + 40)
    page.mouse.move(x - 50, y + 40)
    expect(page.locator(".sketch-bar")).to_contain_text("㎡")
    planner.shot("correct-lite-drawing")
    page.mouse.dblclick(x - 50, y + 40)
    expect(page.locator("#correct-told")).to_contain_text("面积")
    expect(page.locator(".sketch-bar")).to_be_hidden()
    assert len(sketched(page)["geometry"]["coordinates"][0]) == 5
    zoom, held = page.evaluate(f"{VIEW}.where().zoom"), page.evaluate(f"{VIEW}.where().center")
    begin_drawing(planner, "拖动边界顶点")
    drag(page, (x - 50, y - 40), (x - 75, y - 45))
    drag(page, (x + 5, y + 40), (x + 5, y + 60))  # the middle of an edge: a fifth corner
    planner.shot("correct-lite-corners")
    page.keyboard.press("Shift+ArrowLeft")
    assert len(corners(page)) == 5
    assert page.evaluate(f"{VIEW}.where()") == {"center": held, "zoom": zoom}  # it was not the map
    page.keyboard.press("Enter")
    keep(planner)
    shape = units_of(folder).loc["C034"].geometry
    assert len(shape.exterior.coords) == 6

    x, y = choose(planner, folder, "C035", "切分")
    begin_drawing(planner, "在地图上画分界线")
    page.mouse.click(x, y - 150)
    page.mouse.click(x, y + 150)
    page.keyboard.press("Enter")
    expect(page.locator("#correct-told")).to_contain_text("西侧")
    planner.shot("correct-lite-split")

    page.locator("#correct-section").get_by_text("通道", exact=True).click()
    begin_drawing(planner, "在地图上点位置")
    page.mouse.click(x + 100, y - 100)
    expect(page.locator(".sketch-bar")).to_be_hidden()
    assert sketched(page)["geometry"]["type"] == "Point"
    page.get_by_role("radio", name="通道已关闭").check()
    begin_drawing(planner, "在地图上点选通道")
    spot = page.evaluate(
        f"""() => {{
            const view = {VIEW};
            const crossing = view.data.crossings.features.find((one) => one.properties.name === "中街下穿");
            view.goTo({{ center: crossing.geometry.coordinates, zoom: 15 }});
            const {{ x, y }} = view.sketch.pad.project(crossing.geometry.coordinates);
            const {{ left, top }} = view.element.getBoundingClientRect();
            return [left + x + 4, top + y];
        }}"""
    )
    planner.settle()
    planner.shot("correct-lite-crossing")
    page.mouse.click(*spot)
    expect(page.get_by_role("textbox", name="要关闭的通道")).to_have_value("下穿 中街下穿")

    page.locator("#correct-section").get_by_text("合并", exact=True).click()
    begin_drawing(planner, "在地图上点选")
    page.mouse.click(*near(planner, position(folder, "C036")))
    name = units_of(folder).loc["C036", "name"]
    expect(page.get_by_role("textbox", name="另一个单元")).to_have_value(re.compile(f"^{name}"))
    page.keyboard.press("Escape")
    planner.clean()


@pytest.mark.full
def test_a_pair_on_the_map_is_said_to_be_no_neighbours(planner, folder):
    page = planner.page
    near(planner, position(folder, "C021"))
    page.get_by_role("checkbox", name="谁与谁相邻").check()
    drawn = "mapView.map.queryRenderedFeatures({ layers: ['edges-allowed'] }).length > 0"
    until(planner, f"() => document.querySelector('.map-box').{drawn}")
    spot = page.evaluate(
        """() => {
            const { map } = document.querySelector(".map-box").mapView;
            const rect = map.getCanvas().getBoundingClientRect();
            for (const edge of map.queryRenderedFeatures({ layers: ["edges-allowed"] })) {
                const [a, b] = edge.geometry.coordinates.slice(1, 3).map((p) => map.project(p));
                const [x, y] = [(a.x + b.x) / 2, (a.y + b.y) / 2];
                if (x > 340 && x < rect.width - 80 && y > 90 && y < rect.height - 60) {
                    return [rect.left + x, rect.top + y, edge.properties.pair];
                }
            }
            return null;
        }"""
    )
    page.mouse.click(spot[0], spot[1])
    page.locator("#walk-told").get_by_role("button", name="不相邻").click()
    expect(page.get_by_role("radio", name="不相邻")).to_be_checked()
    planner.shot("correct-pair")
    keep(planner, "中间有围墙")
    a, b = spot[2].split("|")
    edges = read_layer(folder, "edges")
    row = edges[(edges["unit_a"] == a) & (edges["unit_b"] == b)].iloc[0]
    assert not row["allowed"]
    assert row["blocked_by"].startswith("override:")


@pytest.mark.full
def test_a_crossing_is_closed_and_a_passage_added(planner, folder):
    page = planner.page
    page.get_by_role("button", name="改正数据").click()
    page.locator("#correct-section").get_by_text("通道", exact=True).click()
    page.get_by_text("不用鼠标: 粘贴坐标").click()
    page.get_by_label("不用鼠标: 粘贴坐标").fill("402680 4500625")
    page.get_by_role("button", name="用这段坐标").click()
    keep(planner, "新建天桥")
    page.get_by_role("radio", name="通道已关闭").check()
    page.get_by_role("textbox", name="要关闭的通道").click()
    page.get_by_role("option", name="中街下穿").click()
    planner.shot("correct-passage")
    keep(planner, "长期积水封闭")
    told = list_overrides(open_dataset(folder))
    assert {"passage", "closed"} <= set(told["what"])
    assert json.loads(told[told["what"] == "passage"].to_json())["features"]


@pytest.mark.full
def test_all_of_it_in_english(new_page, imported):
    planner = new_page(imported).speak("en").open()
    planner.page.get_by_role("button", name="Correct the data").click()
    expect(planner.page.locator("#correcting")).to_contain_text("Choose a unit")
    planner.shot("correct-english")
    planner.page.get_by_role("button", name="Close").click()
    expect(planner.page.locator("#correcting")).to_be_hidden()
    planner.clean()


@pytest.mark.full
@pytest.mark.parametrize("kind", ["map", "lite"])
def test_the_reader_stays_where_they_were(new_page, imported, folder, kind):
    """Place, theme, tab, filter and panel after the page was loaded anew."""
    planner = new_page(imported).open(f"/?lite={int(kind == 'lite')}", shows=kind)
    page, view = planner.page, "document.querySelector('#map .map-box').mapView"
    page.evaluate(
        f"""() => {{
            const view = {view};
            const [west, south, east, north] = view.props.bounds;
            const center = [west + (east - west) / 3, south + (north - south) / 3];
            view.goTo({{ center, zoom: view.where().zoom + 1.5 }});
        }}"""
    )
    page.keyboard.press("9")
    page.get_by_role("tab", name="全部单元").click()
    page.locator(".filter summary").click()
    page.get_by_role("textbox", name="户数: 不小于").fill("300")
    expect(page.locator("#filter-told")).to_contain_text("个")
    told, where = page.locator("#filter-told").inner_text(), page.evaluate(f"{view}.where()")
    at = position(folder, "C012")
    page.evaluate(f"window.dash_clientside.set_props('map', {{ selected: {{ area: null, unit: {at} }} }})")
    page.get_by_role("button", name="改正数据").click()
    expect(page.locator(".correct-unit")).to_contain_text("C012")
    page.locator("#correct-section").get_by_text("数值", exact=True).click()
    page.locator("#correct-body").get_by_label("建成年份").fill("1988" if kind == "map" else "1989")
    keep(planner)
    planner.settle()
    again = page.evaluate(f"{view}.where()")
    assert again["zoom"] == where["zoom"]
    pixel_degrees = 360 / (256 * 2 ** where["zoom"])  # the simple map stands on whole pixels
    assert again["center"] == pytest.approx(where["center"], abs=1e-7 if kind == "map" else pixel_degrees)
    expect(page.get_by_role("tab", name="全部单元")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#theme-choices input:checked")).to_have_value("management_mode")
    expect(page.locator("#filter-told")).to_have_text(told)
    expect(page.locator(".correct-unit")).to_contain_text("C012")
    planner.shot(f"correct-came-back-{kind}")
    planner.clean()
