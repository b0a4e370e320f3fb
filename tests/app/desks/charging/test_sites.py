"""Candidate charging places as a planner gets them: text, files, and the notice on each."""

import json

import openpyxl
import pytest
from typer.testing import CliRunner

from analysis.policy import read_policy
from analysis.studies.siting import LABEL
from app.cli import cli
from app.desks.charging.sites import make_site_plan, site_document, write_sites
from geo.errors import UnknownCodeError, UsageError

POLICY = read_policy()


@pytest.fixture(scope="module")
def city(bench):
    return bench.dataset


def test_candidates_of_one_street_are_of_that_street(city):
    plan = make_site_plan(city, POLICY, streets=["150299001"])
    assert set(plan.siting.sites["street_code"]) == {"150299001"}
    assert plan.choice is None


def test_a_budget_is_kept_and_what_it_builds_is_told(city):
    plan = make_site_plan(city, POLICY, choose=True, budget_yuan=200_000)
    document = site_document(plan)
    assert plan.choice.cost_yuan <= 200_000
    assert sum(site["build"] for site in document["sites"]) == plan.choice.ports > 0
    assert document["notice"] == LABEL.zh
    assert document["demo"] is True


def test_files_carry_the_notice(city, tmp_path):
    plan = make_site_plan(city, POLICY, choose=True, budget_yuan=100_000)
    for name in ("a.geojson", "a.xlsx", "a.json"):
        write_sites(tmp_path / name, plan)
    body = json.loads((tmp_path / "a.geojson").read_text(encoding="utf-8"))
    assert body["pianqu"]["notice"] == LABEL.zh
    assert "crs" not in body
    assert {feature["properties"]["notice"] for feature in body["features"]} == {LABEL.zh}
    west = min(x for f in body["features"] for x, _ in f["geometry"]["coordinates"][0])
    assert 109 < west < 111
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert LABEL.zh in book["候选场地"]["A1"].value
    assert book["候选场地"].max_row == 3 + len(plan.siting.sites)


def test_the_same_dataset_gives_the_same_bytes(city, tmp_path):
    for name in ("a.json", "b.json"):
        write_sites(tmp_path / name, make_site_plan(city, POLICY, choose=True, budget_yuan=150_000))
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_an_unknown_street_and_an_unknown_format_are_refused(city, tmp_path):
    with pytest.raises(UnknownCodeError, match="150299999"):
        make_site_plan(city, POLICY, streets=["150299999"])
    with pytest.raises(UsageError, match="pdf"):
        write_sites(tmp_path / "a.pdf", make_site_plan(city, POLICY))


def test_the_command_says_it_is_a_screening_and_what_a_budget_builds(city):
    answer = CliRunner().invoke(
        cli, ["charging", "sites", str(city.folder), "--budget", "90000", "--profile", "strict"]
    )
    assert answer.exit_code == 0, answer.output
    assert LABEL.zh in answer.stdout
    assert "上界" in answer.stdout
