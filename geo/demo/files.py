"""The tables and layers of the fictional city written as the files a bureau would send."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
import xlsxwriter

from geo.datum import from_wgs84
from geo.demo.spec import DEMO_NOTE

_CREATED = dt.datetime(2026, 7, 1, 9, 0, 0)
_DBF_DATE = bytes((126, 7, 1))  # years since 1900, month, day
_DBF_LDID = 29

Cell = str | int | float | bool | None
Header = tuple[str, str]
"""Upper and lower cell of a two-row header; the upper one is empty for a plain column."""


def write_geojson(path: Path, frame: gpd.GeoDataFrame) -> None:
    """Write a layer as GeoJSON in CGCS2000 degrees, 7 decimals, with the demo note.

    Parameters
    ----------
    path
        Where to.
    frame
        Properties under the names they get; any projected CRS.
    """
    degrees = frame.geometry.to_crs("EPSG:4490").to_numpy()
    degrees = shapely.transform(degrees, lambda xy: np.round(xy, 7))
    shapes = shapely.to_geojson(shapely.orient_polygons(degrees, exterior_cw=False))
    table = frame.drop(columns=frame.geometry.name)
    records = table.astype(object).where(table.notna(), None).to_dict("records")
    features = [
        f'{{"type":"Feature","properties":{json.dumps(record, ensure_ascii=False)},"geometry":{shape}}}'
        for record, shape in zip(records, shapes, strict=True)
    ]
    head = f'{{"type":"FeatureCollection","name":"{path.stem}","note":"{DEMO_NOTE}","features":[\n'
    path.write_text(head + ",\n".join(features) + "\n]}\n", encoding="utf-8", newline="\n")


def write_gbk_shapefile(path: Path, frame: gpd.GeoDataFrame) -> None:
    """Write a shapefile as older desktop GIS does: GBK text, no .cpg, no language in the .dbf.

    Parameters
    ----------
    path
        The .shp; .shx, .dbf and .prj come next to it.
    frame
        Columns of at most five Chinese characters (10 bytes), projected CRS.
    """
    pyogrio.write_dataframe(frame, path, driver="ESRI Shapefile", encoding="GBK", RESIZE="YES")
    path.with_suffix(".cpg").unlink(missing_ok=True)
    with path.with_suffix(".dbf").open("r+b") as dbf:
        dbf.seek(1)
        dbf.write(_DBF_DATE)
        dbf.seek(_DBF_LDID)
        dbf.write(b"\x00")


def write_bd09_csv(path: Path, frame: gpd.GeoDataFrame) -> None:
    """Write points as a GB18030 CSV with Baidu coordinates in 经度 and 纬度, 6 decimals.

    Parameters
    ----------
    path
        The file to write.
    frame
        Points in any CRS, with their columns.
    """
    degrees = frame.geometry.to_crs("EPSG:4326")
    lon, lat = from_wgs84(degrees.x.to_numpy(), degrees.y.to_numpy(), "bd09")
    table = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    table.insert(3, "经度", lon.round(6))
    table.insert(4, "纬度", lat.round(6))
    write_csv(path, table, encoding="gb18030")


def write_csv(path: Path, table: pd.DataFrame, *, encoding: str) -> None:
    """Write a plain CSV, CRLF as Excel saves it.

    Parameters
    ----------
    path
        The file to write.
    table
        n rows of plain values.
    encoding
        Such as "gb18030".
    """
    text = table.to_csv(index=False, lineterminator="\r\n")
    path.write_bytes(text.encode(encoding))


def write_table(path: Path, title: str, table: pd.DataFrame) -> None:
    """Write one sheet: a title row, the demo note, a header, the rows.

    Parameters
    ----------
    path
        The .xlsx.
    title
        The first row, over all columns.
    table
        Columns under the names they get.
    """

    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet("明细")
        styles = _Styles(book)
        _write_title(sheet, styles, title, len(table.columns))
        for column, name in enumerate(table.columns):
            sheet.write_string(2, column, name, styles.head)
        for row, record in enumerate(table.itertuples(index=False), start=3):
            _write_row(sheet, styles, row, list(record))

    _write_book(path, fill)


def write_ledger(
    path: Path,
    title: str,
    headers: Sequence[Header],
    sheets: Mapping[str, pd.DataFrame],
    *,
    street_column: int,
    sums: Sequence[int],
) -> None:
    """Write a ledger: title, note, two-row merged header, merged street cells, a 合计 row.

    Parameters
    ----------
    path
        The .xlsx.
    title
        The first row of every sheet.
    headers
        One a column; equal neighbouring upper cells are merged, empty ones run through.
    sheets
        Rows by sheet name, columns in the order of `headers`; rows of one street together.
    street_column
        Whose equal neighbouring cells are merged.
    sums
        Columns that the 合计 row adds up.
    """

    def fill(book: xlsxwriter.Workbook) -> None:
        styles = _Styles(book)
        for name, table in sheets.items():
            sheet = book.add_worksheet(name)
            _write_title(sheet, styles, title, len(headers))
            _write_headers(sheet, styles, headers)
            for row, record in enumerate(table.itertuples(index=False), start=4):
                _write_row(sheet, styles, row, list(record))
            _merge_equal(sheet, styles, table.iloc[:, street_column], street_column)
            _write_sums(sheet, styles, table, 4 + len(table), sums)

    _write_book(path, fill)


class _Styles:
    """The four formats of a sheet."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.title = book.add_format({"bold": True, "font_size": 16, "align": "center"})
        self.note = book.add_format({"font_color": "#C00000", "align": "left"})
        self.head = book.add_format(
            {"bold": True, "border": 1, "align": "center", "valign": "vcenter", "text_wrap": True}
        )
        self.cell = book.add_format({"border": 1, "valign": "vcenter"})


