"""The plan shown can be downloaded in every format."""

import io
import json
import shutil
import zipfile
from pathlib import Path

import pytest

from app.desks.plans.downloads import DOWNLOADS
from app.i18n import load_words
from app.session.plan_session import PlanSession
from app.web.layout.shell.header import export_parts
from app.web.main import create_app
from app.workbench.plans_on_disk import read_plan

MAY_BE_NOTHING = ("special", "consultation", "company")
"""Sheets for which a plan may have nothing."""


@pytest.fixture
def folder(town, tmp_path):
    return shutil.copytree(town[0], tmp_path / "city")


@pytest.fixture
def document(town):
    return read_plan(town[1])


def test_the_plan_shown_can_be_downloaded(folder, town, document):
    shown = PlanSession(folder, town[1])
    client = create_app(folder, town[1]).server.test_client()
    answer = client.get(f"/export/plan?page={shown.data.version}")
    assert json.loads(answer.data) == document
    assert client.get("/export/plan?page=old.page").status_code == 409


@pytest.mark.full
def test_every_format_of_the_command_line_is_in_the_header(folder, town):
    """For the version shown; `all` holds the files of the others."""
    shown = PlanSession(folder, town[1])
    page = shown.data.version
    client = create_app(folder, town[1]).server.test_client()
    offered = {
        link.href.partition("?")[0].removeprefix("export/"): link.href
        for link in export_parts(page, load_words("zh"))[1].children
        if hasattr(link, "href")
    }
    assert set(offered) == {*DOWNLOADS}
    names = {}
    for kind, href in offered.items():
        assert href.endswith(f"?page={page}")
        answer = client.get("/" + href)
        if kind in MAY_BE_NOTHING and answer.status_code == 409:
            continue
        assert answer.status_code == 200
        file = io.BytesIO(answer.data)
        if zipfile.is_zipfile(file):
            names[kind] = set(zipfile.ZipFile(file).namelist())
    assert names["geojson"] < names["all"]
    assert {Path(name).suffix for name in names["all"]} >= {".geojson", ".html"}
