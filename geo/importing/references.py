"""Names of communities, streets and companies in a row become the ids and codes of what they name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from geo.findings import Finding
from geo.importing.record_linkage import find_units_by_name, find_units_by_place, ids_by_code, record_joins
from geo.messages import EMPTY, load_catalogue
from geo.names import NameRules, name_core
from geo.prepared.columns import geometries, text_column, text_value
from geo.prepared.prepared_layer import PreparedLayer
from geo.schema import KEYS, field_names

say = load_catalogue(__file__)

Layers = Mapping[str, pd.DataFrame]


UNIT_LAYERS = (
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
        codes = lookup_codes(communities[open_rows], name, table, KEYS[target], names)
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


def fill_unit_ids(prepared: PreparedLayer, existing: Layers) -> PreparedLayer:
    """Fill `unit_id` from a community's code, name or place; rows that name nobody are reported.

    Parameters
    ----------
    prepared
        Rows of a layer that belongs to units, or of buildings.
    existing
        Layers so far; "communities" is read.
    """
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
        return replace(prepared, frame=frame)
    nameless = units.isna() & given.isna() & names.isna()
    if nameless.any() and "geometry" in frame:
        units = units.where(~nameless, find_units_by_place(geometries(frame), communities))
        methods = methods.where(~nameless | units.isna(), "place")
    unknown = units.isna() & given.notna()
    frame["unit_id"] = units.where(units.notna(), given)
    prepared = record_joins(
        replace(prepared, frame=frame),
        units,
        methods,
        pd.Series(np.where(units.notna(), 100.0, np.nan), index=frame.index),
    )
    if unknown.any():
        prepared = prepared.found(_unknown_codes_finding(prepared, given[unknown]))
    lost = (frame["unit_id"].isna() & names.notna()).to_numpy()
    sentence = say("reference.unknown_name")
    if KEYS[prepared.layer] == "unit_id":
        return prepared.without(lost, "reference.unknown_name", *sentence)
    return prepared.found(
        *(
            prepared.finding("warning", "reference.unknown_name", *sentence, position=p, value=str(names.iloc[p]))
            for p in np.flatnonzero(lost)
        )
    )


def _unknown_codes_finding(prepared: PreparedLayer, codes: pd.Series) -> Finding:
    listed = "、".join(codes.drop_duplicates()[:5])
    return prepared.finding(
        "warning", "reference.unknown_unit", *say("reference.unknown_unit", n=len(codes), listed=listed)
    )


def resolve_permits(prepared: PreparedLayer, existing: Layers) -> PreparedLayer:
    """Units and streets of a permit by code, or by a name that only one of them bears.

    Parameters
    ----------
    prepared
        Rows of the layer "permits".
    existing
        Layers so far; "communities" and "streets" are read.
    """
    frame = prepared.frame.copy()
    communities, streets = existing["communities"], existing["streets"]
    for column in (name for name in ("street_a", "street_b") if name in frame):
        given = text_column(frame, column)
        named = lookup_codes(frame, column, streets, "street_code")
        frame[column] = given.where(given.isin(streets["street_code"]) | named.isna(), named)
    by_code = ids_by_code(communities)
    for column in ("unit_a", "unit_b"):
        given = text_column(frame, column)
        named = find_units_by_name(pd.DataFrame({"community_name": given}), communities)
        found = given.map(by_code).astype(object)
        frame[column] = found.where(found.notna(), named).where(lambda s: s.notna(), given)
    return replace(prepared, frame=frame)


def fill_reference_codes(prepared: PreparedLayer, existing: Layers) -> PreparedLayer:
    """Street codes of neighbourhoods and company ids of contracts, from names.

    Parameters
    ----------
    prepared
        Rows; those with a code keep it.
    existing
        Layers so far; "streets" and "companies" are read.
    """
    frame = prepared.frame.copy()
    for name, code, target in (("street_name", "street_code", "streets"), ("company_name", "company_id", "companies")):
        if name in frame and code in field_names(prepared.layer):
            known = text_column(frame, code)
            frame[code] = known.where(known.notna(), lookup_codes(frame, name, existing[target], KEYS[target]))
    return replace(prepared, frame=frame)


def lookup_codes(
    rows: pd.DataFrame,
    column: str,
    table: pd.DataFrame,
    code: str,
    names: NameRules = NameRules(),  # noqa: B008 - frozen
) -> pd.Series:
    """Codes of names in a table, suffixes aside; districts and streets settle what is ambiguous.

    Parameters
    ----------
    rows
        n rows.
    column
        Their column of names.
    table
        The layer that has the names.
    code
        Its column of codes.
    names
        Aliases of districts and streets.

    Returns
    -------
    (n,) codes, None where no row, or several, bear the name.
    """
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
    listed = "、".join(names[:5]) + ("…" if len(names) > 5 else "")
    why = say("reference.no_layer" if is_empty else "reference.no_name")
    until = EMPTY if target == "companies" else say("reference.until")
    return Finding(
        "info" if target == "companies" else "warning",
        f"reference.unknown_{target}",
        *say("reference.unknown_names", layer=say(f"layer.{target}"), n=len(names), names=listed, why=why, until=until),
        layer="communities",
    )
