"""Corrections as rows of a table, and values as a reader sees them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from app.desks.corrections.overrides import list_corrections
from app.i18n import Words
from app.maps.cards import format_mode
from app.workbench.formats import MISSING
from app.workbench.workbench import Workbench


def make_correction_rows(bench: Workbench, words: Words) -> list[dict[str, Any]]:
    """All corrections for the table, the last one first.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    words
        Texts in the reader's language.
    """
    names = dict(zip(bench.units["unit_id"], bench.units["name"], strict=True))
    return [
        {
            "id": row["override_id"],
            "date": row["date"],
            "author": row["author"],
            "what": words(f"correct.what_{row['what']}"),
            "about": _about(row, names),
            "old": _said(bench, row, row["old"], words),
            "new": _said(bench, row, row["new"], words),
            "reason": row["reason"],
            "unit": _unit_of(row, names),
            "state": words("correct.in_force" if row["in_force"] else "correct.asleep"),
            "lonlat": row["lonlat"],
        }
        for row in reversed(list_corrections(bench.dataset))
    ]


def _unit_of(row: Mapping[str, Any], names: Mapping[str, str]) -> str | None:
    return next((row[key] for key in ("target_id", "unit_a") if row[key] in names), None)


def _about(row: Mapping[str, Any], names: Mapping[str, str]) -> str:
    ids = [row["unit_a"], row["unit_b"]] if row["unit_b"] else [row["target_id"]]
    return " – ".join(str(names.get(one, one)) for one in ids if one)


def _said(bench: Workbench, row: Mapping[str, Any], value: Any, words: Words) -> str:
    """A stored before or after as a reader sees it."""
    what = row["what"]
    if what == "value":
        label = words(f"correct.{row['field']}")
        return f"{label} {format_value(bench, row['field'], value, words)}"
    if value is None or pd.isna(value):
        return MISSING
    if what == "split" and value.startswith("["):
        return " + ".join(f"{one['name']} {one['households']:,}" for one in json.loads(value))
    known = words.section("correct")
    return known.get(f"said_{value}", known.get(f"what_{value}", str(value)))


def format_value(bench: Workbench, field: str, value: Any, words: Words) -> str:
    """A value of a unit as a reader sees it; missing ones say so.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    field
        Column of the units.
    value
        What is there; None = missing.
    words
        Texts in the reader's language.
    """
    if value is None:
        return words("correct.unknown")
    if field == "management_mode":
        return format_mode(value, words)
    if field in ("company_id", "street_code"):
        names = bench.company_names if field == "company_id" else bench.street_names
        return str(names.get(value, value))
    return f"{float(value):.0f}" if field == "built_year" else f"{float(value):,.10g}"
