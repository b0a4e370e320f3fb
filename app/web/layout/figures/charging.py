"""The tab of charging: units that lack ports, the choice of places, what it comes to."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from analysis.studies.siting import LABEL
from app.desks.charging.selection import ChargingTotals
from app.i18n import Words
from app.web.layout import ids
from app.web.layout.grids import column, grid
from app.web.layout.widgets import (
    aria_label,
    aria_live,
    disabled_note,
    disabled_state,
    html_attributes,
    loading_state,
    source_tag,
)
from app.workbench.rights import Sentence


def charging_panel(words: Words, reason: Sentence | None = None) -> html.Div:
    """The list next to the choice; filled when the tab is opened.

    A choice is tried but not kept where there is a reason not to.

    Parameters
    ----------
    words
        Texts in the reader's language.
    reason
        Why nothing may be changed here; None = it may.
    """
    columns = [
        column("name", words, flex=1.3, min_width=110),
        column("gap", words, width=76, kind="number"),
        column("bikes", words, width=84, kind="number"),
        column("ports", words, width=76, kind="number"),
        column("ratio", words, width=76, kind="rightAligned"),
        column("method", words, width=104),
        column("required", words, width=88, kind="number"),
        column("street", words, width=96),
    ]
    return html.Div(
        [
            html.Div(
                [
                    html.Div(id=ids.CHARGE_LINE, className="small"),
                    html.Div(grid(ids.CHARGE_GRID, columns, words, []), className="work-grid"),
                ],
                className="work-list",
            ),
            html.Div(
                [
                    html.P(words.pick(*LABEL), className="remark warning"),
                    loading_state(
                        ids.CHARGE_TOTALS,
                        [html.Div(id=ids.CHARGE_TOTALS, **aria_live())],
                        words("charge.screening"),
                        words,
                    ),
                    html.Div(
                        [
                            dmc.TextInput(id=ids.CHARGE_BUDGET, label=words("charge.budget"), size="xs", w=120),
                            html.Button(
                                words("charge.choose"), id=ids.CHARGE_CHOOSE, type="button", className="button quiet"
                            ),
                            dcc.Loading(html.Div(id=ids.CHARGE_BUSY), type="dot"),
                        ],
                        className="charge-row",
                    ),
                    html.Div(id=ids.CHARGE_PROOF, className="small", **aria_live()),
                    html.Div(
                        [
                            html.Button(
                                words("charge.undo"), id=ids.CHARGE_UNDO, type="button", className="button quiet"
                            ),
                            html.Button(
                                words("charge.clear"), id=ids.CHARGE_CLEAR, type="button", className="button quiet"
                            ),
                        ],
                        className="charge-row",
                    ),
                    loading_state(ids.CHARGE_UNIT, [html.Div(id=ids.CHARGE_UNIT)], words("charge.screening"), words),
                    html.Div(
                        [
                            dmc.TextInput(
                                id=ids.CHARGE_AUTHOR, label=words("charge.author"), size="xs", w=120, persistence=True
                            ),
                            html.Button(
                                words("charge.keep"),
                                id=ids.CHARGE_KEEP,
                                type="button",
                                className="button primary",
                                **disabled_state(reason, words),
                            ),
                        ],
                        className="charge-row",
                    ),
                    *disabled_note(reason, words),
                    html.Div(id=ids.CHARGE_SAID, **aria_live()),
                    html.P(
                        [
                            words("charge.export"),
                            " ",
                            html.A("Excel", href="charging/xlsx"),
                            " · ",
                            html.A("GeoJSON", href="charging/geojson"),
                        ],
                        className="small",
                    ),
                ],
                className="placing-form",
                role="group",
                **aria_label(words("charge.title")),
            ),
            dcc.Store(id=ids.CHARGE_SET),
            dcc.Store(id=ids.CHARGE_ROW),
        ],
        className="corrections work",
    )


def totals_list(found: ChargingTotals, words: Words) -> html.Dl:
    """What the choice comes to, each figure with its source.

    Parameters
    ----------
    found
        What the choice comes to.
    words
        Texts in the reader's language.
    """
    parts: list[Component] = []
    for label, value, source in found.rows:
        told: list[Component | str] = [value]
        if source:
            told += [" ", source_tag(source, words)]
        parts += [html.Dt(label), html.Dd(told)]
    return html.Dl(parts, className="charge-totals")


def chosen_sites(rows: list[dict[str, Any]], words: Words) -> html.Ol:
    """The chosen places by community; a press goes there.

    Parameters
    ----------
    rows
        Of `list_chosen`.
    words
        Texts in the reader's language.
    """
    return html.Ol(
        [
            html.Li(
                html.Button(
                    words("charge.chosen", name=row["name"], places=row["places"], ports=row["ports"]),
                    type="button",
                    className="link-button",
                    **html_attributes(data_row=row["unit_id"], data_table=ids.CHARGE_GRID),
                )
            )
            for row in rows
        ],
        className="charge-chosen",
    )


def unit_sites(name: str, sites: list[dict[str, Any]], chosen: set[str], words: Words) -> list[Component]:
    """The candidate places of one community, each to be chosen or left without a mouse on the map.

    Parameters
    ----------
    name
        Of the community.
    sites
        Its candidate places.
    chosen
        Ids of those chosen.
    words
        Texts in the reader's language.
    """
    if not sites:
        return [html.P(words("charge.no_site", name=name), className="hint")]
    rows = [
        html.Li(
            [
                words(
                    "charge.site",
                    n=number,
                    area=f"{site['area_m2']:.0f}",
                    ports=site["capacity"],
                    clear=f"{site['clearance_m']:.0f}",
                ),
                " ",
                html.Button(
                    words("charge.leave" if site["site_id"] in chosen else "charge.take"),
                    id=ids.charge_site(site["site_id"]),
                    type="button",
                    className="link-button",
                    **html_attributes(aria_pressed=str(site["site_id"] in chosen).lower()),
                ),
            ]
        )
        for number, site in enumerate(sites, 1)
    ]
    return [html.H4(name), html.Ul(rows, className="anchors")]
