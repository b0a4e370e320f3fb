"""The plan that is shown as one file to download."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.exports.export import export_plan
from app.exports.file_names import make_file_name
from app.exports.formats import ALL, FORMAT_KEYS, choose_formats
from app.exports.plan_table import city_name, make_plan_check
from app.exports.request import ExportRequest, make_request
from app.i18n import Words, say
from app.workbench.plans_on_disk import write_plan
from app.workbench.workbench import Workbench
from geo.errors import UsageError

DOWNLOADS = (*FORMAT_KEYS, ALL, "plan")
"""What can be downloaded: whatever `pianqu export` writes, and the plan itself."""

_SAME_TIME = (1980, 1, 1, 0, 0, 0)  # in the archive: the same plan gives the same bytes


@contextmanager
def open_download(bench: Workbench, kind: str, words: Words) -> Iterator[tuple[Path, str]]:
    """Write the plan shown into a temporary folder that is removed at the end of the block.

    Parameters
    ----------
    kind
        A format of `app.exports.formats`, or "all" of them: several files come as a zip; "plan": PLAN.json,
        for the command line or another store.

    Yields
    ------
    The file, and the name to offer for it: city, what it is, plan, 演示数据 for invented data.

    Raises
    ------
    UsageError
        If no plan is shown.
    PlanningError
        As :func:`app.exports.export.export_plan`.
    """
    if bench.plan is None:
        raise UsageError(*say("planning.no_plan"))
    with tempfile.TemporaryDirectory(prefix="pianqu-") as folder:
        out = Path(folder)
        if kind == "plan":
            path = out / "plan.json"
            write_plan(path, dict(bench.plan))
        else:
            paths = export_plan(make_bench_request(bench, words), choose_formats(kind), out)
            path = paths[0] if len(paths) == 1 else _zipped(paths, out)
        yield path, file_name(bench, words, words(f"export.{kind}_file"), path.suffix)


def make_bench_request(bench: Workbench, words: Words) -> ExportRequest:
    """The plan that a page shows as what an export is made from.

    Parameters
    ----------
    bench
        The dataset and the plan.
    words
        Texts in the reader's language.
    """
    found = None
    if bench.plan is not None and bench.verdict is not None:
        found = make_plan_check(bench.plan, bench.context.rules, bench.verdict)
    return make_request(
        bench.dataset,
        dict(bench.plan or {}),
        found,
        language=words.language,
        number=None if bench.version is None else bench.version.number,
        rules=bench.context.rules,
        shown=bench,
    )


def file_name(bench: Workbench, words: Words, what: str, suffix: str) -> str:
    """A name for a downloaded file, free of what Windows forbids.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    words
        Texts in the reader's language.
    what
        What the file holds.
    suffix
        With its dot.

    Returns
    -------
    For example "云岭市_片区离线地图_plan_v1_演示数据.html".
    """
    manifest = bench.dataset.manifest
    number = f"v{bench.version.number}" if bench.version else ""
    parts = [city_name(manifest), what, bench.plan_name or "", number]
    if manifest.demo:
        parts.append(words("export.mark_demo"))
    return make_file_name(parts, suffix)


def _zipped(paths: tuple[Path, ...], folder: Path) -> Path:
    archive = folder / "areas.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for path in paths:
            entry = zipfile.ZipInfo(path.name, _SAME_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, path.read_bytes())
    return archive
