"""The dataset on disk: GeoParquet layers, a manifest with hashes, versions that replace each other."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.errors import EmptyLayerError, NotADatasetError, UnknownCodeError, UsageError
from geo.findings import Finding, from_frame, to_frame
from geo.schema import (
    GRAPH_INPUTS,
    GRAPH_OVERRIDES,
    GRAPH_UNIT_COLUMNS,
    KEYS,
    LAYERS,
    PLANNING_LAYERS,
    Field,
)

try:
    import fcntl
except ImportError:  # Windows: one process writes at a time
    fcntl = None  # type: ignore[assignment]

MANIFEST = "manifest.json"
SCHEMA = "pianqu.dataset/1"
_PENDING = ".pending"
_ROSTERS = "rosters"
_ROSTER_NAME = re.compile(r"[\w-]{1,60}")
_COMMIT = "COMMIT"
_WRITING = "WRITING"  # a pending folder is never empty: renaming onto an empty one would replace it
_DTYPES: Mapping[str, Any] = {
    "text": "str",
    "integer": "Int64",
    "number": "float64",
    "share": "float64",
    "date": "str",
    "boolean": "boolean",
}


@dataclass(frozen=True)
class Manifest:
    """What a dataset is and the proof of its bytes.

    Parameters
    ----------
    name
        City or area, as shown on screen.
    demo
        True for invented data: everything shown or exported says 演示数据.
    data_date
        ISO date the data speak of.
    metric_crs
        Authority string of the one CRS of all layers, metres.
    sources
        One record per imported file: file, sha256, layer, datum, rows, imported options.
    files
        sha256 of every file of the dataset but the manifest itself.
    graph_inputs
        Hash of the layers and rules the present edges were built from; None before.
    """

    name: str
    demo: bool
    data_date: str | None
    metric_crs: str
    sources: tuple[Mapping[str, Any], ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    graph_inputs: str | None = None

    @property
    def planning_sha256(self) -> str:
        """Hash of units, walks, edges, barriers and streets: what a plan refers to."""
        return _hash_of(_files_of(self, PLANNING_LAYERS))

    def sha256_without(self, *layers: str) -> str:
        """Hash of every file of the dataset but those layers."""
        gone = {f"{layer}.parquet" for layer in layers}
        return _hash_of({name: sha for name, sha in self.files.items() if name not in gone})

    @property
    def all_sha256(self) -> str:
        """Hash of every file of the dataset."""
        return _hash_of(self.files)


@dataclass(frozen=True)
class Dataset:
    """All layers of one city at one date, checked, in one metric CRS.

    Layers are read when asked for; a Dataset holds no open file.
    """

    folder: Path
    manifest: Manifest

    def has(self, layer: str) -> bool:
        """Whether a layer is there.

        Raises
        ------
        UnknownCodeError
            If no layer of that name can exist.
        """
        _known(layer)
        return f"{layer}.parquet" in self.manifest.files

    def layer(self, layer: str) -> gpd.GeoDataFrame | pd.DataFrame:
        """A layer with all columns of its schema; an empty frame where the layer is absent.

        Returns
        -------
        GeoDataFrame in the metric CRS for layers with geometry, DataFrame otherwise; n rows.
        """
        if not self.has(layer):
            return shape_layer(layer, pd.DataFrame(), self.manifest.metric_crs)
        path = self.folder / f"{layer}.parquet"
        if _has_geometry(layer):
            return gpd.read_parquet(path)
        return pd.read_parquet(path)

    def rosters(self) -> tuple[str, ...]:
        """Names of the frozen rosters, sorted."""
        paths = (Path(name) for name in self.manifest.files)
        return tuple(sorted(path.stem for path in paths if path.parent.name == _ROSTERS))

    def roster(self, name: str) -> gpd.GeoDataFrame:
        """The layer `units` as it was when the roster was frozen.

        Raises
        ------
        UnknownCodeError
            If there is no such roster.
        """
        if name not in self.rosters():
            raise UnknownCodeError(
                f"没有名为“{name}”的名册; 已有: {'、'.join(self.rosters()) or '无'}。",
                f"There is no roster '{name}'; known: {', '.join(self.rosters()) or 'none'}.",
            )
        return gpd.read_parquet(self.folder / _ROSTERS / f"{name}.parquet")

    def findings(self) -> tuple[Finding, ...]:
        """The report of all imports so far."""
        path = self.folder / "findings.parquet"
        return from_frame(pd.read_parquet(path)) if path.exists() else ()


def open_dataset(folder: str | Path) -> Dataset:
    """Open a dataset folder; an interrupted write is completed or discarded first.

    Raises
    ------
    NotADatasetError
        If the folder holds no readable manifest.
    """
    folder = Path(folder)
    _recover(folder)
    path = folder / MANIFEST
    if not path.is_file():
        raise NotADatasetError(
            f"“{folder}”不是数据集(没有 {MANIFEST})。请先运行 pianqu import、pianqu osm 或 pianqu demo。",
            f"'{folder}' is not a dataset (no {MANIFEST}). Run pianqu import, pianqu osm or pianqu demo first.",
        )
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        if raw.pop("schema") != SCHEMA:
            raise ValueError("schema")
        manifest = Manifest(
            name=raw["name"],
            demo=raw["demo"],
            data_date=raw["data_date"],
            metric_crs=raw["metric_crs"],
            sources=tuple(raw["sources"]),
            files=raw["files"],
            graph_inputs=raw["graph_inputs"],
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotADatasetError(
            f"“{path}”已损坏({error}); 请从备份恢复或重新导入。",
            f"'{path}' is damaged ({error}); restore it from a backup or import again.",
        ) from error
    return Dataset(folder, manifest)


def new_manifest(
    name: str, metric_crs: str, *, demo: bool = False, data_date: str | None = None
) -> Manifest:
    """The manifest of a dataset that has no file yet."""
    return Manifest(name=name, demo=demo, data_date=data_date, metric_crs=metric_crs)


def write_dataset(
    folder: str | Path,
    manifest: Manifest,
    layers: Mapping[str, pd.DataFrame],
    *,
    findings: Sequence[Finding] | None = None,
    rosters: Mapping[str, pd.DataFrame] = MappingProxyType({}),
    dropped: Collection[str] = (),
) -> Dataset:
    """Put new layers into a dataset folder as one step: all of them or, after a crash, none.

    Layers that are not named stay as they are. New files are written beside the old ones, fsynced,
    and only then renamed into place; :func:`open_dataset` finishes what a crash interrupted.

    Parameters
    ----------
    folder
        The dataset folder; made when it does not exist.
    manifest
        Name, CRS, sources and so on; its `files` are completed here.
    layers
        Frames by layer name. Columns are brought to the schema; rows are sorted by the layer's
        key, so that the same content gives the same bytes.
    findings
        Replaces the stored report when given.
    rosters
        Frozen copies of the layer `units` by name; see :func:`freeze_roster`.
    dropped
        Layers the dataset no longer has.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with _pending_folder(folder) as pending:
        gone = {f"{layer}.parquet" for layer in dropped}
        files = {
            name: sha for name, sha in manifest.files.items()
            if name not in gone and (folder / name).exists()
        }  # fmt: skip
        for layer, frame in layers.items():
            shaped = shape_layer(layer, frame, manifest.metric_crs)
            path = pending / f"{layer}.parquet"
            if _has_geometry(layer):
                shaped.to_parquet(path, index=False, compression="zstd", write_covering_bbox=True)
            else:
                shaped.to_parquet(path, index=False, compression="zstd")
            files[path.name] = file_sha256(path)
        if findings is not None:
            path = pending / "findings.parquet"
            to_frame(findings).to_parquet(path, index=False)
            files[path.name] = file_sha256(path)
        for name, frame in rosters.items():
            path = pending / _ROSTERS / f"{name}.parquet"
            path.parent.mkdir(exist_ok=True)
            shape_layer("units", frame, manifest.metric_crs).to_parquet(path, compression="zstd")
            files[f"{_ROSTERS}/{path.name}"] = file_sha256(path)
        done = replace(manifest, files=dict(sorted(files.items())))
        (pending / MANIFEST).write_text(_manifest_text(done), encoding="utf-8")
        for path in sorted(pending.rglob("*")):
            _fsync(path)
        (pending / _COMMIT).touch()
        _fsync(pending)
        _finish(folder)
    for name in gone:
        (folder / name).unlink(missing_ok=True)  # no manifest names it any more
    return Dataset(folder, done)


