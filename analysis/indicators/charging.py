"""Charging of electric bicycles: bikes per port, never ports per bike (三(五)25)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.indicators.figure import (
    Band,
    Basis,
    Indicator,
    Layers,
    Measured,
    Theme,
    empty_columns,
    share,
)
from analysis.policy import Policy


def bikes_and_ports(
    units: pd.DataFrame, ebike_stock: pd.DataFrame, ebike_sites: pd.DataFrame
) -> pd.DataFrame:
    """Electric bicycles and charging ports in service of each unit.

    Ports are counted from the rows of `ebike_sites`, never from piles (R52: 897 piles had 5,540
    ports in Lucheng). A site out of service has none; a site whose state is not recorded is taken
    to be in service. If the ports of one site in service are unknown, the unit's are. A unit
    without any site row is unknown, not zero: a bureau says "none" by a row with 0 ports.

    Parameters
    ----------
    units
        n units, column unit_id.
    ebike_stock, ebike_sites
        Layers of the dataset; may be empty. Sites without unit_id serve no unit (R53 is off).

    Returns
    -------
    DataFrame with the index of `units`: bikes, ports (float, missing = unknown) and estimated
    (bool: the stock is an estimate, R51).
    """
    stock = ebike_stock.dropna(subset=["unit_id"]).drop_duplicates("unit_id").set_index("unit_id")
    sites = ebike_sites.dropna(subset=["unit_id"])
    in_service = sites["in_service"].astype("boolean").fillna(True).astype(bool)
    of_unit = sites["ports"].astype("float64").where(in_service, 0.0).groupby(sites["unit_id"])
    ports = of_unit.sum().where(of_unit.count() == of_unit.size())
    ids = units["unit_id"]
    return pd.DataFrame(
        {
            "bikes": ids.map(stock["ebikes"].astype("float64")).astype("float64"),
            "ports": ids.map(ports).astype("float64"),
            "estimated": ids.map(stock["method"]) == "estimated",
        },
        index=units.index,
    )


def with_charging(units: pd.DataFrame, layers: Layers) -> pd.DataFrame:
    """Units with the columns of :func:`bikes_and_ports`: bikes, ports, bikes_estimated."""
    table = bikes_and_ports(units, layers["ebike_stock"], layers["ebike_sites"])
    return pd.DataFrame(units).join(table.rename(columns={"estimated": "bikes_estimated"}))


def measure_bikes_per_port(
    units: pd.DataFrame, layers: Layers, policy: Policy, basis: Basis, year: int | None
) -> Measured:
    """T25a: Σ bikes ÷ Σ ports, over the units of which both are known.

    A ratio of sums, so that a unit with bikes and no port weighs in (domain.md §8.2). The target
    is the policy's 3 : 1, which the action plan sets without a year.

    Parameters
    ----------
    units
        The n units of one place, with or without the columns of :func:`with_charging`.
    layers
        `ebike_stock` and `ebike_sites`.
    basis, year
        Not used: bikes and ports are what is counted.
    """
    table = units if "ports" in units else with_charging(units, layers)
    known = table["bikes"].notna() & table["ports"].notna()
    bikes = float(table.loc[known, "bikes"].sum())
    ports = float(table.loc[known, "ports"].sum())
    any_known = bool(known.any())
    return Measured(
        value=bikes / ports if ports > 0 else None,
        unit="bikes/port",
        numerator=bikes if any_known else None,
        denominator=ports if any_known else None,
        basis="count",
        target=float(policy.value("ebike.bikes_per_port")),
        completeness=share(int(known.sum()), len(units)),
        missing_columns=(
            *empty_columns(layers["ebike_stock"], "ebike_stock", ("ebikes",)),
            *empty_columns(layers["ebike_sites"], "ebike_sites", ("ports", "in_service")),
        ),
        unit_ids=tuple(units.loc[known, "unit_id"]),
        unknown_units=int((~known).sum()),
        estimated_share=share(int(table.loc[known, "bikes_estimated"].sum()), int(known.sum())),
    )


def classify_bikes_per_port(units: pd.DataFrame, layers: Layers, policy: Policy) -> pd.DataFrame:
    """The band of each unit: ok, mid, high, no_ports, no_data; value = bikes per port.

    A bound belongs to the better band: 3.0 is ok, 5.0 is mid.
    """
    table = with_charging(units, layers)
    good, fair = (float(bound) for bound in policy.value("ebike.bands"))
    ratio = table["bikes"] / table["ports"].where(table["ports"] > 0)
    band = np.select(
        [
            table["bikes"].isna() | table["ports"].isna(),
            table["ports"] == 0,
            ratio <= good,
            ratio <= fair,
        ],
        ["no_data", "no_ports", "ok", "mid"],
        default="high",
    )
    return pd.DataFrame(
        {"band": band, "value": ratio, "estimated": table["bikes_estimated"]}, index=units.index
    )


def charging_bands(policy: Policy) -> tuple[Band, ...]:
    """The legend of :func:`classify_bikes_per_port`, with the policy's bounds.

    Examples
    --------
    >>> from analysis.policy import read_policy
    >>> [band.zh for band in charging_bands(read_policy())]
    ['≤ 3', '3–5', '> 5', '无端口', '无数据']
    """
    good, fair = (f"{float(bound):g}" for bound in policy.value("ebike.bands"))
    return (
        Band("ok", f"≤ {good}", f"≤ {good}"),
        Band("mid", f"{good}–{fair}", f"{good}–{fair}"),
        Band("high", f"> {fair}", f"> {fair}"),
        Band("no_ports", "无端口", "No ports"),
        Band("no_data", "无数据", "No data"),
    )


BIKES_PER_PORT = Indicator(
    id="T25a",
    key="ebike_port_ratio",
    name_zh="电动自行车充电设施比例 (车:端口)",
    name_en="Electric bicycles per charging port",
    formula="Σ bikes / Σ ports in service, units of which both are known",
    unit="bikes/port",
    clause="三(五)25",
    version="1",
    better="lower",
    compute=measure_bikes_per_port,
)

CHARGING_THEME = Theme(
    key="ebike_ports",
    indicator_key=BIKES_PER_PORT.key,
    zh="电动自行车充电比 (车:端口)",
    en="Electric bicycles per port",
    bands=charging_bands,
    classify=classify_bikes_per_port,
)
