"""That only a lock keeps a unit out is believed where a lock forbids a move of it, and nowhere else."""

import pytest

from analysis.bundling.document.write import write_document
from analysis.bundling.locks.index import index_locks
from analysis.bundling.locks.locks import Lock, lock_documents
from analysis.bundling.solve.with_locks import solve_with_locks
from analysis.bundling.solver.base.stop import StopAfter
from analysis.bundling.verify.statements.left_reasons import check_left_over
from analysis.bundling.verify.statements.planned_units import PlannedUnits
from tests.analysis.bundling.drawn_data import POLICY, context_of, dataset_of, lawful


@pytest.fixture
def told(make_problem, monkeypatch):
    """A plan under locks: its document, and a function that gives the units whose reason is told false.

    u001 may lead u000; nobody is beside u002; u004 has room for two of its three neighbours.
    """
    monkeypatch.setattr("analysis.bundling.document.tables.gazetteer_layers", lambda drawn: drawn)
    problem = lawful(
        make_problem(
            [(0, 1), (3, 4), (4, 5), (4, 6)],
            [100, 900, 100, 100, 100, 100, 100],
            mode="lead",
            anchors=[1, 4],
            capacity=[900 * 160, 100 * 160],
            radius_m=600.0,
        )
    )

    def made(*locks):
        dataset = dataset_of(problem)
        result = solve_with_locks(problem, locks, seed=0, stop=StopAfter(rounds=0))
        placed = index_locks(problem, locks)
        document = write_document(problem, result, dataset, POLICY, placed)
        document["locks"] = lock_documents(locks)

        def false_of(document, nameless=None):
            units = dataset.frames["units"]
            units.loc[units["unit_id"] == nameless, "street_code"] = None
            found = check_left_over(PlannedUnits(context_of(dataset, document)))
            return [unit for violation in found for unit in violation.units]

        return document, false_of

    return made


def reason_of(document, unit):
    return next(row for row in document["left_over"] if row["unit_id"] == unit)["reason"]


def forge(document, unit, reason="lock_forbids"):
    next(row for row in document["left_over"] if row["unit_id"] == unit).update(reason=reason, rules=["L02", "L04"])
    return document


def test_an_area_that_opens_with_the_unit_to_be_apart_from_is_forbidden(told):
    document, false_of = told(Lock("apart", ("u000", "u001")))
    assert reason_of(document, "u000") == "lock_forbids"
    assert false_of(document) == []


@pytest.mark.parametrize("other", ["u001", "u003", "u004"])
def test_a_unit_that_is_to_be_apart_is_not_therefore_kept_out_by_that(told, other):
    """Nobody is beside u002, lock or no lock."""
    document, false_of = told(Lock("apart", ("u002", other)))
    assert false_of(document) == []
    assert false_of(forge(document, "u002")) == ["u002"]


def test_a_full_anchor_keeps_a_unit_out_whomever_it_is_to_be_apart_from(told):
    free, _ = told()
    (unit,) = {row["unit_id"] for row in free["left_over"]} - {"u002"}
    document, false_of = told(Lock("apart", (unit, "u000")))
    assert unit in {row["unit_id"] for row in document["left_over"]}
    assert false_of(document) == []
    assert false_of(forge(document, unit)) == [unit]


def test_locks_of_others_keep_nobody_out_where_codes_are_missing(told):
    """Whom a unit without a code may be planned with is open: a lock that is not of it is no reason."""
    document, false_of = told(Lock("apart", ("u000", "u001")))
    unit = next(row["unit_id"] for row in document["left_over"] if row["unit_id"] > "u002")
    assert false_of(forge(document, unit), nameless=unit) == [unit]
