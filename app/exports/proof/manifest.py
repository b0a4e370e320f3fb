"""The manifest of an export: which plan, of which data, made how, checked how, and a hash of each file."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pyogrio

from app.exports.export import Written
from app.exports.plan_table import full_plan_sha
from app.exports.request import ExportRequest
from app.i18n import say
from app.workbench.plans_on_disk import write_plan
from geo.errors import UnreadableFileError, UsageError
from geo.storage.atomic_files import atomic_write_texts

MANIFEST_NAME, PLAN_NAME = "export.json", "plan.json"
"""Of the manifest, and of the plan next to it, known by its `plan_sha256`, in an export folder."""
SCHEMA = "pianqu.export/1"
_OF_PLAN = ("mode", "status", "seed", "seconds", "levels", "work", "read_back")
_PACKAGES = (
    "pianqu",
    "numpy",
    "scipy",
    "numba",
    "highspy",
    "pyscipopt",
    "geopandas",
    "shapely",
    "pyogrio",
    "xlsxwriter",
    "ezdxf",
)


def write_manifest(request: ExportRequest, written: Sequence[Written], out: Path) -> Path:
    """Write the manifest of an export, and the plan next to it.

    Files that an earlier export of the same plan, data and policy left in the folder stay in it.

    Parameters
    ----------
    request
        What was exported.
    written
        The files.
    out
        Their folder.

    Returns
    -------
    Path of the manifest.
    """
    if not request.is_public:  # the plan holds sums over all households; the bureau keeps it
        write_plan(out / PLAN_NAME, dict(request.document))
    body = make_manifest(request, written)
    before = _read_before(out, body)
    names = {name for one in body["exports"] for name in one["files"]}
    kept = [one for one in before.get("exports", []) if not names & set(one["files"])]
    exports = [*kept, *body["exports"]]
    files = {
        name: body["files"].get(name) or before["files"][name]
        for one in exports
        for name in one["files"]
        if name in body["files"] or (name in before.get("files", {}) and (out / name).is_file())
    }
    whole = {**body, "exports": exports, "files": files}
    return atomic_write_texts(out, {MANIFEST_NAME: json.dumps(whole, ensure_ascii=False, indent=1) + "\n"})[0]


def make_manifest(request: ExportRequest, written: Sequence[Written]) -> dict[str, Any]:
    """The manifest of an export, ready for JSON.

    Parameters
    ----------
    request
        What was exported.
    written
        The files.
    """
    document = request.document
    return {
        "schema": SCHEMA,
        **request.about,
        "plan_sha256": full_plan_sha(document),
        "plan": {key: document.get(key) for key in _OF_PLAN},
        "software": ";".join(f"{name}={number}" for name, number in _versions().items()),
        "exported": {"made_at": datetime.now(UTC).isoformat(timespec="seconds"), "by": request.author},
        "exports": [
            {
                "format": one.key,
                "by": one.level,
                "language": request.language,
                "number": request.number,
                "files": [path.name for path in one.paths],
            }
            for one in written
        ],
        "files": {path.name: _describe(path) for one in written for path in one.paths},
    }


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of an export folder.

    Parameters
    ----------
    folder
        The folder, or the manifest itself.

    Raises
    ------
    UnreadableFileError
        If there is none, or it is damaged.
    """
    path = folder / MANIFEST_NAME if folder.is_dir() else folder
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        is_ours = body["schema"] == SCHEMA and isinstance(body["files"], dict) and isinstance(body["exports"], list)
    except (OSError, ValueError, KeyError, TypeError):
        is_ours = False
    if not is_ours:
        raise UnreadableFileError(*say("proof.no_manifest", path=path))
    return dict(body)


def require_own_folder(out: Path, *, is_public: bool) -> None:
    """Refuse to put files for the public and files for internal work into one folder.

    Parameters
    ----------
    out
        Folder of an export; need not exist.
    is_public
        Whether the export is for the public.

    Raises
    ------
    UsageError
        If the folder holds an export of the other kind.
    """
    try:
        was_public: bool | None = "public" in read_manifest(out)
    except UnreadableFileError:
        was_public = False if (out / PLAN_NAME).exists() else None
    if was_public not in (None, is_public):
        raise UsageError(*say("proof.mixed_folder", path=out))


def hash_file(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _read_before(out: Path, body: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest there is, where it is of the same plan, data and policy; else nothing."""
    try:
        before = read_manifest(out)
    except UnreadableFileError:
        return {}
    same = ("plan_id", "version", "all_sha256", "policy", "draft", "public")
    return before if all(before.get(key) == body.get(key) for key in same) else {}


def _describe(path: Path) -> dict[str, Any]:
    return {"sha256": hash_file(path), "bytes": path.stat().st_size}


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version(), "gdal": str(pyogrio.__gdal_version_string__)}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "none"  # no wheel for this platform
    return found
