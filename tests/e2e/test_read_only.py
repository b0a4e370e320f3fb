"""A server that may write nothing: the page says so, and what only looks or drafts goes on."""

import json
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect


@pytest.fixture
def reader(serve, new_page, town, tmp_path):
    folder = shutil.copytree(town[0], tmp_path / "city")
    yield from (new_page(origin) for origin in serve(folder, town[1], read_only=True))


def test_it_says_so_and_an_edit_is_taken_along_as_a_file(reader):
    page = reader.open().page
    page.set_viewport_size({"width": 1366, "height": 768})
    badge = page.locator("#read-only summary")
    expect(badge).to_have_text("只读")
    badge.click()
    expect(page.locator("#read-only .reasons")).to_contain_text("不能改动数据和方案")
    expect(page.get_by_role("button", name="导入数据", exact=False).first).to_be_disabled()
    reader.shot("read-only")
    badge.click()
    page.locator("#correct-open").click()
    expect(page.locator("#correct-keep")).to_be_disabled()
    expect(page.locator("#correcting .read-only-note")).to_be_visible()
    reader.shot("read-only-correcting")
    page.locator("#correct-close").click()

    page.locator("#mode").get_by_text("编辑").click()
    page.wait_for_function("document.querySelector('#editor').editor.model")
    page.evaluate(
        """() => {
            const { editor } = document.querySelector("#editor");
            editor.select([editor.model.members(0)[0]], "list");
            editor.unassign();
        }"""
    )
    expect(page.locator("#edit-panel .read-only-note")).to_be_visible()
    reader.shot("read-only-editing")
    with page.expect_download() as started:
        page.get_by_role("button", name="下载方案文件").click()
    document = json.loads(Path(started.value.path()).read_text(encoding="utf-8"))
    assert len(document["left_over"]) > 0
    reader.clean()
