"""Coverage: which share of the communities is managed, by whom, in three kinds kept apart."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.figures.facts import Facts
from analysis.figures.figure import Basis, Layers
from analysis.figures.indicator import Band, Tally, Theme
from analysis.figures.tally import build_unit_rate, build_unit_stock
from analysis.indicators.catalogue import declare, name_bands
from analysis.policy import Policy
from geo.messages import load_catalogue
from geo.values.years import year_bounds

say = load_catalogue(__file__)


def is_mode_known(units: pd.DataFrame) -> pd.Series:
    """Whether the way a unit is managed is known: filled in, and not "unknown".

    Returns
    -------
    Series of n bools, same index.

    Examples
    --------
    >>> is_mode_known(pd.DataFrame({"management_mode": ["quasi", "unknown", None]})).tolist()
    [True, False, False]
    """
    mode = units["management_mode"]
    return (mode.notna() & (mode != "unknown")).astype(bool)


def is_professional(units: pd.DataFrame, policy: Policy) -> pd.Series:
    """Whether a unit's management counts as professional under the policy's switch.

    Parameters
    ----------
    units
        The n units.
    policy
        The policy in force.

    Returns
    -------
    Series of n bools, same index; False where the mode is unknown.
    """
    return _is_mode(units, policy, "professional")


def is_new(units: pd.DataFrame, policy: Policy) -> pd.Series:
    """Whether a unit is a new community (新建住宅小区): 1, 0, or missing where nothing says.

    Its type says so; where no type is recorded, its year of construction (Q8).

    Parameters
    ----------
    units
        The n units.
    policy
        The policy in force.

    Returns
    -------
    Series of n floats, same index.
    """
    since = float(policy.value("indicator.new_since_year"))
    first, last = year_bounds(units)
    by_year = pd.Series(np.where(first >= since, 1.0, np.where(last < since, 0.0, np.nan)), index=units.index)
    by_type = (units["community_type"] == "new_commodity").astype("float64")
    new = by_type.where(units["community_type"].notna(), by_year)
    return new.where(units["kind"] == "community", 0.0)


def is_old(units: pd.DataFrame, policy: Policy) -> pd.Series:
    """Whether a unit counts as an old community: 1, 0, or missing where its year is unknown.

    Single buildings count as the policy's switch says.

    Parameters
    ----------
    units
        The n units.
    policy
        The policy in force.

    Returns
    -------
    Series of n floats, same index.
    """
    old = units["is_old"].astype("Float64").astype("float64")
    if policy.value("indicator.old_includes_single_buildings"):
        return old
    return old.where(units["kind"] == "community", 0.0)


def tally_management(facts: Facts, basis: Basis) -> Tally:
    """G03: managed at all, by whomever, neighbourhood custody included.

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    basis
        What a unit counts for: 1, its households or its floor area.
    """
    units = facts.units
    hit = _is_mode(units, facts.policy, "any_management")
    return build_unit_rate(units, basis, scope=_all(units), known=is_mode_known(units), hit=hit)


def tally_professional(facts: Facts, basis: Basis) -> Tally:
    """G05: professionally managed, under the policy's switch.

    Units of unknown mode, or without a figure on the chosen basis, are in neither sum; they
    lower `completeness` instead.

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    basis
        What a unit counts for: 1, its households or its floor area.
    """
    units = facts.units
    hit = is_professional(units, facts.policy)
    return build_unit_rate(units, basis, scope=_all(units), known=is_mode_known(units), hit=hit)


def tally_new_professional(facts: Facts, basis: Basis) -> Tally:
    """G06: as G05, new communities only; one that may be new is a data gap.

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    basis
        What a unit counts for: 1, its households or its floor area.
    """
    units, new = facts.units, is_new(facts.units, facts.policy)
    known = is_mode_known(units) & (new == 1)
    hit = is_professional(units, facts.policy)
    return build_unit_rate(units, basis, scope=new.ne(0), known=known, hit=hit)


def tally_old_service(facts: Facts, basis: Basis) -> Tally:
    """T13a: old communities with a service brought in, professional or not (Q1, reading A).

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    basis
        What a unit counts for: 1, its households or its floor area.
    """
    units, old = facts.units, is_old(facts.units, facts.policy)
    known = is_mode_known(units) & (old == 1)
    hit = _is_mode(units, facts.policy, "old_community_service")
    return build_unit_rate(units, basis, scope=old.ne(0), known=known, hit=hit)


def tally_special_professional(facts: Facts, basis: Basis) -> Tally:
    """T12c: handed-over communities under professional management.

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    basis
        What a unit counts for: 1, its households or its floor area.
    """
    units = facts.units
    hit = is_professional(units, facts.policy)
    return build_unit_rate(units, basis, scope=is_special(units), known=is_mode_known(units), hit=hit)


def tally_one_policy(facts: Facts, basis: Basis) -> Tally:
    """T12a: handed-over communities with a policy of their own (一小区一策).

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    basis
        What a unit counts for: 1, its households or its floor area.
    """
    units = facts.units
    written = units["has_special_policy"].astype("Float64").astype("float64")
    return build_unit_rate(units, basis, scope=is_special(units), known=written.notna(), hit=written == 1)


def tally_unmanaged_old(facts: Facts, basis: Basis) -> Tally:
    """T13c: old communities without professional management; single buildings are counted apart.

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    basis
        What a unit counts for: 1, its households or its floor area.
    """
    units = facts.units
    old = is_old(units, facts.policy).where(units["kind"] == "community", 0.0)
    known = is_mode_known(units) & (old == 1)
    hit = ~is_professional(units, facts.policy)
    return build_unit_stock(units, basis, scope=old.ne(0), known=known, hit=hit)


def tally_custody(facts: Facts, basis: Basis) -> Tally:
    """T13c: communities in the custody of their owner unit, without professional management.

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    basis
        What a unit counts for: 1, its households or its floor area.
    """
    units = facts.units
    community = units["kind"] == "community"
    custody = (units["management_mode"] == "unit_self") | (units["community_type"] == "unit_custody")
    hit = custody & ~is_professional(units, facts.policy)
    return build_unit_stock(units, basis, scope=community, known=is_mode_known(units), hit=hit)


def tally_introduced(facts: Facts, basis: Basis) -> Tally:
    """T13b: old communities into which a service came in the year.

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    basis
        What a unit counts for: 1, its households or its floor area.
    """
    units = facts.units
    old = is_old(units, facts.policy)
    start = units["service_start_date"]
    served = _is_mode(units, facts.policy, "old_community_service")
    dated = start.notna() | (is_mode_known(units) & ~served)
    in_year = start.astype("str").str.startswith(f"{facts.year}-").fillna(False).astype(bool)
    hit = served & start.notna() & in_year
    return build_unit_stock(units, basis, scope=old.ne(0), known=(old == 1) & dated, hit=hit)


def tally_bundled(facts: Facts, basis: Basis) -> Tally:
    """T13d: units in an area that operates; a proposal or a contract alone does not (R63).

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    basis
        What a unit counts for: 1, its households or its floor area.
    """
    units, operates = facts.units, facts.units["area_operates"]
    return build_unit_rate(units, basis, scope=_all(units), known=operates.notna(), hit=operates == 1)


def tally_proposed(facts: Facts, basis: Basis) -> Tally:
    """P01: units in an area of the plan at hand, operating or not.

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    basis
        What a unit counts for: 1, its households or its floor area.
    """
    units, inside = facts.units, facts.units["in_area"]
    return build_unit_rate(units, basis, scope=_all(units), known=inside.notna(), hit=inside == 1)


def tally_professional_by_plan(facts: Facts, basis: Basis) -> Tally:
    """P02: G05 as it would be once every area of the plan operates: a projection.

    Of areas with leaders inside (mode "area") only the led are served; see `list_served_units`.

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    basis
        What a unit counts for: 1, its households or its floor area.
    """
    units, served = facts.units, facts.units["served_by_plan"]
    hit = is_professional(units, facts.policy) | (served == 1)
    known = served.notna() & (is_mode_known(units) | (served == 1))
    return build_unit_rate(units, basis, scope=_all(units), known=known, hit=hit)


def is_special(units: pd.DataFrame) -> pd.Series:
    """Whether a unit was handed over by a state enterprise or the city (三(三)12)."""
    return units["special_type"].notna().astype(bool)


def classify_coverage(units: pd.DataFrame, layers: Layers, policy: Policy) -> pd.DataFrame:
    """How each unit is managed, for the map; value 1 = professional, 0 = not, missing = unknown.

    Parameters
    ----------
    units
        The n units.
    layers
        Not used.
    policy
        The policy in force.
    """
    known = is_mode_known(units)
    professional = is_professional(units, policy)
    managed = _is_mode(units, policy, "any_management")
    band = pd.Series("no_data", index=units.index)
    band = band.mask(known, "unmanaged").mask(known & managed, "other_managed")
    band = band.mask(professional, "professional")
    value = professional.astype("float64").where(known)
    return pd.DataFrame({"band": band, "value": value, "estimated": False}, index=units.index)


def build_coverage_bands(policy: Policy) -> tuple[Band, ...]:
    """The legend of :func:`classify_coverage`."""
    return name_bands("professional_coverage", "professional", "other_managed", "unmanaged", "no_data")


def classify_management(units: pd.DataFrame, layers: Layers, policy: Policy) -> pd.DataFrame:
    """Whether each unit is managed at all (G03), for the map; value 1, 0, or missing.

    Parameters
    ----------
    units
        The n units.
    layers
        Not used.
    policy
        The policy in force.
    """
    known = is_mode_known(units)
    managed = _is_mode(units, policy, "any_management")
    band = pd.Series("no_data", index=units.index)
    band = band.mask(known, "unmanaged").mask(known & managed, "managed")
    value = managed.astype("float64").where(known)
    return pd.DataFrame({"band": band, "value": value, "estimated": False}, index=units.index)


def build_management_bands(policy: Policy) -> tuple[Band, ...]:
    """The legend of :func:`classify_management`."""
    return name_bands("management_coverage", "managed", "unmanaged", "no_data")


def classify_old_service(units: pd.DataFrame, layers: Layers, policy: Policy) -> pd.DataFrame:
    """Whether each old community has a service (T13a), for the map; value 1, 0, or missing.

    What is not old is not_applicable; what may be old, or whose mode is unknown, has no data.

    Parameters
    ----------
    units
        The n units.
    layers
        Not used.
    policy
        The policy in force.
    """
    old, known = is_old(units, policy), is_mode_known(units)
    served = _is_mode(units, policy, "old_community_service")
    asked = known & (old == 1)
    band = pd.Series("no_data", index=units.index).mask(old == 0, "not_applicable")
    band = band.mask(asked, "not_served").mask(asked & served, "served")
    value = served.astype("float64").where(asked)
    return pd.DataFrame({"band": band, "value": value, "estimated": False}, index=units.index)


def build_old_service_bands(policy: Policy) -> tuple[Band, ...]:
    """The legend of :func:`classify_old_service`."""
    return name_bands("old_service", "served", "not_served", "no_data", "not_applicable")


def _is_mode(units: pd.DataFrame, policy: Policy, switch: str) -> pd.Series:
    return units["management_mode"].isin(policy.value(f"mode.{switch}")).astype(bool)


def _all(units: pd.DataFrame) -> np.ndarray:
    return np.ones(len(units), dtype=bool)


MANAGEMENT_COVERAGE = declare("management_coverage_rate", tally_management)
PROFESSIONAL_COVERAGE = declare("professional_coverage_rate", tally_professional)
NEW_PROFESSIONAL_COVERAGE = declare("new_community_professional_rate", tally_new_professional)
ONE_POLICY = declare("one_policy_rate", tally_one_policy)
SPECIAL_PROFESSIONAL = declare("special_market_pm_rate", tally_special_professional)
OLD_SERVICE_COVERAGE = declare("old_community_service_rate", tally_old_service)
OLD_INTRODUCED = declare("old_community_introduced_count", tally_introduced)
UNMANAGED_OLD = declare("unmanaged_old_count", tally_unmanaged_old)
UNIT_CUSTODY = declare("unit_custody_count", tally_custody)
AREA_COVERAGE = declare("area_bundle_coverage_rate", tally_bundled)
PROPOSED_COVERAGE = declare("area_bundle_proposed_rate", tally_proposed)
PROFESSIONAL_BY_PLAN = declare("professional_coverage_by_plan_rate", tally_professional_by_plan)

COVERAGE_THEME = Theme(
    key="professional_coverage",
    indicator_key=PROFESSIONAL_COVERAGE.key,
    **say("theme.professional_coverage")._asdict(),
    bands=build_coverage_bands,
    classify=classify_coverage,
)
MANAGEMENT_THEME = Theme(
    key="management_coverage",
    indicator_key=MANAGEMENT_COVERAGE.key,
    **say("theme.management_coverage")._asdict(),
    bands=build_management_bands,
    classify=classify_management,
)
OLD_SERVICE_THEME = Theme(
    key="old_service",
    indicator_key=OLD_SERVICE_COVERAGE.key,
    **say("theme.old_service")._asdict(),
    bands=build_old_service_bands,
    classify=classify_old_service,
)
