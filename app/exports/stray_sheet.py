"""Sheets for consultation meetings: one A4 page a street, its single buildings, a map, room to sign."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from app.desks.corrections.worklist import ANSWERS, WorkItem
from app.exports.stray_map import draw_stray_map
from app.i18n import Words
from app.workbench.formats import format_version
from app.workbench.workbench import Workbench

_STYLE = """
@page { size: A4 portrait; margin: 12mm; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 190mm; color: #111; font: 12px/1.45 "Microsoft YaHei", "Noto Sans CJK SC",
  "Noto Sans SC", sans-serif; }
section { break-after: page; padding: 4mm 0; }
h1 { font-size: 18px; text-align: center; margin: 0 0 2mm; }
p { margin: 0 0 2mm; }
.filtered { font-weight: 700; }
.demo { border: 2px solid #111; padding: 0 6px; font-weight: 700; }
.print { background: #eef3f8; padding: 6px 10px; margin: 8px 0; }
svg { width: 100%; height: 72mm; border: 1px solid #555; background: #fff; }
table { width: 100%; border-collapse: collapse; margin-top: 2mm; }
th, td { border: 1px solid #555; padding: 3px 5px; text-align: left; vertical-align: top; }
tr { break-inside: avoid; }
.sign { width: 26mm; }
.number { text-align: right; white-space: nowrap; }
.answer { white-space: nowrap; }
.soft { color: #444; font-size: 12px; }
@media print { .print { display: none; } }
"""


def consultation_sheet(bench: Workbench, strays: Sequence[WorkItem], words: Words, filtered: str = "") -> str:
    """The sheets of all streets as one HTML page that needs nothing else.

    Parameters
    ----------
    strays
        Those asked for; the sheets come in the order of the streets' codes.
    filtered
        By what they were chosen, for every sheet; "" = these are all.
    """
    chosen = f'<p class="filtered">{escape(filtered)}</p>' if filtered else ""
    streets = sorted({one.street_code for one in strays})
    groups = [[one for one in strays if one.street_code == code] for code in streets]
    pages = "".join(_page(bench, group, words, chosen) for group in groups)
    none = words("sheet.nothing" if filtered else "work.none")
    empty = "" if groups else f"{chosen}<p>{escape(none)}</p>"
    lang = "zh-CN" if words.language == "zh" else "en"
    return (
        f'<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8">'
        f"<title>{escape(words('sheet.title'))}</title><style>{_STYLE}</style></head><body>"
        f'<p class="print">{escape(words("sheet.how"))}</p>{pages}{empty}</body></html>'
    )


def _page(bench: Workbench, strays: Sequence[WorkItem], words: Words, chosen: str) -> str:
    manifest = bench.dataset.manifest
    demo = f'<span class="demo">{escape(words("page.demo"))}</span> ' if manifest.demo else ""
    homes = sum(one.households or 0 for one in strays)
    line = words(
        "sheet.line",
        city=manifest.name,
        n=len(strays),
        households=f"{homes:,}",
        date=manifest.data_date or words("page.data_date_unknown"),
    )
    heads = [words(f"sheet.{key}") for key in ("number", "name", "households", "anchors", "answer", "sign")]
    head = "".join(f"<th scope='col'>{escape(text)}</th>" for text in heads)
    rows = "".join(_row(k, one, words) for k, one in enumerate(strays, 1))
    stated = bench.verdict
    plan = [] if stated is None else [format_version(bench.plan_name, bench.version, words)]
    verdict = [] if stated is None else [words.pick(stated.word_zh, stated.word_en)]
    imprint = escape(" · ".join([*plan, *verdict, words("sheet.note")]))
    return (
        f"<section><h1>{escape(words('sheet.heading', street=strays[0].street))}</h1>"
        f"<p>{demo}{escape(line)}</p>{chosen}{draw_stray_map(bench, strays, words)}"
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        f"<p class='soft'>{imprint}</p></section>"
    )


def _row(number: int, one: WorkItem, words: Words) -> str:
    anchors = "<br>".join(
        f"{k}. {escape(a.name)} {escape(a.walk)} <span class='soft'>({escape(a.block)})</span>"
        for k, a in enumerate(one.anchors, 1)
    )
    homes = "—" if one.households is None else f"{one.households:,}"
    mark = f"<br><span class='soft'>{escape(words('card.estimated'))}</span>" if one.estimated else ""
    boxes = "<br>".join(
        f"{'☑' if one.record is not None and one.agrees == key else '☐'} {escape(words(f'work.{key}'))}"
        for key in ANSWERS
    )
    return (
        f"<tr><td class='number'>{number}</td>"
        f"<td><strong>{escape(one.name)}</strong><br>{escape(one.address)}"
        f"<br><span class='soft'>{escape(one.mode)}</span></td>"
        f"<td class='number'>{homes}{mark}</td><td>{anchors or escape(words('work.no_anchor'))}</td>"
        f"<td class='answer'>{boxes}</td><td class='sign'></td></tr>"
    )
