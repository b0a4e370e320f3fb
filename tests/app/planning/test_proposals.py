"""Three proposals and a curve, as files with their comparison."""

import json

import pytest

from analysis.policy import read_policy
from app.planning import proposals
from app.planning.proposals import PROPOSALS, comparison_lines, make_curve, make_proposals
from app.workbench.plans_on_disk import read_plan


@pytest.fixture(scope="module")
def proposed(town, tmp_path_factory):
    out = tmp_path_factory.mktemp("proposals")
    return out, make_proposals(town[0], read_policy(), out, rounds=1)


def test_each_proposal_is_written_with_its_figures_or_left_out_with_a_sentence(proposed):
    out, comparison = proposed
    assert json.loads((out / "comparison.json").read_text("utf-8")) == comparison
    keys = [row["key"] for row in (*comparison["proposals"], *comparison["left_out"])]
    assert sorted(keys) == sorted(proposal.key for proposal in PROPOSALS)
    for row in comparison["proposals"]:
        document = read_plan(out / row["file"])
        assert row["areas"] == len(document["areas"])
        left = next(level for level in document["levels"] if level["name"] == "left_over_households")
        assert row["households_left_over"] == left["value"]
        asked = row["households_led"] + row["households_unled"] + row["households_left_over"]
        assert row["households_of_targets"] == asked
        assert {figure["moment"] for figure in row["coverage"]} == {"before", "after"}
    assert len(comparison_lines(comparison)) == len(keys)


@pytest.mark.full
def test_a_curve_goes_from_many_areas_to_few(town, tmp_path, monkeypatch):
    monkeypatch.setattr(proposals, "CURVE_M", (0, 20_000_000))
    told = []
    curve = make_curve(
        town[0], read_policy(), tmp_path, rounds=2, on_progress=lambda share, key: told.append((key, share))
    )
    many, few = curve["proposals"]
    assert many["opening"] < few["opening"]
    assert many["areas"] >= few["areas"]
    assert {"curve.json", "curve-1.json", "curve-2.json"} <= {path.name for path in tmp_path.iterdir()}
    assert [key for key, _ in told][:: max(1, len(told) - 1)] == ["curve-1", "curve-2"]
