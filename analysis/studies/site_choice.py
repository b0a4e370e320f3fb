"""Which charging places to build under a budget: exact for a street, with its bound."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array, vstack
from scipy.sparse.csgraph import connected_components

from analysis.policy import Policy
from analysis.studies.charging import maximise_flow
from analysis.studies.siting import Siting

_Ints = NDArray[np.int64]
_LEAST_SECONDS = 0.05


@dataclass(frozen=True)
class SitePrices:
    """What a place costs: once for the place, and for every port; yuan."""

    site_yuan: float
    port_yuan: float


@dataclass(frozen=True)
class PortAllocation:
    """Ports of one place for one unit."""

    site_id: str
    unit_id: str
    ports: int
    walk_m: float


@dataclass(frozen=True)
class SiteSelection:
    """The places to build.

    Parameters
    ----------
    sites
        site_id → ports built there, in the order of the ranking.
    lent
        Whom they serve; no place gives more than it has room for, no unit gets more than it lacks.
    ports, cost_yuan
        Built in all, and what that costs.
    needed
        Ports lacking of the units within reach of any place.
    bound
        No choice under the budget can build more ports that are needed.
    gap
        (bound − ports) ÷ bound; 0 = nothing better exists, None where nothing can be built.
    status
        "optimal": no choice serves more, and none as many with fewer places, that is, cheaper;
        "feasible" where time ran out first.
    """

    sites: dict[str, int]
    lent: tuple[PortAllocation, ...]
    ports: int
    cost_yuan: float
    needed: int
    bound: int
    gap: float | None
    status: Literal["optimal", "feasible"]


@dataclass(frozen=True, eq=False)
class _Component:
    """Places and units that have to do with each other, and what k places can do there.

    `ports[k]` and `bound[k]`: ports served by the best k places found, and by any k places;
    `chosen[k]`: positions of those places among all.
    """

    ports: _Ints
    bound: _Ints
    chosen: tuple[tuple[int, ...], ...]


def read_prices(policy: Policy) -> SitePrices:
    """The prices of a policy."""
    return SitePrices(float(policy.value("siting.site_yuan")), float(policy.value("siting.port_yuan")))


def select_sites(
    siting: Siting, prices: SitePrices, *, budget_yuan: float | None = None, seconds: float = 30.0
) -> SiteSelection:
    """As many of the lacking ports as the budget builds, with as few places as that takes.

    Parameters
    ----------
    siting
        Candidates and whom they could serve.
    budget_yuan
        None = no limit: then all ports that can be placed.
    seconds
        Time for the parts in which places serve several units; the others take none.

    Notes
    -----
    Every port costs the same and every place costs the same, so a choice is described by the number of
    places K and the ports P: the most ports of K places is what the parts give together, a knapsack
    over parts that share no unit. A part of one unit takes its roomiest places; a part where places
    serve several units is an integer programme for each number of places.
    """
    pairs = _Pairs.of(siting)
    parts = _parts(pairs, time.monotonic() + seconds)
    best, how = _most_by_places([part.ports for part in parts])
    bound, _ = _most_by_places([part.bound for part in parts])
    n_places, ports = _afford(best, prices, budget_yuan)
    _, limit = _afford(bound, prices, budget_yuan)
    chosen = sorted(place for part, k in zip(parts, _shares(how, n_places), strict=True) for place in part.chosen[k])
    return _choice(siting, pairs, chosen, ports, limit, prices, parts)


def evaluate_sites(siting: Siting, sites: Mapping[str, int | None], prices: SitePrices) -> SiteSelection:
    """What places somebody chose serve and cost, each port lent once, as many as can be.

    Parameters
    ----------
    siting
        Candidates and whom they could serve.
    sites
        site_id → most ports to build there; None = as many as it has room for. Places that are no
        candidates are left out.

    Returns
    -------
    `sites` holds the places that serve anybody; `bound` is what all candidates together could
    serve, and `gap` how far the choice is from that.
    """
    pairs = _Pairs.of(siting)
    bound = _served(np.arange(len(pairs.room), dtype=np.intp), pairs)
    ids = siting.sites["site_id"].to_list()
    chosen = [i for i, site in enumerate(ids) if site in sites]
    room = pairs.room.copy()
    for i in chosen:
        most = sites[ids[i]]
        room[i] = room[i] if most is None else min(room[i], most)
    pairs = replace(pairs, room=room)
    ports = _served(np.array(chosen, dtype=np.intp), pairs)
    return _choice(siting, pairs, chosen, ports, bound, prices, parts=None)


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Rooms of m places, needs of n units, and the k pairs (place, unit) within reach."""

    room: _Ints
    need: _Ints
    unit_ids: tuple[str, ...]
    place: NDArray[np.intp]
    unit: NDArray[np.intp]
    walk_m: NDArray[np.float64]

    @staticmethod
    def of(siting: Siting) -> _Pairs:
        """The pairs of a siting, places in the order of its ranking."""
        reach = siting.reach
        at = {site: i for i, site in enumerate(siting.sites["site_id"])}
        units = sorted(set(reach["unit_id"]))
        unit_at = {unit: i for i, unit in enumerate(units)}
        return _Pairs(
            siting.sites["capacity"].to_numpy(np.int64),
            np.array([siting.need[unit] for unit in units], dtype=np.int64),
            tuple(units),
            np.array([at[site] for site in reach["site_id"]], dtype=np.intp),
            np.array([unit_at[unit] for unit in reach["unit_id"]], dtype=np.intp),
            reach["walk_m"].to_numpy(np.float64),
        )


