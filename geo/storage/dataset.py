"""The dataset on disk, read and written: GeoParquet layers of one version, each write one step."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import geopandas as gpd
import pandas as pd
import shapely

from geo.errors import ChangedMeanwhileError, EmptyLayerError, NotADatasetError, UnknownCodeError, UsageError
from geo.findings import Finding, from_frame, to_frame
from geo.messages import load_catalogue
from geo.rules import NeighbourRules
from geo.schema import GRAPH_INPUTS, GRAPH_OVERRIDES, GRAPH_UNIT_COLUMNS, LAYERS
from geo.storage.commits import (
    MANIFEST,
    commit,
    file_stamp,
    is_being_replaced,
    lock_dataset,
    pending_folder,
    read_file_hashes,
    recover,
    resolve_path,
)
from geo.storage.layer_frames import empty_layer, has_geometry, require_layer, shape_layer
from geo.storage.manifest import Manifest, file_sha256, format_manifest, hash_values, parse_manifest

say = load_catalogue(__file__)

_ROSTERS = "rosters"
_ROSTER_NAME = re.compile(r"[\w-]{1,60}")
_FINDINGS = "findings.parquet"
_READS = 5  # a reader whose file is replaced while it reads waits for the write, then reads again


T = TypeVar("T")


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
        require_layer(layer)
        return f"{layer}.parquet" in self.manifest.files

    def layer(self, layer: str) -> gpd.GeoDataFrame | pd.DataFrame:
        """A layer with all columns of its schema; an empty frame where the layer is absent.

        Returns
        -------
        GeoDataFrame in the metric CRS for layers with geometry, DataFrame otherwise; n rows.
        """
        if not self.has(layer):
            return empty_layer(layer, self.manifest.metric_crs)
        read = gpd.read_parquet if has_geometry(layer) else pd.read_parquet
        return self._complete(layer, self._read(f"{layer}.parquet", read))

    def text(self, name: str) -> str | None:
        """A text the dataset is kept by, such as "policy.toml"; None where it has none."""
        if name not in self.manifest.files:
            return None
        return str(self._read(name, lambda path: path.read_text(encoding="utf-8")))

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
        return self._complete("units", self._read(f"{_ROSTERS}/{name}.parquet", gpd.read_parquet))

    def _complete(self, layer: str, frame: pd.DataFrame) -> pd.DataFrame:
        """A frame an earlier version wrote with the columns that came later, all of them missing."""
        if all(column.name in frame for column in LAYERS[layer]):
            return frame
        return shape_layer(layer, frame, self.manifest.metric_crs)

    def findings(self) -> tuple[Finding, ...]:
        """The report of all imports so far."""
        if _FINDINGS not in self.manifest.files:
            return ()
        return from_frame(self._read(_FINDINGS, pd.read_parquet))

    def _read(self, name: str, read: Callable[[Path], Any]) -> Any:
        """A file as the manifest means it, never of another version of the dataset.

        Raises
        ------
        ChangedMeanwhileError
            If the dataset has another version of this file by now.
        NotADatasetError
            If the file is missing or damaged.
        """
        path = resolve_path(self.folder, name)
        fault: Exception | None = None
        for _ in range(_READS):
            stamp = file_stamp(path)
            try:
                found, fault = read(path), None
            except (OSError, ValueError) as error:  # pyarrow's errors are of both kinds
                found, fault = None, error
            is_whole = not is_being_replaced(self.folder)
            now = read_file_hashes(self.folder)
            if is_whole and file_stamp(path) == stamp:
                break
            recover(self.folder)  # it is being replaced under our hands
        if now is not None and now.get(name) != self.manifest.files.get(name):
            raise ChangedMeanwhileError(*say("dataset.outdated", folder=self.folder))
        if fault is not None:
            raise NotADatasetError(*say("dataset.file_damaged", path=path, kind=type(fault).__name__)) from fault
        return found


def open_dataset(folder: str | Path) -> Dataset:
    """Open a dataset folder; an interrupted write is completed or discarded first.

    Raises
    ------
    NotADatasetError
        If the folder holds no readable manifest.
    """
    folder = Path(folder)
    recover(folder)
    path = resolve_path(folder, MANIFEST)
    if not path.is_file():
        raise NotADatasetError(*say("dataset.no_dataset", folder=folder, manifest=MANIFEST))
    try:
        manifest = parse_manifest(path.read_text(encoding="utf-8"))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotADatasetError(*say("dataset.manifest_damaged", path=path, error=error)) from error
    return Dataset(folder, manifest)


def write_dataset(
    folder: str | Path,
    manifest: Manifest,
    layers: Mapping[str, pd.DataFrame],
    *,
    findings: Sequence[Finding] | None = None,
    rosters: Mapping[str, pd.DataFrame] = MappingProxyType({}),
    dropped: Collection[str] = (),
    texts: Mapping[str, str] = MappingProxyType({}),
    kept: Mapping[str, str] = MappingProxyType({}),
) -> Dataset:
    """Put new layers into a dataset folder as one step: all of them or, after a crash, none.

    Layers that are not named stay as they are. New files are written next to the old ones, fsynced,
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
    texts
        Small UTF-8 files by name that belong to the same step but not to the hashes, such as the
        mappings of columns.
    kept
        Texts it is kept by, by file name, which belong to the hashes; the manifest's `in_force` says
        what they are.

    Raises
    ------
    ChangedMeanwhileError
        If the files there are not those of the manifest: somebody else wrote since it was read.
    BusyError
        If another writer does not end.
    NotWrittenError
        If the disk refuses; what was there stays.
    """
    folder = Path(folder)
    with lock_dataset(folder), pending_folder(folder) as pending:
        _require_current(folder, manifest)
        gone = {f"{layer}.parquet" for layer in dropped}
        files = {
            name: sha
            for name, sha in manifest.files.items()
            if name not in gone and resolve_path(folder, name).exists()
        }
        for layer, frame in layers.items():
            shaped = shape_layer(layer, frame, manifest.metric_crs)
            path = pending / f"{layer}.parquet"
            if has_geometry(layer):
                shaped.to_parquet(path, index=False, compression="zstd", write_covering_bbox=True)
            else:
                shaped.to_parquet(path, index=False, compression="zstd")
            files[path.name] = file_sha256(path)
        if findings is not None:
            path = pending / _FINDINGS
            to_frame(findings).to_parquet(path, index=False)
            files[path.name] = file_sha256(path)
        for name, frame in rosters.items():
            path = pending / _ROSTERS / f"{name}.parquet"
            path.parent.mkdir(exist_ok=True)
            shape_layer("units", frame, manifest.metric_crs).to_parquet(path, compression="zstd")
            files[f"{_ROSTERS}/{path.name}"] = file_sha256(path)
        for name, text in texts.items():
            (pending / name).write_text(text, encoding="utf-8")
        for name, text in kept.items():
            (pending / name).write_text(text, encoding="utf-8", newline="\n")
            files[name] = file_sha256(pending / name)
        done = replace(manifest, files=dict(sorted(files.items())))
        (pending / MANIFEST).write_text(format_manifest(done), encoding="utf-8")
        commit(folder, gone)
    return Dataset(folder, done)


def freeze_roster(dataset: Dataset, name: str) -> Dataset:
    """Keep the present units as a roster that never changes: the denominator of audited rates.

    Parameters
    ----------
    dataset
        Its layer `units`, as it is on disk now, is copied to `rosters/<name>.parquet`.
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
        raise UsageError(*say("roster.name", name=name))
    with lock_dataset(dataset.folder):
        dataset = open_dataset(dataset.folder)
        if name in dataset.rosters():
            raise UsageError(*say("roster.exists", name=name))
        units = dataset.layer("units")
        if units.empty:
            raise EmptyLayerError(*say("roster.no_unit"))
        return write_dataset(dataset.folder, dataset.manifest, {}, rosters={name: units})


