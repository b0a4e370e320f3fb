"""Rows of a file find the units they speak of: by id, then by name and place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from app.i18n import say
from app.plan_files.rows import PlanRows
from geo.admin.gazetteer import district_names, gazetteer_layers, street_names
from geo.importing.record_linkage import MIN_LIKENESS, match_communities
from geo.messages import Sentence
from geo.names import name_similarity
from geo.storage.dataset import Dataset

MOST_NAMED = 200
"""Rows without a unit that are named one by one."""


@dataclass(frozen=True)
class MatchRemark:
    """Something a planner should know of a file.

    Parameters
    ----------
    row
        As the file counts them; None where it is about the whole file.
    sentence
        What, in both languages.
    is_fault
        Whether something of the file was not used.
    """

    row: int | None
    sentence: Sentence
    is_fault: bool = False


@dataclass(frozen=True)
class Matches:
    """Which unit each row is about.

    Parameters
    ----------
    unit_of
        Position of the row in `PlanRows.table`, by unit id.
    remarks
        Rows that found none, or one that another row has; and those that found theirs by a name only alike.
    """

    unit_of: Mapping[str, int]
    remarks: tuple[MatchRemark, ...]


def match_rows(rows: PlanRows, dataset: Dataset) -> Matches:
    """The unit of each row: by id, else by name within street and district, else by place.

    Parameters
    ----------
    rows
        Of a file.
    dataset
        Whose units they are about.
    """
    units = _with_place_names(dataset)
    known = set(units["unit_id"])
    table = rows.table
    by_id = table["unit_id"].where(table["unit_id"].isin(known))
    found = by_id.copy()
    remarks: list[MatchRemark] = []
    rest = table[by_id.isna()]
    if len(rest):
        others = units[~units["unit_id"].isin(set(by_id.dropna()))]
        named, told = _match_by_name(rest, others)
        found.update(named)
        remarks += told
    unit_of: dict[str, int] = {}
    for position, unit in enumerate(found):
        if pd.isna(unit):
            continue
        if unit in unit_of:
            sentence = say("plan_file.twice", name=_title(table, position), row=int(table["row"].iloc[unit_of[unit]]))
            remarks.append(MatchRemark(int(table["row"].iloc[position]), sentence, is_fault=True))
        else:
            unit_of[str(unit)] = position
    return Matches(unit_of, tuple(sorted(remarks, key=lambda one: one.row or 0)))


def _match_by_name(rest: pd.DataFrame, units: gpd.GeoDataFrame) -> tuple[pd.Series, list[MatchRemark]]:
    new = rest.reset_index()
    new["external_code"] = new["unit_id"]
    if "geometry" in new:
        new = gpd.GeoDataFrame(new, geometry="geometry", crs=rest.crs).to_crs(units.crs)
    matches = match_communities(new, units)
    ids, remarks, taken = {}, [], set(matches.unit_ids.dropna())
    free = units[~units["unit_id"].isin(taken)]
    for position, unit in enumerate(matches.unit_ids):
        row, at = int(new["row"].iloc[position]), int(new["index"].iloc[position])
        title = _title(rest, at)
        if pd.notna(unit):
            ids[at] = unit
            if matches.scores.iloc[position] < 100:
                known = units["name"][units["unit_id"] == unit].iloc[0]
                remarks.append(MatchRemark(row, say("plan_file.alike", name=title, known=known)))
            continue
        like = _most_alike(new["name"].iloc[position], free)
        if like is None:
            remarks.append(MatchRemark(row, say("plan_file.no_unit", name=title), is_fault=True))
        else:
            remarks.append(MatchRemark(row, say("plan_file.perhaps", name=title, known=like), is_fault=True))
    return pd.Series(ids, dtype=object), remarks


def _most_alike(name: str | None, units: gpd.GeoDataFrame) -> str | None:
    """Name of the unit that is called most like it; it is told, not taken: names alike may be two places."""
    if name is None:
        return None
    scored = [(name_similarity(name, other), str(other)) for other in units["name"].dropna()]
    score, other = max(scored, default=(0.0, ""))
    return other if score >= MIN_LIKENESS - 20 else None


def _with_place_names(dataset: Dataset) -> gpd.GeoDataFrame:
    units, layers = dataset.layer("units"), gazetteer_layers(dataset)
    return units.assign(
        street_name=units["street_code"].map(street_names(layers)),
        district_name=units["district_code"].map(district_names(layers)),
    )


def _title(table: pd.DataFrame, position: int) -> str:
    """How a row is called."""
    row = table.loc[position]
    return " ".join(text for text in (row["name"], row["unit_id"]) if text) or f"#{row['row']}"