def _parts(pairs: _Pairs, until: float) -> list[_Component]:
    """The parts, by their first unit; the clock counts for those of several units."""
    m, n = len(pairs.room), len(pairs.need)
    links = coo_array((np.ones(len(pairs.place)), (pairs.place, m + pairs.unit)), shape=(m + n,) * 2)
    label = connected_components(links, directed=False)[1]
    groups = [np.flatnonzero(label[m:] == part) for part in dict.fromkeys(label[m:].tolist())]
    several = sum(len(units) > 1 for units in groups)
    found = []
    for units in groups:
        places = np.flatnonzero(label[:m] == label[m + units[0]])
        if len(units) == 1:
            found.append(_part_of_one(places, pairs.room, int(pairs.need[units[0]])))
            continue
        left = max(_LEAST_SECONDS, (until - time.monotonic()) / several)
        found.append(_part_of_several(places, units, pairs, left))
        several -= 1
    return found


def _part_of_one(places: NDArray[np.intp], room: _Ints, need: int) -> _Component:
    """One unit: the roomiest places first, until nothing is lacking."""
    order = places[np.argsort(-room[places], kind="stable")]
    ports = np.minimum(np.concatenate([[0], np.cumsum(room[order])]), need)
    last = int(np.searchsorted(ports, ports[-1]))
    ports = ports[: last + 1]
    return _Component(ports, ports, tuple(tuple(order[:k].tolist()) for k in range(last + 1)))


def _part_of_several(places: NDArray[np.intp], units: NDArray[np.intp], pairs: _Pairs, seconds: float) -> _Component:
    """Several units: an integer programme for each number of places, until all are as good."""
    until = time.monotonic() + seconds
    whole = _served(places, pairs)
    ports, bound, chosen = [0], [0], [()]
    while ports[-1] < whole and len(ports) <= len(places):
        k = len(ports)
        left = max(_LEAST_SECONDS, (until - time.monotonic()) / 2)  # most need few steps
        built, limit = _best_places(places, units, pairs, k, left)
        served = _served(built, pairs)
        if served < ports[-1]:  # time ran out before it found what was known already
            built, served = np.array(chosen[-1], dtype=np.intp), ports[-1]
        ports.append(served)
        bound.append(max(served, min(whole, limit)))
        chosen.append(tuple(np.sort(built).tolist()))
    return _Component(np.array(ports), np.maximum.accumulate(bound), tuple(chosen))


def _best_places(
    places: NDArray[np.intp], units: NDArray[np.intp], pairs: _Pairs, k: int, seconds: float
) -> tuple[NDArray[np.intp], int]:
    """The best k places of a part, and how many ports no k places exceed.

    max Σ y, Σ_u y_su ≤ room_s x_s, y_su ≤ min(room_s, need_u) x_s, Σ_s y_su ≤ need_u, Σ x ≤ k,
    x ∈ {0, 1}. With x given, whole numbers y come of themselves: it is a flow.
    """
    own = np.flatnonzero(np.isin(pairs.place, places))
    s, u = np.searchsorted(places, pairs.place[own]), np.searchsorted(units, pairs.unit[own])
    m, p = len(places), len(own)
    y, one = m + np.arange(p), np.ones(p)
    most = np.minimum(pairs.room[places][s], pairs.need[units][u])
    rows = csr_array(
        vstack(
            [
                coo_array(
                    (np.append(one, -pairs.room[places]), (np.append(s, np.arange(m)), np.append(y, np.arange(m)))),
                    (m, m + p),
                ),
                coo_array((np.append(one, -most), (np.tile(np.arange(p), 2), np.append(y, s))), (p, m + p)),
                coo_array((one, (u, y)), (len(units), m + p)),
                coo_array((np.ones(m), (np.zeros(m, int), np.arange(m))), (1, m + p)),
            ]
        )
    )
    upper = np.concatenate([np.zeros(m + p), pairs.need[units], [k]])
    found = milp(
        np.append(np.zeros(m), -one),
        bounds=Bounds(0, np.append(np.ones(m), most)),
        integrality=np.append(np.ones(m, np.int64), np.zeros(p, np.int64)),
        constraints=LinearConstraint(rows, -np.inf, upper),
        options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )
    limit = found.mip_dual_bound
    most_ports = int(pairs.need[units].sum())
    limit = most_ports if limit is None or not np.isfinite(limit) else math.floor(-limit + 1e-6)
    built = places[:0] if found.x is None else places[np.round(found.x[:m]) > 0]
    return built, min(limit, most_ports)


