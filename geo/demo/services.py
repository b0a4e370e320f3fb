"""Tables and layers next to the ledger: contracts, owners' bodies, charging, parking, open ground, posts."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.demo.people import COMPANY_MODES, People, draw_between, draw_by_kind, mask_values
from geo.demo.spec import DATA_DATE, METRIC_CRS

_BIKES = {"old": (0.35, 0.8), "soe": (0.35, 0.75), "mid": (0.3, 0.65), "new": (0.2, 0.5)}
_CHARGING = {
    "old": {"ok": 0.26, "fair": 0.24, "poor": 0.20, "zero": 0.19, "no_row": 0.11},
    "soe": {"ok": 0.24, "fair": 0.22, "poor": 0.22, "zero": 0.19, "no_row": 0.13},
    "mid": {"ok": 0.46, "fair": 0.27, "poor": 0.13, "zero": 0.07, "no_row": 0.07},
    "new": {"ok": 0.66, "fair": 0.20, "poor": 0.06, "zero": 0.02, "no_row": 0.06},
}
_RATIO = {"ok": (1.6, 3.0), "fair": (3.0, 5.0), "poor": (5.0, 12.0), "zero": (1.0, 1.0), "no_row": (1.0, 1.0)}
_OPERATORS = ("云岭充电", "禾充科技", "岚能新能源", "社区自建")
_FIXED_BAYS = {"old": (0.0, 0.1), "soe": (0.0, 0.12), "mid": (0.25, 0.6), "new": (0.75, 1.15)}
_PUBLIC_BAYS = {"old": (0.1, 0.35), "soe": (0.1, 0.35), "mid": (0.1, 0.3), "new": (0.05, 0.15)}


@dataclass(frozen=True, eq=False)
class ServiceTables:
    """One frame for each table, with the names of `geo.schema` fields; dates are ISO text.

    `ebike_sites` and `service_points` have point geometry, `open_spaces` polygons, in EPSG:4546.
    """

    contracts: pd.DataFrame
    owners_bodies: pd.DataFrame
    ebike_sites: gpd.GeoDataFrame
    ebike_stock: pd.DataFrame
    parking: pd.DataFrame
    reported_figures: pd.DataFrame
    open_spaces: gpd.GeoDataFrame
    service_points: gpd.GeoDataFrame


def generate_services(people: People, rng: np.random.Generator) -> ServiceTables:
    """Write the tables a bureau keeps next to its ledger of communities.

    Parameters
    ----------
    people
        Communities, buildings and companies.
    rng
        Where every choice comes from.
    """
    communities = people.communities
    households = _count_households(people)
    stock = _ebike_stock(communities, households, rng)
    (own,) = rng.spawn(1)  # what came later changes nothing that was there before
    return ServiceTables(
        contracts=_contracts(communities, rng),
        owners_bodies=_owners_bodies(communities, rng),
        ebike_sites=_ebike_sites(communities, stock["ebikes"].to_numpy(), rng),
        ebike_stock=stock[rng.random(len(stock)) > 0.08].reset_index(drop=True),
        parking=_parking(communities, households, rng),
        reported_figures=_reported_figures(people),
        open_spaces=generate_open_spaces(people, own),
        service_points=generate_service_points(people, own),
    )


def _count_households(people: People) -> NDArray[np.float64]:
    homes = people.buildings[people.buildings["role"] == "home"]
    sums = homes.groupby("community")["households"].sum()
    return sums.reindex(range(len(people.communities))).to_numpy(float)


def _contracts(communities: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """One contract a managed community; some run out within a year, a few are overdue or lost."""
    rows = communities[communities["management_mode"].isin(COMPANY_MODES)]
    rows = rows[rng.random(len(rows)) > 0.04].reset_index(drop=True)
    n = len(rows)
    months_left = np.where(rng.random(n) < 0.72, rng.integers(13, 58, n), rng.integers(1, 12, n))
    months_left = np.where(rng.random(n) < 0.04, -rng.integers(1, 20, n), months_left)
    years = rng.choice([2, 3, 3, 3, 5], n)
    end = [_month_end(int(k)) for k in months_left]
    start = [_month_start(int(k) - 12 * int(y)) for k, y in zip(months_left, years, strict=True)]
    return pd.DataFrame(
        {
            "contract_id": [f"YL{date[:4]}-{k + 1:05d}" for k, date in enumerate(start)],
            "unit_id": rows["unit_id"],
            "name": rows["name"],
            "company_id": rows["company_id"],
            "company_name": rows["company_name"],
            "start_date": start,
            "end_date": end,
            "filed": rng.random(n) < 0.87,
            "fee_yuan_m2_month": rows["fee_yuan_m2_month"],
        }
    )


def _month_end(months: int) -> str:
    """The last day of the month so many months after the data date.

    Examples
    --------
    >>> _month_end(8), _month_end(-1)
    ('2027-02-28', '2026-05-31')
    """
    return str((pd.Period(DATA_DATE[:7], freq="M") + months).end_time.date())


def _month_start(months: int) -> str:
    """The first day after :func:`_month_end`."""
    return str((pd.Period(DATA_DATE[:7], freq="M") + months + 1).start_time.date())


def _owners_bodies(communities: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    rows = communities[["unit_id", "name", "owners_body", "built_year"]].reset_index(drop=True)
    n = len(rows)
    formed = (rows["owners_body"] != "none").to_numpy()
    first = np.maximum(rows["built_year"].fillna(2010).to_numpy() + 1, 2012).astype(int)
    year = np.minimum(rng.integers(first, 2026, n, endpoint=True), 2025)
    members = rng.choice([5, 5, 7, 7, 9, 11], n)
    party = rng.binomial(members, 0.55)
    return pd.DataFrame(
        {
            "unit_id": rows["unit_id"],
            "name": rows["name"],
            "body_type": rows["owners_body"],
            "established_date": _dates(year, rng, formed),
            "member_count": np.where(formed, members, np.nan),
            "party_member_count": np.where(formed & (rng.random(n) > 0.05), party, np.nan),
            "has_party_org": mask_values(formed, party >= 3),
        }
    )


def _dates(year: NDArray[np.int64], rng: np.random.Generator, known: NDArray[np.bool_]) -> NDArray[np.object_]:
    month, day = rng.integers(1, 13, len(year)), rng.integers(1, 29, len(year))
    text = [f"{y}-{m:02d}-{d:02d}" for y, m, d in zip(year, month, day, strict=True)]
    return mask_values(known, text)


def _ebike_stock(communities: pd.DataFrame, households: NDArray[np.float64], rng: np.random.Generator) -> pd.DataFrame:
    share = draw_between(np.array([_BIKES[kind] for kind in communities["character"]]), rng, 3)
    n = len(communities)
    registered = rng.random(n) < 0.6
    return pd.DataFrame(
        {
            "unit_id": communities["unit_id"],
            "name": communities["name"],
            "ebikes": np.rint(households * share).astype(int),
            "method": np.where(registered, "registered", "survey"),
            "counted_date": np.where(registered, DATA_DATE, "2026-05-31"),
        }
    )


def _ebike_sites(communities: pd.DataFrame, ebikes: NDArray[np.int64], rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Sites along the inside of walls; "none" is a row with 0 ports, "not known" is no row."""
    state = draw_by_kind(communities["character"], _CHARGING, rng)
    ratio = draw_between(np.array([_RATIO[s] for s in state]), rng, 3)
    ports = np.maximum(np.rint(ebikes / ratio), 4).astype(int)
    ports = np.where(state == "ok", np.ceil(ebikes / ratio).astype(int), ports)
    count = np.clip(ports // 60 + 1, 1, 6)
    count = np.where(state == "zero", 1, np.where(state == "no_row", 0, count))
    owner = np.repeat(np.arange(len(communities)), count)
    rank = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    own = ports[owner] // count[owner] + (rank < ports[owner] % count[owner])
    own = np.where(state[owner] == "zero", 0, own)
    per_pile = rng.choice([2, 5, 10, 10, 20], len(owner))
    rows = communities.iloc[owner].reset_index(drop=True)
    table = pd.DataFrame(
        {
            "site_id": rows["unit_id"] + "E" + pd.Series(rank + 1).map("{:02d}".format),
            "unit_id": rows["unit_id"],
            "name": rows["name"],
            "ports": own,
            "piles": np.ceil(own / per_pile).astype(int),
            "in_service": rng.random(len(owner)) > 0.03,
            "operator": np.array(_OPERATORS, dtype=object)[rng.integers(4, size=len(owner))],
        }
    )
    inner = shapely.buffer(rows["geometry"].to_numpy(), -2.5, join_style="mitre")
    ring = shapely.get_exterior_ring(inner)
    share = (rng.random(len(owner)) + rank / np.maximum(count[owner], 1)) % 1.0
    points = shapely.line_interpolate_point(ring, share, normalized=True)
    return gpd.GeoDataFrame(table, geometry=points, crs=METRIC_CRS)


def _parking(communities: pd.DataFrame, households: NDArray[np.float64], rng: np.random.Generator) -> pd.DataFrame:
    kind = communities["character"].to_numpy()
    n = len(communities)
    fixed = np.rint(households * draw_between(np.array([_FIXED_BAYS[k] for k in kind]), rng, 3))
    public = np.rint(households * draw_between(np.array([_PUBLIC_BAYS[k] for k in kind]), rng, 3))
    cars = np.rint(households * np.where(kind == "new", rng.uniform(0.6, 1.0, n), rng.uniform(0.25, 0.7, n)))
    built = np.rint(fixed * np.where(kind == "new", rng.uniform(0.05, 0.4, n), rng.uniform(0, 0.05, n)))
    ready = np.where((kind == "new") & (rng.random(n) < 0.75), fixed - built, np.rint((fixed - built) * 0.4))
    table = pd.DataFrame(
        {
            "unit_id": communities["unit_id"],
            "name": communities["name"],
            "bays_fixed": fixed,
            "bays_public": public,
            "cars_registered": np.where(rng.random(n) < 0.06, np.nan, cars),
            "ev_bays_built": built,
            "ev_bays_reserved": np.where(kind == "new", ready, np.nan),
        }
    )
    return table[rng.random(n) > 0.05].reset_index(drop=True)


def _reported_figures(people: People) -> pd.DataFrame:
    """What districts reported for 2026-06, and the city's sum; one district counted too many.

    The second district reports more professionally managed communities than its ledger holds:
    a difference the reconciliation is there to find.
    """
    communities = people.communities
    rows: list[dict[str, object]] = []
    districts = sorted(communities["district_code"].unique())
    for number, code in enumerate(districts):
        own = communities[communities["district_code"] == code]
        extra = max(2, len(own) // 100) if number == 1 else 0
        for indicator, numerator in (
            ("G03", int((~own["management_mode"].isin(("none", "unknown"))).sum())),
            ("G04", int((own["owners_body"] != "none").sum())),
            ("G05", int(own["management_mode"].isin(("professional", "standard_grade")).sum()) + extra),
        ):
            rows.append(
                {
                    "indicator_id": indicator,
                    "admin_code": code,
                    "numerator": numerator,
                    "denominator": len(own),
                    "document_no": f"{code}物报〔2026〕{number + 7}号",
                }
            )
    table = pd.DataFrame(rows)
    city = table.groupby("indicator_id", as_index=False)[["numerator", "denominator"]].sum()
    city = city.assign(admin_code=f"{districts[0][:4]}00", document_no="云住建报〔2026〕31号")
    table = pd.concat([table, city], ignore_index=True)
    return table.assign(period=DATA_DATE[:7], value=(table["numerator"] / table["denominator"]).round(4))


_TRIES = 10


_CLEAR_M = 2.0


_WITH_GROUND = {"old": 0.45, "soe": 0.5, "mid": 0.65, "new": 0.8}


_KINDS = {
    "old": {"vacant": 0.4, "parking": 0.3, "green": 0.15, "playground": 0.15},
    "soe": {"vacant": 0.4, "parking": 0.25, "green": 0.2, "playground": 0.15},
    "mid": {"vacant": 0.15, "parking": 0.3, "plaza": 0.2, "green": 0.2, "playground": 0.15},
    "new": {"vacant": 0.05, "parking": 0.2, "plaza": 0.3, "green": 0.25, "playground": 0.2},
}


_GROUND_NAMES = {"vacant": "空地", "parking": "停车场", "plaza": "小广场", "green": "绿地", "playground": "健身场地"}


_POINT_NAMES = {
    "shop": "便民店",
    "repair_station": "维修站",
    "party_centre": "党群服务站",
    "property_office": "物业服务用房",
    "cleaning_room": "保洁班房",
}


_PER_COMMUNITY = {"shop": 0.14, "repair_station": 0.07, "cleaning_room": 0.10}


def generate_open_spaces(people: People, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """At most one piece of open ground in a community, clear of its buildings.

    Parameters
    ----------
    people
        Communities with `geometry` and `character`; buildings with `geometry`.
    rng
        Where every choice comes from.

    Returns
    -------
    k rows: space_id, unit_id, name, kind, area_m2 (as surveyed, whole m²), geometry (rectangles in
    EPSG:4546).
    """
    communities = people.communities
    n = len(communities)
    walls = np.asarray(people.buildings["geometry"], dtype=object)
    tree = shapely.STRtree(walls)
    outlines = np.asarray(communities["geometry"], dtype=object)
    shapes = np.full(n, None, dtype=object)
    wanted = rng.random(n) < np.array([_WITH_GROUND[kind] for kind in communities["character"]])
    for _ in range(_TRIES):
        tried = _rectangles(outlines, rng)
        inside = shapely.contains_properly(shapely.buffer(outlines, -_CLEAR_M), tried)
        hit = tree.query(tried, predicate="dwithin", distance=_CLEAR_M)[0]
        fits = wanted & inside & shapely.is_missing(shapes)
        fits[hit] = False
        shapes[fits] = tried[fits]
    found = np.flatnonzero(~shapely.is_missing(shapes))
    rows = communities.iloc[found].reset_index(drop=True)
    kinds = draw_by_kind(communities["character"], _KINDS, rng)[found]
    return gpd.GeoDataFrame(
        {
            "space_id": rows["unit_id"] + "K01",
            "unit_id": rows["unit_id"],
            "name": rows["name"] + pd.Series(kinds).map(_GROUND_NAMES),
            "kind": kinds,
            "area_m2": np.round(shapely.area(shapes[found])),
        },
        geometry=shapes[found],
        crs=METRIC_CRS,
    )


def generate_service_points(people: People, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Shops, repair stations, rooms of cleaners and of property companies, and party centres.

    Every neighbourhood has one party centre, every professionally managed community an office; the
    others are drawn. One in ten shops stands by the road and names no community.

    Parameters
    ----------
    people
        Communities with `geometry`, `neighbourhood_code` and `management_mode`.
    rng
        Where every choice comes from.

    Returns
    -------
    k rows: point_id, unit_id, name, kind, company_name, geometry (points in EPSG:4546).
    """
    communities = people.communities.reset_index(drop=True)
    n = len(communities)
    chosen = {kind: np.flatnonzero(rng.random(n) < share) for kind, share in _PER_COMMUNITY.items()}
    chosen["party_centre"] = communities.groupby("neighbourhood_code").head(1).index.to_numpy()
    chosen["property_office"] = np.flatnonzero(communities["management_mode"].eq("professional"))
    owner = np.concatenate(list(chosen.values()))
    kind = np.repeat(list(chosen), [len(rows) for rows in chosen.values()])
    rows = communities.iloc[owner].reset_index(drop=True)
    outside = (kind == "shop") & (rng.random(len(owner)) < 0.1)
    margin = np.where(outside, 4.0, -3.0)
    ring = shapely.get_exterior_ring(shapely.buffer(rows["geometry"].to_numpy(), margin, join_style="mitre"))
    points = shapely.line_interpolate_point(ring, rng.random(len(owner)), normalized=True)
    managed = np.isin(kind, ("property_office", "repair_station", "cleaning_room"))
    return gpd.GeoDataFrame(
        {
            "point_id": [f"F{k + 1:05d}" for k in range(len(owner))],
            "unit_id": rows["unit_id"].mask(outside),
            "name": rows["name"] + pd.Series(kind).map(_POINT_NAMES),
            "kind": kind,
            "company_name": rows["company_name"].where(managed),
        },
        geometry=points,
        crs=METRIC_CRS,
    )


def _rectangles(outlines: NDArray[np.object_], rng: np.random.Generator) -> NDArray[np.object_]:
    """A rectangle somewhere in the bounds of each outline."""
    west, south, east, north = shapely.bounds(outlines).T
    n = len(outlines)
    wide, deep = rng.uniform(10.0, 30.0, n), rng.uniform(8.0, 18.0, n)
    x = west + (east - west) * rng.random(n)
    y = south + (north - south) * rng.random(n)
    return np.asarray(shapely.box(x - wide / 2, y - deep / 2, x + wide / 2, y + deep / 2), dtype=object)
