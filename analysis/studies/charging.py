"""Charging of electric bicycles, unit by unit: ports needed, ports lacking, ports near by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import maximum_flow

from analysis.figures.facts import Facts
from analysis.indicators.charging import classify_bikes_per_port
from geo.findings import Finding
from geo.messages import EMPTY, load_catalogue

say = load_catalogue(__file__)


@dataclass(frozen=True)
class PortCredit:
    """Ports of one public site lent to one unit: each port to one unit only (R53)."""

    site_id: str
    unit_id: str
    ports: int


def build_charging_table(facts: Facts) -> pd.DataFrame:
    """What charging each unit has and lacks.

    Bikes that nobody counted are estimated from households (R51) and marked; such a row plans,
    it proves nothing. A unit whose ports are unknown has no gap, it has a question.

    Parameters
    ----------
    facts
        Of the current roster.

    Returns
    -------
    DataFrame in the order of the units: unit_id, name, district_code, street_code,
    neighbourhood_code, households, bikes, method ("registered", "survey", "estimated",
    "from_households" or missing), ports, required, gap, credited, gap_left (float, missing =
    unknown), band (key of the theme "ebike_ports", from counted bikes alone).
    """
    units = facts.units
    norm = float(facts.policy.value("ebike.bikes_per_port"))
    per_household = float(facts.policy.value("ebike.bikes_per_household"))
    guess = (units["households"].astype("Float64").astype("float64") * per_household).round()
    counted = units["bikes"].notna()
    bikes = units["bikes"].where(counted, guess)
    method = units["bike_method"].astype(object).where(counted)
    method = method.mask(~counted & guess.notna(), "from_households")
    required = np.ceil(bikes / norm - 1e-9)
    gap = (required - units["ports"]).clip(lower=0.0) + 0.0
    credited = _credited_ports(facts, gap)
    layers = {"ebike_stock": facts.layer("ebike_stock"), "ebike_sites": facts.layer("ebike_sites")}
    plain = units.drop(columns=["bikes", "ports", "bike_method", "bikes_estimated"])
    return pd.DataFrame(
        {
            **{
                name: units[name]
                for name in ("unit_id", "name", "district_code", "street_code", "neighbourhood_code", "households")
            },
            "bikes": bikes,
            "method": method,
            "ports": units["ports"],
            "required": required,
            "gap": gap,
            "credited": credited,
            "gap_left": gap - credited,
            "band": classify_bikes_per_port(plain, layers, facts.policy)["band"],
        }
    )


def find_sites_without_ports(facts: Facts) -> tuple[Finding, ...]:
    """Charging sites in service whose ports nobody stated: devices and piles are no ports (R52).

    Such a site makes the ports of its unit unknown, so no ratio, no gap and no claim rests on it.
    """
    sites = facts.layer("ebike_sites")
    in_service = sites["in_service"].astype("boolean").fillna(True).astype(bool)
    silent = sites[in_service & sites["ports"].isna()]
    if silent.empty:
        return ()
    piles = silent["piles"].sum(min_count=1)
    stated = EMPTY if pd.isna(piles) else say("ebike.piles", piles=piles)
    return (
        Finding(
            "warning",
            "ebike.ports_unknown",
            *say("ebike.ports_unknown", n=len(silent), stated=stated),
            layer="ebike_sites",
            column="ports",
            value=str(len(silent)),
        ),
    )


def assign_public_ports(facts: Facts, gap: Sequence[float]) -> tuple[PortCredit, ...]:
    """Public ports within the policy's walk, lent to units that lack some, each port once (R53).

    Parameters
    ----------
    facts
        Units and charging sites with geometry in the metric CRS; sites without a unit are public.
        The walk is the straight line times the policy's detour factor.
    gap
        (n,) ports each unit lacks; missing = unknown, which asks for none.

    Returns
    -------
    As many ports as can be lent in all, by site, then by unit.
    """
    units, sites = facts.layers["units"], facts.layers.get("ebike_sites", pd.DataFrame())
    if "geometry" not in units or "geometry" not in sites or sites.empty:
        return ()
    public = sites[sites["unit_id"].isna() & sites["ports"].notna() & sites["geometry"].notna()]
    in_service = public["in_service"].astype("boolean").fillna(True).astype(bool)
    public = public[in_service & (public["ports"] > 0)].sort_values("site_id")
    reach = float(facts.policy.value("ebike.off_site_walk_m")) / float(facts.policy.value("neighbour.detour_factor"))
    wanted = np.nan_to_num(np.asarray(gap, dtype=np.float64)).astype(np.int64)
    needy = np.flatnonzero(wanted > 0)
    shapes = units["geometry"].to_numpy(object)[needy]
    near = shapely.STRtree(shapes).query(public["geometry"].to_numpy(object), predicate="dwithin", distance=reach)
    flow = maximise_flow(public["ports"].to_numpy(np.int64), wanted[needy], near[0], near[1])
    ids, names = public["site_id"].to_numpy(object), units["unit_id"].to_numpy(object)[needy]
    return tuple(PortCredit(str(ids[s]), str(names[u]), n) for s, u, n in flow)


def maximise_flow(
    supply: NDArray[np.int64], demand: NDArray[np.int64], sites: NDArray[Any], units: NDArray[Any]
) -> list[tuple[int, int, int]]:
    """The most that supplies can lend to demands over given pairs: a maximum flow.

    Parameters
    ----------
    supply
        (m,) ports of each site.
    demand
        (n,) ports each unit lacks.
    sites, units
        (k,) positions of the pairs within reach.

    Returns
    -------
    (site, unit, ports > 0), sorted; no site lends more than it has, no unit gets more than it
    lacks.

    Examples
    --------
    >>> maximise_flow(np.array([9]), np.array([3, 4]), np.array([0, 0]), np.array([0, 1]))
    [(0, 0, 3), (0, 1, 4)]
    """
    m, n = len(supply), len(demand)
    if not len(sites):
        return []
    source, sink = m + n, m + n + 1
    order = np.lexsort((units, sites))
    tails = np.concatenate([np.full(m, source), sites[order], m + np.arange(n)])
    heads = np.concatenate([np.arange(m), m + units[order], np.full(n, sink)])
    room = np.concatenate([supply, np.minimum(supply[sites[order]], demand[units[order]]), demand])
    graph = coo_array((room.astype(np.int32), (tails, heads)), shape=(m + n + 2, m + n + 2))
    flow = maximum_flow(graph.tocsr(), source, sink).flow.tocoo()
    lent = zip(flow.row.tolist(), flow.col.tolist(), flow.data.tolist(), strict=True)
    return sorted((s, u - m, int(f)) for s, u, f in lent if f > 0 and s < m and m <= u < m + n)


def _credited_ports(facts: Facts, gap: pd.Series) -> pd.Series:
    lent = pd.Series(0.0, index=gap.index)
    if facts.policy.value("ebike.off_site_credit"):
        lent_out = assign_public_ports(facts, gap.tolist())
        totals = pd.DataFrame([(c.unit_id, c.ports) for c in lent_out], columns=["u", "p"])
        lent = facts.units["unit_id"].map(totals.groupby("u")["p"].sum()).fillna(0.0)
    return lent.astype("float64").where(gap.notna())
