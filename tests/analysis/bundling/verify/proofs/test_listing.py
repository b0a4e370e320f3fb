"""Bounds by listing every group: they add up, and a group that cannot be listed counts whom nothing can take."""

import pytest

from analysis.bundling.solve.solve import solve
from analysis.bundling.solver.base.stop import StopAfter
from analysis.bundling.verify.proofs import listing
from analysis.bundling.verify.proofs.listing import list_groups
from analysis.bundling.verify.statements.planned_units import PlannedUnits
from tests.analysis.bundling.drawn_data import context_of, dataset_of, document_of, lawful


@pytest.fixture(scope="module")
def planned(company_town):
    town = lawful(company_town(6, tightness=0.4, n=24, mode="mixed", anchor_share=0.3, n_walls=3))
    dataset = dataset_of(town)
    return PlannedUnits(context_of(dataset, document_of(town, solve(town, stop=StopAfter(rounds=1)), dataset)))


def test_sums_of_codes_are_no_more_than_that_of_all(planned):
    found = list_groups(planned, 1000.0)
    assert found.of_all.is_whole
    assert sum(of.left_over for of in found.by_code.values()) <= found.of_all.left_over
    assert set(found.by_code) == set(planned.codes.tolist())
    assert found.of_all.cost > found.of_all.metres > 0


def test_what_cannot_be_listed_proves_less(planned, monkeypatch):
    full = list_groups(planned, 0.0).of_all
    monkeypatch.setattr(listing, "MOST_MEMBERS", 0)
    none = list_groups(planned, 0.0).of_all
    assert not none.is_whole
    assert 0 <= none.left_over <= full.left_over
    assert (none.unled, none.metres, none.cost) == (0, 0, 0)
