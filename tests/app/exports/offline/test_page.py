"""The offline map: one file, no foreign address, no name that acts as code, the same every time."""

import json
import re

import pytest

from analysis.bundling.document.reasons import REASONS
from app.exports.offline import leaflet
from app.exports.offline.leaflet import leaflet_inline
from app.exports.offline.page import export_html, write_html
from app.exports.plan_table import NOTICE, plan_id
from app.exports.request import make_request
from geo.errors import UnreadableFileError
from geo.storage.dataset import write_dataset

HOSTILE = '<img src="http://x.example/a.png" onerror="alert(1)">{{ 7 * 7 }}</script>`${1}'


@pytest.fixture
def hostile(town):
    """The town with a name that tries to be markup, template and script."""
    dataset, document = town
    units = dataset.layer("units")
    units["name"] = units["name"].where(units["unit_id"] != "old", HOSTILE)
    dataset = write_dataset(dataset.folder, dataset.manifest, {"units": units})
    document["areas"][1]["name"] = HOSTILE
    document["left_over"][0]["reason"] = HOSTILE
    return dataset, document


def html_of(town, tmp_path):
    return export_html(*town, tmp_path / "out").read_text(encoding="utf-8")


def test_nothing_is_fetched_from_anywhere(town, tmp_path):
    html = html_of(town, tmp_path)
    fetched = re.findall(r"""(?:src|href)\s*=\s*["']([^"']*)""", html)
    assert [url for url in fetched if not url.startswith(("data:", "#"))] == []
    within = re.findall(r"url\(([^)]*)\)", html)
    assert [url for url in within if not url.strip("'\"").startswith(("data:", "#"))] == []
    assert "@import" not in html
    assert "sourceMappingURL" not in html
    assert not re.search(r"(cdn|unpkg|jsdelivr|openstreetmap)", html)


def test_leaflet_is_inside(town, tmp_path):
    html = html_of(town, tmp_path)
    assert "Leaflet 1.9.4" in html
    assert html.index("Leaflet 1.9.4") < html.index("L.map(")
    assert "data:image/png;base64," in leaflet_inline()


def test_it_says_what_it_is(town, tmp_path):
    html = html_of(town, tmp_path)
    _, document = town
    for text in (NOTICE, "演示数据", "2026-06-30", plan_id(document), "虚构城", "未划入", "牵头小区"):
        assert text in html


def test_notes_of_the_plan_stand_beside_the_map_as_text(town, tmp_path):
    dataset, document = town
    assert 'class="notes"' not in html_of((dataset, {**document, "notes": []}), tmp_path)
    html = html_of((dataset, {**document, "notes": [{"rule": "x", "zh": f"没有牵头{HOSTILE}", "en": ""}]}), tmp_path)
    assert "没有牵头" in html
    assert HOSTILE not in html


def test_real_data_carry_no_demo_badge(town, tmp_path):
    from dataclasses import replace

    dataset, document = town
    real = replace(dataset, manifest=replace(dataset.manifest, demo=False))
    assert "演示数据" not in html_of((real, document), tmp_path)


def test_names_are_text_and_nothing_else(hostile, tmp_path):
    html = html_of(hostile, tmp_path)
    assert HOSTILE not in html
    assert "x.example" in html
    assert not re.search(r"<img[^>]*x\.example", html)
    assert not re.search(r"gt;49\\", html)
    assert "{{ 7" not in html
    assert "#123; 7 * 7 }}" in html
    assert html.count("</script>") == len(re.findall(r"<script[ >]", html))


def test_tooltips_are_in_chinese_with_role_and_reason(town, tmp_path):
    html = html_of(town, tmp_path)
    collections = [json.loads(text) for text in re.findall(r'_add\((\{"features".*?"FeatureCollection"\})\);', html)]
    facts = {
        f["properties"]["名称"]: f["properties"]
        for collection in collections
        for f in collection["features"]
        if "角色" in f["properties"]
    }
    assert facts["小区“lead”"]["角色"] == "牵头小区"
    assert facts["小区“left”"]["角色"] == "未划入任何片区"
    assert facts["小区“left”"]["原因"] == REASONS["no_neighbour"].zh
    assert facts["小区“east”"]["户数"] == "无数据"
    assert len(facts) == 7


