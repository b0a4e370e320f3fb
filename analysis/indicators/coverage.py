"""Coverage: which share of the communities is managed, by whom, in three kinds kept apart."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.figures.facts import Facts
from analysis.figures.figure import Basis, Layers
from analysis.figures.indicator import EVERYWHERE, Band, Indicator, Tally, Theme
from analysis.figures.tally import build_unit_rate, build_unit_stock
from analysis.policy import Policy
from geo.values.years import year_bounds


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
    """Whether a unit's management counts as professional under the policy's switch (§0.7).

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
    lower `completeness` instead (domain.md §2.2).

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
    return (
        Band("professional", "专业化物业", "Professional"),
        Band("other_managed", "其他方式管理", "Managed otherwise"),
        Band("unmanaged", "无物业", "Not managed"),
        Band("no_data", "无数据", "No data"),
    )


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
    return (
        Band("managed", "有物业管理 (含社区代管、自治)", "Managed, custody and self-rule included"),
        Band("unmanaged", "无物业", "Not managed"),
        Band("no_data", "无数据", "No data"),
    )


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
    return (
        Band("served", "老旧小区: 已有物业服务", "Old, with a service"),
        Band("not_served", "老旧小区: 尚无物业服务", "Old, without a service"),
        Band("no_data", "无数据 (年份或方式未知)", "No data (year or mode unknown)"),
        Band("not_applicable", "非老旧小区 (不计)", "Not old (not counted)"),
    )


def _is_mode(units: pd.DataFrame, policy: Policy, switch: str) -> pd.Series:
    return units["management_mode"].isin(policy.value(f"mode.{switch}")).astype(bool)


def _all(units: pd.DataFrame) -> np.ndarray:
    return np.ones(len(units), dtype=bool)


_MODE = ("units.management_mode",)

