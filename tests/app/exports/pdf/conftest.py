"""A plan with leaders inside, as an export is asked for."""

import json

import pytest

from app.exports.plan_table import PlanCheck
from app.exports.request import ExportRequest
from app.workbench.workbench import build_workbench
from tests.app.led_plan import with_leaders
from tests.app.opened import open_context
from tests.app.town import build_town


@pytest.fixture(scope="session")
def request_(tmp_path_factory):
    """In Chinese, with the workbench that shows it."""
    folder, plan = build_town(tmp_path_factory.mktemp("plates"))
    document = with_leaders(json.loads(plan.read_text("utf-8")))
    bench = build_workbench(open_context(folder), document)
    found = PlanCheck(bench.context.rules.record, bench.verdict)
    return ExportRequest(bench.dataset, document, found, shown=bench)
