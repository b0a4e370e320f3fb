"""An export of the page is a job: started, followed to its end, and its file handed out."""

import io
import json
import time
import zipfile
from urllib.parse import unquote

import pytest

from app.session.plan_session import PlanSession
from app.web.main import create_app

OWN = {"X-Pianqu": "1"}


@pytest.fixture(scope="module")
def served(town):
    """The page's version, and a client of its server."""
    session = PlanSession(*town)
    return session.data.version, create_app(*town).server.test_client()


def follow(client, job):
    """The last answer about a job; its shares never fall."""
    shares = []
    for _ in range(600):
        state = client.get(f"/export/jobs/{job}").get_json()
        shares.append(state["share"])
        if state["done"]:
            assert shares == sorted(shares)
            return state
        time.sleep(0.2)
    raise AssertionError(shares)


@pytest.mark.parametrize(("kind", "by", "ending"), [("gpkg", "", ".gpkg"), ("geojson", "street", ".zip")])
def test_a_file_is_made_and_handed_out(served, kind, by, ending):
    page, client = served
    job = client.post(f"/export/jobs/{kind}?page={page}&by={by}", headers=OWN).get_json()["job"]
    state = follow(client, job)
    assert state["fault"] is None
    answer = client.get(f"/export/jobs/{job}/file")
    assert unquote(answer.headers["Content-Disposition"]).endswith(ending)
    if ending == ".zip":
        files = zipfile.ZipFile(io.BytesIO(answer.data))
        names, own = set(files.namelist()), {"export.json", "plan.json"}
        assert own < names
        assert set(json.loads(files.read("export.json"))["files"]) == names - own


def test_a_file_for_the_public_says_so_and_brings_no_plan(served):
    page, client = served
    asked = f"page={page}&by=city&public=1"
    job = client.post(f"/export/jobs/geojson?{asked}", headers=OWN).get_json()["job"]
    assert follow(client, job)["fault"] is None
    answer = client.get(f"/export/jobs/{job}/file")
    assert "公开版" in unquote(answer.headers["Content-Disposition"])
    assert "plan.json" not in zipfile.ZipFile(io.BytesIO(answer.data)).namelist()
    assert client.post(f"/export/jobs/special?{asked}", headers=OWN).status_code == 409


def test_what_is_not_there_is_not_found(served):
    page, client = served
    assert client.post(f"/export/jobs/exe?page={page}", headers=OWN).status_code == 404
    assert client.post(f"/export/jobs/gpkg?page={page}&by=house", headers=OWN).status_code == 404
    assert client.get("/export/jobs/none").status_code == 404
    assert client.get("/export/jobs/none/file").status_code == 404
    assert client.post("/export/jobs/gpkg?page=old.page", headers=OWN).status_code == 409
    foreign = {**OWN, "Sec-Fetch-Site": "cross-site"}
    assert client.post(f"/export/jobs/gpkg?page={page}", headers=foreign).status_code == 403
