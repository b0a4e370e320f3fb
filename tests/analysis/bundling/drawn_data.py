"""A drawn problem as tables: the dataset it could have been made from, kept in memory."""

from dataclasses import dataclass, replace
from pathlib import Path
from unittest.mock import patch

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import box

from analysis.bundling.document.write import write_document
from analysis.bundling.verify.base.context import CheckContext
from analysis.bundling.verify.base.schema import parse_plan
from analysis.policy import read_policy
from geo.storage.dataset import Dataset
from geo.storage.layer_frames import shape_layer
from geo.storage.manifest import new_manifest

CRS = "EPSG:4546"
POLICY = read_policy()


@dataclass(frozen=True)
class Drawn(Dataset):
    """Layers at hand."""

    frames: dict

    def has(self, layer):
        return layer in self.frames

    def layer(self, layer):
        return shape_layer(layer, self.frames.get(layer, pd.DataFrame()), CRS)

    def __getitem__(self, layer):
        return self.layer(layer)


def lawful(problem, **rules):
    """The problem with rules that its arrays follow from: capacities of twice the anchor's floor area."""
    return replace(problem, rules=replace(problem.rules, capacity_ratio=2.0, **rules))


def dataset_of(problem):
    """Tables of a problem made by `make_problem`: floor area is 80 m² a household, a wall is a street."""
    n, ids = problem.n_units, problem.unit_ids.astype(str)
    leads = np.isin(np.arange(n), problem.anchors)
    is_new = np.zeros(n, dtype=bool)
    if problem.asks_leader is not None:  # whoever neither asks for a leader nor leads is new, as are some who lead
        is_new = ~problem.asks_leader & ~(leads & problem.is_old)
    company = np.full(n, None, dtype=object)
    companies = pd.DataFrame({"company_id": [], "name": []})
    if problem.companies is not None:
        of, names = problem.companies.of_anchor, problem.companies.ids
        company[problem.anchors] = [names[k] if k >= 0 else None for k in of]
        companies = pd.DataFrame(
            {"company_id": names, "name": names, "managed_area_m2": problem.companies.managed_m2, "blacklisted": False}
        )
    units = gpd.GeoDataFrame(
        {
            "unit_id": ids,
            "name": [f"{unit}小区" for unit in ids],
            "kind": "community",
            "street_code": [f"15020300{wall}" for wall in problem.jurisdiction],
            "management_mode": np.where(leads, "professional", "none"),
            "built_year": np.where(is_new, 2015, 1990),
            "is_old": ~is_new,
            "households": problem.households,
            "floor_area_m2": problem.load * 1.0,
            "company_id": company,
            "geom_quality": "digitised",
            "households_quality": "reported",
        },
        geometry=[box(i * 100.0, 0, i * 100.0 + 50, 50) for i in range(n)],
        crs=CRS,
    )
    row = np.repeat(np.arange(n), np.diff(problem.indptr))
    one = row < problem.indices
    edges = pd.DataFrame(
        {
            "unit_a": ids[row[one]],
            "unit_b": ids[problem.indices[one]],
            "gap_m": 10.0,
            "walk_m": 10.0,
            "allowed": True,
            "blocked_by": None,
        }
    )
    i, j = np.nonzero(np.triu(problem.walks.toarray(), 1))
    walks = pd.DataFrame({"unit_a": ids[i], "unit_b": ids[j], "walk_m": problem.walks.toarray()[i, j] * 1.0})
    walls = sorted({f"15020300{wall}" for wall in problem.jurisdiction})
    streets = pd.DataFrame({"street_code": walls, "name": [f"{code}街道" for code in walls]})
    frames = {"units": units, "edges": edges, "walks": walks, "companies": companies, "streets": streets}
    manifest = new_manifest("虚构城", CRS, demo=True, data_date="2026-06-30")
    return Drawn(Path(), manifest, frames)


def document_of(problem, result, dataset=None):
    """PLAN.json of a result of such a problem."""
    with patch("analysis.bundling.document.tables.gazetteer_layers", lambda drawn: drawn):
        return write_document(problem, result, dataset or dataset_of(problem), POLICY)


def context_of(dataset, document):
    """The document beside its tables, as the independent check sees it."""
    plan, faults = parse_plan(document)
    assert faults == ()
    return CheckContext.read(dataset, plan)
