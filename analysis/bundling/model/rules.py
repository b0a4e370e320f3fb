"""The rules a plan is held to: every value in force, from the policy and a planner's options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType
from typing import Any, Literal, get_args

from analysis.bundling.model.sizes import SizeBound, WeightName, read_bounds
from analysis.policy import Policy
from geo.errors import UsageError
from geo.messages import join_names, load_catalogue

say = load_catalogue(__file__)

Mode = Literal["area", "lead", "whole", "mixed"]
Scope = Literal["targets", "all"]


@dataclass(frozen=True)
class PlanRules:
    """Every value a plan is held to; written into PLAN.json and read back by `verify`.

    Parameters
    ----------
    mode
        "area": areas within [lower, upper] with leaders inside, members that are neither led nor
        leading among them; "lead": each area is an anchor with what it takes in; "whole": areas within [lower, upper];
        "mixed": lead first, what is left over into whole areas.
    scope
        "targets": only units R01 names (and anchors); "all": every placed unit.
    within
        "street", "neighbourhood" or "none": the wall no area crosses (R20).
    weight
        What lower and upper count: "households" or "floor_area" (m²).
    lower, upper
        Bounds of an area without an anchor, both hard (R31).
    bounds
        Bounds of further weights of such an area, as hard; see `sizes.SizeBound`.
    radius_m
        Longest walk from anchor to member (R26).
    capacity_ratio
        Absorbed floor area ≤ this × the anchor's floor area (R13).
    unit_ratio
        Floor area of each absorbed unit ≤ this × the anchor's (R13).
    streets
        Only these street codes are planned; empty = all.
    gap_m, facing_m, walk_m, detour_factor, walk_limit_m, road_access_m, road_snap_m, road_scrap_m,
    closed_road_classes, hard_kinds
        The neighbour rules the graph was built with (R22, R23).
    professional_modes, old_until_year, min_contract_months, min_credit_rating, allow_unrated,
    auto_absorb_special, exclude_unwilling
        Eligibility of targets and anchors (R01, R02, R05, R10, R11, R12, R40).
    area_worth
        Household-metres one area fewer is worth (R38): every area needs its own people, so an
        anchor leads only where that pays.
    company_growth
        All anchors of a company take in at most this share of the floor area it manages, in a
        year (R15); None = the rule is not in force.
    company_years
        Years in which the plan is carried out.
    objective
        Objectives named, in order or as "name=weight" (`aims.read_objective`); empty = walking,
        and `area_worth` for each area.
    staffing_norms
        m² of floor area that one post of cleaning looks after, of green one of greening, of floor
        area one of repair; and the green share of the land (R35).
    areas
        Number of areas, mode "whole" only; None = any.
    years_newer, preferred_credit
        What is preferred of an anchor, never asked: years it is newer by than who it leads (R14), and the
        credit rating of its company (R12).
    preferred_members, preferred_floor_area_m2
        Windows [least, most] that an area's number of units and floor area should be in, mode "area".
    reach_m
        Longest walk to an area's medoid for members that are not led, mode "area".
    managed_members
        Whether units that are neither targets nor anchors are members of areas, mode "area".
    must_be_new
        Whether communities that are old by R02 may not lead (R14), mode "area".
    custody_months
        Months after the data's date in which an island in custody must be settled (R28).
    """

    mode: Mode
    scope: Scope
    within: str
    weight: WeightName
    lower: int
    upper: int
    radius_m: float
    capacity_ratio: float
    streets: tuple[str, ...]
    gap_m: float
    facing_m: float
    walk_m: float
    detour_factor: float
    walk_limit_m: float
    road_access_m: float
    road_snap_m: float
    road_scrap_m: float
    closed_road_classes: tuple[str, ...]
    hard_kinds: tuple[str, ...]
    professional_modes: tuple[str, ...]
    old_until_year: int
    min_contract_months: int
    min_credit_rating: str
    allow_unrated: bool
    auto_absorb_special: bool
    exclude_unwilling: bool
    area_worth: int = 0
    company_growth: float | None = None
    company_years: float = 1.0
    objective: tuple[str, ...] = ()
    staffing_norms: tuple[float, ...] = ()
    areas: int | None = None
    custody_months: int = 12
    bounds: tuple[SizeBound, ...] = ()
    years_newer: int = 5
    preferred_credit: str = "AA"
    unit_ratio: float = 1.0
    preferred_members: tuple[int, ...] = (3, 12)
    preferred_floor_area_m2: tuple[int, ...] = (100_000, 300_000)
    reach_m: float = 1500.0
    managed_members: bool = True
    must_be_new: bool = False


AREA_RULES = ("preferred_members", "preferred_floor_area_m2", "reach_m", "managed_members", "must_be_new")
"""Fields of `PlanRules` that are in force in mode "area" only."""


def planner_choices(rules: PlanRules, policy: Policy, by: str, *, management_known: bool) -> list[dict[str, Any]]:
    """What of the rules somebody chose instead of the policy's value or the default, as a plan records it.

    Parameters
    ----------
    rules
        As the plan is made by.
    policy
        In force, with nothing relaxed.
    by
        Who chose.
    management_known
        Whether any unit of the dataset has a known management mode.

    Examples
    --------
    >>> from analysis.policy import read_policy
    >>> policy = read_policy()
    >>> planner_choices(rules_from_policy(policy, lower=800), policy, "张三", management_known=True)
    [{'rule': 'lower', 'value': 800, 'policy': 1000, 'by': '张三'}]
    """
    usual = rules_from_policy(policy, weight=rules.weight, bounds=(), management_known=management_known)
    named = policy.value("size.bounds") if "size.bounds" in policy.entries else ()
    own = read_bounds([text for text in named if str(text).partition("=")[0].strip() != rules.weight], rules.weight)
    if rules.mode == "area":
        own = _with_bounds_of_areas(own, policy, rules.weight)
    usual = replace(usual, weight="households", bounds=own)
    ours, theirs = asdict(rules), asdict(usual)
    return [
        {"rule": name, "value": _plain(value), "policy": _plain(theirs[name]), "by": by}
        for name, value in ours.items()
        if value != theirs[name]
    ]


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


_NORMS = ("cleaning_m2", "greening_m2", "repair_m2", "green_share")


def rules_from_policy(
    policy: Policy,
    *,
    mode: Mode | None = None,
    scope: Scope | None = None,
    within: str | None = None,
    weight: WeightName | None = None,
    lower: int | None = None,
    upper: int | None = None,
    streets: Sequence[str] = (),
    company_limit: bool | None = None,
    area_worth: int | None = None,
    objective: tuple[str, ...] = (),
    areas: int | None = None,
    bounds: Sequence[str] | None = None,
    management_known: bool = True,
) -> PlanRules:
    """The values a plan is held to: the policy's, changed by options.

    Parameters
    ----------
    policy
        Where everything comes from that no option names.
    mode, scope
        None = "area", whether or not management modes are known; and "targets" where they are, else "all".
    within
        The wall between areas; None = the policy's.
    weight
        What the bounds count; None = households.
    lower, upper
        Bounds of an area without an anchor; None = the policy's for `weight`.
    streets
        Street codes to plan; empty = all. `build_problem` checks that they exist.
    company_limit
        Whether companies are held to R15; None = as the policy says.
    area_worth
        Household-metres that opening an area costs; None = the policy's.
    objective
        As `aims.read_objective` gives it.
    areas
        Number of areas; None = any.
    bounds
        Further bounds as `sizes.read_bounds` reads them; None = the policy's `size.bounds`, which
        only a policy has that names some.
    management_known
        Whether any unit of the dataset has a known management mode.

    Raises
    ------
    UsageError
        If a choice is unknown, a bound is negative or no number, or lower exceeds upper.

    Examples
    --------
    >>> from analysis.policy import read_policy
    >>> rules = rules_from_policy(read_policy(), lower=800)
    >>> rules.mode, rules.scope, rules.lower, rules.upper
    ('area', 'targets', 800, 4000)
    >>> rules_from_policy(read_policy(), management_known=False).scope
    'all'
    """
    mode = _choice("mode", mode or "area", get_args(Mode))
    scope = _choice("scope", scope or ("targets" if management_known else "all"), get_args(Scope))
    weight = _choice("weight", weight or "households", get_args(WeightName))
    within = within or str(policy.value("jurisdiction.within"))
    _choice("within", within, ("street", "neighbourhood", "none"))
    least, most = policy.value(f"size.{weight}")
    lower, upper = _bounds(least if lower is None else lower, most if upper is None else upper)
    _check_number(areas, mode)
    if bounds is None:
        bounds = policy.value("size.bounds") if "size.bounds" in policy.entries else ()
    own = read_bounds(bounds, weight)
    if mode == "area":
        own = _with_bounds_of_areas(own, policy, weight)
    neighbours = policy.neighbour_rules(within=within)
    is_limited = bool(policy.value("company.limit")) if company_limit is None else company_limit
    return PlanRules(
        mode=mode,
        scope=scope,
        within=within,
        weight=weight,
        lower=lower,
        upper=upper,
        radius_m=float(policy.value("anchor.radius_m")),
        capacity_ratio=float(policy.value("anchor.capacity_ratio")),
        streets=tuple(sorted(set(streets))),
        gap_m=neighbours.gap_m,
        facing_m=neighbours.facing_m,
        walk_m=neighbours.walk_m,
        detour_factor=neighbours.detour_factor,
        walk_limit_m=neighbours.walk_limit_m,
        road_access_m=neighbours.road_access_m,
        road_snap_m=neighbours.road_snap_m,
        road_scrap_m=neighbours.road_scrap_m,
        closed_road_classes=neighbours.closed_road_classes,
        hard_kinds=neighbours.hard_kinds,
        professional_modes=tuple(policy.value("mode.professional")),
        old_until_year=int(policy.value("unit.old_until_year")),
        min_contract_months=int(policy.value("anchor.min_contract_months")),
        min_credit_rating=str(policy.value("anchor.min_credit_rating")),
        allow_unrated=bool(policy.value("anchor.allow_unrated")),
        auto_absorb_special=bool(policy.value("target.auto_absorb_special")),
        exclude_unwilling=bool(policy.value("target.exclude_unwilling")),
        area_worth=int(policy.value("objective.area_worth")) if area_worth is None else area_worth,
        company_growth=float(policy.value("company.growth_share")) if is_limited else None,
        company_years=float(policy.value("company.years")),
        objective=objective,
        areas=areas,
        custody_months=int(policy.value("island.custody_months")),
        bounds=own,
        staffing_norms=tuple(float(policy.value(f"economics.{name}")) for name in _NORMS),
        years_newer=int(policy.value("anchor.years_newer")),
        preferred_credit=str(policy.value("anchor.preferred_credit")),
        unit_ratio=float(policy.value("anchor.unit_ratio")),
        **_rules_of_areas(policy),
    )


AREA_DEFAULTS: Mapping[str, Any] = MappingProxyType(
    {
        "area.preferred_members": (3, 12),
        "area.preferred_floor_area_m2": (100_000, 300_000),
        "area.floor_area_most_m2": 500_000,
        "area.reach_m": 1500.0,
        "area.managed_members": True,
        "anchor.must_be_new": False,
    }
)
"""Values of mode "area" where a policy, written before there was one, has none [A]."""


def _value_of_areas(policy: Policy, key: str) -> Any:
    return policy.value(key) if key in policy.entries else AREA_DEFAULTS[key]


def _rules_of_areas(policy: Policy) -> dict[str, Any]:
    """The fields of `AREA_RULES`."""
    return {
        "preferred_members": tuple(int(side) for side in _value_of_areas(policy, "area.preferred_members")),
        "preferred_floor_area_m2": tuple(int(side) for side in _value_of_areas(policy, "area.preferred_floor_area_m2")),
        "reach_m": float(_value_of_areas(policy, "area.reach_m")),
        "managed_members": bool(_value_of_areas(policy, "area.managed_members")),
        "must_be_new": bool(_value_of_areas(policy, "anchor.must_be_new")),
    }


def _with_bounds_of_areas(own: tuple[SizeBound, ...], policy: Policy, weight: str) -> tuple[SizeBound, ...]:
    """A planner's bounds, and those an area has besides: the other weight of households and floor area."""
    if weight == "households":
        usual = SizeBound("floor_area", 0, int(_value_of_areas(policy, "area.floor_area_most_m2")))
    else:
        least, most = policy.value("size.households")
        usual = SizeBound("households", int(least), int(most))
    return own if usual.weight in {bound.weight for bound in own} else (*own, usual)


def _choice(option: str, value: Any, choices: tuple[str, ...]) -> Any:
    if value not in choices:
        raise UsageError(*say("option.choice", option=option, value=value, choices=join_names(choices)))
    return value


def _check_number(areas: int | None, mode: str) -> None:
    if areas is not None and (areas < 1 or mode != "whole"):
        raise UsageError(*say("option.areas", areas=areas))


def _bounds(lower: float, upper: float) -> tuple[int, int]:
    if lower < 0 or upper < 0:
        raise UsageError(*say("option.negative", lower=lower, upper=upper))
    if lower > upper:
        raise UsageError(*say("option.crossed", lower=lower, upper=upper))
    return int(lower), int(upper)
