"""The panel that corrects the data of a unit, and the tab that lists all corrections."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from app.desks.corrections.blocked_pairs import format_pair
from app.desks.corrections.correction_form import ValueCorrection
from app.desks.corrections.correction_options import (
    list_crossing_options,
    list_near_units,
    list_value_options,
    read_outline,
    read_unit,
)
from app.i18n import Words
from app.web.layout import ids
from app.web.layout.grids import column, grid
from app.web.layout.widgets import aria_label, aria_live, disabled_note, disabled_state
from app.workbench.rights import Sentence
from app.workbench.workbench import Workbench
from geo.schema import CORRECTABLE, CROSSING_KINDS

SECTIONS = ("values", "outline", "split", "merge", "neighbours", "passage")


def correcting_panel(words: Words, reason: Sentence | None = None) -> html.Aside:
    """The panel over the figures; closed until it is asked for, idle where there is a reason.

    Parameters
    ----------
    words
        Texts in the reader's language.
    reason
        Why nothing may be changed here; None = it may.
    """
    return html.Aside(
        [
            html.Div(
                [
                    html.H2(words("correct.title")),
                    html.Button(
                        "×",
                        id=ids.CORRECT_CLOSE,
                        className="close",
                        type="button",
                        **aria_label(words("correct.close")),
                    ),
                ],
                className="heading",
            ),
            dmc.SegmentedControl(
                data=[{"value": one, "label": words(f"correct.section_{one}")} for one in SECTIONS],
                id=ids.CORRECT_SECTION,
                value=SECTIONS[0],
                size="xs",
                fullWidth=True,
                **aria_label(words("correct.title")),
            ),
            html.Div(id=ids.CORRECT_BODY, className="correct-body"),
            html.Div(id=ids.CORRECT_TOLD, className="correct-told", **aria_live()),
            dmc.TextInput(
                id=ids.CORRECT_AUTHOR,
                label=words("placing.author"),
                size="xs",
                persistence=True,
                placeholder=words("placing.author_hint"),
            ),
            dmc.Textarea(
                id=ids.CORRECT_REASON,
                label=words("correct.reason"),
                size="xs",
                minRows=2,
                placeholder=words("correct.reason_hint"),
            ),
            html.Div(
                [
                    html.Button(
                        words("correct.keep"),
                        id=ids.CORRECT_KEEP,
                        type="button",
                        className="button primary",
                        **disabled_state(reason, words),
                    ),
                    dcc.Loading(html.Div(id=ids.CORRECT_BUSY), type="dot"),
                ],
                className="placing-do",
            ),
            *disabled_note(reason, words),
            html.Div(id=ids.CORRECT_SAID, **aria_live()),
            dcc.Store(id=ids.CORRECT_STATE),
            dcc.Store(id=ids.CORRECT_ASKED, data=False),
            dcc.Store(id=ids.CORRECT_FILLED),
            dcc.Store(id=ids.CORRECT_SHAPE),
            dcc.Store(id=ids.CORRECT_OUTLINE),
            dcc.Store(id=ids.CORRECT_DONE),
            dcc.Store(id=ids.CORRECT_WORDS, data=_words_of_tools(words)),
        ],
        id=ids.CORRECTING,
        className="panel correcting only-explore",
        hidden=True,
        **aria_label(words("correct.title")),
    )


def correcting_button(words: Words) -> html.Button:
    """The button on the map that opens the panel."""
    return html.Button(words("correct.open"), id=ids.CORRECT_OPEN, type="button", className="map-button only-explore")


def correcting_body(bench: Workbench, section: str, state: dict[str, Any], words: Words) -> list[Component]:
    """The controls of a section for the unit chosen.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    section
        Its key.
    state
        What is chosen and typed so far.
    words
        Texts in the reader's language.
    """
    unit = read_unit(bench, state.get("unit"))
    if section == "passage":
        return _passage(bench, state.get("barred") or [], words)
    if unit is None:
        return [html.P(words("correct.choose"), className="hint")]
    head = html.P([html.Strong(unit["name"]), f" · {unit['unit_id']}"], className="correct-unit")
    body = {
        "values": lambda: _values(bench, unit, words),
        "outline": lambda: _outline(bench, unit, words),
        "split": lambda: _split(unit, words),
        "merge": lambda: _other(bench, unit, state, words, "merge"),
        "neighbours": lambda: _neighbours(bench, unit, state, words),
    }[section]
    return [head, *body()]


def changes_list(changes: list[ValueCorrection], words: Words) -> list[Component]:
    """Values before and after.

    Parameters
    ----------
    changes
        Each with its value before and after.
    words
        Texts in the reader's language.
    """
    if not changes:
        return [html.P(words("correct.no_change"), className="hint")]
    rows = [html.Li([html.Span(one.label + " "), html.Del(one.before), " → ", html.Ins(one.after)]) for one in changes]
    return [html.Ul(rows, className="changes")]


def remarks_list(remarks: list[tuple[str, str]]) -> list[Component]:
    """What is to be known before it is kept."""
    return [html.P(text, className=f"remark {severity}") for severity, text in remarks]


def fault_line(text: str) -> Component:
    """Why it was not kept."""
    return html.P(text, className="wizard-fault", role="alert")


def corrections_panel(rows: list[dict[str, Any]], words: Words, reason: Sentence | None = None) -> html.Div:
    """All corrections, each to be taken back; not where there is a reason.

    Parameters
    ----------
    rows
        One for each correction.
    words
        Texts in the reader's language.
    reason
        Why nothing may be changed here; None = it may.
    """
    columns = [
        column("what", words, width=74),
        column("about", words, flex=1.1, min_width=96),
        column("old", words, flex=1, min_width=96),
        column("new", words, flex=1, min_width=96),
        column("author", words, width=78),
        column("date", words, width=100),
        column("reason", words, title="why", flex=1.4, min_width=130),
        column("state", words, width=96),
    ]
    form = html.Div(
        [
            html.P(words("correct.back_how"), className="hint"),
            dmc.TextInput(id=ids.BACK_AUTHOR, label=words("correct.back_author"), size="xs", persistence=True),
            dmc.TextInput(id=ids.BACK_REASON, label=words("correct.back_reason"), size="xs"),
            html.Div(
                [
                    html.Button(
                        words("correct.back"),
                        id=ids.BACK_DO,
                        type="button",
                        className="button quiet",
                        **disabled_state(reason, words),
                    ),
                    dcc.Loading(html.Div(id=ids.BACK_BUSY), type="dot"),
                ],
                className="placing-do",
            ),
            *disabled_note(reason, words),
            html.Div(id=ids.BACK_SAID, **aria_live()),
            html.H4(words("trail.title")),
            html.Div(id=ids.TRAIL, className="small"),
        ],
        className="placing-form",
        role="group",
        **aria_label(words("correct.back")),
    )
    table = grid(ids.CORRECTION_GRID, columns, words, rows)
    return html.Div([html.Div(table), form], className="corrections")


def audit_list(lines: list[str], words: Words) -> list[Component]:
    """Who changed the data, latest first.

    Parameters
    ----------
    lines
        One for each change, the latest first.
    words
        Texts in the reader's language.
    """
    if not lines:
        return [html.P(words("trail.none"))]
    return [html.Ul([html.Li(line) for line in lines], className="trail")]


def pair_buttons(pair: str, words: Words, *, is_barred: bool = False) -> html.Div:
    """Under what is reported of a pair: the buttons that correct it; barred ones may have a passage.

    Parameters
    ----------
    pair
        Ids of both units, "A|B".
    words
        Texts in the reader's language.
    is_barred
        Whether a barrier keeps them apart.
    """
    fates = ["neighbours", "not_neighbours", *(["passage"] if is_barred else [])]
    return html.Div(
        [
            html.Button(words(f"correct.{fate}"), id=ids.pair_fate(fate, pair), type="button", className="button quiet")
            for fate in fates
        ],
        className="pair-buttons only-explore",
    )


def _values(bench: Workbench, unit: dict[str, Any], words: Words) -> list[Component]:
    found: list[Component] = []
    for field in CORRECTABLE:
        value = unit[field]
        options = list_value_options(bench, field, words)
        label = words(f"correct.{field}")
        if options is None:
            quality = unit.get(f"{field}_quality")
            hint = "" if quality in (None, "reported", "surveyed") else words(f"correct.is_{quality}")
            text = "" if value is None else f"{value:.10g}"
            found.append(
                dmc.TextInput(
                    id=ids.correct_field(field),
                    label=f"{label} {hint}",
                    value=text,
                    size="xs",
                    placeholder=words("correct.unknown"),
                )
            )
        else:
            found.append(
                dmc.Select(
                    id=ids.correct_field(field),
                    label=label,
                    value=value,
                    data=options,
                    size="xs",
                    clearable=True,
                    searchable=True,
                    selectFirstOptionOnChange=True,
                    placeholder=words("correct.unknown"),
                )
            )
    return [html.Div(found, className="correct-fields")]


def _outline(bench: Workbench, unit: dict[str, Any], words: Words) -> list[Component]:
    quality = words(f"correct.geom_{unit['geom_quality']}")
    tools = ["polygon", *(["corners"] if read_outline(bench, unit["unit_id"]) else [])]
    return [
        html.P(words("correct.outline_now", quality=quality), className="hint"),
        html.Div([_tools(tool, words) for tool in tools], className="correct-tools"),
        _pasted(words),
    ]


def _split(unit: dict[str, Any], words: Words) -> list[Component]:
    homes = "—" if unit["households"] is None else f"{unit['households']:,.0f}"
    mark = words("correct.is_estimated") if unit["households_quality"] == "estimated" else ""
    rows = [
        html.Div(
            [
                html.H4(words(f"correct.part_{which}")),
                html.Div(
                    [
                        dmc.TextInput(
                            id=ids.correct_field(f"{which}_{name}"),
                            label=words(f"correct.part_{name}"),
                            size="xs",
                            value=unit["unit_id"] if (which, name) == ("west", "id") else "",
                        )
                        for name in ("id", "name", "households", "floor_area")
                    ],
                    className="correct-fields",
                ),
            ]
        )
        for which in ("west", "east")
    ]
    return [
        html.P(words("correct.split_how", households=f"{homes} {mark}"), className="hint"),
        _tools("line", words),
        _pasted(words),
        *rows,
    ]


def _other(bench: Workbench, unit: dict[str, Any], state: dict[str, Any], words: Words, what: str) -> list[Component]:
    options = list_near_units(bench, unit["unit_id"], words)
    chosen = state.get("other")
    row = read_unit(bench, chosen)
    if row is not None and chosen not in [one["value"] for one in options]:
        options = [{"value": str(chosen), "label": str(row["name"])}, *options]
    return [
        html.P(words(f"correct.{what}_how"), className="hint"),
        _tools("unit", words),
        dmc.Select(
            id=ids.correct_field("other"),
            label=words("correct.other"),
            data=options,
            value=chosen if row else None,
            size="xs",
            searchable=True,
            selectFirstOptionOnChange=True,
            clearable=True,
        ),
    ]


def _neighbours(bench: Workbench, unit: dict[str, Any], state: dict[str, Any], words: Words) -> list[Component]:
    fates = [(one, words(f"correct.{one}")) for one in ("neighbours", "not_neighbours")]
    radio = dmc.RadioGroup(
        dmc.Group([dmc.Radio(label=label, value=value, size="xs") for value, label in fates]),
        id=ids.correct_field("fate"),
        value=state.get("fate") or "neighbours",
        size="xs",
        label=words("correct.fate"),
    )
    return [*_other(bench, unit, state, words, "neighbours"), radio]


def _passage(bench: Workbench, barred: list[str], words: Words) -> list[Component]:
    which = [(one, words(f"correct.passage_{one}")) for one in ("open", "closed")]
    return [
        *_barred(bench, barred, words),
        dmc.RadioGroup(
            dmc.Group([dmc.Radio(label=label, value=value, size="xs") for value, label in which]),
            id=ids.correct_field("passage"),
            value="open",
            size="xs",
            label=words("correct.section_passage"),
        ),
        html.H4(words("correct.passage_open")),
        _tools("point", words),
        _pasted(words),
        dmc.Select(
            id=ids.correct_field("kind"),
            label=words("correct.passage_kind"),
            size="xs",
            value="bridge",
            data=[{"value": kind, "label": words(f"passage.{kind}")} for kind in CROSSING_KINDS],
        ),
        html.H4(words("correct.passage_closed")),
        _tools("crossing", words),
        dmc.Select(
            id=ids.correct_field("crossing"),
            label=words("correct.crossing"),
            size="xs",
            data=list_crossing_options(bench, words),
            searchable=True,
            selectFirstOptionOnChange=True,
            clearable=True,
        ),
    ]


def _barred(bench: Workbench, barred: list[str], words: Words) -> list[Component]:
    """The pairs it is about, each a way to say that they are neighbours all the same."""
    if not barred:
        return []
    rows = [
        html.Li(
            [
                format_pair(bench, pair) + " ",
                html.Button(
                    words("correct.neighbours"), id=ids.barred_pair(pair), type="button", className="link-button"
                ),
            ]
        )
        for pair in barred
    ]
    return [html.P(words("correct.barred_how"), className="hint"), html.Ul(rows, className="barred")]


def _tools(tool: str, words: Words) -> html.Button:
    return html.Button(
        words(f"correct.tool_{tool}"), id=ids.correct_tool(tool), type="button", className="button quiet"
    )


def _pasted(words: Words) -> html.Details:
    """The way without a mouse."""
    return html.Details(
        [
            html.Summary(words("correct.paste")),
            dmc.Textarea(
                id=ids.correct_field("pasted"),
                size="xs",
                minRows=3,
                placeholder=words("correct.paste_hint"),
                **aria_label(words("correct.paste")),
            ),
            html.Button(
                words("correct.paste_do"), id=ids.correct_tool("pasted"), type="button", className="button quiet"
            ),
        ],
        className="correct-paste",
    )


def _words_of_tools(words: Words) -> dict[str, str]:
    tools = {tool: words(f"correct.bar_{tool}") for tool in ("polygon", "corners", "line", "point", "unit", "crossing")}
    sizes = {"m2": words("measure.m2"), "m": words("measure.m")}
    return {**tools, **sizes, "keeping": words("correct.keeping"), "deriving": words("correct.deriving")}
