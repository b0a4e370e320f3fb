"""A real .xls of one sheet, byte by byte, since nothing we install writes the old format."""

from __future__ import annotations

import struct
from pathlib import Path

_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def write_xls(path: Path, rows: list[list[object]], merges: tuple[tuple[int, ...], ...] = ()) -> Path:
    """Text, numbers and None; merges as (first row, last row, first column, last column) from 0."""
    path.write_bytes(_container(_workbook("台账", rows, merges)))
    return path


def _workbook(name: str, rows: list[list[object]], merges: tuple[tuple[int, ...], ...]) -> bytes:
    title = name.encode("utf-16-le")
    sheet_at = len(_start(5) + _code_page()) + 4 + 8 + len(title) + 4
    bound = struct.pack("<IBBBB", sheet_at, 0, 0, len(name), 1) + title
    book = _start(5) + _code_page() + _record(0x85, bound) + _record(0x0A)
    sheet = _start(16)
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            place = struct.pack("<HHH", i, j, 0)
            if isinstance(cell, str):
                text = struct.pack("<HB", len(cell), 1) + cell.encode("utf-16-le")
                sheet += _record(0x204, place + text)
            elif cell is not None:
                sheet += _record(0x203, place + struct.pack("<d", cell))
    ranges = b"".join(struct.pack("<HHHH", *merge) for merge in merges)
    sheet += _record(0xE5, struct.pack("<H", len(merges)) + ranges) + _record(0x0A)
    return book + sheet


def _record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _start(kind: int) -> bytes:
    return _record(0x809, struct.pack("<HHHHII", 0x600, kind, 0x0DBB, 0x07CC, 0, 6))


def _code_page() -> bytes:
    return _record(0x42, struct.pack("<H", 1200))


def _container(stream: bytes) -> bytes:
    """A compound file: its table of sectors, its directory, then the stream "Workbook"."""
    stream = stream.ljust(4096, b"\x00")
    n = -(-len(stream) // _SECTOR)
    fat = [_FAT, _END, *range(3, n + 2), _END]
    assert len(fat) <= 128
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, _END, 0, _END, 0)
    head += struct.pack("<109I", 0, *[_FREE] * 108)
    table = struct.pack("<128I", *fat, *[_FREE] * (128 - len(fat)))
    directory = _entry("Root Entry", 5, 1, _END, 0) + _entry("Workbook", 2, _FREE, 2, len(stream))
    return head + table + directory.ljust(_SECTOR, b"\x00") + stream.ljust(n * _SECTOR, b"\x00")


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le")
    return (
        text.ljust(64, b"\x00")
        + struct.pack("<HBBIII", len(text) + 2, kind, 1, _FREE, _FREE, child)
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )
