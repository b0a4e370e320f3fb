"""Numbers as a reader sees them; a missing figure is never shown as zero."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from app.i18n import Words
from app.store.records import Version
from geo.values.years import format_years

MISSING = "—"


def format_count(value: Any) -> str:
    """A whole number with separators.

    Examples
    --------
    >>> format_count(12345), format_count(None)
    ('12,345', '—')
    """
    return MISSING if value is None or pd.isna(value) else f"{round(float(value)):,}"


def format_area(value: Any, words: Words) -> str:
    """Square metres: in 万㎡ for Chinese readers from ten thousand on.

    Parameters
    ----------
    value
        Square metres, or missing.
    words
        Texts in the reader's language.

    Examples
    --------
    >>> from app.i18n import load_words
    >>> format_area(123456, load_words("zh")), format_area(123456, load_words("en"))
    ('12.3 万㎡', '123,456 m²')
    """
    if value is None or pd.isna(value):
        return MISSING
    if words.language == "zh" and value >= 10_000:
        return f"{float(value) / 10_000:,.1f} 万㎡"
    return f"{round(float(value)):,} {words('measure.m2')}"


def to_plain(value: Any) -> Any:
    """A value as JSON holds it: missing becomes None, numpy numbers become Python's.

    Examples
    --------
    >>> to_plain(pd.NA), to_plain(float("nan")), to_plain("x")
    (None, None, 'x')
    """
    if value is None or pd.isna(value):
        return None
    return value.item() if hasattr(value, "item") else value


def format_built_year(unit: Mapping[Any, Any], words: Words) -> str | None:
    """The year a unit was built, or the interval it is known to lie in ("1980年代"); None: not known.

    Parameters
    ----------
    unit
        A row of the layer `units`.
    """
    year, first, last = (to_plain(unit.get(name)) for name in ("built_year", "built_year_from", "built_year_to"))
    if first is None and last is None:
        return None if year is None else str(year)
    bounds = (float("nan") if bound is None else float(bound) for bound in (first, last))
    return format_years(*bounds, zh=words.language == "zh")


def format_version(name: str | None, version: Version | None, words: Words) -> str:
    """Name, version, date and maker of a plan in one line.

    Parameters
    ----------
    name
        What planners call it.
    version
        None = it is of no store.
    words
        Texts in the reader's language.
    """
    if version is None:
        return name or MISSING
    author = version.author or words("store.unsigned")
    return words("store.imprint", name=name, n=version.number, at=version.created_text, author=author)
