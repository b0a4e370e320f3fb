"""What other tables know of each unit, joined to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from analysis.figures.figure import CITY_CODE, Layers
from geo.admin.place_codes import is_from_name

PLACE_COLUMNS = ("district_code", "street_code", "neighbourhood_code")
_FROZEN_COLUMNS = (
    "unit_id",
    "kind",
    *PLACE_COLUMNS,
    "households",
    "floor_area_m2",
    "households_quality",
    "floor_area_m2_quality",
    "built_year",
    "built_year_from",
    "built_year_to",
    "built_year_quality",
    "is_old",
    "community_type",
    "special_type",
)


def count_bikes_and_ports(units: pd.DataFrame, ebike_stock: pd.DataFrame, ebike_sites: pd.DataFrame) -> pd.DataFrame:
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
    DataFrame with the index of `units`: bikes, ports (float, missing = unknown), method
    (how the bikes were counted) and estimated (bool: the stock is an estimate, R51).
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
            "method": ids.map(stock["method"]).astype(object),
            "estimated": ids.map(stock["method"]) == "estimated",
        },
        index=units.index,
    )


def join_charging(units: pd.DataFrame, layers: Layers) -> pd.DataFrame:
    """Units with those of :func:`count_bikes_and_ports`: bikes, ports, bike_method, bikes_estimated.

    Parameters
    ----------
    units
        The n units.
    layers
        Bikes and charging sites, by layer.
    """
    columns = compute_charging_columns(units, layers["ebike_stock"], layers["ebike_sites"])
    return pd.DataFrame(units).assign(**columns)


def compute_charging_columns(
    units: pd.DataFrame, ebike_stock: pd.DataFrame, ebike_sites: pd.DataFrame
) -> dict[str, pd.Series]:
    """What :func:`join_charging` adds, by column; it depends on the ids of the units alone.

    Parameters
    ----------
    units
        The n units.
    ebike_stock
        Bikes of units, as counted or reported.
    ebike_sites
        Charging sites with their ports.
    """
    table = count_bikes_and_ports(units, ebike_stock, ebike_sites)
    names = {"estimated": "bikes_estimated", "method": "bike_method"}
    return {names.get(str(name), str(name)): table[name] for name in table}


def fill_district_names(units: pd.DataFrame, communities: pd.DataFrame) -> pd.DataFrame:
    """Units recognised by the name of their district where a city has no district codes at all.

    With a single code there, names stay out: a district must not be counted under two keys.

    Parameters
    ----------
    units
        The n units.
    communities
        With the names next to them.
    """
    if units["district_code"].notna().any():
        return units
    names = communities.drop_duplicates("unit_id").set_index("unit_id")["district_name"]
    return units.assign(district_code=units["unit_id"].map(names).astype("str"))


def join_owners_body(units: pd.DataFrame, bodies: pd.DataFrame) -> pd.DataFrame:
    """Units with what is known of their owners' body.

    The register of owners' bodies wins over the column of the ledger.

    Parameters
    ----------
    units
        The n units.
    bodies
        The register of owners' bodies.

    Returns
    -------
    Units with owners_body ("ywh", "wgh", "none" or missing), member_count, party_member_count (float),
    has_party_org, cross_appointed (float 0/1), training_count_year (float).
    """
    table = bodies.drop_duplicates("unit_id")
    at = pd.Index(table["unit_id"]).get_indexer(pd.Index(units["unit_id"]))
    there = pd.Series(at >= 0, index=units.index)

    def of_unit(name: str, dtype: Any) -> pd.Series:
        values = table[name].astype(dtype).to_numpy()
        picked = values[np.maximum(at, 0)] if len(values) else np.full(len(at), np.nan, dtype)
        return pd.Series(picked, index=units.index).where(there)

    body = of_unit("body_type", object)
    ledger = units["owners_body"].astype(object)
    numbers = {
        name: of_unit(name, "float64")
        for name in ("member_count", "party_member_count", "training_count_year", "has_party_org", "cross_appointed")
    }
    return units.assign(owners_body=body.where(body.notna(), ledger), **numbers)


def join_areas(units: pd.DataFrame, plan: Mapping[str, Any] | None) -> pd.DataFrame:
    """Units with in_area, served_by_plan and area_operates (float 0/1, missing = nobody says).

    A proposal alone operates nowhere; an area counts as operating only when its record says
    `"status": "operating"` (R63).

    Parameters
    ----------
    units
        The n units.
    plan
        The document; None without one.
    """
    if plan is None:
        return units.assign(in_area=np.nan, served_by_plan=np.nan, area_operates=np.nan)
    status = {unit: area.get("status") for area in plan["areas"] for unit in area["unit_ids"]}
    of_unit = units["unit_id"].map(status).astype(object)
    is_reported = any(value is not None for value in status.values())
    operates = (of_unit == "operating").astype("float64") if is_reported else np.nan
    served = [unit for area in plan["areas"] for unit in list_served_units(area)]
    return units.assign(
        in_area=units["unit_id"].isin(list(status)).astype("float64"),
        served_by_plan=units["unit_id"].isin(served).astype("float64"),
        area_operates=operates,
    )


def list_served_units(area: Mapping[str, Any]) -> list[str]:
    """Units to which an area brings professional management once it operates: all of it, or those led in it.

    Where leaders are named inside an area (mode "area"), a unit that nobody leads gets nothing by it, and a
    managed member keeps what it has.

    Parameters
    ----------
    area
        An entry of the plan's `areas`.

    Examples
    --------
    >>> list_served_units({"unit_ids": ["a", "b"]})
    ['a', 'b']
    >>> list_served_units({"unit_ids": ["a", "b", "c"], "led": {"b": "a"}})
    ['b']
    """
    return list(area.get("led", area["unit_ids"]))


def align_to_roster(units: pd.DataFrame, roster: pd.DataFrame, shapes: pd.DataFrame) -> pd.DataFrame:
    """The rows of a frozen roster with the present state of what has become of each (R65).

    A row keeps its frozen households, floor area, year and codes; how it is managed comes from the
    unit of the same id, else from the unit that now holds its place. A row whose successor is not
    found is a data gap, never dropped: the denominator cannot shrink.

    Parameters
    ----------
    units
        The current n units as in :attr:`Facts.units`.
    roster
        The frozen layer `units`, m rows.
    shapes
        The current layer `units` with geometry in the metric CRS, or without; same rows as `units`.

    Returns
    -------
    DataFrame of m rows with the columns of `units`.
    """
    found = pd.Index(units["unit_id"]).get_indexer(roster["unit_id"])
    lost = np.flatnonzero(found < 0)
    if len(lost) and "geometry" in roster and "geometry" in shapes:
        found[lost] = _containing_units(roster["geometry"].iloc[lost], shapes["geometry"])
    state = units.take(np.maximum(found, 0)).reset_index(drop=True)
    if (found < 0).any():
        state = state.where(pd.Series(found >= 0), other=np.nan)
    frozen = {name: roster[name].reset_index(drop=True) for name in _FROZEN_COLUMNS if name in roster and name in units}
    for name in PLACE_COLUMNS:  # a code made from names gives way to the real one
        if name in frozen:
            present = state[name].astype("str")
            is_named = frozen[name].map(is_from_name).astype(bool) & present.notna()
            frozen[name] = frozen[name].astype("str").where(~is_named, present)
    return state.assign(**frozen)


def _containing_units(lost: pd.Series, shapes: pd.Series) -> NDArray[np.intp]:
    """Position of the current unit that holds each lost one's point, −1 = none."""
    points = shapely.point_on_surface(np.asarray(lost, dtype=object))
    tree = shapely.STRtree(np.asarray(shapes, dtype=object))
    which, holder = tree.query(points, predicate="within")
    out = np.full(len(points), -1, dtype=np.intp)
    out[which[::-1]] = holder[::-1]
    return out


