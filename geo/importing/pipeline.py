"""An import from files to a dataset: all of it is stored as one step, or nothing."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
from pyproj import CRS

from geo.admin.admin_names import resolve_admin_names
from geo.admin.sheet_places import KnownPlaces, fill_sheet_places
from geo.errors import EmptyLayerError, PlanningError, UsageError
from geo.findings import Finding, count_by_severity
from geo.georeferencing.datum_shift_check import check_datum_shift
from geo.georeferencing.geometry import clean_shapes
from geo.georeferencing.georeference import georeference
from geo.georeferencing.outliers import LocatedRows, drop_outliers
from geo.importing.dataset_update import (
    NO_TEXTS,
    ImportedLayer,
    merge_join_records,
    merge_layer,
    read_importable_layers,
    reproject_layers,
    store_changes,
    update_manifest,
    update_sources,
)
from geo.importing.derivation import UserInput, derive_layers, revise_values
from geo.importing.line_features import classify_line_features, drop_ponds
from geo.importing.multi_layer import read_layers
from geo.importing.options import ImportFile, ImportOptions, ImportReport, OnProgress
from geo.importing.prepare import maps_any_header, prepare_layer, unused_mapping_error
from geo.importing.record_linkage import record_joins
from geo.importing.references import fill_reference_codes
from geo.importing.row_ids import assign_ids
from geo.messages import Sentence, load_catalogue
from geo.names import NameRules
from geo.prepared.double_sources import (
    drop_ledger_rows,
    find_replaced_values,
    is_needed,
    list_ledger_units,
    list_own_rows,
    settle_sources,
    yield_to_table,
)
from geo.prepared.ledger import BY_ROW, split_ledger
from geo.prepared.prepared_layer import PreparedLayer
from geo.readers import RawLayer, read_file
from geo.rules import UnitRules
from geo.schema import IMPORTABLE, KEYS
from geo.storage.commits import MANIFEST, lock_dataset
from geo.storage.dataset import Dataset, open_dataset, write_dataset
from geo.storage.layer_frames import empty_layer, shape_layer
from geo.storage.manifest import Manifest, file_sha256
from geo.tables.ledger_fields import LEDGER_LAYERS
from geo.tables.mappings import read_mapping_texts
from geo.validation.conflicting_values import find_contradictions
from geo.validation.row_consistency import check_rows
from geo.validation.stated_status import find_contradicted_statements

say = load_catalogue(__file__)

logger = logging.getLogger(__name__)

_NO_NAMES = NameRules()
_NO_RECORDS: Mapping[str, Mapping[str, Any]] = MappingProxyType({})


def import_paths(
    paths: Sequence[Path], folder: Path, *, options: ImportOptions, unit_rules: UnitRules, names: NameRules = _NO_NAMES
) -> ImportReport:
    """Read files into a dataset, all of them in one way: :func:`import_files`.

    Parameters
    ----------
    paths
        The files.
    folder
        The dataset's.
    options
        How all of them are read.
    unit_rules, names
        As for :func:`import_files`.
    """
    files = [ImportFile(Path(path), options) for path in paths]
    return import_files(files, folder, options=options, unit_rules=unit_rules, names=names)


def import_files(
    files: Sequence[ImportFile],
    folder: Path,
    *,
    options: ImportOptions,
    unit_rules: UnitRules,
    names: NameRules = _NO_NAMES,
    on_progress: OnProgress = lambda share, what: None,
) -> ImportReport:
    """Read files into a dataset: recognise, map, check, place, merge, derive units, store once.

    Parameters
    ----------
    files
        Files of any kind `geo.readers` knows, each with how it is read; processed in the order of
        `geo.schema.IMPORTABLE`, so that streets are there before the communities that name them.
    folder
        The dataset; made when it does not exist. Untouched unless everything succeeds.
    options
        What holds for the dataset: `metric_crs`, `strict`, `name`, `demo`, `data_date`.
    unit_rules
        How figures of units are derived.
    names
        Aliases of districts and streets, and which street-level units are no streets.
    on_progress
        Told before each file, and before the dataset is written.

    Returns
    -------
    The dataset and everything that was found. With `options.strict` and any finding of severity
    "error" nothing is stored and `dataset` is None.

    Raises
    ------
    PlanningError
        If a file cannot be read, a layer is not recognised or empty, a CRS or datum is missing, or
        options contradict each other; the sentences of all files together.
    """
    if not files:
        raise UsageError(*say("error.no_file"))
    folder = Path(folder)
    shelf = read_mapping_texts(folder)
    placed = _read_all(files, folder, names, unit_rules.storey_m, on_progress)
    on_progress(0.7, "dataset")
    with lock_dataset(folder):
        if _mappings_changed(placed, shelf, read_mapping_texts(folder)):
            placed = _read_all(files, folder, names, unit_rules.storey_m, on_progress)
        return _merge_and_store(placed, folder, options, unit_rules, names)


def _mappings_changed(placed: Sequence[ImportedLayer], before: Mapping[str, str], now: Mapping[str, str]) -> bool:
    """Whether mappings saved while the files were read say something else of their columns."""
    changed = {name for name in {*before, *now} if before.get(name) != now.get(name)}
    for one in placed:
        mapping = one.prepared.mapping
        if mapping is not None and changed:
            same_headers = {name for name in changed if name.endswith(mapping.headers_ending)}
            own = {mapping.file_name: mapping.text}
            if any(now.get(name) != own.get(name) for name in same_headers):
                return True
    return False


def _merge_and_store(
    placed: list[ImportedLayer], folder: Path, options: ImportOptions, unit_rules: UnitRules, names: NameRules
) -> ImportReport:
    """Merge what was read into the dataset as it is now; its lock is held."""
    placed = _drop_outliers(placed, folder)
    manifest = update_manifest(folder, placed, options)
    placed = sorted(placed, key=lambda p: (IMPORTABLE.index(p.prepared.layer), not _has_codes(p.prepared)))
    before = read_importable_layers(folder, manifest)
    layers = reproject_layers(before, manifest.metric_crs)
    known = _known_places(before, placed, names)
    placed = [replace(one, prepared=_complete_names(one.prepared, known, names)) for one in placed]
    replaced = {p.prepared.layer for p in placed if p.replaces}
    joins = _stored_joins(folder, manifest)
    if "communities" in replaced:
        drop_ledger_rows(layers, joins)
    gone = [_replaced_finding(name, len(layers[name])) for name in sorted(replaced) if len(layers[name])]
    for name in replaced:
        layers[name] = empty_layer(name, manifest.metric_crs)
    done: list[PreparedLayer] = []
    parts: list[ImportedLayer] = []
    for one in placed:
        prepared = one.prepared
        if one.crs is not None:
            prepared = clean_shapes(prepared, one.crs, manifest.metric_crs)
            prepared = drop_ponds(prepared)
            prepared = check_datum_shift(prepared, layers, manifest.metric_crs)
        if prepared.layer == "communities":
            prepared = prepared.found(*find_contradicted_statements(prepared, unit_rules))
        prepared = assign_ids(prepared, layers)
        if prepared.layer == "communities":
            parts += [_part_of(one, part) for part in split_ledger(prepared)]
        done.append(_merge_rows(prepared, layers, manifest, joins))
    _require_usable(placed, done)
    own_rows = list_own_rows(done)
    for one in sorted(parts, key=lambda p: IMPORTABLE.index(p.prepared.layer)):
        if is_needed(one.prepared, layers):
            placed.append(one)
            done.append(_merge_part(one.prepared, layers, manifest, joins, own_rows))
    user_input = UserInput.read(folder, manifest)
    derived = derive_layers(layers, before, unit_rules, manifest.metric_crs, names, user_input)
    layers["joins"] = merge_join_records(folder, manifest, done)
    told_twice = [
        found
        for layer in dict.fromkeys(p.layer for p in done)
        for found in find_contradictions([p for p in done if p.layer == layer])
    ]
    findings = (*(f for p in done for f in p.findings), *told_twice, *gone, *derived)
    report = _make_report(placed, done, findings)
    if options.strict and count_by_severity(findings)["error"]:
        return report
    manifest = replace(manifest, sources=update_sources(manifest, placed, done, replaced=replaced))
    mappings = {m.file_name: m.text for p in done if (m := p.mapping) is not None}
    dataset = store_changes(folder, manifest, layers, before, findings, replaced=replaced, texts=mappings)
    logger.info("imported %d layers into %s: %s", len(done), folder, dict(report.stored))
    return replace(report, dataset=dataset)


def _merge_rows(
    prepared: PreparedLayer, layers: dict[str, pd.DataFrame], manifest: Manifest, joins: pd.DataFrame
) -> PreparedLayer:
    """Merge rows of a file's own layer; what only a ledger said of the same things gives way."""
    layer = prepared.layer
    if not len(prepared.frame):
        return prepared
    if layer in LEDGER_LAYERS and KEYS[layer] == "unit_id":
        prepared = find_replaced_values(prepared, layers[layer], list_ledger_units(joins, layer), _unit_names(layers))
    layers[layer] = merge_layer(layer, layers, prepared.frame, manifest)
    return prepared.found(*settle_sources(layers, prepared, _unit_names(layers)))


