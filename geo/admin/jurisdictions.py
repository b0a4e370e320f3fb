"""Units that name their district, street or neighbourhood get codes, so that names make a wall (R20)."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from geo.admin.place_codes import (
    district_core,
    district_of_street,
    full_name_forms,
    is_from_name,
    is_street_name,
    make_child_code,
    make_district_code,
    neighbourhood_core,
    normalise_code,
    street_core,
)

CODES = ("district_code", "street_code", "neighbourhood_code")
NAMES = ("district_name", "street_name", "neighbourhood_name")
CodeByName = Mapping[tuple[str, str], str]
"""Code by (code of the parent, core of the name)."""


@dataclass(frozen=True)
class AdminPlace:
    """What one row says of where it lies; "" = nothing. Names are cores (`geo.admin.place_codes`).

    `says_street` tells 沙河街道 from 沙河, which may be 沙河镇.
    """

    district: str = ""
    street: str = ""
    neighbourhood: str = ""
    district_name: str = ""
    street_name: str = ""
    neighbourhood_name: str = ""
    says_street: bool = False


@dataclass(frozen=True)
class ImputedCodes:
    """Which codes rows got, and what in them contradicts.

    Parameters
    ----------
    rows
        Each distinct row as it was, and with its codes.
    two_codes
        Names (as "district/street") that stand next to several codes.
    """

    rows: Mapping[AdminPlace, AdminPlace]
    two_codes: tuple[str, ...] = field(default=())


def impute_admin_codes(
    units: pd.DataFrame,
    streets: pd.DataFrame,
    neighbourhoods: pd.DataFrame,
    boundary: pd.DataFrame,
    district_at: Sequence[str | None] | None = None,
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Fill missing codes of units from the names next to them.

    A name gets the code that tables, or other rows of the units, give a district, street or
    neighbourhood of that name; where none does, a code made from the names (`geo.admin.place_codes`). One
    name in two districts is two streets. A row that names its street only has the street of that name
    where a single district has one.

    Parameters
    ----------
    units
        n rows with `CODES` and `NAMES`.
    streets, neighbourhoods, boundary
        The layers; may be empty.
    district_at
        (n,) code of the district each unit lies in, None where none is known: it tells whose name
        a district's name is where nothing else does.

    Returns
    -------
    The units with codes, and the names that stand next to several codes.

    Examples
    --------
    >>> rows = pd.DataFrame({"district_name": ["昆都仑区", "青山区"], "street_name": ["前进街道"] * 2})
    >>> nothing = pd.DataFrame()
    >>> impute_admin_codes(rows, nothing, nothing, nothing)[0]["street_code"].tolist()
    ['N-昆都仑-前进', 'N-青山-前进']
    """
    rows = parse_admin_places(units)
    at = [None] * len(rows) if district_at is None else district_at
    stated = impute_place_codes(
        Counter(rows),
        [*parse_streets(streets), *_parse_boundary(boundary)],
        parse_neighbourhoods(neighbourhoods),
        Counter((row.district_name, code) for row, code in zip(rows, at, strict=True) if code),
    )
    found = [stated.rows[row] for row in rows]
    filled = {
        "district_code": [row.district or None for row in found],
        "street_code": [row.street or None for row in found],
        "neighbourhood_code": [row.neighbourhood or None for row in found],
    }
    columns = {name: pd.Series(codes, index=units.index, dtype="str") for name, codes in filled.items()}
    return units.assign(**columns), stated.two_codes


def parse_admin_places(frame: pd.DataFrame) -> list[AdminPlace]:
    """The rows of a frame that has any of `CODES` and `NAMES`; cells that are codes count as such."""
    stated = [_texts(frame, column) for column in (*CODES, *NAMES)]
    return [_parse_place(*cells) for cells in zip(*stated, strict=True)]


def parse_streets(streets: pd.DataFrame) -> list[AdminPlace]:
    """The streets of the layer, as rows."""
    return parse_admin_places(streets.rename(columns={"name": "street_name"})) if len(streets) else []


def parse_neighbourhoods(neighbourhoods: pd.DataFrame) -> list[AdminPlace]:
    """The neighbourhoods of the layer, as rows."""
    if not len(neighbourhoods):
        return []
    return parse_admin_places(neighbourhoods.rename(columns={"name": "neighbourhood_name"}))