def _served(places: NDArray[np.intp], pairs: _Pairs) -> int:
    return sum(ports for _, _, ports in _flow(places, pairs))


def _flow(places: NDArray[np.intp], pairs: _Pairs) -> list[tuple[int, int, int]]:
    """(place, unit, ports): the most that places serve, each port once."""
    own = np.flatnonzero(np.isin(pairs.place, places))
    room = np.zeros_like(pairs.room)
    room[places] = pairs.room[places]
    return maximise_flow(room, pairs.need, pairs.place[own], pairs.unit[own])


def _most_by_places(curves: Sequence[_Ints]) -> tuple[_Ints, list[_Ints]]:
    """The most ports of K places over all parts, and for every part how many places it then has.

    Returns
    -------
    Ports by K = 0, 1, …; and a table a part: places of the part when it and those before it have K.
    """
    best, tables = np.zeros(1, dtype=np.int64), []
    for curve in curves:
        longer = np.full(len(best) + len(curve) - 1, -1, dtype=np.int64)
        taken = np.zeros(len(longer), dtype=np.int64)
        for k, ports in enumerate(curve.tolist()):
            reach = slice(k, k + len(best))
            better = best + ports > longer[reach]
            longer[reach] = np.where(better, best + ports, longer[reach])
            taken[reach] = np.where(better, k, taken[reach])
        best = longer
        tables.append(taken)
    return best, tables


def _shares(tables: Sequence[_Ints], n_places: int) -> list[int]:
    """How many of K places each part has, read back from the last part to the first."""
    shares = []
    for taken in reversed(tables):
        shares.append(int(taken[n_places]))
        n_places -= shares[-1]
    return shares[::-1]


def _afford(best: _Ints, prices: SitePrices, budget_yuan: float | None) -> tuple[int, int]:
    """Places and ports: the most ports there is money for, with as few places as that takes."""
    ports = best.astype(np.float64)
    if budget_yuan is not None:
        left = budget_yuan - prices.site_yuan * np.arange(len(best))
        room = np.floor(left / prices.port_yuan + 1e-9) if prices.port_yuan else left * np.inf
        ports = np.where(left >= 0, np.minimum(ports, np.nan_to_num(room, posinf=np.inf)), -1.0)
    at = int(np.argmax(ports))
    return (at, int(ports[at])) if ports[at] > 0 else (0, 0)


def _choice(
    siting: Siting,
    pairs: _Pairs,
    chosen: list[int],
    ports: int,
    bound: int,
    prices: SitePrices,
    parts: Sequence[_Component] | None,
) -> SiteSelection:
    """The choice with its flow, cut to the ports there is money for; without parts nothing is proven."""
    ids = siting.sites["site_id"].to_list()
    walk = dict(zip(zip(pairs.place.tolist(), pairs.unit.tolist(), strict=True), pairs.walk_m, strict=True))
    left, lent = ports, []
    for place, unit, flow in _flow(np.array(chosen, dtype=np.intp), pairs):
        served = min(flow, left)
        left -= served
        if served:
            lent.append(PortAllocation(ids[place], pairs.unit_ids[unit], served, float(walk[place, unit])))
    built: dict[str, int] = {}
    for one in lent:
        built[one.site_id] = built.get(one.site_id, 0) + one.ports
    proven = parts is not None and all(np.array_equal(part.ports, part.bound) for part in parts)
    return SiteSelection(
        sites=built,
        lent=tuple(lent),
        ports=ports,
        cost_yuan=prices.site_yuan * len(built) + prices.port_yuan * ports,
        needed=int(pairs.need.sum()),
        bound=bound,
        gap=(bound - ports) / bound if bound else None,
        status="optimal" if proven else "feasible",
    )
