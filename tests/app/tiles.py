"""Tiny files of tiles: one picture everywhere."""

import sqlite3
import struct
import zlib
from contextlib import closing


def draw_png(colour=(200, 60, 60), size=256):
    """A picture of one colour."""
    rows = b"".join(b"\x00" + bytes(colour) * size for _ in range(size))

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def write_mbtiles(path, tiles, **told):
    """A file with the tiles {(zoom, column, row from the south): bytes}."""
    with closing(sqlite3.connect(path)) as file:
        file.execute("CREATE TABLE metadata (name text, value text)")
        file.execute("CREATE TABLE tiles (zoom_level integer, tile_column integer, tile_row integer, tile_data blob)")
        file.executemany("INSERT INTO metadata VALUES (?, ?)", told.items())
        file.executemany("INSERT INTO tiles VALUES (?, ?, ?, ?)", [(*at, body) for at, body in tiles.items()])
        file.commit()
    return path


def write_pmtiles(path, picture, *, most_zoom=16, kind=2):
    """A file of version 3 with one picture for every tile of all zooms."""

    def varint(number):
        parts = []
        while number > 127:
            parts.append(number & 127 | 128)
            number >>= 7
        return bytes([*parts, number])

    n_tiles = (4 ** (most_zoom + 1) - 1) // 3
    directory = varint(1) + varint(0) + varint(n_tiles) + varint(len(picture)) + varint(1)
    told = b"{}"
    parts = (len(directory), len(told), 0, len(picture))
    places = [127, 127 + parts[0], 127 + parts[0] + parts[1], 127 + parts[0] + parts[1]]
    spans = [number for pair in zip(places, parts, strict=True) for number in pair]
    counts = [n_tiles, 1, 1]
    head = b"PMTiles\x03" + struct.pack("<11Q", *spans, *counts)
    head += bytes([1, 1, 1, kind, 0, most_zoom])
    head += struct.pack("<4iB2i", -1800000000, -850000000, 1800000000, 850000000, 0, 0, 0)
    path.write_bytes(head + directory + told + picture)
    return path
