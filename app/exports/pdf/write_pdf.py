"""The plates of a plan as one PDF: vectors, embedded fonts, true scale; laid out by Typst without a browser."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import typst

from app.desks.prints.title_block import make_title_block
from app.drawings.frames import EDGE_MM, HEAD_MM, PAPERS, Paper
from app.drawings.patterns import define_patterns
from app.exports.pdf.plates import Plate, list_plates
from app.exports.plan_table import city_name, list_notices
from app.exports.request import ExportPart, ExportRequest
from app.settings import plate_paper
from app.workbench.base_map import tell_not_printed
from geo.errors import UnreadableFileError

FONTS = (
    "Microsoft YaHei",
    "SimHei",
    "DengXian",
    "SimSun",
    "PingFang SC",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
)
"""Fonts with the glyphs of simplified Chinese; the first the computer has is embedded."""
_LAYOUT = Path(__file__).with_name("plates.typ")


def write_pdf(request: ExportRequest, part: ExportPart, folder: Path) -> tuple[Path, ...]:
    """The plates of a part of a plan, as `app.exports.formats` calls for it.

    Parameters
    ----------
    request
        What is exported.
    part
        The city, a district or a street.
    folder
        Where to.

    Raises
    ------
    UnreadableFileError
        If the computer has no font with Chinese glyphs.
    """
    paper = PAPERS[plate_paper()]
    plates = tuple(list_plates(request, part, paper))
    if not plates:
        return ()
    path = folder / request.file_name(request.words("export.pdf_file"), part, ".pdf")
    path.write_bytes(make_pdf(request, plates, paper, find_font()))
    return (path,)


def make_pdf(
    request: ExportRequest, plates: tuple[Plate, ...], paper: Paper, font: str, today: date | None = None
) -> bytes:
    """Plates as the bytes of a PDF; the same plates on the same day give the same bytes.

    Parameters
    ----------
    request
        What is exported.
    plates
        The pages.
    paper
        The sheet.
    font
        Name of the font.
    today
        The date on the sheets; the day they are made when None.
    """
    return lay_out(tell_layout(request, plates, paper, font, today))


def lay_out(told: Mapping[str, Any], *, dots_an_inch: float | None = None) -> bytes:
    """What the layout is told as a PDF, or its first page as a PNG.

    Parameters
    ----------
    told
        Plain values, as the layout names them.
    dots_an_inch
        Of the PNG; None = a PDF.
    """
    with tempfile.TemporaryDirectory(prefix="pianqu-") as root:
        layout = Path(root) / "plates.typ"
        layout.write_bytes(_LAYOUT.read_bytes())
        (Path(root) / "plates.json").write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
        if dots_an_inch is None:
            return bytes(typst.compile(str(layout), root=root, format="pdf", timestamp=0, pdf_tags=False))
        pages = typst.compile(str(layout), root=root, format="png", ppi=dots_an_inch)
        return bytes(pages[0] if isinstance(pages, list) else pages)


def find_font() -> str:
    """The first of `FONTS` this computer has.

    Raises
    ------
    UnreadableFileError
        If it has none.
    """
    there = set(typst.Fonts(include_embedded_fonts=False).families())
    found = next((name for name in FONTS if name in there), None)
    if found is None:
        raise UnreadableFileError(
            f"这台电脑没有中文字体, 无法出图; 请安装其中一种: {'、'.join(FONTS)}。",
            f"This computer has no Chinese font for the plates; install one of: {', '.join(FONTS)}.",
        )
    return found


def tell_layout(
    request: ExportRequest, plates: tuple[Plate, ...], paper: Paper, font: str, today: date | None
) -> dict[str, Any]:
    """All that the layout shows, as plain values: names are never read as markup.

    Parameters
    ----------
    request
        What is exported.
    plates
        The pages.
    paper
        The sheet.
    font
        Name of the font.
    today
        The date on the sheets; the day they are made when None.
    """
    words, manifest = request.words, request.dataset.manifest
    block = make_title_block(manifest, words, today=today)
    (_, day), (_, source), (_, approval) = block.rows
    verdict = request.found.verdict
    state = words.pick(verdict.word_zh, verdict.word_en)
    line = " · ".join([city_name(manifest), request.version, state])
    width, height = paper.map_mm
    return {
        "paper": {
            "width": paper.width_mm,
            "height": paper.height_mm,
            "edge": EDGE_MM,
            "head": HEAD_MM - 2,
            "map_width": width,
            "map_height": height,
        },
        "title": f"{city_name(manifest)} {words('export.pdf_file')}",
        "fonts": [font],
        "lang": request.language,
        "draft": request.marks.get("draft", ""),
        "demo": " · ".join(mark for key, mark in request.marks.items() if key != "draft"),
        "line": line,
        "legend": words("print.legend"),
        "labels": {
            "title": words("print.map_title"),
            "version": words("print.version"),
            "date": words("print.date"),
            "source": words("print.source"),
            "approval": words("print.approval"),
            "page": words("plates.page"),
        },
        "version": f"{line} · {request.about['plan_id']}",
        "signers": [[label, text] for _, label, text in block.signers],
        "date": day,
        "source": source,
        "approval": approval,
        "notice": " ".join(filter(None, (tell_not_printed(words), *list_notices(request.dataset, words)))),
        "plates": [
            {
                "title": plate.title,
                "caption": plate.caption,
                "svg": _alone(str(plate.svg), font),
                "legend": [[_alone(str(sign), font), name, count] for sign, name, count in plate.legend],
                "facts": plate.facts,
                "head": plate.head,
                "rows": plate.rows,
            }
            for plate in plates
        ],
    }


def _alone(svg: str, font: str) -> str:
    """A drawing that needs nothing of a page: its namespace, its patterns, its font."""
    start = svg.index(">") + 1
    head = svg[:start].replace("<svg ", f'<svg xmlns="http://www.w3.org/2000/svg" font-family="{font}" ', 1)
    return head.replace(' font-family="inherit"', "") + define_patterns() + svg[start:]
