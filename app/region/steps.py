"""The steps of one district, each by the functions that the commands for one dataset use."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from importlib import metadata
from pathlib import Path
from typing import Any, Literal, get_args

from analysis.bundling.document.schema import plan_sha
from analysis.bundling.verify.verify import require_same_planning
from app.desks.imports.runs import parse_datums, parse_layer_names
from app.exports.export import write_formats
from app.exports.formats import find_format
from app.exports.plan_table import check_for_export
from app.exports.proof.manifest import MANIFEST_NAME, read_manifest, require_own_folder, write_manifest
from app.exports.request import make_request
from app.i18n import say
from app.indicators.figures import ALL_LEVELS, make_scorecard, write_scorecard
from app.planning.options import PlanOptions
from app.planning.run import make_checked_plan
from app.region.definition import DemoSource, District, FileSource, Region, read_region
from app.region.records import StepRecord, read_record, write_record
from app.region.use import measure_use
from app.workbench.plans_on_disk import read_plan, write_plan
from app.workbench.policies import resolve_folder_rules, resolve_rules, store_rules
from geo.adjacency.graph import refresh_graph
from geo.demo import build_demo
from geo.errors import NotADatasetError, PlanningError, UnreadableFileError, UsageError
from geo.importing import ImportOptions, import_files
from geo.readers.file_kinds import SUFFIXES
from geo.sandbox.processes import ReadLimits
from geo.storage.dataset import check_hashes, open_dataset
from geo.storage.manifest import file_sha256, hash_values

Step = Literal["prepare", "graph", "plan", "indicators", "export"]
STEPS: tuple[Step, ...] = get_args(Step)
"""In the order in which they rest on each other."""

_GRAPH = ("edges", "walks")


@dataclass(frozen=True)
class Choices:
    """What is chosen for all districts.

    Parameters
    ----------
    plan
        How each is planned; one part at a time, for a worker does one district.
    formats
        Keys of `app.exports.formats.FORMATS`.
    language
        Of the exported files, "zh" or "en".
    """

    plan: PlanOptions
    formats: tuple[str, ...] = ("geojson",)
    language: str = "zh"


@dataclass(frozen=True)
class StepTask:
    """A step of a district, as it is handed to a worker.

    Parameters
    ----------
    folder
        Of the region, as the worker sees it, too.
    region_sha256
        Of its definition.
    district
        Key.
    step
        One of `STEPS`.
    run
        Of which it is a part: a cluster that loses an answer asks for it again, and gets what is there already.
    """

    folder: Path
    region_sha256: str
    district: str
    step: Step
    run: str = ""


def run_step(task: StepTask, choices: Choices) -> StepRecord:
    """Do a step and keep a record of it.

    Parameters
    ----------
    task
        What is done.
    choices
        How.

    Raises
    ------
    UsageError
        If this computer does not see the region's folder, or another one in its place.
    PlanningError
        As the command for one dataset.
    """
    region = _find_region(task)
    district = region.find(task.district)
    before = read_record(region.record(district.key, task.step))
    if before is not None and task.run and before.run == task.run:
        return before
    with measure_use() as meter:
        facts = _WORK[task.step](region, district, choices)
        record = StepRecord(
            district.key,
            task.step,
            hash_inputs(region, district, task.step, choices),
            hash_result(region, district.key, task.step) or "",
            facts,
            meter.use,
            task.run,
        )
    write_record(region.record(district.key, task.step), record)
    return record


def hash_inputs(region: Region, district: District, step: Step, choices: Choices) -> str:
    """Hash of all that the result of a step rests on: what is before it, choices, policy, version of the program.

    Parameters
    ----------
    region, district, step, choices
        Which step, done how.
    """
    found = {"step": step, "version": metadata.version("pianqu")}
    if step == "prepare":
        policy, source = region.policy, district.source
        found["policy"] = "" if policy is None else file_sha256(policy)
        found["source"] = "" if source is None else source.model_dump_json()
        if source is None:
            found["dataset"] = hash_result(region, district.key, "prepare") or ""
        if isinstance(source, FileSource):
            found |= {f"file {path.name}": file_sha256(path) for path in list_files(region, source)}
        return hash_values(found)
    before = STEPS[: min(STEPS.index(step), STEPS.index("indicators"))]  # an export does not rest on the scorecard
    found |= {f"after {one}": hash_result(region, district.key, one) or "" for one in before}
    if step == "graph":
        found["within"] = str(choices.plan.within)
    if step == "plan":
        found |= {one.name: repr(getattr(choices.plan, one.name)) for one in fields(choices.plan)}
    if step == "export":
        found |= {"formats": ",".join(choices.formats), "language": choices.language}
    return hash_values(found)


def hash_result(region: Region, key: str, step: Step) -> str | None:
    """Hash of what a step made, times aside, as it stands on disk now; None where it is not there, or damaged.

    Parameters
    ----------
    region, key, step
        Which step of which district.
    """
    try:
        if step in ("prepare", "graph"):
            manifest = open_dataset(region.dataset(key)).manifest
            if step == "prepare":
                return manifest.sha256_without(*_GRAPH)
            made = manifest.layer_hashes(_GRAPH)
            return hash_values({**made, "from": manifest.graph_inputs or ""}) if len(made) == len(_GRAPH) else None
        if step == "plan":
            return plan_sha(read_plan(region.plan(key)))
        if step == "indicators":
            return file_sha256(region.indicators(key))
        named = read_manifest(region.export(key))["files"]
        return hash_values({name: file_sha256(region.export(key) / name) for name in named})
    except (OSError, PlanningError):
        return None


def list_files(region: Region, source: FileSource) -> list[Path]:
    """The files of a district that a reader knows, by name.

    Parameters
    ----------
    region
        A folder that is not absolute is inside its.
    source
        Of the district.

    Raises
    ------
    UnreadableFileError
        If the folder is not there, or holds no such file.
    """
    folder = region.folder / source.folder
    try:
        found = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.name[0] != ".")
    except OSError as error:
        raise UnreadableFileError(*say("region.no_files", folder=folder)) from error
    if not found:
        raise UnreadableFileError(*say("region.no_files", folder=folder))
    return found


def _find_region(task: StepTask) -> Region:
    """The region as this computer sees it."""
    where = {"folder": task.folder, "host": os.uname().nodename if hasattr(os, "uname") else ""}
    try:
        region = read_region(task.folder)
    except UnreadableFileError as error:
        raise UsageError(*say("region.not_seen", **where)) from error
    if region.sha256 != task.region_sha256:
        raise UsageError(*say("region.other_seen", **where))
    return region


def _prepare(region: Region, district: District, choices: Choices) -> dict[str, Any]:
    """A district's dataset, made from its source or proven; it is kept by the region's policy.

    A first one is made aside and put in its place whole: a worker that is killed leaves no half of one, to which the
    next would only add.
    """
    into, source = region.dataset(district.key), district.source
    if source is None or into.exists():
        return _fill(region, district, into)
    aside = into.with_name(f".preparing-{district.key}")
    shutil.rmtree(aside, ignore_errors=True)
    facts = _fill(region, district, aside)
    aside.rename(into)
    return facts


def _fill(region: Region, district: District, into: Path) -> dict[str, Any]:
    """A folder filled from a district's source, or what is in it proven where there is none."""
    source = district.source
    rules = resolve_folder_rules(into, region.policy)
    n_errors = 0
    if isinstance(source, DemoSource):
        build_demo(
            region.raw(district.key),
            into,
            size=source.size,
            seed=source.seed,
            unit_rules=rules.policy.unit_rules(),
            names=rules.names,
        )
    elif source is not None:
        options = ImportOptions(
            layers_of=parse_layer_names(source.layers_of),
            datum=source.datum,
            crs=source.crs,
            encoding=source.encoding,
            metric_crs=source.metric_crs,
            replace=True,
            name=district.name or None,
            data_date=source.data_date,
            limits=ReadLimits.from_settings(os.environ),
        )
        files = parse_datums(list_files(region, source), source.datums_of, options)
        found = import_files(
            files, into, options=options, unit_rules=rules.policy.unit_rules(), names=rules.names
        ).findings
        n_errors = sum(one.severity == "error" for one in found)
    elif broken := check_hashes(open_dataset(into)):
        raise NotADatasetError(broken[0].zh, broken[0].en)
    store_rules(into, rules)
    dataset = open_dataset(into)
    counts = {name: len(dataset.layer(name)) for name in ("communities", "buildings", "units")}
    return {**counts, "name": dataset.manifest.name, "errors": n_errors}


