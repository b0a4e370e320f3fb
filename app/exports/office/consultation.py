"""Sheets for consulting the owners of single buildings: one page of A4 each, with a sketch and the nearest leaders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.desks.corrections.worklist import ANSWERS, WorkItem, list_strays
from app.exports.office.papers import Papers, open_papers
from app.exports.office.pictures import rasterise
from app.exports.office.proposal import make_head
from app.exports.office.records import clean
from app.exports.office.word import fill_template, find_template
from app.exports.request import ExportPart, ExportRequest
from app.exports.stray_map import draw_stray_map
from app.workbench.formats import format_count
from geo.storage.atomic_files import atomic_write

_PICTURE_MM = 150.0
_PICTURE_PX = 1000


def write_consultation(request: ExportRequest, part: ExportPart, folder: Path) -> tuple[Path, ...]:
    """Write the sheets of the unmanaged single buildings of a part of a plan; none where it has none.

    Parameters
    ----------
    request
        What is exported.
    part
        The city, a district or a street.
    folder
        Where to.
    """
    papers = open_papers(request)
    own = set(part.units["unit_id"])
    items = [one for one in list_strays(papers.bench, papers.words) if one.unit_id in own]
    if not items:
        return ()
    items.sort(key=lambda one: (one.street_code, -(one.households or 0), one.unit_id))
    pictures = {one.unit_id: body for one in items if (body := _draw(papers, one))}
    context = {**make_head(papers, part), "rows": [make_consultation_record(papers, one) for one in items]}
    path = folder / request.file_name(papers.words("export.consultation_file"), part, ".docx")
    template = find_template("consultation", request.language)
    atomic_write(path, fill_template(template, context, pictures, _PICTURE_MM))
    return (path,)


def make_consultation_record(papers: Papers, one: WorkItem) -> dict[str, Any]:
    """A building of the work list as texts.

    Parameters
    ----------
    papers
        Of the plan.
    one
        The building, with its nearest leaders and how far talks came.
    """
    words = papers.words
    guessed = f" {words('card.estimated')}" if one.estimated else ""
    anchors = [
        {"number": str(k), "name": clean(anchor.name), "walk": anchor.walk, "block": anchor.block}
        for k, anchor in enumerate(one.anchors, 1)
    ]
    boxes = "   ".join(
        f"{'☑' if one.record is not None and one.agrees == key else '☐'} {words(f'work.{key}')}" for key in ANSWERS
    )
    return {
        "id": one.unit_id,
        "name": clean(one.name),
        "address": clean(one.address),
        "street": clean(one.street),
        "mode": one.mode,
        "households": words("office.unknown") if one.households is None else format_count(one.households) + guessed,
        "anchors": anchors or [{"number": "", "name": words("work.no_anchor"), "walk": "", "block": ""}],
        "joins": clean("、".join(one.joins)) or words("office.none"),
        "answers": boxes,
        "stage": words(f"work.stage_{one.stage}"),
    }


def _draw(papers: Papers, one: WorkItem) -> bytes:
    drawing = draw_stray_map(papers.bench, [one], papers.words)
    return rasterise(drawing, _PICTURE_PX) if drawing else b""
