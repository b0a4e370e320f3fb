"""The problem: units with weights, their adjacency, jurisdictions, anchors and bounds."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.sparse import coo_array, csr_array

from analysis.bundling.model import eligibility
from analysis.bundling.model.adjacency import Adjacency
from analysis.bundling.model.companies import Companies, build_companies
from analysis.bundling.model.jurisdictions import Jurisdictions, build_jurisdictions
from analysis.bundling.model.objectives import missing_lengths_error, objectives_of
from analysis.bundling.model.preferences import Preferences, build_preferences
from analysis.bundling.model.rules import PlanRules
from analysis.bundling.model.score import PEOPLE_FIRST, Objective
from analysis.bundling.model.sizes import Size
from geo.adjacency.graph import AdjacencyGraph
from geo.admin.gazetteer import gazetteer_layers, known_streets, resolve_street_codes, units_with_jurisdictions
from geo.corrections.permits import confirmed_units, consent_overrides, incomplete_overrides, read_permits
from geo.errors import UsageError
from geo.findings import Finding
from geo.messages import load_catalogue
from geo.storage.dataset import Dataset

say = load_catalogue(__file__)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Problem:
    """What must be decided about n units in scope.

    Parameters
    ----------
    rules
        The values in force.
    unit_ids
        (n,) text.
    households
        (n,) int: what a walk is weighed with.
    weight
        (n,) int, households or m²: what `rules.lower` and `rules.upper` bound.
    load
        (n,) int, m²: what an anchor's capacity counts.
    jurisdiction
        (n,) int: label of the street (or neighbourhood); areas stay inside one label. A unit
        without a code has its nearest neighbour's; streets that permits join share one, see
        `jurisdictions`.
    indptr, indices
        CSR adjacency among the n units; pairs across the wall are already taken out.
    facing_m
        (len(indices),) int: whole metres, at least 1, along which the pair of each entry of `indices`
        faces each other; None where that of one is not known.
    walks
        (n, n) sparse, metres (int64), symmetric; no entry = beyond the limit.
    anchors
        (m,) positions of units that may lead.
    capacity
        (m,) int, m²: the largest sum of `load` an anchor may take in, its own not counted.
    is_target
        (n,) bool: units that ask for an area; False only for anchors outside the targets, and in mode
        "area" for whoever is neither.
    asks_leader
        (n,) bool: units that ask for a leader inside their area, mode "area" only; None in others.
    is_old
        (n,) bool: old by R02, mode "area" only; None in others.
    largest
        (m,) int, m²: the largest `load` of one unit an anchor may take in (R13).
    is_settled
        (n,) bool: False in streets that a unit without a code might join as well; what a bound
        says of them would hold only for the label that unit was given.
    out_of_scope
        unit_id, reason: units of the dataset this problem does not decide about.
    objective
        What a plan is measured by; left-over households before household-metres by default.
    companies
        What the companies of the anchors may take on (R15); None = they are held to nothing.
    grounds_m2
        (n, 2) float: floor area, and green that has to be looked after, 0 where the land area is
        not known; None = the floor area is `load`, and no green is known.
    start_of
        (n,) int: area of each unit in the plan begun with, −1 = none; None = begun with nothing.
    move_m
        Household-metres that a led unit in another area than there costs in the search.
    preferences
        What is preferred of anchors (R12, R14, R16); None = nothing is known of it.
    notes
        What a reader of the plan should know of the data behind it.
    more_weight
        (q, n) int: the further weights that `rules.bounds` bound, floor areas in whole m²; None
        where there are none.
    """

    rules: PlanRules
    unit_ids: np.ndarray
    households: np.ndarray
    weight: np.ndarray
    load: np.ndarray
    jurisdiction: np.ndarray
    indptr: np.ndarray
    indices: np.ndarray
    walks: csr_array
    anchors: np.ndarray
    capacity: np.ndarray
    is_target: np.ndarray
    largest: np.ndarray
    is_settled: np.ndarray
    out_of_scope: pd.DataFrame
    objective: Objective = PEOPLE_FIRST
    companies: Companies | None = None
    grounds_m2: np.ndarray | None = None
    start_of: np.ndarray | None = None
    move_m: int = 0
    notes: tuple[Finding, ...] = ()
    more_weight: np.ndarray | None = None
    facing_m: np.ndarray | None = None
    preferences: Preferences | None = None
    asks_leader: np.ndarray | None = None
    is_old: np.ndarray | None = None

    @property
    def sizes(self) -> tuple[Size, ...]:
        """All weights that areas without an anchor are bounded by, `weight` first (R31)."""
        rules = self.rules
        more = () if self.more_weight is None else tuple(self.more_weight)
        return (
            Size(rules.weight, self.weight, rules.lower, rules.upper),
            *(
                Size(bound.weight, weight, bound.lower, bound.upper)
                for bound, weight in zip(rules.bounds, more, strict=True)
            ),
        )

    @cached_property
    def adjacency(self) -> Adjacency:
        """Neighbours among the n units."""
        return Adjacency(self.indptr, self.indices)

    @property
    def n_units(self) -> int:
        """Number of units decided about, anchors included."""
        return len(self.unit_ids)

    @property
    def walk_cap(self) -> int:
        """Metres that stand for a walk beyond the limit, in areas without an anchor."""
        return int(self.rules.walk_limit_m)


def build_problem(dataset: Dataset, graph: AdjacencyGraph, rules: PlanRules) -> Problem:
    """What a dataset asks to be decided, under the given rules.

    Parameters
    ----------
    dataset
        Read for its units, companies and contracts.
    graph
        Neighbours and walks of all its units, in the order of the `units` layer.
    rules
        The values in force.

    Returns
    -------
    Problem over targets and anchors, in the order of the `units` layer; every other unit is in
    `out_of_scope` with its reason. Households and weights are whole numbers; floor areas count up
    to the next m² as a load and down to the last as a capacity, so no rounding bends R13. Walks
    are whole metres, at least 1.

    Raises
    ------
    UnknownCodeError
        If a chosen street does not exist.
    UsageError
        If the graph belongs to other units.
    """
    units = dataset.layer("units")
    if not np.array_equal(units["unit_id"].to_numpy(str), np.asarray(graph.unit_ids, dtype=str)):
        raise UsageError(*say("error.other_graph"))
    if rules.streets:
        known = known_streets(gazetteer_layers(dataset))
        rules = replace(rules, streets=tuple(sorted(set(resolve_street_codes(rules.streets, known)))))
    contracts = dataset.layer("contracts") if dataset.has("contracts") else None
    permits = dataset.layer("permits")
    roles = eligibility.assign_roles(
        units,
        contracts,
        dataset.layer("companies"),
        rules,
        data_date=dataset.manifest.data_date,
        confirmed=confirmed_units(permits),
        overridden=consent_overrides(permits),
    )
    keep = np.flatnonzero(roles["role"].ne(eligibility.OUT))
    anchors = np.flatnonzero(roles["role"].eq(eligibility.ANCHOR))
    jurisdictions = build_jurisdictions(
        units_with_jurisdictions(dataset), graph, keep, anchors, within=rules.within, permits=read_permits(permits)
    )
    companies, notes = build_companies(units, contracts, dataset.layer("companies"), rules, anchors)
    problem = replace(
        _assemble(units, graph, rules, roles, keep, jurisdictions),
        companies=companies,
        preferences=build_preferences(
            units,
            contracts,
            dataset.layer("companies"),
            dataset.layer("service_points"),
            graph,
            rules,
            price_m=objectives_of(rules).price_m("preferences"),
        ).among(keep),
        notes=(
            *_notes(units, roles, rules),
            *_size_notes(units, rules),
            *_leader_notes(units, rules, anchors),
            *_consent_notes(permits, rules),
            *(_permit_notes(units, graph, keep, jurisdictions) if rules.within == "street" else ()),
            *notes,
        ),
    )
    logger.info(
        "problem: %d targets, %d anchors, %d out of scope",
        int(problem.is_target.sum()),
        len(problem.anchors),
        len(problem.out_of_scope),
    )
    return problem


def _assemble(
    units: pd.DataFrame,
    graph: AdjacencyGraph,
    rules: PlanRules,
    roles: pd.DataFrame,
    keep: np.ndarray,
    jurisdictions: Jurisdictions,
) -> Problem:
    """The arrays of the units at positions `keep`."""
    chosen = units.iloc[keep]
    indptr, indices = _neighbours_among(graph, keep, jurisdictions)
    facing_m = _facing_of(graph, keep, indptr, indices)
    if facing_m is None and "border" in objectives_of(rules).names:
        raise missing_lengths_error()
    households = chosen["households"].to_numpy(np.int64, na_value=0)
    land = chosen["land_area_m2"].to_numpy(float, na_value=0.0)
    green_share = rules.staffing_norms[3] if rules.staffing_norms else 0.0
    floor_area = chosen["floor_area_m2"].to_numpy(float, na_value=0.0)
    whole_m2 = np.rint(floor_area).astype(np.int64)
    weights = {"households": households, "floor_area": whole_m2, "members": np.ones(len(keep), dtype=np.int64)}
    more = [weights[bound.weight] for bound in rules.bounds]
    anchors = np.flatnonzero(roles["role"].iloc[keep].eq(eligibility.ANCHOR))
    out = roles["role"].eq(eligibility.OUT)
    is_anchor = np.isin(np.arange(len(keep)), anchors)
    asks_area, asks_leader, is_old = ~is_anchor, None, None
    if rules.mode == "area":
        asks_leader = roles["role"].iloc[keep].eq(eligibility.TARGET).to_numpy()
        asks_area = asks_leader if rules.scope == "targets" else np.ones(len(keep), dtype=bool)
        is_old = eligibility.is_old(chosen, rules).fillna(False).to_numpy(bool)
    return Problem(
        rules=rules,
        unit_ids=chosen["unit_id"].to_numpy(object),
        households=households,
        weight=weights[rules.weight],
        more_weight=np.array(more) if more else None,
        load=np.ceil(floor_area).astype(np.int64),
        jurisdiction=jurisdictions.labels[keep],
        indptr=indptr,
        indices=indices,
        facing_m=facing_m,
        walks=_walks_among(graph, keep),
        anchors=anchors,
        capacity=np.floor(floor_area[anchors] * rules.capacity_ratio).astype(np.int64),
        is_target=asks_area,
        asks_leader=asks_leader,
        is_old=is_old,
        largest=np.floor(floor_area[anchors] * rules.unit_ratio).astype(np.int64),
        is_settled=jurisdictions.is_settled[keep],
        out_of_scope=pd.DataFrame(
            {"unit_id": units.loc[out, "unit_id"], "reason": roles.loc[out, "reason"]}
        ).reset_index(drop=True),
        objective=objectives_of(rules).objective(),
        grounds_m2=np.column_stack([floor_area, land * green_share]),
    )


def _neighbours_among(
    graph: AdjacencyGraph, keep: np.ndarray, jurisdictions: Jurisdictions
) -> tuple[np.ndarray, np.ndarray]:
    """CSR adjacency of the kept units, pairs across a wall taken out."""
    position = np.full(graph.n_units, -1, dtype=np.int64)
    position[keep] = np.arange(len(keep))
    row = Adjacency(graph.indptr, graph.indices).sources
    together = jurisdictions.may_join(row, graph.indices)
    row, column = position[row[together]], position[graph.indices[together]]
    inside = (row >= 0) & (column >= 0)
    row, column = row[inside], column[inside]
    order = np.lexsort((column, row))
    counts = np.bincount(row, minlength=len(keep))
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), column[order]


def _facing_of(graph: AdjacencyGraph, keep: np.ndarray, indptr: np.ndarray, indices: np.ndarray) -> np.ndarray | None:
    """Facing lengths of neighbours in whole metres, at least 1; None where that of one is missing."""
    if "facing_m" not in graph.pairs:
        return None
    position = pd.Series(np.arange(len(keep)), index=graph.unit_ids[keep])
    pairs = graph.pairs.dropna(subset=["facing_m"])
    one, other = pairs["unit_a"].map(position), pairs["unit_b"].map(position)
    inside = (one.notna() & other.notna()).to_numpy()
    a, b = one[inside].to_numpy(np.int64), other[inside].to_numpy(np.int64)
    metres = np.maximum(np.rint(pairs["facing_m"].to_numpy(float)[inside]), 1).astype(np.int64)
    known = csr_array((np.tile(metres, 2), (np.append(a, b), np.append(b, a))), (len(keep),) * 2)
    row = Adjacency(indptr, indices).sources
    found = np.asarray(known[row, indices]).ravel() if len(indices) else indices
    return None if (found == 0).any() else found


def _walks_among(graph: AdjacencyGraph, keep: np.ndarray) -> csr_array:
    """Walks of the kept units in whole metres, at least 1 so that no entry reads as absent."""
    walks = coo_array(csr_array(graph.walks)[keep][:, keep])
    metres = np.maximum(np.rint(walks.data), 1).astype(np.int64)
    return csr_array((metres, walks.coords), shape=(len(keep), len(keep)))


def _notes(units: pd.DataFrame, roles: pd.DataFrame, rules: PlanRules) -> tuple[Finding, ...]:
    """How many units that ask for an area have no known mode."""
    unknown = units["management_mode"].isna() | units["management_mode"].eq("unknown")
    asking = [eligibility.TARGET, *([eligibility.MEMBER] if rules.scope == "all" else [])]
    n_unknown = int((unknown & roles["role"].isin(asking)).sum())
    if n_unknown == 0:
        return ()
    return (
        Finding(
            "info",
            "plan.management_unknown",
            *say("finding.management_unknown", n_unknown=n_unknown),
            layer="units",
            column="management_mode",
        ),
    )


def _leader_notes(units: pd.DataFrame, rules: PlanRules, anchors: np.ndarray) -> tuple[Finding, ...]:
    """That nobody leads in a plan of mode "area", and why, where there is no anchor."""
    if rules.mode != "area" or len(anchors):
        return ()
    is_known = units["management_mode"].notna() & units["management_mode"].ne("unknown")
    why = say("leaders.none" if is_known.any() else "leaders.mode_unknown")
    return (
        Finding(
            "warning", "plan.no_leaders", *say("finding.no_leaders", why=why), layer="units", column="management_mode"
        ),
    )


def _consent_notes(permits: pd.DataFrame, rules: PlanRules) -> tuple[Finding, ...]:
    """Permits that override no refusal, for they lack a reason or who approved them (R40)."""
    lacking = incomplete_overrides(permits) if rules.exclude_unwilling else ()
    if not lacking:
        return ()
    some = ", ".join(lacking[:5])
    return (
        Finding(
            "info",
            "plan.override_incomplete",
            *say("finding.override_incomplete", n=len(lacking), some=some),
            layer="permits",
        ),
    )


def _size_notes(units: pd.DataFrame, rules: PlanRules) -> tuple[Finding, ...]:
    """Units that a further bound keeps out of every area, because its figure is missing."""
    if not any(bound.weight == "floor_area" for bound in rules.bounds):
        return ()
    n_missing = int((units["floor_area_m2"].isna() & units["households"].notna()).sum())
    if n_missing == 0:
        return ()
    return (
        Finding(
            "info",
            "plan.floor_area_missing",
            *say("finding.floor_area_missing", n=n_missing),
            layer="units",
            column="floor_area_m2",
        ),
    )


def _permit_notes(
    units: pd.DataFrame, graph: AdjacencyGraph, keep: np.ndarray, jurisdictions: Jurisdictions
) -> tuple[Finding, ...]:
    """Neighbours that permits let go together, or that share a street, and that walls part all the same."""
    street = units["street_code"].fillna("").to_numpy(object)
    planned = np.isin(np.arange(graph.n_units), keep)
    row = Adjacency(graph.indptr, graph.indices).sources
    column = graph.indices
    both = (row < column) & planned[row] & planned[column]
    both &= (street[row] != "") & (street[column] != "") & ~jurisdictions.may_join(row, column)
    is_across = street[row] != street[column]
    unused = np.column_stack([row, column])[both & is_across]
    is_transferred = (jurisdictions.transferred_to[row] >= 0) | (jurisdictions.transferred_to[column] >= 0)
    left = np.column_stack([row, column])[both & ~is_across & is_transferred]
    notes = []
    if len(unused):
        some = "; ".join("-".join(units["unit_id"].iloc[pair]) for pair in unused[:5])
        notes.append(
            Finding(
                "info", "plan.permit_unused", *say("finding.permit_unused", n=len(unused), some=some), layer="permits"
            )
        )
    if len(left):
        some = "; ".join("-".join(units["unit_id"].iloc[pair]) for pair in left[:5])
        notes.append(
            Finding(
                "info",
                "plan.permit_leaves_street",
                *say("finding.permit_leaves_street", n=len(left), some=some),
                layer="permits",
            )
        )
    return tuple(notes)
