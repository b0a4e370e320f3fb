"""Every incoming row gets its id; rows of one id become one row."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.admin.jurisdictions import CODES, NAMES, impute_admin_codes
from geo.admin.place_codes import is_from_name
from geo.importing.record_linkage import match_communities, match_findings, record_joins
from geo.importing.references import (
    UNIT_LAYERS,
    Layers,
    fill_reference_codes,
    fill_unit_ids,
    lookup_codes,
    resolve_permits,
)
from geo.importing.unit_figures import stable_id
from geo.messages import load_catalogue
from geo.names import name_core, name_key
from geo.prepared.columns import centroids, geometries
from geo.prepared.ledger import PREFIX
from geo.prepared.prepared_layer import PreparedLayer
from geo.schema import KEYS
from geo.validation.conflicting_values import find_contradictions
from geo.validation.row_consistency import find_shared_credit_codes, keep_last_companions

say = load_catalogue(__file__)

_PREFIXES = {
    "buildings": "building",
    "streets": "street",
    "neighbourhoods": "neighbourhood",
    "boundary": "zone",
    "roads": "road",
    "barriers": "obstacle",
    "crossings": "xing",
    "companies": "firm",
    "contracts": "agreement",
    "ebike_sites": "ebike",
    "gates": "door",
    "open_spaces": "yard",
    "service_points": "post",
    "permits": "licence",
}


_SEVERAL_OF_UNIT = ("ebike_sites",)
"""Layers of which a community has several, distinguished by their figures only."""


def assign_ids(prepared: PreparedLayer, existing: Layers) -> PreparedLayer:
    """Give every row its id, matching rows of communities that are already there.

    Parameters
    ----------
    prepared
        Rows, placed in the metric CRS where they have a place.
    existing
        Layers so far, with all columns of their schema.

    Returns
    -------
    The rows with the key column of their layer filled and unique; rows without a name or an id
    where one is needed are rejected.
    """
    if prepared.layer == "communities":
        return _deduplicate(_assign_community_ids(prepared, existing["communities"]))
    if prepared.layer in UNIT_LAYERS or prepared.layer == "buildings":
        prepared = fill_unit_ids(prepared, existing)
    if prepared.layer in ("neighbourhoods", "buildings", "contracts", "service_points"):
        prepared = fill_reference_codes(prepared, existing)
    if prepared.layer == "permits":
        prepared = resolve_permits(prepared, existing)
    if prepared.layer not in KEYS or KEYS[prepared.layer] == "unit_id":
        needed = "unit_id" if prepared.layer in KEYS else "indicator_id"
        return _deduplicate(_require_column(prepared, needed))
    for needed in ("name", "kind"):
        if _is_required(prepared.layer, needed):
            prepared = _require_column(prepared, needed)
    prepared = _deduplicate(_assign_feature_ids(prepared, existing))
    if prepared.layer == "companies":
        prepared = prepared.found(*find_shared_credit_codes(prepared, existing["companies"]))
    return prepared


def _assign_community_ids(prepared: PreparedLayer, old: pd.DataFrame) -> PreparedLayer:
    prepared = _fill_names(prepared)
    frame = prepared.frame.copy()
    for column in ("unit_id", "external_code", "street_name", "street_code", "district_name"):
        if column not in frame:
            frame[column] = pd.Series(None, index=frame.index, dtype=object)
    frame["geom_quality"] = _geom_quality(frame)
    matches = match_communities(frame, old)
    frame["unit_id"] = frame["unit_id"].where(frame["unit_id"].notna(), matches.unit_ids)
    centre_x, centre_y = centroids(frame)
    made = [
        code
        if isinstance(code, str)
        else stable_id("community", name, street if isinstance(street, str) else code2, x, y)
        for code, name, street, code2, x, y in zip(
            frame["external_code"], *_first_spellings(frame), frame["street_code"], centre_x, centre_y, strict=True
        )
    ]
    frame["unit_id"] = frame["unit_id"].where(frame["unit_id"].notna(), pd.Series(made, dtype=object))
    prepared = replace(prepared, frame=frame).found(*match_findings(prepared, matches))
    return record_joins(prepared, frame["unit_id"], matches.methods, matches.scores)


def _first_spellings(frame: pd.DataFrame) -> tuple[list[object], list[object]]:
    """Names and streets as the first row writes them that means the same: 一期 and （一期） are one."""
    names, streets = frame["name"].tolist(), frame["street_name"].tolist()
    first: dict[tuple[str | None, str], int] = {}
    at = [
        first.setdefault((name_key(name) or str(name), name_core(street)), place)
        for place, (name, street) in enumerate(zip(names, streets, strict=True))
    ]
    return [names[place] for place in at], [streets[place] for place in at]


def _fill_names(prepared: PreparedLayer) -> PreparedLayer:
    """Polygons without a name get one from their place; rows with neither cannot be used."""
    frame = prepared.frame.copy()
    if "name" not in frame:
        frame["name"] = pd.Series(None, index=frame.index, dtype=object)
    unnamed = frame["name"].isna()
    if not unnamed.any():
        return prepared
    has_place = ~shapely.is_missing(geometries(frame))
    named_by_place = (unnamed & has_place).to_numpy()
    x, y = centroids(frame)
    names = frame["name"].to_numpy(dtype=object).copy()
    for position in np.flatnonzero(named_by_place):
        short = stable_id("community", None, None, x[position], y[position])[1:7]
        names[position] = f"未命名小区 {short}"
    frame["name"] = names
    prepared = replace(prepared, frame=frame)
    if named_by_place.any():
        n = int(named_by_place.sum())
        prepared = prepared.found(prepared.finding("warning", "name.missing", *say("name.made_up", n=n)))
    return prepared.without((unnamed & ~has_place).to_numpy(), "name.missing", *say("name.missing"))


def _geom_quality(frame: pd.DataFrame) -> npt.NDArray[np.object_]:
    shapes = geometries(frame)
    kind = shapely.get_type_id(shapes)
    quality = np.full(len(frame), None, dtype=object)
    quality[np.isin(kind, (3, 6))] = "digitised"
    quality[np.isin(kind, (0, 4))] = "buffered_point"
    if "geom_quality" in frame:
        given = frame["geom_quality"].to_numpy(dtype=object)
        keep = pd.notna(given) & np.isin(kind, (3, 6)) & (given != "missing")
        quality[keep] = given[keep]
    return quality


def _assign_feature_ids(prepared: PreparedLayer, existing: Layers) -> PreparedLayer:
    """Ids of rows without one: a street's by its name among those there, else from the content."""
    key = KEYS[prepared.layer]
    frame = prepared.frame.copy()
    if key not in frame:
        frame[key] = pd.Series(None, index=frame.index, dtype=object)
    blank = frame[key].isna()
    if not blank.any():
        return prepared
    old = existing[prepared.layer]
    if prepared.layer == "companies":  # one that only a ledger names is no row of the table
        old = old[~old[key].astype("str").str.startswith(PREFIX).fillna(False).astype(bool)]
    if prepared.layer in ("streets", "neighbourhoods", "companies", "boundary") and len(old) and "name" in frame:
        frame.loc[blank, key] = lookup_codes(frame[blank], "name", old, key)
        blank = frame[key].isna()
    if prepared.layer in ("streets", "neighbourhoods") and blank.any():
        frame.loc[blank, key] = _codes_from_names(prepared.layer, frame, old)[blank]
    blank, no_code = frame[key].isna(), blank
    shapes = geometries(frame)
    wkb = shapely.to_wkb(shapely.normalize(shapely.set_precision(shapes, 0.001, mode="pointwise")))
    telling = [
        c
        for c in (
            "name",
            "kind",
            "unit_id",
            "company_id",
            "start_date",
            "end_date",
            "community_code",
            "district_name",
            "street_name",
            "use",
            "unit_a",
            "unit_b",
            "street_a",
            "street_b",
        )
        if c in frame
    ]
    kind = _PREFIXES[prepared.layer]
    ids = frame[key].to_numpy(dtype=object).copy()
    values = frame[telling].astype(object).where(frame[telling].notna(), "").to_numpy(dtype=object)
    turns = _occurrence_numbers(frame, telling, wkb.astype(object)) if prepared.layer in _SEVERAL_OF_UNIT else None
    for position in np.flatnonzero(blank):
        parts = [kind, *(str(v) for v in values[position])]
        if turns is not None and turns[position]:
            parts.append(str(turns[position]))
        digest = hashlib.sha256("\x1f".join(parts).encode() + (wkb[position] or b""))
        ids[position] = kind[0] + digest.hexdigest()[:12]
    frame[key] = ids
    prepared = replace(prepared, frame=frame)
    if turns is not None and (turns[blank.to_numpy()] > 0).any():
        n = int((turns[blank.to_numpy()] > 0).sum())
        prepared = prepared.found(prepared.finding("info", "rows.several_of_unit", *say("rows.several_of_unit", n=n)))
    if prepared.layer in ("streets", "neighbourhoods") and no_code.any():
        prepared = prepared.found(
            prepared.finding("warning", "code.missing", *say("code.missing", n=int(no_code.sum())))
        )
    return prepared


