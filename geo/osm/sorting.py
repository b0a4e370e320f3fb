"""OSM files brought to the order GDAL needs: nodes, ways and relations by id, newest versions only."""

from __future__ import annotations

import bz2
import gzip
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, BinaryIO, cast
from xml.etree.ElementTree import Element, ParseError, iterparse
from xml.sax.saxutils import quoteattr

_KINDS = {"node": 0, "way": 1, "relation": 2}
_ELEMENT = re.compile(rb"<(node|way|relation)\b([^>]*)")
_ID = re.compile(rb"""\bid\s*=\s*["'](-?\d+)["']""")
_DELETED = re.compile(rb"""\b(?:visible\s*=\s*["']false|action\s*=\s*["']delete)["']""")
_INLINE_NODE = re.compile(rb"<nd\s[^>]*\blat\s*=")
_CHUNK = 1 << 22
_FIRST_NEW_ID = 30_000_000_000
"""Ids of things drawn and not yet uploaded are negative; they become this plus their number."""


@dataclass(frozen=True)
class _OsmElement:
    """A node, way or relation, of its newest version."""

    version: int
    tags: list[tuple[str, str]] = field(default_factory=list)
    place: tuple[str, str] | None = None  # lon, lat
    refs: list[int] = field(default_factory=list)
    members: list[tuple[str, int, str]] = field(default_factory=list)
    is_gone: bool = False


def open_unpacked(path: Path) -> BinaryIO:
    """A file for reading, unpacked if it is gzip or bzip2."""
    with path.open("rb") as handle:
        head = handle.read(3)
    if head[:2] == b"\x1f\x8b":
        return cast(BinaryIO, gzip.open(path))
    return cast(BinaryIO, bz2.open(path)) if head == b"BZh" else path.open("rb")


def is_sorted_xml(path: Path) -> bool:
    """Whether an OSM XML is as GDAL wants it: by increasing id, nothing drawn only, deleted or packed."""
    last = (0, 0)
    with open_unpacked(path) as stream:
        rest = b""
        while chunk := stream.read(_CHUNK):
            text = rest + chunk
            cut = text.rfind(b"<")
            text, rest = (text[:cut], text[cut:]) if cut > 0 else (text, b"")
            if _INLINE_NODE.search(text):
                return False
            for found in _ELEMENT.finditer(text):
                number = _ID.search(found[2])
                here = (_KINDS[found[1].decode()], int(number[1]) if number else 0)
                if here <= last or here[1] <= 0 or _DELETED.search(found[2]):
                    return False
                last = here
    return True


def write_sorted(path: Path, into: Path) -> None:
    """An OSM XML or the JSON of Overpass, as an OSM XML sorted by kind and id.

    Of several versions of one thing the newest counts; what is deleted is left out; what was only
    drawn (negative ids) gets large ids; ways that carry their places instead of naming nodes get
    nodes.

    Parameters
    ----------
    path
        The file; gzip and bzip2 are unpacked.
    into
        The file to write.

    Raises
    ------
    ValueError, OSError, EOFError
        If it is damaged.
    """
    things: tuple[dict[int, _OsmElement], ...] = ({}, {}, {})
    with open_unpacked(path) as stream:
        head = stream.read(64).lstrip(b"\xef\xbb\xbf \r\n\t")
        stream.seek(0)
        found = _parse_json(stream) if head.startswith(b"{") else _parse_xml(stream)
        for kind, number, thing in found:
            there = things[kind].get(number)
            if there is None or thing.version >= there.version:
                things[kind][number] = thing
    with into.open("w", encoding="utf-8") as out:
        out.write('<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6">\n')
        for kind, name in enumerate(_KINDS):
            for number in sorted(things[kind]):
                thing = things[kind][number]
                if not thing.is_gone and (kind or thing.place is not None):
                    out.write(_format_element(name, number, thing))
        out.write("</osm>\n")


def _positive(number: int) -> int:
    return number if number > 0 else _FIRST_NEW_ID - number


def _parse_xml(stream: IO[bytes]) -> Iterator[tuple[int, int, _OsmElement]]:
    try:
        root: Element | None = None
        # expat itself stops entities that multiply; the parsers that refuse them are many times as slow
        for event, element in iterparse(stream, events=("start", "end")):  # noqa: S314
            if root is None:
                root = element
            if event == "end" and element.tag in _KINDS:
                yield from _parse_element(element)
                root.clear()
    except ParseError as error:
        raise ValueError(str(error)) from error


def _parse_element(element: Element) -> Iterator[tuple[int, int, _OsmElement]]:
    attributes = element.attrib
    is_placed = element.tag == "node" and "lon" in attributes and "lat" in attributes
    thing = _OsmElement(
        int(attributes.get("version") or 0),
        [(tag.get("k", ""), tag.get("v", "")) for tag in element.iterfind("tag")],
        (attributes["lon"], attributes["lat"]) if is_placed else None,
        is_gone=attributes.get("visible") == "false" or attributes.get("action") == "delete",
    )
    for step in element.iterfind("nd"):
        ref = step.get("ref")
        if ref is None:
            continue
        thing.refs.append(int(ref))
        if "lon" in step.attrib and "lat" in step.attrib:
            node = _OsmElement(-1, place=(step.attrib["lon"], step.attrib["lat"]))
            yield 0, _positive(int(ref)), node
    for member in element.iterfind("member"):
        if member.get("type") in _KINDS and member.get("ref"):
            thing.members.append((str(member.get("type")), int(str(member.get("ref"))), member.get("role", "")))
    yield _KINDS[element.tag], _positive(int(attributes["id"])), thing


def _parse_json(stream: IO[bytes]) -> Iterator[tuple[int, int, _OsmElement]]:
    body = json.load(stream)
    elements: Iterable[dict[str, Any]] = body["elements"] if isinstance(body, dict) else []
    for one in elements:
        if one.get("type") not in _KINDS:
            continue
        tags = [(str(k), str(v)) for k, v in (one.get("tags") or {}).items()]
        is_placed = one["type"] == "node" and "lon" in one
        thing = _OsmElement(
            int(one.get("version") or 0),
            tags,
            (repr(one["lon"]), repr(one["lat"])) if is_placed else None,
            [int(ref) for ref in one.get("nodes") or []],
            [
                (m["type"], int(m["ref"]), m.get("role", ""))
                for m in one.get("members") or []
                if m.get("type") in _KINDS
            ],
        )
        for ref, at in zip(thing.refs, one.get("geometry") or [], strict=False):
            if at:
                node = _OsmElement(-1, place=(repr(at["lon"]), repr(at["lat"])))
                yield 0, _positive(ref), node
        yield _KINDS[one["type"]], _positive(int(one["id"])), thing


def _format_element(name: str, number: int, thing: _OsmElement) -> str:
    place = f' lon="{thing.place[0]}" lat="{thing.place[1]}"' if thing.place else ""
    parts = [f'<{name} id="{number}" version="1"{place}>']
    parts += [f'<nd ref="{_positive(ref)}"/>' for ref in thing.refs]
    parts += [
        f'<member type="{kind}" ref="{_positive(ref)}" role={quoteattr(role)}/>' for kind, ref, role in thing.members
    ]
    parts += [f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in thing.tags]
    return "".join(parts) + f"</{name}>\n"
