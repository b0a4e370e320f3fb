"""The dataset's side of an import: rows merged into its layers by key, its manifest and sources, what is stored."""

from __future__ import annotations

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

from geo.crs import BAOTOU_METRIC, choose_metric_crs, classify_crs, make_transformer, parse_crs, require_metric
from geo.errors import UsageError
from geo.findings import Finding
from geo.georeferencing.georeference import WGS84
from geo.importing.options import ImportOptions
from geo.messages import load_catalogue
from geo.names import name_core
from geo.prepared.columns import geometries, text_column
from geo.prepared.prepared_layer import PreparedLayer
from geo.schema import IMPORTABLE, KEYS, field_names
from geo.storage.commits import MANIFEST
from geo.storage.dataset import Dataset, open_dataset, write_dataset
from geo.storage.layer_frames import empty_layer, shape_layer
from geo.storage.manifest import Manifest, new_manifest
from geo.validation.row_consistency import merge_companions

say = load_catalogue(__file__)

_REFERENCES = {
    "street_name": "street_code",
    "neighbourhood_name": "neighbourhood_code",
    "district_name": "district_code",
    "company_name": "company_id",
}


def upsert(layer: str, old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Rows of both, by key: values that are not missing in `new` win, the others stay.

    Parameters
    ----------
    layer
        Its key decides which rows are the same.
    old, new
        Frames with unique keys.

    Returns
    -------
    One frame with all fields of the layer, object dtype, in the order old, then new.

    Examples
    --------
    >>> old = pd.DataFrame({"street_code": ["1", "2"], "name": ["甲", "乙"]})
    >>> new = pd.DataFrame({"street_code": ["2", "3"], "name": [None, "丙"], "district_code": ["9", "9"]})
    >>> upsert("streets", old, new)[["street_code", "name", "district_code"]].values.tolist()
    [['1', '甲', nan], ['2', '乙', '9'], ['3', '丙', '9']]
    """
    keys = [KEYS[layer]] if layer in KEYS else ["indicator_id", "admin_code", "period"]
    old, new = (f.assign(**{k: f.get(k) for k in keys if k not in f}) for f in (old, new))
    old_keys, new_keys = (_row_keys(f, keys) for f in (old, new))
    order = old_keys.append(new_keys[~new_keys.isin(old_keys)])
    if layer == "communities" and len(old):
        old, new = _reconcile(old, new, old_keys, new_keys)
    out: dict[str, Any] = {}
    before: dict[str, pd.Series] = {}
    after: dict[str, pd.Series] = {}
    for column in field_names(layer):
        mine = before[column] = _column(old, column, old_keys).reindex(order)
        theirs = after[column] = _column(new, column, new_keys).reindex(order)
        merged = theirs.where(theirs.notna(), mine)
        if column == "management_mode":  # a guess never replaces what is known
            merged = merged.where(merged.notna(), _column(new, "management_mode_guess", new_keys).reindex(order))
        out[column] = merged.to_numpy(dtype=object)
    return pd.DataFrame(merge_companions(out, before, after), dtype=object)


def _row_keys(frame: pd.DataFrame, keys: list[str]) -> pd.Index:
    if len(keys) == 1:
        return pd.Index(frame[keys[0]].astype(object))
    texts = [frame[k].astype(object).where(frame[k].notna(), "").astype(str) for k in keys]
    joined = texts[0]
    for more in texts[1:]:
        joined = joined + "\x1f" + more
    return pd.Index(joined.astype(object))


def _column(frame: pd.DataFrame, column: str, keys: pd.Index) -> pd.Series:
    if column not in frame:
        return pd.Series(None, index=keys, dtype=object)
    values = frame[column].to_numpy(dtype=object)
    series = pd.Series(values, index=keys, dtype=object)
    return series[~series.index.duplicated(keep="last")]


def _reconcile(
    old: pd.DataFrame, new: pd.DataFrame, old_keys: pd.Index, new_keys: pd.Index
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A point does not replace a polygon; a new name of street or company voids the old code."""
    old, new = old.copy(), new.copy()
    at = pd.Series(old_keys.get_indexer(new_keys), index=new.index)
    both = (at >= 0).to_numpy()
    partner = at[both].to_numpy()
    if "geometry" in new and "geometry" in old:
        drawn = np.isin(shapely.get_type_id(geometries(old)[partner]), (3, 6))
        point = np.isin(shapely.get_type_id(geometries(new)[both]), (0, 4))
        void = np.flatnonzero(both)[drawn & point]
        shapes = geometries(new)
        shapes[void] = None
        new["geometry"] = shapes
        quality = text_column(new, "geom_quality").to_numpy(dtype=object).copy()
        quality[void] = None
        new["geom_quality"] = quality
    for name, code in _REFERENCES.items():
        if name not in new:
            continue
        told, coded = text_column(new, name), text_column(new, code)
        before = text_column(old, name).iloc[partner].map(name_core).to_numpy()
        changed = (told.notna() & coded.isna())[both].to_numpy() & (told[both].map(name_core).to_numpy() != before)
        codes = text_column(old, code)
        codes.iloc[partner[changed]] = None
        old[code] = codes
    return old, new


def to_geodataframe(frame: pd.DataFrame, metric_crs: str) -> pd.DataFrame:
    """A merged frame with its geometry column typed, in the metric CRS.

    Parameters
    ----------
    frame
        With a column "geometry" of objects.
    metric_crs
        Of its geometries.
    """
    if "geometry" not in frame:
        return frame
    shapes = gpd.GeoSeries(geometries(frame), crs=metric_crs, index=frame.index)
    return gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=shapes)


NO_TEXTS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class ImportedLayer:
    """Rows of one file, read and placed.

    Parameters
    ----------
    path, sha256
        Of the file.
    prepared
        Its rows in the fields of their layer.
    crs
        Of their geometries; None: they have no place.
    n_rows
        Rows the file had.
    replaces
        Whether they replace the layer.
    """

    path: Path
    sha256: str
    prepared: PreparedLayer
    crs: CRS | None
    n_rows: int
    replaces: bool


def update_manifest(folder: Path, placed: Sequence[ImportedLayer], options: ImportOptions) -> Manifest:
    """The manifest to go on with: of the dataset there, or a new one with a CRS chosen by place.

    Parameters
    ----------
    folder
        The dataset, there or not.
    placed
        What is imported now.
    options
        CRS, name, mark and date that are asked for.
    """
    wanted = options.metric_crs
    if wanted is not None:
        require_metric(gpd.GeoSeries([], crs=parse_crs(wanted)), "--metric-crs")
        if classify_crs(parse_crs(wanted)) != "trusted":
            raise UsageError(*say("error.metric_crs", wanted=wanted, baotou_metric=BAOTOU_METRIC))
    if (folder / MANIFEST).is_file():
        dataset = open_dataset(folder)
        manifest = dataset.manifest
        is_open = not _has_any_place(dataset)  # tables without places left the CRS undecided
        if is_open and (wanted is not None or any(p.crs is not None for p in placed)):
            manifest = replace(manifest, metric_crs=wanted or _choose_crs(placed))
        if wanted is not None and CRS(wanted) != CRS(manifest.metric_crs):
            raise UsageError(*say("error.other_metric_crs", metric_crs=manifest.metric_crs, wanted=wanted))
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


def _choose_crs(placed: Sequence[ImportedLayer]) -> str:
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


def read_importable_layers(folder: Path, manifest: Manifest) -> dict[str, pd.DataFrame]:
    """All importable layers as they are; empty frames where there are none.

    Parameters
    ----------
    folder
        The dataset.
    manifest
        Of the dataset.
    """
    dataset = Dataset(folder, manifest)
    return {name: dataset.layer(name) for name in IMPORTABLE}


