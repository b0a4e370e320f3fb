"""Figures no table of the dataset can give: those an office reports, with their documents."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from analysis.figures.facts import Facts
from analysis.figures.figure import CITY_CODE, UNKNOWN_CODE, Figure, Level, safe_ratio
from analysis.figures.indicator import Indicator, find_target


def build_reported_figures(indicator: Indicator, facts: Facts, level: Level) -> list[Figure]:
    """The reported figures of an indicator for every place of a level; no report, no data.

    The latest period not after the year counts. The city's own row counts for the city; where
    there is none, the districts' rows are added up, and `completeness` says how many districts
    there were. A rate is numerator over denominator where both are reported.

    Parameters
    ----------
    indicator
        One that is not computed from tables.
    facts
        `reported_figures` names the indicator by its key, or by its id.
    level
        Level of the places.
    """
    rows = select_latest_rows(facts, indicator)
    codes = rows["admin_code"].to_numpy(object)
    places = facts.places(level)
    if level == "city":
        own = rows[[is_city_code(str(code)) for code in codes]]
        districts = [c for c in facts.places("district") if c != UNKNOWN_CODE]
        parts = own if len(own) else rows[rows["admin_code"].isin(districts)]
        whole = 1 if len(own) else len(districts)
        return [_figure(indicator, facts, level, code, parts, whole) for code in places]
    none = rows.iloc[:0]
    held = set(codes)
    return [_figure(indicator, facts, level, code, rows[codes == code] if code in held else none, 1) for code in places]


def select_latest_rows(facts: Facts, indicator: Indicator) -> pd.DataFrame:
    """The latest reported row of each place for an indicator, not after the year of the facts.

    Parameters
    ----------
    facts
        With the layer of reported figures.
    indicator
        Which is reported.
    """
    rows = facts.reported
    rows = rows[rows["indicator_id"].isin((indicator.key, indicator.id))]
    period = rows["period"].astype(object).where(rows["period"].notna(), "")
    if facts.year is not None:
        keep = period.str.slice(0, 4) <= str(facts.year)
        rows, period = rows[keep], period[keep]
    rows = rows.assign(period=period).sort_values("period", kind="stable")
    return rows.drop_duplicates("admin_code", keep="last")


def is_city_code(code: str) -> bool:
    """Whether a code stands for a whole city: "all", four digits, or six that end in 00.

    Examples
    --------
    >>> [is_city_code(code) for code in ("all", "1502", "150200", "150203")]
    [True, True, True, False]
    """
    return code == CITY_CODE or len(code) == 4 or (len(code) == 6 and code.endswith("00"))


def _figure(indicator: Indicator, facts: Facts, level: Level, code: str, parts: pd.DataFrame, whole: int) -> Figure:
    """One place: what its own row, or the rows of the districts in it, say together."""
    blank = Figure(
        id=indicator.id,
        key=indicator.key,
        name_zh=indicator.name_zh,
        name_en=indicator.name_en,
        admin_code=code,
        level=level,
        year=facts.year,
        value=None,
        unit=indicator.unit,
        numerator=None,
        denominator=None,
        basis="count",
        roster=facts.roster,
        target=find_target(facts.policy, indicator, facts.year, level, code),
        completeness=0.0,
        missing_columns=_needed(indicator),
        unit_ids=(),
        formula_version=indicator.version,
        source="reported",
    )
    if parts.empty:
        return blank
    top, bottom = _total(parts, "numerator"), _total(parts, "denominator")
    return replace(
        blank,
        value=_value(indicator, parts, top, bottom),
        numerator=top,
        denominator=bottom,
        completeness=safe_ratio(len(parts), whole),
        missing_columns=(),
        document_no="; ".join(sorted(parts["document_no"].dropna().unique())) or None,
        period=_text(parts["period"].max()),
    )


def _needed(indicator: Indicator) -> tuple[str, ...]:
    return tuple(f"{column} [{indicator.key}]" for column in indicator.columns)


def _total(parts: pd.DataFrame, column: str) -> float | None:
    return float(parts[column].sum()) if len(parts) and parts[column].notna().all() else None


def _value(indicator: Indicator, parts: pd.DataFrame, top: float | None, bottom: float | None) -> float | None:
    if indicator.unit == "ratio":
        if top is not None and bottom:
            return top / bottom
        return float(parts["value"].iloc[0]) if len(parts) == 1 and parts["value"].notna().all() else None
    total = _total(parts, "value")
    return total if total is not None else top


def _text(value: Any) -> str | None:
    return str(value) if isinstance(value, str) and value else None