def freeze_roster(dataset: Dataset, name: str) -> Dataset:
    """Keep the present units as a roster that never changes: the denominator of audited rates.

    Parameters
    ----------
    dataset
        Its layer `units` is copied to `rosters/<name>.parquet`.
    name
        Letters, digits, "_" and "-"; "baseline" is the roster that rates are compared with (R65).

    Raises
    ------
    UsageError
        If the name has other signs, or a roster of that name is there: frozen is frozen.
    EmptyLayerError
        If the dataset has no unit.
    """
    if not _ROSTER_NAME.fullmatch(name):
        raise UsageError(
            f"名册名称“{name}”不可用; 只用文字、数字、“_”和“-”, 例如 baseline。",
            f"'{name}' cannot name a roster; use letters, digits, '_' and '-', as in baseline.",
        )
    if name in dataset.rosters():
        raise UsageError(
            f"名册“{name}”已冻结, 不能覆盖; 请另取名称。",
            f"The roster '{name}' is frozen already and stays; choose another name.",
        )
    units = dataset.layer("units")
    if units.empty:
        raise EmptyLayerError(
            "数据集没有任何单元, 无法冻结名册; 请先导入小区。",
            "The dataset has no unit to freeze; import communities first.",
        )
    return write_dataset(dataset.folder, dataset.manifest, {}, rosters={name: units})


