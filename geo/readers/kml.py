"""KML and KMZ: folders as layers, attributes out of extended data and of description tables."""

from __future__ import annotations

import re
import tempfile
from html.parser import HTMLParser
from pathlib import Path
from xml.sax.saxutils import unescape

import geopandas as gpd
import pandas as pd

from geo.errors import UnreadableFileError
from geo.findings import Finding
from geo.messages import load_catalogue
from geo.raw_layer import RawLayer
from geo.readers.archive import unpack_archive
from geo.readers.text import decode_file, deduplicate_names, encoding_name
from geo.readers.vector import drop_empty_layers, make_raw_layer, read_layers, wrong_format_error
from geo.sandbox.processes import ReadLimits

say = load_catalogue(__file__)

_KML_COLUMNS = (
    "id",
    "timestamp",
    "begin",
    "end",
    "altitudeMode",
    "tessellate",
    "extrude",
    "visibility",
    "drawOrder",
    "icon",
    "snippet",
)
"""Columns GDAL adds to every KML layer: how things are drawn, not what they are."""
_NAMED = re.compile(r"(<(?:\w+:)?(?:Data|SimpleData|SimpleField)\b[^>]*?\bname\s*=\s*)(\"[^\"]*\"|'[^']*')")


def read_kml(
    path: Path, *, limits: ReadLimits, encoding: str | None = None, file: str | None = None
) -> tuple[RawLayer, ...]:
    """Read the placemarks of a .kml or .kmz, one layer for each folder.

    Links to other files or addresses are not followed, and reported.

    Parameters
    ----------
    path
        The file.
    limits
        Of the .kmz.
    encoding
        Of the text; by default the declared one, UTF-8 or GB18030.
    file
        Name to report instead of the path's own.

    Raises
    ------
    UnreadableFileError
        If it is damaged, not KML, or declares entities of its own.
    EmptyLayerError
        If there is no placemark.
    """
    file = file or path.name
    if path.suffix.lower() == ".kml":
        return drop_empty_layers(_read_layers(path, file, encoding), file)
    with unpack_archive(path, limits) as folder:
        inside = sorted(p for p in folder.rglob("*") if p.suffix.lower() == ".kml")
        if not inside:
            raise wrong_format_error(file, ".kmz")
        return drop_empty_layers([one for kml in inside for one in _read_layers(kml, file, encoding)], file)


def _read_layers(path: Path, file: str, encoding: str | None) -> list[RawLayer]:
    text = _read_text(path, file, encoding)
    text, names = _encode_names(text)
    found = _link_findings(text, file)
    with tempfile.TemporaryDirectory(prefix="kml-") as folder:
        copy = Path(folder) / "copy.kml"
        copy.write_text(text, encoding="utf-8")
        layers = []
        for sheet, frame in read_layers(str(copy), file):
            if len(frame):
                layers.append(make_raw_layer(_expand_attributes(frame, names), file, sheet=sheet, findings=found))
                found = ()
    return layers


