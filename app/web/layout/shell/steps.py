"""The path of five steps: its line in the header, and the page of controls each step has in the right panel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.i18n import Words
from app.session.page import PageData
from app.session.progress import STEPS, StepState, list_steps
from app.web.layout import ids
from app.web.layout.plans.form import open_button
from app.web.layout.shell.links import export_links, link_list, sheet_links
from app.web.layout.widgets import aria_label, disabled_note, disabled_state, html_attributes
from app.workbench.formats import format_count
from app.workbench.rights import ALL_RIGHTS, Rights
from app.workbench.workbench import Workbench

FIRST_STEP = "plan"
"""Where a page with a dataset begins."""


def steps_line(bench: Workbench | None, words: Words, *, is_exported: bool = False) -> html.Nav:
    """The five steps, each a button; `page.js` marks the one that is open.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows; None before there is a dataset.
    words
        Texts in the reader's language.
    is_exported
        Whether files of the version shown were fetched.
    """
    states = list_steps(bench, is_exported=is_exported)
    steps = [html.Li(_step(number, state, bench, words)) for number, state in enumerate(states, 1)]
    return html.Nav(html.Ol(steps), className="path", id=ids.STEPS, **aria_label(words("steps.title")))


def step_parts(number: int, state: StepState, words: Words) -> list[Component]:
    """What a step's button shows: its number, or that it is done; its name; what waits.

    Parameters
    ----------
    number
        From 1.
    state
        How it stands.
    words
        Texts in the reader's language.
    """
    label = words(f"steps.{state.name}")
    name = html.Span(label, id=ids.PLAN_STEP) if state.name == "plan" else html.Span(label)
    return [
        html.Span("✓" if state.is_done else str(number), className="path-mark", **html_attributes(aria_hidden="true")),
        html.Span(name, className="path-name"),
        step_count(state),
    ]


def step_count(state: StepState) -> html.Span:
    """How many things wait in a step."""
    text = format_count(state.waiting) if state.waiting else ""
    return html.Span(text, className="path-count", **html_attributes(aria_hidden="true"))


def step_title(state: StepState, words: Words) -> str:
    """What is done and what waits in a step, for the pointer and for screen readers.

    Parameters
    ----------
    state
        How it stands.
    words
        Texts in the reader's language.
    """
    if state.waiting:
        return words(f"steps.{state.name}_waiting", n=format_count(state.waiting))
    return words(f"steps.{state.name}_done" if state.is_done else f"steps.{state.name}_open")


def step_class(state: StepState) -> str:
    """Class of a step's button."""
    return "path-step done" if state.is_done else "path-step waits" if state.waiting else "path-step"


def step_view(name: str, states: Sequence[StepState], words: Words) -> tuple[list[Component], str, str]:
    """A step's button as it stands now: its parts, its class, its title.

    Parameters
    ----------
    name
        One of `STEPS`.
    states
        Of all steps.
    words
        Texts in the reader's language.
    """
    number = STEPS.index(name)
    state = states[number]
    return step_parts(number + 1, state, words), step_class(state), step_title(state, words)


def step_pages(data: PageData, words: Words, rights: Rights = ALL_RIGHTS) -> list[Component]:
    """The controls of the steps that stand in the right panel above the figures; one is shown at a time.

    Adjusting has the panel of the editor.

    Parameters
    ----------
    data
        All that one page is made of.
    words
        Texts in the reader's language.
    rights
        What may be written.
    """
    return [
        _page("import", _importing(data.bench, words, rights), words),
        _page("check", _checking(data.bench, words), words),
        _page("plan", _planning(data.bench, words), words),
        _page("report", _reporting(data, words), words),
    ]


