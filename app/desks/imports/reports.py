"""The report of an import as files: findings as JSON or xlsx, rejected rows to correct."""

from __future__ import annotations

import itertools
import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xlsxwriter

from app.exports.workbook import make_workbook
from app.i18n import say
from geo.errors import UsageError
from geo.findings import Finding, count_by_severity, to_frame
from geo.importing import ImportReport
from geo.pii import remove_pii
from geo.prepared.prepared_layer import SourceTable
from geo.storage.atomic_files import atomic_write
from geo.storage.commits import lock_dataset
from geo.storage.dataset import Dataset

REJECTED = "rejected.xlsx"
"""Name of the file of rejected rows, in the dataset's folder."""
_CORE = "docProps/core.xml"
_REASONS = ("不能使用的原因", "Reason", "来源行")
_COLOURS = {"error": "#F4B6B6", "warning": "#FBE3A2", "info": "#DCE9F7"}
_SEVERITY_ZH = {"error": "错误", "warning": "注意", "info": "说明"}
_HEAD_ZH = {
    "severity": "程度",
    "rule": "规则",
    "file": "文件",
    "layer": "图层",
    "sheet": "工作表",
    "row": "行",
    "column": "列",
    "value": "值",
    "zh": "问题与处理",
    "en": "Finding",
}
_MOST_ROWS = 20_000


def write_report(path: Path, outcome: ImportReport) -> None:
    """Write all findings of an import to a .json or .xlsx file.

    The xlsx holds the findings and, for each file, its rows with findings as they were, the
    offending cells coloured and their finding as a note.

    Parameters
    ----------
    path
        The file to write.
    outcome
        What the import did.

    Raises
    ------
    UsageError
        If the file is to be of another kind.
    """
    if path.suffix.lower() not in (".json", ".xlsx"):
        raise UsageError(*say("importing.report_suffix", name=path.name))
    if path.suffix.lower() == ".json":
        text = json.dumps(report_document(outcome), ensure_ascii=False, indent=1)
        atomic_write(path, (text + "\n").encode())
        return

    def fill(book: xlsxwriter.Workbook) -> None:
        _findings_sheet(book, outcome.findings)
        for table in outcome.sources:
            own = [f for f in outcome.findings if _is_about(f, table)]
            if own:
                _source_sheet(book, table, own)

    atomic_write(path, make_workbook(fill))


def report_document(outcome: ImportReport) -> dict[str, Any]:
    """An import's outcome as a JSON document: rows read and stored, counts, findings."""
    return {
        "rows": dict(outcome.rows),
        "stored": dict(outcome.stored),
        "rejected": len(outcome.rejected),
        "counts": count_by_severity(outcome.findings),
        "findings": [vars(finding) for finding in outcome.findings],
    }


def write_rejected(folder: Path, outcome: ImportReport) -> Path | None:
    """Write the rows that could not be used, in their source's own columns, the reason next to them.

    Correct them there and import the file as it is: the reason columns are passed over. Rows of map
    layers are without their geometry.

    Parameters
    ----------
    folder
        The dataset's folder.
    outcome
        What the import did.

    Returns
    -------
    The file, `folder/rejected.xlsx`, or `rejected-2.xlsx` and so on where that holds rows of other
    files, which nobody may have corrected yet; None when every row was used.
    """
    if not len(outcome.rejected):
        return None
    columns: dict[tuple[str, str], list[str]] = {}
    for table in outcome.sources:  # the sheets of a file may have columns of their own
        known = columns.setdefault((table.file, table.layer), [])
        known += [c for c in table.frame.columns if c not in known]
    files = set(outcome.rejected["file"].astype(str))

    def fill(book: xlsxwriter.Workbook) -> None:
        for (file, layer), rows in outcome.rejected.groupby(["file", "layer"], sort=False):
            _rejected_sheet(book, rows, columns[(str(file), str(layer))])
        book.set_properties({"keywords": json.dumps(sorted(files), ensure_ascii=False)})

    body = make_workbook(fill)
    with lock_dataset(folder):
        path = next(path for path in _rejected_names(folder) if _files_in(path) <= files)
        atomic_write(path, body)
    return path


def _rejected_names(folder: Path) -> Iterator[Path]:
    yield folder / REJECTED
    for number in itertools.count(2):
        yield folder / REJECTED.replace(".", f"-{number}.")


def _files_in(path: Path) -> set[str]:
    """The files whose rejected rows a workbook holds; none where there is no such workbook."""
    if not path.exists():
        return set()
    try:
        with zipfile.ZipFile(path) as book:
            keywords = re.search(r"<cp:keywords>(.*?)</cp:keywords>", book.read(_CORE).decode(), re.S)
        return set(json.loads(unescape(keywords[1]))) if keywords else {path.name}
    except (OSError, KeyError, ValueError, TypeError, zipfile.BadZipFile):
        return {path.name}  # somebody's own: it stays


def unplaced_units(dataset: Dataset) -> tuple[dict[str, Any], ...]:
    """Units without any place (待落图), by street and name: counted, but not planned until placed."""
    units = dataset.layer("units")
    waiting = units[units["geom_quality"] == "missing"]
    waiting = waiting.sort_values(["street_code", "name", "unit_id"], kind="stable")
    columns = ["unit_id", "name", "street_code", "households"]
    table = waiting[columns].astype(object).where(waiting[columns].notna(), None)
    return tuple({str(k): v for k, v in row.items()} for row in table.to_dict("records"))


# --- sheets -------------------------------------------------------------------------------------


