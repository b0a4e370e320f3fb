"""A plan goes from the street to the city, each step by whom it is for, none over another one's head."""

import pytest

from app.store.access import Access
from app.store.approvals import Approvals
from app.store.errors import NotAllowedError, NotInStoreError, StageConflictError
from geo.errors import UsageError

WEST, EAST = "150299001", "150299002"
STREET = Access("street", WEST, name="孙丽")
DISTRICT = Access("district", "150299", name="李强")
CITY = Access("city", name="王敏")


@pytest.fixture
def plan(store, document):
    return store.create_plan("西", {**document, "rules": {**document["rules"], "streets": [WEST]}}, "孙丽")


def by(store, access):
    return Approvals(store.restrict(access))


def test_a_plan_is_put_forward_shown_and_approved(store, plan):
    by(store, STREET).move(plan.plan_id, (1, "draft"), "consultation", "")
    by(store, DISTRICT).move(plan.plan_id, (1, "consultation"), "publicity", "区住建〔2026〕3号")
    by(store, CITY).move(plan.plan_id, (1, "publicity"), "approved", "")
    assert store.version(plan.id).stage == "approved"
    rows = [row for row in by(store, CITY).history(plan.plan_id) if row.action == "plan.stage"]
    assert [(row.author, row.before, row.after) for row in rows] == [
        ("王敏", "publicity", "approved"),
        ("李强", "consultation", "publicity"),
        ("孙丽", "draft", "consultation"),
    ]
    assert rows[1].note == "区住建〔2026〕3号"


def test_no_step_is_taken_by_whom_it_is_not_for(store, plan):
    for access in (Access("viewer", WEST), DISTRICT):
        with pytest.raises(NotAllowedError):
            by(store, access).move(plan.plan_id, (1, "draft"), "approved", "")
    with pytest.raises(NotInStoreError):
        by(store, Access("street", EAST)).move(plan.plan_id, (1, "draft"), "consultation", "")
    by(store, STREET).move(plan.plan_id, (1, "draft"), "consultation", "")
    with pytest.raises(NotAllowedError):
        by(store, STREET).move(plan.plan_id, (1, "consultation"), "publicity", "")
    with pytest.raises(UsageError):  # the way back needs a reason
        by(store, STREET).move(plan.plan_id, (1, "consultation"), "draft", " ")


def test_a_decision_on_what_has_changed_meanwhile_is_not_taken(store, plan, changed, document):
    by(store, STREET).move(plan.plan_id, (1, "draft"), "consultation", "")
    own = {**changed(document, 5), "rules": {**document["rules"], "streets": [WEST]}}
    store.restrict(STREET).save(plan.plan_id, 1, own, "孙丽")
    before = store.revision()
    for seen in ((1, "consultation"), (2, "draft")):
        with pytest.raises(StageConflictError) as conflict:
            by(store, DISTRICT).move(plan.plan_id, seen, "publicity", "")
        assert conflict.value.newer.number == 2
    assert store.revision() == before
    by(store, DISTRICT).move(plan.plan_id, (2, "consultation"), "publicity", "")


def test_opinions_are_pinned_answered_once_and_kept_in_the_audit(store, plan):
    by(store, STREET).move(plan.plan_id, (1, "draft"), "consultation", "")
    by(store, DISTRICT).comment(plan.id, "unit", "u7", "离牵头小区太远")
    (said,) = by(store, STREET).comments(plan.plan_id)
    assert (said.target, said.target_id, said.author, said.number) == ("unit", "u7", "李强", 1)
    by(store, STREET).answer(plan.plan_id, said.id, "采纳")
    with pytest.raises(NotAllowedError):
        by(store, STREET).answer(plan.plan_id, said.id, "不采纳")
    assert by(store, STREET).comments(plan.plan_id)[0].answer == "采纳"
    rows = store.audit_rows(limit=2)
    assert [(row.action, row.author, row.before, row.after) for row in rows] == [
        ("comment.answer", "孙丽", "离牵头小区太远", "采纳"),
        ("comment.add", "李强", None, "离牵头小区太远"),
    ]
    other = by(store, Access("street", EAST, name="赵"))
    assert other.comments(plan.plan_id) == []
    for refused in (
        lambda: other.comment(plan.id, "plan", "", "x"),
        lambda: other.history(plan.plan_id),
        lambda: other.answer(plan.plan_id, said.id, "x"),
    ):
        with pytest.raises(NotInStoreError):
            refused()
