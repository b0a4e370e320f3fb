"""Rows find the community they speak of: by code, by name within a street, by place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.admin.place_codes import is_from_name
from geo.findings import Finding
from geo.importing.unit_sites import find_smallest_containing
from geo.messages import load_catalogue
from geo.names import name_core, name_key, name_similarity, normalise_name
from geo.prepared.columns import UNNAMED_COMMUNITY, Shapes, centroids, geometries, text_column, text_value
from geo.prepared.prepared_layer import PreparedLayer

say = load_catalogue(__file__)

SAME_PLACE_M = 300.0
"""Two communities of one name farther apart than this are two communities."""
MIN_LIKENESS = 90.0
"""Likeness of two names, 0-100, from which a roster row and an outline of one street are one."""
MIN_LIKENESS_IN_PLACE = 60.0
"""A point inside an outline is the same community when their names are at least so alike."""


@dataclass(frozen=True, eq=False)
class CommunityMatches:
    """Which community already there each of n rows is.

    Parameters
    ----------
    unit_ids
        (n,) its id, None for a new one.
    methods, scores
        (n,) "code", "name", "place" or "new"; how sure, 0-100, NaN for a new one.
    contradicted
        (n,) rows whose point lies in an outline of quite another name; they were not joined.
    """

    unit_ids: pd.Series
    methods: pd.Series
    scores: pd.Series
    contradicted: npt.NDArray[np.bool_]


def match_communities(new: pd.DataFrame, old: pd.DataFrame) -> CommunityMatches:
    """The community already there that each row is: by code, then name and street, then place.

    Parameters
    ----------
    new
        n rows with `name`, `external_code`, `street_name`, `district_name`, maybe "geometry" in the
        metric CRS.
    old
        The layer `communities`.

    Returns
    -------
    The matches; no community is matched twice by name or place, and nothing ambiguous is matched.
    """
    n = len(new)
    ids = pd.Series(None, index=new.index, dtype=object)
    methods = pd.Series("new", index=new.index, dtype=object)
    scores = pd.Series(np.nan, index=new.index)
    contradicted = np.zeros(n, dtype=bool)
    if old.empty or not n:
        return CommunityMatches(ids, methods, scores, contradicted)
    ids = new["external_code"].map(ids_by_code(old)).astype(object)
    methods[ids.notna()], scores[ids.notna()] = "code", 100.0
    taken = set(ids.dropna())
    old_ids = old["unit_id"].tolist()
    for method, pairs in (("name", _match_by_name), ("name", _match_by_similar_name), ("place", _match_by_place)):
        for position, there, score in pairs(new, old, ids):
            if score < MIN_LIKENESS_IN_PLACE and method == "place":
                contradicted[position] = True
            elif old_ids[there] not in taken:
                ids.iloc[position], methods.iloc[position] = old_ids[there], method
                scores.iloc[position] = score
                taken.add(old_ids[there])
    return CommunityMatches(ids, methods, scores, contradicted)


def match_findings(prepared: PreparedLayer, matches: CommunityMatches) -> list[Finding]:
    """Joins a planner should look at: by a name only alike, by place, and places that contradict.

    Parameters
    ----------
    prepared
        The new rows.
    matches
        What each was joined with, and how.
    """
    names = prepared.frame["name"].astype(str)
    by_like = (matches.methods == "name") & (matches.scores < 100)
    found = []
    for chosen, rule in (
        (by_like.to_numpy(), "join.by_like_name"),
        ((matches.methods == "place").to_numpy(), "join.by_place"),
        (matches.contradicted, "join.place_contradicts"),
    ):
        if chosen.any():
            listed = _listed(names[chosen].tolist())
            found.append(prepared.finding("warning", rule, *say(rule, n=int(chosen.sum()), names=listed)))
    return found


def record_joins(prepared: PreparedLayer, unit_ids: pd.Series, methods: pd.Series, scores: pd.Series) -> PreparedLayer:
    """The rows with a record of how each found its unit, for the layer `joins`.

    Parameters
    ----------
    prepared
        The n new rows.
    unit_ids
        (n,) id of the unit each was joined with, None = of none.
    methods
        (n,) how it was found.
    scores
        (n,) how alike names are, 0 to 100.
    """
    frame = prepared.frame
    name = "name" if prepared.layer == "communities" else "community_name"
    joins = pd.DataFrame(
        {
            "file": prepared.file,
            "sheet": prepared.sheets if prepared.sheets is not None else None,
            "row": prepared.rows,
            "layer": prepared.layer,
            "name": text_column(frame, name).to_numpy(dtype=object),
            "unit_id": unit_ids.to_numpy(dtype=object),
            "method": methods.to_numpy(dtype=object),
            "score": scores.to_numpy(dtype=float),
        }
    )
    return replace(prepared, joins=(*prepared.joins, joins))


def ids_by_code(communities: pd.DataFrame) -> pd.Series:
    """`unit_id` of communities by their code and by their id."""
    by_code = pd.Series(
        np.tile(communities["unit_id"].to_numpy(dtype=object), 2),
        index=[*communities["external_code"], *communities["unit_id"]],
        dtype=object,
    )
    return by_code[by_code.index.notna() & ~by_code.index.duplicated()]


def find_units_by_name(frame: pd.DataFrame, communities: pd.DataFrame) -> pd.Series:
    """`unit_id` of the only community of a row's name, within its street where one is named.

    Parameters
    ----------
    frame
        n rows with `community_name` and maybe `street_name`.
    communities
        The layer.
    """
    rows: dict[str, list[int]] = {}
    for position, name in enumerate(communities["name"]):
        rows.setdefault(name_key(name) or "", []).append(position)
    streets = communities["street_name"].map(name_core).tolist()
    ids = communities["unit_id"].tolist()
    wanted_streets = text_column(frame, "street_name").map(name_core).tolist()
    found: list[str | None] = []
    for name, street in zip(text_column(frame, "community_name"), wanted_streets, strict=True):
        fits = rows.get(name_key(name) or "", []) if isinstance(name, str) else []
        if street and len(fits) > 1:
            fits = [p for p in fits if streets[p] == street]
        found.append(ids[fits[0]] if len(fits) == 1 else None)
    return pd.Series(found, index=frame.index, dtype=object)


def find_units_by_place(shapes: Shapes, communities: pd.DataFrame) -> pd.Series:
    """`unit_id` of the smallest community outline each shape's inner point lies in; None if none.

    Parameters
    ----------
    shapes
        (n,) geometries, None without a place.
    communities
        Rows with `unit_id` and a geometry of the same CRS.
    """
    outlines = geometries(communities)
    outlines[~np.isin(shapely.get_type_id(outlines), (3, 6))] = None
    ids = communities["unit_id"].to_numpy(dtype=object)
    found = np.full(len(shapes), None, dtype=object)
    for position, there in _find_smallest_outlines(shapes, outlines):
        found[position] = ids[there]
    return pd.Series(found, dtype=object)


# --- pairs of a row and a community already there -----------------------------------------------

Pairs = Iterator[tuple[int, int, float]]


def _match_by_name(new: pd.DataFrame, old: pd.DataFrame, ids: pd.Series) -> Pairs:
    """A new row and the only old row of its name, street, district and place."""
    old_rows = _group_by_name(old["name"])
    new_rows = _group_by_name(new["name"])
    new_at, old_at = _centroids(new), _centroids(old)
    for key, positions in new_rows.items():
        for position in positions:
            if pd.notna(ids.iloc[position]) or key not in old_rows:
                continue
            fits = [o for o in old_rows[key] if _is_compatible(new, position, old, o, new_at, old_at)]
            rivals = [
                p
                for p in positions
                if p != position and len(fits) == 1 and _is_compatible(new, p, old, fits[0], new_at, old_at)
            ]
            if len(fits) == 1 and not rivals:
                yield position, fits[0], 100.0


def _match_by_similar_name(new: pd.DataFrame, old: pd.DataFrame, ids: pd.Series) -> Pairs:
    """A row and an outline of one street whose names are alike, where one of them has no place."""
    known = {name_key(name) for name in old["name"]}
    new_at, old_at = _centroids(new), _centroids(old)
    new_placed, old_placed = np.isfinite(new_at[:, 0]), np.isfinite(old_at[:, 0])
    of_street: dict[str, list[int]] = {}
    for position, street in enumerate(text_column(old, "street_name").map(name_core)):
        if street:
            of_street.setdefault(street, []).append(position)
    taken = set(ids.dropna())
    wanted = text_column(new, "street_name").map(name_core).tolist()
    for position in np.flatnonzero(ids.isna().to_numpy()).tolist():
        name = new["name"].iloc[position]
        if name_key(name) in known:
            continue
        scored = [
            (name_similarity(name, old["name"].iloc[there]), there)
            for there in of_street.get(wanted[position], [])
            if new_placed[position] != old_placed[there]
            and old["unit_id"].iloc[there] not in taken
            and _is_compatible(new, position, old, there, new_at, old_at)
        ]
        best = [(score, there) for score, there in scored if score >= MIN_LIKENESS]
        if len(best) == 1:
            yield position, best[0][1], min(best[0][0], 99.0)


def _match_by_place(new: pd.DataFrame, old: pd.DataFrame, ids: pd.Series) -> Pairs:
    """A point in an outline, either way round; the score is how alike their names are."""
    new_shapes, old_shapes = geometries(new), geometries(old)
    new_shapes[ids.notna().to_numpy()] = None
    taken = old["unit_id"].isin(set(ids.dropna())).to_numpy()
    old_shapes[taken] = None
    new_kind, old_kind = shapely.get_type_id(new_shapes), shapely.get_type_id(old_shapes)
    points, outlines = _mask_kinds(new_shapes, new_kind, (0, 4)), _mask_kinds(old_shapes, old_kind, (3, 6))
    pairs = list(_find_smallest_outlines(points, outlines))
    points, outlines = _mask_kinds(old_shapes, old_kind, (0, 4)), _mask_kinds(new_shapes, new_kind, (3, 6))
    pairs += [(position, there) for there, position in _find_smallest_outlines(points, outlines)]
    once = _unambiguous_pairs(pairs)
    for position, there in once:
        yield position, there, _place_score(new["name"].iloc[position], old["name"].iloc[there])


def _place_score(a: object, b: object) -> float:
    if normalise_name(a).startswith(UNNAMED_COMMUNITY) or normalise_name(b).startswith(UNNAMED_COMMUNITY):
        return 80.0
    return name_similarity(a, b)


def _unambiguous_pairs(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Pairs neither side of which stands in another pair."""
    left = pd.Series([a for a, _ in pairs], dtype=int)
    right = pd.Series([b for _, b in pairs], dtype=int)
    alone = ~left.duplicated(keep=False) & ~right.duplicated(keep=False)
    return [pair for pair, keep in zip(pairs, alone, strict=True) if keep]


