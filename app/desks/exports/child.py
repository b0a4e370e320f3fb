"""The process that makes the files of one export: started by `app.desks.exports.jobs`, one folder a job."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from app.exports.export import export_plan, write_formats
from app.exports.formats import choose_formats
from app.exports.gis.gdal import zip_files
from app.exports.plan_table import check_for_export
from app.exports.proof.manifest import MANIFEST_NAME, PLAN_NAME, write_manifest
from app.exports.request import make_public, make_request
from app.jobs.folder import JobFolder
from app.workbench.plans_on_disk import read_plan
from app.workbench.policies import resolve_rules
from geo.errors import PlanningError
from geo.storage.dataset import open_dataset
from geo.storage.disk_errors import disk_error, memory_error

_WRITE_S = 0.3


def make_files(job: JobFolder) -> Path:
    """The file of a job: one file as it is, several in an archive with their manifest.

    Parameters
    ----------
    job
        With `request.json` and the plan.
    """
    request = job.request()
    told = 0.0

    def tell(share: float, what: str) -> None:
        nonlocal told
        if time.monotonic() - told > _WRITE_S or share in (0.0, 1.0):
            told = time.monotonic()
            job.write("progress.json", {"share": share, "what": what})

    dataset, document = open_dataset(Path(request["data"])), read_plan(job.path / PLAN_NAME)
    rules = resolve_rules(dataset, request["policy"] and Path(request["policy"]))
    asked = make_request(
        dataset,
        document,
        check_for_export(dataset, document, rules),
        language=request["language"],
        number=request["number"],
        author=request["author"],
        rules=rules,
    )
    asked = make_public(asked) if request["public"] else asked
    out, formats = job.path / "out", choose_formats(request["kind"], is_public=request["public"])
    is_single = len(formats) == 1 and len(asked.parts(request["by"] or formats[0].levels[0])) == 1
    if is_single and formats[0].key != "geojson":
        return export_plan(asked, formats, out, by=request["by"], on_progress=tell)[0]
    written = write_formats(asked, formats, out, by=request["by"], on_progress=tell)
    write_manifest(asked, written, out)
    names = [path.name for one in written for path in one.paths]
    proof = (MANIFEST_NAME,) if asked.is_public else (PLAN_NAME, MANIFEST_NAME)
    return zip_files(job.path / "files.zip", {name: out / name for name in (*names, *proof)})


def main() -> None:
    """Do the export of the folder named on the command line."""
    job = JobFolder(Path(sys.argv[1]))
    try:
        path = make_files(job)
        job.write("result.json", {"file": str(path.relative_to(job.path))})
    except Exception as error:
        fault = error if isinstance(error, PlanningError) else None
        fault = fault or disk_error(error) or memory_error(error)
        if fault is None:
            raise
        job.write("result.json", {"zh": fault.zh, "en": fault.en})


if __name__ == "__main__":
    main()
