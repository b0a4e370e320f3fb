"""Files of a plan in the page: an edited one is read back as a version; what is exported for the public says so."""

import json
import zipfile

import pytest
from playwright.sync_api import expect

from app.exports.export import export_plan
from app.exports.formats import choose_formats
from app.exports.request import make_request
from app.store.store import open_store
from app.workbench.plans_on_disk import read_plan
from geo.storage.dataset import open_dataset


@pytest.fixture(scope="module")
def kept(town, tmp_path_factory):
    """A store with one plan."""
    url = f"sqlite:///{tmp_path_factory.mktemp('files') / 'plans.sqlite'}"
    store = open_store(url)
    return url, store, store.create_plan("昆区方案", read_plan(town[1]), "李强", "自动方案")


@pytest.fixture(scope="module")
def files_origin(serve, town, kept):
    yield from serve(town[0], None, store=kept[0])


@pytest.fixture
def edited(town, tmp_path):
    """The units of the plan as GeoJSON in which one was moved to another area; the file, the unit, the area."""
    document = read_plan(town[1])
    request = make_request(open_dataset(town[0]), document)
    paths = export_plan(request, choose_formats("geojson"), tmp_path, by="city")
    path = next(one for one in paths if one.name.startswith("units"))
    body = json.loads(path.read_text(encoding="utf-8"))
    rows = [feature["properties"] for feature in body["features"]]
    moved = next(row for row in rows if row["role"] == "absorbed")
    area = next(area["area_id"] for area in document["areas"] if area["area_id"] != moved["area_id"])
    moved.update(area_id=area, leader_unit_id=None, leader_name=None)
    path.write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
    return path, moved["unit_id"], area


@pytest.mark.full
def test_an_edited_file_is_read_back_as_a_version(new_page, files_origin, kept, edited):
    path, unit, area = edited
    store, first = kept[1], kept[2]
    watched = new_page(files_origin).open(f"/?plan={first.id}")
    page = watched.page
    page.locator("#plan-line").click()
    box = page.locator(".plan-file")
    box.get_by_text("读回改过的文件").click()
    with page.expect_file_chooser() as chooser:
        box.get_by_role("button", name="选择文件").click()
    chooser.value.set_files(path)
    lines = box.locator(".plan-file-lines")
    expect(lines).to_contain_text("1 个有变化", timeout=60_000)
    expect(lines).to_contain_text(unit)
    watched.shot("plan-file")
    keep = box.get_by_role("button", name="存为新版本")
    keep.click()
    expect(box.locator(".fault")).to_contain_text("请写明修改原因")
    assert all("409" in one for one in watched.errors)  # the answer that asks for a reason
    watched.errors.clear()
    box.get_by_placeholder("修改原因").fill("街道会商后调整")
    keep.click()
    expect(page.locator("#plan-line")).to_contain_text("第 2 版", timeout=60_000)
    document = store.document(store.versions(first.plan_id)[0].id)
    assert document["read_back"]["reason"] == "街道会商后调整"
    assert next(one["area_id"] for one in document["areas"] if unit in one["unit_ids"]) == area
    watched.clean()


@pytest.mark.full
def test_a_public_export_is_ticked_and_says_so(new_page, files_origin, kept):
    watched = new_page(files_origin).open(f"/?plan={kept[2].id}")
    page = watched.page
    page.locator(".menu > summary", has_text="导出").click()
    page.locator(".export-public").get_by_text("公开版").click()
    watched.shot("export-menu")
    with page.expect_download(timeout=120_000) as download:
        page.get_by_role("link", name="各旗县区 GeoJSON").click()
    assert "公开版" in download.value.suggested_filename
    with zipfile.ZipFile(download.value.path()) as files:
        assert "plan.json" not in files.namelist()
        assert json.loads(files.read("export.json"))["public"]["fewest_households"] == 10
    watched.clean()