def _step(number: int, state: StepState, bench: Workbench | None, words: Words) -> html.Button:
    is_idle = bench is None or (state.name == "adjust" and bench.plan is None)
    is_first = state.name == (STEPS[0] if bench is None else FIRST_STEP)
    more: dict[str, Any] = html_attributes(aria_current="step") if is_first else {}
    return html.Button(
        step_parts(number, state, words),
        id=ids.step(state.name),
        type="button",
        className=step_class(state),
        title=step_title(state, words),
        disabled=is_idle,
        **more,
    )


def _page(name: str, parts: Sequence[Component], words: Words) -> html.Section:
    head = [html.H2(words(f"steps.{name}_title")), html.P(words(f"steps.{name}_told"), className="hint")]
    return html.Section([*head, *parts], className=f"step-page of-{name}", **aria_label(words(f"steps.{name}_title")))


def _importing(bench: Workbench, words: Words, rights: Rights) -> list[Component]:
    manifest, rules = bench.dataset.manifest, bench.context.rules
    date = manifest.data_date
    policy = words.pick(*(f"{rules.policy.name} ({who})" for who in (rules.chosen_zh, rules.chosen_en)))
    files = len({str(source.get("file", "")) for source in manifest.sources} - {""})
    units = [("kind.community", "community"), ("kind.single_building", "single_building")]
    counted = [(words(label), int((bench.units["kind"] == kind).sum())) for label, kind in units]
    if bench.dataset.has("buildings"):
        counted.append((words("steps.buildings"), len(bench.dataset.layer("buildings"))))
    return [
        html.Button(
            words("wizard.open"),
            id=ids.wizard_open("header"),
            className="button primary",
            type="button",
            **disabled_state(rights.data, words),
        ),
        *disabled_note(rights.data, words),
        _rows([*((label, format_count(n)) for label, n in counted), (words("steps.files"), format_count(files))]),
        html.P(
            words("page.data_date", date=date) if date else words("page.data_date_unknown"), className="data-date small"
        ),
        html.P(
            words("page.policy_default" if rules.is_default else "page.policy", name=rules.policy.name),
            className="small",
            id="policy-badge",
            title=f"{policy} sha256 {rules.policy.sha256[:12]}",
        ),
    ]


def _checking(bench: Workbench, words: Words) -> list[Component]:
    unplaced = next(state.waiting for state in list_steps(bench) if state.name == "check")
    rows = [("unplaced", unplaced), ("strays", len(bench.context.strays)), ("corrections", None), ("units", None)]
    listed = [
        html.Li(
            html.Button(
                [
                    html.Span(words(f"steps.to_{tab}"), className="to-name"),
                    html.Span("" if n is None else format_count(n), className="to-count"),
                ],
                type="button",
                className="to-table",
                **html_attributes(data_tab=tab),
            )
        )
        for tab, n in rows
    ]
    correct = html.Button(
        words("correct.open"),
        type="button",
        className="button primary",
        **html_attributes(data_presses=ids.CORRECT_OPEN),
    )
    return [html.Ul(listed, className="to-tables"), correct]


def _planning(bench: Workbench, words: Words) -> list[Component]:
    new = open_button("step", words("steps.plan_new"), className="button primary")
    compare = html.Button(
        words("steps.compare"),
        type="button",
        className="button",
        disabled=bench.plan is None,
        **html_attributes(data_presses=ids.COMPARE_OPEN),
    )
    proposals = html.Button(
        words("run.make_proposals"),
        type="button",
        className="button",
        title=words("run.make_proposals_hint"),
        **html_attributes(data_presses=ids.element_id(ids.plan_run("proposals")), data_opens=ids.PLANNER),
    )
    return [html.Div([new, proposals, compare], className="step-actions")]


def _reporting(data: PageData, words: Words) -> list[Component]:
    files = [html.H3(words("export.open")), link_list(export_links(data.version, words))] if data.bench.plan else []
    return [link_list(sheet_links(data.bench.version, words)), *files]


def _rows(rows: Sequence[tuple[str, str]]) -> html.Dl:
    return html.Dl([part for label, value in rows for part in (html.Dt(label), html.Dd(value))], className="card-rows")
