"""Incoming rows find their place among those already there: ids, references, upsert."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.admin.jurisdictions import CODES, NAMES, impute_admin_codes
from geo.admin.place_codes import is_from_name
from geo.findings import Finding
from geo.importing.record_linkage import (
    find_units_by_name,
    find_units_by_place,
    ids_by_code,
    match_communities,
    match_findings,
    record_joins,
)
from geo.importing.units import stable_id
from geo.names import NameRules, name_core, name_key
from geo.prepared.columns import centroids, geometries, text_column, text_value
from geo.prepared.prepared_layer import PreparedLayer
from geo.schema import KEYS, field_names
from geo.validation.conflicting_values import find_contradictions
from geo.validation.row_consistency import find_shared_credit_codes, keep_last_companions, merge_companions

Layers = Mapping[str, pd.DataFrame]

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
_OF_UNIT = (
    "contracts",
    "owners_bodies",
    "ebike_sites",
    "ebike_stock",
    "parking",
    "gates",
    "open_spaces",
    "service_points",
    "consents",
)
_SEVERAL_OF_UNIT = ("ebike_sites",)
"""Layers of which a community has several, told apart by their figures only."""
_REFERENCES = {
    "street_name": "street_code",
    "neighbourhood_name": "neighbourhood_code",
    "district_name": "district_code",
    "company_name": "company_id",
}


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
    if prepared.layer in _OF_UNIT or prepared.layer == "buildings":
        prepared = _fill_unit_ids(prepared, existing)
    if prepared.layer in ("neighbourhoods", "buildings", "contracts", "service_points"):
        prepared = _fill_reference_codes(prepared, existing)
    if prepared.layer == "permits":
        prepared = _resolve_permits(prepared, existing)
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


def resolve_references(
    layers: Layers,
    names: NameRules = NameRules(),  # noqa: B008 - frozen
) -> tuple[pd.DataFrame, list[Finding]]:
    """Fill missing codes of communities from the names of street, neighbourhood and company.

    Parameters
    ----------
    layers
        At least "communities", "streets", "neighbourhoods" and "companies".
    names
        Aliases of districts and streets.

    Returns
    -------
    The communities with codes, and one finding for each kind of name that nobody bears.
    """
    communities = layers["communities"].astype(object)
    found: list[Finding] = []
    for name, code, target in (
        ("street_name", "street_code", "streets"),
        ("neighbourhood_name", "neighbourhood_code", "neighbourhoods"),
        ("company_name", "company_id", "companies"),
    ):
        table = layers[target]
        open_rows = communities[code].isna() & communities[name].notna()
        if not open_rows.any():
            continue
        codes = _lookup_codes(communities[open_rows], name, table, KEYS[target], names)
        communities.loc[open_rows, code] = codes
        missed = communities.loc[open_rows, name][codes.isna()].drop_duplicates()
        if len(missed) and not (target == "companies" and table.empty):
            found.append(_unknown_names_finding(target, missed, table.empty))
    no_street = communities["street_code"].isna() & communities["neighbourhood_code"].notna()
    of_neighbourhood = layers["neighbourhoods"].set_index("neighbourhood_code")["street_code"]
    communities.loc[no_street, "street_code"] = communities.loc[no_street, "neighbourhood_code"].map(of_neighbourhood)
    no_district = communities["district_code"].isna() & communities["street_code"].notna()
    by_street = layers["streets"].set_index("street_code")["district_code"]
    street = communities.loc[no_district, "street_code"]
    digits = street.where(street.astype("str").str.fullmatch(r"\d{9}")).str[:6]
    communities.loc[no_district, "district_code"] = street.map(by_street).where(street.map(by_street).notna(), digits)
    return communities, found


# --- ids ----------------------------------------------------------------------------------------


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
    prepared = _replace_frame(prepared, frame).found(*match_findings(prepared, matches))
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
    prepared = _replace_frame(prepared, frame)
    if named_by_place.any():
        n = int(named_by_place.sum())
        prepared = prepared.found(
            prepared.finding(
                "warning",
                "name.missing",
                f"{n} 个小区有图形但没有名称, 暂名“未命名小区 …”; 请补名称。",
                f"{n} communities have a shape but no name and are called '未命名小区 …' for now; name them.",
            )
        )
    return prepared.without(
        (unnamed & ~has_place).to_numpy(),
        "name.missing",
        "没有小区名称, 也没有位置, 这一行不能使用; 请补名称。",
        "There is neither a name nor a place, so this row cannot be used; add the name.",
    )


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
    if prepared.layer in ("streets", "neighbourhoods", "companies", "boundary") and len(old) and "name" in frame:
        frame.loc[blank, key] = _lookup_codes(frame[blank], "name", old, key)
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
    told = frame[telling].astype(object).where(frame[telling].notna(), "").to_numpy(dtype=object)
    turns = _occurrence_numbers(frame, telling, wkb.astype(object)) if prepared.layer in _SEVERAL_OF_UNIT else None
    for position in np.flatnonzero(blank):
        parts = [kind, *(str(v) for v in told[position])]
        if turns is not None and turns[position]:
            parts.append(str(turns[position]))
        digest = hashlib.sha256("\x1f".join(parts).encode() + (wkb[position] or b""))
        ids[position] = kind[0] + digest.hexdigest()[:12]
    frame[key] = ids
    prepared = _replace_frame(prepared, frame)
    if turns is not None and (turns[blank.to_numpy()] > 0).any():
        n = int((turns[blank.to_numpy()] > 0).sum())
        prepared = prepared.found(
            prepared.finding(
                "info",
                "rows.several_of_unit",
                f"{n} 行与前面某一行同属一个小区而内容不同, 作为另一处设施分别保存; 若是同一处, 请在表中写明编号。",
                f"{n} rows belong to the community of an earlier row but differ from it; each was stored as a site of "
                "its own. Give sites a number in the table where two rows mean the same one.",
            )
        )
    if prepared.layer in ("streets", "neighbourhoods") and no_code.any():
        prepared = prepared.found(
            prepared.finding(
                "warning",
                "code.missing",
                f"{int(no_code.sum())} 行没有统计用区划代码, 用了临时编号; 请补代码。",
                f"{int(no_code.sum())} rows have no statistical code and got a provisional one; add the codes.",
            )
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
        prepared = prepared.without(
            (names != first).to_numpy(),
            "rows.code_twice",
            "同一编码已用于另一个名称, 这一行没有采用; 请改正编码。",
            "The same code already stands for another name, so this row was not used; correct the code.",
        )
        frame = prepared.frame
    again = frame[key].duplicated().to_numpy()
    if not again.any():
        return prepared
    found = [
        prepared.finding(
            "warning",
            "rows.repeated",
            "与前面某一行是同一个对象, 已合并, 后面的值优先; 请核对是否重复登记。",
            "This row is the same thing as an earlier one; they were merged, later values win. "
            "Check whether it is listed twice.",
            position=position,
            value=str(frame[key].iloc[position]),
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
    return prepared.without(
        blank,
        "row.incomplete",
        f"缺少必填的 {column}, 这一行不能使用; 请补上。",
        f"The required {column} is missing, so this row cannot be used; add it.",
    )


def _is_required(layer: str, column: str) -> bool:
    required = {
        "streets": "name",
        "neighbourhoods": "name",
        "companies": "name",
        "barriers": "kind",
        "crossings": "kind",
    }
    return required.get(layer) == column


# --- references ---------------------------------------------------------------------------------


def _fill_unit_ids(prepared: PreparedLayer, existing: Layers) -> PreparedLayer:
    """Fill `unit_id` from a community's code, name or place; rows that name nobody are reported."""
    frame = prepared.frame.copy()
    communities = existing["communities"]
    given = text_column(frame, "unit_id").where(
        text_column(frame, "unit_id").notna(), text_column(frame, "community_code")
    )
    by_code = ids_by_code(communities)
    units = given.map(by_code).astype(object)
    methods = text_column(pd.DataFrame(index=frame.index), "method").where(units.isna(), "code")
    names = text_column(frame, "community_name")
    open_rows = units.isna() & names.notna()
    if open_rows.any():
        units = units.where(~open_rows, find_units_by_name(frame, communities))
        methods = methods.where(~open_rows | units.isna(), "name")
    if prepared.layer == "buildings":  # derived again by build_units; the code is what is kept
        code = text_column(frame, "community_code")
        frame["community_code"] = code.where(code.notna(), units.where(units.notna(), names))
        return _replace_frame(prepared, frame)
    nameless = units.isna() & given.isna() & names.isna()
    if nameless.any() and "geometry" in frame:
        units = units.where(~nameless, find_units_by_place(geometries(frame), communities))
        methods = methods.where(~nameless | units.isna(), "place")
    unknown = units.isna() & given.notna()
    frame["unit_id"] = units.where(units.notna(), given)
    prepared = record_joins(
        _replace_frame(prepared, frame),
        units,
        methods,
        pd.Series(np.where(units.notna(), 100.0, np.nan), index=frame.index),
    )
    if unknown.any():
        prepared = prepared.found(_unknown_codes_finding(prepared, given[unknown]))
    lost = (frame["unit_id"].isna() & names.notna()).to_numpy()
    zh = "小区表里没有这个小区(或有几个同名的), 无法归属; 请先导入小区, 或补小区编码、街道。"
    en = (
        "No community of this name is there (or several are), so the row belongs to nobody; import "
        "the communities first, or add its code or street."
    )
    if KEYS[prepared.layer] == "unit_id":
        return prepared.without(lost, "reference.unknown_name", zh, en)
    return prepared.found(
        *(
            prepared.finding("warning", "reference.unknown_name", zh, en, position=p, value=str(names.iloc[p]))
            for p in np.flatnonzero(lost)
        )
    )


