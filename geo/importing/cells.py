"""The cells of a table read as the fields their columns fill: sheet by sheet, spare columns last."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.findings import Finding
from geo.messages import load_catalogue
from geo.prepared.prepared_layer import PreparedLayer
from geo.schema import LAYERS
from geo.tables.header_text import parse_area_unit, states_area_unit
from geo.tables.headers import ColumnMap, ColumnMatch, find_field
from geo.validation.unit_conversion import convert_area_units
from geo.values.parsing import ValueProblem

say = load_catalogue(__file__)

CellProblem = tuple[ColumnMatch, ValueProblem]
ColumnReader = Callable[[pd.Series, ColumnMatch], tuple[dict[str, pd.Series], tuple[ValueProblem, ...]]]
"""Reads a column: its field and what belongs to it (an interval, a quality), and what cells said."""


def read_cells(
    prepared: PreparedLayer,
    mapped: ColumnMap,
    frame: pd.DataFrame,
    read: ColumnReader,
    titles: Mapping[str | None, str],
) -> tuple[pd.DataFrame, list[Finding], list[CellProblem]]:
    """Read the columns of a table into the fields of its layer.

    Each sheet has its own unit: one in ten thousand square metres next to one in square metres is
    read as such, whether the header, a line above it or the figures themselves say so. A column that
    names a field another one fills is read where that one is blank; what differs is reported.

    Parameters
    ----------
    prepared
        Says where the rows stood.
    mapped
        Which column is what.
    frame
        n rows, the source's cells.
    read
        Reads one column.
    titles
        Text above the header by sheet.

    Returns
    -------
    n rows with the fields as columns, object dtype; what was found; and what single cells said.
    """
    found: list[Finding] = []
    problems: list[CellProblem] = []
    whole, unit_findings = convert_area_units(prepared, mapped.matches, frame)
    parts = list(_iterate_sheets(prepared, len(frame)))
    is_whole = whole != tuple(mapped.matches) or len(parts) == 1
    columns = _Columns(len(frame))
    spare = [_Columns(len(frame)) for _ in mapped.spare]
    for number, (sheet, rows) in enumerate(parts):
        part = replace(
            prepared, rows=prepared.rows[rows], sheets=None if prepared.sheets is None else prepared.sheets[rows]
        )
        cells = frame.iloc[rows].reset_index(drop=True)
        by_title, told = _apply_title_unit(part, mapped.matches, titles.get(sheet, ""), sheet)
        matches: Sequence[ColumnMatch] = whole
        if told or not is_whole:
            matches, said = convert_area_units(part, by_title, cells)
            found += [*told, *said]
        elif number == 0:
            found += unit_findings
        for match in matches:
            values, bad = read(cells[match.source], match)
            columns.put(match.field, rows, values)
            problems += [(match, replace(b, position=int(rows[b.position]))) for b in bad]
        factors = {m.field: m.factor for m in matches}
        for one, match in zip(spare, mapped.spare, strict=True):
            unit = match
            if told and match.field.endswith("_m2") and not states_area_unit(match.source):
                unit = replace(match, factor=factors.get(match.field, match.factor))
            one.put(match.field, rows, read(cells[match.source], unit)[0])
    used = {match.field: match.source for match in mapped.matches}
    for one, match in zip(spare, mapped.spare, strict=True):
        if match.field in used and _is_filled(match.field):
            found += _fill_blanks(prepared, columns, one, match, used[match.field])
    return columns.table(prepared.frame.index), found, problems


class _Columns:
    """Columns of n rows as they are read, sheet by sheet."""

    def __init__(self, n: int) -> None:
        self.n = n
        self.main: dict[str, npt.NDArray[np.object_]] = {}
        self.beside: dict[str, npt.NDArray[np.object_]] = {}

    def put(self, field: str, rows: npt.NDArray[np.int64], values: Mapping[str, pd.Series]) -> None:
        """Keep the values of some rows: those of the field, and those that belong to them."""
        for name, told in values.items():
            kept = self.main if name == field else self.beside
            column = kept.setdefault(name, np.full(self.n, None, dtype=object))
            column[rows] = told.to_numpy(dtype=object)

    def table(self, index: pd.Index) -> pd.DataFrame:
        """All columns; a column of the source counts before what another one says next to it."""
        main = dict(self.main)
        for name, values in self.beside.items():
            given = main.get(name)
            main[name] = values if given is None else np.where(pd.notna(given), given, values)
        return pd.DataFrame(main, index=index, dtype=object)


def _iterate_sheets(prepared: PreparedLayer, n: int) -> Iterator[tuple[str | None, npt.NDArray[np.int64]]]:
    """The rows of each sheet."""
    if prepared.sheets is None or not n:
        yield None, np.arange(n)
        return
    for sheet in dict.fromkeys(prepared.sheets.tolist()):
        yield sheet, np.flatnonzero(prepared.sheets == sheet)


def _apply_title_unit(
    part: PreparedLayer, matches: Sequence[ColumnMatch], title: str, sheet: str | None
) -> tuple[tuple[ColumnMatch, ...], list[Finding]]:
    """Areas without a unit of their own in that of the line above the header ("单位: 万平方米")."""
    unit = parse_area_unit(title)
    open_ones = [m for m in matches if m.field.endswith("_m2") and not states_area_unit(m.source)]
    if unit is None or unit == 1.0 or not open_ones:
        return tuple(matches), []
    changed = tuple(replace(m, factor=unit) if m in open_ones else m for m in matches)
    names = "、".join(m.source for m in open_ones)
    return changed, [
        replace(
            part.finding(
                "info",
                "columns.unit_in_title",
                *say("columns.unit_in_title", names=names, unit=unit),
                column=open_ones[0].source,
            ),
            sheet=sheet,
        )
    ]


def _is_filled(field: str) -> bool:
    """Whether blanks of a field may come from a spare column: codes and coordinates may not."""
    return not field.endswith(("_code", "_id")) and field not in ("lon", "lat", "x", "y", "lonlat", "uscc")


def _fill_blanks(
    prepared: PreparedLayer, columns: _Columns, spare: _Columns, match: ColumnMatch, source: str
) -> list[Finding]:
    """Fill blanks of the chosen column in place; tell of what was filled and of what differs."""
    field = find_field(prepared.layer, match.field)
    chosen, other = columns.main[match.field], spare.main[match.field]
    known, given = pd.notna(chosen), pd.notna(other)
    filled = ~known & given
    chosen[filled] = other[filled]
    for name, values in spare.beside.items():
        if name in columns.beside:
            columns.beside[name][filled] = values[filled]
    found = []
    if filled.any():
        n = int(filled.sum())
        found.append(
            prepared.finding(
                "info",
                "columns.filled",
                *say("columns.filled", source=source, n=n, source_2=match.source),
                position=int(np.flatnonzero(filled)[0]),
                column=match.source,
            )
        )
    is_figure = field is not None and (field.kind in ("integer", "number", "share") or bool(field.choices))
    differs = [p for p in np.flatnonzero(known & given) if _differ(chosen[p], other[p])]
    if differs and is_figure:
        first = differs[0]
        is_area = match.field.endswith("_m2")
        found.append(
            prepared.finding(
                "info" if is_area else "warning",
                "columns.differ",
                *say(
                    "columns.differ",
                    source=source,
                    source_2=match.source,
                    n=len(differs),
                    chosen=chosen[first],
                    other=other[first],
                ),
                position=int(first),
                column=match.source,
                value=str(other[first]),
            )
        )
    return found


def _differ(a: object, b: object) -> bool:
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return abs(a - b) > 1e-6 * max(1.0, abs(a))
    return "unknown" not in (a, b) and a != b


NUMERIC_FIELDS = frozenset(
    f.name for fields in LAYERS.values() for f in fields if f.kind in ("integer", "number", "share")
)
"""Fields that are numbers, of any layer."""
