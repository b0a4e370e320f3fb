"""The page of the offline map: Leaflet and data inside, a list of areas with search, legend, print sheet."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import folium
import numpy as np
from branca.element import Figure
from folium.template import Template
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from analysis.bundling.document.summary import summarise
from analysis.studies.colouring import OKABE_ITO, colour_areas, find_adjacent_areas
from app.desks.prints.title_block import make_title_block
from app.exports.lon_lat import to_lon_lat
from app.exports.offline.layers import GAP, GREY, INK, SPOKE, format_text, make_layers
from app.exports.offline.leaflet import leaflet_inline
from app.exports.plan_table import PlanCheck, city_name, list_notices, plan_id
from app.exports.request import ExportPart, ExportRequest, make_request
from app.i18n import HTML_LANG
from app.workbench.plan_rules import format_rules
from app.workbench.policies import resolve_rules
from geo.storage.atomic_files import atomic_write_texts
from geo.storage.dataset import Dataset

FILE_NAME = "plan.html"
"""Name of the file in a folder."""

_FOLDER = Path(__file__).parent
_LOOKS_NEAR_M = 150.0  # areas this near get different colours
_U = chr(92) + "u"
_TEMPLATES = Environment(loader=FileSystemLoader(_FOLDER), autoescape=True)
_LEAFLET, _PANEL, _SCRIPT = "<!--pianqu:leaflet-->", "<!--pianqu:panel-->", "/*pianqu:script*/"


def export_html(
    dataset: Dataset, document: Mapping[str, Any], out: Path, found: PlanCheck | None = None, language: str = "zh"
) -> Path:
    """Write a plan as one self-contained web page.

    It shows streets and areas with their names and numbers, units where one is near, with a tooltip each, and what
    is left over or was not decided about, hatched and grey; a list of areas that can be searched; it prints as a
    sheet. It holds Leaflet itself, has no base map and asks no server for anything.

    Parameters
    ----------
    dataset
        The dataset the plan was made for.
    document
        PLAN.json.
    out
        A path ending in .html, or a folder, in which the file is named `FILE_NAME`.
    found
        What the check of the plan found; checked here when None.
    language
        "zh" or "en".

    Returns
    -------
    The path written. The same plan gives the same bytes.

    Raises
    ------
    UsageError
        If the plan does not hold each placed unit exactly once.
    UnreadableFileError
        If Leaflet was not set up.
    """
    path = out if out.suffix == ".html" else out / FILE_NAME
    request = make_request(dataset, document, found, language=language)
    html = make_html(request, request.parts("city")[0])
    return atomic_write_texts(path.parent, {path.name: html})[0]


def write_html(request: ExportRequest, part: ExportPart, folder: Path) -> tuple[Path, ...]:
    """The offline map of a plan, as `app.exports.formats` calls for it.

    Parameters
    ----------
    request
        What is exported.
    part
        The city, a district or a street.
    folder
        Where to.
    """
    is_usual = part.level == "city" and not request.is_public
    name = FILE_NAME if is_usual else request.file_name(request.words("export.html_file"), part, ".html")
    if part.units.geometry.isna().all():
        return ()
    return atomic_write_texts(folder, {name: make_html(request, part)})


def make_html(request: ExportRequest, part: ExportPart) -> str:
    """The page as text.

    Parameters
    ----------
    request
        What is exported.
    part
        The city, a district or a street: its units and areas are shown.
    """
    html = _plan_map(request, part).get_root().render()
    html = html.replace(_LEAFLET, leaflet_inline(), 1).replace(_PANEL, _panel(request, part), 1)
    html = html.replace("<html>", f'<html lang="{HTML_LANG[request.language]}">', 1)
    return html.replace(_SCRIPT, (_FOLDER / "offline.js").read_text(encoding="utf-8"), 1)


def _plan_map(request: ExportRequest, part: ExportPart) -> folium.Map:
    """The map of a plan; Leaflet, panel and script are put into its placeholders afterwards."""
    units, words = request.units, request.words
    area_of = units["area_number"].fillna(0).astype(int).to_numpy() - 1
    pairs = find_adjacent_areas(units.geometry.to_numpy(), area_of, gap_m=_LOOKS_NEAR_M)
    colours = np.array(OKABE_ITO)[colour_areas(len(request.areas), pairs)]
    page = folium.Map(tiles=None, attributionControl=False, zoom_snap=0.5, max_zoom=20)
    page.default_js, page.default_css = [], []
    root = Figure()
    root.add_child(page)
    place = "" if part.level == "city" else f" {part.name}"
    root.title = format_text(f"{words('offline.title')} {request.dataset.manifest.name}{place}")
    root.header.add_child(folium.Element(_LEAFLET), name="leaflet")
    root.html.add_child(folium.Element(_PANEL), name="panel")
    for layer in make_layers(request, part, colours):
        layer.add_to(page)
    folium.LayerControl(collapsed=True, position="topleft").add_to(page)
    west, south, east, north = part.units.to_crs("EPSG:4326").total_bounds
    page.fit_bounds([[south, west], [north, east]])
    page.add_child(_Behaviour())
    _number_elements(root)
    return page


def _number_elements(root: Any) -> None:
    """Give all elements of a page numbers instead of random ids, so that equal plans are equal."""
    queue, number = [root], 0
    while queue:
        element = queue.pop(0)
        if isinstance(element, folium.Map):
            element._id = "1"
        else:
            number += 1
            element._id = f"n{number}"
        queue.extend(element._children.values())
        queue.extend(part for part in (getattr(element, "icon", None),) if isinstance(part, folium.Element))


class _Behaviour(folium.MacroElement):
    """What `offline.js` does with the map."""

    _template = Template(
        "{% macro script(this, kwargs) %}const pianqu_map = {{ this._parent.get_name() }};\n"
        + _SCRIPT
        + "{% endmacro %}"
    )

    def __init__(self) -> None:
        super().__init__()
        self._name = "Behaviour"


def _panel(request: ExportRequest, part: ExportPart) -> str:
    """Title, figures, list of areas, legend, verdict, notice and title block, beside the map."""
    words, manifest, found = request.words, request.dataset.manifest, request.found
    data = json.dumps({"areas": _list_areas(request, part), "words": _texts(request)}, ensure_ascii=False)
    return _TEMPLATES.get_template("panel.html").render(
        words=words,
        style=Markup((_FOLDER / "offline.css").read_text(encoding="utf-8")),  # noqa: S704 - a file of ours
        patterns=(("left-over", "2.5", GREY), ("unled", "1.6", GAP)),
        data=Markup(data.replace("<", _U + "003c").replace("{{", "{" + _U + "007b")),  # noqa: S704 - a name stays a name
        city=f"{city_name(manifest)} {part.name if part.level != 'city' else ''}".strip(),
        badges=list(request.marks.values()),
        figures=list(_figures(request, part).items()),
        notes=[words.pick(note["zh"], note["en"]) for note in request.document.get("notes", ())],
        keys=_keys(request),
        verdict=found.verdict,
        verdict_word=words.pick(found.verdict.word_zh, found.verdict.word_en),
        verdict_text=words.pick(found.verdict.zh, found.verdict.en),
        rules=format_rules(request.document, (request.rules or resolve_rules(request.dataset)).policy, words),
        notice=" ".join(list_notices(request.dataset, words)),
        block=_block(request),
    )


def _figures(request: ExportRequest, part: ExportPart) -> dict[str, str]:
    """What the plan brings and leaves, as the page has it."""
    words, manifest = request.words, request.dataset.manifest
    document = _select_part(request.document, part)
    households = sum(area["households"] or 0 for area in document["areas"])
    facts = {
        "mode": words(f"plan.mode_{document['mode']}"),
        "areas": words("offline.areas_told", n=f"{len(document['areas']):,}", households=f"{households:,}"),
        "left_over": words("offline.units_told", n=f"{len(document['left_over']):,}"),
    }
    if document["mode"] == "area":
        summary = summarise(document, request.dataset.layer("units"))
        leading = summary.leading
        assert leading is not None  # a plan of mode "area"
        led, unled = leading.led, (leading.n_unled_units, leading.n_unled_households)
        facts["led_figure"] = words("offline.both_told", n=f"{led[0]:,}", households=f"{led[1]:,}")
        facts["unled_figure"] = words("offline.both_told", n=f"{unled[0]:,}", households=f"{unled[1]:,}")
        facts["preferred"] = f"{leading.areas_inside_preferred:,} / {summary.areas:,}"
        alone = sum(len(area["unit_ids"]) == 1 for area in document["areas"])
        facts["alone"] = f"{alone:,} / {summary.areas:,}"
    policy = request.found.policy
    chosen = words("offline.by_default") if policy["chosen"] == "default" else ""
    facts |= {
        "data_date": manifest.data_date or words("corner.unknown"),
        "version": f"{request.version} · {plan_id(request.document)}",
        "policy": f"{policy['name']}{chosen}",
    }
    return {words(f"offline.{key}_label"): value for key, value in facts.items()}


def _select_part(document: Mapping[str, Any], part: ExportPart) -> dict[str, Any]:
    """What a plan says of one part of itself."""
    areas, units = set(part.areas["area_id"]), set(part.units["unit_id"])
    reasons = {
        key: [row for row in document[key] if row["unit_id"] in units]
        for key in ("left_over", "unled", "out_of_scope")
        if key in document
    }
    return {**document, **reasons, "areas": [area for area in document["areas"] if area["area_id"] in areas]}


def _list_areas(request: ExportRequest, part: ExportPart) -> list[list[Any]]:
    """Number, name, street, units, households, and south, west, north, east of each area."""
    areas = part.areas
    boxes = [shape.bounds for shape in to_lon_lat(areas.geometry, decimals=6)]
    streets = areas["street_name"].astype(object).where(areas["street_name"].notna(), "")
    rows = zip(
        areas["area_number"], areas["name"], streets, areas["unit_count"], areas["households"], boxes, strict=True
    )
    return [
        [int(number), str(name), str(street), int(units), None if count != count else count, [s, w, n, e]]
        for number, name, street, units, count, (w, s, e, n) in rows
    ]


def _texts(request: ExportRequest) -> dict[str, str]:
    words = request.words
    return {key: words(f"offline.{key}") for key in ("listed", "none_found", "row", "kilometres", "metres")}


def _block(request: ExportRequest) -> list[tuple[str, str, str]]:
    """The title block of the print sheet: label, text, id; its date is that of printing."""
    words = request.words
    block = make_title_block(request.dataset.manifest, words)
    return [
        (words("print.map_title"), words("offline.title"), ""),
        (words("print.version"), request.version, ""),
        *((label, text, "") for _, label, text in block.signers),
        (words("print.date"), "", "today"),
        *((label, text, "") for label, text in block.rows[1:]),
    ]


def _keys(request: ExportRequest) -> list[tuple[str, Markup]]:
    """The legend: only what a plan of its mode has."""
    many = "".join(f'<i style="background:{colour}55"></i>' for colour in OKABE_ITO)
    leading = {
        "key_star": '<b class="star">★</b>',
        "key_spoke": _line(f'stroke="{SPOKE}" stroke-width="2" stroke-dasharray="1 5" stroke-linecap="round"'),
        "key_member": _box(f'fill="{OKABE_ITO[0]}" fill-opacity=".25" stroke="#FFFFFF"'),
        "key_unled": _box(f'fill="url(#unled)" stroke="{GAP}"'),
    }
    led = {"key_anchor": _box(f'fill="{OKABE_ITO[0]}" fill-opacity=".6" stroke="{INK}" stroke-width="1.4"')}
    signs = {
        "key_area": f'<span class="many">{many}</span>',
        **(leading if request.document["mode"] == "area" else led),
        "key_left_over": _box(f'fill="url(#left-over)" stroke="{GAP}"'),
        "key_out_of_scope": _box(f'fill="{GREY}" fill-opacity=".2" stroke="{GREY}"'),
        "key_railway": _line('stroke="#444444" stroke-width="2" stroke-dasharray="6 3"'),
        "key_river": _line('stroke="#8DB7D5" stroke-width="4"'),
        "key_crossing": '<b class="diamond">◆</b>',
        "key_street": _line('stroke="#6B5A86" stroke-dasharray="5 3"'),
    }
    return [(key, Markup(sign)) for key, sign in signs.items()]  # noqa: S704 - signs of ours


def _line(look: str) -> str:
    return f'<svg width="24" height="14"><path d="M1 7H23" {look}></path></svg>'


def _box(look: str) -> str:
    return f'<svg width="24" height="14"><rect x=".5" y=".5" width="23" height="13" {look}></rect></svg>'