def _write_book(path: Path, fill: Callable[[xlsxwriter.Workbook], None]) -> None:
    """Write a workbook with the same bytes each time: fixed dates inside and in the archive."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "nan_inf_to_errors": False})
    book.set_properties({"title": path.stem, "comments": DEMO_NOTE, "created": _CREATED})
    fill(book)
    book.close()
    path.write_bytes(buffer.getvalue())


def _write_title(sheet: xlsxwriter.worksheet.Worksheet, styles: _Styles, title: str, width: int) -> None:
    sheet.merge_range(0, 0, 0, width - 1, title, styles.title)
    sheet.merge_range(1, 0, 1, width - 1, DEMO_NOTE, styles.note)


def _write_headers(sheet: xlsxwriter.worksheet.Worksheet, styles: _Styles, headers: Sequence[Header]) -> None:
    start = 0
    for column, (upper, lower) in enumerate(headers):
        if not upper:
            sheet.merge_range(2, column, 3, column, lower, styles.head)
            continue
        sheet.write_string(3, column, lower, styles.head)
        if column == 0 or headers[column - 1][0] != upper:
            start = column
        if column + 1 == len(headers) or headers[column + 1][0] != upper:
            if column > start:
                sheet.merge_range(2, start, 2, column, upper, styles.head)
            else:
                sheet.write_string(2, column, upper, styles.head)


def _write_row(sheet: xlsxwriter.worksheet.Worksheet, styles: _Styles, row: int, values: Sequence[Cell]) -> None:
    for column, value in enumerate(values):
        if value is None or value != value or value == "":
            sheet.write_blank(row, column, None, styles.cell)
        elif isinstance(value, str):
            sheet.write_string(row, column, value, styles.cell)
        else:
            number = float(value)
            sheet.write_number(row, column, int(number) if number.is_integer() else number, styles.cell)


def _merge_equal(sheet: xlsxwriter.worksheet.Worksheet, styles: _Styles, values: pd.Series, column: int) -> None:
    """Merge runs of equal cells below the header; the rows start at sheet row 4 (0-based)."""
    names = values.to_numpy()
    breaks = np.flatnonzero(names[1:] != names[:-1]) + 1
    edges = [0, *breaks.tolist(), len(names)]
    for low, high in itertools.pairwise(edges):
        if high - low > 1:
            sheet.merge_range(4 + low, column, 3 + high, column, names[low], styles.cell)


def _write_sums(
    sheet: xlsxwriter.worksheet.Worksheet, styles: _Styles, table: pd.DataFrame, row: int, sums: Sequence[int]
) -> None:
    _write_row(sheet, styles, row, [None] * table.shape[1])
    sheet.write_string(row, 0, "合计", styles.head)
    for column in sums:
        numbers = pd.to_numeric(table.iloc[:, column].map(plain_number))
        sheet.write_number(row, column, round(float(numbers.sum()), 4), styles.cell)


def plain_number(cell: Cell) -> float | None:
    """The number in a cell a clerk typed as text.

    Examples
    --------
    >>> plain_number("1，200户"), plain_number("５６０"), plain_number(12.5)
    (1200.0, 560.0, 12.5)
    """
    if cell is None or cell != cell:
        return None
    text = str(cell).translate(str.maketrans("０１２３４５６７８９．，", "0123456789.,"))
    kept = "".join(c for c in text if c.isdigit() or c == ".")
    return float(kept) if kept else None
