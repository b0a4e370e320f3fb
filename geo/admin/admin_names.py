"""Names of districts, streets and communities: aliases become codes, doubles are reported."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import shapely

from geo.findings import Finding
from geo.messages import load_catalogue
from geo.names import NameRules, name_core, similar_pairs
from geo.prepared.columns import UNNAMED_COMMUNITY, centroids, geometries, text_column
from geo.prepared.prepared_layer import PreparedLayer

say = load_catalogue(__file__)

MIN_DUPLICATE_LIKENESS = 85.0
"""Likeness of two names of one street, 0-100, from which they may be one community listed twice."""
MAX_DUPLICATE_DISTANCE_M = 1000.0
"""Communities farther apart than this are not one, however alike their names."""
_DISTRICT_NAME = {"communities": "district_name", "streets": "district_name", "boundary": "name"}


def resolve_admin_names(prepared: PreparedLayer, names: NameRules) -> PreparedLayer:
    """Fill district codes from names and aliases, and mark street-level units that are no streets.

    A name counts only where most district names of the file are known: other cities have a 青山区 too.

    Parameters
    ----------
    prepared
        The rows of one file.
    names
        Names, aliases and codes of districts.
    """
    prepared = _fill_district_codes(prepared, names)
    return _mark_functional_zones(prepared, names) if prepared.layer == "streets" else prepared


def community_findings(communities: pd.DataFrame) -> list[Finding]:
    """Communities that may be one listed twice, and outlines no table row speaks of.

    Parameters
    ----------
    communities
        The layer, with codes resolved, in the metric CRS.
    """
    return [*_find_duplicates(communities), *_find_bare_outlines(communities)]


def _fill_district_codes(prepared: PreparedLayer, names: NameRules) -> PreparedLayer:
    column = _DISTRICT_NAME.get(prepared.layer, "")
    stated = text_column(prepared.frame, column)
    distinct = stated.dropna().drop_duplicates()
    codes = {name: names.district_code(name) for name in distinct}
    known = {name: code for name, code in codes.items() if code is not None}
    if not known or 2 * len(known) < len(distinct):
        return prepared
    given = text_column(prepared.frame, "district_code")
    filled = given.where(given.notna(), stated.map(known).astype(object))
    changed = filled.notna() & given.isna()
    prepared = replace(prepared, frame=prepared.frame.assign(district_code=filled))
    if not changed.any():
        return prepared
    pairs = "、".join(f"{name}→{known[name]}" for name in distinct if name in known)
    return prepared.found(
        prepared.finding("info", "names.districts", *say("finding.districts", n=int(changed.sum()), pairs=pairs))
    )


def _mark_functional_zones(prepared: PreparedLayer, names: NameRules) -> PreparedLayer:
    frame = prepared.frame
    given = text_column(frame, "is_functional_zone")
    is_zone = text_column(frame, "name").map(names.is_functional_zone)
    marked = given.where(given.notna(), is_zone.where(is_zone, None).astype(object))
    prepared = replace(prepared, frame=frame.assign(is_functional_zone=marked))
    new = (given.isna() & is_zone).to_numpy()
    if not new.any():
        return prepared
    listed = "、".join(frame["name"][new][:8])
    return prepared.found(
        prepared.finding(
            "info", "names.functional_zone", *say("finding.functional_zone", n=int(new.sum()), listed=listed)
        )
    )


def _find_duplicates(communities: pd.DataFrame) -> list[Finding]:
    street = text_column(communities, "street_code")
    named = text_column(communities, "street_name").map(name_core)
    group = street.where(street.notna(), named.where(named != "", "")).astype(str)
    x, y = centroids(communities)
    ids, names = communities["unit_id"].tolist(), communities["name"].tolist()
    pairs: list[tuple[float, str]] = []
    for _, rows in pd.Series(range(len(communities))).groupby(group.to_numpy(), sort=True):
        places = [p for p in rows if not str(names[p]).startswith(UNNAMED_COMMUNITY)]
        for a, b, score in similar_pairs([names[p] for p in places], at_least=MIN_DUPLICATE_LIKENESS):
            i, j = places[a], places[b]
            if not np.hypot(x[i] - x[j], y[i] - y[j]) > MAX_DUPLICATE_DISTANCE_M:
                pairs.append((score, f"{names[i]}({ids[i]}) / {names[j]}({ids[j]}) {score:.0f}%"))
    if not pairs:
        return []
    pairs.sort(key=lambda pair: -pair[0])
    listed = "; ".join(text for _, text in pairs[:5]) + (" …" if len(pairs) > 5 else "")
    return [
        Finding(
            "warning",
            "communities.alike",
            *say("finding.alike", n=len(pairs)),
            layer="communities",
            column="name",
            value=listed,
        )
    ]


def _find_bare_outlines(communities: pd.DataFrame) -> list[Finding]:
    """Outlines without any figure, where other outlines do have table rows."""
    placed = ~shapely.is_missing(geometries(communities))
    columns = ("households", "floor_area_m2", "built_year", "management_mode", "company_name")
    stated = communities[[c for c in columns if c in communities]].notna().any(axis=1).to_numpy()
    bare = placed & ~stated
    if not bare.any() or not (placed & stated).any():
        return []
    names = communities["name"][bare]
    listed = "、".join(names[:5]) + ("…" if len(names) > 5 else "")
    return [
        Finding(
            "warning",
            "join.outline_without_row",
            *say("finding.outline_without_row", n=int(bare.sum()), listed=listed),
            layer="communities",
            column="name",
            value=listed,
        )
    ]