def _findings_sheet(book: xlsxwriter.Workbook, findings: Sequence[Finding]) -> None:
    sheet = book.add_worksheet("问题清单 findings")
    head, fills = book.add_format({"bold": True, "bottom": 1}), _fills(book)
    frame = to_frame(findings)
    for place, name in enumerate(frame.columns):
        sheet.write_string(0, place, f"{_HEAD_ZH[name]} {name}" if name != "en" else "Finding", head)
    for row, finding in enumerate(findings, start=1):
        for place, name in enumerate(frame.columns):
            value = getattr(finding, name)
            shown = _SEVERITY_ZH[value] if name == "severity" else value
            _write(sheet, row, place, shown, fills[finding.severity] if place == 0 else None)
    sheet.freeze_panes(1, 0)
    sheet.set_column(len(frame.columns) - 2, len(frame.columns) - 1, 60)


def _source_sheet(book: xlsxwriter.Workbook, table: SourceTable, findings: Sequence[Finding]) -> None:
    """The rows of one source with findings; cells with a finding coloured, the finding as a note."""
    sheet = book.add_worksheet(_sheet_name(book, f"{table.layer} {Path(table.file).stem}"))
    head, fills = book.add_format({"bold": True, "bottom": 1}), _fills(book)
    columns = [str(c) for c in table.frame.columns]
    for place, name in enumerate(("来源行", *columns)):
        sheet.write_string(0, place, name, head)
    by_row: dict[tuple[str | None, int], list[Finding]] = {}
    for finding in findings:
        if finding.row is not None:
            by_row.setdefault((finding.sheet, finding.row), []).append(finding)
    rows, sheets = table.rows.tolist(), table.sheets
    marks = [by_row.get((None if sheets is None else sheets[i], rows[i]), []) for i in range(len(rows))]
    shown = [i for i, mark in enumerate(marks) if mark][:_MOST_ROWS]
    for line, position in enumerate(shown, start=1):
        where = "" if sheets is None else f"{sheets[position] or ''} "
        _write(sheet, line, 0, f"{where}{rows[position]}".strip(), None)
        for place, cell in enumerate(table.frame.iloc[position].tolist(), start=1):
            _write(sheet, line, place, cell, None)
        _mark(sheet, line, table.frame.iloc[position].tolist(), columns, marks[position], fills)
    sheet.freeze_panes(1, 1)


def _mark(
    sheet: Any,
    line: int,
    cells: Sequence[object],
    columns: Sequence[str],
    findings: Sequence[Finding],
    fills: Mapping[str, Any],
) -> None:
    """Colour the cells findings speak of; findings about the whole row colour its number."""
    notes: dict[int, list[Finding]] = {}
    for finding in findings:
        place = columns.index(finding.column) + 1 if finding.column in columns else 0
        notes.setdefault(place, []).append(finding)
    for place, told in notes.items():
        worst = min(told, key=lambda f: ("error", "warning", "info").index(f.severity))
        value = cells[place - 1] if place else f"{told[0].row}"
        _write(sheet, line, place, value, fills[worst.severity])
        text = "\n".join(f"{f.zh}\n{f.en}" for f in told)
        sheet.write_comment(line, place, text[:2000], {"x_scale": 3, "y_scale": 2})


def _rejected_sheet(book: xlsxwriter.Workbook, rows: pd.DataFrame, columns: list[str]) -> None:
    file, layer = str(rows["file"].iloc[0]), str(rows["layer"].iloc[0])
    sheet = book.add_worksheet(_sheet_name(book, f"{layer} {Path(file).stem}"))
    head, fill = book.add_format({"bold": True, "bottom": 1}), _fills(book)["error"]
    for place, name in enumerate((*columns, *_REASONS)):
        sheet.write_string(0, place, name, head)
    own = rows.rename(columns={f"{c} (source)": c for c in columns})
    own = own.loc[:, ~own.columns.duplicated(keep="last")]
    for line, (_, row) in enumerate(own.iterrows(), start=1):
        for place, name in enumerate(columns):
            _write(sheet, line, place, row.get(name), None)
        where = " ".join(str(v) for v in (file, row["sheet"], row["row"]) if not _is_missing(v))
        for place, text in enumerate((row["reason_zh"], row["reason_en"], where), len(columns)):
            _write(sheet, line, place, text, fill if place == len(columns) else None)
    sheet.freeze_panes(1, 0)
    sheet.set_column(len(columns), len(columns) + 1, 50)


def _write(sheet: Any, row: int, column: int, value: object, style: Any) -> None:
    """A cell as it is: numbers as numbers, everything else as text, never as a formula."""
    if _is_missing(value):
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, (bool, np.bool_)):
        sheet.write_boolean(row, column, bool(value), style)
    elif isinstance(value, (int, float, np.integer, np.floating)) and abs(float(value)) < 1e15:
        sheet.write_number(row, column, float(value), style)
    else:
        sheet.write_string(row, column, remove_pii(str(value)), style)


def _is_missing(value: object) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or value != value


def _fills(book: xlsxwriter.Workbook) -> dict[str, Any]:
    return {name: book.add_format({"bg_color": colour}) for name, colour in _COLOURS.items()}


def _sheet_name(book: xlsxwriter.Workbook, wanted: str) -> str:
    """A sheet name Excel takes: 31 characters, no signs it forbids, not there yet."""
    plain = re.sub(r"[\[\]:*?/\\']", " ", wanted).strip()[:28] or "sheet"
    taken = {sheet.get_name().lower() for sheet in book.worksheets()}
    name, number = plain, 2
    while name.lower() in taken:
        name, number = f"{plain[:27]} {number}", number + 1
    return name


def _is_about(finding: Finding, table: SourceTable) -> bool:
    if finding.row is None or (finding.file, finding.layer) != (table.file, table.layer):
        return False
    return table.sheets is None or finding.sheet in table.sheets
