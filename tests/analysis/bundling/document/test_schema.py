"""A document that is no plan is refused with every fault named."""

import pytest

from analysis.bundling.document.schema import MalformedPlanError, check_document
from tests.analysis.bundling.document.drawn_plans import planned


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda d: d.pop("areas"), "areas is missing"),
        (lambda d: d.update(schema="other/1"), "schema"),
        (lambda d: d.update(seed="7"), "seed is str"),
        (lambda d: d["rules"].pop("lower"), "rules.lower"),
        (lambda d: d["areas"][0].pop("unit_ids"), "unit_ids"),
        (lambda d: d["areas"][0].update(anchor_unit_id="nobody"), "nobody"),
        (lambda d: d["areas"][0]["unit_ids"].append("far"), "far is listed twice"),
        (lambda d: d["areas"].append(d["areas"][0]), "twice"),
        (lambda d: d["left_over"][0].update(reason="because"), "because"),
        (lambda d: d["left_over"].append("far"), "not an object"),
    ],
)
def test_a_malformed_document_is_refused_with_the_fault(street, change, fault):
    document = planned(*street)
    change(document)
    with pytest.raises(MalformedPlanError, match=fault):
        check_document(document)


@pytest.mark.parametrize("document", [None, [], "plan", 7])
def test_what_is_no_object_is_no_plan(document):
    with pytest.raises(MalformedPlanError):
        check_document(document)


def test_of_each_row_what_is_missing_is_named_before_what_is_of_another_kind(street):
    document = planned(*street)
    document["areas"][0] |= {"name": 7, "households": True}
    del document["areas"][0]["street_code"]
    with pytest.raises(MalformedPlanError) as refused:
        check_document(document)
    assert "areas[0].street_code is missing; areas[0].name is int; areas[0].households is bool" in str(refused.value)


def test_keys_that_no_plan_has_are_let_through(street):
    check_document({**planned(*street), "remark": ["anything"]})
