"""The plan that is shown as one file to download."""

from __future__ import annotations

import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, get_args

from analysis.bundling.verify.verify import require_same_planning
from app.exports.geojson import export_geojson
from app.exports.plan_table import DEMO_LABEL, PlanCheck, check_for_export, city_name
from app.i18n import Words
from app.workbench.plans_on_disk import write_plan
from app.workbench.workbench import Workbench
from geo.errors import UsageError
from geo.storage.dataset import Dataset

ExportFormat = Literal["geojson", "html", "all"]
FORMATS = (*get_args(ExportFormat), "plan")
"""What can be downloaded: whatever `pianqu export` writes, and the plan itself."""

_SAME_TIME = (1980, 1, 1, 0, 0, 0)  # in the archive: the same plan gives the same bytes


@contextmanager
def open_download(bench: Workbench, kind: str, words: Words) -> Iterator[tuple[Path, str]]:
    """Write the plan shown into a temporary folder that is removed at the end of the block.

    Parameters
    ----------
    kind
        "geojson": a zip with the areas and units of each district; "html": the offline map; "all": a zip
        of both; "plan": PLAN.json, for the command line or another store.

    Yields
    ------
    The file, and the name to offer for it: city, what it is, plan, 演示数据 for invented data.

    Raises
    ------
    UsageError
        If no plan is shown.
    PlanningError
        As :func:`app.desks.plans.downloads.export_plan`.
    """
    if bench.plan is None:
        raise UsageError(
            "现在没有可导出的方案; 请先用 pianqu plan 生成方案。",
            "There is no plan to export; make one with pianqu plan first.",
        )
    with tempfile.TemporaryDirectory(prefix="pianqu-") as folder:
        out = Path(folder)
        found = None if bench.verdict is None else PlanCheck(bench.context.rules.record, bench.verdict)
        if kind == "html":
            (path,) = export_plan(bench.dataset, dict(bench.plan), "html", out, found)
        elif kind == "plan":
            path = out / "plan.json"
            write_plan(path, dict(bench.plan))
        else:
            format_: ExportFormat = "all" if kind == "all" else "geojson"
            path = _zipped(export_plan(bench.dataset, dict(bench.plan), format_, out, found), out)
        yield path, file_name(bench, words(f"export.{kind}_file"), path.suffix)


def file_name(bench: Workbench, what: str, suffix: str) -> str:
    """A name for a downloaded file, free of what Windows forbids.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    what
        What the file holds.
    suffix
        With its dot.

    Returns
    -------
    For example "云岭市_片区离线地图_plan_演示数据.html".
    """
    manifest = bench.dataset.manifest
    parts = [city_name(manifest), what, bench.plan_name or ""]
    if manifest.demo:
        parts.append(DEMO_LABEL)
    name = "_".join(part for part in parts if part)
    return re.sub(r'[\x00-\x1f<>:"/\\|?*]+', "-", name)[:120] + suffix


def _zipped(paths: tuple[Path, ...], folder: Path) -> Path:
    archive = folder / "areas.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for path in paths:
            entry = zipfile.ZipInfo(path.name, _SAME_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, path.read_bytes())
    return archive


def export_plan(
    dataset: Dataset, document: dict[str, Any], format_: ExportFormat, out: Path, found: PlanCheck | None = None
) -> tuple[Path, ...]:
    """Write a plan in one format or all of them; the paths written, in order.

    Each file carries the verdict on the plan; the plan is checked here when `found` is None.

    Parameters
    ----------
    dataset
        The dataset.
    document
        The plan.
    format_
        "geojson", "html" or "all".
    out
        The folder to write to.
    found
        What the check found; None = it is run.

    Raises
    ------
    StalePlanError
        If the plan was made for other planning data.
    """
    require_same_planning(dataset, document)
    written: tuple[Path, ...] = ()
    found = found or check_for_export(dataset, document)
    if format_ in ("geojson", "all"):
        written += export_geojson(dataset, document, out, found)
    if format_ in ("html", "all"):
        from app.exports.offline_map import export_html  # folium is slow to import

        written += (export_html(dataset, document, out, found),)
    return written
