"""Little towns for the solver, a judge of plans and an exhaustive search that share no code with it."""

from dataclasses import replace
from functools import cache

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from analysis.bundling.model.companies import Companies
from analysis.bundling.model.preferences import Preferences
from analysis.bundling.model.problem import Problem
from analysis.bundling.model.rules import rules_from_policy
from analysis.bundling.model.sizes import read_bounds
from analysis.policy import read_policy
from geo.adjacency.graph import AdjacencyGraph
from geo.storage.dataset import write_dataset
from geo.storage.manifest import new_manifest

RULES = rules_from_policy(read_policy(), mode="mixed")
NO_REASON = pd.DataFrame({"unit_id": [], "reason": []})


def make_problem(edges, households, *, xy=None, wall=None, anchors=(), capacity=(), **rules):
    """A problem on a drawn graph; walks are straight lines, floor area is 80 m² a household."""
    households = np.array(households, dtype=np.int64)
    n = len(households)
    xy = np.column_stack([np.arange(n) * 100.0, np.zeros(n)]) if xy is None else np.array(xy, float)
    wall = np.zeros(n, dtype=np.int64) if wall is None else np.array(wall)
    pairs = [(i, j) for i, j in edges if wall[i] == wall[j]]
    both = np.array(pairs + [(j, i) for i, j in pairs], dtype=np.int64).reshape(-1, 2)
    links = csr_array((np.ones(len(both)), both.T), shape=(n, n))
    links.sort_indices()
    in_force = replace(RULES, mode="whole", scope="all")
    in_force = replace(in_force, **rules)
    metres = np.rint(np.hypot(*(xy[:, None] - xy[None, :]).T)).astype(np.int64)
    metres[metres > in_force.walk_limit_m] = 0
    anchors = np.array(anchors, dtype=np.int64)
    load = households * 80
    return Problem(
        rules=in_force,
        unit_ids=np.array([f"u{i:03d}" for i in range(n)], dtype=object),
        households=households,
        weight=households,
        load=load,
        jurisdiction=wall,
        indptr=links.indptr.astype(np.int64),
        indices=links.indices.astype(np.int64),
        walks=csr_array(metres),
        anchors=anchors,
        capacity=np.array(capacity, dtype=np.int64),
        is_target=~np.isin(np.arange(n), anchors),
        largest=load[anchors],
        is_settled=np.ones(n, dtype=bool),
        out_of_scope=NO_REASON,
    )


def with_companies(problem, of_anchor, allowance):
    """The problem with companies of the anchors (−1 = unknown) that may take on so many m² each."""
    names = np.array([f"k{k}" for k in range(len(allowance))], dtype=object)
    most = np.array(allowance, dtype=np.int64)
    is_recorded = np.ones(len(most), dtype=bool)
    found = Companies(names, np.array(of_anchor, dtype=np.int64), most / 0.3, is_recorded, most)
    return replace(problem, companies=found, rules=replace(problem.rules, company_growth=0.3))


def company_town(seed, *, n_companies=2, tightness=0.5, **town):
    """A random town whose anchors belong to companies that may use a part of their capacity only."""
    problem = random_town(seed, **town)
    of_anchor = np.random.default_rng([seed, 1]).integers(-1, n_companies, len(problem.anchors))
    allowance = [int(tightness * problem.capacity[of_anchor == k].sum()) for k in range(n_companies)]
    return with_companies(problem, of_anchor, allowance)


def random_town(seed, *, n=60, mode="whole", n_walls=2, anchor_share=0.0, lower=1000, upper=2500):
    """A jittered lattice of n units 150 m apart, a tenth of its edges cut, streets side by side."""
    rng = np.random.default_rng(seed)
    wide = int(np.ceil(np.sqrt(n)))
    column, row = np.arange(n) % wide, np.arange(n) // wide
    xy = np.column_stack([column, row]) * 150.0 + rng.uniform(-40, 40, (n, 2))
    edges = [(i, i + 1) for i in range(n - 1) if column[i] + 1 < wide]
    edges += [(i, i + wide) for i in range(n - wide)]
    edges = [edge for edge in edges if rng.random() > 0.1]
    small = rng.random(n) < 0.35
    households = np.where(small, rng.integers(6, 60, n), rng.integers(100, 900, n))
    anchors = np.flatnonzero(rng.random(n) < anchor_share)
    problem = make_problem(
        edges,
        households,
        xy=xy,
        wall=column * n_walls // wide,
        anchors=anchors,
        capacity=households[anchors] * 80 * 2,
        mode=mode,
        lower=lower,
        upper=upper,
        radius_m=600.0,
    )
    return replace(problem, preferences=drawn_preferences(n, seed))


