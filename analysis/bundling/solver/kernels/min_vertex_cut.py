"""Compiled separation of connectivity cuts: minimum vertex cuts by augmenting paths."""

from __future__ import annotations

import numpy as np

from analysis.bundling.solver.kernels.jit import entry, inner


@entry
def find_violated_cuts(
    indptr: np.ndarray,
    indices: np.ndarray,
    back: np.ndarray,
    anchors: np.ndarray,
    mean: np.ndarray,
    least: float,
    anchor: np.ndarray,
    unit: np.ndarray,
    start: np.ndarray,
    member: np.ndarray,
) -> int:
    """Separators whose units are, on average, less with an anchor than a unit behind them.

    Parameters
    ----------
    indptr, indices, back
        CSR adjacency and, for each directed edge, the position of its reverse.
    anchors
        (m,) int64.
    mean
        (m, n) float: how much of each unit is with each anchor; −1 = never.
    least
        Violation that is worth a cut.
    anchor, unit, start, member
        Changed: the cuts, as in `kernels.subgradient.PricingData`; as many as there is room for.

    Returns
    -------
    Number of cuts.
    """
    m, n = mean.shape
    flow = np.zeros(len(indices))
    through = np.zeros(n)
    seen_in, seen_out = np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_)
    came = np.zeros(2 * n, dtype=np.int64)
    queue = np.zeros(2 * n, dtype=np.int64)
    is_behind = np.zeros(n, dtype=np.bool_)
    n_cuts = 0
    for j in range(m):
        root = anchors[j]
        is_done = np.zeros(n, dtype=np.bool_)
        order = np.argsort(-mean[j])
        for k in range(n):
            i = order[k]
            if mean[j, i] <= least or n_cuts >= len(anchor):
                break
            if i == root or is_done[i]:
                continue
            is_beside = False
            for e in range(indptr[i], indptr[i + 1]):
                is_beside = is_beside or indices[e] == root
            if is_beside:
                continue
            flow[:] = 0.0
            through[:] = 0.0
            total, wanted = 0.0, mean[j, i] - least
            while total < wanted:
                more = _augment(indptr, indices, back, mean[j], root, i, flow, through, seen_in, seen_out, came, queue)
                if more <= 0:
                    break
                total += more
            if total >= wanted:
                continue
            _mark_behind(indptr, indices, mean[j], i, seen_in, seen_out, is_behind, queue)
            at = start[n_cuts]
            if at + n > len(member):
                return n_cuts
            for s in range(n):
                if seen_in[s] and not seen_out[s] and s != i:
                    for e in range(indptr[s], indptr[s + 1]):
                        if is_behind[indices[e]]:
                            member[at] = s
                            at += 1
                            break
            for s in range(n):  # the others behind it are cut off less, by the same separator
                is_done[s] = is_done[s] or is_behind[s]
            anchor[n_cuts], unit[n_cuts] = j, i
            start[n_cuts + 1] = at
            n_cuts += 1
    return n_cuts


@inner
def _augment(
    indptr: np.ndarray,
    indices: np.ndarray,
    back: np.ndarray,
    mean: np.ndarray,
    root: int,
    goal: int,
    flow: np.ndarray,
    through: np.ndarray,
    seen_in: np.ndarray,
    seen_out: np.ndarray,
    came: np.ndarray,
    queue: np.ndarray,
) -> float:
    """Send more from root to goal over a shortest way with room in its units; how much.

    A unit is entered at node i and left at node n + i.
    """
    n = len(mean)
    seen_in[:] = False
    seen_out[:] = False
    seen_out[root] = seen_in[root] = True
    queue[0] = n + root
    head, tail = 0, 1
    is_found = False
    while head < tail and not is_found:
        node = queue[head]
        head += 1
        if node >= n:
            u = node - n
            for e in range(indptr[u], indptr[u + 1]):
                v = indices[e]
                if not seen_in[v] and mean[v] >= 0:
                    seen_in[v] = True
                    came[v] = node
                    if v == goal:
                        is_found = True
                        break
                    queue[tail] = v
                    tail += 1
            if through[u] > 1e-9 and not seen_in[u]:
                seen_in[u] = True
                came[u] = node
                queue[tail] = u
                tail += 1
        else:
            u = node
            if mean[u] - through[u] > 1e-9 and not seen_out[u]:
                seen_out[u] = True
                came[n + u] = node
                queue[tail] = n + u
                tail += 1
            for e in range(indptr[u], indptr[u + 1]):
                v = indices[e]
                if flow[back[e]] > 1e-9 and not seen_out[v]:
                    seen_out[v] = True
                    came[n + v] = node
                    queue[tail] = n + v
                    tail += 1
    if not is_found:
        return 0.0
    most = _augment_path(indptr, indices, back, mean, root, goal, flow, through, came, 0.0)
    _augment_path(indptr, indices, back, mean, root, goal, flow, through, came, most)
    return most


@inner
def _augment_path(
    indptr: np.ndarray,
    indices: np.ndarray,
    back: np.ndarray,
    mean: np.ndarray,
    root: int,
    goal: int,
    flow: np.ndarray,
    through: np.ndarray,
    came: np.ndarray,
    sent: float,
) -> float:
    """The most the way found can carry; with `sent` > 0 that much is sent over it instead."""
    n = len(mean)
    most = 1e9
    node = goal
    while node != n + root:
        before = came[node]
        if node < n and before >= n and before - n != node:  # over an edge
            e = _edge(indptr, indices, before - n, node)
            flow[e] += sent
        elif node >= n and before < n and node - n != before:  # an edge's flow taken back
            e = _edge(indptr, indices, node - n, before)
            most = min(most, flow[e])
            flow[e] -= sent
        elif node >= n:  # through a unit
            most = min(most, mean[before] - through[before])
            through[before] += sent
        else:  # a unit's flow taken back
            most = min(most, through[node])
            through[node] -= sent
        node = before
    return most


@inner
def _edge(indptr: np.ndarray, indices: np.ndarray, u: int, v: int) -> int:
    for e in range(indptr[u], indptr[u + 1]):
        if indices[e] == v:
            return int(e)
    return -1


@inner
def _mark_behind(
    indptr: np.ndarray,
    indices: np.ndarray,
    mean: np.ndarray,
    goal: int,
    seen_in: np.ndarray,
    seen_out: np.ndarray,
    is_behind: np.ndarray,
    queue: np.ndarray,
) -> None:
    """Units joined to the goal when the cut's units are taken away."""
    is_behind[:] = False
    is_behind[goal] = True
    queue[0] = goal
    head, tail = 0, 1
    while head < tail:
        u = queue[head]
        head += 1
        for e in range(indptr[u], indptr[u + 1]):
            v = indices[e]
            if not is_behind[v] and mean[v] >= 0 and not (seen_in[v] and not seen_out[v]):
                is_behind[v] = True
                queue[tail] = v
                tail += 1
