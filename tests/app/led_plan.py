"""A plan of the town whose areas have leaders inside, made of its plan by hand."""

from analysis.bundling.document.write import rules_document
from analysis.bundling.model.rules import rules_from_policy
from analysis.policy import read_policy

LEVELS = (
    ("left_over_households", 900, 800),
    ("unled_households", 700, 600),
    ("not_led_households", 1600, 1400),
    ("areas_outside_preferred", 1, 0),
    ("areas", 2, 1),
)


def with_leaders(document):
    """Each anchor leads its area but for the last unit, which nobody leads; areas without one have members alone."""
    areas, unled = [], []
    for area in document["areas"]:
        anchor = area["anchor_unit_id"]
        others = [unit for unit in area["unit_ids"] if unit != anchor]
        led = dict.fromkeys(others[:-1], anchor) if anchor else {}
        if others and anchor:
            unled.append({"unit_id": others[-1], "reason": "anchor_full", "rules": ["R13"]})
        areas.append(
            {
                **area,
                "anchor_unit_id": None,
                "anchor_unit_ids": [anchor] if led else [],
                "led": led,
                "operator": "K1",
                "company_ids": ["K1"],
                "oversize_unit_ids": [],
                "outside_preferred": [] if anchor else ["floor_area"],
            }
        )
    levels = [
        {"name": name, "value": value, "bound": bound, "gap": 0.1, "method": "counting"}
        for name, value, bound in LEVELS
    ]
    policy = read_policy()
    rules = rules_document(rules_from_policy(policy, mode="area", scope="targets"), policy)
    return {**document, "mode": "area", "rules": rules, "levels": levels, "areas": areas, "unled": unled}
