"""Charging of electric bicycles: bikes per port, never ports per bike (三(五)25)."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from analysis.figures.facts import Facts
from analysis.figures.figure import Basis, Layers
from analysis.figures.indicator import Band, Tally, Theme
from analysis.figures.joins import join_charging
from analysis.figures.tally import build_ratio_of_sums, build_row_sum, build_unit_rate
from analysis.indicators.catalogue import declare, name_band, name_bands
from analysis.indicators.coverage import is_new
from analysis.policy import Policy
from geo.messages import load_catalogue

say = load_catalogue(__file__)


def tally_bikes_per_port(facts: Facts, basis: Basis) -> Tally:
    """T25a: Σ bikes ÷ Σ ports, over the units of which both are known.

    A ratio of sums, so that a unit with bikes and no port weighs in. Estimated
    stocks are in it and stated so; they never make the target met (R51).

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    basis
        Of the card; not used, for this figure counts by itself.
    """
    return _bikes_per_port(facts, ("registered", "survey", "estimated", None))


def tally_bikes_per_port_registered(facts: Facts, basis: Basis) -> Tally:
    """T25a.registered: as T25a, only units whose bikes are registered (上牌).

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    basis
        Of the card; not used, for this figure counts by itself.
    """
    return _bikes_per_port(facts, ("registered",))


def tally_bikes_per_port_survey(facts: Facts, basis: Basis) -> Tally:
    """T25a.survey: as T25a, only units whose bikes were surveyed (摸排).

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    basis
        Of the card; not used, for this figure counts by itself.
    """
    return _bikes_per_port(facts, ("survey",))


def tally_bikes_per_port_estimated(facts: Facts, basis: Basis) -> Tally:
    """T25a.estimated: as T25a, only units whose bikes are estimated: no claim rests on it.

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    basis
        Of the card; not used, for this figure counts by itself.
    """
    return _bikes_per_port(facts, ("estimated",))


def count_missing_ports(units: pd.DataFrame, bikes_per_port: float) -> pd.Series:
    """Ports each unit lacks: max(0, ⌈bikes ÷ bikes per port⌉ − ports), R50.

    Parameters
    ----------
    units
        n units with bikes and ports.
    bikes_per_port
        The norm, 3.

    Returns
    -------
    Series of n floats, same index; missing where bikes or ports are unknown.

    Examples
    --------
    >>> table = pd.DataFrame({"bikes": [10, 9, 0, None], "ports": [2, 3, 0, 5]})
    >>> count_missing_ports(table, 3).tolist()
    [2.0, 0.0, 0.0, nan]
    """
    needed = np.ceil(units["bikes"] / bikes_per_port - 1e-9)
    return (needed - units["ports"]).clip(lower=0.0) + 0.0  # no −0


def tally_port_gap(facts: Facts, basis: Basis) -> Tally:
    """T25b: ports lacking, unit by unit, then summed: spare ports of one do not serve another.

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    basis
        Of the card; not used, for this figure counts by itself.
    """
    units = facts.units
    gap = count_missing_ports(units, float(facts.policy.value("ebike.bikes_per_port")))
    return build_row_sum(units, units["unit_id"], gap, guessed=units["bikes_estimated"], unit="ports")


def tally_ports_enough(facts: Facts, basis: Basis) -> Tally:
    """T25c: units with ports enough, of those whose bikes are counted, not estimated (R51).

    A unit without bikes needs no port.

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    basis
        What a unit counts for: 1, its households or its floor area.
    """
    units = facts.units
    gap = count_missing_ports(units, float(facts.policy.value("ebike.bikes_per_port")))
    known = gap.notna() & ~units["bikes_estimated"].fillna(True).astype(bool)
    return build_unit_rate(units, basis, scope=np.ones(len(units), dtype=bool), known=known, hit=gap == 0)


def tally_bays_ready(facts: Facts, basis: Basis) -> Tally:
    """T25d: fixed bays with a charger built or reserved ÷ fixed bays, new communities only.

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    basis
        Of the card; not used, for this figure counts by itself.
    """
    bays = facts.parking
    ready = bays["ev_bays_built"].astype("Float64") + bays["ev_bays_reserved"].astype("Float64")
    fixed = bays["bays_fixed"].astype("Float64").astype("float64")
    return build_ratio_of_sums(
        bays, bays["unit_id"], np.minimum(ready.astype("float64"), fixed), fixed, scope=is_new(bays, facts.policy).ne(0)
    )


def tally_parking_gap(facts: Facts, basis: Basis) -> Tally:
    """T22: registered cars beyond the bays there are, unit by unit, then summed.

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    basis
        Of the card; not used, for this figure counts by itself.
    """
    bays = facts.parking
    supply = bays["bays_fixed"].astype("Float64") + bays["bays_public"].astype("Float64")
    gap = (bays["cars_registered"].astype("Float64") - supply).astype("float64").clip(lower=0.0)
    return build_row_sum(bays, bays["unit_id"], gap, unit="bays")


def _bikes_per_port(facts: Facts, methods: tuple[str | None, ...]) -> Tally:
    units = facts.units
    method = units["bike_method"].astype(object).where(units["bike_method"].notna(), None)
    scope = np.ones(len(units), bool) if None in methods else method.isin(methods)
    return build_ratio_of_sums(
        units,
        units["unit_id"],
        units["bikes"],
        units["ports"],
        scope=scope,
        guessed=units["bikes_estimated"],
        unit="bikes/port",
    )


def classify_bikes_per_port(units: pd.DataFrame, layers: Layers, policy: Policy) -> pd.DataFrame:
    """The band of each unit: ok, mid, high, no_ports, no_data; value = bikes per port.

    A bound belongs to the better band: 3.0 is ok, 5.0 is mid.

    Parameters
    ----------
    units
        The n units.
    layers
        Other layers of the dataset, by name.
    policy
        The policy in force.
    """
    table = join_charging(units, layers)
    good, fair = (float(bound) for bound in policy.value("ebike.bands"))
    ratio = table["bikes"] / table["ports"].where(table["ports"] > 0)
    band = np.select(
        [table["bikes"].isna() | table["ports"].isna(), table["ports"] == 0, ratio <= good, ratio <= fair],
        ["no_data", "no_ports", "ok", "mid"],
        default="high",
    )
    return pd.DataFrame({"band": band, "value": ratio, "estimated": table["bikes_estimated"]}, index=units.index)


def build_charging_bands(policy: Policy) -> tuple[Band, ...]:
    """The legend of :func:`classify_bikes_per_port`, with the policy's bounds.

    Examples
    --------
    >>> from analysis.policy import read_policy
    >>> [band.zh for band in build_charging_bands(read_policy())]
    ['≤ 3', '3–5', '> 5', '无端口', '无数据']
    """
    good, fair = (f"{float(bound):g}" for bound in policy.value("ebike.bands"))
    return (
        Band("ok", f"≤ {good}", f"≤ {good}"),
        Band("mid", f"{good}–{fair}", f"{good}–{fair}"),
        Band("high", f"> {fair}", f"> {fair}"),
        name_band("ebike_ports", "no_ports"),
        name_band("ebike_ports", "no_data"),
    )


GAP_BOUNDS = (10, 30, 100)
"""Where the classes of lacking ports begin, above the one that begins with a single port."""


def classify_port_gap(units: pd.DataFrame, layers: Layers, policy: Policy) -> pd.DataFrame:
    """Ports each unit lacks (T25b), for the map; value = ports, missing where not known.

    "enough" is a gap of zero; the other classes are those of :data:`GAP_BOUNDS`.

    Parameters
    ----------
    units
        The n units.
    layers
        Other layers of the dataset, by name.
    policy
        The policy in force.
    """
    table = join_charging(units, layers)
    gap = count_missing_ports(table, float(policy.value("ebike.bikes_per_port")))
    at = np.searchsorted(GAP_BOUNDS, gap.to_numpy(), side="right")
    band = np.select([gap.isna(), gap == 0], ["no_data", "enough"], [f"c{k}" for k in at])
    return pd.DataFrame({"band": band, "value": gap, "estimated": table["bikes_estimated"]}, index=units.index)


def build_port_gap_bands(policy: Policy) -> tuple[Band, ...]:
    """The legend of :func:`classify_port_gap`.

    Examples
    --------
    >>> from analysis.policy import read_policy
    >>> [band.zh for band in build_port_gap_bands(read_policy())]
    ['不缺', '1–9', '10–29', '30–99', '≥ 100', '无数据']
    """
    starts = (1, *GAP_BOUNDS)
    spans = [f"{a}–{b - 1}" for a, b in pairwise(starts)] + [f"≥ {starts[-1]}"]
    return (
        name_band("port_gap", "enough"),
        *(Band(f"c{number}", span, span) for number, span in enumerate(spans)),
        name_band("port_gap", "no_data"),
    )


def classify_port_need(units: pd.DataFrame, layers: Layers, policy: Policy) -> pd.DataFrame:
    """Whether each unit lacks ports at all, as ground for candidate places; value = ports.

    Parameters
    ----------
    units
        The n units.
    layers
        Other layers of the dataset, by name.
    policy
        The policy in force.
    """
    table = classify_port_gap(units, layers, policy)
    lacking = ~table["band"].isin(("enough", "no_data"))
    return table.assign(band=table["band"].mask(lacking, "lacking"))


def build_port_need_bands(policy: Policy) -> tuple[Band, ...]:
    """The legend of :func:`classify_port_need`."""
    return name_bands("siting", "lacking", "enough", "no_data")


BIKES_PER_PORT = declare("ebike_port_ratio", tally_bikes_per_port)
BIKES_PER_PORT_BY_METHOD = tuple(
    declare(f"ebike_port_ratio_{method}", tally)
    for method, tally in (
        ("registered", tally_bikes_per_port_registered),
        ("survey", tally_bikes_per_port_survey),
        ("estimated", tally_bikes_per_port_estimated),
    )
)
PORT_GAP = declare("ebike_port_gap", tally_port_gap)
PORTS_ENOUGH = declare("ebike_ratio_pass_rate", tally_ports_enough)
BAYS_READY = declare("ev_fixed_bay_ready_rate", tally_bays_ready)
PARKING_GAP = declare("parking_gap", tally_parking_gap)

CHARGING_THEME = Theme(
    key="ebike_ports",
    indicator_key=BIKES_PER_PORT.key,
    **say("theme.ebike_ports")._asdict(),
    bands=build_charging_bands,
    classify=classify_bikes_per_port,
    step=0.1,
    kept=("no_ports", "no_data"),
)
PORT_GAP_THEME = Theme(
    key="port_gap",
    indicator_key=PORT_GAP.key,
    **say("theme.port_gap")._asdict(),
    bands=build_port_gap_bands,
    classify=classify_port_gap,
    step=1.0,
    kept=("enough", "no_data"),
)
SITING_THEME = Theme(
    key="siting",
    indicator_key=None,
    **say("theme.siting")._asdict(),
    bands=build_port_need_bands,
    classify=classify_port_need,
)