def drawn_preferences(n, seed):
    """Years, credit and companies of n units at random; some are not known."""
    rng = np.random.default_rng([seed, 2])
    is_rated, is_new = rng.random(n) < 0.5, rng.random(n) < 0.5
    year = np.where(rng.random(n) < 0.2, np.nan, rng.integers(1980, 2020, n))
    return Preferences(
        is_rated=is_rated,
        is_new=is_new,
        year_from=year,
        year_to=year,
        company=rng.integers(-1, 4, n),
        beside=csr_array(rng.random((n, 4)) < 0.5),
        years_newer=5,
    )


def broken_rules(problem, plan):
    """What a plan does that it must not, one text for each fault; made for reading, not for speed."""
    n, rules = len(problem.unit_ids), problem.rules
    graph = nx.Graph()
    graph.add_nodes_from(range(n))
    graph.add_edges_from(
        (i, int(j)) for i in range(n) for j in problem.indices[problem.indptr[i] : problem.indptr[i + 1]]
    )
    walk = problem.walks.toarray()
    place = {int(anchor): k for k, anchor in enumerate(problem.anchors)}
    faults = []
    if plan.area_of.shape != (n,) or plan.area_of.min(initial=-1) < -1:
        faults.append("labels")
    for area in range(plan.n_areas):
        members = [i for i in range(n) if plan.area_of[i] == area]
        anchor = int(plan.anchor_of[area])
        taken = [i for i in members if i != anchor]
        if not taken:
            faults.append(f"{area} empty")
            continue
        if not nx.is_connected(graph.subgraph(members)):
            faults.append(f"{area} disconnected")
        if len({int(problem.jurisdiction[i]) for i in members}) > 1:
            faults.append(f"{area} crosses a wall")
        if not all(problem.is_target[i] for i in taken):
            faults.append(f"{area} takes in an anchor")
        if anchor < 0:
            faults += [f"{area} {fault}" for fault in out_of_bounds(problem, members)]
            continue
        if anchor not in members:
            faults.append(f"{area} without its anchor")
        if sum(int(problem.load[i]) for i in taken) > problem.capacity[place[anchor]]:
            faults.append(f"{area} above capacity")
        if any(problem.load[i] > problem.largest[place[anchor]] for i in taken):
            faults.append(f"{area} takes in a unit larger than its anchor")
        if any(not 0 < walk[anchor, i] <= rules.radius_m for i in taken):
            faults.append(f"{area} beyond the radius")
    for k, most in enumerate(problem.companies.allowance if problem.companies else ()):
        mine = set(problem.anchors[problem.companies.of_anchor == k].tolist())
        areas = [a for a in range(plan.n_areas) if int(plan.anchor_of[a]) in mine]
        taken = [i for i in range(n) if plan.area_of[i] in areas and i not in mine]
        if problem.load[taken].sum() > most:
            faults.append(f"company {k} takes on too much")
    return faults


def out_of_bounds(problem, members):
    """What members come to outside a bound of the rules, weight by weight."""
    rules, n = problem.rules, len(members)
    total = sum(int(problem.weight[i]) for i in members)
    faults = [] if rules.lower <= total <= rules.upper else [f"weighs {total}"]
    for bound in rules.bounds:
        figure = {
            "members": n,
            "households": sum(int(problem.households[i]) for i in members),
            "floor_area": sum(int(problem.load[i]) for i in members),
        }[bound.weight]
        if figure < bound.lower or (bound.upper is not None and figure > bound.upper):
            faults.append(f"has {figure} {bound.weight}")
    return faults


def bounded(problem, *texts):
    """The problem with further bounds, written as for `--bound`."""
    bounds = read_bounds(texts, problem.rules.weight)
    figures = {
        "members": np.ones(problem.n_units, dtype=np.int64),
        "households": problem.households,
        "floor_area": problem.load,
    }
    more = np.array([figures[bound.weight] for bound in bounds])
    return replace(problem, rules=replace(problem.rules, bounds=bounds), more_weight=more)


def best_score(problem):
    """(left-over households, household-metres) of the best plan, by trying all; up to 9 units."""
    left, _, metres = best_key(problem, is_led_first=False)
    return left, metres