def _codes_from_names(layer: str, frame: pd.DataFrame, old: pd.DataFrame) -> pd.Series:
    """Codes of streets and neighbourhoods made from their names; None where two rows would share one."""
    filled = frame.assign(**dict.fromkeys(c for c in (*CODES, *NAMES) if c not in frame))
    named = {"streets": "street_name", "neighbourhoods": "neighbourhood_name"}[layer]
    nothing = pd.DataFrame()
    coded = impute_admin_codes(filled.assign(**{named: frame["name"]}), nothing, nothing, nothing)[0]
    codes = coded[KEYS[layer]].astype(object)
    taken = codes.duplicated(keep=False) | codes.isin(old[KEYS[layer]]) | ~codes.map(is_from_name)
    return codes.where(~taken, None)


def _occurrence_numbers(frame: pd.DataFrame, telling: list[str], wkb: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """How many different rows before each have the same owner and place; 0 for rows seen before.

    Two charging sites of one community are two rows that differ in their figures only; a row that
    repeats an earlier one in everything stays the same thing.
    """
    place = pd.Series(wkb, index=frame.index, dtype=object).map(lambda b: (b or b"").hex())
    texts = frame.drop(columns="geometry", errors="ignore").astype(object)
    texts = texts.where(texts.notna(), "").astype(str).assign(_place=place)
    owner = texts[[*telling, "_place"]].agg("\x1f".join, axis=1)
    whole = texts.agg("\x1f".join, axis=1)
    return whole.groupby(owner, sort=False).transform(lambda rows: pd.factorize(rows)[0]).to_numpy(np.int64)


def _deduplicate(prepared: PreparedLayer) -> PreparedLayer:
    """Rows of one id become one row (later values win); one code under two names is refused."""
    key = KEYS.get(prepared.layer)
    frame = prepared.frame
    if key is None or frame.empty or not frame[key].duplicated().any():
        return prepared
    if "name" in frame and prepared.layer in ("communities", "companies", "streets"):
        names = frame["name"].map(name_key if prepared.layer == "communities" else name_core)
        first = names.groupby(frame[key], sort=False).transform("first")
        prepared = prepared.without((names != first).to_numpy(), "rows.code_twice", *say("rows.code_twice"))
        frame = prepared.frame
    again = frame[key].duplicated().to_numpy()
    if not again.any():
        return prepared
    found = [
        prepared.finding(
            "warning", "rows.repeated", *say("rows.repeated"), position=position, value=str(frame[key].iloc[position])
        )
        for position in np.flatnonzero(again)
    ]
    found += find_contradictions([prepared])
    geometry = geometries(frame) if "geometry" in frame else None
    plain = frame.drop(columns="geometry", errors="ignore")
    merged = plain.groupby(key, sort=False, dropna=False).last().reset_index()
    merged = keep_last_companions(plain, key, merged)
    if geometry is not None:
        last = pd.Series(geometry, dtype=object).groupby(frame[key].to_numpy(), sort=False).last()
        merged["geometry"] = last.reindex(merged[key]).to_numpy(dtype=object)
    kept = np.flatnonzero(~again)
    return replace(
        prepared,
        frame=merged.astype(object),
        source=prepared.source.iloc[kept].reset_index(drop=True),
        rows=prepared.rows[kept],
        sheets=None if prepared.sheets is None else prepared.sheets[kept],
    ).found(*found)


def _require_column(prepared: PreparedLayer, column: str) -> PreparedLayer:
    blank = (
        prepared.frame[column].isna().to_numpy()
        if column in prepared.frame
        else np.ones(len(prepared.frame), dtype=bool)
    )
    return prepared.without(blank, "row.incomplete", *say("row.incomplete", column=column))


def _is_required(layer: str, column: str) -> bool:
    required = {
        "streets": "name",
        "neighbourhoods": "name",
        "companies": "name",
        "barriers": "kind",
        "crossings": "kind",
    }
    return required.get(layer) == column
