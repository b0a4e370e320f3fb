"""The tab of single buildings nobody manages: the list, what is near the one chosen, the record."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from app.desks.corrections.worklist import ANSWERS, WorkItem
from app.i18n import Words
from app.web.layout import ids
from app.web.layout.grids import column, grid
from app.web.layout.widgets import aria_label, aria_live, disabled_note, disabled_state
from app.workbench.rights import Sentence
from app.workbench.workbench import Workbench
from geo.schema import STAGES

SINGLES_SHEET = "print/single-buildings"
"""Path of the sheets of single buildings."""


def work_panel(bench: Workbench, words: Words, reason: Sentence | None = None) -> html.Div:
    """The list next to what is known of the building chosen; filled when the tab is opened.

    Nothing is recorded where there is a reason not to.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    words
        Texts in the reader's language.
    reason
        Why nothing may be changed here; None = it may.
    """
    columns = [
        column("name", words, flex=1.2, min_width=108),
        column("households", words, width=88, kind="estimate"),
        column("anchor1", words, flex=1.2, min_width=124, dash=True),
        column("agrees", words, width=78),
        column("stage", words, title="work_stage", width=98),
        column("blocks", words, flex=1.2, min_width=130),
        column("street", words, width=92),
        *(column(f"anchor{k}", words, flex=1, min_width=118, dash=True) for k in (2, 3)),
        column("by", words, flex=1, min_width=120),
    ]
    for one in columns:
        one["tooltipField"] = one["field"]
    return html.Div(
        [
            html.Div(
                [
                    _filters(bench, words),
                    html.Div(id=ids.WORK_COUNTS, className="small", **aria_live()),
                    html.Div(grid(ids.WORK_GRID, columns, words, []), className="work-grid"),
                ],
                className="work-list",
            ),
            html.Div(
                [html.Div(html.P(words("work.choose"), className="hint"), id=ids.WORK_ONE), _form(words, reason)],
                className="placing-form",
                role="group",
                **aria_label(words("work.record")),
            ),
            dcc.Store(id=ids.WORK_CHOSEN),
        ],
        className="corrections work",
    )


def building_card(one: WorkItem, words: Words) -> list[Component]:
    """What is near a building and what blocks it; a button for each walk.

    Parameters
    ----------
    one
        The building.
    words
        Texts in the reader's language.
    """
    rows = [
        html.Li(
            [
                html.Strong(f"{anchor.name} "),
                anchor.walk,
                " ",
                html.Button(
                    words("work.draw"),
                    id=ids.work_walk(one.unit_id, anchor.unit_id),
                    className="link-button",
                    type="button",
                    **aria_label(words("work.draw_name", name=anchor.name)),
                ),
                html.Div(anchor.block, className="small"),
            ]
        )
        for anchor in one.anchors
    ]
    homes = "—" if one.households is None else f"{one.households:,}"
    mark = f" {words('card.estimated')}" if one.estimated else ""
    parts: list[Component] = [
        html.H4(one.name),
        html.P(f"{one.street} · {one.address} · {homes}{mark} {words('work.homes')} · {one.mode}", className="small"),
        html.Ol(rows, className="anchors") if rows else html.P(words("work.no_anchor")),
    ]
    if one.joins:
        parts.append(html.P(words("work.joins", names=words.join(one.joins[:4])), className="small"))
    if one.record is not None:
        note = one.record["note"]
        last = words(
            "work.last",
            author=one.record["author"],
            date=one.record["date"],
            note=f": {note}" if isinstance(note, str) else "",
        )
        parts.append(html.P(last, className="small"))
    return parts


def _filters(bench: Workbench, words: Words) -> html.Div:
    streets = sorted(bench.street_names.items())
    return html.Div(
        [
            dmc.Select(
                id=ids.work_filter("street"),
                size="xs",
                clearable=True,
                searchable=True,
                selectFirstOptionOnChange=True,
                w=126,
                placeholder=words("work.all_streets"),
                **aria_label(words("work.street")),
                data=[{"value": code, "label": name} for code, name in streets],
            ),
            dmc.Select(
                id=ids.work_filter("stage"),
                size="xs",
                clearable=True,
                w=112,
                placeholder=words("work.all_stages"),
                **aria_label(words("work.stage")),
                data=[{"value": key, "label": words(f"work.stage_{key}")} for key in STAGES],
            ),
            dmc.Select(
                id=ids.work_filter("agrees"),
                size="xs",
                clearable=True,
                w=100,
                placeholder=words("work.all_answers"),
                **aria_label(words("work.answer")),
                data=[{"value": key, "label": words(f"work.{key}")} for key in ANSWERS],
            ),
            html.A(
                words("work.print"), href=SINGLES_SHEET, target="_blank", id=ids.WORK_PRINT, className="button quiet"
            ),
        ],
        className="work-filters",
    )


def _form(words: Words, reason: Sentence | None) -> html.Div:
    answers: list[dict[str, Any]] = [{"value": k, "label": words(f"work.{k}")} for k in ANSWERS]
    stages = [{"value": key, "label": words(f"work.stage_{key}")} for key in STAGES]
    return html.Div(
        [
            html.Div(
                [
                    dmc.Select(
                        id=ids.work_field("agrees"), label=words("work.answer"), size="xs", data=answers, clearable=True
                    ),
                    dmc.Select(
                        id=ids.work_field("stage"), label=words("work.stage"), size="xs", data=stages, clearable=True
                    ),
                    dmc.TextInput(id=ids.work_field("author"), label=words("work.author"), size="xs", persistence=True),
                    dmc.TextInput(
                        id=ids.work_field("date"), label=words("work.date"), size="xs", placeholder="2026-06-30"
                    ),
                ],
                className="correct-fields",
            ),
            dmc.TextInput(id=ids.work_field("note"), label=words("work.note"), size="xs"),
            html.Div(
                [
                    html.Button(
                        words("work.keep"),
                        id=ids.WORK_KEEP,
                        type="button",
                        className="button primary",
                        **disabled_state(reason, words),
                    ),
                    html.Button(
                        words("work.take_back"),
                        id=ids.WORK_BACK,
                        type="button",
                        className="link-button",
                        **disabled_state(reason, words),
                    ),
                    dcc.Loading(html.Div(id=ids.WORK_BUSY), type="dot"),
                ],
                className="placing-do",
            ),
            *disabled_note(reason, words),
            html.Div(id=ids.WORK_SAID, **aria_live()),
        ]
    )
