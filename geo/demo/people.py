"""Who lives in the fictional city and who looks after it: figures of communities and buildings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.demo.places import DemoCity
from geo.demo.spec import QUARTERS, CitySpec
from geo.demo.wording import PROPERTY_UNITS, draw_company_names

Weights = Mapping[str, float]

_MODES: dict[str, Weights] = {
    "old": {
        "professional": 0.47,
        "standard_grade": 0.10,
        "quasi": 0.06,
        "basic": 0.06,
        "community_custody": 0.12,
        "owner_self": 0.06,
        "unit_self": 0.05,
        "none": 0.07,
        "unknown": 0.01,
    },
    "soe": {
        "professional": 0.48,
        "standard_grade": 0.08,
        "quasi": 0.07,
        "basic": 0.05,
        "community_custody": 0.08,
        "owner_self": 0.03,
        "unit_self": 0.14,
        "none": 0.04,
        "emergency_only": 0.02,
        "unknown": 0.01,
    },
    "mid": {
        "professional": 0.86,
        "standard_grade": 0.05,
        "quasi": 0.02,
        "community_custody": 0.02,
        "owner_self": 0.03,
        "none": 0.01,
        "unknown": 0.01,
    },
    "new": {"professional": 0.985, "standard_grade": 0.005, "unknown": 0.01},
    "single": {
        "professional": 0.09,
        "standard_grade": 0.03,
        "basic": 0.04,
        "community_custody": 0.24,
        "owner_self": 0.09,
        "unit_self": 0.17,
        "none": 0.32,
        "unknown": 0.02,
    },
}
"""Management modes by quarter; professional coverage of the whole comes to about 70 % by count."""

COMPANY_MODES = ("professional", "standard_grade", "quasi", "basic")
"""Modes in which a company is named."""
_PROFESSIONAL = ("professional", "standard_grade")

_FEES: dict[tuple[str, str], tuple[float, float]] = {
    ("old", "professional"): (0.6, 1.0),
    ("soe", "professional"): (0.5, 0.9),
    ("mid", "professional"): (1.0, 1.8),
    ("new", "professional"): (1.6, 2.8),
}
_PLAIN_FEES = {"standard_grade": (0.6, 0.6), "quasi": (0.4, 0.6), "basic": (0.3, 0.5)}
_COLLECTION = {"old": (0.45, 0.80), "soe": (0.40, 0.75), "mid": (0.72, 0.92), "new": (0.86, 0.98)}
_OWNERS_BODY: dict[str, Weights] = {
    "old": {"ywh": 0.44, "wgh": 0.47, "none": 0.09},
    "soe": {"ywh": 0.30, "wgh": 0.58, "none": 0.12},
    "mid": {"ywh": 0.78, "wgh": 0.18, "none": 0.04},
    "new": {"ywh": 0.80, "wgh": 0.15, "none": 0.05},
}


@dataclass(frozen=True, eq=False)
class People:
    """Figures next to the map, with the names of `geo.schema` fields.

    Parameters
    ----------
    communities
        As `DemoCity.communities` with every fact of the ledger.
    buildings
        As `DemoCity.buildings` with use, households, floor_area_m2, built_year, management_mode,
        property_unit; the last two for single buildings only.
    companies
        The register of companies.
    """

    communities: pd.DataFrame
    buildings: pd.DataFrame
    companies: pd.DataFrame


def generate_people(spec: CitySpec, places: DemoCity, rng: np.random.Generator) -> People:
    """Fill the buildings with households, and give every community its manager and its figures.

    Parameters
    ----------
    spec
        How many companies there are.
    places
        Where everything is.
    rng
        Where every choice comes from.
    """
    communities = pd.DataFrame(places.communities)
    communities["built_year"] = _years(communities["character"], rng)
    buildings = _building_facts(places, communities, rng)
    communities = _sums(communities, buildings)
    communities["land_area_m2"] = shapely.area(communities["geometry"].to_numpy()).round()
    communities["management_mode"] = draw_by_kind(communities["character"], _MODES, rng)
    companies = _companies(spec.companies, rng)
    communities["company_id"] = _assign_companies(communities, companies, rng)
    name_of = companies.set_index("company_id")["name"]
    communities["company_name"] = communities["company_id"].map(name_of)
    communities = _governance(communities, rng)
    communities = _blank_some(communities, rng)
    return People(communities, buildings, _company_figures(companies, communities, rng))


def draw_by_kind(
    kinds: Sequence[str] | pd.Series | NDArray[Any], weights: Mapping[str, Weights], rng: np.random.Generator
) -> NDArray[np.object_]:
    """Draw one key for each row with the weights of its kind.

    Parameters
    ----------
    kinds
        n kinds.
    weights
        Keys and their weights, by kind.
    rng
        The only source of randomness.

    Examples
    --------
    >>> draw_by_kind(["a", "b"], {"a": {"x": 1.0}, "b": {"y": 1.0}}, np.random.default_rng(0)).tolist()
    ['x', 'y']
    """
    draw = rng.random(len(kinds))
    values = np.asarray(kinds, dtype=object)
    out = np.empty(len(values), dtype=object)
    for kind, table in weights.items():
        at = np.flatnonzero(values == kind)
        edges = np.cumsum(list(table.values()))
        keys = np.array(list(table), dtype=object)
        out[at] = keys[np.searchsorted(edges / edges[-1], draw[at], side="right")]
    return out


def mask_values(mask: NDArray[np.bool_], values: object) -> NDArray[np.object_]:
    """Values where the mask is true, None elsewhere.

    Parameters
    ----------
    mask
        (n,) which values are kept.
    values
        One value for all, or (n,).

    Examples
    --------
    >>> mask_values(np.array([True, False]), ["a", "b"]).tolist()
    ['a', None]
    """
    out = np.full(len(mask), None, dtype=object)
    out[mask] = np.broadcast_to(np.asarray(values, dtype=object), len(mask))[mask]
    return out


def draw_between(ranges: NDArray[np.float64], rng: np.random.Generator, digits: int = 2) -> NDArray[np.float64]:
    """Uniform numbers between the two columns of (n, 2) ranges, rounded; NaN stays NaN.

    Parameters
    ----------
    ranges
        (n, 2) lowest and highest number.
    rng
        The only source of randomness.
    digits
        Decimals that are kept.
    """
    low, high = ranges[:, 0], ranges[:, 1]
    return np.asarray(np.round(low + (high - low) * rng.random(len(ranges)), digits))


def _years(character: pd.Series, rng: np.random.Generator) -> NDArray[np.int64]:
    spans = np.array([QUARTERS[kind].years for kind in character])
    return np.asarray(rng.integers(spans[:, 0], spans[:, 1] + 1), dtype=np.int64)


def _building_facts(places: DemoCity, communities: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Floor area from footprint and storeys; households from floor area."""
    buildings = pd.DataFrame(places.buildings)
    owner = buildings["community"].to_numpy()
    role = buildings["role"].to_numpy()
    home, single = role == "home", role == "single"
    dwelling = home | single
    area = shapely.area(buildings["geometry"].to_numpy()) * buildings["floors_above"]
    per_household = np.array([QUARTERS[kind].m2_per_household for kind in communities["character"]])
    m2 = np.where(single, rng.uniform(60, 80, len(owner)), draw_between(per_household, rng)[owner])
    year = communities["built_year"].to_numpy()[owner] + np.where(
        rng.random(len(owner)) < 0.25, rng.integers(0, 4, len(owner)), 0
    )
    year = np.where(single, rng.integers(1975, 2004, len(owner)), np.minimum(year, 2025))
    buildings["floor_area_m2"] = area.round(1)
    buildings["households"] = np.where(dwelling, np.maximum(np.rint(area / m2), 2), np.nan)
    buildings["built_year"] = np.where(dwelling, year, np.nan)
    shop_front = single & (buildings["site"] == "strip").to_numpy() & (rng.random(len(owner)) < 0.4)
    buildings["use"] = np.select([shop_front, dwelling], ["mixed", "residential"], "non_residential")
    modes = draw_by_kind(["single"] * len(owner), _MODES, rng)
    buildings["management_mode"] = mask_values(single, modes)
    keeper = np.array(PROPERTY_UNITS, dtype=object)[rng.integers(len(PROPERTY_UNITS), size=len(owner))]
    held = single & ((modes == "unit_self") | (rng.random(len(owner)) < 0.45))
    buildings["property_unit"] = mask_values(held, keeper)
    return buildings


