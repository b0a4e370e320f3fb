"""PLAN.json holds every unit once, and gives the same bytes again."""

import json

from analysis.bundling.document.schema import check_document, plan_sha
from analysis.bundling.model.rules import PlanRules, rules_from_policy
from tests.analysis.bundling.document.drawn_plans import POLICY, planned


def test_a_document_holds_every_unit_once(street):
    document = planned(*street)
    check_document(document)
    listed = [unit for area in document["areas"] for unit in area["unit_ids"]]
    listed += [row["unit_id"] for row in document["left_over"] + document["out_of_scope"]]
    assert sorted(listed) == sorted(street[0].layer("units")["unit_id"])


def test_the_rules_in_the_document_make_the_same_rules_again(street):
    rules = rules_from_policy(POLICY, lower=300, mode="mixed")
    body = dict(planned(*street, lower=300)["rules"])
    assert body.pop("policy_name") == POLICY.name
    again = PlanRules(**{k: tuple(v) if isinstance(v, list) else v for k, v in body.items()})
    assert again == rules


def test_the_same_input_gives_the_same_bytes(street):
    one, other = (planned(*street) for _ in range(2))
    assert plan_sha(one) == plan_sha(other)
    one["seconds"] = other["seconds"] = 0
    assert json.dumps(one, ensure_ascii=False) == json.dumps(other, ensure_ascii=False)


def test_a_document_survives_being_written_and_read(street):
    document = planned(*street)
    again = json.loads(json.dumps(document, ensure_ascii=False, allow_nan=False))
    check_document(again)
    assert plan_sha(again) == plan_sha(document)
