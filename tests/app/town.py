"""A small invented town and a plan for it, drawn by hand: blocks in a grid, a railway, a river.

street 西街道          | street 东街道
rows 0-2               |
====== railway with one underpass =====
rows 3-5               |
"""

import atexit
import json
import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import LineString, Point, box

from analysis.bundling.document.write import rules_document
from analysis.bundling.model.rules import rules_from_policy
from analysis.policy import read_policy
from geo.adjacency.graph import refresh_graph
from geo.importing import derive_units, store_layers
from geo.storage.dataset import write_dataset
from geo.storage.manifest import new_manifest

CRS = "EPSG:4546"
X0, Y0 = 402_000.0, 4_500_000.0
W, H, GAP = 240.0, 170.0, 34.0
MODES = ("professional", "quasi", "community_custody", "owner_self", "none", "unknown")


def block(column, row):
    """The rectangle of a block; the railway takes a wider gap between rows 2 and 3."""
    x = X0 + column * (W + GAP)
    y = Y0 + row * (H + GAP) + (60.0 if row >= 3 else 0.0)
    return box(x, y, x + W, y + H)


def build_town(folder: Path, columns: int = 10, rows: int = 6, *, demo: bool = True):
    """Write the dataset and PLAN.json into a folder; the paths of both."""
    rng = np.random.default_rng(7)
    units, buildings = _units(columns, rows, rng)
    manifest = new_manifest("晴川市 (虚构)", CRS, demo=demo, data_date="2026-06-30")
    dataset = write_dataset(
        folder / "town",
        manifest,
        {
            "units": units,
            "buildings": buildings,
            **_surroundings(columns, rows),
            **_charging(units, rng),
            "companies": pd.DataFrame({"company_id": ["K1"], "name": ["晴川物业"]}),
        },
    )
    dataset, _ = refresh_graph(dataset, read_policy().neighbour_rules())
    plan = folder / "PLAN.json"
    document = build_plan(dataset, columns, rows)
    plan.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return folder / "town", plan


