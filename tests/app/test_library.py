"""The library, on frames taken from a dataset, and the command line, on the dataset, come to the same."""

import ast
import json
from dataclasses import fields

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import pianqu
from analysis.bundling.benchmark.instance import Instance
from analysis.policy import read_policy
from app.cli import cli
from app.planning.options import PlanOptions
from app.planning.run import make_plan

RUN = CliRunner()
SHARED_WAYS = {
    "solve_instance": {"pianqu.solving"},
    "prove_infeasible": {"pianqu.areas", "pianqu.solving"},
    "build_graph": {"geo.adjacency.graph", "pianqu.graph"},
}
"""What the library and the rest have in common, and the only modules that call it."""


@pytest.fixture(scope="module")
def layers(town):
    return pianqu.read(town[0])


@pytest.fixture(scope="module")
def graph(layers):
    beside = {name: layers.get(name) for name in ("barriers", "crossings", "roads", "gates")}
    rules = read_policy().neighbour_rules()
    return pianqu.neighbours(layers.units, **beside, streets="street_code", rules=rules)


def run_json(*words):
    answer = RUN.invoke(cli, [*map(str, words), "--json"])
    return json.loads(answer.stdout), answer.exit_code


def keep_units(graph, units):
    """The neighbours among some of the units."""
    pairs = graph.pairs[graph.pairs["allowed"]]
    inside = pairs["unit_a"].isin(units.index) & pairs["unit_b"].isin(units.index)
    return pianqu.Graph.from_pairs(pairs.loc[inside, ["unit_a", "unit_b"]].to_numpy().tolist(), units)


def test_neighbours_are_those_of_the_dataset(layers, graph):
    kept = layers["edges"].sort_values(["unit_a", "unit_b"]).reset_index(drop=True)
    found = graph.pairs.sort_values(["unit_a", "unit_b"]).reset_index(drop=True)
    assert kept["allowed"].any()
    assert not kept["allowed"].all()
    for column in ("unit_a", "unit_b", "allowed", "gap_m", "walk_m"):
        pd.testing.assert_series_equal(kept[column], found[column], check_dtype=False)


def test_areas_and_verdict_are_those_of_the_dataset(town, layers, graph, tmp_path):
    """What a street holds at least and at most; walks between members are measured in two ways, see decision 0044."""
    document = make_plan(town[0], read_policy(), PlanOptions(mode="whole", rounds=2, opening=0))
    assert document["status"] == "optimal"
    areas = [area["unit_ids"] for area in document["areas"]]
    asked = [unit for area in areas for unit in area] + [one["unit_id"] for one in document["left_over"]]
    units = layers.units.loc[layers.units.index.isin(asked)]
    some = keep_units(graph, units)
    rules = {"weight": "households", "walls": "street_code"}
    rules |= {name: document["rules"][name] for name in ("lower", "upper")}
    found = pianqu.bundle(units, some, **rules, rounds=2)
    left = units.loc[found.labels < 0, "households"].sum()
    assert left == document["levels"][0]["value"] == document["levels"][0]["bound"]
    labels = pd.Series(-1, index=units.index)
    for number, members in enumerate(areas):
        labels[members] = number
    plan = tmp_path / "PLAN.json"
    for broken in (False, True):
        if broken:
            first, lost = document["areas"][0], areas[0][0]
            labels[lost] = -1
            first["unit_ids"].remove(lost)
        plan.write_text(json.dumps(document), encoding="utf-8")
        _, code = run_json("verify", town[0], plan)
        mine = pianqu.verify(units, some, labels, **rules)
        assert (code == 0) == (not broken)
        assert broken or mine == []


def test_indicators_are_those_of_the_command_line(town, layers):
    told, _ = run_json("indicators", town[0])
    theirs = pd.DataFrame(told["figures"])
    mine = pianqu.indicators(layers)
    assert len(theirs) == len(mine) > 5
    for column in ("id", "numerator", "denominator", "value"):
        pd.testing.assert_series_equal(theirs[column], mine[column], check_dtype=False)


def test_a_question_of_the_library_is_answered_alike_by_the_solver_of_instances(layers, graph, tmp_path):
    units = layers.units.dropna(subset="households").head(16)
    found = pianqu.bundle(units, keep_units(graph, units), weight="households", lower=900, upper=4000, rounds=3, seed=5)
    instance, path, out = found.asked.instance, tmp_path / "town.npz", tmp_path / "out.json"
    told = {one.name: getattr(instance, one.name) for one in fields(Instance)}
    np.savez(
        path, name="town", **{name: value for name, value in told.items() if value is not None and name != "names"}
    )
    trace = tmp_path / "trace.csv"
    words = ["solve", path, "--rounds", 3, "--seed", 5, "--workers", 1, "--out", out, "--trace", trace]
    figures, code = run_json(*words)
    assert code == 0
    assert json.loads(out.read_text())["assignment"] == found.found.assignment.tolist()
    assert (figures["objective"], figures["bound"]) == (found.objective, found.bound)
    for table in (pd.read_csv(trace), found.trace):
        assert [*table] == ["seconds", "cpu_seconds", "objective", "bound"]
        assert table["seconds"].is_monotonic_increasing
        assert table["cpu_seconds"].is_monotonic_increasing
        assert table["objective"].dropna().is_monotonic_decreasing
        assert table["bound"].dropna().is_monotonic_increasing
        last = table.iloc[-1]
        assert last[["objective", "bound"]].tolist() == pytest.approx([found.objective, found.bound], abs=1e-3)


def test_there_is_one_way_into_the_machine(root):
    callers: dict[str, set[str]] = {name: set() for name in SHARED_WAYS}
    for room in ("app", "pianqu", "analysis", "geo"):
        for path in sorted((root / room).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            tree = ast.parse(text if any(f"{name}(" in text for name in SHARED_WAYS) else "")
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in SHARED_WAYS:
                    callers[node.func.id].add(".".join(path.relative_to(root).with_suffix("").parts))
    assert callers == SHARED_WAYS
