"""One small town with its plan, for all tests of the page."""

import importlib.util
from pathlib import Path

import pytest

from app.session.page import prepare_page
from app.web.main import create_app
from app.workbench.workbench import build_workbench
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