MANAGEMENT_COVERAGE = Indicator(
    id="G03",
    key="management_coverage_rate",
    name_zh="住宅小区(含单体楼)物业管理覆盖率",
    name_en="Any-management coverage",
    formula="Σw[mode ∈ any management] / Σw[mode known]",
    unit="ratio",
    levels=EVERYWHERE,
    kind="N",
    clause="总体要求",
    version="1",
    better="higher",
    columns=_MODE,
    tally=tally_management,
    per_roster=True,
)
PROFESSIONAL_COVERAGE = Indicator(
    id="G05",
    key="professional_coverage_rate",
    name_zh="整体专业化物业管理覆盖率",
    name_en="Professional management coverage",
    formula="Σw[mode ∈ professional] / Σw[mode known]",
    unit="ratio",
    levels=EVERYWHERE,
    kind="N",
    clause="总体要求",
    version="1",
    better="higher",
    columns=_MODE,
    tally=tally_professional,
    per_roster=True,
)
NEW_PROFESSIONAL_COVERAGE = Indicator(
    id="G06",
    key="new_community_professional_rate",
    name_zh="新建住宅小区专业化物业管理覆盖率",
    name_en="Professional coverage, new communities",
    formula="Σw[new, mode ∈ professional] / Σw[new, mode known]",
    unit="ratio",
    levels=EVERYWHERE,
    kind="N",
    clause="总体要求",
    version="1",
    better="higher",
    columns=_MODE,
    tally=tally_new_professional,
    per_roster=True,
)
ONE_POLICY = Indicator(
    id="T12a",
    key="one_policy_rate",
    name_zh="特殊小区“一小区一策”编制率",
    name_en="Handed-over communities with their own policy",
    formula="Σw[special, policy written] / Σw[special, known]",
    unit="ratio",
    levels=EVERYWHERE,
    kind="C",
    clause="三(三)12",
    version="1",
    better="higher",
    columns=("units.special_type", "units.has_special_policy"),
    tally=tally_one_policy,
    per_roster=True,
)
SPECIAL_PROFESSIONAL = Indicator(
    id="T12c",
    key="special_market_pm_rate",
    name_zh="特殊小区市场化物业引入率",
    name_en="Handed-over communities, professional management",
    formula="Σw[special, mode ∈ professional] / Σw[special, mode known]",
    unit="ratio",
    levels=EVERYWHERE,
    kind="C",
    clause="三(三)12",
    version="1",
    better="higher",
    columns=("units.special_type", *_MODE),
    tally=tally_special_professional,
    per_roster=True,
)
OLD_SERVICE_COVERAGE = Indicator(
    id="T13a",
    key="old_community_service_rate",
    name_zh="老旧小区物业服务覆盖率",
    name_en="Old communities with a service",
    formula="Σw[old, mode ∈ service for old communities] / Σw[old, mode known]",
    unit="ratio",
    levels=EVERYWHERE,
    kind="N",
    clause="三(三)13",
    version="1",
    better="higher",
    columns=("units.is_old", *_MODE),
    tally=tally_old_service,
    per_roster=True,
)
OLD_INTRODUCED = Indicator(
    id="T13b",
    key="old_community_introduced_count",
    name_zh="年度引入物业服务的老旧小区数",
    name_en="Old communities served since the year began",
    formula="Σw[old, mode ∈ service for old communities, service started in the year]",
    unit="count",
    levels=EVERYWHERE,
    kind="N",
    clause="三(三)13",
    version="1",
    better="higher",
    columns=("units.is_old", "units.service_start_date"),
    tally=tally_introduced,
)
UNMANAGED_OLD = Indicator(
    id="T13c",
    key="unmanaged_old_count",
    name_zh="无专业物业管理的老旧小区",
    name_en="Old communities without professional management",
    formula="Σw[old community, mode known, mode ∉ professional]",
    unit="count",
    levels=EVERYWHERE,
    kind="N",
    clause="三(三)13",
    version="1",
    better="lower",
    columns=("units.is_old", *_MODE),
    tally=tally_unmanaged_old,
)
UNIT_CUSTODY = Indicator(
    id="T13c",
    key="unit_custody_count",
    name_zh="无专业物业管理的产权单位代管小区",
    name_en="Communities in custody of their owner unit",
    formula="Σw[community in custody of its owner unit, mode ∉ professional]",
    unit="count",
    levels=EVERYWHERE,
    kind="N",
    clause="三(三)13",
    version="1",
    better="lower",
    columns=_MODE,
    tally=tally_custody,
)
AREA_COVERAGE = Indicator(
    id="T13d",
    key="area_bundle_coverage_rate",
    name_zh="片区大物业覆盖率",
    name_en="Coverage by operating areas",
    formula="Σw[in an area whose status is operating] / Σw",
    unit="ratio",
    levels=EVERYWHERE,
    kind="C",
    clause="三(三)13",
    version="1",
    better="higher",
    columns=("plan.status",),
    tally=tally_bundled,
    per_roster=True,
)
PROPOSED_COVERAGE = Indicator(
    id="P01",
    key="area_bundle_proposed_rate",
    name_zh="方案片区覆盖率 (测算)",
    name_en="Share in areas of the plan (projection)",
    formula="Σw[in an area of the plan] / Σw",
    unit="ratio",
    levels=EVERYWHERE,
    kind="C",
    clause="三(三)13",
    version="1",
    better="higher",
    columns=("plan.areas",),
    tally=tally_proposed,
)
PROFESSIONAL_BY_PLAN = Indicator(
    id="P02",
    key="professional_coverage_by_plan_rate",
    name_zh="方案落地后专业化覆盖率 (测算)",
    name_en="Professional coverage once the plan operates",
    formula="Σw[mode ∈ professional or in an area of the plan] / Σw[known]",
    unit="ratio",
    levels=EVERYWHERE,
    kind="C",
    clause="总体要求",
    version="1",
    better="higher",
    columns=("plan.areas",),
    tally=tally_professional_by_plan,
)

COVERAGE_THEME = Theme(
    key="professional_coverage",
    indicator_key=PROFESSIONAL_COVERAGE.key,
    zh="专业化物业管理覆盖",
    en="Professional management",
    bands=build_coverage_bands,
    classify=classify_coverage,
)
MANAGEMENT_THEME = Theme(
    key="management_coverage",
    indicator_key=MANAGEMENT_COVERAGE.key,
    zh="物业管理覆盖 (任何方式)",
    en="Managed at all",
    bands=build_management_bands,
    classify=classify_management,
)
OLD_SERVICE_THEME = Theme(
    key="old_service",
    indicator_key=OLD_SERVICE_COVERAGE.key,
    zh="老旧小区物业服务",
    en="Old communities with a service",
    bands=build_old_service_bands,
    classify=classify_old_service,
)