def check_hashes(dataset: Dataset) -> tuple[Finding, ...]:
    """Compare every file with the manifest; a finding for each that is missing or changed.

    Raises
    ------
    ChangedMeanwhileError
        If the dataset has a newer version by now; see :func:`read_consistently`.
    """
    found = []
    for name, sha in dataset.manifest.files.items():
        path = dataset.folder / name
        if not path.is_file():
            found.append(Finding("error", "dataset.file_missing", *say("hash.file_missing", name=name), file=name))
        elif file_sha256(path) != sha:
            found.append(Finding("error", "dataset.file_changed", *say("hash.file_changed", name=name), file=name))
    if found and read_file_hashes(dataset.folder) not in (None, dict(dataset.manifest.files)):
        raise ChangedMeanwhileError(*say("hash.changed_meanwhile", folder=dataset.folder))
    return tuple(found)


def read_consistently(folder: str | Path, read: Callable[[Dataset], T]) -> T:
    """What `read` finds in one version of a dataset: begun anew while somebody writes it.

    Parameters
    ----------
    folder
        The dataset.
    read
        Called with the opened dataset, again where it was written meanwhile.

    Raises
    ------
    ChangedMeanwhileError
        If it is written again and again.
    """
    for _ in range(_READS):
        with suppress(ChangedMeanwhileError):
            return read(open_dataset(folder))
    return read(open_dataset(folder))


def graph_inputs_sha256(dataset: Dataset, rules: NeighbourRules) -> str:
    """Hash of everything the graph is built from: layers, what of units matters to it, and the rules.

    Households, managers and the like may be corrected, and the graph stays: of the units only ids,
    shapes, streets and neighbourhoods count, of the corrections those of pairs and passages.

    Parameters
    ----------
    dataset
        Its layers of `geo.schema.GRAPH_INPUTS` count.
    rules
        When two units are neighbours.
    """
    whole = [name for name in GRAPH_INPUTS if name not in ("units", "overrides")]
    overrides = dataset.layer("overrides")
    overrides = overrides[overrides["what"].isin(GRAPH_OVERRIDES)]
    return hash_values(
        {
            **dataset.manifest.layer_hashes(whole),
            "units": _rows_sha256(dataset.layer("units"), GRAPH_UNIT_COLUMNS),
            "overrides": _rows_sha256(overrides, ("override_id", "what", "unit_a", "unit_b", "target_id", "new")),
            "rules": rules.canonical_text(),
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


def _require_current(folder: Path, manifest: Manifest) -> None:
    """Refuse to write what was made of another version than the one that is there."""
    now = read_file_hashes(folder)
    if now is not None and now != dict(manifest.files):
        raise ChangedMeanwhileError(*say("dataset.changed_meanwhile", folder=folder))
