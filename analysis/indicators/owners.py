"""Owners' bodies: committees and property management committees, and how they work."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.figures.facts import Facts
from analysis.figures.figure import Basis, Layers
from analysis.figures.indicator import Band, Tally, Theme
from analysis.figures.joins import join_owners_body
from analysis.figures.tally import build_ratio_of_sums, build_row_share, build_unit_rate
from analysis.indicators.catalogue import declare, name_bands
from analysis.indicators.coverage import is_special
from analysis.policy import Policy
from geo.messages import load_catalogue

say = load_catalogue(__file__)

BODIES = ("ywh", "wgh")


def has_body(units: pd.DataFrame) -> pd.Series:
    """Whether a unit has an owners' body: 1, 0, or missing where nothing is recorded.

    Returns
    -------
    Series of n floats, same index.
    """
    return units["owners_body"].isin(BODIES).astype("float64").where(units["owners_body"].notna())


def tally_formation(facts: Facts, basis: Basis) -> Tally:
    """G04: communities with an owners' body.

    From the year the policy names, only communities fit to form one are asked (应建尽建); one
    whose fitness is not recorded is then a data gap.

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    basis
        What a unit counts for: 1, its households or its floor area.
    """
    units, formed = facts.units, has_body(facts.units)
    community = units["kind"] == "community"
    since = int(facts.policy.value("indicator.formation_eligible_from_year"))
    if facts.year is not None and facts.year >= since:
        eligible = units["formation_eligible"].astype("Float64").astype("float64")
        scope = community & eligible.ne(0)
        known = formed.notna() & (eligible == 1)
        tally = build_unit_rate(units, basis, scope=scope, known=known, hit=formed == 1)
        return replace(tally, needs=("units.formation_eligible",))
    return build_unit_rate(units, basis, scope=community, known=formed.notna(), hit=formed == 1)


def tally_special_formation(facts: Facts, basis: Basis) -> Tally:
    """T12b: as G04, handed-over communities.

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    basis
        What a unit counts for: 1, its households or its floor area.
    """
    units, formed = facts.units, has_body(facts.units)
    return build_unit_rate(units, basis, scope=is_special(units), known=formed.notna(), hit=formed == 1)


def tally_cross_appointed(facts: Facts, basis: Basis) -> Tally:
    """T01: owners' bodies with members of the neighbourhood's party branch, and the reverse.

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    basis
        Of the card; not used, for this figure counts by itself.
    """
    return _share_of_bodies(facts, facts.units["cross_appointed"], BODIES)


def tally_party_org(facts: Facts, basis: Basis) -> Tally:
    """T07c: owners' bodies with a party organisation.

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    basis
        Of the card; not used, for this figure counts by itself.
    """
    return _share_of_bodies(facts, facts.units["has_party_org"], BODIES)


def tally_training(facts: Facts, basis: Basis) -> Tally:
    """T07b: committees that met the policy's number of trainings in the year.

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    basis
        Of the card; not used, for this figure counts by itself.
    """
    least = float(facts.policy.value("indicator.trainings_per_year"))
    sessions = facts.units["training_count_year"]
    return _share_of_bodies(facts, (sessions >= least).astype(float).where(sessions.notna()), ("ywh",))


def tally_party_members(facts: Facts, basis: Basis) -> Tally:
    """T07a: party members ÷ members, over all committees.

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    basis
        Of the card; not used, for this figure counts by itself.
    """
    units = facts.units
    return build_ratio_of_sums(
        units, units["unit_id"], units["party_member_count"], units["member_count"], scope=units["owners_body"] == "ywh"
    )


def tally_party_majority(facts: Facts, basis: Basis) -> Tally:
    """T07a: committees in which party members reach the policy's share.

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    basis
        Of the card; not used, for this figure counts by itself.
    """
    units = facts.units
    least = float(facts.policy.value("indicator.party_member_share"))
    members = units["member_count"].where(units["member_count"] > 0)
    ratio = units["party_member_count"] / members
    return _share_of_bodies(facts, (ratio >= least).astype(float).where(ratio.notna()), ("ywh",))


def classify_owners_body(units: pd.DataFrame, layers: Layers, policy: Policy) -> pd.DataFrame:
    """Which owners' body each community has (G04), for the map; value 1, 0, or missing.

    Single buildings are not asked for one: not_applicable.

    Parameters
    ----------
    units
        The n units.
    layers
        Other layers of the dataset, by name.
    policy
        Not used.
    """
    joined = join_owners_body(pd.DataFrame(units), layers["owners_bodies"])
    body = joined["owners_body"].astype(object)
    community = (units["kind"] == "community").astype(bool)
    band = body.where(body.isin((*BODIES, "none")), "no_data").where(community, "not_applicable")
    value = has_body(joined).where(community)
    return pd.DataFrame({"band": band, "value": value, "estimated": False}, index=units.index)


def build_owners_body_bands(policy: Policy) -> tuple[Band, ...]:
    """The legend of :func:`classify_owners_body`."""
    return name_bands("owners_body", "ywh", "wgh", "none", "no_data", "not_applicable")


def _share_of_bodies(facts: Facts, hit: pd.Series, bodies: tuple[str, ...]) -> Tally:
    units = facts.units
    scope = units["owners_body"].isin(bodies).to_numpy(dtype=bool)
    return build_row_share(units, units["unit_id"], np.asarray(hit, dtype=float), scope=scope)


OWNERS_BODY_FORMATION = declare("owners_body_formation_rate", tally_formation)
CROSS_APPOINTMENT = declare("cross_appointment_rate", tally_cross_appointed)
PARTY_MEMBERS = declare("committee_party_member_ratio", tally_party_members)
PARTY_MAJORITY = declare("committee_party_majority_rate", tally_party_majority)
TRAINING = declare("committee_training_count", tally_training)
COMMITTEE_PARTY_ORG = declare("committee_party_org_rate", tally_party_org)
SPECIAL_FORMATION = declare("special_owners_body_rate", tally_special_formation)

OWNERS_THEME = Theme(
    key="owners_body",
    indicator_key=OWNERS_BODY_FORMATION.key,
    **say("theme.owners_body")._asdict(),
    bands=build_owners_body_bands,
    classify=classify_owners_body,
)
