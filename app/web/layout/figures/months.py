"""Months kept so far, and the form that keeps one and drafts its bulletin."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from app.i18n import Words
from app.indicators.snapshots import KeptMonth, Snapshot, list_months
from app.web.layout import ids
from app.web.layout.widgets import aria_label, aria_live, disabled_note, disabled_state
from app.workbench.rights import Sentence
from app.workbench.workbench import Workbench

_MOST_DOUBTS = 12


def months_section(bench: Workbench, words: Words, reason: Sentence | None = None) -> html.Section:
    """The months on opening: few readers keep months, and they do it once a month.

    None is kept where there is a reason not to.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    words
        Texts in the reader's language.
    reason
        Why nothing may be changed here; None = it may.
    """
    date = bench.dataset.manifest.data_date
    return html.Section(
        html.Details(
            [
                html.Summary(words("months.title")),
                html.P(words("months.note"), className="small"),
                html.Div(months_table(list_months(bench.dataset), words), id=ids.MONTHS),
                html.Div(
                    [
                        dmc.TextInput(
                            id=ids.month_field("month"),
                            value=date[:7] if date else "",
                            size="xs",
                            label=words("months.month"),
                            w=110,
                        ),
                        dmc.Checkbox(id=ids.month_field("lock"), label=words("months.lock"), size="xs", checked=False),
                        dmc.TextInput(id=ids.month_field("reason"), value="", size="xs", label=words("months.reason")),
                        html.Button(
                            words("months.keep"),
                            id=ids.month_field("keep"),
                            type="button",
                            className="button quiet",
                            **disabled_state(reason, words),
                        ),
                    ],
                    className="month-form",
                    **aria_label(words("months.title")),
                ),
                *disabled_note(reason, words),
                html.Div(id=ids.MONTH_TELL, **aria_live()),
            ]
        ),
        className="months",
    )


def months_table(months: list[KeptMonth], words: Words) -> Component:
    """What was kept, the latest first.

    Parameters
    ----------
    months
        The latest first.
    words
        Texts in the reader's language.
    """
    if not months:
        return html.P(words("months.none"), className="small")
    heads = [words(f"months.{name}") for name in ("month", "revision", "state", "reason")]
    rows = [
        (m.month, str(m.revision), words("months.locked" if m.locked else "months.open"), m.reason or "")
        for m in months
    ]
    return html.Table(
        [
            html.Thead(html.Tr([html.Th(head) for head in heads])),
            html.Tbody([html.Tr([html.Td(cell) for cell in row]) for row in rows]),
        ],
        className="levels",
    )


def month_message(found: Snapshot, words: Words) -> list[Component]:
    """What a month that was just kept says: the points of the bulletin, what is doubtful.

    Parameters
    ----------
    found
        The month that was kept.
    words
        Texts in the reader's language.
    """
    doubts = found.diff.suspicious[:_MOST_DOUBTS] if found.diff else ()
    return [
        html.H3(words("months.bulletin", roster=found.roster)),
        html.Ul([html.Li(line) for line in found.bulletin], className="bulletin"),
        *([html.H3(words("months.doubts"))] if doubts else []),
        html.Ul(
            [html.Li(f"{c.name} · {c.column}: {c.before or '—'} → {c.after or '—'}") for c in doubts],
            className="bulletin",
        ),
    ]