def test_the_same_plan_gives_the_same_bytes(town, tmp_path):
    assert html_of(town, tmp_path / "one") == html_of(town, tmp_path / "two")


def test_a_plan_without_areas_is_drawn_too(town, tmp_path):
    dataset, document = town
    units = [unit for area in document["areas"] for unit in area["unit_ids"]]
    document["areas"] = []
    document["left_over"] += [{"unit_id": unit, "reason": "no_fit"} for unit in units]
    assert "0 个, 共 0 户" in html_of((dataset, document), tmp_path)


def test_it_is_in_the_readers_language(town, tmp_path):
    path = export_html(*town, tmp_path / "en.html", language="en")
    html = path.read_text(encoding="utf-8")
    assert '<html lang="en">' in html
    assert "Find an area" in html
    assert "牵头小区" not in html
    assert '<html lang="zh-CN">' in html_of(town, tmp_path)


def test_a_path_may_be_named(town, tmp_path):
    assert export_html(*town, tmp_path / "方案.html") == tmp_path / "方案.html"


def test_without_leaflet_it_says_what_to_do(town, tmp_path, monkeypatch):
    monkeypatch.setattr(leaflet, "LEAFLET_FOLDERS", ())
    with pytest.raises(UnreadableFileError, match="make setup"):
        export_html(*town, tmp_path)
    assert not list(tmp_path.glob("*.html"))


@pytest.mark.browser
def test_it_opens_with_the_network_off(hostile, tmp_path, browser):
    path = export_html(*hostile, tmp_path)
    context = browser.new_context(offline=True, viewport={"width": 1200, "height": 800})
    page = context.new_page()
    asked, errors = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    page.goto(path.as_uri())
    page.wait_for_selector("path.leaflet-interactive")
    hatched = page.locator('path[fill="url(#left-over)"]')
    assert hatched.count() == 1
    hatched.hover(force=True)
    tooltip = page.locator(".leaflet-tooltip").inner_text()
    assert page.locator("#list li").count() == 2
    page.locator("#find").fill("onerror")
    assert page.locator("#list li").count() == 1
    before = page.evaluate("pianqu_map.getZoom()")
    page.locator("#list button").first.click()
    assert page.locator("#list button").first.get_attribute("aria-current") == "true"
    assert page.evaluate("pianqu_map.getZoom()") >= before
    page.evaluate("window.print = () => { window.printed = document.body.className; }")
    page.locator("#sheet").click()
    page.wait_for_function("window.printed === 'sheet'")
    assert "sheet" not in (page.locator("body").get_attribute("class") or "")
    page.locator("#find").fill("@@")
    assert page.locator("#found").inner_text() == "没有找到"
    context.close()
    assert "角色" in tooltip
    assert "<img src=" in tooltip  # shown as text
    assert errors == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


def test_each_district_has_a_map_of_its_own(led_town, tmp_path):
    """The areas of a part are in its map alone; a leader elsewhere breaks nothing."""
    dataset, document = led_town
    request = make_request(dataset, document)
    paths = [path for part in request.parts("district") for path in write_html(request, part, tmp_path)]
    assert (
        len({path.name for path in paths}) == len(paths) == len([p for p in request.parts("district") if len(p.units)])
    )
    listed = [re.search(r'"areas": (\[.*?\]), "words"', path.read_text(encoding="utf-8"))[1] for path in paths]
    assert sum(len(json.loads(one)) for one in listed) == len(document["areas"])
    (whole,) = write_html(request, request.parts("city")[0], tmp_path)
    assert whole.name == "plan.html"
