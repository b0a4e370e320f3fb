"""Which rows of a sheet are its header, and the names of its columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from geo.readers.spreadsheets import Sheet
from geo.tables.header_text import normalise_header
from geo.tables.headers import is_known_header
from geo.values.texts import is_blank

HEADER_WITHIN = 15
"""Rows from the top of a sheet in which its header is looked for."""


def find_header(sheet: Sheet) -> tuple[int, int] | None:
    """First and last row of the header, from 0; None where no row reads like one."""
    grid = fill_merges(sheet, sheet.merges)
    counts = [
        len({normalise_header(cell) for cell in row if _is_word(cell) and is_known_header(cell)})
        for row in grid[:HEADER_WITHIN]
    ]
    if not counts or max(counts) == 0:
        return None
    best = counts.index(max(counts))
    filled = sum(not is_blank(cell) for cell in grid[best])
    if counts[best] < 2 and filled > 2:
        return None
    top = bottom = best
    width = max(len(row) for row in grid)
    for up, left, down, right in sheet.merges:
        if up <= best <= down and down - up < 3:
            top, bottom = min(top, up), max(bottom, down)
        elif up == down == best - 1 and 1 <= right - left < 0.7 * width:
            top = min(top, up)
    if bottom == best and _is_one_header(grid, best, best + 1):
        bottom = best + 1
    if top == best and _is_one_header(grid, best - 1, best):
        top = best - 1
    return top, bottom


def find_unknown_header(sheet: Sheet) -> int | None:
    """The first row of different words, two at least, that has as many cells as rows below it."""
    grid = fill_merges(sheet, sheet.merges)
    filled = [sum(not is_blank(cell) for cell in row) for row in grid]
    for index, row in enumerate(grid[:HEADER_WITHIN]):
        names = [str(cell) for cell in row if not is_blank(cell)]
        below = filled[index + 1 :]
        if (
            len(set(names)) == len(names) >= 2
            and all(_is_word(cell) for cell in row if not is_blank(cell))
            and below
            and max(below) <= len(names)
            and 2 * max(below) >= len(names)
        ):
            return index
    return None


def _is_one_header(grid: list[list[Any]], upper: int, lower: int) -> bool:
    """Whether two rows are one header, cells merged or not: each names columns the other leaves open.

    No name may stand under another: "户数" below "规模" splits a group, "120" or "红星小区" below
    "小区名称" is a row of data.
    """
    if upper < 0 or lower >= len(grid):
        return False
    pairs = list(zip(grid[upper], grid[lower], strict=True))
    for row in (upper, lower):
        if not all(is_blank(cell) or _is_word(cell) for cell in grid[row]):
            return False
    if any(
        not is_blank(above) and not is_blank(below) and above != below and is_known_header(above)
        for above, below in pairs
    ):
        return False
    opens = any(is_known_header(a) for a, b in pairs if _is_word(a) and is_blank(b))
    splits = any(is_known_header(b) for a, b in pairs if _is_word(b) and a != b)
    return opens and splits


def _is_word(cell: object) -> bool:
    return isinstance(cell, str) and len(cell) <= 40 and re.search(r"[^\W\d_]", cell) is not None


def name_columns(sheet: Sheet, top: int, bottom: int) -> list[str]:
    """Column names: the distinct parts from top to bottom joined by "/", doubles numbered.

    Parameters
    ----------
    sheet
        The sheet.
    top, bottom
        First and last row of its header, from 0.
    """
    grid = fill_merges(sheet, sheet.merges)
    width = max(len(row) for row in grid)
    names: list[str] = []
    for column in range(width):
        parts: list[str] = []
        for row in range(top, bottom + 1):
            cell = grid[row][column] if column < len(grid[row]) else None
            text = "" if cell is None else re.sub(r"\s+", "", str(cell))
            if text and text not in parts:
                parts.append(text)
        names.append("/".join(parts))
    seen: dict[str, int] = {}
    for i, name in enumerate(names):
        seen[name] = seen.get(name, 0) + 1
        names[i] = name if name and seen[name] == 1 else f"{name or '列'}#{i + 1}"
    return names


def fill_merges(sheet: Sheet, merges: Sequence[tuple[int, int, int, int]]) -> list[list[Any]]:
    """The grid with the value of each merged range in all of its cells, every row of the same length.

    Parameters
    ----------
    sheet
        The sheet.
    merges
        (top, left, bottom, right) of the ranges to fill, from 0, the ends included.
    """
    width = max((len(row) for row in sheet.cells), default=0)
    grid = [list(row) + [None] * (width - len(row)) for row in sheet.cells]
    for top, left, bottom, right in merges:
        if top >= len(grid) or left >= width:
            continue
        value = grid[top][left]
        for row in range(top, min(bottom, len(grid) - 1) + 1):
            for column in range(left, min(right, width - 1) + 1):
                grid[row][column] = value
    return grid