def reproject_layers(layers: Mapping[str, pd.DataFrame], metric_crs: str) -> dict[str, pd.DataFrame]:
    """The layers in the dataset's CRS: the same objects unless a CRS was chosen anew.

    Parameters
    ----------
    layers
        Frames by name.
    metric_crs
        Of the dataset.
    """
    return {
        name: frame
        if not isinstance(frame, gpd.GeoDataFrame) or frame.crs == CRS(metric_crs)
        else shape_layer(name, frame, metric_crs)
        for name, frame in layers.items()
    }


def _has_any_place(dataset: Dataset) -> bool:
    frames = (dataset.layer(name) for name in IMPORTABLE if dataset.has(name))
    return any(isinstance(f, gpd.GeoDataFrame) and f.geometry.notna().any() for f in frames)


def merge_layer(layer: str, layers: Mapping[str, pd.DataFrame], new: pd.DataFrame, manifest: Manifest) -> pd.DataFrame:
    """A layer with new rows merged in by key, in the dataset's CRS and the layer's types.

    Parameters
    ----------
    layer
        Its name.
    layers
        All layers so far, by name.
    new
        Rows of the layer, with its fields; they win.
    manifest
        With the CRS of the dataset.
    """
    frame = upsert(layer, layers[layer], new)
    if layer == "communities":
        frame["geom_quality"] = frame["geom_quality"].where(frame["geom_quality"].notna(), "missing")
    return shape_layer(layer, to_geodataframe(frame, manifest.metric_crs), manifest.metric_crs)


def merge_join_records(folder: Path, manifest: Manifest, done: Sequence[PreparedLayer]) -> pd.DataFrame:
    """The record of joins: rows of files imported again replace their old ones.

    A row that found the same unit before keeps how it found it first.

    Parameters
    ----------
    folder
        The dataset.
    manifest
        Of the dataset.
    done
        What is imported now, with how its rows found their units.
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


def store_changes(
    folder: Path,
    manifest: Manifest,
    layers: Mapping[str, pd.DataFrame],
    before: Mapping[str, pd.DataFrame],
    findings: Sequence[Finding],
    *,
    replaced: Set[str] = frozenset(),
    texts: Mapping[str, str] = NO_TEXTS,
    kept_by: Mapping[str, str] = NO_TEXTS,
) -> Dataset:
    """Write the layers that changed; findings of files imported again, and of units derived anew, replace the old.

    Parameters
    ----------
    folder
        The dataset.
    manifest
        To be written.
    layers
        All layers now, by name.
    before
        As they were; the same object = unchanged.
    findings
        Of this import.
    replaced
        Layers whose old findings go.
    texts
        Mappings to keep, by file name.
    kept_by
        Texts the dataset is kept by from now on.
    """
    changed = {
        name: frame
        for name, frame in layers.items()
        if len(frame) and (name not in before or frame is not before[name])
    }
    emptied = [name for name, frame in layers.items() if not len(frame) and len(before.get(name, ()))]
    files = {f.file for f in findings}
    old = Dataset(folder, manifest).findings() if (folder / MANIFEST).is_file() else ()
    units_stand = layers.get("units") is before.get("units")
    kept = [
        f
        for f in old
        if (
            f.file not in files
            if f.file is not None
            else units_stand and f.layer in ("units", "communities", "buildings")
        )
    ]
    kept = [f for f in kept if f.layer not in replaced]
    said = [*kept, *findings]
    return write_dataset(folder, manifest, changed, findings=said, dropped=emptied, texts=texts, kept=kept_by)


def update_sources(
    manifest: Manifest, placed: Sequence[ImportedLayer], done: Sequence[PreparedLayer], *, replaced: Set[str]
) -> tuple[Mapping[str, Any], ...]:
    """One record for each file and layer; a file imported again replaces its record.

    Parameters
    ----------
    manifest
        With the sources so far.
    placed, done
        What was read, and what became of it, in the same order.
    replaced
        Layers whose old sources go.
    """
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
