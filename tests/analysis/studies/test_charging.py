"""Ports lacking, and public ports lent: never twice, never more than there are."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point, box

from analysis.figures.facts import Facts
from analysis.policy import read_policy
from analysis.studies.charging import assign_public_ports, build_charging_table, find_sites_without_ports, maximise_flow
from geo.storage.layer_frames import shape_layer

POLICY = read_policy()
CREDIT = POLICY.replaced({"ebike.off_site_credit": True})


def facts(policy=POLICY):
    """c0 lacks 10 ports, c1 has enough, c2 has bikes nobody counted, c3 ports nobody counted.

    A public site of 6 ports stands 100 m east of c0, another of 50 half a kilometre away.
    """
    units = pd.DataFrame(
        {
            "unit_id": ["c0", "c1", "c2", "c3"],
            "kind": "community",
            "households": [100, 100, 61, 100],
            "geometry": [box(200 * i, 0, 200 * i + 80, 80) for i in range(4)],
        }
    )
    stock = {"unit_id": ["c0", "c1", "c3"], "ebikes": [60, 30, 90], "method": "survey"}
    sites = pd.DataFrame(
        {
            "site_id": ["s0", "s1", "s2", "p0", "p1", "p2"],
            "unit_id": ["c0", "c1", "c2", None, None, None],
            "ports": [10, 10, 5, 6, 50, 9],
            "in_service": [True, True, True, True, True, False],
            "geometry": [Point(x, 40) for x in (40, 240, 440, 180, 1500, 90)],
        }
    )
    frames = {"units": units, "ebike_stock": pd.DataFrame(stock), "ebike_sites": sites}
    return Facts({n: shape_layer(n, f, "EPSG:4546") for n, f in frames.items()}, policy)


def test_what_each_unit_lacks():
    table = build_charging_table(facts()).set_index("unit_id")
    assert table["required"].tolist() == [20, 10, 10, 30]  # 61 households: 30 bikes, ⌈30 ÷ 3⌉
    assert table["gap"].tolist()[:3] == [10, 0, 5]
    assert pd.isna(table.loc["c3", "gap"])
    assert table["method"].tolist() == ["survey", "survey", "from_households", "survey"]
    assert table["band"].tolist() == ["high", "ok", "no_data", "no_data"]
    assert table["credited"].tolist()[:3] == [0, 0, 0]


def test_public_ports_near_by_are_lent_once():
    table = build_charging_table(facts(CREDIT)).set_index("unit_id")
    assert table.loc["c0", ["gap", "credited", "gap_left"]].tolist() == [10, 6, 4]
    (credit,) = assign_public_ports(facts(CREDIT), [10.0, 0.0, np.nan, 0.0])
    assert (credit.site_id, credit.unit_id, credit.ports) == ("p0", "c0", 6)


@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=5), st.lists(st.integers(0, 9), min_size=1, max_size=5), st.data()
)
def test_no_port_is_lent_twice_and_no_more_could_be_lent(supply, demand, data):
    m, n = len(supply), len(demand)
    all_pairs = [(s, u) for s in range(m) for u in range(n)]
    pairs = data.draw(st.lists(st.sampled_from(all_pairs), unique=True))
    sites, units = (np.array([p[i] for p in pairs], dtype=np.int64) for i in (0, 1))
    flow = maximise_flow(np.array(supply), np.array(demand), sites, units)
    assert {(s, u) for s, u, _ in flow} <= set(pairs)
    for s in range(m):
        assert sum(f for a, _, f in flow if a == s) <= supply[s]
    for u in range(n):
        assert sum(f for _, b, f in flow if b == u) <= demand[u]
    assert sum(f for _, _, f in flow) == best_cut(supply, demand, pairs)


def best_cut(supply, demand, pairs):
    """By the theorem of Ford and Fulkerson: the least, over sets of sites, of what they hold back."""
    least = None
    for chosen in range(2 ** len(supply)):
        kept = [s for s in range(len(supply)) if chosen >> s & 1]
        reached = {u for s, u in pairs if s in kept}
        cut = sum(supply[s] for s in range(len(supply)) if s not in kept)
        cut += sum(demand[u] for u in reached)
        least = cut if least is None else min(least, cut)
    return least


def test_sites_in_service_that_tell_piles_instead_of_ports_are_named():
    sites = {
        "site_id": ["a", "b", "c"],
        "ports": [None, None, 4],
        "piles": [30, 5, 1],
        "in_service": [True, False, True],
    }
    layer = shape_layer("ebike_sites", pd.DataFrame(sites), "EPSG:4546")
    here = facts()
    (finding,) = find_sites_without_ports(Facts({**here.layers, "ebike_sites": layer}, POLICY))
    assert (finding.value, "30 个桩" in finding.zh) == ("1", True)
    assert find_sites_without_ports(here) == ()
