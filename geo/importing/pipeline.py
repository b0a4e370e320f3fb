"""An import from files to a dataset: all of it is stored as one step, or nothing."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from geo.admin.admin_names import resolve_admin_names
from geo.admin.sheet_places import KnownPlaces, fill_sheet_places
from geo.crs import BAOTOU_METRIC, choose_metric_crs, classify_crs, make_transformer, parse_crs, require_metric
from geo.errors import EmptyLayerError, PlanningError, UsageError
from geo.findings import Finding, count_by_severity
from geo.georeferencing.datum_shift_check import check_datum_shift
from geo.georeferencing.geometry import clean_shapes
from geo.georeferencing.georeference import WGS84, georeference
from geo.georeferencing.outliers import LocatedRows, drop_outliers
from geo.importing.derivation import UserInput, derive_layers
from geo.importing.line_features import classify_line_features, drop_ponds
from geo.importing.multi_layer import read_layers
from geo.importing.options import ImportFile, ImportOptions, ImportReport, OnProgress
from geo.importing.prepare import maps_any_header, prepare_layer, unused_mapping_error
from geo.importing.row_ids import assign_ids
from geo.importing.upsert import to_geodataframe, upsert
from geo.names import NameRules
from geo.prepared.prepared_layer import PreparedLayer
from geo.readers import RawLayer, read_file
from geo.rules import UnitRules
from geo.schema import IMPORTABLE, KEYS
from geo.storage.commits import MANIFEST, lock_dataset
from geo.storage.dataset import Dataset, open_dataset, write_dataset
from geo.storage.layer_frames import empty_layer, shape_layer
from geo.storage.manifest import Manifest, file_sha256, new_manifest
from geo.tables.mappings import read_mapping_texts
from geo.validation.conflicting_values import find_contradictions
from geo.validation.stated_status import find_contradicted_statements

logger = logging.getLogger(__name__)

_NO_NAMES = NameRules()
_NO_TEXTS: Mapping[str, str] = MappingProxyType({})
_NO_RECORDS: Mapping[str, Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class _ImportedLayer:
    """Rows of one file with the CRS of their geometries (None: they have no place)."""

    path: Path
    sha256: str
    prepared: PreparedLayer
    crs: CRS | None
    n_rows: int
    replaces: bool


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
        raise UsageError("没有指定要导入的文件。", "No file to import was named.")
    folder = Path(folder)
    shelf = read_mapping_texts(folder)
    placed = _read_all(files, folder, names, unit_rules.storey_m, on_progress)
    on_progress(0.7, "dataset")
    with lock_dataset(folder):
        if _mappings_changed(placed, shelf, read_mapping_texts(folder)):
            placed = _read_all(files, folder, names, unit_rules.storey_m, on_progress)
        return _merge_and_store(placed, folder, options, unit_rules, names)


def _mappings_changed(placed: Sequence[_ImportedLayer], before: Mapping[str, str], now: Mapping[str, str]) -> bool:
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
    placed: list[_ImportedLayer], folder: Path, options: ImportOptions, unit_rules: UnitRules, names: NameRules
) -> ImportReport:
    """Merge what was read into the dataset as it is now; its lock is held."""
    placed = _drop_outliers(placed, folder)
    manifest = _next_manifest(folder, placed, options)
    placed = sorted(placed, key=lambda p: (IMPORTABLE.index(p.prepared.layer), not _has_codes(p.prepared)))
    before = _read_layers(folder, manifest)
    layers = _reproject(before, manifest.metric_crs)
    known = _known_places(before, placed, names)
    placed = [replace(one, prepared=_complete_names(one.prepared, known, names)) for one in placed]
    replaced = {p.prepared.layer for p in placed if p.replaces}
    gone = [_replaced_finding(name, len(layers[name])) for name in sorted(replaced) if len(layers[name])]
    for name in replaced:
        layers[name] = empty_layer(name, manifest.metric_crs)
    done: list[PreparedLayer] = []
    for one in placed:
        prepared = one.prepared
        if one.crs is not None:
            prepared = clean_shapes(prepared, one.crs, manifest.metric_crs)
            prepared = drop_ponds(prepared)
            prepared = check_datum_shift(prepared, layers, manifest.metric_crs)
        if prepared.layer == "communities":
            prepared = prepared.found(*find_contradicted_statements(prepared, unit_rules))
        prepared = assign_ids(prepared, layers)
        if len(prepared.frame):
            layers[prepared.layer] = _merge_layer(prepared.layer, layers, prepared.frame, manifest)
        done.append(prepared)
    _require_usable(placed, done)
    user_input = UserInput.read(folder, manifest)
    derived = derive_layers(layers, before, unit_rules, manifest.metric_crs, names, user_input)
    layers["joins"] = _merge_join_records(folder, manifest, done)
    told_twice = [
        found
        for layer in dict.fromkeys(p.layer for p in done)
        for found in find_contradictions([p for p in done if p.layer == layer])
    ]
    findings = (*(f for p in done for f in p.findings), *told_twice, *gone, *derived)
    report = _make_report(placed, done, findings)
    if options.strict and count_by_severity(findings)["error"]:
        return report
    manifest = replace(manifest, sources=_source_records(manifest, placed, done, replaced=replaced))
    mappings = {m.file_name: m.text for p in done if (m := p.mapping) is not None}
    dataset = _store(folder, manifest, layers, before, findings, replaced=replaced, texts=mappings)
    logger.info("imported %d layers into %s: %s", len(done), folder, dict(report.stored))
    return replace(report, dataset=dataset)


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
        raise EmptyLayerError("没有任何可用的要素; 请检查输入文件。", "There is no usable feature; check the input.")
    folder = Path(folder)
    with lock_dataset(folder):
        before = _read_layers(folder, manifest)
        merged = _reproject(before, manifest.metric_crs)
        for name in (n for n in IMPORTABLE if n in layers):
            frame = shape_layer(name, layers[name], manifest.metric_crs)
            if replace:
                merged[name] = empty_layer(name, manifest.metric_crs)
            merged[name] = _merge_layer(name, merged, frame, manifest)
        user_input = UserInput.read(folder, manifest)
        derived = derive_layers(merged, before, unit_rules, manifest.metric_crs, _NO_NAMES, user_input)
        replaced = set(layers) if replace else set()
        return _store(folder, manifest, merged, before, (*findings, *derived), replaced=replaced)


def derive_units(
    folder: Path,
    unit_rules: UnitRules,
    names: NameRules = _NO_NAMES,
    *,
    kept: Mapping[str, str] = _NO_TEXTS,
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
        layers = _read_layers(folder, dataset.manifest)
        before = dict(layers)
        user_input = UserInput.read(folder, dataset.manifest)
        found = derive_layers(layers, {}, unit_rules, dataset.manifest.metric_crs, names, user_input)
        manifest = replace(dataset.manifest, in_force={**dataset.manifest.in_force, **in_force})
        return _store(folder, manifest, layers, before, found, kept_by=kept)


# --- reading ------------------------------------------------------------------------------------


def _read_all(
    files: Sequence[ImportFile], folder: Path, names: NameRules, storey_m: float, on_progress: OnProgress
) -> list[_ImportedLayer]:
    """All files read and placed in a known CRS; the faults of all files are raised together."""
    placed: list[_ImportedLayer] = []
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
                placed.append(_ImportedLayer(path, sha256, one.prepared, one.crs, one.n_rows, options.replace))
        except PlanningError as error:
            faults.append(error)
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise type(faults[0])("\n".join(f.zh for f in faults), "\n".join(f.en for f in faults))
    return placed


def _drop_outliers(placed: Sequence[_ImportedLayer], folder: Path) -> list[_ImportedLayer]:
    """Rows that cannot be where they say have no place, before a CRS is chosen by places."""
    dataset = open_dataset(folder) if (folder / MANIFEST).is_file() else None
    replaced = {p.prepared.layer for p in placed if p.replaces}
    rows = drop_outliers([LocatedRows(p.prepared, p.crs) for p in placed], dataset, replaced)
    return [replace(one, prepared=prepared) for one, prepared in zip(placed, rows, strict=True)]


def _complete_names(prepared: PreparedLayer, known: KnownPlaces, names: NameRules) -> PreparedLayer:
    prepared = fill_sheet_places(prepared, known, titles=dict(prepared.titles))
    return resolve_admin_names(prepared, names)


def _known_places(
    before: Mapping[str, pd.DataFrame], placed: Sequence[_ImportedLayer], names: NameRules
) -> KnownPlaces:
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


def _require_usable(placed: Sequence[_ImportedLayer], done: Sequence[PreparedLayer]) -> None:
    """Refuse a file without any usable row; one of its sheets or layers may have none, and is told."""
    n_rows: dict[Path, int] = {}
    for one, prepared in zip(placed, done, strict=True):
        n_rows[one.path] = n_rows.get(one.path, 0) + len(prepared.frame)
    for one, prepared in zip(placed, done, strict=True):
        if not n_rows[one.path]:
            raise _no_usable_row_error(prepared)


def _no_usable_row_error(prepared: PreparedLayer) -> EmptyLayerError:
    reasons = [f for f in prepared.findings if f.severity == "error"]
    zh = reasons[-1].zh if reasons else "没有可用的列。"
    en = reasons[-1].en if reasons else "No column could be used."
    return EmptyLayerError(
        f"“{prepared.file}”按图层 {prepared.layer} 没有一行可用: {zh}",
        f"'{prepared.file}' has no usable row as layer {prepared.layer}: {en}",
    )


def _replaced_finding(layer: str, n: int) -> Finding:
    return Finding(
        "info",
        "layer.replaced",
        f"图层 {layer} 原有的 {n} 行已去掉, 换成本次导入的。",
        f"The {n} rows layer {layer} had were replaced by those imported now.",
        layer=layer,
    )


# --- the dataset --------------------------------------------------------------------------------


def _next_manifest(folder: Path, placed: Sequence[_ImportedLayer], options: ImportOptions) -> Manifest:
    """The manifest to go on with: of the dataset there, or a new one with a CRS chosen by place."""
    wanted = options.metric_crs
    if wanted is not None:
        require_metric(gpd.GeoSeries([], crs=parse_crs(wanted)), "--metric-crs")
        if classify_crs(parse_crs(wanted)) != "trusted":
            raise UsageError(
                f"--metric-crs {wanted} 的基准不是 CGCS2000 或 WGS84, 不能用作数据集的坐标系; "
                f"请用 CGCS2000 的投影带, 例如 {BAOTOU_METRIC}。",
                f"--metric-crs {wanted} is on another datum than CGCS2000 or WGS84 and cannot be the CRS of "
                f"a dataset; take a zone of CGCS2000, for example {BAOTOU_METRIC}.",
            )
    if (folder / MANIFEST).is_file():
        dataset = open_dataset(folder)
        manifest = dataset.manifest
        is_open = not _has_any_place(dataset)  # tables without places left the CRS undecided
        if is_open and (wanted is not None or any(p.crs is not None for p in placed)):
            manifest = replace(manifest, metric_crs=wanted or _choose_crs(placed))
        if wanted is not None and CRS(wanted) != CRS(manifest.metric_crs):
            raise UsageError(
                f"数据集已使用坐标系 {manifest.metric_crs}, 不能改成 {wanted}; 请导入到新的文件夹。",
                f"The dataset is already in {manifest.metric_crs} and cannot become {wanted}; "
                "import into a new folder.",
            )
        return replace(
            manifest,
            name=options.name or manifest.name,
            demo=options.demo or manifest.demo,
            data_date=options.data_date or manifest.data_date,
        )
    return new_manifest(
        options.name or folder.resolve().name,
        wanted or _choose_crs(placed),
        demo=options.demo,
        data_date=options.data_date,
    )


def _choose_crs(placed: Sequence[_ImportedLayer]) -> str:
    """By the middle of all places; Baotou's where there is none."""
    centres = []
    for one in placed:
        if one.crs is not None:
            bounds = shapely.bounds(one.prepared.frame["geometry"].to_numpy(dtype=object))
            x, y = (bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2
            to_degrees = make_transformer(one.crs, WGS84)
            centres.append(np.column_stack(to_degrees.transform(x, y)))
    places = np.concatenate(centres) if centres else np.empty((0, 2))
    places = places[np.isfinite(places).all(axis=1)]
    if not len(places):
        return BAOTOU_METRIC
    lon, lat = np.median(places, axis=0)
    return choose_metric_crs(float(lon), float(lat))


def _read_layers(folder: Path, manifest: Manifest) -> dict[str, pd.DataFrame]:
    """All importable layers as they are; empty frames where there are none."""
    dataset = Dataset(folder, manifest)
    return {name: dataset.layer(name) for name in IMPORTABLE}


def _reproject(layers: Mapping[str, pd.DataFrame], metric_crs: str) -> dict[str, pd.DataFrame]:
    """The layers in the dataset's CRS: the same objects unless a CRS was chosen anew."""
    return {
        name: frame
        if not isinstance(frame, gpd.GeoDataFrame) or frame.crs == CRS(metric_crs)
        else shape_layer(name, frame, metric_crs)
        for name, frame in layers.items()
    }


def _has_any_place(dataset: Dataset) -> bool:
    frames = (dataset.layer(name) for name in IMPORTABLE if dataset.has(name))
    return any(isinstance(f, gpd.GeoDataFrame) and f.geometry.notna().any() for f in frames)


def _merge_layer(layer: str, layers: Mapping[str, pd.DataFrame], new: pd.DataFrame, manifest: Manifest) -> pd.DataFrame:
    frame = upsert(layer, layers[layer], new)
    if layer == "communities":
        frame["geom_quality"] = frame["geom_quality"].where(frame["geom_quality"].notna(), "missing")
    return shape_layer(layer, to_geodataframe(frame, manifest.metric_crs), manifest.metric_crs)


def _merge_join_records(folder: Path, manifest: Manifest, done: Sequence[PreparedLayer]) -> pd.DataFrame:
    """The record of joins: rows of files imported again replace their old ones.

    A row that found the same unit before keeps how it found it first.
    """
    is_there = (folder / MANIFEST).is_file() and Dataset(folder, manifest).has("joins")
    crs = manifest.metric_crs
    old = Dataset(folder, manifest).layer("joins") if is_there else empty_layer("joins", crs)
    new = pd.concat([shape_layer("joins", frame, crs) for p in done for frame in p.joins] or [old[:0]])
    row = ["file", "layer", "sheet", "row", "unit_id"]
    first = old.set_index(row)[["method", "score"]]
    first = first[~first.index.duplicated()].reindex(pd.MultiIndex.from_frame(new[row]))
    for column in ("method", "score"):
        known = first[column].to_numpy(dtype=object)
        new[column] = pd.Series(known, index=new.index).where(first["method"].notna().to_numpy(), new[column])
    again = {(prepared.file, prepared.layer) for prepared in done}
    pairs = zip(old["file"], old["layer"], strict=True)
    kept = old[[pair not in again for pair in pairs]]
    joins = shape_layer("joins", pd.concat([kept, new], ignore_index=True), crs)
    return joins.sort_values(["file", "layer", "sheet", "row"], kind="stable", ignore_index=True)


def _store(
    folder: Path,
    manifest: Manifest,
    layers: Mapping[str, pd.DataFrame],
    before: Mapping[str, pd.DataFrame],
    findings: Sequence[Finding],
    *,
    replaced: Set[str] = frozenset(),
    texts: Mapping[str, str] = _NO_TEXTS,
    kept_by: Mapping[str, str] = _NO_TEXTS,
) -> Dataset:
    """Write the layers that changed; findings of files imported again replace their old ones."""
    changed = {
        name: frame
        for name, frame in layers.items()
        if len(frame) and (name not in before or frame is not before[name])
    }
    files = {f.file for f in findings}
    old = Dataset(folder, manifest).findings() if (folder / MANIFEST).is_file() else ()
    kept = [f for f in old if f.file is not None and f.file not in files]
    kept = [f for f in kept if f.layer not in replaced]
    return write_dataset(folder, manifest, changed, findings=[*kept, *findings], texts=texts, kept=kept_by)


def _source_records(
    manifest: Manifest, placed: Sequence[_ImportedLayer], done: Sequence[PreparedLayer], *, replaced: Set[str]
) -> tuple[Mapping[str, Any], ...]:
    """One record for each file and layer; a file imported again replaces its record."""
    records: list[dict[str, Any]] = []
    of_path: dict[tuple[Path, str], dict[str, Any]] = {}
    for one, prepared in zip(placed, done, strict=True):
        if (one.path, prepared.layer) not in of_path:  # several sheets are one source
            of_path[one.path, prepared.layer] = {
                "file": one.path.name,
                "sha256": one.sha256,
                "layer": prepared.layer,
                "datum": prepared.datum,
                "encoding": prepared.encoding,
                "rows": 0,
                "stored": 0,
            }
            records.append(of_path[one.path, prepared.layer])
        record = of_path[one.path, prepared.layer]
        record["rows"] += one.n_rows
        record["stored"] += len(prepared.frame)
    new = {(r["file"], r["layer"]) for r in records}
    kept = [
        s for s in manifest.sources if (s.get("file"), s.get("layer")) not in new and s.get("layer") not in replaced
    ]
    return (*kept, *records)


def _make_report(
    placed: Sequence[_ImportedLayer], done: Sequence[PreparedLayer], findings: Sequence[Finding]
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
