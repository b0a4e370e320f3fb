"""Where the rows of a sheet are, recognised by its name, its title, its headings or the file's name."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from geo.findings import Finding
from geo.messages import load_catalogue
from geo.names import NameRules, name_core, normalise_name
from geo.prepared.prepared_layer import PreparedLayer
from geo.schema import field_names
from geo.tables.headers import auxiliary_fields
from geo.tables.headings import strip_heading

say = load_catalogue(__file__)

HEADING = "heading_above"
"""Helping column: the headings that stand above a row in its sheet, one a line, the nearest last."""

LEVELS = ("district_name", "street_name", "neighbourhood_name")
_LABEL = {
    "district_name": say("place.district"),
    "street_name": say("place.street"),
    "neighbourhood_name": say("place.neighbourhood"),
}
_CODE = {"district_name": "district_code", "street_name": "street_code", "neighbourhood_name": "neighbourhood_code"}
_HAN = r"[一-鿿]"
_STREET = re.compile(rf"(?<!{_HAN})({_HAN}{{1,10}}?(?:街道办事处|街道办|街道|办事处|苏木|镇|乡))")
_NEIGHBOURHOOD = re.compile(
    rf"^(?!各|全|所有|本|城中村|其他){_HAN}{{2,12}}(社区|社区居委会|居委会|居民委员会|嘎查|村)$"
)
_NO_STREET = re.compile(
    r"^(各|全|本|所属|所有|街|城|小城|老城|乡|镇|村|集|农村|城市|重点|按|分|等|部分|其他|辖区|区|旗|县|市)+"
    r"(街道|镇|乡|苏木|办事处|街道办)|小城镇|城镇|乡镇|城乡|镇街"
)
_DISTRICT = re.compile(rf"^{_HAN}{{2,12}}(区|旗|县)$")
_NO_DISTRICT = re.compile(
    r"(小|社|生活|家属|住宅|宿舍|厂|片|城|老|新|辖|地|市|园|院|校|库|东|西|南|北|中|管理|工作|服务|[一二三四五六七八九十甲乙丙丁])区$"
)


@dataclass(frozen=True)
class KnownPlaces:
    """Names of districts, streets and neighbourhoods that are known already, by level.

    Parameters
    ----------
    names
        Official names by level.
    rules
        Aliases of districts and streets.
    """

    names: Mapping[str, tuple[str, ...]]
    rules: NameRules

    @classmethod
    def of(cls, layers: Mapping[str, pd.DataFrame], rules: NameRules) -> KnownPlaces:
        """The names of a dataset's layers and of the rules.

        Parameters
        ----------
        layers
            Frames of the dataset, by layer.
        rules
            Names of districts and streets that the dataset keeps.
        """
        districts = [official for _, official, _ in rules.districts]
        streets = [official for official, _ in rules.streets]
        return cls(
            {
                "district_name": _distinct_names(districts, layers.get("boundary")),
                "street_name": _distinct_names(streets, layers.get("streets")),
                "neighbourhood_name": _distinct_names((), layers.get("neighbourhoods")),
            },
            rules,
        )

    def level_of(self, text: str) -> tuple[str, str] | None:
        """The level and the name of a place that a whole text is, None where it is none.

        Examples
        --------
        >>> known = KnownPlaces({"street_name": ("友谊大街街道",)}, NameRules())
        >>> known.level_of("友谊大街"), known.level_of("环西社区"), known.level_of("汇总")
        (('street_name', '友谊大街街道'), ('neighbourhood_name', '环西社区'), None)
        """
        name = normalise_name(text)
        if len(name) < 2:
            return None
        if self.rules.district_code(name) is not None:
            return "district_name", name
        core = name_core(name)
        fits = [official for official in self.names.get("street_name", ()) if name_core(official) == core]
        official = self.rules.street_name(name)
        if official != name and not fits:
            fits = [official]
        if fits:
            return "street_name", name if name.endswith(("街道", "镇", "乡", "苏木")) else fits[0]
        for level in ("neighbourhood_name", "district_name"):
            if any(normalise_name(known) == name for known in self.names.get(level, ())):
                return level, name
        if _NEIGHBOURHOOD.match(name):
            return "neighbourhood_name", name
        if (street := _STREET.fullmatch(name)) and not _NO_STREET.search(name):
            return "street_name", street.group(1)
        if _DISTRICT.match(name) and not _NO_DISTRICT.search(name):
            return "district_name", name
        return None

    def _split(self, text: str) -> tuple[str | None, str]:
        """The district a text begins with, and the rest; None where it begins with none, or is one."""
        for _, official, aliases in self.rules.districts:
            for name in (official, *(a for a in aliases if len(a) > 2)):
                if text.startswith(name) and text != name:
                    return official, text.removeprefix(name)
        ahead = rf"({_HAN}{{2,4}}(?:区|旗|县))(?={_HAN}+?(?:街道|镇|乡|苏木|办事处))"
        cut = re.match(ahead, text)
        if cut is None or _NO_DISTRICT.search(cut.group(1)):
            return None, text
        return cut.group(1), text.removeprefix(cut.group(1))

    def inside(self, text: str) -> dict[str, str]:
        """The places a title names: each level once, none where two of one level stand in it.

        Examples
        --------
        >>> known = KnownPlaces({}, NameRules(districts=(("150203", "昆都仑区", ("昆区",)),)))
        >>> known.inside("昆都仑区前进道街道老旧小区台账（2025年）")
        {'district_name': '昆都仑区', 'street_name': '前进道街道'}
        >>> known.inside("各街道老旧小区汇总表"), known.inside("小城镇老旧小区台账")
        ({}, {})
        """
        district, name = self._split(normalise_name(strip_heading(text)))
        whole = self.level_of(name)
        if whole is not None:
            return ({"district_name": district} if district else {}) | {whole[0]: whole[1]}
        found: dict[str, set[str]] = {}
        for line in text.splitlines():
            rest = re.sub(r"^\d+年?(\d+月)?[.、_-]?", "", normalise_name(line))
            rest = re.sub(rf"^{_HAN}{{2,6}}(省|自治区)(?={_HAN})", "", rest)
            rest = re.sub(rf"^{_HAN}{{2,4}}市(?={_HAN})", "", rest)
            district, rest = self._split(rest)
            if district is not None:
                found.setdefault("district_name", set()).add(district)
            known = {
                official
                for official in self.names.get("street_name", ())
                if len(name_core(official)) > 1 and official in rest
            }
            stated = {m.group(1) for m in _STREET.finditer(rest) if not _NO_STREET.search(m.group(1))}
            if known or stated:
                found.setdefault("street_name", set()).update(known or stated)
        return {level: next(iter(found[level])) for level in LEVELS if len(found.get(level, ())) == 1}


def fill_sheet_places(
    prepared: PreparedLayer, places: KnownPlaces, *, titles: Mapping[str | None, str]
) -> PreparedLayer:
    """Fill district, street and neighbourhood of rows whose table does not say them.

    The heading right above a block of rows comes first, then the sheet's name, the title above the
    header, and the file's name. A cell that names its place is never changed.

    Parameters
    ----------
    prepared
        Rows of a table.
    places
        Names that are known.
    titles
        Text above the header by sheet.

    Returns
    -------
    The rows with the names filled, and what was filled told.
    """
    fields = {*field_names(prepared.layer), *auxiliary_fields(prepared.layer)}
    levels = [level for level in LEVELS if level in fields]
    if not levels or prepared.frame.empty:
        return prepared
    frame = prepared.frame.copy()
    found: list[Finding] = []
    is_own = "unit_id" in frame or "geometry" in frame  # an export or a map: a blank is a blank
    for level in ("district_name", "street_name"):
        if level in frame and level in levels and not is_own:
            frame[level], stated = _fill_down(prepared, frame, level)
            found += stated
    n = len(frame)
    sheets = prepared.sheets.tolist() if prepared.sheets is not None else [None] * n
    headings = _text_cells(frame, HEADING).tolist()
    sources = list(_parse_row_places(sheets, headings, prepared.file, places, titles))
    for level in levels:
        filled, stated = _fill_level(prepared, frame, level, [one.get(level) for one in sources])
        if stated:
            frame[level] = filled
            found += stated
    found += _find_title_contradictions(sheets, prepared, places, titles)
    return replace(prepared, frame=frame).found(*found) if found else prepared


PlaceBySource = dict[str, tuple[str, str]]


def _parse_row_places(
    sheets: Sequence[str | None],
    headings: Sequence[str | None],
    file: str,
    places: KnownPlaces,
    titles: Mapping[str | None, str],
) -> Iterator[PlaceBySource]:
    """For each row by level the name and who says it: "heading", "sheet", "title" or "file"."""
    of_sheet: dict[str | None, PlaceBySource] = {}
    of_heading: dict[str, PlaceBySource] = {}
    for sheet, heading in zip(sheets, headings, strict=True):
        if sheet not in of_sheet:
            of_sheet[sheet] = _parse_sheet_names(sheet, file, places, titles.get(sheet, ""))
        if heading is not None and heading not in of_heading:
            of_heading[heading] = _parse_headings(heading.splitlines(), places)
        yield of_sheet[sheet] | (of_heading[heading] if heading is not None else {})


def _parse_headings(lines: Sequence[str], places: KnownPlaces) -> PlaceBySource:
    """What headings say, read from above: a district ends the street before it."""
    sources: PlaceBySource = {}
    for line in lines:
        whole = places.level_of(strip_heading(line))
        if whole is not None:
            above = LEVELS[: LEVELS.index(whole[0])]
            sources = {level: one for level, one in sources.items() if level in above}
            sources[whole[0]] = (whole[1], "heading")
    return sources


def _parse_sheet_names(sheet: str | None, file: str, places: KnownPlaces, title: str) -> PlaceBySource:
    sources: PlaceBySource = {}
    for text, by in ((_stem(file), "file"), (title, "title"), *_sheet_name_parts(sheet)):
        sources |= {level: (name, by) for level, name in places.inside(text).items()}
    return sources


def _sheet_name_parts(sheet: str | None) -> list[tuple[str, str]]:
    """The name of a sheet, in an archive after that of its file."""
    return [] if sheet is None else [(part, "sheet") for part in str(sheet).split("/")]


def _stem(file: str) -> str:
    return Path(file).stem


def _fill_level(
    prepared: PreparedLayer, frame: pd.DataFrame, level: str, sources: Sequence[tuple[str, str] | None]
) -> tuple[pd.Series, list[Finding]]:
    """Blanks of one level filled, and one finding for each place and who stated it."""
    given = _text_cells(frame, level)
    coded = _text_cells(frame, _CODE[level])
    filled, rows_of = given.copy(), {}  # type: ignore[var-annotated]
    has_any = bool(given.notna().any())
    for position, one in enumerate(sources):
        if one is None or pd.notna(given.iloc[position]) or pd.notna(coded.iloc[position]):
            continue
        if has_any and one[1] in ("title", "file"):
            continue  # a table that names its places itself leaves this one open
        filled.iloc[position] = one[0]
        rows_of.setdefault(one, []).append(position)
    found = []
    for (name, by), rows in rows_of.items():
        found.append(
            replace(
                prepared.finding(
                    "info",
                    f"sheet.{_LABEL[level].en}",
                    *say("sheet.filled", n=len(rows), level=_LABEL[level], by=_SOURCE_WORDS[by], name=name),
                    position=rows[0],
                    value=name,
                ),
                row=None,
            )
        )
    return filled, found


_SOURCE_WORDS = {
    "heading": say("source.heading"),
    "sheet": say("source.sheet"),
    "title": say("source.title"),
    "file": say("source.file"),
}


def _fill_down(prepared: PreparedLayer, frame: pd.DataFrame, level: str) -> tuple[pd.Series, list[Finding]]:
    """A column written only in the first row of each block, as merged cells come out of a CSV."""
    given = _text_cells(frame, level)
    blank = given.isna().to_numpy()
    sheets = prepared.sheets if prepared.sheets is not None else np.full(len(frame), "")
    if not blank.any() or blank.all():
        return given, []
    filled = given.tolist()
    n, first = 0, None
    for sheet in dict.fromkeys(sheets.tolist()):
        rows = np.flatnonzero(sheets == sheet)
        values = given.iloc[rows].tolist()
        stated = [v for v in values if v is not None]
        is_block = stated and values[0] is not None and len(set(stated)) == len(stated) < len(values)
        if not is_block or 3 * (len(values) - len(stated)) < len(values) or len(stated) < 2:
            continue
        last = None
        for row, value in zip(rows, values, strict=True):
            if value is None:
                filled[row] = last
                n, first = n + 1, int(row) if first is None else first
            else:
                last = value
    if first is None:
        return given, []
    return pd.Series(filled, index=frame.index, dtype=object), [
        prepared.finding(
            "warning",
            "sheet.filled_down",
            *say("finding.filled_down", level=_LABEL[level], n=n),
            position=first,
            column=level,
        )
    ]


def _find_title_contradictions(
    sheets: Collection[str | None], prepared: PreparedLayer, places: KnownPlaces, titles: Mapping[str | None, str]
) -> list[Finding]:
    """Sheets whose name and title tell different places: the name counts."""
    found = []
    for sheet in dict.fromkeys(sheets):
        by_name: dict[str, str] = {}
        for text, _ in _sheet_name_parts(sheet):
            by_name |= places.inside(text)
        by_title = places.inside(titles.get(sheet, ""))
        found += [
            _title_finding(prepared, sheet, by_name[level], by_title[level])
            for level in LEVELS
            if level in by_name and level in by_title and name_core(by_name[level]) != name_core(by_title[level])
        ]
    return found


def _title_finding(prepared: PreparedLayer, sheet: str | None, name: str, title: str) -> Finding:
    return Finding(
        "warning",
        "sheet.title_contradicts",
        *say("finding.title_contradicts", name=name, title=title),
        file=prepared.file,
        layer=prepared.layer,
        sheet=sheet,
        value=title,
    )


def accumulate_headings(
    headings: Sequence[str], sheets: Sequence[str | None] | None, most: int = 8
) -> list[str | None]:
    r"""For each row all headings above it in its sheet, the last `most` of them.

    Parameters
    ----------
    headings
        n headings right above the rows, "" = none.
    sheets
        n names of sheets; None = there are no sheets.
    most
        Headings that are kept.

    Examples
    --------
    >>> accumulate_headings(["甲街道", "", "乙街道"], None)
    ['甲街道', '甲街道', '甲街道\n乙街道']
    """
    lines: list[str] = []
    before: object = None
    stated: list[str | None] = []
    for position, text in enumerate(headings):
        sheet = None if sheets is None else sheets[position]
        if sheet != before:
            lines, before = [], sheet
        lines = [*lines, *str(text or "").splitlines()][-most:]
        stated.append("\n".join(lines) or None)
    return stated


def _text_cells(frame: pd.DataFrame, name: str) -> pd.Series:
    """(n,) text, None where it is missing."""
    cells = frame[name].tolist() if name in frame else [None] * len(frame)
    stated = np.array([cell if isinstance(cell, str) else None for cell in cells], dtype=object)
    return pd.Series(stated, index=frame.index, dtype=object)


def _distinct_names(first: Collection[str], layer: pd.DataFrame | None) -> tuple[str, ...]:
    stated = [] if layer is None or "name" not in layer else layer["name"].dropna().tolist()
    return tuple(dict.fromkeys([*first, *map(str, stated)]))
