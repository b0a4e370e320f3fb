"""A lock that is not met passes only where the plan says so and leaves its units over."""

import pytest

from tests.analysis.bundling.verify.small_town import rules_broken

KEPT = {"kind": "area_kept", "unit_ids": ["alone"], "anchor_unit_id": None}
LEADS = {"kind": "in_area", "unit_ids": ["lead"], "with_unit_id": "alone"}
PAIR = {"kind": "together", "unit_ids": ["alone", "lead"]}
INSIDE = {"kind": "area_kept", "unit_ids": ["alone", "old1"], "anchor_unit_id": None}


@pytest.mark.parametrize(
    ("lock", "reason", "note", "broken"),
    [
        (KEPT, "lock_unmet", "L02", []),
        (KEPT, "lock_unmet", None, ["L02"]),
        (KEPT, "no_neighbour", "L02", ["L02"]),
        (INSIDE, "lock_unmet", "L02", ["L02"]),
        (LEADS, "lock_unmet", None, []),
        (LEADS, "no_neighbour", "L01", ["L01"]),
        (PAIR, "lock_unmet", "L03", []),
        (PAIR, "lock_unmet", "L01", ["L03"]),
        ({**PAIR, "unit_ids": ["alone", "old1"]}, "lock_unmet", "L03", ["L03"]),
    ],
)
def test_an_unmet_lock_passes_only_where_it_is_told_and_so(town, lock, reason, note, broken):
    town.left_over = {"alone": reason}
    notes = [] if note is None else [{"rule": note, "zh": "z", "en": "e", "lock": 0}]
    assert rules_broken(town, lambda d: d.update(locks=[lock], notes=notes)) == broken
