"""Text of a sheet outside its rows: titles above the header, lines that head a block of rows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from geo.findings import Finding
from geo.messages import load_catalogue
from geo.tables.header_text import normalise_header
from geo.tables.headers import is_known_header
from geo.values.texts import is_blank

say = load_catalogue(__file__)

_NUMBERED = re.compile(
    r"^(?:第?[一二三四五六七八九十百\d]{1,4}(?:、|[.．](?!\d)|[)）])|[(（][一二三四五六七八九十\d]{1,3}[)）])"
)
_COUNT = re.compile(r"[(（][^()（）]{0,12}[)）]$|[:：]$|(共?\d+个?(小区|项目|户|处)?)$")
_STREET = re.compile(r".(街道办事处|街道办|街道|办事处|苏木|镇|乡)$")
_PLACE = re.compile(
    r".(街道办事处|街道办|街道|办事处|苏木|镇|乡|社区|社区居委会|居委会|居民委员会|嘎查|村|(?<!小)区|旗|县)$"
)
_LONGEST = 24


def strip_heading(text: str) -> str:
    """A heading without its number and its count.

    Examples
    --------
    >>> strip_heading("一、前进道街道（12个）"), strip_heading("2.友谊大街街道：")
    ('前进道街道', '友谊大街街道')
    """
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    return _COUNT.sub("", _NUMBERED.sub("", plain))


def detect_heading(row: Sequence[Any], filled: Sequence[int], names: Sequence[str], *, is_wide: bool) -> str | None:
    """The line that heads the rows below, where a row is nothing else ("一、前进道街道").

    Parameters
    ----------
    row
        Cells of the row, merged cells not spread.
    filled
        Positions of cells that are not blank.
    names
        Headers.
    is_wide
        Whether the cell spans several columns.

    Returns
    -------
    The text as written; None where the row is data, a note or a total.
    """
    if len(filled) != 1 or len(names) < 3 or not isinstance(row[filled[0]], str):
        return None
    text = row[filled[0]].strip()
    plain = re.sub(r"\s+", "", text)
    bare = strip_heading(plain)
    if len(plain) > _LONGEST or not bare or re.search(r"[,，。;；]", bare):
        return None
    header = names[filled[0]]
    is_numbered = _NUMBERED.match(plain) is not None
    is_place = _PLACE.search(bare) is not None
    is_named_column = is_known_header(header) and normalise_header(header) != "序号"
    if is_named_column and not is_wide and not is_numbered:
        return text if _STREET.search(bare) else None
    return text if is_place or is_numbered else None


def read_title(cells: Sequence[Sequence[Any]], top: int) -> str:
    """The text above the header, line by line; "" where there is none.

    Parameters
    ----------
    cells
        Rows of the sheet.
    top
        First row of the header, from 0.
    """
    lines = []
    for row in cells[:top]:
        texts = [str(cell).strip() for cell in row if not is_blank(cell)]
        if texts:
            lines.append(" ".join(dict.fromkeys(texts)))
    return "\n".join(lines)


def heading_finding(file: str, sheet: str | None, number: int, text: str) -> Finding:
    """A heading is no row of data; it says where the rows below it are.

    Parameters
    ----------
    file, sheet
        Where it stands.
    number
        Row number, 1-based.
    text
        The heading as written.
    """
    return Finding("info", "table.heading", *say("headings.used"), file=file, sheet=sheet, row=number, value=text[:60])
