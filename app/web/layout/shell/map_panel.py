"""The map in the middle, with the line that says what is selected."""

from __future__ import annotations

from dash import html

from app.desks.selection.selected import NOTHING, format_selection
from app.i18n import Words
from app.session.address import version_address
from app.session.page import PageData
from app.web.layout import ids
from app.web.layout.corrections.correcting import correcting_button
from app.web.layout.figures.facts import facts_button
from app.web.layout.map import first_map
from app.web.layout.plans.editor import map_tools
from app.web.layout.widgets import aria_label, aria_live, html_attributes
from app.workbench.base_map import find_base_map


def map_panel(data: PageData, words: Words) -> html.Main:
    """The map and the selection line.

    Parameters
    ----------
    data
        All that one page is made of.
    words
        Texts in the reader's language.
    """
    return html.Main(
        [
            first_map(data, words),
            html.Div(
                [
                    _crumbs(words),
                    html.Div(
                        format_selection(data.bench, NOTHING, words),
                        id=ids.SELECTION_LINE,
                        className="selection-line",
                        role="status",
                        **aria_live(),
                    ),
                ],
                className="map-told",
            ),
            html.Div(
                [
                    facts_button(words),
                    html.A(
                        words("print.open"),
                        href=version_address(data.bench.version, "print"),
                        id=ids.PRINT_OPEN,
                        target="_blank",
                        className="button quiet",
                        title=words("print.open_hint"),
                    ),
                    html.Button(
                        words("steps.compare"),
                        id=ids.COMPARE_OPEN,
                        type="button",
                        className="button quiet",
                        hidden=data.bench.plan is None,
                    ),
                    correcting_button(words),
                ],
                className="map-buttons",
            ),
            *(map_tools(words) if data.bench.plan else []),
            _corner(data, words),
            html.Div(id=ids.WALK_TOLD, className="walk-told", **aria_live()),
            html.Div(id=ids.COMPARE_MAP, className="compare-map only-compare"),
        ],
        className="map-panel",
        **aria_label(words("panel.map")),
    )


def _crumbs(words: Words) -> html.Nav:
    """The way back from a street to the whole city; `crumbs.js` names the street, and hides it where all is seen."""
    whole = html.Button(words("places.city"), type="button", className="crumb-whole link-button")
    here = html.Span(className="crumb-here", **html_attributes(aria_current="location"))
    return html.Nav(
        [whole, html.Span(" › ", **html_attributes(aria_hidden="true")), here],
        id=ids.CRUMBS,
        className="crumbs only-explore",
        hidden=True,
        **aria_label(words("crumbs.title")),
    )


def _corner(data: PageData, words: Words) -> html.Div:
    """Where the figures on the map come from, and of when they are."""
    manifest = data.bench.dataset.manifest
    base = find_base_map()
    files = sorted({str(source.get("file", "")) for source in manifest.sources} - {""})
    parts = [
        words("corner.source", files=files[0] if files else words("corner.unknown")),
        *([words("corner.more", n=len(files))] if len(files) > 1 else []),
        words("page.data_date", date=manifest.data_date) if manifest.data_date else words("page.data_date_unknown"),
        words("corner.basis"),
    ]
    fault = html.Span(words("base_map.unreachable"), className="base-unreachable", role="status")
    credit = [html.Div([base.credit(words), fault], className="base-credit")] if base else []
    return html.Div([*credit, html.Div(" · ".join(parts), className="corner-parts")], className="corner", id=ids.CORNER)