def is_district_code(code: object) -> bool:
    """Whether a code is that of a district: six digits, not those of a city or province.

    Examples
    --------
    >>> is_district_code("150203"), is_district_code("150200"), is_district_code("z12ab")
    (True, False, False)
    """
    return isinstance(code, str) and bool(re.fullmatch(r"\d{4}(?!00)\d{2}", code))


def impute_place_codes(
    rows: Mapping[AdminPlace, int],
    streets: Iterable[AdminPlace],
    neighbourhoods: Iterable[AdminPlace],
    placed: Mapping[tuple[str, str], int] | None = None,
) -> ImputedCodes:
    """The codes of rows, from tables, from each other, and from their names.

    Parameters
    ----------
    rows
        Distinct rows, and how often each is there.
    streets, neighbourhoods
        What the tables say (districts among the streets).
    placed
        How often a district's name stands next to a place in the district of a code.
    """
    tables = Counter([*streets, *neighbourhoods])
    districts = _majority_codes(
        ("", row.district_name, row.district, n)
        for row, n in [*_weigh_tables(tables), *rows.items()]
        if row.district and not is_from_name(row.district)
    )[0]
    by_place = _majority_codes(("", name, code, n) for (name, code), n in (placed or {}).items())[0]
    districts = by_place | districts
    in_district = _impute_districts([*tables, *rows], districts)
    full = _full_names((in_district[row].district, row.street_name, row.says_street) for row in [*tables, *rows])
    streets_by_name, two = _majority_codes(
        (district, full.get((district, row.street_name), ""), row.street, n)
        for row, n in [*_weigh_tables(tables), *rows.items()]
        if row.street
        for district in [in_district[row].district]
    )
    now = {row: _impute_street(in_district[row], streets_by_name, full) for row in [*tables, *rows]}
    now = _impute_streets_from_neighbourhoods(now)
    now = _impute_districts_from_streets(now)
    quarters = _majority_codes(
        (now[row].street, row.neighbourhood_name, row.neighbourhood, n)
        for row, n in [*_weigh_tables(tables), *rows.items()]
        if row.neighbourhood
    )[0]
    found = {row: _impute_neighbourhood(now[row], quarters) for row in rows}
    return ImputedCodes(found, tuple(f"{district}/{name}" for district, name in two))


# --- districts ----------------------------------------------------------------------------------


def _impute_districts(rows: Iterable[AdminPlace], districts: CodeByName) -> dict[AdminPlace, AdminPlace]:
    """Rows with the code of the district they name."""
    rows = list(rows)
    full = _full_names(("", row.district_name, False) for row in rows)
    found = {}
    for row in rows:
        code = row.district
        if not code and row.district_name:
            name = full.get(("", row.district_name), row.district_name)
            code = districts.get(("", name)) or districts.get(("", row.district_name)) or ""
            code = code or make_district_code(name)
        found[row] = replace(row, district=code)
    return found


def _impute_districts_from_streets(rows: Mapping[AdminPlace, AdminPlace]) -> dict[AdminPlace, AdminPlace]:
    """Rows without a district get that of their street, where the others agree on it."""
    known = _majority_codes(("", row.street, row.district, 1) for row in rows.values() if row.district)[0]
    return {
        key: row if row.district else replace(row, district=known.get(("", row.street), ""))
        for key, row in rows.items()
    }


# --- streets and neighbourhoods -----------------------------------------------------------------


def _impute_street(row: AdminPlace, streets: CodeByName, full: CodeByName) -> AdminPlace:
    """A row with the code of the street it names, and the district of that street."""
    if row.street or not row.street_name:
        return row
    district, name = row.district, row.street_name
    if not district:
        district, name = _find_unique_street(name, full)
    name = full.get((district, name), name)
    code = streets.get((district, name)) or make_child_code(district, name)
    return replace(row, district=district, street=code)


def _find_unique_street(name: str, full: CodeByName) -> tuple[str, str]:
    """The only district with a street of this name, or of a longer form, and that name.

    ("", `name`) where no district or several have one.
    """
    for names in ({name}, full_name_forms(name)):
        there = sorted((parent, core) for parent, core in full if core in names and parent)
        if there:
            return there[0] if len(there) == 1 else ("", name)
    return "", name


