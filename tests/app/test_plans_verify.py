"""Every plan handed out passes the independent check, whatever is asked for.

The plans are of a small fictional city, made by the service that command line and page call.
"""

import json
import shutil
from dataclasses import replace
from functools import cache
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest

from analysis.bundling.verify.verify import verify_plan
from analysis.policy import read_policy
from app.planning.options import PlanOptions
from app.planning.run import make_plan
from geo.demo import build_demo, raw
from geo.demo.spec import SPECS
from geo.rules import UnitRules
from geo.storage.dataset import open_dataset, write_dataset

POLICY = read_policy()
TOWN = replace(
    SPECS["small"],
    columns=2,
    rows=2,
    district_columns=1,
    cells_per_street=1.4,
    communities=55,
    singles=18,
    buildings=800,
    companies=6,
    factory_cells=(),
    park_quarters=(),
    expressway_row=1,
)
FEW, MANY = 3, 120
SEEDS = [*range(FEW), *(pytest.param(seed, marks=pytest.mark.full) for seed in range(FEW, MANY))]

OBJECTIVES = (
    None,
    "walking",
    "compact",
    "border",
    "staffing",
    "areas",
    "closeness",
    "closeness,walking",
    "walking,compact",
    "staffing,border",
    "walking=1,closeness=500",
    "compact=300,walking=1",
    "walking=1,staffing=2000,border=3,areas=10000",
    "compact=1,closeness=2",
    "preferences,walking",
)
BOUNDS = (None, None, ("members=2:8",), ("floor_area=20000:400000", "members=:12"))
RELAXED = (
    (),
    (),
    (("anchor.radius_m", 500.0),),
    (("anchor.capacity_ratio", 0.4),),
    (("target.exclude_unwilling", False), ("target.auto_absorb_special", True)),
    (("company.growth_share", 0.05),),
    (("anchor.unit_ratio", 1.5), ("anchor.capacity_ratio", 2.0)),
)
LOCKS = ("in_area", "area_kept", "together", "apart", "out")


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The dataset, with a permit across its streets."""
    place = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(raw, "SPECS", MappingProxyType({"small": TOWN}))
        dataset = build_demo(place / "raw", place / "d", unit_rules=UnitRules())
    one, other = sorted(dataset.layer("streets")["street_code"])[:2]
    permit = {"permit_id": "p1", "kind": "cross_street", "street_a": one, "street_b": other}
    return write_dataset(place / "d", dataset.manifest, {"permits": pd.DataFrame([permit])}).folder


@pytest.fixture(scope="module")
def city_of(demo, tmp_path_factory):
    """From the wall areas must not cross to a dataset with such neighbours, and a plan to start from."""

    @cache
    def made(within):
        place = tmp_path_factory.mktemp(within)
        shutil.copytree(demo, place / "d")
        options = PlanOptions(mode="mixed", scope="all", within=within, rounds=1)
        start = make_plan(place / "d", POLICY, options)
        (place / "start.json").write_text(json.dumps(start), encoding="utf-8")
        return place

    return made


def a_wish(rng, city_of):
    """A dataset, options drawn at random, and the locks that go with them."""

    def draw(choices):
        return choices[int(rng.integers(len(choices)))]

    within = draw(("street", "street", "neighbourhood", "none"))
    city = city_of(within)
    start = json.loads((city / "start.json").read_text(encoding="utf-8"))
    objective, mode = draw(OBJECTIVES), draw(("lead", "whole", "mixed"))
    weight, times = draw((("households", 1), ("households", 1), ("floor_area", 80)))
    lower = draw((0, 300, 1000)) * times
    is_close = objective is not None and "closeness" in objective
    is_least_change = objective is None and rng.random() < 0.15
    options = PlanOptions(
        mode=mode,
        scope=draw(("targets", "all")),
        within=within,
        objective=objective,
        weight=weight,
        lower=lower,
        upper=lower + draw((1500, 4000)) * times,
        bounds=draw(BOUNDS) if weight == "households" else None,
        areas=draw((None, None, 3, 9)) if mode == "whole" else None,
        company_limit=draw((None, False)),
        relaxed=draw(RELAXED),
        seed=draw(range(9)),
        opening=draw((None, 0, 50_000)) if objective is None and not is_least_change else None,
        rounds=draw((0, 1, 3)),
        gap=draw((None, None, 0.1)),
        start=city / "start.json" if is_close or is_least_change or rng.random() < 0.3 else None,
        method="least_change" if is_least_change else "search",
        seconds=2.0,  # the sooner counts: without it a repair of the start has all the time in the world
    )
    return city, options, [a_lock(rng, start, kind) for kind in rng.choice(LOCKS, draw(range(4)))]


def a_lock(rng, start, kind):
    """A lock on units of the plan that others start from: one that the rules may well forbid."""
    area, other = rng.choice(start["areas"], 2, replace=False)
    unit, another = (str(rng.choice(one["unit_ids"])) for one in (area, other))
    if kind == "in_area":
        return {"kind": kind, "unit_id": unit, "with_unit_id": another}
    if kind == "area_kept":
        return {"kind": kind, "unit_ids": area["unit_ids"], "anchor_unit_id": area["anchor_unit_id"]}
    if kind == "out":
        return {"kind": kind, "unit_id": unit}
    inside = str(rng.choice(area["unit_ids"]))
    return {"kind": kind, "unit_ids": [unit, another if inside == unit else inside]}


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_is_asked_for_the_plan_verifies(city_of, tmp_path, seed):
    city, options, locks = a_wish(np.random.default_rng(seed), city_of)
    if locks:
        (tmp_path / "locks.json").write_text(json.dumps({"locks": locks}), encoding="utf-8")
        options = replace(options, lock_file=tmp_path / "locks.json")
    document = make_plan(city / "d", POLICY, options)
    read_back = json.loads(json.dumps(document, ensure_ascii=False))
    assert verify_plan(open_dataset(city / "d"), read_back, read_policy()).violations == ()
