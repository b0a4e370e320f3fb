"""Single residential buildings nobody manages professionally (三(三)13)."""

from __future__ import annotations

import pandas as pd

from analysis.figures.facts import Facts
from analysis.figures.figure import Basis, Layers
from analysis.figures.indicator import Band, Tally, Theme
from analysis.figures.tally import build_unit_stock
from analysis.indicators.catalogue import declare, name_bands
from analysis.indicators.coverage import is_mode_known, is_professional
from analysis.policy import Policy
from geo.messages import load_catalogue

say = load_catalogue(__file__)


def tally_unmanaged_single_buildings(facts: Facts, basis: Basis) -> Tally:
    """T13c: single buildings of known mode without professional management.

    The denominator is all single buildings of known mode. Those of unknown mode, or without a
    figure on the basis, are shown apart as `unknown_units`: neither managed nor unmanaged.

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    basis
        What a unit counts for: 1, its households or its floor area.
    """
    units = facts.units
    return build_unit_stock(
        units,
        basis,
        scope=units["kind"] == "single_building",
        known=is_mode_known(units),
        hit=~is_professional(units, facts.policy),
    )


def classify_single_buildings(units: pd.DataFrame, layers: Layers, policy: Policy) -> pd.DataFrame:
    """The band of each unit; communities are not_applicable; value 1 = unmanaged, 0 = managed.

    Parameters
    ----------
    units
        The n units.
    layers
        Not used.
    policy
        The policy in force.
    """
    single = (units["kind"] == "single_building").astype(bool)
    known = single & is_mode_known(units)
    professional = is_professional(units, policy)
    band = pd.Series("not_applicable", index=units.index)
    band = band.mask(single, "no_data").mask(known, "unmanaged")
    band = band.mask(known & professional, "managed")
    value = (~professional).astype("float64").where(known)
    return pd.DataFrame({"band": band, "value": value, "estimated": False}, index=units.index)


def build_single_building_bands(policy: Policy) -> tuple[Band, ...]:
    """The legend of :func:`classify_single_buildings`."""
    return name_bands("unmanaged_single_buildings", "unmanaged", "managed", "no_data", "not_applicable")


UNMANAGED_SINGLE_BUILDINGS = declare("unmanaged_single_building_count", tally_unmanaged_single_buildings)

SINGLE_BUILDINGS_THEME = Theme(
    key="unmanaged_single_buildings",
    indicator_key=UNMANAGED_SINGLE_BUILDINGS.key,
    **say("theme.unmanaged_single_buildings")._asdict(),
    bands=build_single_building_bands,
    classify=classify_single_buildings,
)