def _read_text(path: Path, file: str, encoding: str | None) -> str:
    """The text, declared as UTF-8; refuses what is no KML and what defines entities."""
    data = path.read_bytes()
    declared = re.match(rb"\s*<\?xml[^>]*encoding=[\"']([\w .-]+)[\"']", data[:300])
    if encoding is None and declared is not None:
        name = encoding_name(declared.group(1).decode())
        encoding = _accept_declared(data, name)
    text, _ = decode_file(file, data, encoding)
    if re.search(r"<!(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise UnreadableFileError(*say("kml.entities", file=file))
    text = re.sub(r"^\ufeff?\s*<\?xml.*?\?>", "", text, count=1, flags=re.DOTALL)
    if not re.match(r"\s*(<!--.*?-->\s*)*<(\w+:)?kml\b", text, re.DOTALL):
        raise wrong_format_error(file, ".kml")
    return '<?xml version="1.0" encoding="UTF-8"?>' + text


def _accept_declared(data: bytes, encoding: str | None) -> str | None:
    """A declared encoding, if the bytes are text of it."""
    try:
        data.decode(encoding or "")
    except (UnicodeDecodeError, LookupError):
        return None
    return None if encoding == "utf-8" else encoding


def _encode_names(text: str) -> tuple[str, dict[str, str]]:
    """Attribute names as f1, f2 …, which GDAL leaves alone, and what they stand for."""
    names: dict[str, str] = {}

    def plain(match: re.Match[str]) -> str:
        meant = unescape(match.group(2)[1:-1], {"&quot;": '"', "&apos;": "'"}).strip()
        return f'{match.group(1)}"{names.setdefault(meant, f"f{len(names) + 1}")}"'

    text = _NAMED.sub(plain, text)
    return text, {short: meant for meant, short in names.items()}


def _link_findings(text: str, file: str) -> tuple[Finding, ...]:
    n = len(re.findall(r"<(?:\w+:)?NetworkLink\b", text))
    if not n:
        return ()
    return (Finding("warning", "kml.links_not_followed", *say("kml.links_not_followed", n=n), file=file),)


# --- attributes ---------------------------------------------------------------------------------


def _expand_attributes(frame: gpd.GeoDataFrame, names: dict[str, str]) -> gpd.GeoDataFrame:
    """Extended data under their own names, and what the description tells as columns."""
    frame = frame.drop(columns=[c for c in _KML_COLUMNS if c in frame])
    frame = frame.rename(columns=names)
    frame.columns = pd.Index(deduplicate_names(frame.columns))
    if "description" not in frame:
        return frame
    records = [parse_description(d) if isinstance(d, str) else {} for d in frame["description"]]
    if not any(records):
        return frame
    for name in dict.fromkeys(key for pairs in records for key in pairs):
        values = pd.Series([pairs.get(name) for pairs in records], index=frame.index, dtype=object)
        if name in frame.columns:
            values = frame[name].astype(object).where(frame[name].notna(), values)
        frame[name] = values
    return frame.drop(columns="description")


def parse_description(description: str) -> dict[str, str]:
    """What a description says as name and value: rows of an HTML table, or lines "name: value".

    Examples
    --------
    >>> parse_description("<table><tr><td>户数</td><td>120</td></tr></table>")
    {'户数': '120'}
    >>> parse_description("户数：120<br>街道：前进道")
    {'户数': '120', '街道': '前进道'}
    """
    grid = HtmlTableParser()
    grid.feed(description)
    grid.close()
    rows = [[cell for cell in row if cell] for table in grid.tables for row in table]
    pairs = {row[0].rstrip(":："): row[1] for row in rows if len(row) == 2 and len(row[0]) <= 40}
    if pairs:
        return pairs
    lines = [re.match(r"\s*([^:：]{1,20})[:：]\s*(.+?)\s*$", line) for line in grid.text.splitlines()]
    return {m.group(1): m.group(2) for m in lines if m is not None and "//" not in m.group(2)}


class HtmlTableParser(HTMLParser):
    """The cells of the tables in a piece of HTML; nothing in it is run or fetched."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self.spans: list[list[list[tuple[int, int]]]] = []
        self.text = ""
        self._in_cell = False
        self._hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a table, row or cell.

        Parameters
        ----------
        tag
            Its name, in small letters.
        attrs
            Names and values of its attributes.
        """
        if tag == "table" or (tag in ("tr", "td", "th") and not self.tables):
            self.tables.append([])
            self.spans.append([])
        if tag == "tr" or (tag in ("td", "th") and not self.tables[-1]):
            self.tables[-1].append([])
            self.spans[-1].append([])
        if tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self.spans[-1][-1].append((_parse_span(attrs, "rowspan"), _parse_span(attrs, "colspan")))
            self._in_cell = True
        if tag in ("br", "p", "div", "li"):
            self.handle_data("\n")
        if tag in ("script", "style"):
            self._hidden = True

    def handle_endtag(self, tag: str) -> None:
        """Close a cell."""
        if tag in ("td", "th", "tr", "table"):
            self._in_cell = False
        if tag in ("script", "style"):
            self._hidden = False

    def handle_data(self, data: str) -> None:
        """Text goes to the open cell, else next to the tables."""
        if self._hidden:
            return
        if self._in_cell:
            self.tables[-1][-1][-1] = (self.tables[-1][-1][-1] + data).strip()
        else:
            self.text += data


def _parse_span(attrs: list[tuple[str, str | None]], name: str) -> int:
    text = dict(attrs).get(name) or "1"
    return min(1000, max(1, int(text))) if text.isdecimal() else 1
