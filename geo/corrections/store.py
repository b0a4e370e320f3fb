"""Corrections by people that stand above the layers they correct and survive every import."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.corrections.model import (
    Correction,
    CorrectionKind,
    Pair,
    check_correction,
    format_parts,
    parse_value,
    unplaced_communities,
)
from geo.errors import UnknownCodeError, UsageError
from geo.messages import load_catalogue
from geo.storage.commits import lock_dataset
from geo.storage.dataset import Dataset, open_dataset, write_dataset
from geo.storage.layer_frames import shape_layer

say = load_catalogue(__file__)

UNIT_CORRECTIONS = ("placed", "value", "outline", "split", "merged")
"""Corrections after which the units are derived anew."""


def add_override(dataset: Dataset, correction: Correction) -> tuple[Dataset, str]:
    """Keep a correction; the layers themselves stay as they are.

    Parameters
    ----------
    dataset
        As it is on disk now; the units, crossings or gates that are named must be there.
    correction
        What is known better.

    Returns
    -------
    The dataset with it, and the id under which it is listed and can be taken back.

    Raises
    ------
    UnknownCodeError
        If a unit, crossing or gate that is named does not exist.
    UsageError
        If author, reason, date or what the correction is about is missing or makes no sense, or
        the same thing is corrected already.
    """
    with lock_dataset(dataset.folder):
        dataset = open_dataset(dataset.folder)
        check_correction(dataset, correction)
        there = read_overrides(dataset)
        row = _make_row(dataset, correction, _next_number(there))
        _refuse_duplicate(there, row, correction.what)
        new = gpd.GeoDataFrame([row], geometry="geometry", crs=dataset.manifest.metric_crs)
        frames = [frame for frame in (there, new) if len(frame)]
        frame = gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=dataset.manifest.metric_crs)
        written = write_dataset(dataset.folder, dataset.manifest, {"overrides": frame})
        return written, str(row["override_id"])


def remove_override(dataset: Dataset, override_id: str) -> Dataset:
    """Take a correction back: what the layers say holds again.

    Parameters
    ----------
    dataset
        The dataset.
    override_id
        Its id.

    Raises
    ------
    UnknownCodeError
        If there is no such correction.
    """
    with lock_dataset(dataset.folder):
        dataset = open_dataset(dataset.folder)
        there = read_overrides(dataset)
        if override_id not in set(there["override_id"]):
            raise UnknownCodeError(*say("error.no_correction", override_id=override_id))
        kept = there[there["override_id"] != override_id]
        if kept.empty:  # as if nobody had ever said anything
            return write_dataset(dataset.folder, dataset.manifest, {}, dropped=("overrides",))
        return write_dataset(dataset.folder, dataset.manifest, {"overrides": kept})


def read_overrides(dataset: Dataset) -> gpd.GeoDataFrame:
    """The `overrides` layer in the order in which it was stated."""
    stored = shape_layer("overrides", dataset.layer("overrides"), dataset.manifest.metric_crs)
    return gpd.GeoDataFrame(stored.sort_values("number", kind="stable", ignore_index=True))


def list_overrides(dataset: Dataset) -> gpd.GeoDataFrame:
    """The `overrides` layer with `in_force`, (n,) bool: False where what a row names is gone.

    A row whose unit, crossing or gate a later import took away does nothing until it comes back.
    """
    table = read_overrides(dataset)
    if table.empty:  # the page asks each time it is opened
        return table.assign(in_force=np.zeros(0, dtype=bool))
    units = dataset.layer("units")
    known = set(units["unit_id"])
    placed = units["unit_id"][units["geom_quality"].ne("missing")] if len(units) else []
    passages = {*dataset.layer("crossings")["crossing_id"], *dataset.layer("gates")["gate_id"]}
    what, about = table["what"], table["target_id"]
    both = table["unit_a"].isin(placed) & table["unit_b"].isin(placed)
    there = about.isin(known)
    in_force = np.select(
        [
            what.eq("passage"),
            what.eq("closed"),
            what.eq("placed"),
            what.isin(("value", "outline")),
            what.eq("split"),
            what.eq("merged"),
        ],
        [
            True,
            about.isin(passages),
            about.isin(unplaced_communities(dataset)),
            there,
            both
            & ~(table["unit_b"].isin(set(dataset.layer("communities")["unit_id"])) & there & table["unit_b"].ne(about)),
            there & ~table["unit_b"].isin(known),
        ],
        default=both,
    )
    return table.assign(in_force=in_force.astype(bool))


def correct_crossings(crossings: gpd.GeoDataFrame, overrides: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The crossings that are open: those closed taken out, passages somebody knows of added.

    Parameters
    ----------
    crossings, overrides
        The layers of these names, one metric CRS; may be empty. An added passage bears the id of
        its correction.

    Examples
    --------
    >>> layer = gpd.GeoDataFrame({"crossing_id": ["u1", "u2"], "kind": ["bridge"] * 2},
    ...                          geometry=shapely.points([(0, 0), (9, 0)]), crs="EPSG:4546")
    >>> closed = gpd.GeoDataFrame({"override_id": ["o1"], "what": ["closed"], "target_id": ["u1"],
    ...                            "new": ["closed"]}, geometry=[None], crs="EPSG:4546")
    >>> correct_crossings(layer, closed)["crossing_id"].tolist()
    ['u2']
    """
    if not len(overrides):
        return crossings
    shut = closed_crossings(crossings, overrides)
    open_ = crossings[~crossings.index.isin(shut.index)] if len(shut) else crossings
    added = overrides[overrides["what"].eq("passage")]
    if not len(added):
        return open_
    new = gpd.GeoDataFrame(
        {"crossing_id": added["override_id"], "kind": added["new"]},
        geometry=added.geometry.to_numpy(),
        crs=overrides.crs,
    )
    both = [frame for frame in (open_, new) if len(frame)]
    return gpd.GeoDataFrame(pd.concat(both, ignore_index=True), crs=overrides.crs)


