"""The planning panel: what is to be planned and how, started as a run, followed until its plan is there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from analysis.bundling.model.objectives import AREAS_ONLY, LEVEL_OF
from analysis.bundling.model.sizes import MEASURES
from app.desks.plans.form import PlanForm, RelaxedRule
from app.i18n import Words
from app.planning.bound_options import SIDES
from app.planning.child import COMPARISONS
from app.planning.objective_options import OBJECTIVE_KINDS
from app.planning.options import MAX_SECONDS, option_of
from app.web.layout import ids
from app.web.layout.plans.proposals import proposals_dialog
from app.web.layout.widgets import aria_label, disabled_note, disabled_state, html_attributes
from app.workbench.rights import ALL_RIGHTS, Rights

POLL_MS = 700
"""How often a run is asked after."""


def plan_panel(form: PlanForm, words: Words, rights: Rights = ALL_RIGHTS) -> html.Div:
    """The panel, closed, its fields as the plan shown was made.

    Parameters
    ----------
    form
        What the fields begin with, and what they offer.
    rights
        What may be written: no run is started, or its plan does not outlive the server.
    """
    return html.Div(
        [
            dcc.Store(id=ids.RELAXED, data=[one.record for one in form.relaxed]),
            dcc.Store(id=ids.STARTED),
            dcc.Store(id=ids.PROPOSED),
            proposals_dialog(words),
            dcc.Interval(id=ids.PLAN_TIMER, interval=POLL_MS, disabled=True),
            dmc.Drawer(
                html.Div(
                    [
                        html.Div(id=ids.PLAN_RUN, className="plan-run"),
                        html.Details(html.Summary(words("run.another")), className="run-another"),
                        _form(form, words, rights),
                    ],
                    className="plan-panel",
                ),
                id=ids.PLANNER,
                title=words("planner.title"),
                position="right",
                size=430,
                keepMounted=True,
                withOverlay=False,
                lockScroll=False,
                trapFocus=False,
                closeButtonProps=aria_label(words("planner.close")),
                styles={"inner": {"top": "var(--header)"}, "content": {"height": "calc(100vh - var(--header))"}},
            ),
        ]
    )


def open_button(place: str, text: str, *, className: str) -> html.Button:  # noqa: N803 (Dash's word)
    """A button that opens the panel.

    Parameters
    ----------
    place
        Where it stands, part of its id.
    text
        Its label.
    className
        CSS classes.
    """
    return html.Button(text, id=ids.plan_open(place), className=className, type="button")


def relaxed_list(relaxed: Sequence[RelaxedRule], words: Words) -> list[Component]:
    """The rules relaxed for the next run, and the fields a permit needs.

    Parameters
    ----------
    relaxed
        Each with its rule and step.
    words
        Texts in the reader's language.
    """
    if not relaxed:
        return []
    permit = any(one.needs_permit for one in relaxed)
    return [
        html.Div(
            [
                html.Strong(words("planner.relaxed")),
                html.Ul([html.Li(words.pick(one.zh, one.en)) for one in relaxed]),
                *([html.P(words("planner.permit_hint"), className="small")] if permit else []),
                html.Button(
                    words("planner.unrelax"), id=ids.plan_run("unrelax"), className="button quiet", type="button"
                ),
            ],
            className="menu-note",
        )
    ]


def _form(form: PlanForm, words: Words, rights: Rights) -> html.Div:
    return html.Div(
        [
            dmc.TextInput(
                label=words("planner.name"),
                id=ids.plan_field("name"),
                value="",
                placeholder=words("planner.name_hint"),
                size="xs",
                className="wide",
            ),
            html.Div(id=ids.RELAXED_LIST, className="wide"),
            html.Div(
                [
                    dmc.TextInput(
                        label=words("planner.document_no"), id=ids.plan_field("document_no"), value="", size="xs"
                    ),
                    dmc.TextInput(label=words("planner.reason"), id=ids.plan_field("reason"), value="", size="xs"),
                ],
                id=ids.PERMIT_FIELDS,
                className="wide pair",
                hidden=True,
            ),
            _modes(str(form.options.mode), words),
            _several(
                "streets", form.options.streets, form.street_names, words, placeholder=words("planner.streets_all")
            ),
            _choice("scope", form, words, className="wide"),
            _number("lower", form.options.lower, words, least=0),
            _number("upper", form.options.upper, words, least=0),
            _choice("weight", form, words),
            _number(
                "seconds",
                None,
                words,
                least=1,
                most=MAX_SECONDS,
                placeholder=words("planner.seconds_usual", n=f"{form.usual_seconds:g}"),
            ),
            _bounds(form, words),
            _choice("method", form, words, className="wide"),
            *(
                html.P(words(f"planner.hint_{kind}"), className=f"hint wide method-hint for-{kind}")
                for kind in ("least_change", "baseline")
            ),
            dmc.Select(
                label=words("planner.start"),
                id=ids.plan_field("start"),
                value=form.start,
                data=[{"value": key, "label": label} for key, label in form.starts],
                clearable=True,
                placeholder=words("planner.start_none"),
                size="xs",
                className="wide",
                clearButtonProps=aria_label(words("planner.clear")),
            ),
            _choice("within", form, words, className="wide"),
            html.P(words("planner.within_note"), className="hint wide within-note"),
            _more(form, words),
            html.Div(
                [
                    html.Button(
                        words("run.start"),
                        id=ids.plan_run("start"),
                        className="button primary",
                        type="button",
                        **disabled_state(rights.runs, words),
                    ),
                    html.Div(
                        [
                            html.Button(
                                words(f"run.make_{kind}"),
                                id=ids.plan_run(kind),
                                className="button quiet",
                                type="button",
                                **{"title": words(f"run.make_{kind}_hint"), **disabled_state(rights.runs, words)},
                            )
                            for kind in COMPARISONS
                        ],
                        className="pair-buttons",
                    ),
                    *_limits(rights, words),
                    html.P(id=ids.PLAN_FAULT, className="wizard-fault", role="alert"),
                ],
                className="wide plan-do",
            ),
        ],
        id=ids.PLAN_FORM,
        className=f"plan-form method-{form.options.method} planning-{form.options.mode}",
        **html_attributes(data_within=str(form.options.within)),
    )


def _limits(rights: Rights, words: Words) -> list[Component]:
    """Why no run can be started; or that its plan does not outlive the server."""
    if rights.runs is None and rights.plans is not None:
        return [html.P(words("store.not_kept"), className="read-only-note", role="note")]
    return disabled_note(rights.runs, words)


def _bounds(form: PlanForm, words: Words) -> html.Details:
    """Bounds of further weights, folded; the fields of the first weight are not shown."""
    return html.Details(
        [
            html.Summary(words("planner.bounds")),
            html.Div(
                [
                    html.P(words("planner.bounds_hint"), className="hint wide"),
                    *(
                        _number(
                            f"bound_{name}_{side}",
                            form.bounds[f"bound_{name}_{side}"],
                            words,
                            least=0,
                            className=f"bound-{name}",
                        )
                        for name in MEASURES
                        for side in SIDES
                    ),
                ],
                id=ids.PLAN_BOUNDS,
                className=f"plan-form weight-{form.options.weight}",
            ),
        ],
        className="wide plan-more",
        open=any(value is not None for value in form.bounds.values()),
    )


def _more(form: PlanForm, words: Words) -> html.Details:
    """What is rarely changed, folded; open where the plan shown was made with something special."""
    return html.Details(
        [
            html.Summary(words("planner.more")),
            html.Div(
                [
                    _aims(form, words),
                    _number("areas", form.options.areas, words, least=1, placeholder=words("planner.areas_any")),
                    _select("company_limit", ("on", "off"), "on" if form.options.company_limit else "off", words),
                    _number("seed", form.options.seed, words, least=0),
                ],
                id=ids.PLAN_MORE,
                className=f"plan-form aim-{form.aims.kind}",
            ),
        ],
        className="wide plan-more",
        open=form.is_special,
    )


def _aims(form: PlanForm, words: Words) -> html.Div:
    """Objectives and what an area costs; hidden where the method heeds none."""
    aims = form.aims
    weights = aims.weights or {}
    return html.Div(
        [
            _select("aim", OBJECTIVE_KINDS, aims.kind, words, className="wide"),
            html.P(words("planner.aim_first"), className="hint wide"),
            html.Div(
                [
                    _several("aim_order", aims.order, [(one, words(f"planner.aim_{one}")) for one in LEVEL_OF], words),
                    html.P(words("planner.aim_order_hint"), className="hint"),
                    html.P(words("planner.aim_areas_only"), className="hint not-areas"),
                ],
                className="wide aim-order",
            ),
            *(
                _number(
                    f"aim_weight_{one}",
                    weights.get(one),
                    words,
                    least=0,
                    className="aim-weight areas-only" if one in AREAS_ONLY else "aim-weight",
                    allowDecimal=True,
                )
                for one in LEVEL_OF
            ),
            _number("opening", form.options.opening, words, least=0, placeholder=f"{form.usual_opening:,}"),
        ],
        className="wide plan-form aims",
    )


def _modes(value: str, words: Words) -> dmc.RadioGroup:
    """The ways of making areas, each with a drawing and a line."""
    return dmc.RadioGroup(
        [
            dmc.Radio(
                value=mode,
                size="xs",
                className="mode-choice",
                label=html.Span(
                    [
                        html.Img(src=f"assets/modes/{mode}.svg", alt="", width=64, height=40),
                        html.Span(
                            [html.Strong(words(f"planner.mode_{mode}")), html.Span(words(f"planner.told_{mode}"))]
                        ),
                    ],
                    className="mode-label",
                ),
            )
            for mode in option_of("mode").choices
        ],
        id=ids.plan_field("mode"),
        label=words("planner.mode"),
        value=value,
        size="xs",
        className="wide",
    )


def _choice(name: str, form: PlanForm, words: Words, **more: Any) -> dmc.Select:
    """An option that is one of some words."""
    return _select(name, option_of(name).choices, str(getattr(form.options, name)), words, **more)


def _select(what: str, choices: Sequence[str], value: str, words: Words, **more: Any) -> dmc.Select:
    return dmc.Select(
        label=words(f"planner.{what}"),
        id=ids.plan_field(what),
        value=value,
        size="xs",
        data=[{"value": one, "label": words(f"planner.{what}_{one}")} for one in choices],
        allowDeselect=False,
        **more,
    )


def _several(
    what: str, value: Sequence[str], choices: Sequence[tuple[str, str]], words: Words, *, placeholder: str = ""
) -> html.Div:
    return html.Div(
        dmc.MultiSelect(
            label=words(f"planner.{what}"),
            id=ids.plan_field(what),
            value=list(value),
            data=[{"value": key, "label": label} for key, label in choices],
            placeholder=placeholder,
            searchable=True,
            selectFirstOptionOnChange=True,
            clearable=True,
            size="xs",
            maxDropdownHeight=220,
            clearButtonProps=aria_label(words("planner.clear")),
        ),
        className="wide",
    )


def _number(
    what: str,
    value: float | None,
    words: Words,
    *,
    least: int,
    most: int | None = None,
    placeholder: str = "",
    **more: Any,
) -> dmc.NumberInput:
    more = {"allowDecimal": False, "min": least, **({} if most is None else {"max": most}), **more}
    return dmc.NumberInput(
        label=words(f"planner.{what}"),
        id=ids.plan_field(what),
        value=value,
        size="xs",
        thousandSeparator=",",
        hideControls=True,
        placeholder=placeholder,
        **more,
    )