def best_key(problem, worth=lambda metres: (metres,), *, is_led_first=True):
    """What the best plan comes to in the order of the levels, by trying all plans; up to 9 units.

    Households left over, then those of areas without an anchor (only in mode "mixed", and where
    `is_led_first`), then what `worth` makes of the metres of each area, added up.
    """
    n, rules = len(problem.unit_ids), problem.rules
    targets = [i for i in range(n) if problem.is_target[i]]
    graph = nx.Graph()
    graph.add_nodes_from(range(n))
    graph.add_edges_from(
        (i, int(j)) for i in range(n) for j in problem.indices[problem.indptr[i] : problem.indptr[i + 1]]
    )
    walk = problem.walks.toarray()
    walk[(walk == 0) & ~np.eye(n, dtype=bool)] = 10**9
    groups = [[i for k, i in enumerate(targets) if mask >> k & 1] for mask in range(2 ** len(targets))]
    people = problem.households
    nothing = (0,) * len(worth(0))
    is_unled_told = is_led_first and rules.mode == "mixed"

    def is_joined(members):
        return nx.is_connected(graph.subgraph(members))

    def led_area(k, members):
        """What an area of the k-th anchor with members adds to the key; None = it may not be."""
        anchor = int(problem.anchors[k])
        if not members:
            return (0, 0, *nothing)
        if (
            not is_joined([anchor, *members])
            or problem.load[members].sum() > problem.capacity[k]
            or problem.load[members].max() > problem.largest[k]
            or walk[anchor, members].max() > rules.radius_m
        ):
            return None
        return (0, 0, *worth(int(walk[anchor, members] @ people[members])))

    def whole_area(members):
        if not members or out_of_bounds(problem, members) or not is_joined(members):
            return None
        among = np.minimum(walk[np.ix_(members, members)], int(rules.walk_limit_m))
        unled = int(people[members].sum()) if is_unled_told else 0
        return (0, unled, *worth(int((among @ people[members]).min())))

    whole = [whole_area(members) for members in groups]

    companies = problem.companies

    def rooms_after(k, members, rooms):
        of = -1 if companies is None else companies.of_anchor[k]
        load = int(problem.load[members].sum())
        return tuple(room - load if c == of else room for c, room in enumerate(rooms))

    @cache
    def best(mask, k, rooms=()):
        """Least key of the targets in `mask` with anchors k, k+1, …"""
        if rules.mode != "whole" and k < len(problem.anchors):
            found = []
            for sub in _subsets(mask):
                area, after = led_area(k, groups[sub]), rooms_after(k, groups[sub], rooms)
                if area is not None and min(after, default=0) >= 0:
                    found.append(_added(area, best(mask & ~sub, k + 1, after)))
            return min(found)
        if rules.mode == "lead" or mask == 0:
            return (int(people[groups[mask]].sum()), 0, *nothing)
        low = mask & -mask
        alone = (int(people[groups[low][0]]), 0, *nothing)
        options = [_added(alone, best(mask & ~low, k, rooms))]
        for sub in _subsets(mask):
            if sub & low and whole[sub] is not None:
                options.append(_added(whole[sub], best(mask & ~sub, k, rooms)))
        return min(options)

    rooms = () if companies is None else tuple(companies.allowance.tolist())
    return best(2 ** len(targets) - 1, 0, rooms)


def _added(one, other):
    return tuple(a + b for a, b in zip(one, other, strict=True))


def _subsets(mask):
    sub = mask
    while True:
        yield sub
        if sub == 0:
            return
        sub = (sub - 1) & mask


@pytest.fixture(scope="session", name="make_problem")
def _make_problem():
    return make_problem


@pytest.fixture(scope="session", name="random_town")
def _random_town():
    return random_town


@pytest.fixture(scope="session", name="company_town")
def _company_town():
    return company_town


@pytest.fixture(scope="session", name="bounded")
def _bounded():
    return bounded


@pytest.fixture(scope="session", name="with_companies")
def _with_companies():
    return with_companies


@pytest.fixture(scope="session", name="broken_rules")
def _broken_rules():
    return broken_rules


@pytest.fixture(scope="session", name="best_score")
def _best_score():
    return best_score


@pytest.fixture(scope="session", name="best_key")
def _best_key():
    return best_key


# --- a dataset of one street, drawn by hand ------------------------------------------------------

