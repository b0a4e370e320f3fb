"""One small town with its plan, for all tests of the page."""

import importlib.util
from pathlib import Path

import pandas as pd
import pytest

from app.desks.imports.session import ImportSession
from app.session.page import prepare_page
from app.session.plan_session import PlanSession
from app.web.main import create_app
from app.workbench.workbench import build_workbench
from tests.app.import_files import geojson
from tests.app.led_plan import with_leaders
from tests.app.opened import open_workbench


def _town():
    place = Path(__file__).with_name("town.py")
    spec = importlib.util.spec_from_file_location("town", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def town(tmp_path_factory):
    """Folder of the dataset and path of the plan."""
    return _town().build_town(tmp_path_factory.mktemp("town"))


@pytest.fixture(scope="session")
def bench(town):
    return open_workbench(*town)


@pytest.fixture(scope="session")
def data(bench):
    return prepare_page(bench)


@pytest.fixture(scope="session")
def led_bench(bench):
    """The town with a plan whose areas have leaders inside."""
    return build_workbench(bench.context, with_leaders(bench.plan))


@pytest.fixture(scope="session")
def led_data(led_bench):
    return prepare_page(led_bench)


@pytest.fixture(scope="session")
def client(town):
    return create_app(*town).server.test_client()


@pytest.fixture
def outlines(tmp_path):
    path = tmp_path / "小区边界.geojson"
    path.write_text(geojson(["红星小区", "前进小区", "和平里"]), encoding="utf-8")
    return path


@pytest.fixture
def ledger(tmp_path):
    path = tmp_path / "小区台账.xlsx"
    table = {
        "街道": ["东街道"] * 3,
        "小区名称": ["红星小区", "前进小区", "新华苑"],
        "户数": ["1，200户", "见附件", 410],
    }
    pd.DataFrame(table).to_excel(path, index=False)
    return path


@pytest.fixture
def desk(tmp_path):
    made = ImportSession(PlanSession(tmp_path / "city", None))
    yield made
    made.close()