def _units(columns, rows, rng):
    records, footprints = [], []
    for row in range(rows):
        for column in range(columns):
            shape = block(column, row)
            number = row * columns + column
            if number % 9 == 4:  # a block of three single buildings instead of a community
                for part in range(3):
                    x = shape.bounds[0] + 15 + part * 75
                    y = shape.bounds[1] + 60
                    records.append(
                        _unit(
                            f"B{number:03d}{part}",
                            "single_building",
                            f"铁西{number + 1}号楼{part + 1}",
                            box(x, y, x + 55, y + 14),
                            column,
                            columns,
                            rng,
                        )
                    )
                continue
            name = f"{'晴云春林'[number % 4]}{'和安景福苑'[number % 5]}小区{number + 1}"
            records.append(_unit(f"C{number:03d}", "community", name, shape, column, columns, rng))
            for k in range(6):
                x = shape.bounds[0] + 20 + (k % 2) * 110
                y = shape.bounds[1] + 20 + (k // 2) * 50
                footprints.append(
                    {
                        "building_id": f"C{number:03d}-{k}",
                        "unit_id": f"C{number:03d}",
                        "use": "residential",
                        "geometry": box(x, y, x + 90, y + 14),
                    }
                )
    return (
        gpd.GeoDataFrame(records, geometry="geometry", crs=CRS),
        gpd.GeoDataFrame(footprints, geometry="geometry", crs=CRS),
    )


def _unit(unit_id, kind, name, shape, column, columns, rng):
    single = kind == "single_building"
    households = int(rng.integers(24, 80) if single else rng.integers(250, 900))
    missing = rng.random() < 0.05
    mode = str(rng.choice(MODES, p=(0.25, 0.1, 0.25, 0.1, 0.25, 0.05)))
    year = int(rng.integers(1975, 2015))
    return {
        "unit_id": unit_id,
        "kind": kind,
        "name": name,
        "geometry": shape,
        "district_code": "150299",
        "street_code": "150299001" if column < columns / 2 else "150299002",
        "geom_quality": "surveyed",
        "households": None if missing else households,
        "households_quality": "missing" if missing else ("estimated" if rng.random() < 0.2 else "reported"),
        "floor_area_m2": None if missing else households * 78.0,
        "floor_area_m2_quality": "missing" if missing else "reported",
        "built_year": year,
        "built_year_quality": "reported",
        "is_old": year <= 2000,
        "management_mode": mode,
        "company_id": "K1" if mode == "professional" else None,
    }


def _surroundings(columns, rows):
    right, top = X0 + columns * (W + GAP), Y0 + rows * (H + GAP) + 60
    rail_y = Y0 + 3 * (H + GAP) - GAP / 2 + 30
    middle = X0 + columns / 2 * (W + GAP) - GAP / 2
    lines = [LineString([(X0 - 200, rail_y), (right + 200, rail_y + 6)])]
    river = LineString([(right + 40, Y0 - 200), (right + 60, (Y0 + top) / 2), (right + 20, top + 200)])
    ring = LineString([(X0 - 200, top + 30), (right + 200, top + 30)])
    roads = [
        LineString([(X0 - 100, block(0, r).bounds[1] - GAP / 2), (right, block(0, r).bounds[1] - GAP / 2)])
        for r in range(rows)
    ] + [
        LineString([(block(c, 0).bounds[0] - GAP / 2, Y0 - 60), (block(c, 0).bounds[0] - GAP / 2, top)])
        for c in range(columns)
    ]
    codes = ["150299001", "150299002"]
    return {
        "streets": gpd.GeoDataFrame(
            {"street_code": codes, "name": ["西街道", "东街道"], "district_code": ["150299"] * 2},
            geometry=[box(X0 - 60, Y0 - 60, middle, top), box(middle, Y0 - 60, right, top)],
            crs=CRS,
        ),
        "barriers": gpd.GeoDataFrame(
            {
                "barrier_id": ["R1", "W1", "E1"],
                "kind": ["railway", "river", "expressway"],
                "name": ["京包线", "晴川河", "北环快速路"],
            },
            geometry=[*lines, river.buffer(22), ring],
            crs=CRS,
        ),
        "crossings": gpd.GeoDataFrame(
            {"crossing_id": ["U1"], "kind": ["underpass"], "name": ["中街下穿"]},
            geometry=[Point(middle, rail_y)],
            crs=CRS,
        ),
        "roads": gpd.GeoDataFrame(
            {"road_id": [f"L{i}" for i in range(len(roads))], "road_class": ["secondary"] * len(roads)},
            geometry=roads,
            crs=CRS,
        ),
    }


def _charging(units, rng):
    known = units.iloc[: int(len(units) * 0.9)]
    bikes = (known["households"].fillna(60) * rng.uniform(0.4, 0.9, len(known))).astype(int)
    ports = (bikes / rng.choice([2.2, 3.8, 7.0], len(known))).astype(int)
    ports[rng.random(len(known)) < 0.1] = 0
    ids = known["unit_id"].to_list()
    stock = {"unit_id": ids, "ebikes": bikes.to_list(), "method": ["survey"] * len(ids)}
    sites = {
        "site_id": [f"S{u}" for u in ids],
        "unit_id": ids,
        "ports": ports.to_list(),
        "in_service": [True] * len(ids),
    }
    return {
        "ebike_stock": pd.DataFrame(stock),
        "ebike_sites": gpd.GeoDataFrame(sites, geometry=known.geometry.representative_point().to_list(), crs=CRS),
    }


def build_plan(dataset, columns, rows):
    """Areas of up to two by two blocks inside one street and one side of the railway."""
    units = dataset.layer("units")
    groups, left, out = {}, [], []
    for unit in units.itertuples():
        row, column = _place(unit.geometry)
        if pd.isna(unit.households):
            out.append({"unit_id": unit.unit_id, "reason": "data_missing"})
        elif unit.management_mode == "professional" and (row + column) % 2:
            out.append({"unit_id": unit.unit_id, "reason": "already_well_managed"})
        elif (row * columns + column) % 13 == 6:
            reason = "barrier" if row in (2, 3) else "below_min_size"
            left.append({"unit_id": unit.unit_id, "reason": reason, "rules": ["R23"]})
        else:
            key = (unit.street_code, row // 3, row % 3 // 2, column // 2)
            groups.setdefault(key, []).append(unit)
    areas = [_area(number, members) for number, (_, members) in enumerate(sorted(groups.items()), 1)]
    return {
        "schema": "pianqu.plan/1",
        "planning_sha256": dataset.manifest.planning_sha256,
        "policy_sha256": "0" * 64,
        "rules": _rules(),
        "locks": [],
        "permits": [],
        "seed": 0,
        "mode": "mixed",
        "status": "feasible",
        "levels": [
            {"name": "left_over_households", "value": 1240, "bound": 1100, "gap": 0.1129},
            {"name": "household_metres", "value": 4_211_300, "bound": None, "gap": None},
        ],
        "seconds": 3.2,
        "areas": areas,
        "left_over": left,
        "out_of_scope": out,
    }


def _place(shape):
    x, y = shape.centroid.x - X0, shape.centroid.y - Y0
    y = y - 60 if y > 3 * (H + GAP) + 20 else y
    return int(y // (H + GAP)), int(x // (W + GAP))


def _area(number, members):
    anchor = next((u.unit_id for u in members if u.management_mode == "professional"), None)
    street = members[0].street_code
    return {
        "area_id": f"P-{street}-{number:03d}",
        "name": f"{members[0].name[:2]}片区{number}",
        "street_code": street,
        "anchor_unit_id": anchor,
        "unit_ids": sorted(u.unit_id for u in members),
        "households": int(sum(u.households for u in members)),
        "floor_area_m2": float(sum(u.floor_area_m2 for u in members)),
    }


def _rules():
    """The rules of the hand-drawn plan; whatever else there is to rule is as in the policy."""
    policy = read_policy()
    rules = rules_from_policy(policy, mode="mixed", scope="all", lower=1000, upper=4000)
    return rules_document(rules, policy)


def build_imported_town(folder: Path) -> Path:
    """The same town as layers a bureau imported: its units can be derived anew. No plan.

    It is built once for all tests of a process, and copied for each.
    """
    return Path(shutil.copytree(_imported_town(), folder))


@cache
def _imported_town() -> Path:
    kept = Path(mkdtemp(prefix="pianqu-town-"))
    atexit.register(shutil.rmtree, kept, ignore_errors=True)
    folder = kept / "town"
    units, footprints = _units(10, 6, np.random.default_rng(7))
    single = units["kind"] == "single_building"
    blocks = units[single].rename(columns={"unit_id": "building_id"}).assign(use="residential")
    kept = ["building_id", "name", "use", "households", "floor_area_m2", "built_year", "management_mode", "geometry"]
    footprints["community_code"] = footprints.pop("unit_id")
    layers = {
        "communities": units[~single],
        "buildings": pd.concat([footprints, blocks[kept]], ignore_index=True),
        **_surroundings(10, 6),
        **_charging(units, np.random.default_rng(7)),
        "companies": pd.DataFrame({"company_id": ["K1"], "name": ["晴川物业"], "credit_rating": ["AA"]}),
    }
    manifest = new_manifest("晴川市 (虚构)", CRS, demo=True, data_date="2026-06-30")
    policy = read_policy()
    store_layers(folder, layers, manifest=manifest, findings=(), unit_rules=policy.unit_rules(), replace=False)
    refresh_graph(derive_units(folder, policy.unit_rules()), policy.neighbour_rules())
    return folder
