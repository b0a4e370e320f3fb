"""The manifest says which plan, made how, by whom, and knows every file."""

import json

import pytest

from analysis.bundling.document.schema import plan_sha
from app.exports.proof.manifest import hash_file, read_manifest
from geo.errors import UnreadableFileError


def test_it_knows_every_file(export, bench):
    folder = export("geojson", "gpkg")
    manifest = read_manifest(folder)
    files = {path.name for path in folder.iterdir()} - {"export.json", "plan.json"}
    assert set(manifest["files"]) == files
    assert all(one["sha256"] == hash_file(folder / name) for name, one in manifest["files"].items())
    assert manifest["plan_sha256"] == plan_sha(bench.plan)
    assert plan_sha(json.loads((folder / "plan.json").read_text(encoding="utf-8"))) == manifest["plan_sha256"]
    assert manifest["exported"]["by"] == "王工"
    assert manifest["planning_sha256"] == bench.dataset.manifest.planning_sha256
    assert {"python", "pianqu", "numpy"} <= {part.partition("=")[0] for part in manifest["software"].split(";")}


def test_a_second_export_of_the_plan_is_added(export):
    export("geojson")
    manifest = read_manifest(export("gpkg"))
    assert [one["format"] for one in manifest["exports"]] == ["geojson", "gpkg"]
    assert any(name.endswith(".gpkg") for name in manifest["files"])
    assert any(name.startswith("areas_") for name in manifest["files"])


def test_one_of_another_version_is_not(export):
    export("geojson")
    manifest = read_manifest(export("gpkg", number=7))
    assert [one["format"] for one in manifest["exports"]] == ["gpkg"]


def test_what_is_no_manifest_is_refused(tmp_path):
    for text in ("{}", "nonsense", '{"schema": "pianqu.export/1"}'):
        (tmp_path / "export.json").write_text(text)
        with pytest.raises(UnreadableFileError, match=r"export\.json"):
            read_manifest(tmp_path)