MONTHS_MONITORED = "monthly_monitoring_done"
"""Key of the indicator that counts approved months (T13e)."""


def list_approved_months(snapshots: pd.DataFrame, reported: pd.DataFrame, districts: Sequence[str]) -> pd.DataFrame:
    """The months that were locked, as reports of T13e: one row a year and place.

    The city has a month when its snapshot is locked; a district has it when it had reported
    anything for the month as well. Districts that never report anything have no row.

    Parameters
    ----------
    snapshots, reported
        The layers `snapshots` and `reported_figures`.
    districts
        Codes of the districts.

    Returns
    -------
    Rows of `reported_figures`; period is the last month, the document names the snapshots.
    """
    locked = snapshots[snapshots["locked"].fillna(False).astype(bool)].drop_duplicates("month", keep="last")
    given = set(zip(reported["admin_code"], reported["period"], strict=True))
    reporting = {code for code, _ in given} & set(districts)
    rows = []
    for year, months in locked.groupby(locked["month"].str.slice(0, 4), sort=True):
        for code in (CITY_CODE, *[d for d in districts if d in reporting]):
            own = [code == CITY_CODE or (code, month) in given for month in months["month"]]
            last = months["month"].max() if any(own) else f"{year}"
            rows.append((code, last, float(sum(own)), ", ".join(months["roster"][own])))
    table = pd.DataFrame(rows, columns=["admin_code", "period", "value", "document_no"])
    blank = reported.iloc[:0].reindex(table.index)
    return blank.assign(**table, indicator_id=MONTHS_MONITORED)
