"""The process of an export: one file as it is, several in an archive, and a fault in a sentence."""

import json
import shutil

from app.desks.exports.child import main, make_files
from app.jobs.folder import JobFolder


def job_for(town, folder, **asked):
    folder.mkdir()
    job = JobFolder(folder)
    request = {"kind": "gpkg", "by": None, "language": "zh", "number": 2, "author": "", "policy": None, "public": False}
    job.write("request.json", {"data": str(town[0]), **request, **asked})
    shutil.copy(town[1], folder / "plan.json")
    return job


def test_one_file_stays_one_file(town, tmp_path):
    assert make_files(job_for(town, tmp_path / "job")).suffix == ".gpkg"
    assert make_files(job_for(town, tmp_path / "cut", by="street")).suffix == ".zip"


def test_a_fault_is_told_in_both_languages(town, tmp_path, monkeypatch):
    job = job_for(town, tmp_path / "job", data=str(tmp_path / "nowhere"))
    monkeypatch.setattr("sys.argv", ["child", str(job.path)])
    main()
    told = json.loads((job.path / "result.json").read_text(encoding="utf-8"))
    assert told["zh"]
    assert told["en"]