def prove_hashes(dataset: Dataset) -> tuple[Finding, ...]:
    """Compare every file with the manifest; a finding for each that is missing or changed."""
    found = []
    for name, sha in dataset.manifest.files.items():
        path = dataset.folder / name
        if not path.is_file():
            found.append(
                Finding("error", "dataset.file_missing",
                        f"缺少文件 {name}; 请从备份恢复或重新导入。",
                        f"File {name} is missing; restore it or import again.", file=name)
            )  # fmt: skip
        elif file_sha256(path) != sha:
            found.append(
                Finding("error", "dataset.file_changed",
                        f"文件 {name} 与清单不符(被改动或损坏); 请从备份恢复或重新导入。",
                        f"File {name} differs from the manifest (edited or damaged); restore it or import again.",
                        file=name)
            )  # fmt: skip
    return tuple(found)


def graph_inputs_sha256(dataset: Dataset, rules: object) -> str:
    """Hash of everything the graph is built from: layers, what of units matters to it, and the rules.

    Households, managers and the like may be corrected, and the graph stays: of the units only ids,
    shapes, streets and neighbourhoods count, of the corrections those of pairs and passages.
    """
    whole = [name for name in GRAPH_INPUTS if name not in ("units", "overrides")]
    said = dataset.layer("overrides")
    said = said[said["what"].isin(GRAPH_OVERRIDES)]
    return _hash_of(
        {
            **_files_of(dataset.manifest, whole),
            "units": _rows_sha256(dataset.layer("units"), GRAPH_UNIT_COLUMNS),
            "overrides": _rows_sha256(
                said, ("override_id", "what", "unit_a", "unit_b", "target_id", "new")
            ),
            "rules": repr(rules),
        }
    )


def _rows_sha256(frame: pd.DataFrame, columns: Sequence[str]) -> str:
    """Hash of some columns and the shapes of a layer, row by row."""
    digest = hashlib.sha256()
    for name in columns:
        column = frame[name].astype(object)
        digest.update("\x1f".join(column.where(column.notna(), "\x00").astype(str)).encode())
        digest.update(b"\x1e")
    for shape in shapely.to_wkb(frame["geometry"].to_numpy()):
        digest.update(shape or b"\x00")
    return digest.hexdigest()


def file_sha256(path: Path) -> str:
    """Hex sha256 of a file's bytes; of a folder's files and their names for a geodatabase."""
    if path.is_dir():
        parts = sorted(p for p in path.rglob("*") if p.is_file())
        return _hash_of({p.relative_to(path).as_posix(): file_sha256(p) for p in parts})
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def shape_layer(layer: str, frame: pd.DataFrame, metric_crs: str) -> pd.DataFrame:
    """Bring a frame to its layer's schema: all columns, in order, typed, sorted by the key.

    Absent columns become missing values; columns the schema does not know are dropped.
    Geometries are set to a precision of 1 mm so that equal input gives equal bytes.
    """
    _known(layer)
    out: dict[str, Any] = {}
    for column in LAYERS[layer]:
        if column.kind != "geometry":
            out[column.name] = _typed(frame, column)
    shaped = pd.DataFrame(out, index=frame.index)
    if _has_geometry(layer):
        geometry = (
            gpd.GeoSeries(frame["geometry"], crs=getattr(frame, "crs", None) or metric_crs)
            if "geometry" in frame
            else gpd.GeoSeries([None] * len(frame), index=frame.index, crs=metric_crs)
        ).to_crs(metric_crs)
        rounded = shapely.transform(geometry.to_numpy(), lambda xy: np.round(xy, 3))  # and in 2D
        shaped = gpd.GeoDataFrame(
            shaped, geometry=gpd.GeoSeries(rounded, index=frame.index, crs=metric_crs)
        )
    keys = [KEYS[layer]] if layer in KEYS else [c for c in ("unit_a", "unit_b") if c in shaped]
    return (
        shaped.sort_values(keys, kind="stable", ignore_index=True)
        if keys
        else shaped.reset_index(drop=True)
    )