def _merge_part(
    part: PreparedLayer,
    layers: dict[str, pd.DataFrame],
    manifest: Manifest,
    joins: pd.DataFrame,
    own_rows: Mapping[str, frozenset[str]],
) -> PreparedLayer:
    """Merge what a ledger says for another layer, where that layer's own table does not say it."""
    layer, names = part.layer, _unit_names(layers)
    part = check_rows(part)
    if KEYS[layer] == "unit_id":
        by_ledger = list_ledger_units(joins, layer) - own_rows.get(layer, frozenset())
        part = yield_to_table(part, layers[layer], by_ledger, names)
    if layer == "contracts":
        part = fill_reference_codes(part, layers)
    if layer != "companies":
        row = pd.Series(BY_ROW, index=part.frame.index, dtype=object)
        part = record_joins(part, part.frame["unit_id"], row, pd.Series(100.0, index=part.frame.index))
    layers[layer] = merge_layer(layer, layers, part.frame, manifest)
    return part.found(*settle_sources(layers, part, names))


def _part_of(one: ImportedLayer, part: PreparedLayer) -> ImportedLayer:
    return replace(one, prepared=part, crs=None, n_rows=len(part.frame), replaces=False)


def _unit_names(layers: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    return dict(zip(layers["communities"]["unit_id"], layers["communities"]["name"], strict=True))


def _stored_joins(folder: Path, manifest: Manifest) -> pd.DataFrame:
    """How rows found their units so far."""
    dataset = Dataset(folder, manifest)
    is_there = (folder / MANIFEST).is_file() and dataset.has("joins")
    return dataset.layer("joins") if is_there else empty_layer("joins", manifest.metric_crs)


def store_layers(
    folder: Path,
    layers: Mapping[str, pd.DataFrame],
    *,
    manifest: Manifest,
    findings: Sequence[Finding],
    unit_rules: UnitRules,
    replace: bool,
) -> Dataset:
    """Add layers that are already in the dataset's fields, derive units, store once.

    Parameters
    ----------
    folder
        The dataset; made when it does not exist.
    layers
        Frames by layer name with the key of each layer filled; GeoDataFrames in any CRS.
    manifest
        Of the dataset as it is or, for a new one, `geo.storage.manifest.new_manifest(...)`. Read it inside
        the same :func:`geo.storage.commits.lock_dataset` block, else somebody may write in between.
    findings
        Of the reading; those of deriving units are added.
    unit_rules
        How figures of units are derived.
    replace
        Replace the layers instead of adding to them.

    Raises
    ------
    EmptyLayerError
        If no layer has a row.
    ChangedMeanwhileError
        If the dataset is not the manifest's any more.
    """
    if not any(len(frame) for frame in layers.values()):
        raise EmptyLayerError(*say("error.no_feature"))
    folder = Path(folder)
    with lock_dataset(folder):
        before = read_importable_layers(folder, manifest)
        merged = reproject_layers(before, manifest.metric_crs)
        for name in (n for n in IMPORTABLE if n in layers):
            frame = shape_layer(name, layers[name], manifest.metric_crs)
            if replace:
                merged[name] = empty_layer(name, manifest.metric_crs)
            merged[name] = merge_layer(name, merged, frame, manifest)
        user_input = UserInput.read(folder, manifest)
        derived = derive_layers(merged, before, unit_rules, manifest.metric_crs, _NO_NAMES, user_input)
        replaced = set(layers) if replace else set()
        return store_changes(folder, manifest, merged, before, (*findings, *derived), replaced=replaced)


def revise_units(folder: Path, stated: Collection[str], unit_rules: UnitRules, names: NameRules = _NO_NAMES) -> Dataset:
    """Store the units as they follow from corrections just stated: only theirs where only their figures change.

    Parameters
    ----------
    folder
        The dataset, with the corrections.
    stated
        Their ids.
    unit_rules, names
        As in :func:`import_files`.

    Raises
    ------
    NotADatasetError
        If the folder is no dataset.
    """
    with lock_dataset(folder):
        dataset = open_dataset(folder)
        patched = revise_values(dataset, stated, unit_rules)
        if patched is None:
            return derive_units(folder, unit_rules, names)
        return write_dataset(folder, dataset.manifest, {"units": patched})


def derive_units(
    folder: Path,
    unit_rules: UnitRules,
    names: NameRules = _NO_NAMES,
    *,
    kept: Mapping[str, str] = NO_TEXTS,
    in_force: Mapping[str, Mapping[str, Any]] = _NO_RECORDS,
) -> Dataset:
    """Derive the units anew from the layers and what people know better, and store them.

    Parameters
    ----------
    folder
        The dataset.
    unit_rules, names
        As in :func:`import_files`.
    kept, in_force
        Texts the dataset is kept by from now on, and what its manifest says of them.

    Raises
    ------
    NotADatasetError
        If the folder is no dataset.
    """
    with lock_dataset(folder):
        dataset = open_dataset(folder)
        layers = read_importable_layers(folder, dataset.manifest)
        before = dict(layers)
        user_input = UserInput.read(folder, dataset.manifest)
        found = derive_layers(layers, {}, unit_rules, dataset.manifest.metric_crs, names, user_input)
        manifest = replace(dataset.manifest, in_force={**dataset.manifest.in_force, **in_force})
        return store_changes(folder, manifest, layers, before, found, kept_by=kept)


# --- reading ------------------------------------------------------------------------------------


def _read_all(
    files: Sequence[ImportFile], folder: Path, names: NameRules, storey_m: float, on_progress: OnProgress
) -> list[ImportedLayer]:
    """All files read and placed in a known CRS; the faults of all files are raised together."""
    placed: list[ImportedLayer] = []
    faults: list[PlanningError] = []

    def read(raw: RawLayer, options: ImportOptions) -> tuple[PreparedLayer, CRS | None]:
        prepared = prepare_layer(raw, options, folder, storey_m=storey_m)
        return georeference(classify_line_features(resolve_admin_names(prepared, names)), raw, options.coordinates)

    for number, file in enumerate(files):
        path, options = file.path, file.options
        on_progress(0.7 * number / len(files), path.name)
        sha256 = ""
        try:
            raws = read_file(path, encoding=options.encoding, limits=options.limits)
            _require_matching_mapping(raws, options)
            for one in read_layers(raws, options, read):
                sha256 = sha256 or file_sha256(path)
                placed.append(ImportedLayer(path, sha256, one.prepared, one.crs, one.n_rows, options.replace))
        except PlanningError as error:
            faults.append(error)
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise type(faults[0])("\n".join(f.zh for f in faults), "\n".join(f.en for f in faults))
    return placed


def _drop_outliers(placed: Sequence[ImportedLayer], folder: Path) -> list[ImportedLayer]:
    """Rows that cannot be where they say have no place, before a CRS is chosen by places."""
    dataset = open_dataset(folder) if (folder / MANIFEST).is_file() else None
    replaced = {p.prepared.layer for p in placed if p.replaces}
    rows = drop_outliers([LocatedRows(p.prepared, p.crs) for p in placed], dataset, replaced)
    return [replace(one, prepared=prepared) for one, prepared in zip(placed, rows, strict=True)]


def _complete_names(prepared: PreparedLayer, known: KnownPlaces, names: NameRules) -> PreparedLayer:
    prepared = fill_sheet_places(prepared, known, titles=dict(prepared.titles))
    return resolve_admin_names(prepared, names)


def _known_places(before: Mapping[str, pd.DataFrame], placed: Sequence[ImportedLayer], names: NameRules) -> KnownPlaces:
    """Names of places in the dataset and in the files that come now."""
    layers: dict[str, pd.DataFrame] = {}
    for layer in ("boundary", "streets", "neighbourhoods"):
        frames = [p.prepared.frame for p in placed if p.prepared.layer == layer]
        told = [f["name"] for f in (before[layer], *frames) if "name" in f]
        layers[layer] = pd.DataFrame({"name": [name for one in told for name in one.tolist()]})
    return KnownPlaces.of(layers, names)


def _require_matching_mapping(raws: Sequence[RawLayer], options: ImportOptions) -> None:
    """Refuse mappings none of which speaks of any table of a file."""
    tables = [[str(c) for c in raw.frame.columns if c != "geometry"] for raw in raws]
    if options.mappings and not any(
        maps_any_header(mapping, columns) for mapping in options.mappings for columns in tables
    ):
        raise unused_mapping_error(raws[0].file, tables[0])


def _has_codes(prepared: PreparedLayer) -> bool:
    key = "external_code" if prepared.layer == "communities" else KEYS.get(prepared.layer, "")
    return key in prepared.frame and bool(prepared.frame[key].notna().any())


def _require_usable(placed: Sequence[ImportedLayer], done: Sequence[PreparedLayer]) -> None:
    """Refuse a file without any usable row; one of its sheets or layers may have none, and is reported."""
    n_rows: dict[Path, int] = {}
    for one, prepared in zip(placed, done, strict=True):
        n_rows[one.path] = n_rows.get(one.path, 0) + len(prepared.frame)
    for one, prepared in zip(placed, done, strict=True):
        if not n_rows[one.path]:
            raise _no_usable_row_error(prepared)


def _no_usable_row_error(prepared: PreparedLayer) -> EmptyLayerError:
    reasons = [f for f in prepared.findings if f.severity == "error"]
    reason = Sentence(reasons[-1].zh, reasons[-1].en) if reasons else say("error.no_column")
    return EmptyLayerError(*say("error.no_row", file=prepared.file, layer=prepared.layer, reason=reason))


def _replaced_finding(layer: str, n: int) -> Finding:
    return Finding("info", "layer.replaced", *say("layer.replaced", layer=layer, n=n), layer=layer)


def _make_report(
    placed: Sequence[ImportedLayer], done: Sequence[PreparedLayer], findings: Sequence[Finding]
) -> ImportReport:
    rows: dict[str, int] = {}
    stored: dict[str, int] = {}
    for one, prepared in zip(placed, done, strict=True):
        rows[prepared.layer] = rows.get(prepared.layer, 0) + one.n_rows
        stored[prepared.layer] = stored.get(prepared.layer, 0) + len(prepared.frame)
    rejected = [frame for prepared in done for frame in prepared.rejected]
    table = (
        pd.concat(rejected, ignore_index=True)
        if rejected
        else pd.DataFrame(columns=["file", "layer", "sheet", "row", "reason_zh", "reason_en"])
    )
    sources = tuple(one.prepared.original for one in placed if one.prepared.original is not None)
    shifts = tuple((p.file, p.layer, p.shift) for p in done if p.shift is not None)
    return ImportReport(None, rows, stored, tuple(findings), table, sources, shifts)
