"""The top of the left panel: the search box, and the filter of what the map and the table show."""

from __future__ import annotations

import json
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from app.i18n import Words
from app.maps.cards import format_mode, format_reason
from app.session.page import PageData
from app.web.layout import ids
from app.web.layout.widgets import aria_label, aria_live, html_attributes


def search_box(data: PageData, words: Words) -> html.Div:
    """Where `finding.js` puts the search box; its texts and the file it searches go along.

    Parameters
    ----------
    data
        All that one page is made of.
    words
        Texts in the reader's language.
    """
    texts = {**words.section("search"), "index": f"geo/{data.indexes[words.language].name}"}
    return html.Div(id=ids.SEARCH, className="search", **html_attributes(data_told=json.dumps(texts)))


def filter_box(data: PageData, words: Words) -> html.Div:
    """What the reader looks for: all of it together, applied in the browser.

    Parameters
    ----------
    data
        All that one page is made of.
    words
        Texts in the reader's language.
    """
    bench = data.bench
    streets = sorted(bench.units["street_code"].dropna().unique())
    modes = sorted(bench.units["management_mode"].dropna().unique())
    reasons = sorted(set(bench.reason_of.values()))
    fields: list[Component] = [
        _many("street", [(code, bench.street_names.get(code, code)) for code in streets], words),
        _many("mode", [(mode, format_mode(mode, words)) for mode in modes], words),
        _many("kind", [(k, words(f"kind.{k}")) for k in ("community", "single_building")], words),
        _range("year", words),
        _range("households", words),
    ]
    if bench.plan:
        fields.append(_many("area", [(k, words(f"filter.area_{k}")) for k in ("in", "out")], words))
        fields.append(_many("reason", [(key, format_reason(key, words)) for key in reasons], words))
    return html.Div(
        [
            html.Details([html.Summary(words("filter.title")), *fields], className="filter"),
            html.Div(
                [
                    html.Span(id=ids.FILTER_TOLD, className="filter-told", **aria_live()),
                    html.Button(words("filter.clear"), id=ids.FILTER_CLEAR, type="button", className="button quiet"),
                ],
                className="filter-foot",
            ),
            dcc.Store(id=ids.FILTER_COMPANY),
            dcc.Store(id=ids.INDEX, data=f"geo/{data.indexes[words.language].name}"),
        ],
        id=ids.FILTER,
    )


def _many(what: str, choices: list[tuple[str, str]], words: Words) -> dmc.MultiSelect:
    label = words(f"filter.{what}")
    return dmc.MultiSelect(
        id=ids.filter_field(what),
        label=label,
        value=[],
        size="xs",
        searchable=True,
        selectFirstOptionOnChange=True,  # what is typed and confirmed is taken
        clearable=True,
        data=[{"value": str(value), "label": str(text)} for value, text in choices],
        nothingFoundMessage=words("search.none"),
        maxDropdownHeight=220,
        placeholder=words("filter.all"),
        comboboxProps={"width": 240, "position": "bottom-start"},
    )


def _range(what: str, words: Words) -> html.Div:
    label = words(f"filter.{what}")

    def field(end: str) -> dmc.NumberInput:
        text = f"{label}: {words(f'filter.{end}')}"
        options: dict[str, Any] = {"min": 0, "size": "xs", "hideControls": True}
        return dmc.NumberInput(
            id=ids.filter_field(f"{what}_{end}"),
            value="",
            placeholder=words(f"filter.{end}"),
            debounce=300,
            **options,
            **aria_label(text),
        )

    return html.Div(
        [html.Span(label, className="filter-label"), html.Div([field("from"), html.Span("–"), field("to")])],
        className="filter-range",
    )
