"""What the browser needs to edit a plan by itself: units, neighbours, walks, rules, areas, locks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array, triu

from analysis.bundling.document.reasons import REASONS
from analysis.bundling.document.wording import Wording
from analysis.bundling.editing.apply import EditBase
from analysis.bundling.model.problem import Problem
from app.maps.layers import LONLAT
from app.maps.themes import AREAS, NEXT_TO_M, darken
from app.session.address import version_address
from app.session.page import PageData
from app.store.records import Version
from app.workbench.formats import to_plain

_RULES = ("mode", "radius_m", "walk_limit_m")


def start_document(data: PageData, base: EditBase) -> dict[str, Any]:
    """All the editor of the page holds, units by their position in the `units` layer.

    Parameters
    ----------
    data
        The page the editor is in.
    base
        Its plan, ready to be edited.
    """
    problem = base.opened.problem
    at = _positions(data, problem)
    palette = data.theme(AREAS).palette
    return {
        "base": data.version,
        "family": _family(data),
        "saved": None if data.bench.version is None else saved_record(data.bench.version),
        "rules": {name: getattr(problem.rules, name) for name in _RULES},
        **_units(data),
        **_of_problem(problem, at, len(data.bench.units)),
        **_anchors(base, at),
        **_outside(problem, data),
        **_pairs(data, problem, at),
        "walks": _walks(problem, at, len(data.bench.units)),
        "palette": list(palette[:-2]),
        "edges": [darken(colour) for colour in palette[:-2]],
        "plain": {"left_over": palette[-2], "other": palette[-1]},
        "areas": _areas(data),
        "area_of": data.bench.area_of.tolist(),
        "locks": _locks(data, base),
        **_leaders(data, base),
    }


def _leaders(data: PageData, base: EditBase) -> dict[str, Any]:
    """Who leads each unit (position in the `units` layer, −1 = nobody), where areas have leaders inside."""
    if base.opened.problem.rules.mode != "area":
        return {}
    leader_of = np.full(len(data.bench.units), -1, dtype=np.int64)
    for unit, leader in base.leader_of.items():
        leader_of[data.bench.position_of[unit]] = data.bench.position_of[leader]
    asks = base.opened.problem.asks_leader
    asking = [] if asks is None else base.opened.problem.unit_ids[asks].astype(str).tolist()
    return {"leader_of": leader_of.tolist(), "asks_leader": sorted(data.bench.position_of[unit] for unit in asking)}


def saved_record(version: Version) -> dict[str, Any]:
    """A version of the store as the editor knows it."""
    return {
        "id": version.id,
        "plan_id": version.plan_id,
        "plan_name": version.plan_name,
        "number": version.number,
        "author": version.author,
        "note": version.note,
        "at": version.created_text,
        "address": version_address(version),
    }


def _family(data: PageData) -> str:
    """What the versions of a plan on the same units share: drafts of one fit the others."""
    planning = data.bench.dataset.manifest.planning_sha256[:12]
    version = data.bench.version
    return f"{planning}-{version.plan_id if version else data.version}"


def start_text(document: Mapping[str, Any]) -> str:
    """The document as compact JSON."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _positions(data: PageData, problem: Problem) -> np.ndarray:
    """(n,) position in the `units` layer of each unit of the problem."""
    position = data.bench.position_of
    return np.array([position[str(unit)] for unit in problem.unit_ids], dtype=np.int64)


def _units(data: PageData) -> dict[str, Any]:
    units = data.bench.units
    codes, names = pd.factorize(units["street_code"], sort=True)
    shapes = gpd.GeoSeries(units.geometry.representative_point(), crs=units.crs).to_crs(LONLAT)
    points = [None if point is None or point.is_empty else [round(point.x, 6), round(point.y, 6)] for point in shapes]
    return {
        "ids": units["unit_id"].astype(str).tolist(),
        "names": [to_plain(name) or "" for name in units["name"]],
        "singles": (units["kind"] == "single_building").astype(int).tolist(),
        "streets": codes.tolist(),
        "street_names": [data.bench.street_names.get(code, str(code)) for code in names],
        "households": [to_plain(value) for value in units["households"]],
        "estimated": (units["households_quality"] == "estimated").astype(int).tolist(),
        "floor": [to_plain(value) for value in units["floor_area_m2"]],
        "points": points,
    }


