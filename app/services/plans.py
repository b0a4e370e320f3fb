"""Plan files on disk: read and checked, written whole or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from geo.errors import UnreadableFileError


def read_plan(path: Path) -> dict[str, Any]:
    """The document of a PLAN.json, checked for its form.

    Raises
    ------
    UnreadableFileError
        If the file is missing, not JSON, or not a plan.
    PlanningError
        If the plan is malformed (see `analysis.bundling.document.check_document`).
    """
    from analysis.bundling.document import check_document

    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise UnreadableFileError(
            f"读不了方案文件“{path}”({error}); 请用 pianqu plan 重新生成。",
            f"Cannot read the plan '{path}' ({error}); make it again with pianqu plan.",
        ) from error
    check_document(document)
    return document


def write_plan(path: Path, document: dict[str, Any]) -> None:
    """Write a plan beside its final name, force it to disk, then rename it into place.

    Raises
    ------
    UnreadableFileError
        If the place cannot be written.
    """
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    partial = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("w", encoding="utf-8") as handle:
            handle.write(text)
            handle.flush()
            os.fsync(handle.fileno())
        os.replace(partial, path)
    except OSError as error:
        raise UnreadableFileError(
            f"写不了方案文件“{path}”({error.strerror}); 请换一个位置。",
            f"Cannot write the plan '{path}' ({error.strerror}); choose another place.",
        ) from error
