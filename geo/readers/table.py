"""Tables as bureaus send them: title rows, merged cells, totals, notes, several sheets."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from geo.errors import EmptyLayerError, UnknownLayerError, UnreadableFileError
from geo.findings import Finding
from geo.messages import load_catalogue
from geo.raw_layer import RawLayer
from geo.readers.sheet_body import SheetBody, read_body
from geo.readers.sheet_header import HEADER_WITHIN, find_header, find_unknown_header
from geo.readers.spreadsheets import Sheet, read_grids
from geo.sandbox.processes import ReadLimits
from geo.tables.headers import has_required_fields, recognise_layer
from geo.values.texts import is_blank

say = load_catalogue(__file__)

logger = logging.getLogger(__name__)


def read_table(
    path: Path, *, encoding: str | None = None, limits: ReadLimits | None = None, file: str | None = None
) -> tuple[RawLayer, ...]:
    """Read an Excel, WPS or text table.

    The header is looked for in the first 15 rows by the names bureaus use; merged and two-row
    headers are joined by "/"; merged text cells are filled down; totals are dropped after being
    compared with the sum of their rows; notes are dropped. Sheets with the same headers are put
    together; a sheet with headers of its own is a table of its own, for its columns mean what its own
    headers and units say.

    Parameters
    ----------
    path
        A .xlsx, .xlsm, .xls, .et, .csv, .tsv or .txt file.
    encoding
        Of a text table; by default strict UTF-8, then GB18030.
    limits
        Of the archive a .xlsx is.
    file
        Name to report instead of the path's own.

    Returns
    -------
    One table for each set of headers; cells are text, numbers, dates or None.

    Raises
    ------
    UnreadableFileError
        If the file is missing, damaged or not what its name says, or no header is found.
    EmptyLayerError
        If there is a header but no row.
    """
    file = file or path.name
    if not path.is_file():
        raise UnreadableFileError(*say("error.no_file", path=path))
    sheets, used, found = read_grids(path, file, encoding, limits or ReadLimits())
    return _combine_sheets(file, sheets, used, found)


def _combine_sheets(
    file: str, sheets: Sequence[Sheet], encoding: str | None, found: Sequence[Finding]
) -> tuple[RawLayer, ...]:
    """The bodies of all sheets, put together by the layer their headers tell of."""
    bodies: list[tuple[Sheet, SheetBody]] = []
    skipped: list[Finding] = list(found)
    for sheet in sheets:
        if not any(not is_blank(cell) for row in sheet.cells for cell in row):
            continue
        header = find_header(sheet)
        if header is None:
            skipped.append(_no_header_finding(file, sheet))
            continue
        bodies.append((sheet, read_body(file, sheet, *header)))
    if not bodies:  # no name is known anywhere: what stands above the rows may still be names
        bodies, skipped = _read_unknown_headers(file, sheets, found)
    if not bodies:
        _raise_no_table(file, any(f.rule == "table.sheet_skipped" for f in skipped))
    if not any(len(body.frame) for _, body in bodies):
        raise EmptyLayerError(*say("error.no_row", file=file))
    groups, unclear = _group_by_headers(bodies)
    skipped += [_no_layer_finding(file, sheet, len(body.frame)) for sheet, body in unclear]
    raws = [
        replace(_concat_sheets(file, group, encoding), layer=layer, is_part=len(groups) > 1) for layer, group in groups
    ]
    return (replace(raws[0], findings=(*skipped, *raws[0].findings)), *raws[1:])


_Group = tuple[str | None, list[tuple[Sheet, SheetBody]]]


def _group_by_headers(bodies: Sequence[tuple[Sheet, SheetBody]]) -> tuple[list[_Group], list[tuple[Sheet, SheetBody]]]:
    """Sheets of one layer and the same headers together, and sheets that cannot be known.

    A sheet that tells nothing is what the others are, where these are of one layer and it names what
    that layer needs.
    """
    used = [(sheet, body, _guess_layer(body)) for sheet, body in bodies if len(body.frame)]
    known = {layer for _, _, layer in used if layer}
    groups: dict[tuple[str, frozenset[str]], list[tuple[Sheet, SheetBody]]] = {}
    hints: dict[tuple[str, frozenset[str]], str | None] = {}
    unclear: list[tuple[Sheet, SheetBody]] = []
    for sheet, body, layer in used:
        columns = [str(c) for c in body.frame.columns]
        hint = None
        if not layer and known:
            hint = next(iter(known)) if len(known) == 1 else None
            if hint is None or not has_required_fields(columns, hint):
                unclear.append((sheet, body))
                continue
        key = (layer or hint or "", frozenset(columns))
        groups.setdefault(key, []).append((sheet, body))
        hints[key] = hint
    return [(hints[key], group) for key, group in groups.items()], unclear


def _read_unknown_headers(
    file: str, sheets: Sequence[Sheet], found: Sequence[Finding]
) -> tuple[list[tuple[Sheet, SheetBody]], list[Finding]]:
    """The bodies of sheets whose header is recognised by its looks only, and what was noticed."""
    bodies, noticed = [], list(found)
    for sheet in sheets:
        row = find_unknown_header(sheet)
        if row is not None:
            bodies.append((sheet, read_body(file, sheet, row, row)))
            noticed.append(_unknown_header_finding(file, sheet, row))
        elif any(not is_blank(cell) for cells in sheet.cells for cell in cells):
            noticed.append(_no_header_finding(file, sheet))
    return bodies, noticed


def _guess_layer(body: SheetBody) -> str:
    try:
        return recognise_layer([str(c) for c in body.frame.columns])
    except UnknownLayerError:
        return ""


def _concat_sheets(file: str, group: list[tuple[Sheet, SheetBody]], encoding: str | None) -> RawLayer:
    frame = pd.concat([body.frame for _, body in group], ignore_index=True)
    headings = [heading for _, body in group for heading in body.headings]
    logger.info("%s: %d rows in %d sheets", file, len(frame), len(group))
    return RawLayer(
        file=file,
        frame=frame.astype(object).where(frame.notna(), None),
        rows=np.array([row for _, body in group for row in body.rows], dtype=np.int64),
        sheets=np.array([s.name for s, body in group for _ in body.rows], dtype=object),
        encoding=encoding,
        findings=tuple(finding for _, body in group for finding in body.findings),
        shifted=np.array([shift for _, body in group for shift in body.shifted], dtype=bool),
        titles=tuple((sheet.name, body.title) for sheet, body in group if body.title),
        headings=np.array(headings, dtype=object) if any(headings) else None,
    )


def _raise_no_table(file: str, any_text: bool) -> None:
    if any_text:
        raise UnreadableFileError(*say("error.no_header", file=file, within=HEADER_WITHIN))
    raise EmptyLayerError(*say("error.empty", file=file))


def _no_header_finding(file: str, sheet: Sheet) -> Finding:
    """A sheet without a header is a note, or, where it has rows of several cells, perhaps data."""
    n_rows = sum(sum(not is_blank(cell) for cell in row) >= 3 for row in sheet.cells)
    if n_rows < 2:
        return Finding(
            "info", "table.sheet_skipped", *say("table.sheet_skipped", name=sheet.name), file=file, sheet=sheet.name
        )
    return Finding(
        "warning",
        "table.sheet_skipped",
        *say("table.sheet_without_header", name=sheet.name, n_rows=n_rows),
        file=file,
        sheet=sheet.name,
    )


def _no_layer_finding(file: str, sheet: Sheet, n_rows: int) -> Finding:
    return Finding(
        "warning",
        "table.sheet_skipped",
        *say("table.sheet_unclear", name=sheet.name, n_rows=n_rows),
        file=file,
        sheet=sheet.name,
    )


def _unknown_header_finding(file: str, sheet: Sheet, row: int) -> Finding:
    return Finding(
        "warning",
        "table.header_unknown",
        *say("table.header_unknown", row=row + 1),
        file=file,
        sheet=sheet.name,
        row=row + 1,
    )
