"""Plan files on disk: read and checked, written whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analysis.bundling.document.schema import check_document
from analysis.bundling.locks.locks import Lock, read_locks
from app.i18n import say
from geo.errors import UnreadableFileError
from geo.storage.atomic_files import atomic_write
from geo.storage.dataset import Dataset


def read_plan(path: Path) -> dict[str, Any]:
    """The document of a PLAN.json, checked for its form.

    Raises
    ------
    UnreadableFileError
        If the file is missing, not JSON, or not a plan.
    PlanningError
        If the plan is malformed (see `analysis.bundling.document.schema.check_document`).
    """
    document = read_json(path)
    check_document(document)
    return document


def read_json(path: Path) -> Any:
    """What a JSON file holds.

    Raises
    ------
    UnreadableFileError
        If the file is missing or not JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise UnreadableFileError(*say("workbench.plan_unreadable", path=path, error=error)) from error


def read_all_locks(dataset: Dataset, document: Mapping[str, Any] | None, path: Path | None) -> tuple[Lock, ...]:
    """The locks of a plan, then those of a file, each once.

    Parameters
    ----------
    dataset
        What the plan is for.
    document
        The plan whose areas the file may name; None without one.
    path
        A file as `analysis.bundling.locks.locks.read_locks` takes it; None without one.

    Raises
    ------
    LockError
        If one is malformed or names what is not there.
    UnreadableFileError
        If the file cannot be read.
    """
    known = dataset.layer("units")["unit_id"].astype(str)
    locks = read_locks(document["locks"], known=known, document=document) if document else ()
    if path is not None:
        locks += read_locks(read_json(path), known=known, document=document)
    return tuple(dict.fromkeys(locks))


def write_plan(path: Path, document: dict[str, Any]) -> None:
    """Write a plan next to its final name, force it to disk, then rename it into place.

    Parameters
    ----------
    path
        The file to write.
    document
        The plan.

    Raises
    ------
    NotWrittenError
        If the place cannot be written.
    """
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    atomic_write(path, text.encode())


def migrate_plan(document: Mapping[str, Any], dataset: Dataset) -> dict[str, Any]:
    """The plan with the units that are still there; its locks go where the data are others.

    Parameters
    ----------
    document
        PLAN.json, perhaps made for other planning data.
    dataset
        The data at hand.

    Returns
    -------
    A document for these data; what it says of figures is the old data's, so it is a start, no plan
    to show.
    """
    made_for = dataset.manifest.planning_sha256
    if document["planning_sha256"] == made_for:
        return dict(document)
    known = set(dataset.layer("units")["unit_id"].astype(str))
    areas = []
    for area in document["areas"]:
        units = [unit for unit in area["unit_ids"] if unit in known]
        anchor = area["anchor_unit_id"] if area["anchor_unit_id"] in known else None
        if units:
            areas.append({**area, "unit_ids": units, "anchor_unit_id": anchor})
    rows = {name: [row for row in document[name] if row["unit_id"] in known] for name in ("left_over", "out_of_scope")}
    return {**document, **rows, "areas": areas, "locks": [], "planning_sha256": made_for}