def _sums(communities: pd.DataFrame, buildings: pd.DataFrame) -> pd.DataFrame:
    """A community's figures are the sums of its residential buildings."""
    homes = buildings[buildings["role"] == "home"].groupby("community")
    n = len(communities)
    return communities.assign(
        households=homes["households"].sum().reindex(range(n)).to_numpy(),
        floor_area_m2=homes["floor_area_m2"].sum().reindex(range(n)).to_numpy().round(),
        building_count=homes.size().reindex(range(n)).to_numpy(),
        built_year=homes["built_year"].min().reindex(range(n)).to_numpy(),
    )


def _companies(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """The register; large firms come first and tend to be rated better."""
    shares = {"AAA": 0.015, "AA": 0.085, "A": 0.44, "B": 0.20, "C": 0.06, "unrated": 0.20}
    ratings = np.repeat(list(shares), np.maximum(np.rint(np.array(list(shares.values())) * n), 0).astype(int))
    ratings = np.concatenate([ratings, np.repeat("A", max(n - len(ratings), 0))])[:n]
    order = np.argsort(np.arange(n) / n + rng.normal(0, 0.28, n), kind="stable")
    rating = np.empty(n, dtype=object)
    rating[order] = sorted(ratings, key=["AAA", "AA", "A", "B", "C", "unrated"].index)
    weak = np.flatnonzero(np.isin(rating, ("C", "unrated", "B")))
    blacklisted = np.zeros(n, dtype=bool)
    blacklisted[weak[-(2 if n > 60 else 1) :]] = True
    return pd.DataFrame(
        {
            "company_id": [f"QY{k + 1:04d}" for k in range(n)],
            "name": draw_company_names(n, rng),
            "uscc": [make_credit_code(int(number)) for number in rng.integers(10**8, size=n)],
            "credit_rating": rating,
            "blacklisted": blacklisted,
        }
    )


_CODE_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def make_credit_code(number: int) -> str:
    """A well-formed 统一社会信用代码 (GB 32100) of the district 159901, which does not exist.

    Parameters
    ----------
    number
        0 to 99,999,999: the serial part.

    Examples
    --------
    >>> make_credit_code(12345678)
    '91159901123456788J'
    """
    serial = f"{number:08d}"
    check = (11 - sum(int(d) * w for d, w in zip(serial, (3, 7, 9, 10, 5, 8, 4, 2), strict=True)) % 11) % 11
    body = f"91159901{serial}{'X' if check == 10 else check}"
    weights = [pow(3, k, 31) for k in range(17)]
    total = sum(_CODE_LETTERS.index(c) * w for c, w in zip(body, weights, strict=True))
    return body + _CODE_LETTERS[(31 - total % 31) % 31]


def _assign_companies(
    communities: pd.DataFrame, companies: pd.DataFrame, rng: np.random.Generator
) -> NDArray[np.object_]:
    """Large firms have more projects; each firm works mostly in one or two districts."""
    n = len(companies)
    size = 1.0 / np.arange(2, n + 2) ** 0.75
    out = np.full(len(communities), None, dtype=object)
    has = np.isin(communities["management_mode"], COMPANY_MODES)
    codes = companies["company_id"].to_numpy()
    for district in sorted(communities["district_code"].unique()):
        at = np.flatnonzero(has & (communities["district_code"] == district).to_numpy())
        weight = size * np.where(rng.random(n) < 0.35, 8.0, 1.0)
        out[at] = codes[rng.choice(n, len(at), p=weight / weight.sum())]
    return out


def _governance(communities: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Fees, owners' bodies, special types, willingness and renewal."""
    n = len(communities)
    kind = communities["character"].to_numpy()
    mode = communities["management_mode"].to_numpy()
    fees = np.array([_FEES.get((k, m), _PLAIN_FEES.get(m, (np.nan, np.nan))) for k, m in zip(kind, mode, strict=True)])
    has_company = np.isin(mode, COMPANY_MODES)
    rates = draw_between(np.array([_COLLECTION[k] for k in kind]), rng)
    year = communities["built_year"].to_numpy()
    asset = (kind == "old") & (rng.random(n) < 0.02)
    special = np.select([(kind == "soe") & (rng.random(n) < 0.85), asset], ["soe_transfer", "nonop_asset_transfer"], "")
    keeper = np.array(PROPERTY_UNITS, dtype=object)[rng.integers(len(PROPERTY_UNITS), size=n)]
    kept = (special != "") | (mode == "unit_self")
    kinds = np.select(
        [
            special == "soe_transfer",
            special == "nonop_asset_transfer",
            mode == "unit_self",
            year <= 2000,
            (kind == "new") & (rng.random(n) < 0.08),
            year >= 2010,
        ],
        ["soe_transfer", "nonop_asset_transfer", "unit_custody", "old", "affordable", "new_commodity"],
        "commodity_existing",
    )
    return communities.assign(
        fee_yuan_m2_month=draw_between(fees, rng, 1),
        collection_rate=np.where(has_company, rates, np.nan),
        owners_body=draw_by_kind(kind, _OWNERS_BODY, rng),
        special_type=mask_values(special != "", special),
        property_unit=mask_values(kept, keeper),
        community_type=kinds,
        merge_willingness=_willingness(mode, rng),
        renewal_status=_renewal(year, rng),
        address=_addresses(communities, rng),
    )


def _willingness(mode: NDArray[np.object_], rng: np.random.Generator) -> NDArray[np.object_]:
    """Managed communities were mostly not asked; of the others about one in ten refuses."""
    managed = np.isin(mode, _PROFESSIONAL)
    return draw_by_kind(
        np.where(managed, "managed", "asked"),
        {
            "managed": {"yes": 0.25, "no": 0.03, "unsurveyed": 0.72},
            "asked": {"yes": 0.60, "no": 0.11, "unsurveyed": 0.29},
        },
        rng,
    )


def _renewal(year: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.object_]:
    age = np.select([year <= 2000, year <= 2005], ["old", "grey"], "new")
    return draw_by_kind(
        age,
        {
            "old": {"done": 0.46, "in_progress": 0.09, "planned": 0.18, "not_planned": 0.27},
            "grey": {"done": 0.10, "in_progress": 0.03, "planned": 0.12, "not_planned": 0.75},
            "new": {"not_needed": 1.0},
        },
        rng,
    )


def _addresses(communities: pd.DataFrame, rng: np.random.Generator) -> list[str]:
    return [
        f"{district}{street.removesuffix('街道')}路{number}号"
        for district, street, number in zip(
            communities["district_name"],
            communities["street_name"],
            rng.integers(1, 300, len(communities)),
            strict=True,
        )
    ]


def _blank_some(communities: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Blank a few figures, as ledgers do; the truth stays in the buildings."""
    shares = {
        "households": 0.012,
        "floor_area_m2": 0.02,
        "built_year": 0.02,
        "fee_yuan_m2_month": 0.05,
        "collection_rate": 0.12,
    }
    out = communities.copy()
    for name, share in shares.items():
        out.loc[rng.random(len(out)) < share, name] = np.nan
    return out


def _company_figures(companies: pd.DataFrame, communities: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """What each firm manages: its communities here, with their staff."""
    by_firm = communities.groupby("company_id")
    ids = companies["company_id"]
    area = ids.map(by_firm["floor_area_m2"].sum()).fillna(0).round()
    return companies.assign(
        managed_area_m2=area,
        project_count=ids.map(by_firm.size()).fillna(0).astype(int),
        staff_total=(area / rng.uniform(2_600, 4_800, len(ids)) + 5).round().astype(int),
    )
