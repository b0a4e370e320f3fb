"""What the server hands out: known names only, compressed, kept, guarded; no stranger's address."""

import json

import pytest

from app.i18n import load_words
from app.settings import VENDOR
from app.web.components.scripts import vendor_address, vendor_files
from app.web.main import create_app
from geo.errors import NotADatasetError
from tests.app.opened import open_workbench


@pytest.mark.skipif(not VENDOR.is_dir(), reason="front-end parts are not installed: make setup")
def test_front_end_parts_are_there_with_their_types(client):
    assert "maplibre/maplibre-gl.mjs" in vendor_files(VENDOR)
    answer = client.get(f"/{vendor_address()}maplibre/maplibre-gl.mjs")
    assert answer.mimetype == "text/javascript"
    assert "immutable" in answer.headers["Cache-Control"]
    other = client.get("/vendor/of-another-version/maplibre/maplibre-gl.mjs")  # a page that is still open
    assert (other.status_code, other.headers["Cache-Control"]) == (200, "no-cache")


def test_a_plan_for_older_data_is_named_but_not_shown(town, tmp_path):
    folder, plan = town
    document = json.loads(plan.read_text(encoding="utf-8")) | {"planning_sha256": "0" * 64}
    other = tmp_path / "other.json"
    other.write_text(json.dumps(document), encoding="utf-8")
    bench = open_workbench(folder, other)
    assert (bench.plan, bench.is_stale, bench.plan_name) == (None, True, "other")
    texts = create_app(folder, other, "sqlite://").server.test_client().get("/_dash-layout").text
    assert json.dumps(load_words("zh")("plan.stale_title"))[1:-1] in texts


def test_an_empty_folder_invites_to_import(tmp_path):
    for folder in (tmp_path, tmp_path / "new"):
        client = create_app(folder, None).server.test_client()
        assert "welcome-card" in client.get("/_dash-layout").text
    assert not (tmp_path / "new").exists()


def test_a_folder_with_other_things_is_not_filled(tmp_path):
    (tmp_path / "letter.docx").touch()
    with pytest.raises(NotADatasetError):
        create_app(tmp_path, None)
    with pytest.raises(NotADatasetError):
        create_app(tmp_path / "letter.docx", None)


def test_a_damaged_dataset_is_refused(tmp_path):
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(NotADatasetError):
        create_app(tmp_path, None)
