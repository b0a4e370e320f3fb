"""The tab of communities without a place: the list, and the form that puts one on the map."""

from __future__ import annotations

from typing import Any

import dash_ag_grid as dag
import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from app.i18n import Words
from app.web.layout import ids
from app.web.layout.widgets import aria_label, aria_live, disabled_note, disabled_state
from app.workbench.rights import Sentence


def placing_panel(
    grid: dag.AgGrid, placed: list[dict[str, Any]], words: Words, reason: Sentence | None = None
) -> html.Div:
    """The table of communities without a place next to the form.

    Parameters
    ----------
    grid
        The table.
    placed
        What planners put on the map so far: `app.desks.corrections.placing.list_placements`.
    reason
        Why the dataset cannot be written; None where it can.
    """
    return html.Div(
        [
            html.Div(grid, className="placing-list"),
            html.Div(
                [
                    html.P(words("placing.how"), className="hint"),
                    _field("at", words),
                    _field("author", words),
                    _field("reason", words),
                    html.Div(
                        [
                            html.Button(
                                words("placing.confirm"),
                                id=ids.PLACING_CONFIRM,
                                className="button primary",
                                type="button",
                                **disabled_state(reason, words),
                            ),
                            dcc.Loading(html.Div(id=ids.PLACING_BUSY), type="dot"),
                        ],
                        className="placing-do",
                    ),
                    *disabled_note(reason, words),
                    dcc.Store(id=ids.PLACING_TOLD),
                    html.Div(id=ids.PLACING_SAID, **aria_live()),
                    html.Div(placed_list(placed, words, reason), id=ids.PLACING_DONE),
                ],
                className="placing-form",
                role="group",
                **aria_label(words("placing.title")),
            ),
        ],
        className="placing",
    )


def placed_list(placed: list[dict[str, Any]], words: Words, reason: Sentence | None = None) -> list[Component]:
    """What was put on the map by hand, each to be taken back; not where there is a reason.

    Parameters
    ----------
    placed
        One for each placement.
    words
        Texts in the reader's language.
    reason
        Why nothing may be changed here; None = it may.
    """
    if not placed:
        return []
    rows = [
        html.Li(
            [
                html.Span(
                    words(
                        "placing.done_row",
                        name=one["name"],
                        author=one["author"],
                        date=one["date"],
                        reason=one["reason"],
                    ),
                    className="small",
                ),
                html.Button(
                    words("placing.take_back"),
                    id=ids.placing_back(one["override_id"]),
                    className="link-button",
                    type="button",
                    **aria_label(words("placing.take_back_name", name=one["name"])),
                    **disabled_state(reason, words),
                ),
            ]
        )
        for one in placed
    ]
    return [html.H4(words("placing.done", n=len(placed))), html.Ul(rows, className="placed")]


def placing_message(fault: str | None, words: Words, address: str = "./") -> Component:
    """What came of the last click.

    Parameters
    ----------
    fault
        None = it was kept.
    words
        Texts in the reader's language.
    address
        Where the corrected data are shown.
    """
    if fault:
        return html.P(fault, className="wizard-fault", role="alert")
    return html.P([words("placing.kept"), html.A(words("placing.see"), href=address)], className="small")


def _field(what: str, words: Words) -> dmc.TextInput:
    return dmc.TextInput(
        id=f"placing-{what}", label=words(f"placing.{what}"), placeholder=words(f"placing.{what}_hint"), size="xs"
    )
