"""勾稽: what offices reported against what the tables say; differences are reported, never mended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from analysis.figures.facts import Facts
from analysis.figures.figure import CURRENT, LEVEL_COLUMNS, Figure
from analysis.indicators.registry import REGISTRY, compute_figures
from analysis.indicators.reported import is_city_code
from geo.findings import Finding
from geo.messages import Sentence, load_catalogue

say = load_catalogue(__file__)

_ROUNDING = 0.005  # a rate printed with two decimals of a fraction
_LAYER = "reported_figures"


def reconcile(facts: Facts) -> tuple[Finding, ...]:
    """Everything in `reported_figures` that does not add up.

    1. A value is its numerator over its denominator, and the numerator is not larger.
    2. Parts add up to their whole: rows "G05/一级", "G05/二级" … to the row "G05" of the same place
       and period.
    3. Districts add up to the city.
    4. A reported figure is the one the tables give, where the period is that of the data.

    Parameters
    ----------
    facts
        Of the current roster.

    Returns
    -------
    Findings in the order of the checks, then of the rows.
    """
    rows = _plain_rows(facts)
    return (
        *_own_arithmetic(rows),
        *_parts_and_wholes(rows),
        *_districts_and_city(rows),
        *_reported_and_computed(rows, facts),
    )


def _plain_rows(facts: Facts) -> pd.DataFrame:
    rows = facts.layer(_LAYER).sort_values(["indicator_id", "admin_code", "period"], kind="stable", ignore_index=True)
    return rows.assign(period=rows["period"].astype(object).where(rows["period"].notna(), ""))


def _records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = rows.to_dict("records")  # type: ignore[assignment]
    return records


def _own_arithmetic(rows: pd.DataFrame) -> Iterator[Finding]:
    for row in _records(rows):
        top, bottom, value = row["numerator"], row["denominator"], row["value"]
        if pd.notna(top) and pd.notna(bottom) and top > bottom and _is_share(str(row["indicator_id"])):
            yield _finding(
                "reconcile.above_whole",
                row["admin_code"],
                row["indicator_id"],
                say("reconcile.above_whole", top=top, bottom=bottom),
                f"{top:g}/{bottom:g}",
            )
        elif pd.notna(value) and pd.notna(top) and pd.notna(bottom) and bottom > 0:
            ratio = top / bottom
            if min(abs(value - ratio), abs(value / 100 - ratio)) > _ROUNDING * max(1.0, ratio):
                yield _finding(
                    "reconcile.value",
                    row["admin_code"],
                    row["indicator_id"],
                    say("reconcile.value", value=value, top=top, bottom=bottom, ratio=ratio),
                    f"{value:g}",
                )


def _parts_and_wholes(rows: pd.DataFrame) -> Iterator[Finding]:
    is_part = rows["indicator_id"].str.contains("/", regex=False).astype(bool)
    parts = rows[is_part].assign(whole=rows["indicator_id"].str.split("/").str[0])
    wholes = rows[~is_part].set_index(["indicator_id", "admin_code", "period"])
    for key, group in parts.groupby(["whole", "admin_code", "period"], sort=True):
        total = float(_amount(group).sum())
        if key in wholes.index:
            whole = float(_amount(wholes.loc[[key]]).iloc[-1])
            terms = "+".join(f"{amount:g}" for amount in _amount(group))
            if total != whole:
                yield _finding(
                    "reconcile.parts",
                    key[1],
                    key[0],
                    say("reconcile.parts", terms=terms, total=total, whole=whole),
                    f"{total:g}≠{whole:g}",
                )


def _districts_and_city(rows: pd.DataFrame) -> Iterator[Finding]:
    codes = rows["admin_code"].astype("str")
    is_city = codes.map(is_city_code).astype(bool)
    districts = rows[~is_city & (codes.str.len() == 6)]
    for row in _records(rows[is_city]):
        own = districts[(districts["indicator_id"] == row["indicator_id"]) & (districts["period"] == row["period"])]
        for column in ("numerator", "denominator"):
            reported = row[column]
            if len(own) and pd.notna(reported) and own[column].notna().all():
                total = float(own[column].sum())
                if total != reported:
                    yield _finding(
                        "reconcile.city",
                        row["admin_code"],
                        row["indicator_id"],
                        say("reconcile.city", column=say(f"column.{column}"), total=total, reported=reported),
                        f"{total:g}≠{reported:g}",
                    )


def _reported_and_computed(rows: pd.DataFrame, facts: Facts) -> Iterator[Finding]:
    computed = _computed(facts, sorted(set(rows["indicator_id"])))
    for row in _records(rows):
        if facts.as_of is not None and row["period"] and not facts.as_of.startswith(str(row["period"])):
            continue
        code = "all" if is_city_code(str(row["admin_code"])) else str(row["admin_code"])
        figure = computed.get((str(row["indicator_id"]), code))
        if figure is None or figure.value is None:
            continue
        for column in ("numerator", "denominator"):
            reported, found = row[column], getattr(figure, column)
            if pd.notna(reported) and found is not None and float(reported) != found:
                yield _finding(
                    "reconcile.differs",
                    row["admin_code"],
                    row["indicator_id"],
                    say(
                        "reconcile.differs",
                        column=say(f"column.{column}"),
                        reported=reported,
                        found=found,
                        unknown_units=figure.unknown_units,
                    ),
                    f"{reported:g}≠{found:g}",
                )


def _computed(facts: Facts, ids: Sequence[str]) -> dict[tuple[str, str], Figure]:
    keys = [i.key for i in REGISTRY if i.tally is not None and (i.id in ids or i.key in ids)]
    found: dict[tuple[str, str], Figure] = {}
    for level in LEVEL_COLUMNS:
        for figure in compute_figures((facts,), level=level, keys=keys):  # type: ignore[arg-type]
            if figure.roster == CURRENT:
                found[(figure.id, figure.admin_code)] = figure
                found[(figure.key, figure.admin_code)] = figure
    return found


def _amount(rows: pd.DataFrame) -> pd.Series:
    return rows["numerator"].where(rows["numerator"].notna(), rows["value"]).astype("float64")


def _is_share(indicator_id: str) -> bool:
    unit = next((i.unit for i in REGISTRY if indicator_id in (i.id, i.key)), None)
    return unit == "ratio"


def _finding(rule: str, code: object, indicator: object, difference: Sentence, value: str) -> Finding:
    return Finding(
        "warning",
        rule,
        *say("reconcile.finding", indicator=indicator, code=code, difference=difference),
        layer=_LAYER,
        column=str(indicator),
        value=value,
    )
