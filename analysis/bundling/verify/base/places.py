"""Which district, street and neighbourhood each unit is in, read afresh from codes and names (R20)."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

from geo.storage.dataset import Dataset

_CODES = ("district_code", "street_code", "neighbourhood_code")
_NAMES = ("district_name", "street_name", "neighbourhood_name")


@dataclass(frozen=True)
class UnitPlace:
    """Where a unit is: a code each, a name where no code is there, None where neither is."""

    district: str | None
    street: str | None
    neighbourhood: str | None


def read_places(dataset: Dataset) -> dict[str, UnitPlace]:
    """The place of each unit, by id.

    The code of the units' table counts. Where one is missing the name next to the unit's community or
    building does: as the code that the tables, or other units, put next to that name, else as the name.
    A street without a district has the district of its statistical code, or that of the other units of
    the street where they agree.
    """
    rows = _read_names(dataset)
    in_district = _unique_codes(("", names[0], codes[0]) for codes, names in (*rows.values(), *_read_tables(dataset)))
    known = {unit: (_find_district(codes, names, in_district), codes, names) for unit, (codes, names) in rows.items()}
    tables = [(_find_district(codes, names, in_district), codes, names) for codes, names in _read_tables(dataset)]
    in_street = _unique_codes((d or "", n[1], c[1]) for d, c, n in (*known.values(), *tables))
    placed = {
        unit: (district, codes[1] or _find_code(in_street, district, names[1]), codes, names)
        for unit, (district, codes, names) in known.items()
    }
    agreed: dict[str, set[str]] = defaultdict(set)
    for district, street, _, _ in placed.values():
        if district and street:
            agreed[street].add(district)
    return {
        unit: UnitPlace(
            district or (next(iter(agreed[street])) if street and len(agreed[street]) == 1 else None),
            street,
            codes[2] or names[2],
        )
        for unit, (district, street, codes, names) in placed.items()
    }


Cells = tuple[str | None, ...]


def _read_names(dataset: Dataset) -> dict[str, tuple[Cells, Cells]]:
    """Codes of each unit, and the names next to it in the table it came from."""
    names: dict[str, Cells] = {}
    for layer in ("buildings", "communities"):
        frame = dataset.layer(layer)
        frame = frame[frame["unit_id"].notna()]
        for unit, *cells in zip(frame["unit_id"].astype(str), *_columns(frame, _NAMES), strict=True):
            if any(cells) or unit not in names:
                names[unit] = _strip_suffixes(*cells)
    units = dataset.layer("units")
    return {
        str(unit): (tuple(codes), names.get(str(unit), (None, None, None)))
        for unit, *codes in zip(units["unit_id"], *_columns(units, _CODES), strict=True)
    }


def _read_tables(dataset: Dataset) -> Iterator[tuple[Cells, Cells]]:
    """Codes and names of the streets and districts that tables list."""
    streets, boundary = dataset.layer("streets"), dataset.layer("boundary")
    for district, street, district_name, name in zip(
        *_columns(streets, ("district_code", "street_code", "district_name", "name")), strict=True
    ):
        yield (district, street, None), _strip_suffixes(district_name, name, None)
    for district, name in zip(*_columns(boundary, ("district_code", "name")), strict=True):
        if district is not None and re.fullmatch(r"\d{6}", district):
            yield (district, None, None), _strip_suffixes(name, None, None)


def _find_district(codes: Cells, names: Cells, in_district: Mapping[tuple[str, str], str]) -> str | None:
    """The district of a row: by its code, the code of its street, its name."""
    if codes[0]:
        return codes[0]
    if codes[1] and re.fullmatch(r"\d{9}|\d{12}", codes[1]):
        return codes[1][:6]
    return _find_code(in_district, "", names[0])


def _find_code(codes: Mapping[tuple[str, str], str], parent: str | None, name: str | None) -> str | None:
    """The code next to a name, else the name; None where there is none."""
    return None if not name else codes.get((parent or "", name), name)


def _unique_codes(rows: Iterator[tuple[str, str | None, str | None]]) -> dict[tuple[str, str], str]:
    """The only code that stands next to each name of each district."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for parent, name, code in rows:
        if name and code:
            found[parent, name].add(code)
    return {key: next(iter(codes)) for key, codes in found.items() if len(codes) == 1}


def _columns(frame: pd.DataFrame, names: tuple[str, ...]) -> list[list[str | None]]:
    """Columns as texts, None where a cell or the column is missing."""
    return [
        [None if is_missing else str(cell) for cell, is_missing in zip(frame[name], frame[name].isna(), strict=True)]
        if name in frame
        else [None] * len(frame)
        for name in names
    ]


@lru_cache(maxsize=65_536)
def _strip_suffixes(*cells: str | None) -> Cells:
    """Names of a district, street and neighbourhood without the words that only say they are one."""
    district, street, quarter = (
        re.sub(r"\s", "", unicodedata.normalize("NFKC", cell or "")).casefold() for cell in cells
    )
    district = re.sub(r"^.{2,8}?(省|自治区)(?=..)|^.{2,12}?(市|自治州|盟)(?=..)", "", district)
    district = re.sub(r"^.{2,12}?(市|自治州|盟)(?=..)", "", district)
    district = district[:-1] if re.fullmatch(r".{2,}(?<!开发)(?<!园)区", district) else district
    street = re.sub(r"(?<=.)(街道|街道办|办事处|人民政府)+$", "", street)
    quarter = re.sub(r"(?<=.)(社区)?(居民委员会|居委会)?$", "", quarter)
    return district or None, street or None, quarter or None