def _unknown_codes_finding(prepared: PreparedLayer, codes: pd.Series) -> Finding:
    listed = "、".join(codes.drop_duplicates()[:5])
    return prepared.finding(
        "warning",
        "reference.unknown_unit",
        f"{len(codes)} 行的小区编码还不在小区表中({listed}…), 先按编码保存; 请导入小区或核对编码。",
        f"{len(codes)} rows name community codes that are not there yet ({listed}…); they were stored "
        "under the code. Import the communities or check the codes.",
    )


def _resolve_permits(prepared: PreparedLayer, existing: Layers) -> PreparedLayer:
    """Units and streets of a permit by code, or by a name that only one of them bears."""
    frame = prepared.frame.copy()
    communities, streets = existing["communities"], existing["streets"]
    for column in (name for name in ("street_a", "street_b") if name in frame):
        given = text_column(frame, column)
        named = _lookup_codes(frame, column, streets, "street_code")
        frame[column] = given.where(given.isin(streets["street_code"]) | named.isna(), named)
    by_code = ids_by_code(communities)
    for column in ("unit_a", "unit_b"):
        given = text_column(frame, column)
        named = find_units_by_name(pd.DataFrame({"community_name": given}), communities)
        found = given.map(by_code).astype(object)
        frame[column] = found.where(found.notna(), named).where(lambda s: s.notna(), given)
    return _replace_frame(prepared, frame)


