"""Companies, their contracts and staff, and the streets' joint meetings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analysis.figures.facts import Facts
from analysis.figures.figure import Basis
from analysis.figures.indicator import Tally
from analysis.figures.tally import build_ratio_of_sums, build_row_share, build_row_sum
from analysis.indicators.catalogue import declare

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
    """T10a: streets with a joint meeting; functional zones are no streets.

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


PARTY_COVER = declare("party_work_coverage_rate", tally_party_cover)
GOOD_RATING_FIRMS = declare("aa_plus_firm_count", tally_good_ratings)
PREJOB_TRAINING = declare("prejob_training_rate", tally_prejob)
FURTHER_EDUCATION = declare("continuing_edu_rate", tally_further_education)
ASSOCIATION_MEMBERS = declare("association_member_rate", tally_members)
RATED_FIRMS = declare("credit_rated_firm_rate", tally_rated)
JOINT_MEETINGS = declare("joint_meeting_rate", tally_joint_meetings)
CONTRACTS_FILED = declare("contract_filing_rate", tally_filed)
PERFORMANCE_DISCLOSED = declare("performance_disclosure_rate", tally_disclosed)
BLACKLISTED = declare("blacklist_firm_count", tally_blacklisted)
