"""A document of a wrong form is told first and alone."""

import math

import pytest

from tests.analysis.bundling.verify.small_town import drop_at, rules_broken, set_at


@pytest.mark.parametrize(
    "change",
    [
        set_at("schema", "pianqu.plan/9"),
        drop_at("planning_sha256"),
        drop_at("rules", "walk_m"),
        set_at("mode", "whole"),
        set_at("areas", 0, "unit_ids", []),
        set_at("areas", 1, "area_id", "P-1"),
        set_at("left_over", 0, "reason", ""),
        set_at("levels", 0, "value", math.nan),
        set_at("status", "perfect"),
    ],
)
def test_a_wrong_form_is_told_first_and_alone(town, change):
    found = rules_broken(town, change)
    assert found
    assert set(found) == {"schema"}
