"""Companies, their contracts and staff, and the streets' joint meetings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analysis.figures.facts import Facts
from analysis.figures.figure import Basis
from analysis.figures.indicator import BY_DISTRICT, CITY_ONLY, EVERYWHERE, Indicator, Tally
from analysis.figures.tally import build_ratio_of_sums, build_row_share, build_row_sum

GOOD_RATINGS = ("AAA", "AA")


def _number(column: pd.Series) -> Any:
    return column.astype("Float64").astype("float64").to_numpy()


def tally_party_cover(facts: Facts, basis: Basis) -> Tally:
    """G02: companies with a party organisation or party work.

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    basis
        Of the card; not used, for this figure counts by itself.
    """
    firms = facts.companies
    return build_row_share(firms, firms["company_id"], _number(firms["has_party_org"]))


def tally_good_ratings(facts: Facts, basis: Basis) -> Tally:
    """G09: companies rated AA or better: the stock at the date of the data (Q4).

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    basis
        Of the card; not used, for this figure counts by itself.
    """
    firms, rating = facts.companies, facts.companies["credit_rating"]
    hit = rating.isin(GOOD_RATINGS).astype("float64").where(rating.notna())
    return build_row_sum(firms, firms["company_id"], hit)


def tally_rated(facts: Facts, basis: Basis) -> Tally:
    """T09: companies with a rating.

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    basis
        Of the card; not used, for this figure counts by itself.
    """
    firms, rating = facts.companies, facts.companies["credit_rating"]
    hit = (rating != "unrated").astype("float64").where(rating.notna())
    return build_row_share(firms, firms["company_id"], hit)


def tally_blacklisted(facts: Facts, basis: Basis) -> Tally:
    """T15c: companies on the blacklist.

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    basis
        Of the card; not used, for this figure counts by itself.
    """
    firms = facts.companies
    return build_row_sum(firms, firms["company_id"], _number(firms["blacklisted"]))


def tally_members(facts: Facts, basis: Basis) -> Tally:
    """T05: companies in the trade association.

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    basis
        Of the card; not used, for this figure counts by itself.
    """
    firms = facts.companies
    return build_row_share(firms, firms["company_id"], _number(firms["association_member"]))


def tally_prejob(facts: Facts, basis: Basis) -> Tally:
    """G10: staff trained before they began ÷ staff, over all companies.

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    basis
        Of the card; not used, for this figure counts by itself.
    """
    return _trained(facts, "trained_prejob", "staff_total")


def tally_further_education(facts: Facts, basis: Basis) -> Tally:
    """G11: professional staff with further education ÷ professional staff, over all companies.

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    basis
        Of the card; not used, for this figure counts by itself.
    """
    return _trained(facts, "trained_ce", "staff_professional")


def tally_filed(facts: Facts, basis: Basis) -> Tally:
    """T15a: contracts on file, of those valid at the date of the data.

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    basis
        Of the card; not used, for this figure counts by itself.
    """
    deals = facts.contracts
    return build_row_share(deals, deals["contract_id"], _number(deals["filed"]), scope=_is_valid(deals, facts.as_of))


def tally_disclosed(facts: Facts, basis: Basis) -> Tally:
    """T15b: valid contracts whose performance is published.

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    basis
        Of the card; not used, for this figure counts by itself.
    """
    deals = facts.contracts
    hit = _number(deals["performance_disclosed"])
    return build_row_share(deals, deals["contract_id"], hit, scope=_is_valid(deals, facts.as_of))


def tally_joint_meetings(facts: Facts, basis: Basis) -> Tally:
    """T10a: streets with a joint meeting; functional zones are no streets (§2.4).

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    basis
        Of the card; not used, for this figure counts by itself.
    """
    streets = facts.streets
    return build_row_share(streets, streets["street_code"], _number(streets["has_joint_meeting"]))


def _trained(facts: Facts, top: str, bottom: str) -> Tally:
    firms = facts.companies
    return build_ratio_of_sums(firms, firms["company_id"], _number(firms[top]), _number(firms[bottom]))


def _is_valid(deals: pd.DataFrame, as_of: str | None) -> Any:
    """(n,) bools: running at the date; undated data or open ends count as running."""
    if as_of is None:
        return np.ones(len(deals), dtype=bool)
    starts, ends = deals["start_date"], deals["end_date"]
    return ((starts.isna() | (starts <= as_of)) & (ends.isna() | (ends >= as_of))).to_numpy(bool)


PARTY_COVER = Indicator(
    id="G02",
    key="party_work_coverage_rate",
    name_zh="物业行业党组织和党的工作覆盖率",
    name_en="Companies with party work",
    formula="companies with party organisation or party work / companies known",
    unit="ratio",
    levels=CITY_ONLY,
    kind="N",
    clause="总体要求",
    version="1",
    better="higher",
    columns=("companies.has_party_org",),
    tally=tally_party_cover,
)
GOOD_RATING_FIRMS = Indicator(
    id="G09",
    key="aa_plus_firm_count",
    name_zh="AA级以上信用等级企业",
    name_en="Companies rated AA or better",
    formula="number of companies with credit rating AA or AAA",
    unit="count",
    levels=CITY_ONLY,
    kind="N",
    clause="总体要求",
    version="1",
    better="higher",
    columns=("companies.credit_rating",),
    tally=tally_good_ratings,
)
PREJOB_TRAINING = Indicator(
    id="G10",
    key="prejob_training_rate",
    name_zh="物业从业人员岗前培训率",
    name_en="Pre-job training rate",
    formula="Σ staff trained before the job / Σ staff",
    unit="ratio",
    levels=CITY_ONLY,
    kind="N",
    clause="总体要求",
    version="1",
    better="higher",
    columns=("companies.trained_prejob", "companies.staff_total"),
    tally=tally_prejob,
)
FURTHER_EDUCATION = Indicator(
    id="G11",
    key="continuing_edu_rate",
    name_zh="专业岗位继续教育培训率",
    name_en="Continuing-education rate",
    formula="Σ professional staff with further education / Σ professional staff",
    unit="ratio",
    levels=CITY_ONLY,
    kind="N",
    clause="总体要求",
    version="1",
    better="higher",
    columns=("companies.trained_ce", "companies.staff_professional"),
    tally=tally_further_education,
)
ASSOCIATION_MEMBERS = Indicator(
    id="T05",
    key="association_member_rate",
    name_zh="物业协会入会率",
    name_en="Companies in the association",
    formula="companies in the association / companies known",
    unit="ratio",
    levels=CITY_ONLY,
    kind="C",
    clause="三(一)5",
    version="1",
    better="higher",
    columns=("companies.association_member",),
    tally=tally_members,
)
RATED_FIRMS = Indicator(
    id="T09",
    key="credit_rated_firm_rate",
    name_zh="企业信用评价参评率",
    name_en="Companies with a credit rating",
    formula="companies rated AAA to C / companies known",
    unit="ratio",
    levels=CITY_ONLY,
    kind="C",
    clause="三(二)9",
    version="1",
    better="higher",
    columns=("companies.credit_rating",),
    tally=tally_rated,
)
JOINT_MEETINGS = Indicator(
    id="T10a",
    key="joint_meeting_rate",
    name_zh="街道(苏木乡镇)物业联席会议制度建立比例",
    name_en="Streets with a joint meeting",
    formula="streets with a joint meeting / streets known, functional zones left out",
    unit="ratio",
    levels=BY_DISTRICT,
    kind="N",
    clause="三(二)10",
    version="1",
    better="higher",
    columns=("streets.has_joint_meeting",),
    tally=tally_joint_meetings,
)
CONTRACTS_FILED = Indicator(
    id="T15a",
    key="contract_filing_rate",
    name_zh="物业服务合同备案率",
    name_en="Contracts on file",
    formula="valid contracts on file / valid contracts known",
    unit="ratio",
    levels=EVERYWHERE,
    kind="C",
    clause="三(四)15",
    version="1",
    better="higher",
    columns=("contracts.filed",),
    tally=tally_filed,
)
PERFORMANCE_DISCLOSED = Indicator(
    id="T15b",
    key="performance_disclosure_rate",
    name_zh="履约公示率",
    name_en="Contracts with published performance",
    formula="valid contracts with published performance / valid contracts known",
    unit="ratio",
    levels=EVERYWHERE,
    kind="C",
    clause="三(四)15",
    version="1",
    better="higher",
    columns=("contracts.performance_disclosed",),
    tally=tally_disclosed,
)
BLACKLISTED = Indicator(
    id="T15c",
    key="blacklist_firm_count",
    name_zh="黑名单企业数",
    name_en="Companies on the blacklist",
    formula="number of companies on the blacklist",
    unit="count",
    levels=CITY_ONLY,
    kind="C",
    clause="三(四)15",
    version="1",
    better="lower",
    columns=("companies.blacklisted",),
    tally=tally_blacklisted,
)
