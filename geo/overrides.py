"""Corrections by people that stand above the layers they correct and survive every import."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geo.dataset import Dataset, shape_layer, write_dataset
from geo.errors import UnknownCodeError, UsageError
from geo.schema import CROSSING_KINDS

What = Literal["closed", "passage", "neighbours", "not_neighbours", "placed"]
"""This crossing or gate is closed; there is a passage here; these two are, or are not, neighbours;
this community without a place lies here."""

Pair = tuple[str, str]


@dataclass(frozen=True)
class Correction:
    """What somebody knows better than the data.

    Parameters
    ----------
    what
        See `What`.
    author, reason
        Who says so, and why: both must be told.
    date
        ISO date.
    units
        The two units, for "neighbours" and "not_neighbours".
    target
        Id of the crossing or gate, for "closed"; of the unit, for "placed".
    place
        Point or line in the metric CRS, for "passage"; point, for "placed".
    kind
        Kind of the passage, one of `geo.schema.CROSSING_KINDS`.
    """

    what: What
    author: str
    reason: str
    date: str
    units: Pair | None = None
    target: str | None = None
    place: BaseGeometry | None = None
    kind: str = "bridge"


def add_override(dataset: Dataset, correction: Correction) -> tuple[Dataset, str]:
    """Keep a correction; the layers themselves stay as they are.

    Parameters
    ----------
    dataset
        The units, crossings or gates that are named must be there.
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
    _check(dataset, correction)
    there = dataset.layer("overrides")
    row = _row(dataset, correction)
    same = there[there["what"].isin(_ABOUT_SAME[correction.what])]
    about = ["unit_a", "unit_b", "target_id"]
    if correction.what != "passage":
        same = same[(same[about].fillna("") == [row[name] or "" for name in about]).all(axis=1)]
    else:
        same = same[same["override_id"] == row["override_id"]]
    if len(same):
        one = same.iloc[0]
        raise UsageError(
            f"{one['author']} 已在 {one['date']} 作过同一更正 ({one['override_id']}); 请先撤销它。",
            f"{one['author']} corrected this already on {one['date']} ({one['override_id']}); "
            "take that back first.",
        )
    new = gpd.GeoDataFrame([row], geometry="geometry", crs=dataset.manifest.metric_crs)
    frames = [frame for frame in (there, new) if len(frame)]
    frame = gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=dataset.manifest.metric_crs)
    written = write_dataset(dataset.folder, dataset.manifest, {"overrides": frame})
    return written, str(row["override_id"])


def remove_override(dataset: Dataset, override_id: str) -> Dataset:
    """Take a correction back: what the layers say holds again.

    Raises
    ------
    UnknownCodeError
        If there is no such correction.
    """
    there = dataset.layer("overrides")
    if override_id not in set(there["override_id"]):
        raise UnknownCodeError(
            f"没有编号为“{override_id}”的更正; 请用 pianqu override list 查看。",
            f"There is no correction '{override_id}'; see pianqu override list.",
        )
    kept = there[there["override_id"] != override_id]
    return write_dataset(dataset.folder, dataset.manifest, {"overrides": kept})


def list_overrides(dataset: Dataset) -> gpd.GeoDataFrame:
    """The `overrides` layer with `in_force`, (n,) bool: False where what a row names is gone.

    A row whose unit, crossing or gate a later import took away does nothing until it comes back.
    """
    table = dataset.layer("overrides")
    units = dataset.layer("units")
    placed = units["unit_id"][units["geom_quality"].ne("missing")] if len(units) else []
    passages = {
        *dataset.layer("crossings")["crossing_id"],
        *dataset.layer("gates")["gate_id"],
    }
    of_pair = table["unit_a"].isin(placed) & table["unit_b"].isin(placed)
    in_force = np.select(
        [table["what"].eq("passage"), table["what"].eq("closed"), table["what"].eq("placed")],
        [True, table["target_id"].isin(passages), table["target_id"].isin(_without_place(dataset))],
        default=of_pair,
    )
    return table.assign(in_force=in_force.astype(bool))


