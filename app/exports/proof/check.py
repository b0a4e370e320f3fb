"""An export folder proven: hashes of its files, its plan checked again, its files made again from the data."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from analysis.bundling.document.schema import plan_sha
from app.exports.export import write_formats
from app.exports.formats import FORMAT_KEYS, find_format
from app.exports.plan_table import check_for_export
from app.exports.proof.manifest import PLAN_NAME, hash_file, read_manifest
from app.exports.public import read_fewest
from app.exports.request import make_public, make_request
from app.i18n import say
from app.workbench.plans_on_disk import read_plan
from app.workbench.policies import resolve_rules
from geo.messages import Sentence
from geo.storage.dataset import open_dataset


@dataclass(frozen=True)
class ExportProof:
    """What was found of an export folder.

    Parameters
    ----------
    faults
        What is not as the manifest says.
    n_hashed, n_remade
        Files whose hash agrees, and those that came out the same when made again from the data.
    is_remade
        Whether the data were at hand, so that the plan was checked and the files made again.
    needs_plan
        Whether it is a public export whose plan was not named: it does not lie in the folder.
    """

    faults: tuple[Sentence, ...]
    n_hashed: int
    n_remade: int
    is_remade: bool
    needs_plan: bool = False


def prove_export(
    folder: Path,
    data: Path | None = None,
    *,
    plan: Path | None = None,
    policy: Path | None = None,
    on_progress: Callable[[float, str], None] = lambda share, what: None,
) -> ExportProof:
    """Check an export folder; with the data at hand, everything is made again and compared.

    Parameters
    ----------
    folder
        With its manifest.
    data
        The dataset; None = hashes alone are checked.
    plan
        The plan the export is of; what lies in the folder when None. A public export holds none.
    policy
        A policy file named now; what the dataset is kept by when None.
    on_progress
        Told the share done, and the format.

    Raises
    ------
    UnreadableFileError
        If the folder has no manifest, or a damaged one.
    """
    manifest = read_manifest(folder)
    faults, n_hashed = _check_hashes(folder, manifest)
    if plan is None and "public" in manifest:
        return ExportProof(tuple(faults), n_hashed, 0, is_remade=False, needs_plan=True)
    plan_path = plan or folder / PLAN_NAME
    if not plan_path.is_file() or plan_sha(read_plan(plan_path)) != manifest["plan_sha256"]:
        faults.append(say("proof.other_plan", plan=manifest.get("plan_id")))
    if data is None or not plan_path.is_file():
        return ExportProof(tuple(faults), n_hashed, 0, is_remade=False)
    made, n_remade = _check_remade(plan_path, manifest, data, policy, on_progress)
    return ExportProof((*faults, *made), n_hashed, n_remade, is_remade=True)


def _check_hashes(folder: Path, manifest: Mapping[str, Any]) -> tuple[list[Sentence], int]:
    faults, n = [], 0
    for name, stated in manifest["files"].items():
        path = folder / PurePath(str(name)).name  # a manifest names files of its own folder alone
        if not path.is_file():
            faults.append(say("proof.missing", name=name))
        elif hash_file(path) != stated["sha256"]:
            faults.append(say("proof.changed", name=name))
        else:
            n += 1
    return faults, n


def _check_remade(
    plan_path: Path,
    manifest: Mapping[str, Any],
    data: Path,
    policy: Path | None,
    on_progress: Callable[[float, str], None],
) -> tuple[list[Sentence], int]:
    dataset, document = open_dataset(data), read_plan(plan_path)
    rules = resolve_rules(dataset, policy)
    faults = [
        say("proof.other_hash", what=key, stated=str(manifest[key])[:12], found=str(found)[:12])
        for key, found in (
            ("planning_sha256", dataset.manifest.planning_sha256),
            ("all_sha256", dataset.manifest.all_sha256),
            ("policy", rules.record["sha256"]),
        )
        if found != (manifest[key]["sha256"] if key == "policy" else manifest[key])
    ]
    found = check_for_export(dataset, document, rules)
    stated = manifest["verdict"]
    if (found.verdict.is_met, found.verdict.zh) != (stated["ok"], stated["zh"]):
        faults.append(say("proof.other_verdict", stated=stated["zh"], found=found.verdict.zh))
    public = manifest.get("public")
    if public and public["fewest_households"] != read_fewest(rules.policy):
        values = {"stated": public["fewest_households"], "found": read_fewest(rules.policy)}
        faults.append(say("proof.other_fewest", **values))
    n = 0
    for done, one in enumerate(manifest["exports"]):
        on_progress(done / len(manifest["exports"]), one["format"])
        if not one["files"]:  # the plan had nothing of this kind
            continue
        if one["format"] not in FORMAT_KEYS:
            faults.append(say("proof.unknown_format", format=one["format"]))
            continue
        request = make_request(
            dataset, document, found, language=one["language"], number=one.get("number"), rules=rules
        )
        request = make_public(request) if public else request
        with tempfile.TemporaryDirectory(prefix="pianqu-") as again:
            (written,) = write_formats(request, [find_format(one["format"])], Path(again), by=one["by"])
            remade = {path.name: hash_file(path) for path in written.paths}
        for name in sorted({*remade, *one["files"]}):
            if remade.get(name) == manifest["files"].get(name, {}).get("sha256"):
                n += 1
            else:
                faults.append(say("proof.not_remade", name=name))
    return faults, n