S1, S2 = "150203001", "150203002"
DATE = "2026-06-30"
UNITS = pd.DataFrame(
    # 100 m apart on a line: new - old - custody - house - young   given   nay   pro - odd | far
    [
        ("new", "community", S1, 600, 60_000.0, 2012, "professional", None, None, None, "k1"),
        ("old", "community", S1, 200, 16_000.4, 1985, "none", None, None, None, None),
        ("custody", "community", S1, 180, 14_400.0, 2003, "unit_self", "unit_custody", None, "yes", None),
        ("house", "single_building", S1, 40, 3_200.0, 2008, None, None, None, None, None),
        ("young", "community", S1, 300, 30_000.0, 2015, "none", None, None, None, None),
        ("given", "community", S1, 250, 20_000.0, 1975, "unit_self", None, "soe_transfer", None, None),
        ("nay", "community", S1, 250, 20_000.0, 1975, "none", None, None, "no", None),
        ("pro", "community", S1, 500, 50_000.0, 2016, "professional", None, None, None, "k2"),
        ("odd", "community", S1, None, 9_000.0, 1980, "none", None, None, None, None),
        ("far", "community", S2, 120, 9_600.0, 1988, "none", None, None, None, None),
        ("lost", "community", S1, 90, 7_200.0, 1988, "none", None, None, None, None),
        ("when", "community", S1, 90, 7_200.0, None, "none", None, None, None, None),
    ],
    columns=[
        "unit_id",
        "kind",
        "street_code",
        "households",
        "floor_area_m2",
        "built_year",
        "management_mode",
        "community_type",
        "special_type",
        "merge_willingness",
        "company_id",
    ],
)
CONTRACTS = pd.DataFrame(
    {
        "contract_id": ["c1", "c2"],
        "unit_id": ["new", "pro"],
        "company_id": ["k1", "k2"],
        "end_date": ["2028-12-31", "2026-12-31"],
    }
)
COMPANIES = pd.DataFrame(
    {
        "company_id": ["k1", "k2"],
        "name": ["甲物业", "乙物业"],
        "credit_rating": ["A", "AAA"],
        "blacklisted": [False, False],
        "managed_area_m2": [600_000.0, 600_000.0],
    }
)
STREETS = pd.DataFrame({"street_code": [S1, S2], "name": ["前街道", "后街道"]})
LINKS = [("custody", "house"), ("custody", "old"), ("house", "young"), ("new", "old"), ("far", "odd"), ("odd", "pro")]


def make_dataset(folder, *, units=UNITS, data_date=DATE, links=LINKS, **layers):
    """A dataset on disk and its graph; a layer given as None is absent."""
    units = units.assign(
        name=units["unit_id"] + "小区",
        is_old=(units["built_year"] <= 2000).astype("boolean").where(units["built_year"].notna()),
        geom_quality=np.where(units["unit_id"] == "lost", "missing", "digitised"),
        households_quality="reported",
        floor_area_m2_quality="reported",
        built_year_quality="reported",
    )
    given = {"contracts": CONTRACTS, "companies": COMPANIES, "streets": STREETS, "units": units}
    given |= layers
    frames = {name: frame for name, frame in given.items() if frame is not None}
    dataset = write_dataset(folder, new_manifest("虚构城", "EPSG:4546", data_date=data_date), frames)
    ids = dataset.layer("units")["unit_id"].to_numpy()
    place = {unit: i for i, unit in enumerate(ids)}
    drawn = {unit: i for i, unit in enumerate(UNITS["unit_id"])}
    x = np.array([drawn.get(unit, 0) * 100.0 for unit in ids])
    pairs = pd.DataFrame(
        [(min(pair), max(pair), 10.0, True, None) for pair in links],
        columns=["unit_a", "unit_b", "gap_m", "allowed", "blocked_by"],
    )
    both = np.array([(place[a], place[b]) for a, b in links] + [(place[b], place[a]) for a, b in links]).reshape(-1, 2)
    near = csr_array((np.ones(len(both)), both.T), shape=(len(ids), len(ids)))
    near.sort_indices()
    graph = AdjacencyGraph(
        unit_ids=ids,
        indptr=near.indptr,
        indices=near.indices,
        gap_m=near.data,
        walk_m=near.data,
        walks=csr_array(np.abs(x[:, None] - x[None, :])),
        pairs=pairs,
    )
    return dataset, graph


@pytest.fixture(scope="session", name="make_dataset")
def _make_dataset():
    return make_dataset


@pytest.fixture(name="street_units")
def _street_units():
    return UNITS.copy()


@pytest.fixture(name="street")
def _street(tmp_path):
    """The street of `UNITS`, and its graph."""
    return make_dataset(tmp_path / "street")
