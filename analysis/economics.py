"""What an area earns and costs, shared against each member alone (R32-R38)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from analysis.policy import Policy

SHARED_TRADES = ("greening", "cleaning", "repair")
"""The trades whose sharing the action plan names: 绿化、保洁、应急维修 (三(三)13)."""

_MEMBER_COLUMNS = [
    *("unit_id", "kind", "households", "households_quality", "floor_area_m2", "floor_area_m2_quality", "land_area_m2"),
    *("management_mode", "fee_yuan_m2_month", "collection_rate"),
]
"""Of the layer `units`: what economics is made of."""

TRADES = (*SHARED_TRADES, "order", "service", "management")


@dataclass(frozen=True)
class Norms:
    """Staffing and prices; every one an editable value of the policy.

    Parameters
    ----------
    cleaning_m2, greening_m2, repair_m2
        Floor or green area one post looks after, m².
    gate_posts, gates_per_community
        Posts of one gate manned day and night; gates of a community, none at single buildings.
    service_households
        Households one post of customer service looks after.
    green_share
        Green share of the land area, 0-1.
    labour_yuan_month, overhead_share
        Cost of a post and month; materials and overhead as a share of labour.
    fee_professional, fee_absorbed
        Fee where none is recorded, yuan a m² and month.
    collection_professional, collection_absorbed
        Collection rate where none is recorded, 0-1.
    sanitation_yuan_household_year, subsidy_yuan_household_year
        Income a household and year next to the fee.
    gap_tolerance
        Gap accepted, as a share of cost.
    """

    cleaning_m2: float
    greening_m2: float
    repair_m2: float
    gate_posts: float
    gates_per_community: float
    service_households: float
    green_share: float
    labour_yuan_month: float
    overhead_share: float
    fee_professional: float
    fee_absorbed: float
    collection_professional: float
    collection_absorbed: float
    sanitation_yuan_household_year: float
    subsidy_yuan_household_year: float
    gap_tolerance: float

    @property
    def post_yuan_year(self) -> float:
        """What one post costs in a year, overhead included."""
        return self.labour_yuan_month * 12 * (1 + self.overhead_share)


@dataclass(frozen=True)
class Member:
    """What the economics needs of one unit; areas in m², fee in yuan a m² and month.

    `is_estimated`: a figure was missing and taken from the policy, or is an estimate itself.
    """

    unit_id: str
    is_community: bool
    households: float
    floor_area_m2: float
    green_m2: float
    fee: float
    collection_rate: float
    is_estimated: bool


@dataclass(frozen=True)
class Economics:
    """What an area earns and costs in a year, yuan.

    Parameters
    ----------
    fee_income, sanitation_income, subsidy
        Apart, for they are different ledgers; revenue of common parts belongs to the owners of
        each member (R44) and is in none of them.
    income, cost, gap
        gap = income − cost; negative = money is lacking.
    posts, posts_alone
        Posts by trade, shared and as the sum of all members alone.
    saved_posts
        Greening, cleaning and repair only: what sharing saves (R38).
    break_even_fee
        The one fee of all members, yuan a m² and month, at which gap = 0 at their collection
        rates; None where nothing could be collected.
    is_acceptable
        Whether gap ≥ −tolerance × cost (R37).
    income_by_member
        Fee income of each member, for its own ledger.
    estimated_units, missing_units
        Members with a figure taken from the policy; members left out for want of floor area or
        households: with any of these the result is partial.
    """

    fee_income: float
    sanitation_income: float
    subsidy: float
    income: float
    cost: float
    gap: float
    posts: Mapping[str, float]
    posts_alone: Mapping[str, float]
    saved_posts: float
    break_even_fee: float | None
    is_acceptable: bool
    income_by_member: Mapping[str, float]
    estimated_units: int
    missing_units: tuple[str, ...]


def read_norms(policy: Policy) -> Norms:
    """The norms of a policy."""
    return Norms(**{name: float(policy.value(f"economics.{name}")) for name in Norms.__annotations__})


def compute_area_economics(units: pd.DataFrame, policy: Policy, *, anchor: str | None = None) -> Economics:
    """The economics of one area.

    Parameters
    ----------
    units
        The members, rows of the layer `units`.
    policy
        Norms and prices.
    anchor
        Unit whose recorded or professional fee and collection hold for itself; the others count as
        absorbed where nothing is recorded.
    """
    norms = read_norms(policy)
    found, missing = build_members(units, policy, norms, anchor=anchor)
    return compute_economics(found, norms, missing=missing)


def build_members(
    units: pd.DataFrame, policy: Policy, norms: Norms, *, anchor: str | None = None
) -> tuple[tuple[Member, ...], tuple[str, ...]]:
    """Members with all figures, and the ids of those that lack floor area or households.

    Parameters
    ----------
    units
        Units run as one area, with their management mode, figures and fee.
    policy
        The policy in force.
    norms
        Staffing and prices of it.
    anchor
        Id of the area's anchor; None = it has none.
    """
    professional = tuple(policy.value("mode.professional"))
    found, missing = [], []
    for row in units[_MEMBER_COLUMNS].to_dict("records"):
        households, area = _number(row["households"]), _number(row["floor_area_m2"])
        if households is None or area is None:
            missing.append(str(row["unit_id"]))
            continue
        own = row["unit_id"] == anchor or row["management_mode"] in professional
        fee, rate = _number(row["fee_yuan_m2_month"]), _number(row["collection_rate"])
        land = _number(row["land_area_m2"])
        found.append(
            Member(
                unit_id=str(row["unit_id"]),
                is_community=row["kind"] == "community",
                households=households,
                floor_area_m2=area,
                green_m2=(land or 0.0) * norms.green_share,
                fee=fee if fee is not None else _pick(own, norms.fee_professional, norms.fee_absorbed),
                collection_rate=rate
                if rate is not None
                else _pick(own, norms.collection_professional, norms.collection_absorbed),
                is_estimated=None in (fee, rate, land)
                or "estimated" in (row["households_quality"], row["floor_area_m2_quality"]),
            )
        )
    return tuple(found), tuple(missing)


def compute_economics(members: Sequence[Member], norms: Norms, *, missing: tuple[str, ...] = ()) -> Economics:
    """Income, posts, cost and gap of members run as one area.

    income = Σ floor area × fee × 12 × collection + sanitation + subsidy (R32);
    cost = posts × labour × (1 + overhead) (R36).

    Parameters
    ----------
    members
        With all figures.
    norms
        Staffing and prices.
    missing
        Ids of units that are not among them for lack of figures.

    Examples
    --------
    An area of one community: what it earns is eaten by its gate.

    >>> from analysis.policy import read_policy
    >>> norms = read_norms(read_policy())
    >>> one = Member("c1", True, 500, 40_000, 8_000, 1.0, 0.8, False)
    >>> found = compute_economics([one], norms)
    >>> round(found.income), dict(found.posts)["repair"], found.saved_posts
    (384000, 1.0, 0.0)
    """
    by_member = {m.unit_id: m.floor_area_m2 * m.fee * 12 * m.collection_rate for m in members}
    households = math.fsum(m.households for m in members)
    fees = math.fsum(by_member.values())
    sanitation = households * norms.sanitation_yuan_household_year
    subsidy = households * norms.subsidy_yuan_household_year
    posts = count_posts(members, norms)
    alone = [count_posts([member], norms) for member in members]
    summed = {trade: math.fsum(each[trade] for each in alone) for trade in TRADES}
    cost = math.fsum(posts.values()) * norms.post_yuan_year
    income = fees + sanitation + subsidy
    collectable = 12 * math.fsum(m.floor_area_m2 * m.collection_rate for m in members)
    rest = cost - sanitation - subsidy
    return Economics(
        fee_income=fees,
        sanitation_income=sanitation,
        subsidy=subsidy,
        income=income,
        cost=cost,
        gap=income - cost,
        posts=posts,
        posts_alone=summed,
        saved_posts=math.fsum(summed[trade] - posts[trade] for trade in SHARED_TRADES),
        break_even_fee=max(0.0, rest) / collectable if collectable > 0 else None,
        is_acceptable=income - cost >= -norms.gap_tolerance * cost - 1e-9,
        income_by_member=by_member,
        estimated_units=sum(m.is_estimated for m in members),
        missing_units=missing,
    )


def count_posts(members: Sequence[Member], norms: Norms) -> dict[str, float]:
    """Posts by trade of members run together (R35).

    Greening, cleaning, repair, service and management are whole persons; a gate takes its 4.2
    posts as they are. Gates stay where they are: sharing saves none.

    Parameters
    ----------
    members
        With all figures.
    norms
        Staffing.

    Examples
    --------
    Two of 6,000 m² need one cleaner each alone, one together.

    >>> from analysis.policy import read_policy
    >>> norms = read_norms(read_policy())
    >>> two = [Member(name, False, 80, 6_000, 0, 0.6, 0.6, False) for name in "ab"]
    >>> count_posts(two[:1], norms)["cleaning"], count_posts(two, norms)["cleaning"]
    (1.0, 1.0)
    """
    if not members:
        return dict.fromkeys(TRADES, 0.0)
    floor = math.fsum(m.floor_area_m2 for m in members)
    gates = norms.gates_per_community * sum(m.is_community for m in members)
    greening, cleaning, repair = count_shared_posts(
        floor,
        math.fsum(m.green_m2 for m in members),
        cleaning_m2=norms.cleaning_m2,
        greening_m2=norms.greening_m2,
        repair_m2=norms.repair_m2,
    )
    return {
        "greening": greening,
        "cleaning": cleaning,
        "repair": repair,
        "order": gates * norms.gate_posts,
        "service": _whole(math.fsum(m.households for m in members) / norms.service_households),
        "management": 1.0,
    }


def count_shared_posts(
    floor_m2: float, green_m2: float, *, cleaning_m2: float, greening_m2: float, repair_m2: float
) -> tuple[float, float, float]:
    """Posts of greening, cleaning and repair (R35): whole persons, at least one for repair.

    Parameters
    ----------
    floor_m2, green_m2
        Floor area and green of all that is run as one.
    cleaning_m2, greening_m2, repair_m2
        What one post looks after.

    Examples
    --------
    >>> count_shared_posts(13_000, 0, cleaning_m2=12_000, greening_m2=8_000, repair_m2=40_000)
    (0.0, 2.0, 1.0)
    """
    return (_whole(green_m2 / greening_m2), _whole(floor_m2 / cleaning_m2), max(1.0, _whole(floor_m2 / repair_m2)))


def compute_sensitivity(
    members: Sequence[Member], norms: Norms, rates: Sequence[float]
) -> tuple[tuple[float, Economics], ...]:
    """The economics at other collection rates, the same for all members (R34).

    Parameters
    ----------
    members
        With all figures.
    norms
        Staffing and prices.
    rates
        Collection rates, 0 to 1.
    """
    return tuple(
        (rate, compute_economics([replace(m, collection_rate=rate) for m in members], norms)) for rate in rates
    )


def compute_plan_economics(plan: Mapping[str, Any], units: pd.DataFrame, policy: Policy) -> dict[str, Economics]:
    """The economics of every area of a plan document, by area_id.

    Parameters
    ----------
    plan
        The document.
    units
        All units of the dataset.
    policy
        The policy in force.
    """
    by_id = units[_MEMBER_COLUMNS].set_index("unit_id", drop=False)
    return {
        str(area["area_id"]): compute_area_economics(
            by_id.loc[list(area["unit_ids"])], policy, anchor=area["anchor_unit_id"]
        )
        for area in plan["areas"]
    }


def _whole(posts: float) -> float:
    return float(math.ceil(posts - 1e-9))


def _pick(own: bool, if_own: float, otherwise: float) -> float:
    return if_own if own else otherwise


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)
