"""A plan is exported: every file of every format, each whole or none at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from analysis.bundling.verify.verify import require_same_planning
from app.exports.formats import ExportFormat, Level
from app.exports.request import ExportRequest
from geo.errors import UsageError
from geo.storage.atomic_files import sync_to_disk
from geo.storage.disk_errors import explain_disk_errors


def export_plan(
    request: ExportRequest,
    formats: Sequence[ExportFormat],
    out: Path,
    *,
    by: Level | None = None,
    on_progress: Callable[[float, str], None] = lambda share, what: None,
) -> tuple[Path, ...]:
    """Write a plan in some formats; nothing gets its name before everything is on the disk.

    Parameters
    ----------
    request
        What is exported.
    formats
        Of `app.exports.formats.FORMATS`.
    out
        Folder; made when it does not exist.
    by
        What the files are cut by; None = each format's own way. Where several formats are asked for, one
        that cannot be cut so keeps its own way.
    on_progress
        Told the share done, 0 to 1, and the name of the format.

    Returns
    -------
    The paths, format by format, part by part.

    Raises
    ------
    UsageError
        If the only format cannot be cut so, or the plan does not hold each placed unit exactly once.
    StalePlanError
        If the plan was made for other planning data.
    NotWrittenError
        If the disk refuses.
    """
    require_same_planning(request.dataset, request.document)
    work = [
        (one, part, one.load_writer()) for one in formats for part in request.parts(_level(one, by, len(formats) > 1))
    ]
    written: list[Path] = []
    with explain_disk_errors(out):
        out.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=".pianqu-", dir=out))
        try:
            for done, (one, part, write) in enumerate(work):
                on_progress(done / len(work), request.words(f"export.{one.key}"))
                written += write(request, part, staging)
            for path in written:
                sync_to_disk(path)
            for path in written:
                os.replace(path, out / path.name)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    on_progress(1.0, "")
    return tuple(out / path.name for path in written)


def _level(one: ExportFormat, by: Level | None, is_one_of_many: bool) -> Level:
    if by is None or by in one.levels:
        return by or one.levels[0]
    if is_one_of_many:
        return one.levels[0]
    offered = " ".join(one.levels)
    raise UsageError(
        f"格式 {one.key} 不能按 {by} 分文件; 可用: {offered}。",
        f"Format {one.key} is not cut by {by}; it takes: {offered}.",
    )