def _impute_streets_from_neighbourhoods(rows: Mapping[AdminPlace, AdminPlace]) -> dict[AdminPlace, AdminPlace]:
    """Rows that name a neighbourhood only get its street, where a single street has one of that name."""
    by_code: dict[str, set[str]] = defaultdict(set)
    by_name: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in rows.values():
        if row.street and row.neighbourhood:
            by_code[row.neighbourhood].add(row.street)
        if row.street and row.neighbourhood_name:
            by_name[row.neighbourhood_name].add((row.street, row.district))
    found = {}
    for key, row in rows.items():
        streets: set[str] = set()
        if not row.street and row.neighbourhood:
            streets = by_code[row.neighbourhood]
        if not row.street and not streets and row.neighbourhood_name:
            streets = {
                street
                for street, district in by_name[row.neighbourhood_name]
                if not row.district or row.district == district
            }
        found[key] = replace(row, street=next(iter(streets))) if len(streets) == 1 else row
    return found


def _impute_neighbourhood(row: AdminPlace, quarters: CodeByName) -> AdminPlace:
    if row.neighbourhood or not row.neighbourhood_name:
        return row
    code = quarters.get((row.street, row.neighbourhood_name))
    return replace(row, neighbourhood=code or make_child_code(row.street, row.neighbourhood_name))


# --- names and the codes beside them ------------------------------------------------------------


def _majority_codes(
    stated: Iterable[tuple[str, str, str, int]],
) -> tuple[dict[tuple[str, str], str], list[tuple[str, str]]]:
    """The code that stands next to each name of each parent; those that stand next to several.

    Of several codes the one that more than half of the rows give counts.
    """
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for parent, name, code, n in stated:
        if name and code:
            counts[parent, name][code] += n
    found = {}
    for key, codes in counts.items():
        code, n = min(codes.items(), key=lambda item: (-item[1], item[0]))
        if 2 * n > codes.total():
            found[key] = code
    return found, sorted(key for key, codes in counts.items() if len(codes) > 1)


def _full_names(named: Iterable[tuple[str, str, bool]]) -> dict[tuple[str, str], str]:
    """Each name of each parent in full: the only longer form of it that is there, or itself.

    Parameters
    ----------
    named
        Parent, name, and whether it is stated to be a 街道.
    """
    names: dict[str, dict[str, bool]] = defaultdict(dict)
    for parent, name, is_street in named:
        if name:
            names[parent][name] = is_street or names[parent].get(name, False)
    full = {}
    for parent, there in names.items():
        for name, is_street in there.items():
            longer = sorted(full_name_forms(name, is_street=is_street) & there.keys())
            full[parent, name] = longer[0] if len(longer) == 1 else name
    return full


def _weigh_tables(tables: Mapping[AdminPlace, int]) -> Iterator[tuple[AdminPlace, int]]:
    """Tables stand above rows of units: what they say outweighs any number of those."""
    for row, n in tables.items():
        yield row, n * 1_000_000


# --- reading ------------------------------------------------------------------------------------


def _parse_place(
    district: str, street: str, neighbourhood: str, in_district: str, in_street: str, in_quarter: str
) -> AdminPlace:
    district, street = str(normalise_code(district)), str(normalise_code(street))
    district = district or _code_cell(in_district, r"\d{6}")
    street = street or _code_cell(in_street, r"\d{9}")
    neighbourhood = neighbourhood or _code_cell(in_quarter, r"\d{12}")
    if re.fullmatch(r"\d{12}", neighbourhood) and not street:
        street = neighbourhood[:9]
    if re.fullmatch(r"\d{9}|\d{12}", street) and not district:
        district = street[:6]
    if is_from_name(street) and not district:
        district = district_of_street(street) or ""
    names = [
        "" if str(normalise_code(name)).isdigit() else core(name)
        for core, name in ((district_core, in_district), (street_core, in_street), (neighbourhood_core, in_quarter))
    ]
    return AdminPlace(district, street, neighbourhood, names[0], names[1], names[2], is_street_name(in_street))


def _code_cell(name: str, form: str) -> str:
    """A code that stands where a name should."""
    code = str(normalise_code(name.strip()))
    return code if re.fullmatch(form, code) else ""


def _texts(frame: pd.DataFrame, column: str) -> list[str]:
    if column not in frame:
        return [""] * len(frame)
    return ["" if pd.isna(text) else str(text) for text in frame[column]]


def _parse_boundary(boundary: pd.DataFrame) -> list[AdminPlace]:
    if not len(boundary):
        return []
    named = boundary[boundary["district_code"].map(is_district_code).astype(bool)]
    return parse_admin_places(named.rename(columns={"name": "district_name"}))
