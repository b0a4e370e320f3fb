"""Construction heuristics: growth around anchors, merging of light areas, growth from seeds."""

from __future__ import annotations

import heapq

import numpy as np

from analysis.bundling.solver.base.evaluate import medoid_metres
from analysis.bundling.solver.base.subproblem import Subproblem


def construct(part: Subproblem) -> np.ndarray:
    """Labels (n,) of a sound plan: −1 = left over, else an area (its anchor's index in "lead").

    Sound means connected, within capacity and radius ("lead") or within [lower, upper] ("whole").
    """
    if part.stage == "lead":
        return grow_around_anchors(part)
    if part.k:  # a given number of areas is met by the search, see `grow_from_seeds`
        return np.full(part.n_units, -1, dtype=np.int64)
    return merge_light_areas(part)


def grow_around_anchors(part: Subproblem) -> np.ndarray:
    """Each step takes the unit nearest to an anchor it is joined to, as long as capacity lasts.

    Returns
    -------
    (n,) int64: index of the anchor, −1 = left over; an anchor carries its own index.
    """
    labels = np.full(part.n_units, -1, dtype=np.int64)
    labels[part.anchors] = np.arange(len(part.anchors))
    room = part.capacity.copy()
    people = np.maximum(part.households, 1)
    queue: list[tuple[float, int, int]] = []

    def offer_neighbours(unit: int, anchor: int) -> None:
        for i in part.adjacency.row(unit):
            if labels[i] < 0 and part.cost[anchor, i] >= 0:
                heapq.heappush(queue, (part.cost[anchor, i] / people[i], int(i), anchor))

    for anchor, unit in enumerate(part.anchors):
        offer_neighbours(int(unit), anchor)
    while queue:
        _, unit, anchor = heapq.heappop(queue)
        if labels[unit] >= 0 or part.load[unit] > room[anchor]:
            continue
        labels[unit] = anchor
        room[anchor] -= part.load[unit]
        offer_neighbours(unit, anchor)
    return labels


def merge_light_areas(part: Subproblem) -> np.ndarray:
    """Start with every unit alone; the lightest area below the least joins its cheapest neighbour.

    What cannot grow to the least of every weight without passing the most of one is taken apart,
    and its units join any neighbouring area that has room.

    Returns
    -------
    (n,) int64 labels, −1 = left over.
    """
    labels = np.arange(part.n_units)
    members = {i: np.array([i]) for i in range(part.n_units)}
    weights = part.weights.astype(np.int64)
    queue = [(int(weights[0, i]), i) for i in range(part.n_units) if _is_light(part, weights[:, i])]
    heapq.heapify(queue)
    while queue:
        light, area = heapq.heappop(queue)
        if area not in members or weights[0, area] != light or not _is_light(part, weights[:, area]):
            continue
        partner = _cheapest_partner(part, labels, members, weights, area)
        if partner < 0:
            labels[members.pop(area)] = -1
            continue
        labels[members[area]] = partner
        members[partner] = np.concatenate([members[partner], members.pop(area)])
        weights[:, partner] += weights[:, area]
        if _is_light(part, weights[:, partner]):
            heapq.heappush(queue, (int(weights[0, partner]), partner))
    return _absorb_left_over(part, labels, weights)


def _is_light(part: Subproblem, weights: np.ndarray) -> bool:
    """Whether an area of so much in each weight is below the least of one."""
    return bool((weights < part.lowers).any())


def grow_from_seeds(part: Subproblem, rng: np.random.Generator) -> np.ndarray:
    """Exactly `part.k` connected areas, their weights as even as growing makes them.

    Seeds lie far apart, one in every component first, as many in each as it can have areas; then the
    lightest area that can takes its nearest free neighbour. Of more components than areas the
    heaviest have one, and the others are left over. Upper bounds are not looked at: this is where a
    search begins.

    Parameters
    ----------
    part
        The subproblem.
    rng
        The only source of randomness.

    Returns
    -------
    (n,) int64 labels, −1 = left over; all −1 where there cannot be so many areas.
    """
    none = np.full(part.n_units, -1, dtype=np.int64)
    component = part.adjacency.components
    most = _max_areas_of_component(part, component)
    if most.sum() < part.k:
        return none
    far = part.metres.astype(float)
    heaviest = np.argsort(-np.bincount(component, part.weight), kind="stable")
    chosen = np.sort(heaviest[most[heaviest] > 0][: part.k])
    seeds = [int(np.flatnonzero(component == c)[0]) for c in chosen]
    if len(most) == 1:
        seeds = [int(rng.integers(part.n_units))]
    while len(seeds) < part.k:
        away = far[seeds].min(axis=0) * (0.5 + rng.random(part.n_units))
        is_full = np.bincount(component[seeds], minlength=len(most)) >= most
        away[is_full[component]] = -1
        away[seeds] = -1
        seeds.append(int(np.argmax(away)))
    labels = none.copy()
    labels[seeds] = np.arange(part.k)
    weight = part.weight[seeds].astype(np.int64)
    queue = [(int(weight[k]), k) for k in range(part.k)]
    heapq.heapify(queue)
    while queue:
        _, k = heapq.heappop(queue)
        beside = np.concatenate([part.adjacency.row(int(i)) for i in np.flatnonzero(labels == k)])
        beside = beside[labels[beside] < 0]
        if not part.is_contiguous and len(beside) == 0:
            beside = np.flatnonzero((labels < 0) & (component == component[seeds[k]]))
        if len(beside):
            unit = int(beside[np.argmin(far[seeds[k], beside])])
            labels[unit] = k
            weight[k] += part.weight[unit]
            heapq.heappush(queue, (int(weight[k]), k))
    return labels


def max_areas(part: Subproblem) -> int:
    """Areas a part can have at most: each has the least of every weight, and a unit."""
    return int(_max_areas_of_component(part, part.adjacency.components).sum())


def _max_areas_of_component(part: Subproblem, component: np.ndarray) -> np.ndarray:
    """(c,) areas each component can have at most."""
    most = np.bincount(component)
    for weight, lower in zip(part.weights, part.lowers, strict=True):
        if lower > 0:
            most = np.minimum(most, np.bincount(component, weight).astype(np.int64) // lower)
    return most


def _cheapest_partner(
    part: Subproblem, labels: np.ndarray, members: dict[int, np.ndarray], weights: np.ndarray, area: int
) -> int:
    """The neighbouring area that a merger makes walk least more; −1 = none has room."""
    around = np.concatenate([part.adjacency.row(int(i)) for i in members[area]])
    candidates = np.unique(labels[around])
    best, least = -1, np.inf
    for other in candidates[(candidates >= 0) & (candidates != area)]:
        if (weights[:, area] + weights[:, other] > part.uppers).any():
            continue
        both = np.concatenate([members[area], members[other]])
        more = medoid_metres(part, both) - medoid_metres(part, members[other])
        if more < least:
            best, least = int(other), more
    return best


def _absorb_left_over(part: Subproblem, labels: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Units in no area join the nearest neighbouring area with room, heaviest first, until none can."""
    order = np.argsort(-part.weight, kind="stable")
    joined = True
    while joined:
        joined = False
        for unit in order[labels[order] < 0]:
            around = part.adjacency.row(int(unit))
            around = around[labels[around] >= 0]
            then = weights[:, labels[around]] + part.weights[:, [unit]]
            around = around[(then <= part.uppers[:, None]).all(axis=0)]
            if len(around):
                area = labels[around[np.argmin(part.metres[unit, around])]]
                labels[unit] = area
                weights[:, area] += part.weights[:, unit]
                joined = True
    return labels
