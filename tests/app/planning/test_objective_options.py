"""Objectives go from a plan's rules into the fields of the panel and back."""

import pytest

from app.planning.objective_options import objective_fields, objective_text
from geo.errors import UsageError


@pytest.mark.parametrize("objective", [("walking", "compact"), ("walking=1.0", "closeness=200.0")])
def test_the_fields_give_back_the_objectives(objective):
    fields = objective_fields(objective)
    weights = {f"aim_weight_{name}": weight for name, weight in (fields.weights or {}).items()}
    text = objective_text({"aim": fields.kind, "aim_order": fields.order} | weights)
    assert set(text.split(",")) == set(objective)


def test_nothing_named_is_the_policys():
    assert objective_fields(()).kind == "usual"
    assert objective_text({}) is None


@pytest.mark.parametrize("kind", ["in_order", "weighted"])
def test_a_kind_without_objectives_is_refused(kind):
    with pytest.raises(UsageError):
        objective_text({"aim": kind})
