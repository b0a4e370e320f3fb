"""Areas held against what was asked for, by networkx and plain sums: nothing of the solver is used."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass

import networkx as nx
import numpy as np
import pandas as pd

from geo.errors import UsageError
from geo.messages import Sentence, load_catalogue
from pianqu.graph import Graph

say = load_catalogue(__file__)


@dataclass(frozen=True, eq=False)
class Limits:
    """The rules of a question as arrays over n units.

    Parameters
    ----------
    weight, walls
        (n,) int: weight, and code of what no area crosses.
    lower, upper
        Weight of an area; `upper` None = no most. Not for areas with leads.
    areas
        Number of areas; None = free.
    leads, capacity
        (m,) positions, and most weight each takes in besides its own; leads None = there are none.
    reach_m
        Longest walk from a lead, metres; None = any.
    everyone
        Whether every unit must be in an area.
    """

    weight: np.ndarray
    walls: np.ndarray
    lower: int
    upper: int | None
    areas: int | None
    leads: np.ndarray | None
    capacity: np.ndarray
    reach_m: float | None
    everyone: bool


@dataclass(frozen=True)
class BrokenRule:
    """One rule that is broken.

    Parameters
    ----------
    rule
        "connected", "wall", "below_minimum", "above_maximum", "lead", "capacity", "reach", "areas" or "everyone".
    area
        Label of the area; None where it is of no single one.
    units
        Labels of the units concerned.
    value, limit
        What is there and what is allowed; None where nothing is measured.
    sentence
        The same in Chinese and English.

    Examples
    --------
    >>> from geo.messages import Sentence
    >>> broken = BrokenRule("above_maximum", 0, ("a", "b"), 900.0, 800.0, Sentence("过大。", "Too large."))
    >>> broken.rule, broken.value, broken.limit
    ('above_maximum', 900.0, 800.0)
    """

    rule: str
    area: int | None
    units: tuple[Hashable, ...]
    value: float | None
    limit: float | None
    sentence: Sentence


def round_metres(walk_m: np.ndarray) -> np.ndarray:
    """(e,) int64 walks as they are counted: whole metres, 1 at least.

    Examples
    --------
    >>> round_metres(np.array([0.0, 99.6]))
    array([  1, 100])
    """
    return np.maximum(np.asarray(walk_m).round(), 1).astype(np.int64)


def find_violations(index: pd.Index, graph: Graph, limits: Limits, labels: pd.Series) -> list[BrokenRule]:
    """Every rule that labels break, area after area.

    Parameters
    ----------
    index
        (n,) labels of the units.
    graph
        Their neighbours.
    limits
        The rules.
    labels
        Area of each unit on the index; −1 or missing = left over.

    Raises
    ------
    UsageError
        If a unit has no entry.
    """
    if not index.isin(labels.index).all():
        raise UsageError(*say("labels.other_index"))
    of = labels.reindex(index).fillna(-1).to_numpy().astype(np.int64)
    network = _make_network(graph, limits)
    found = [
        violation
        for area in np.unique(of[of >= 0]).tolist()
        for violation in _check_area(index, network, limits, area, np.flatnonzero(of == area))
    ]
    return [*found, *_check_whole(index, limits, of)]


def _make_network(graph: Graph, limits: Limits) -> nx.Graph:
    """Positions as nodes; edges that pass no wall, with metres."""
    network = nx.Graph()
    network.add_nodes_from(range(graph.n_units))
    network.add_weighted_edges_from(
        (i, j, metres)
        for (i, j), metres in zip(graph.edges.tolist(), round_metres(graph.walk_m).tolist(), strict=True)
        if limits.walls[i] == limits.walls[j]
    )
    return network


def _check_area(
    index: pd.Index, network: nx.Graph, limits: Limits, area: int, members: np.ndarray
) -> Iterator[BrokenRule]:
    units = tuple(index[members])
    pieces = [sorted(piece) for piece in nx.connected_components(network.subgraph(members.tolist()))]
    if len(set(limits.walls[members].tolist())) > 1:
        yield BrokenRule("wall", area, units, None, None, say("broken.wall", area=area))
    elif len(pieces) > 1:
        small = min(pieces, key=len)
        sentence = say("broken.connected", area=area, n=len(pieces))
        yield BrokenRule("connected", area, tuple(index[small]), len(pieces), 1, sentence)
    total = int(limits.weight[members].sum())
    if limits.leads is not None:
        yield from _check_lead(index, network, limits, area, members)
        return
    if total < limits.lower:
        sentence = say("broken.below_minimum", area=area, value=total, limit=limits.lower)
        yield BrokenRule("below_minimum", area, units, total, limits.lower, sentence)
    if limits.upper is not None and total > limits.upper:
        sentence = say("broken.above_maximum", area=area, value=total, limit=limits.upper)
        yield BrokenRule("above_maximum", area, units, total, limits.upper, sentence)


def _check_lead(
    index: pd.Index, network: nx.Graph, limits: Limits, area: int, members: np.ndarray
) -> Iterator[BrokenRule]:
    """An area with leads has one of them, within its capacity and in its reach."""
    assert limits.leads is not None  # asked before
    inside = [k for k, lead in enumerate(limits.leads.tolist()) if lead in set(members.tolist())]
    if len(inside) != 1:
        leads = tuple(index[limits.leads[inside]])
        yield BrokenRule("lead", area, leads, len(inside), 1, say("broken.lead", area=area, n=len(inside)))
        return
    lead, most = int(limits.leads[inside[0]]), int(limits.capacity[inside[0]])
    taken = int(limits.weight[members].sum() - limits.weight[lead])
    if taken > most:
        sentence = say("broken.capacity", area=area, value=taken, limit=most)
        yield BrokenRule("capacity", area, tuple(index[members]), taken, most, sentence)
    if limits.reach_m is None:
        return
    metres = nx.single_source_dijkstra_path_length(network, lead)
    for unit in members.tolist():
        value = metres.get(unit, float("inf"))
        if value > limits.reach_m:
            sentence = say("broken.reach", unit=index[unit], value=value, limit=limits.reach_m)
            yield BrokenRule("reach", area, (index[unit],), value, limits.reach_m, sentence)


def _check_whole(index: pd.Index, limits: Limits, of: np.ndarray) -> Iterator[BrokenRule]:
    count = len(np.unique(of[of >= 0]))
    if limits.areas is not None and count != limits.areas:
        yield BrokenRule("areas", None, (), count, limits.areas, say("broken.areas", value=count, limit=limits.areas))
    left = np.flatnonzero(of < 0)
    if limits.everyone and len(left):
        sentence = say("broken.everyone", n=len(left))
        yield BrokenRule("everyone", None, tuple(index[left]), len(left), 0, sentence)