def _fill_reference_codes(prepared: PreparedLayer, existing: Layers) -> PreparedLayer:
    """Street codes of neighbourhoods and company ids of contracts, from names."""
    frame = prepared.frame.copy()
    for name, code, target in (("street_name", "street_code", "streets"), ("company_name", "company_id", "companies")):
        if name in frame and code in field_names(prepared.layer):
            known = text_column(frame, code)
            frame[code] = known.where(known.notna(), _lookup_codes(frame, name, existing[target], KEYS[target]))
    return _replace_frame(prepared, frame)


def _lookup_codes(
    rows: pd.DataFrame,
    column: str,
    table: pd.DataFrame,
    code: str,
    names: NameRules = NameRules(),  # noqa: B008 - frozen
) -> pd.Series:
    """Codes of names in a table, suffixes aside; districts and streets settle what is ambiguous."""
    candidates: dict[str, list[int]] = {}
    for position, name in enumerate(table["name"]):
        candidates.setdefault(name_core(name), []).append(position)
    codes = table[code].tolist()
    found: list[str | None] = []
    for position, name in enumerate(rows[column]):
        core = name_core(name)
        fits = candidates.get(core, []) if core else []
        if not fits and core and code == "street_code":  # 前进街道 for 前进道街道
            fits = candidates.get(name_core(names.street_name(name)), [])
        if not fits and core and code == "street_code":
            fits = [p for end in "道路街" for p in candidates.get(core + end, [])]
        if len(fits) > 1:
            fits = [p for p in fits if _is_in_same_place(rows, position, table, p)]
        found.append(codes[fits[0]] if len(fits) == 1 else None)
    return pd.Series(found, index=rows.index, dtype=object)


def _is_in_same_place(rows: pd.DataFrame, i: int, table: pd.DataFrame, j: int) -> bool:
    """Whether district and street of two rows agree where both are known, and one of them is."""
    shared = 0
    for column in ("district_code", "district_name", "street_code"):
        a, b = text_value(rows, column, i), text_value(table, column, j)
        if a is None or b is None:
            continue
        if (a if column.endswith("code") else name_core(a)) != (b if column.endswith("code") else name_core(b)):
            return False
        shared += 1
    return shared > 0


def _unknown_names_finding(target: str, names: pd.Series, is_empty: bool) -> Finding:
    zh_of = {"streets": "街道", "neighbourhoods": "社区", "companies": "物业企业"}
    listed = "、".join(names[:5]) + ("…" if len(names) > 5 else "")
    zh_why = "还没有导入该图层" if is_empty else "表中没有"
    en_why = "that layer was not imported yet" if is_empty else "the layer has no such names"
    zh_until, en_until = (
        ("", "")
        if target == "companies"
        else (
            "在此之前, 界线以位置或名称为准 (按名称编的代码以 N- 开头)。",
            " Until then the place or the name itself makes the wall (codes made from names begin with N-).",
        )
    )
    return Finding(
        "info" if target == "companies" else "warning",
        f"reference.unknown_{target}",
        f"小区的{zh_of[target]}名称有 {len(names)} 个对不上({listed}), {zh_why}; "
        f"请导入{zh_of[target]}表或核对名称。{zh_until}",
        f"{len(names)} names of {target} in the communities match nothing ({listed}): {en_why}. "
        f"Import {target} or check the names.{en_until}",
        layer="communities",
    )


# --- upsert -------------------------------------------------------------------------------------


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


def _replace_frame(prepared: PreparedLayer, frame: pd.DataFrame) -> PreparedLayer:
    return replace(prepared, frame=frame)


def to_geodataframe(frame: pd.DataFrame, metric_crs: str) -> pd.DataFrame:
    """A merged frame with its geometry column typed, in the metric CRS."""
    if "geometry" not in frame:
        return frame
    shapes = gpd.GeoSeries(geometries(frame), crs=metric_crs, index=frame.index)
    return gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=shapes)
