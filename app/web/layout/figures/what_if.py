"""The controls with which a reader tries another year, other switches, other assumptions."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from analysis.policy import PolicyEntry
from app.i18n import Words
from app.maps.cards import format_mode
from app.web.layout import ids
from app.web.layout.widgets import aria_label, source_tag
from app.workbench.scenario import MODES, data_year, list_editable_entries, list_modes, list_years
from app.workbench.workbench import Workbench


def what_if_section(bench: Workbench, words: Words) -> html.Section:
    """The year; and, on opening, which modes count as professional and the values that may be tried.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    words
        Texts in the reader's language.
    """
    return html.Section(
        [
            html.H2(words("what_if.title")),
            *_year(bench, words),
            html.Details(
                [
                    html.Summary(words("what_if.switches")),
                    html.P(words("what_if.note"), className="small"),
                    *_modes(bench, words),
                    *[_value(entry, words) for entry in list_editable_entries(bench.policy)],
                    html.Button(words("what_if.reset"), id=ids.RESET, className="button quiet", type="button"),
                ]
            ),
        ],
        className="what-if",
    )


def _year(bench: Workbench, words: Words) -> list[Component]:
    years = list_years(bench)
    return [
        html.Div(words("what_if.year"), className="small"),
        dmc.Slider(
            id=ids.YEAR,
            min=years[0],
            max=years[-1],
            value=data_year(bench) or years[0],
            marks=[{"value": year, "label": str(year)} for year in years],
            restrictToMarks=True,
            size="sm",
            labelAlwaysOn=False,
            className="year-slider",
            thumbLabel=words("what_if.year"),
        ),
    ]


def _modes(bench: Workbench, words: Words) -> list[Component]:
    entry = bench.policy.entries[MODES]
    return [
        html.H3([words("what_if.modes"), " ", source_tag(entry.source, words)]),
        dmc.CheckboxGroup(
            html.Div(
                [
                    dmc.Checkbox(label=format_mode(mode, words), value=mode, size="xs")
                    for mode in list_modes(bench.policy)
                ],
                className="mode-boxes",
            ),
            id=ids.MODES,
            value=list(entry.value),
            **aria_label(words("what_if.modes")),
        ),
    ]


def _value(entry: PolicyEntry, words: Words) -> html.Div:
    label = words.pick(entry.label_zh, entry.label_en)
    control = (
        dmc.Switch(id=ids.tried_switch(entry.key), checked=entry.value, size="xs", **aria_label(label))
        if isinstance(entry.value, bool)
        else dmc.NumberInput(
            id=ids.tried_number(entry.key),
            value=entry.value,
            min=0,
            size="xs",
            debounce=True,
            hideControls=True,
            w=72,
            **aria_label(label),
        )
    )
    return html.Div(
        [html.Span([label, " ", source_tag(entry.source, words)], className="tried-label"), control], className="tried"
    )
