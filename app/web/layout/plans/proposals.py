"""Several plans of one run side by side; along the slider from many and near to few and large, one at a time."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from app.desks.plans.proposals import ProposalBoard, ProposalCard
from app.i18n import Words
from app.web.layout import ids
from app.web.layout.widgets import aria_label, disabled_state
from app.workbench.rights import Rights

_BLUE, _ORANGE = "#0072B2", "#D55E00"


def proposals_dialog(words: Words) -> dmc.Modal:
    """The dialog, closed and empty."""
    return dmc.Modal(
        [html.Div(id=ids.PROPOSAL_FAULT), html.Div(id=ids.PROPOSALS_BODY)],
        id=ids.PROPOSALS,
        title=words("propose.title"),
        size="min(1280px, 96vw)",
        yOffset="3vh",
        lockScroll=False,
        zIndex=300,
        closeButtonProps=aria_label(words("propose.close")),
    )


def board_view(board: ProposalBoard, words: Words, rights: Rights) -> list[Component]:
    """The proposals side by side, or the curve with its slider.

    Parameters
    ----------
    board
        The plans of a run.
    words
        Texts in the reader's language.
    rights
        What may be written: where no plan may, none is taken.
    """
    cards = [_card(card, board.job, words, rights) for card in board.cards]
    notes: list[Component] = [html.P(sentence, className="menu-note") for sentence in board.left_out]
    if board.kind != "curve":
        return [html.P(words("propose.hint"), className="hint"), html.Div(cards, className="proposals"), *notes]
    last = len(cards) - 1
    middle = last // 2
    slider = dmc.Slider(
        id=ids.curve("slider", board.job),
        min=0,
        max=last,
        step=1,
        value=middle,
        marks=[{"value": number} for number in range(len(cards))],
        label=None,
        updatemode="drag",
        thumbLabel=words("propose.curve"),
    )
    return [
        html.P(words("propose.curve_hint"), className="hint"),
        html.Div(
            [
                html.Div(
                    dcc.Graph(
                        id=ids.curve("graph", board.job),
                        figure=curve_figure(board, middle, words),
                        config={"displayModeBar": False},
                        style={"height": "300px"},
                    ),
                    role="img",
                    **aria_label(words("propose.curve")),
                ),
                html.Div(
                    [
                        html.Span(words("propose.curve_near")),
                        html.Div(slider, className="spread"),
                        html.Span(words("propose.curve_large")),
                    ],
                    className="curve-slider",
                ),
                html.Div(cards, id=ids.curve("cards", board.job), className=f"proposals one-of at-{middle}"),
            ],
            className="curve-board",
        ),
        *notes,
    ]


def _card(card: ProposalCard, job: str, words: Words, rights: Rights) -> html.Article:
    state = "met" if card.is_met else "not_met"
    return html.Article(
        [
            html.H3(card.name),
            html.P(card.verdict, className=f"verified {state}"),
            html.Img(src=card.picture, alt=words("propose.picture", name=card.name)),
            html.Dl([part for name, text in card.rows for part in (html.Dt(name), html.Dd(_figure(text)))]),
            html.Button(
                words("propose.take"),
                id=ids.take_proposal(job, card.key),
                className="button primary",
                type="button",
                **disabled_state(rights.plans, words),
            ),
        ],
        className="proposal",
        **aria_label(card.name),
    )


def _figure(text: str) -> list[Component | str]:
    """A figure, and what is counted for it beneath."""
    value, _, counted = text.partition("\n")
    return [value, html.Span(counted, className="counted")] if counted else [value]


def curve_figure(board: ProposalBoard, chosen: int, words: Words) -> dict[str, Any]:
    """The trade-off as a plotly figure: areas against the mean walk, the chosen plan marked.

    Parameters
    ----------
    board
        The plans along the slider.
    chosen
        Number of the one looked at, from 0.
    words
        Texts in the reader's language.
    """
    return {
        "data": [
            {
                "x": [card.areas for card in board.cards],
                "y": [card.walk_mean_m for card in board.cards],
                "mode": "lines+markers",
                "line": {"color": _BLUE, "width": 2},
                "marker": {"size": 10, "color": _BLUE},
                "selectedpoints": [chosen],
                "selected": {"marker": {"size": 16, "color": _ORANGE}},
                "unselected": {"marker": {"opacity": 1}},
                "hovertemplate": "%{x} · %{y:.0f} m<extra></extra>",
            }
        ],
        "layout": {
            "margin": {"l": 60, "r": 12, "t": 8, "b": 44},
            "font": {"size": 12, "color": "#1d2b3a"},
            "showlegend": False,
            "xaxis": {"title": {"text": words("propose.curve_areas")}, "autorange": "reversed"},
            "yaxis": {"title": {"text": words("propose.curve_walk")}, "rangemode": "tozero", "automargin": True},
            "paper_bgcolor": "white",
            "plot_bgcolor": "white",
        },
    }
