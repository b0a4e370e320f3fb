"""What stands beside the codes of an exported plan: names and labels in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import pandas as pd

from analysis.bundling.document.reasons import Reason
from analysis.bundling.document.roles import ROLE_NAMES, find_reason
from app.i18n import Words
from geo.admin.gazetteer import district_names, gazetteer_layers, neighbourhood_names, street_names
from geo.messages import Sentence
from geo.storage.dataset import Dataset


def label_units(units: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, dataset: Dataset, words: Words) -> gpd.GeoDataFrame:
    """Units with names and labels beside their codes.

    Parameters
    ----------
    units
        From :func:`app.exports.plan_table.unit_table`.
    areas
        From :func:`app.exports.plan_table.area_table`.
    dataset
        With the names of districts, streets, neighbourhoods and companies.
    words
        Texts in the reader's language.

    Returns
    -------
    The same rows with kind_label, area_number, role_label, reason_label, leader_name, district_name,
    street_name, neighbourhood_name, company_name; missing where there is none.
    """
    layers = gazetteer_layers(dataset)
    reasons = [
        None if pd.isna(key) else _pick(find_reason(key, role), words)
        for key, role in zip(units["reason"], units["role"], strict=True)
    ]
    return units.assign(
        kind_label=[words(f"kind.{kind}") for kind in units["kind"]],
        area_number=units["area_id"].map(_column(areas, "area_id", "area_number")).astype("Int64"),
        role_label=[_pick(ROLE_NAMES[role], words) for role in units["role"]],
        reason_label=pd.Series(reasons, index=units.index, dtype="str"),
        leader_name=_named(units["leader_unit_id"], _column(units, "unit_id", "name")),
        district_name=_named(units["district_code"], district_names(layers)),
        street_name=_named(units["street_code"], street_names(layers)),
        neighbourhood_name=_named(units["neighbourhood_code"], neighbourhood_names(layers)),
        company_name=_named(units["company_id"], _company_names(dataset)),
    )


def label_areas(areas: gpd.GeoDataFrame, units: gpd.GeoDataFrame, dataset: Dataset) -> gpd.GeoDataFrame:
    """Areas with names beside their codes.

    Parameters
    ----------
    areas
        From :func:`app.exports.plan_table.area_table`.
    units
        Those of the plan, with their names.
    dataset
        With the names of streets and companies.

    Returns
    -------
    The same rows with street_name, district_code, district_name, anchor_names (list), operator_name,
    company_names (list).
    """
    layers = gazetteer_layers(dataset)
    streets, districts, companies = street_names(layers), district_names(layers), _company_names(dataset)
    names = _column(units, "unit_id", "name")
    code_of = _column(units, "district", "district_code")
    codes = areas["district"].map(code_of).astype("str")
    return areas.assign(
        street_name=_named(areas["street_code"].astype("str"), streets),
        district_code=codes,
        district_name=_named(codes, districts),
        anchor_names=[[_text(names.get(unit)) or unit for unit in ids] for ids in areas["anchor_unit_ids"]],
        operator_name=_named(areas["operator"].astype("str"), companies),
        company_names=[ids and [companies.get(one) or one for one in ids] for ids in areas["company_ids"]],
    )


def _pick(sentence: Sentence | Reason | None, words: Words) -> str | None:
    return None if sentence is None else words.pick(sentence.zh, sentence.en)


def _column(table: pd.DataFrame, key: str, value: str) -> dict[Any, Any]:
    return dict(zip(table[key], table[value], strict=True))


def _named(codes: pd.Series, names: Mapping[str, Any]) -> pd.Series:
    return pd.Series([None if pd.isna(code) else _text(names.get(code)) for code in codes], codes.index, dtype="str")


def _text(value: Any) -> str | None:
    return None if value is None or pd.isna(value) or not str(value) else str(value)


def _company_names(dataset: Dataset) -> dict[str, str]:
    companies = dataset.layer("companies")
    return _column(companies, "company_id", "name")