def _of_problem(problem: Problem, at: np.ndarray, n: int) -> dict[str, Any]:
    def spread(values: np.ndarray) -> list[int]:
        whole = np.zeros(n, dtype=np.int64)
        whole[at] = values
        return whole.tolist()

    return {
        "sizes": [
            {"name": size.name, "weight": spread(size.weight), "lower": size.lower, "upper": size.upper}
            for size in problem.sizes
        ],
        "load": spread(problem.load),
        "wall": spread(problem.jurisdiction),
        "target": spread(problem.is_target.astype(np.int64)),
    }


def _anchors(base: EditBase, at: np.ndarray) -> dict[str, Any]:
    """The units that may lead: capacity, largest unit, number of the company (−1 = held to nothing)."""
    problem = base.opened.problem
    companies, names = problem.companies, base.opened.tables.company_names
    no_company = np.full(len(problem.anchors), -1)
    rows = zip(
        at[problem.anchors].tolist(),
        problem.capacity.tolist(),
        problem.largest.tolist(),
        (no_company if companies is None else companies.of_anchor).tolist(),
        strict=True,
    )
    listed = [] if companies is None else zip(companies.ids, companies.allowance, strict=True)
    return {
        "anchors": [list(row) for row in rows],
        "companies": [
            {"name": names.get(str(company), str(company)), "allowance": int(allowance)}
            for company, allowance in listed
        ],
    }


def _outside(problem: Problem, data: PageData) -> dict[str, Any]:
    """Why the plan does not decide about a unit: the number of a reason, None where it does."""
    rows = problem.out_of_scope
    keys = sorted(rows["reason"].unique())
    outside: list[int | None] = [None] * len(data.bench.units)
    for unit, reason in zip(rows["unit_id"], rows["reason"], strict=True):
        outside[data.bench.position_of[str(unit)]] = keys.index(reason)
    reasons = [REASONS[key] for key in keys]
    return {
        "outside": outside,
        "reasons": [{"rule": next(iter(reason.rules), "R01"), "zh": reason.zh, "en": reason.en} for reason in reasons],
    }


def _pairs(data: PageData, problem: Problem, at: np.ndarray) -> dict[str, list[int]]:
    """Neighbours of the problem, and other units the eye takes for neighbours (for colours)."""
    rows = np.repeat(np.arange(problem.n_units), np.diff(problem.indptr))
    linked = np.column_stack([at[rows], at[problem.indices]])
    linked = linked[linked[:, 0] < linked[:, 1]]
    shapes = data.bench.units.geometry.to_numpy()
    placed = np.flatnonzero(~shapely.is_missing(shapes))
    tree = shapely.STRtree(shapes[placed])
    left, right = tree.query(shapes[placed], predicate="dwithin", distance=NEXT_TO_M)
    near = np.column_stack([placed[left], placed[right]])
    near = near[near[:, 0] < near[:, 1]]
    n = len(shapes)
    near = near[~np.isin(near @ [n, 1], linked @ [n, 1])]
    return {"links": linked.ravel().tolist(), "near": near.ravel().tolist()}


def _walks(problem: Problem, at: np.ndarray, n: int) -> dict[str, list[int]]:
    """Walks of every pair once, row after row: the unit with the smaller position first."""
    upper = coo_array(triu(problem.walks, 1))
    a, b = at[upper.coords[0]], at[upper.coords[1]]
    order = np.lexsort((b, a))
    starts = np.searchsorted(a[order], np.arange(n + 1))
    return {"starts": starts.tolist(), "units": b[order].tolist(), "metres": upper.data[order].tolist()}


def _areas(data: PageData) -> list[dict[str, Any]]:
    class_of = data.theme(AREAS).class_of
    position = data.bench.position_of
    return [
        {
            "key": area["area_id"],
            "name": area["name"],
            "anchor": position[area["anchor_unit_id"]] if area["anchor_unit_id"] else -1,
            "colour": int(class_of[position[area["unit_ids"][0]]]),
        }
        for area in data.bench.areas
    ]


def _locks(data: PageData, base: EditBase) -> dict[str, Any]:
    as_it_is, wording = base.unedited, Wording(base.opened)
    number_of = {key: number for number, key in enumerate(base.opened.area_ids)}
    others = []
    for number in as_it_is.other_locks:
        lock = base.locks[number]
        sentence = wording.lock(lock)
        units = [data.bench.position_of[unit] for unit in lock.unit_ids]
        others.append({"number": number, "rule": lock.rule, "units": units, "zh": sentence.zh, "en": sentence.en})
    return {
        "units": [data.bench.position_of[unit] for unit in as_it_is.locked_units],
        "areas": [number_of[key] for key in as_it_is.locked_areas],
        "others": others,
    }
