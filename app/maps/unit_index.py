"""The units as the browser searches, filters and lists them, with the names of areas, streets, companies."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from pypinyin import Style, lazy_pinyin

from app.i18n import Words
from app.maps.admin_units import read_admin_units
from app.maps.cards import format_area_title, format_mode, format_reason
from app.workbench.formats import to_plain
from app.workbench.workbench import Workbench

Bounds = tuple[float, float, float, float]


def make_unit_index(bench: Workbench, words: Words, area_bounds: Sequence[Bounds]) -> str:
    """Everything as JSON, column by column; positions are those of the units.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    words
        Texts in the reader's language.
    area_bounds
        West, south, east, north of each area, degrees.

    Returns
    -------
    `{"units": {column: [n values]}, "streets", "modes", "reasons", "companies": [[key, name]],
    "others": [{"kind", "id", "name", "sound", "bounds"}]}`. Columns street, mode, reason and
    company are positions in those lists, −1 = none; `sound` is the name in pinyin, its syllables
    apart: "qing chuan xiao qu".
    """
    units = bench.units
    streets = _names_of(units["street_code"], bench.street_names)
    companies = _names_of(units["company_id"], bench.company_names)
    modes = [(str(key), format_mode(key, words)) for key in sorted(units["management_mode"].dropna().unique())]
    keys = [bench.reason_of.get(i) for i in range(len(units))]
    reasons = [(key, format_reason(key, words)) for key in sorted({k for k in keys if k})]
    columns = {
        "id": units["unit_id"].tolist(),
        "name": [to_plain(name) or "" for name in units["name"]],
        "sound": [pinyin_key(to_plain(name)) for name in units["name"]],
        "single": (units["kind"] == "single_building").astype(int).tolist(),
        "street": _positions(units["street_code"], streets),
        "mode": _positions(units["management_mode"], modes),
        "company": _positions(units["company_id"], companies),
        "reason": _positions(pd.Series(keys, dtype=object), reasons),
        "area": bench.area_of.tolist(),
        "households": [to_plain(value) for value in units["households"]],
        "estimated": (units["households_quality"] == "estimated").astype(int).tolist(),
        "floor_area_m2": [
            to_plain(value) if pd.isna(value) else round(float(value)) for value in units["floor_area_m2"]
        ],
        "built_year": [to_plain(value) for value in units["built_year"]],
    }
    record = {
        "units": columns,
        "streets": streets,
        "modes": modes,
        "reasons": reasons,
        "companies": companies,
        "areas": [format_area_title(bench, number) for number in range(len(bench.areas))],
        "others": [*_areas(bench, area_bounds), *_places(bench), *_companies(companies)],
    }
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


@lru_cache(maxsize=65_536)
def pinyin_key(name: Any) -> str:
    """A name in pinyin without tones, its syllables apart; other letters as they are, lower case.

    Examples
    --------
    >>> pinyin_key("晴川小区A座"), pinyin_key(None)
    ('qing chuan xiao qu a zuo', '')
    """
    if not isinstance(name, str):
        return ""
    return " ".join(lazy_pinyin(name.lower(), style=Style.NORMAL, errors="default")).strip()


def _names_of(codes: pd.Series, names: dict[str, str]) -> list[tuple[str, str]]:
    return [(str(code), str(names.get(code, code))) for code in sorted(codes.dropna().unique())]


def _positions(values: pd.Series, named: Iterable[tuple[str, str]]) -> list[int]:
    at = pd.Index([key for key, _ in named], dtype=object)
    return np.asarray(at.get_indexer(pd.Index(values.to_numpy(dtype=object)))).tolist()


def _areas(bench: Workbench, bounds: Sequence[Bounds]) -> list[dict[str, Any]]:
    return [_entry("area", area["area_id"], area["name"], bounds[number]) for number, area in enumerate(bench.areas)]


def _places(bench: Workbench) -> list[dict[str, Any]]:
    """Districts, streets and neighbourhoods, those with a shape."""
    frame = read_admin_units(bench.context).frame
    shown = ((frame["level"] != "city") & frame.geometry.notna()).to_numpy()
    places = frame[shown].to_crs("EPSG:4326")
    boxes = places.bounds.to_numpy().tolist()
    numbers = np.flatnonzero(shown).tolist()
    rows = zip(places["level"], places["code"], places["name"], boxes, numbers, strict=True)
    return [
        {**_entry(level, code, to_plain(name) or code, box), "place": number} for level, code, name, box, number in rows
    ]


def _companies(named: list[tuple[str, str]]) -> list[dict[str, Any]]:
    return [_entry("company", key, name, None) for key, name in named]


def _entry(kind: str, key: str, name: str, bounds: Sequence[float] | None) -> dict[str, Any]:
    box = None if bounds is None else [round(float(value), 5) for value in bounds]
    return {"kind": kind, "id": key, "name": name, "sound": pinyin_key(name), "bounds": box}