def _find_smallest_outlines(points: Shapes, outlines: Shapes) -> Iterator[tuple[int, int]]:
    """Position of each point and of the smallest outline it lies in."""
    winner = find_smallest_containing(shapely.point_on_surface(points), outlines)
    inside = np.flatnonzero(winner >= 0)
    yield from zip(inside.tolist(), winner[inside].tolist(), strict=True)


def _mask_kinds(shapes: Shapes, kind: npt.NDArray[Any], wanted: tuple[int, ...]) -> Shapes:
    kept = shapes.copy()
    kept[~np.isin(kind, wanted)] = None
    return kept


def _group_by_name(names: pd.Series) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = {}
    for position, name in enumerate(names):
        rows.setdefault(name_key(name) or "", []).append(position)
    return rows


def _is_compatible(
    new: pd.DataFrame,
    i: int,
    old: pd.DataFrame,
    j: int,
    new_at: npt.NDArray[np.float64],
    old_at: npt.NDArray[np.float64],
) -> bool:
    """No contradiction between two rows: codes, street, district, distance."""
    a, b = text_value(new, "external_code", i), text_value(old, "external_code", j)
    if a is not None and b is not None and a != b:
        return False
    for code, name in (("street_code", "street_name"), ("district_code", "district_name")):
        a, b = text_value(new, code, i), text_value(old, code, j)
        if not (a and b) or is_from_name(a) or is_from_name(b):  # aliases have one code: names come after
            a, b = name_core(text_value(new, name, i)), name_core(text_value(old, name, j))
        if a and b and a != b:
            return False
    distance = float(np.hypot(*(new_at[i] - old_at[j])))
    return not distance > SAME_PLACE_M  # NaN: one of them has no place


def _centroids(frame: pd.DataFrame) -> npt.NDArray[np.float64]:
    return np.column_stack(centroids(frame))


def _listed(names: Sequence[str]) -> str:
    return "、".join(names[:5]) + ("…" if len(names) > 5 else "")
