"""Jurisdictions: streets and districts no area crosses, and how far permits join them (R20, R21)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.bundling.model.adjacency import Adjacency
from geo.adjacency.graph import AdjacencyGraph
from geo.corrections.permits import NO_PERMITS, Permits


@dataclass(frozen=True, eq=False)
class Jurisdictions:
    """Which of n units may be in one area, as far as streets go.

    Parameters
    ----------
    labels
        (n,) int64: areas stay inside one label.
    transferred_to
        (n,) int64: for a guest (a unit planned with a street that is not its own, by a permit that
        names it) the label it is a guest of, −1 for the others.
    allowed
        (k, 2) positions i < j of a guest and a unit that its permit names: a guest joins no other.
    is_settled
        (n,) bool: False where codes and permits leave another choice of labels; what a bound says
        there would hold only for the labels chosen.
    """

    labels: np.ndarray
    transferred_to: np.ndarray
    allowed: np.ndarray
    is_settled: np.ndarray

    def may_join(self, row: np.ndarray, column: np.ndarray) -> np.ndarray:
        """(k,) bool: whether two units side by side may be members side by side.

        Parameters
        ----------
        row
            (k,) positions of one unit of each pair.
        column
            (k,) positions of the other.
        """
        same = self.labels[row] == self.labels[column]
        if not len(self.allowed):
            return same
        n = len(self.labels)
        pair = np.minimum(row, column) * n + np.maximum(row, column)
        named = np.isin(pair, self.allowed[:, 0] * n + self.allowed[:, 1])
        transferred = (self.transferred_to[row] >= 0) | (self.transferred_to[column] >= 0)
        return same & (named | ~transferred)


def build_jurisdictions(
    units: pd.DataFrame,
    graph: AdjacencyGraph,
    keep: np.ndarray,
    anchors: np.ndarray,
    *,
    within: str,
    permits: Permits = NO_PERMITS,
) -> Jurisdictions:
    """Labels that keep every connected set of units inside one label lawful.

    No area crosses a district, whatever else is a wall, and no permit changes that. Two streets of one
    district may be together in an area when a permit names both streets, or when every member
    of one of them is named, by a permit of two units, together with a member of the other. So

    1. streets are joined in groups in which each is permitted with each, those with most
       neighbours across their border first;
    2. of two units a permit names across the border of such groups one becomes a guest of the
       other's street: never an anchor, else the one with fewer households (then the larger id). A
       guest joins its area through units it is permitted with, and through nobody else. Guests of
       one street only, and only where the host's street is joined with no other: else two streets
       that no permit names together could meet.

    Parameters
    ----------
    units
        The `units` layer, n rows.
    graph
        Its neighbours; permitted pairs among them.
    keep
        (k,) positions of the units that are planned.
    anchors
        (m,) positions of those that may lead.
    within
        "street", "neighbourhood" (which no permit lifts) or "none".
    permits
        Who may go together across a border of streets.
    """
    district, district_known = planned_districts(units, graph, keep, within)
    labels, known = jurisdiction_labels(units, within, district)
    if within == "none":
        known = district_known
    street = units["street_code"].fillna("").to_numpy(object)
    transferred_to = np.full(len(units), -1, dtype=np.int64)
    allowed = np.empty((0, 2), dtype=np.int64)
    is_open = np.zeros(len(units), dtype=bool)  # permits would let its street join another as well
    at_home = keep
    if within == "street" and permits:
        across = _pairs_across(graph, keep, labels, known)
        across = across[_may_share(district[across[:, 0]], district[across[:, 1]])]
        labels, is_open = _join_streets(labels, street, district, across, permits)
        across = across[labels[across[:, 0]] != labels[across[:, 1]]]
        transferred_to, allowed = _transferred_units(units, labels, street, across, anchors, permits)
        is_open |= np.isin(labels, labels[_pairs_permitted_by_name(across, graph.unit_ids, permits).ravel()])
        at_home = keep[transferred_to[keep] < 0]
        labels = np.where(transferred_to >= 0, transferred_to, labels)
    if within != "none":
        labels = impute_codes(labels, known, street, graph, at_home, district)
    sure = np.where(district_known, district, "")
    is_settled = determined_units(labels, known & district_known, graph, keep, sure) & ~is_open
    return Jurisdictions(labels, transferred_to, allowed, is_settled)


def planned_districts(
    units: pd.DataFrame, graph: AdjacencyGraph, keep: np.ndarray, within: str
) -> tuple[np.ndarray, np.ndarray]:
    """The district each unit is planned in, and whether its code, or that of its street, gives it.

    A unit without one has that of its street, where the others of the street agree. Else it is held
    to no district, but an area may not join two districts through it: it is planned with the nearest
    neighbour that has one, ring by ring; with a wall of streets, units of one street stay together
    whether their district is known or not. Nothing is written to the data.

    Parameters
    ----------
    units
        The `units` layer, n rows.
    graph
        Neighbours of the n units.
    keep
        (k,) positions of the units that are planned.
    within
        "street", "neighbourhood" or "none".

    Returns
    -------
    (n,) text, "" = none found; (n,) bool.
    """
    street = units["street_code"].fillna("").to_numpy(object)
    if "district_code" not in units:
        return np.full(len(units), "", dtype=object), street != ""
    own = units["district_code"].astype("str")
    of_street = own.dropna().groupby(street[own.notna().to_numpy()]).agg(["first", "nunique"])
    agreed = of_street["first"][of_street["nunique"].eq(1) & (of_street.index != "")]
    shared = pd.Series(street, index=own.index).map(agreed).astype("str")
    district = own.fillna(shared).fillna("").to_numpy(object)
    known = district != ""
    if known.all():
        return district, known
    names, labels = np.unique(district.astype(str), return_inverse=True)
    free = known | (street == "") if within != "none" else np.ones(len(units), dtype=bool)
    adopted = impute_codes(
        labels.astype(np.int64), known, np.full(len(units), "", dtype=object), graph, keep[free[keep]]
    )
    alone = ~free & ~np.isin(street, of_street.index)
    return names[adopted].astype(object), known | alone


def jurisdiction_labels(
    units: pd.DataFrame, within: str, district: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """A number for each street or neighbourhood of each district, and whether the unit's code gives it.

    Parameters
    ----------
    units
        The `units` layer, n rows.
    within
        "street", "neighbourhood" or "none", where districts alone are walls.
    district
        (n,) text, the district of each (`planned_districts`); None = all are in one.

    Returns
    -------
    labels, known
        (n,) int64 and (n,) bool. Units of one street without the code that is asked for share a
        label of their own.

    Examples
    --------
    >>> frame = pd.DataFrame({"street_code": ["2", None, "2"], "neighbourhood_code": [None] * 3})
    >>> jurisdiction_labels(frame, "street")
    (array([1, 0, 1]), array([ True, False,  True]))
    """
    codes, known = units["street_code"].fillna("").astype(str), units["street_code"].notna()
    if within == "neighbourhood":
        codes = codes + "/" + units["neighbourhood_code"].fillna("").astype(str)
        known = units["neighbourhood_code"].notna()
    if within == "none":
        codes, known = codes.where(codes == "", ""), known | True
    if district is not None:
        codes = codes + "\x1f" + pd.Series(district, index=codes.index).astype(str)
    labels = np.unique(codes.to_numpy(str), return_inverse=True)[1].astype(np.int64)
    return labels, known.to_numpy(bool)


def impute_codes(
    labels: np.ndarray,
    known: np.ndarray,
    street: np.ndarray,
    graph: AdjacencyGraph,
    keep: np.ndarray,
    district: np.ndarray | None = None,
) -> np.ndarray:
    """Labels in which units without a code belong to their nearest neighbour's street.

    No wall holds a unit without a code, but an area may not join two streets through one. So each
    such unit is planned with the label of its nearest neighbour that has one (by gap, then
    position), ring by ring, where their streets do not contradict; nothing is written to the data.

    Parameters
    ----------
    labels, known
        See `jurisdiction_labels`; n units.
    street
        (n,) text, "" = unknown.
    graph
        Neighbours of the n units.
    keep
        (k,) positions of the units that are planned; only they pass labels on.
    district
        (n,) text, "" = unknown: a label is passed on inside one district only; None = all are in one.
    """
    labels, known = labels.copy(), known.copy()
    row = Adjacency(graph.indptr, graph.indices).sources
    column, gap = graph.indices, graph.gap_m
    planned = np.isin(np.arange(graph.n_units), keep)
    if district is not None:
        inside = district[row] == district[column]
        row, column, gap = row[inside], column[inside], gap[inside]
    of_street = {int(label): street[i] for i, label in enumerate(labels) if known[i]}
    while True:
        open_pairs = np.flatnonzero(planned[row] & planned[column] & ~known[row] & known[column])
        order = open_pairs[np.lexsort((column[open_pairs], gap[open_pairs], row[open_pairs]))]
        adopted = {}
        for unit, neighbour in zip(row[order].tolist(), column[order].tolist(), strict=True):
            if unit not in adopted and street[unit] in ("", of_street[int(labels[neighbour])]):
                adopted[unit] = labels[neighbour]
        if not adopted:
            return labels
        for unit, label in adopted.items():
            labels[unit], known[unit] = label, True


def determined_units(
    labels: np.ndarray, known: np.ndarray, graph: AdjacencyGraph, keep: np.ndarray, district: np.ndarray | None = None
) -> np.ndarray:
    """Whether codes alone tell which units may share an area with each unit.

    They do not in streets that meet around units without a code: such a unit was given one
    street's label, but no rule keeps it from another's.

    Parameters
    ----------
    labels
        (n,) as planned with (`impute_codes`).
    known
        (n,) bool: whether the unit's own code gives its label.
    graph, keep
        As for `impute_codes`.
    district
        (n,) text, "" where no code tells it; None = all are in one.

    Returns
    -------
    (n,) bool.
    """
    adjacency = Adjacency(graph.indptr, graph.indices)
    row = adjacency.sources
    planned = np.isin(np.arange(graph.n_units), keep)
    near = planned[row] & planned[graph.indices] & ~(known[row] & known[graph.indices])
    if district is not None:
        near &= _may_share(district[row], district[graph.indices])
    group = adjacency.only(near).components
    pairs = np.unique(np.column_stack([group, labels])[planned], axis=0)
    several = np.bincount(pairs[:, 0], minlength=graph.n_units) > 1
    return ~np.isin(labels, pairs[several[pairs[:, 0]], 1])


def _may_share(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """(k,) bool: whether two districts are one, or one of them is not known."""
    return np.asarray((one == two) | (one == "") | (two == ""), dtype=bool)


def _pairs_across(graph: AdjacencyGraph, keep: np.ndarray, labels: np.ndarray, known: np.ndarray) -> np.ndarray:
    """(k, 2) positions i < j of neighbours that are planned and of different streets."""
    row = Adjacency(graph.indptr, graph.indices).sources
    column = np.asarray(graph.indices)
    planned = np.isin(np.arange(graph.n_units), keep) & known
    across = (row < column) & planned[row] & planned[column] & (labels[row] != labels[column])
    return np.stack([row[across], column[across]], axis=1).astype(np.int64)


def _join_streets(
    labels: np.ndarray, street: np.ndarray, district: np.ndarray, across: np.ndarray, permits: Permits
) -> tuple[np.ndarray, np.ndarray]:
    """Labels of streets that are permitted with each other made one; who could join more.

    Returns
    -------
    (n,) labels; (n,) bool, whether a permit of the unit's street found no place in a group.
    """
    codes = {int(label): str(street[i]) for i, label in enumerate(labels) if street[i]}
    inside = {int(label): str(district[i]) for i, label in enumerate(labels) if street[i]}
    group = {label: label for label in codes}

    def may_join(i: int, j: int) -> bool:
        is_permitted = permits.of_streets(codes[i], codes[j]) is not None
        return is_permitted and (inside[i] == inside[j] or "" in (inside[i], inside[j]))

    counts: dict[tuple[int, int], int] = {}
    for i, j in np.sort(labels[across], axis=1).tolist():
        counts[i, j] = counts.get((i, j), 0) + 1
    barred: set[int] = set()
    for one, two in sorted(counts, key=lambda pair: (-counts[pair], pair)):
        a, b = group[one], group[two]
        if a == b or not may_join(one, two):
            continue
        with_a, with_b = ([k for k in group if group[k] == label] for label in (a, b))
        if all(may_join(i, j) for i in with_a for j in with_b):
            group |= dict.fromkeys(with_b, a)
        else:
            barred |= {*with_a, *with_b}
    joined = np.array([group.get(int(label), int(label)) for label in labels], dtype=np.int64)
    stuck = [group[label] for label in sorted(barred)]
    return joined, np.isin(joined, stuck)


def _transferred_units(
    units: pd.DataFrame,
    labels: np.ndarray,
    street: np.ndarray,
    across: np.ndarray,
    anchors: np.ndarray,
    permits: Permits,
) -> tuple[np.ndarray, np.ndarray]:
    """(n,) the label each guest is planned with, −1 = no guest; (k, 2) pairs a guest is joined by."""
    ids = units["unit_id"].to_numpy(object)
    households = units["households"].to_numpy(float, na_value=0.0)
    leads = np.isin(np.arange(len(units)), anchors)
    transferred_to = np.full(len(units), -1, dtype=np.int64)
    is_host = np.zeros(len(units), dtype=bool)
    streets_of = pd.Series(street).groupby(labels).nunique()
    guests_from: dict[int, str] = {}
    allowed = []
    for i, j in _pairs_permitted_by_name(across, ids, permits).tolist():
        for transferred, host in _transfer_candidates(i, j, leads, households, ids):
            label = int(labels[host])
            free = not leads[transferred] and not is_host[transferred] and transferred_to[host] < 0
            fits = streets_of[label] == 1 and guests_from.get(label, street[transferred]) == street[transferred]
            if free and fits and transferred_to[transferred] in (-1, label):
                transferred_to[transferred], is_host[host], guests_from[label] = label, True, street[transferred]
                allowed.append((min(i, j), max(i, j)))
                break
    return transferred_to, np.array(allowed, dtype=np.int64).reshape(-1, 2)


def _transfer_candidates(
    i: int, j: int, leads: np.ndarray, households: np.ndarray, ids: np.ndarray
) -> Iterator[tuple[int, int]]:
    """Both ways to transfer one of two units to the other's street: the lighter one first."""
    light = max(i, j, key=lambda k: (not leads[k], -households[k], ids[k]))
    heavy = i + j - light
    yield light, heavy
    yield heavy, light


def _pairs_permitted_by_name(across: np.ndarray, ids: np.ndarray, permits: Permits) -> np.ndarray:
    """The pairs that a permit of two units names, in the order of their permits."""
    found = []
    for i, j in across.tolist():
        permit = permits.of_units(ids[i], ids[j])
        if permit is not None:
            found.append((permit, i, j))
    return np.array([pair for _, *pair in sorted(found)], dtype=np.int64).reshape(-1, 2)