def _link(region: Region, district: District, choices: Choices) -> dict[str, Any]:
    """A district's graph of neighbours."""
    folder = region.dataset(district.key)
    rules = resolve_folder_rules(folder).policy.neighbour_rules(within=choices.plan.within)
    _, graph = refresh_graph(open_dataset(folder), rules)
    return {"pairs": len(graph.pairs), "edges": graph.n_edges}


def _plan(region: Region, district: District, choices: Choices) -> dict[str, Any]:
    """A district's plan, with what the independent check found."""
    folder = region.dataset(district.key)
    policy = resolve_folder_rules(folder).policy
    made = make_checked_plan(folder, policy, choices.plan, judge=policy)
    document = made.document
    write_plan(region.plan(district.key), document)
    levels = {one["name"]: one["value"] for one in document["levels"]}
    return {
        "status": document["status"],
        "verified": made.found.ok,
        "areas": len(document["areas"]),
        "placed": sum(len(area["unit_ids"]) for area in document["areas"]),
        "left_over": len(document["left_over"]),
        "left_over_households": levels.get("left_over_households"),
        "households": sum(area["households"] for area in document["areas"]),
    }


def _measure(region: Region, district: District, choices: Choices) -> dict[str, Any]:
    """A district's scorecard, with its plan where there is one."""
    dataset, plan = open_dataset(region.dataset(district.key)), None
    if region.plan(district.key).is_file():
        plan = read_plan(region.plan(district.key))
        require_same_planning(dataset, plan)
    card = make_scorecard(dataset, resolve_rules(dataset).policy, levels=ALL_LEVELS, plan=plan)
    write_scorecard(region.indicators(district.key), card)
    return {"figures": len(card.figures), "known": sum(one.value is not None for one in card.figures)}


def _export(region: Region, district: District, choices: Choices) -> dict[str, Any]:
    """A district's files for others, with their manifest."""
    out = region.export(district.key)
    require_own_folder(out, is_public=False)
    dataset, document = open_dataset(region.dataset(district.key)), read_plan(region.plan(district.key))
    require_same_planning(dataset, document)
    rules = resolve_rules(dataset)
    found = check_for_export(dataset, document, rules)
    request = make_request(dataset, document, found, language=choices.language, rules=rules)
    written = write_formats(request, [find_format(key) for key in choices.formats], out)
    (out / MANIFEST_NAME).unlink(missing_ok=True)  # files of an earlier plan are no part of this export
    write_manifest(request, written, out)
    return {"files": sum(len(one.paths) for one in written), "met": found.verdict.is_met}


_WORK: Mapping[Step, Callable[[Region, District, Choices], dict[str, Any]]] = {
    "prepare": _prepare,
    "graph": _link,
    "plan": _plan,
    "indicators": _measure,
    "export": _export,
}
