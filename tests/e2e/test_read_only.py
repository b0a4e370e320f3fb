"""A server that may write nothing: the page says so, and what only looks or drafts goes on."""

import json
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.desk import WAYS, Desk


@pytest.fixture
def reader(serve, new_page, town, tmp_path):
    folder = shutil.copytree(town[0], tmp_path / "city")
    yield from (new_page(origin) for origin in serve(folder, town[1], read_only=True))


def test_it_says_so_and_an_edit_is_taken_along_as_a_file(reader):
    page = reader.open().page
    badge = page.locator("#read-only summary")
    expect(badge).to_have_text("只读")
    badge.click()
    expect(page.locator("#read-only .reasons")).to_contain_text("不能改动数据和方案")
    page.locator("#steps .path-step").first.click()
    expect(page.get_by_role("button", name="导入数据")).to_be_disabled()
    reader.shot("read-only")
    badge.click()
    page.locator("#correct-open").click()
    expect(page.locator("#correct-keep")).to_be_disabled()
    expect(page.locator("#correcting .read-only-note")).to_be_visible()
    reader.shot("read-only-correcting")
    page.locator("#correct-close").click()

    desk = Desk(reader)
    desk.click(page.locator(WAYS["edit"]))
    desk.wait()
    unit = desk.planned()[0]
    page.mouse.click(*desk.place(unit))
    desk.press("Delete")
    name = desk.tell()["ids"][unit]
    with page.expect_download() as started:
        page.get_by_role("button", name="下载方案文件").click()
    document = json.loads(Path(started.value.path()).read_text(encoding="utf-8"))
    assert name in {one["unit_id"] for one in document["left_over"]}
    expect(page.locator("#edit-status")).to_contain_text("草稿仍留在本机")
    reader.shot("read-only-editing")
    reader.clean()