def _typed(frame: pd.DataFrame, column: Field) -> pd.Series:
    """One column in the dtype of its kind; absent columns are all missing."""
    dtype = _DTYPES[column.kind]
    if column.name not in frame:
        return pd.Series(None, index=frame.index, dtype=object).astype(dtype)
    return frame[column.name].astype(dtype)


def _has_geometry(layer: str) -> bool:
    return any(column.kind == "geometry" for column in LAYERS[layer])


def _known(layer: str) -> None:
    if layer not in LAYERS:
        raise UnknownCodeError(
            f"没有名为“{layer}”的图层; 可用: {'、'.join(LAYERS)}。",
            f"There is no layer '{layer}'; known: {', '.join(LAYERS)}.",
        )


def _files_of(manifest: Manifest, layers: Sequence[str]) -> dict[str, str]:
    return {k: v for k, v in manifest.files.items() if k in {f"{name}.parquet" for name in layers}}


def _hash_of(values: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(dict(sorted(values.items()))).encode()).hexdigest()


def _manifest_text(manifest: Manifest) -> str:
    body = {
        "schema": SCHEMA,
        "name": manifest.name,
        "demo": manifest.demo,
        "data_date": manifest.data_date,
        "metric_crs": manifest.metric_crs,
        "planning_sha256": manifest.planning_sha256,
        "all_sha256": manifest.all_sha256,
        "graph_inputs": manifest.graph_inputs,
        "sources": list(manifest.sources),
        "files": dict(manifest.files),
    }
    return json.dumps(body, ensure_ascii=False, indent=1, sort_keys=False) + "\n"


def _recover(folder: Path, *, wait: bool = False) -> None:
    """Finish a committed write or discard an unfinished one, unless its writer is still at work.

    A reader waits only for a write that is being renamed into place; until then the old version
    stands.
    """
    pending = folder / _PENDING
    while pending.is_dir():
        try:
            with _held(pending, wait=wait or (pending / _COMMIT).exists()) as is_mine:
                if is_mine:
                    _finish(folder)
                elif not wait and not (pending / _COMMIT).exists():
                    return
        except FileNotFoundError:  # its writer finished meanwhile
            continue


def _finish(folder: Path) -> None:
    """Rename the files of a committed write into place, the manifest last, and clear up."""
    pending = folder / _PENDING
    if (pending / _COMMIT).exists():
        for path in sorted(pending.rglob("*"), key=lambda p: (p.name == MANIFEST, p)):
            target = folder / path.relative_to(pending)
            if path.is_dir():
                target.mkdir(exist_ok=True)
            elif path.name not in (_COMMIT, _WRITING):
                os.replace(path, target)
                _fsync(target.parent)
    shutil.rmtree(pending)


@contextmanager
def _pending_folder(folder: Path) -> Iterator[Path]:
    """An empty folder for a write, held against other processes for as long as it is written."""
    pending = folder / _PENDING
    own = folder / f"{_PENDING}-{os.getpid()}-{threading.get_ident()}"
    shutil.rmtree(own, ignore_errors=True)
    own.mkdir()
    (own / _WRITING).touch()
    with _held(own, wait=True):
        while True:
            _recover(folder, wait=True)
            try:
                os.rename(own, pending)
                break
            except OSError:  # another writer was quicker
                if not pending.is_dir():
                    raise
        yield pending


@contextmanager
def _held(pending: Path, *, wait: bool) -> Iterator[bool]:
    """Hold a folder against other writers; False where one of them holds it. Ends with the process."""
    if fcntl is None:
        yield True
        return
    handle = os.open(pending, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield os.fstat(handle).st_ino == pending.stat().st_ino  # not replaced while we waited
    finally:
        os.close(handle)


def _fsync(path: Path) -> None:
    """Force a file or folder to disk; folders cannot be opened on Windows and are skipped there."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
