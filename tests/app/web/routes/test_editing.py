"""An edit can be taken along as a plan file where nothing may be written."""

import shutil

import pytest

from analysis.bundling.document.schema import check_document
from app.session.folders import default_store_path
from app.session.plan_session import PlanSession
from app.web.main import create_app

OWN = {"X-Pianqu": "1"}


@pytest.fixture
def folder(town, tmp_path):
    return shutil.copytree(town[0], tmp_path / "share" / "city")


@pytest.fixture
def kept(town, folder):
    """A store beside the dataset with the town's plan in it."""
    shown = PlanSession(folder, town[1])
    shown.store.close()
    return default_store_path(folder)


@pytest.fixture
def shown(folder, kept):
    return PlanSession(folder, None, read_only=True)


@pytest.fixture
def client(folder, kept):
    return create_app(folder, None, read_only=True).server.test_client()


def test_an_edit_can_be_taken_along_as_a_plan_file(client, shown):
    body = {"base": shown.data.version}
    assert client.post("/edit/save", json=body, headers=OWN).status_code == 422
    answer = client.post("/edit/document", json=body, headers=OWN)
    check_document(answer.get_json())
    assert answer.get_json()["areas"] == shown.data.bench.plan["areas"]
