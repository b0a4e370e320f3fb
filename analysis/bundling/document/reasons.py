"""What keys of a plan document mean: why a unit is in no area, and how a bound was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from geo.messages import Sentence, load_catalogue

say = load_catalogue(__file__)
"""The sentences of plan documents, by key and values."""


@dataclass(frozen=True)
class Reason:
    """Why a unit is in no area.

    Parameters
    ----------
    key
        Stable key written into PLAN.json.
    rules
        Rule ids (docs/site/en/policy.md) it rests on.
    zh, en
        One sentence each, for screens and reports.
    """

    key: str
    rules: tuple[str, ...]
    zh: str
    en: str


_OUT_OF_SCOPE: Mapping[str, tuple[str, ...]] = {
    "not_placed": (),
    "street_not_chosen": ("R20",),
    "locked_out": ("L05",),
    "special_needs_confirmation": ("R05",),
    "owner_unwilling": ("R40",),
    "data_missing": (),
    "already_well_managed": ("R01",),
    "not_a_target": ("R01",),
    "anchor_ineligible": ("R10", "R11", "R12"),
    "anchor_unused": ("R26",),
    "member_unused": ("R31",),
}
"""Rules of each reason for not being decided about."""
_LEFT_OVER: Mapping[str, tuple[str, ...]] = {
    "lock_unmet": ("L01", "L02", "L03"),
    "could_join": (),
    "lock_forbids": ("L02", "L04"),
    "barrier": ("R23",),
    "street_unknown": ("R20",),
    "other_street": ("R20",),
    "neighbours_not_planned": ("R01",),
    "no_neighbour": ("R22",),
    "no_adjacent_anchor": ("R26",),
    "anchor_too_small": ("R13",),
    "anchor_capacity": ("R13",),
    "company_capacity": ("R15",),
    "below_min_size": ("R31",),
    "above_max_size": ("R31",),
    "no_fit": ("R22", "R31"),
}
"""Rules of each reason for being in no area although decided about."""

_UNLED: Mapping[str, tuple[str, ...]] = {
    "no_anchor_known": ("R10",),
    "no_anchor_in_area": ("R10", "R22"),
    "beyond_radius": ("R26",),
    "anchor_too_small": ("R13",),
    "lock_forbids_leader": ("L06", "L07", "L08"),
    "anchor_full": ("R13",),
    "company_full": ("R15",),
    "could_be_led": (),
}
"""Rules of each reason for being in an area without a leader."""

REASONS: Mapping[str, Reason] = MappingProxyType(
    {
        key: Reason(key, rules, (text := say(f"reason.{key}")).zh, text.en)
        for key, rules in {**_OUT_OF_SCOPE, **_LEFT_OVER}.items()
    }
)
"""Every reason for being in no area by its key."""

UNLED_REASONS: Mapping[str, Reason] = MappingProxyType(
    {key: Reason(key, rules, (text := say(f"unled.{key}")).zh, text.en) for key, rules in _UNLED.items()}
)
"""Every reason for being in an area without a leader by its key."""

BOUND_NAMES: Mapping[str, Sentence] = MappingProxyType(
    {
        method: say(f"bound.{method}")
        for method in (
            "counting",
            "anchor_capacity",
            "anchor_areas",
            "anchor_areas_and_knapsacks",
            "medoid_knapsacks",
            "companies",
            "one_area_a_wall",
            "never_negative",
            "component_sizes",
            "counting_from_zero",
            "leader_assignment_lp",
            "leader_assignment_mip",
            "component_models",
        )
    }
)
"""How a bound was found: the names that plans carry, in words."""