def placed_communities(
    communities: gpd.GeoDataFrame, overrides: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """The communities, those without a place at the point where somebody put them.

    Parameters
    ----------
    communities, overrides
        The layers of these names, one metric CRS; may be empty. A place of its own, from a later
        import, stands above what somebody said.

    Examples
    --------
    >>> layer = gpd.GeoDataFrame({"unit_id": ["c1", "c2"]}, geometry=[None, None], crs="EPSG:4546")
    >>> said = gpd.GeoDataFrame({"what": ["placed"], "target_id": ["c2"]},
    ...                         geometry=[shapely.Point(3, 4)], crs="EPSG:4546")
    >>> [str(place) for place in placed_communities(layer, said).geometry]
    ['None', 'POINT (3 4)']
    """
    if not len(overrides) or not len(communities):
        return communities
    said = overrides[overrides["what"].eq("placed")]
    place_of = dict(zip(said["target_id"], said.geometry, strict=True))
    shapes = communities.geometry.to_numpy().astype(object)
    bare = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    for position in np.flatnonzero(bare):
        shapes[position] = place_of.get(communities["unit_id"].iloc[position])
    return communities.set_geometry(gpd.GeoSeries(shapes, communities.index, crs=communities.crs))


def corrected_crossings(
    crossings: gpd.GeoDataFrame, overrides: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
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
    >>> corrected_crossings(layer, closed)["crossing_id"].tolist()
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
        geometry=added.geometry.to_numpy(), crs=overrides.crs,
    )  # fmt: skip
    both = [frame for frame in (open_, new) if len(frame)]
    return gpd.GeoDataFrame(pd.concat(both, ignore_index=True), crs=overrides.crs)


def closed_crossings(crossings: gpd.GeoDataFrame, overrides: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The crossings that somebody found closed."""
    if not len(crossings) or not len(overrides):
        return crossings[:0]
    closed = overrides["target_id"][overrides["what"].eq("closed")]
    return crossings[crossings["crossing_id"].isin(closed)]


def corrected_gates(gates: gpd.GeoDataFrame, overrides: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The gates; `is_open` is False for those somebody found closed."""
    if not len(gates) or not len(overrides):
        return gates
    closed = overrides["target_id"][overrides["what"].eq("closed")]
    is_open = gates["is_open"].astype("boolean").mask(gates["gate_id"].isin(closed), other=False)
    return gates.assign(is_open=is_open)


def corrected_pairs(overrides: pd.DataFrame) -> Mapping[Pair, tuple[bool, str]]:
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


def correct_fates(
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
        From :func:`corrected_pairs`.
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
    told = [pairs.get(key, (None, None)) for key in keys]
    whose = pd.Series([one[1] for one in told], index=fates.index, dtype="str")
    joined, parted = (np.array([one[0] is said for one in told]) for said in (True, False))
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


_ABOUT_SAME = {
    "closed": ("closed",),
    "passage": ("passage",),
    "neighbours": ("neighbours", "not_neighbours"),
    "not_neighbours": ("neighbours", "not_neighbours"),
    "placed": ("placed",),
}


def _without_place(dataset: Dataset) -> set[str]:
    """Ids of the communities that have no place of their own."""
    communities = dataset.layer("communities")
    shapes = communities.geometry.to_numpy()
    bare = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    return set(communities["unit_id"][bare])


def _check(dataset: Dataset, one: Correction) -> None:
    """Refuse a correction that does not say who, why, when and of what."""
    for value, zh, en in ((one.author, "更正人", "author"), (one.reason, "理由", "reason")):
        if not value.strip():
            raise UsageError(f"更正须写明{zh}。", f"A correction needs its {en}.")
    try:
        datetime.date.fromisoformat(one.date)
    except ValueError as error:
        raise UsageError(
            f"日期“{one.date}”不对; 请写成 2026-06-30 的样子。",
            f"'{one.date}' is no date; write it like 2026-06-30.",
        ) from error
    if one.what in ("neighbours", "not_neighbours"):
        _check_ids(one.units or (), 2, set(dataset.layer("units")["unit_id"]), "单元", "units")
    elif one.what == "closed":
        known = {
            *dataset.layer("crossings")["crossing_id"],
            *dataset.layer("gates")["gate_id"],
        }
        named = () if one.target is None else (one.target,)
        _check_ids(named, 1, known, "通道或出入口", "crossings or gates")
    elif one.what == "placed":
        named = () if one.target is None else (one.target,)
        _check_ids(
            named, 1, _without_place(dataset), "没有位置的小区", "communities without a place"
        )
        if not isinstance(one.place, shapely.Point) or one.place.is_empty:
            raise UsageError("请给出小区的位置。", "Tell where the community lies.")
    elif one.place is None or one.place.is_empty or one.kind not in CROSSING_KINDS:
        raise UsageError(
            f"新增通道须给出位置和类别({'、'.join(CROSSING_KINDS)})。",
            f"A passage needs its place and a kind: {', '.join(CROSSING_KINDS)}.",
        )


def _check_ids(named: tuple[str, ...], n: int, known: set[str], zh: str, en: str) -> None:
    if len(set(named)) != n:
        raise UsageError(
            f"请给出 {n} 个不同的{zh}编号。", f"Name {n} different ids of {en}."
        )  # fmt: skip
    unknown = sorted(set(named) - known)
    if unknown:
        raise UnknownCodeError(
            f"数据集中没有这些{zh}: {'、'.join(unknown)}。",
            f"The dataset has no such {en}: {', '.join(unknown)}.",
        )


def _row(dataset: Dataset, one: Correction) -> dict[str, object]:
    """The row that is stored; its id follows from all it says."""
    unit_a, unit_b = sorted(one.units) if one.units else (None, None)
    new = {"closed": "closed", "passage": one.kind}.get(one.what, one.what)
    place = None if one.place is None else shapely.set_precision(one.place, 0.001)
    parts = [one.what, unit_a, unit_b, one.target, new, one.author, one.reason, one.date,
             "" if place is None else place.wkt]  # fmt: skip
    digest = hashlib.sha256("\x1f".join(str(part or "") for part in parts).encode())
    return {
        "override_id": "o" + digest.hexdigest()[:12],
        "what": one.what,
        "unit_a": unit_a,
        "unit_b": unit_b,
        "target_id": one.target,
        "old": _before(dataset, one, unit_a, unit_b),
        "new": new,
        "author": one.author.strip(),
        "reason": one.reason.strip(),
        "date": one.date,
        "geometry": place,
    }


def _before(dataset: Dataset, one: Correction, unit_a: object, unit_b: object) -> str | None:
    """What the data said, as far as they say."""
    if one.what == "closed":
        return "open"
    if one.what in ("passage", "placed"):
        return None
    edges = shape_layer("edges", dataset.layer("edges"), "")
    row = edges[(edges["unit_a"] == unit_a) & (edges["unit_b"] == unit_b)]
    if not len(row):
        return None
    return "neighbours" if row["allowed"].iloc[0] else str(row["blocked_by"].iloc[0])
