"""An export is confirmed from the data, and every change of a file or of the data is found."""

import json

import pytest

from app.exports.formats import FORMAT_KEYS
from app.exports.proof.check import prove_export


@pytest.mark.parametrize(
    "keys", [("geojson", "gpkg", "dxf", "company"), pytest.param(FORMAT_KEYS, marks=pytest.mark.full)]
)
def test_an_export_is_confirmed(export, town, keys):
    found = prove_export(export(*keys), town[0])
    assert [one.zh for one in found.faults] == []
    assert found.n_remade == found.n_hashed > len(keys)


def test_without_data_hashes_alone_are_checked(export):
    found = prove_export(export("geojson"))
    assert (found.faults, found.is_remade, found.n_remade) == ((), False, 0)


def test_a_file_changed_is_found(export):
    folder = export("geojson")
    path = next(folder.glob("units_*"))
    path.write_text(path.read_text(encoding="utf-8").replace("anchor", "member", 1), encoding="utf-8")
    next(folder.glob("areas_*")).unlink()
    assert len(prove_export(folder).faults) == 2


def test_a_file_and_its_hash_changed_together_are_found_from_the_data(export, town):
    from app.exports.proof.manifest import hash_file

    folder = export("geojson")
    path = next(folder.glob("units_*"))
    path.write_text(path.read_text(encoding="utf-8").replace("anchor", "member", 1), encoding="utf-8")
    manifest = json.loads((folder / "export.json").read_text(encoding="utf-8"))
    manifest["files"][path.name]["sha256"] = hash_file(path)
    (folder / "export.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert prove_export(folder).faults == ()
    (fault,) = prove_export(folder, town[0]).faults
    assert path.name in fault.zh


def test_another_plan_in_the_folder_is_found(export):
    folder = export("geojson")
    plan = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    plan["seed"] += 1
    (folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    assert len(prove_export(folder).faults) == 1


def test_a_manifest_cannot_name_files_elsewhere(export, tmp_path):
    folder = export("geojson")
    (tmp_path / "secret.txt").write_text("x")
    manifest = json.loads((folder / "export.json").read_text(encoding="utf-8"))
    manifest["files"]["../secret.txt"] = {"sha256": "0", "bytes": 1}
    (folder / "export.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert len(prove_export(folder).faults) == 1
