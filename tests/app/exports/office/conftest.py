"""The town of the page with a plan whose areas have leaders inside, for the papers of an office."""

import json

import docx
import pandas as pd
import pytest

from app.exports.office.papers import open_papers
from app.exports.plan_table import PlanCheck
from app.exports.request import ExportRequest
from app.workbench.workbench import build_workbench, open_context
from geo.storage.dataset import open_dataset, write_dataset
from tests.app.led_plan import with_leaders
from tests.app.town import build_town

HOSTILE = ("=cmd|' /C calc'!A0", "+1+1", "@SUM(A1)", "一期“甲”/乙\\丙:🏠", "很" * 40, "<b>&amp;{{ x }}{% y %}")
"""Names that units of the town are given: none of them may break a file, or become a formula."""


@pytest.fixture(scope="session")
def town(tmp_path_factory):
    """Folder and plan path of a town whose first units have hostile names."""
    folder, plan = build_town(tmp_path_factory.mktemp("office"))
    dataset = open_dataset(folder)
    units = dataset.layer("units")
    names = pd.Series([*HOSTILE, *units["name"].iloc[len(HOSTILE) :]], index=units.index, dtype=units["name"].dtype)
    special = units["special_type"].astype(object)
    special.iloc[-1] = "soe_transfer"
    changed = units.assign(name=names, special_type=special.astype(units["special_type"].dtype))
    dataset = write_dataset(folder, dataset.manifest, {"units": changed})
    document = {**json.loads(plan.read_text("utf-8")), "planning_sha256": dataset.manifest.planning_sha256}
    plan.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return folder, plan


@pytest.fixture(scope="session")
def make(town):
    """A request for the plan with leaders inside, in a language."""
    folder, plan = town
    document = with_leaders(json.loads(plan.read_text("utf-8")))
    bench = build_workbench(open_context(folder), document)
    found = PlanCheck(bench.context.rules.record, bench.verdict)

    def request(language="zh"):
        return ExportRequest(bench.dataset, document, found, language=language, shown=bench)

    return request


@pytest.fixture(scope="session")
def request_zh(make):
    return make("zh")


@pytest.fixture(scope="session")
def papers(request_zh):
    return open_papers(request_zh)


@pytest.fixture
def template(tmp_path):
    """A template with one place."""

    def write(text):
        document = docx.Document()
        document.add_paragraph(text)
        path = tmp_path / "own.docx"
        document.save(path)
        return path

    return write
