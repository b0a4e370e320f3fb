"""A plan is exported: every file of every format, each whole or none at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.bundling.verify.verify import require_same_planning
from app.exports.formats import ExportFormat, Level
from app.exports.request import ExportRequest
from app.i18n import say
from geo.errors import UsageError
from geo.storage.atomic_files import sync_to_disk
from geo.storage.disk_errors import explain_disk_errors


@dataclass(frozen=True)
class Written:
    """The files of one format.

    Parameters
    ----------
    key
        Of the format.
    level
        What they are cut by.
    paths
        In the order of the parts.
    """

    key: str
    level: Level
    paths: tuple[Path, ...]


def export_plan(
    request: ExportRequest,
    formats: Sequence[ExportFormat],
    out: Path,
    *,
    by: Level | None = None,
    on_progress: Callable[[float, str], None] = lambda share, what: None,
) -> tuple[Path, ...]:
    """As :func:`write_formats`; the paths alone, format by format, part by part.

    Parameters
    ----------
    request, formats, out, by, on_progress
        As there.
    """
    written = write_formats(request, formats, out, by=by, on_progress=on_progress)
    return tuple(path for one in written for path in one.paths)


def write_formats(
    request: ExportRequest,
    formats: Sequence[ExportFormat],
    out: Path,
    *,
    by: Level | None = None,
    on_progress: Callable[[float, str], None] = lambda share, what: None,
) -> tuple[Written, ...]:
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

    Raises
    ------
    UsageError
        If the only format cannot be cut so, the plan has nothing it could write, or does not hold each
        placed unit exactly once.
    StalePlanError
        If the plan was made for other planning data.
    NotWrittenError
        If the disk refuses.
    """
    require_same_planning(request.dataset, request.document)
    levels = {one.key: _level(one, by, len(formats) > 1) for one in formats}
    work = [(one, part) for one in formats for part in request.parts(levels[one.key])]
    made: dict[str, list[Path]] = {one.key: [] for one in formats}
    with explain_disk_errors(out):
        out.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=".pianqu-", dir=out))
        try:
            for done, (one, part) in enumerate(work):
                on_progress(done / len(work), request.words(f"export.{one.key}"))
                made[one.key] += one.load_writer()(request, part, staging)
            written = [path for paths in made.values() for path in paths]
            if not written:
                raise UsageError(*say("export.nothing"))
            for path in written:
                sync_to_disk(path)
            for path in written:
                os.replace(path, out / path.name)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    on_progress(1.0, "")
    return tuple(Written(key, levels[key], tuple(out / path.name for path in paths)) for key, paths in made.items())


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
