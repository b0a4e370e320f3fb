"""What a roster says of old communities and single buildings, next to the year built."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd

from geo.findings import Finding
from geo.messages import load_catalogue
from geo.prepared.prepared_layer import PreparedLayer
from geo.rules import UnitRules
from geo.values.years import is_old_by_year

say = load_catalogue(__file__)

_SHOWN = 20


def mark_old_units(units: pd.DataFrame, rules: UnitRules) -> pd.DataFrame:
    """The units with `is_old` (R02) and what decided it.

    The year built decides where it is known well enough, else what the roster states
    (`stated_old`). Where both are known and contradict each other, `rules.stated_old_wins` says
    which counts.

    Parameters
    ----------
    units
        n rows with `built_year_from`, `built_year_to` and `stated_old`.
    rules
        `old_until_year`, `stated_old_wins`.

    Returns
    -------
    The same with `is_old` and `is_old_by`: "year", "statement", missing where neither is known.
    """
    by_year = is_old_by_year(units, rules.old_until_year)
    stated = _stated(units)
    wins = stated.notna() & by_year.isna()
    if rules.stated_old_wins:
        wins = stated.notna() & (by_year.isna() | (stated != by_year)).fillna(True).astype(bool)
    decided = pd.Series(None, index=units.index, dtype=object)
    decided[by_year.notna().to_numpy()] = "year"
    decided[wins.to_numpy()] = "statement"
    return units.assign(is_old=by_year.mask(wins.astype(bool), stated), is_old_by=decided)


def fill_stated_types(prepared: PreparedLayer, source: str | None) -> PreparedLayer:
    """Old communities and single buildings that the words of a type name ("老旧小区、单体楼").

    Parameters
    ----------
    prepared
        Rows of communities.
    source
        Their column of types; None where there is none.
    """
    frame = prepared.frame.copy()
    n = len(frame)
    for name in ("stated_old", "stated_single"):
        if name not in frame:
            frame[name] = pd.Series([None] * n, index=frame.index, dtype=object)
    texts = [
        "" if source is None else str(c or "")
        for c in (prepared.source[source].tolist() if source in prepared.source else [""] * n)
    ]
    for name, words, never in (
        ("stated_old", r"老旧|旧住宅", r"(非|不是|不属于?)(老旧|旧)"),
        ("stated_single", r"单体|独栋|单栋|散楼", r"(非|不是|不属于?)(单体|独栋)"),
    ):
        answers = [False if re.search(never, text) else True if re.search(words, text) else None for text in texts]
        stated = pd.Series(np.array(answers, dtype=object), index=frame.index, dtype=object)
        frame[name] = frame[name].where(frame[name].notna(), stated)
    if source is None and not frame["stated_single"].notna().any():
        frame = frame.drop(columns="stated_single")
    elif "community_type" in frame:
        single = frame["stated_single"].eq(True) & frame["community_type"].isna()
        frame.loc[single, "community_type"] = "single_building"
    return replace(prepared, frame=frame).found(*_find_several_buildings(prepared, frame))


def find_contradicted_statements(prepared: PreparedLayer, rules: UnitRules) -> list[Finding]:
    """Rows whose stated age contradicts the year built (R02), both values named, and which counts.

    Parameters
    ----------
    prepared
        The rows of a file.
    rules
        Up to which year a building is old.
    """
    frame = prepared.frame
    if "stated_old" not in frame or "built_year" not in frame:
        return []
    rows = frame.assign(
        **{name: frame[name] if name in frame else frame["built_year"] for name in ("built_year_from", "built_year_to")}
    )
    by_year, stated = is_old_by_year(rows, rules.old_until_year), _stated(frame)
    differs = (by_year.notna() & stated.notna() & (by_year != stated).fillna(False)).to_numpy(bool)
    places = np.flatnonzero(differs)
    found = [_find_contradicted_ages(prepared, int(p), bool(stated.iloc[p]), rules) for p in places[:_SHOWN]]
    if len(places) > _SHOWN:
        found.append(
            prepared.finding("warning", "old.contradicts", *say("old.contradicts", n=len(places), shown=_SHOWN))
        )
    return found


def _find_contradicted_ages(prepared: PreparedLayer, position: int, stated: bool, rules: UnitRules) -> Finding:
    row = prepared.frame.iloc[position]
    year = next(
        (
            f"{int(row[c])}"
            for c in ("built_year", "built_year_from", "built_year_to")
            if c in prepared.frame and pd.notna(row[c])
        ),
        "?",
    )
    age = say("age.old" if stated else "age.not_old")
    by = say("age.by_statement" if rules.stated_old_wins else "age.by_year")
    return prepared.finding(
        "warning",
        "old.contradicts",
        *say(
            "old.contradiction",
            name=row.get("name") or "",
            age=age,
            year=year,
            old_until_year=rules.old_until_year,
            by=by,
        ),
        position=position,
        column="stated_old",
        value=f"{age.zh} / {year}",
    )


def _find_several_buildings(prepared: PreparedLayer, frame: pd.DataFrame) -> list[Finding]:
    """Rows that are a single building and have several."""
    if "building_count" not in frame or "stated_single" not in frame:
        return []
    count = pd.to_numeric(frame["building_count"], errors="coerce")
    places = np.flatnonzero((frame["stated_single"].eq(True) & (count > 1)).to_numpy(bool))
    return [
        prepared.finding(
            "warning",
            "single.several_buildings",
            *say("single.several_buildings", n=int(count.iloc[p])),
            position=int(p),
            column="building_count",
            value=str(int(count.iloc[p])),
        )
        for p in places[:_SHOWN]
    ]


def _stated(frame: pd.DataFrame) -> pd.Series:
    if "stated_old" not in frame:
        return pd.Series(pd.NA, index=frame.index, dtype="boolean")
    return frame["stated_old"].astype("boolean")