def closed_crossings(crossings: gpd.GeoDataFrame, overrides: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The crossings that somebody found closed.

    Parameters
    ----------
    crossings
        The layer of crossings.
    overrides
        The layer of corrections.
    """
    if not len(crossings) or not len(overrides):
        return crossings[:0]
    closed = overrides["target_id"][overrides["what"].eq("closed")]
    return crossings[crossings["crossing_id"].isin(closed)]


def correct_gates(gates: gpd.GeoDataFrame, overrides: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The gates; `is_open` is False for those somebody found closed.

    Parameters
    ----------
    gates
        The layer of gates.
    overrides
        The layer of corrections.
    """
    if not len(gates) or not len(overrides):
        return gates
    closed = overrides["target_id"][overrides["what"].eq("closed")]
    is_open = gates["is_open"].astype("boolean").mask(gates["gate_id"].isin(closed), other=False)
    return gates.assign(is_open=is_open)


def read_pair_corrections(overrides: pd.DataFrame) -> Mapping[Pair, tuple[bool, str]]:
    """Of each pair of units somebody corrected: whether they are neighbours, and whose word it is."""
    if not len(overrides):
        return {}
    rows = overrides[overrides["what"].isin(("neighbours", "not_neighbours"))]
    return {
        (str(a), str(b)): (what == "neighbours", str(override_id))
        for a, b, what, override_id in zip(
            rows["unit_a"], rows["unit_b"], rows["what"], rows["override_id"], strict=True
        )
    }


def correct_edges(
    fates: pd.DataFrame,
    pairs: Mapping[Pair, tuple[bool, str]],
    borders: tuple[np.ndarray, np.ndarray],
    detour_factor: float,
) -> pd.DataFrame:
    """The fates of pairs with the word of those who know them.

    Parameters
    ----------
    fates
        The `edges` layer as measured, k rows; every corrected pair of placed units is in it.
    pairs
        From :func:`read_pair_corrections`.
    borders
        (k,) the administrative border that parts each pair, None where none does; (k,) the permit
        that lifts one.
    detour_factor
        Walk = gap × this for neighbours where nothing measured a way.

    Returns
    -------
    The same rows with `override_id`. Neighbours by somebody's word are allowed whatever was
    measured, but the wall of streets stands: only a permit lifts it. Pairs that are none are
    blocked by "override:<id>".
    """
    if not pairs or not len(fates):
        return fates
    keys = zip(fates["unit_a"], fates["unit_b"], strict=True)
    corrected = [pairs.get(key, (None, None)) for key in keys]
    whose = pd.Series([one[1] for one in corrected], index=fates.index, dtype="str")
    joined, parted = (np.array([one[0] is is_neighbour for one in corrected]) for is_neighbour in (True, False))
    no_way = joined & fates["walk_m"].isna().to_numpy()
    blocked_by, permit = (fates[name].astype(object) for name in ("blocked_by", "permit_id"))
    blocked_by[joined] = borders[0][joined]
    blocked_by[parted] = "override:" + whose[parted].astype(object)
    permit[joined] = borders[1][joined]
    allowed = pd.isna(blocked_by)
    return fates.assign(
        walk_m=fates["walk_m"].mask(no_way, (fates["gap_m"] * detour_factor).round(3)),
        walk_estimated=fates["walk_estimated"].mask(no_way, other=True),
        allowed=allowed.astype("boolean"),
        blocked_by=blocked_by.astype("str"),
        permit_id=permit.where(allowed).astype("str"),
        override_id=whose,
    )


_SAME_SUBJECT = {
    "closed": ("closed",),
    "neighbours": ("neighbours", "not_neighbours"),
    "not_neighbours": ("neighbours", "not_neighbours"),
    "placed": ("placed",),
    "split": ("split",),
}


def _next_number(there: pd.DataFrame) -> int:
    numbers = there["number"].dropna()
    return int(numbers.max()) + 1 if len(numbers) else 1


def _refuse_duplicate(there: gpd.GeoDataFrame, row: Mapping[str, object], what: CorrectionKind) -> None:
    """The same is not said twice; a figure or an outline may be corrected again: the last word holds."""
    if what in _SAME_SUBJECT:
        same = there[there["what"].isin(_SAME_SUBJECT[what])]
        about = ["unit_a", "unit_b", "target_id"]
        same = same[(same[about].fillna("") == [row[name] or "" for name in about]).all(axis=1)]
    else:
        same = there[there["override_id"] == row["override_id"]]
    if len(same):
        one = same.iloc[0]
        raise UsageError(
            *say("error.corrected_already", author=one["author"], date=one["date"], override_id=one["override_id"])
        )


def _make_row(dataset: Dataset, one: Correction, number: int) -> dict[str, object]:
    """The row that is stored; its id follows from all it says."""
    unit_a, unit_b, target = _subject_ids(one)
    new = _new_text(dataset, one)
    place = None if one.place is None else shapely.set_precision(one.place, 0.001)
    parts = [
        one.what,
        unit_a,
        unit_b,
        target,
        new,
        one.author,
        one.reason,
        one.date,
        "" if place is None else place.wkt,
    ]
    if one.what in ("value", "outline", "merged"):  # may be stated again later
        parts += [one.field, str(number)]
    digest = hashlib.sha256("\x1f".join(str(part or "") for part in parts).encode())
    return {
        "override_id": "o" + digest.hexdigest()[:12],
        "number": number,
        "what": one.what,
        "unit_a": unit_a,
        "unit_b": unit_b,
        "target_id": target,
        "field": one.field,
        "old": _old_text(dataset, one, unit_a, unit_b),
        "new": new,
        "author": one.author.strip(),
        "reason": one.reason.strip(),
        "date": one.date,
        "geometry": place,
    }


def _subject_ids(one: Correction) -> tuple[str | None, str | None, str | None]:
    """unit_a, unit_b and target_id of a row."""
    if one.what == "merged" and one.units:
        return one.units[0], one.units[1], one.units[0]
    if one.what == "split" and one.parts:
        return one.parts[0].unit_id.strip(), one.parts[1].unit_id.strip(), one.target
    unit_a, unit_b = sorted(one.units) if one.units else (None, None)
    return unit_a, unit_b, one.target


def _new_text(dataset: Dataset, one: Correction) -> str | None:
    """What the data ought to say."""
    if one.what == "value":
        return parse_value(dataset, one.field or "", one.value)
    if one.what == "split" and one.parts:
        return format_parts(one.parts)
    return {"closed": "closed", "passage": one.kind}.get(one.what, one.what)


def _old_text(dataset: Dataset, one: Correction, unit_a: object, unit_b: object) -> str | None:
    """What the data said, as far as they say."""
    if one.what == "closed":
        return "open"
    if one.what in ("value", "outline"):
        units = dataset.layer("units").set_index("unit_id")
        column = str(one.field) if one.what == "value" else "geom_quality"
        old = units[column].loc[str(one.target)]
        return None if pd.isna(old) else f"{old:.10g}" if isinstance(old, float) else str(old)
    if one.what not in ("neighbours", "not_neighbours"):
        return None
    edges = shape_layer("edges", dataset.layer("edges"), "")
    row = edges[(edges["unit_a"] == unit_a) & (edges["unit_b"] == unit_b)]
    if not len(row):
        return None
    return "neighbours" if row["allowed"].iloc[0] else str(row["blocked_by"].iloc[0])
