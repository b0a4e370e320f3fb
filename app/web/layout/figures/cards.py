"""The right panel: the figures of the plan, and the three indicators."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from dash import html
from dash.development.base_component import Component

from analysis.bundling.document.summary import LedSummary, PlanSummary
from analysis.bundling.verify.base.verification import Verification
from analysis.bundling.verify.verdict import make_verdict as verdict_of
from analysis.figures.figure import Level
from app.i18n import Words
from app.indicators.scorecard import (
    FigureView,
    format_levels,
    format_status,
    make_coverage_view,
    make_indicator_views,
    make_leading_views,
    summarise_plan,
)
from app.maps.cards import format_reason
from app.maps.leaders import format_unled
from app.store.records import Version
from app.web.layout import ids
from app.web.layout.figures.coverages import coverages_section
from app.web.layout.figures.months import months_section
from app.web.layout.figures.what_if import what_if_section
from app.web.layout.plans.advice import advice_section
from app.web.layout.plans.form import open_button
from app.web.layout.terms import explain_terms
from app.web.layout.widgets import aria_label, aria_live, disabled_state, source_tag
from app.workbench.formats import format_area, format_count
from app.workbench.plan_rules import format_rules
from app.workbench.rights import Sentence
from app.workbench.scenario import BASE_SCENARIO, Scenario
from app.workbench.workbench import Workbench

_MOST_VIOLATIONS = 5


def figures_panel(
    bench: Workbench, words: Words, reason: Sentence | None = None, first: Sequence[Component] = ()
) -> html.Aside:
    """Plan and indicators; no month is kept where there is a reason not to.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    words
        Texts in the reader's language.
    reason
        Why nothing may be changed here; None = it may.
    first
        What stands above the figures.
    """
    summary = summarise_plan(bench)
    plan = _no_plan(bench, words) if summary is None else [html.Div(_cards(bench, summary, words), className="cards")]
    verifying = None if summary is None else words("plan.verifying")
    plan.append(html.Div(verifying, id=ids.VERIFIED, **aria_live()))  # always: a callback writes it
    return html.Aside(
        [
            *first,
            html.Section([html.H2(words("plan.title")), *_past(bench, words, reason), *plan]),
            what_if_section(bench, words),
            html.Div(
                [_indicators(bench, words, BASE_SCENARIO), html.Div(id=ids.COVERAGES)], id=ids.FIGURES, **aria_live()
            ),
            months_section(bench, words, reason),
            html.Div(id=ids.PLAN_STATUS) if summary is None else _details(bench, summary, words),
            html.P(words("page.footer_note"), className="footnote"),
        ],
        className="panel right",
        **aria_label(words("panel.right")),
    )


def _past(bench: Workbench, words: Words, reason: Sentence | None) -> list[Component]:
    """That a version is shown on the data it was made for, with what carries it over to today's."""
    if not bench.context.is_past or bench.version is None:
        return []
    carry = html.Button(
        words("carry.go"),
        id=ids.plan_action("carry", bench.version.id),
        className="button",
        type="button",
        **disabled_state(reason, words),
    )
    return [
        html.Div(
            [html.P(words("carry.past_limits" if bench.context.has_other_limits else "carry.past")), carry],
            className="menu-note",
            role="note",
        )
    ]


def figure_sections(
    bench: Workbench, words: Words, scenario: Scenario = BASE_SCENARIO, *, opened: Collection[Level] = ()
) -> list[Component]:
    """The indicators of the city and the coverages by place, as the reader turned them.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    words
        Texts in the reader's language.
    scenario
        What the reader turned.
    opened
        Levels whose rows are shown.
    """
    return [
        _indicators(bench, words, scenario),
        html.Div(coverages_section(bench, words, scenario, opened=opened), id=ids.COVERAGES),
    ]


def _indicators(bench: Workbench, words: Words, scenario: Scenario) -> html.Section:
    views = make_indicator_views(bench, words, scenario)
    return html.Section([html.H2(words("figure.title")), *[_indicator(view, words) for view in views]])


def _no_plan(bench: Workbench, words: Words) -> list[Component]:
    folder = shown_path(bench.dataset.folder)
    command = f"pianqu plan {folder} --out PLAN.json\npianqu serve --data {folder} --plan PLAN.json"
    return [
        html.Div(
            [
                html.H3(words("plan.stale_title" if bench.is_stale else "plan.empty_title")),
                html.P(words("plan.stale_text", name=bench.plan_name) if bench.is_stale else words("plan.empty_text")),
                open_button("empty", words("run.start"), className="button primary"),
                html.Details([html.Summary(words("run.by_command")), html.Pre(command)]),
            ],
            className="empty",
        )
    ]


def verdict_view(verification: Verification, words: Words, version: Version | None = None) -> html.Div:
    """What the independent check found: the verdict, and the first few of what it rests on.

    Parameters
    ----------
    verification
        What the check found.
    words
        Texts in the reader's language.
    version
        Of the plan that breaks rules, to go on from by the least change; None = nothing is offered.
    """
    verdict = verdict_of(verification)
    told = [(one.sentence_zh, one.sentence_en) for one in verification.violations]
    told += [(one.sentence_zh, one.sentence_en) for one in verification.unchecked]
    sentences = [words.pick(zh, en) for zh, en in told[:_MOST_VIOLATIONS]]
    offer: list[Component] = []
    if version is not None and verification.violations:
        offer = [
            html.Button(
                words("carry.least"),
                id=ids.plan_least(version.id),
                className="button",
                type="button",
                title=words("carry.least_hint"),
            )
        ]
    note = [html.P(version.note, className="small")] if version is not None and version.note else []
    return html.Div(
        [*note, words.pick(verdict.zh, verdict.en), html.Ul([html.Li(sentence) for sentence in sentences]), *offer],
        className="verified met" if verdict.is_met else "verified not_met",
    )


def shown_path(folder: Path) -> str:
    """A folder as a reader may type it: from where the server runs, else its bare name."""
    here = Path.cwd()
    resolved = folder.resolve()
    return str(resolved.relative_to(here)) if resolved.is_relative_to(here) else folder.name


def _details(bench: Workbench, summary: PlanSummary, words: Words) -> html.Section:
    """Why units are left over, how good the plan is, by which rules it was made."""
    return html.Section(
        [
            *([_unled(summary.leading, words)] if summary.leading and summary.leading.unled else []),
            _left_over(summary, words),
            *advice_section(bench.plan or {}, words),
            html.Div(plan_status(bench, words), id=ids.PLAN_STATUS),
            _rules(bench, words),
        ]
    )


def _cards(bench: Workbench, summary: PlanSummary, words: Words) -> list[Component]:
    if summary.leading is None:
        coverage = make_coverage_view(bench, words)
        first = _card(coverage.key, coverage.value, list(coverage.notes), words, is_wide=True)
        return [first, *_plan_cards(summary, words)]
    views = make_leading_views(bench, summary, words)
    return [_card(one.key, one.value, list(one.notes), words, is_wide=one in (views[0], views[-1])) for one in views]


def _plan_cards(summary: PlanSummary, words: Words) -> list[Component]:
    households = words("unit.households", n=format_count(summary.area_households))
    left = summary.left_over_households
    left_note = (
        words("plan.households_missing")
        if left is None and summary.left_over
        else words("plan.left_over_note", households=words("unit.households", n=format_count(left or 0)))
    )
    estimated = (
        [words("plan.households_estimated", n=format_count(summary.estimated_units))] if summary.estimated_units else []
    )
    return [
        _card(
            "plan.areas",
            format_count(summary.areas),
            [words("plan.areas_note", n=format_count(summary.anchors))],
            words,
        ),
        _card("plan.units", format_count(summary.area_units), [words("plan.units_note")], words),
        _card(
            "plan.households",
            households,
            [words("plan.households_note", area=format_area(summary.area_floor_m2, words)), *estimated],
            words,
        ),
        _card("plan.left_over", format_count(summary.left_over_units), [left_note], words),
    ]


def _card(title_key: str, value: str, notes: list[str], words: Words, *, is_wide: bool = False) -> html.Div:
    return html.Div(
        [
            html.Div(explain_terms(words(title_key), words), className="card-label"),
            html.Div(value, className="card-value"),
            *[html.Div(note, className="card-note") for note in notes],
        ],
        className="figure-card wide-card" if is_wide else "figure-card",
    )


def _left_over(summary: PlanSummary, words: Words) -> html.Div:
    reasons = _reasons([(count.units, format_reason(count.reason, words)) for count in summary.left_over])
    rows = reasons if summary.left_over else html.P(words("plan.left_over_none"), className="small")
    out = sum(count.units for count in summary.out_of_scope)
    note = [html.P(words("plan.out_of_scope", n=format_count(out)), className="small")] if out else []
    return html.Div([html.H3(words("plan.left_over_title")), rows, *note])


def _unled(leading: LedSummary, words: Words) -> html.Div:
    told = [(count.units, format_unled(count.reason, words)) for count in leading.unled]
    return html.Div([html.H3(explain_terms(words("plan.unled_title"), words)), _reasons(told)])


def _reasons(counted: Sequence[tuple[int, str]]) -> html.Ul:
    rows = [html.Li([html.Span(format_count(n), className="reason-count"), html.Span(text)]) for n, text in counted]
    return html.Ul(rows, className="reasons")


def plan_status(bench: Workbench, words: Words, found: Verification | None = None) -> list[Component]:
    """How good the plan is: its status and levels, each with whether that was checked (`found` None = not yet).

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    words
        Texts in the reader's language.
    found
        What the check found; None = it has not run.
    """
    plan = bench.plan or {}
    facts = " · ".join(
        [
            format_status(bench, words, found),
            words("plan.seed", seed=plan["seed"]),
            words("plan.seconds", seconds=f"{plan['seconds']:.1f}"),
        ]
    )
    head = [words(f"plan.level_{name}") for name in ("name", "value", "bound", "gap")]
    rows = format_levels(bench, words, found)
    table = html.Table(
        [
            html.Thead(html.Tr([html.Th(explain_terms(text, words)) for text in head])),
            html.Tbody([html.Tr([html.Td(explain_terms(text, words)) for text in row]) for row in rows]),
        ],
        className="levels",
    )
    return [
        html.H3(words("plan.levels")),
        html.P(f"{words('plan.status')}: {facts}", className="small"),
        table,
        html.P(words("plan.levels_note"), className="small"),
    ]


def _rules(bench: Workbench, words: Words) -> html.Details:
    rows = [
        html.Tr([html.Td(label), html.Td(value), html.Td(source_tag(source, words))])
        for label, value, source in format_rules(bench.plan or {}, bench.policy, words)
    ]
    sources = " · ".join(words(f"source.{tag}") for tag in ("S", "X", "A"))
    return html.Details(
        [
            html.Summary(words("plan.rules")),
            html.Table(html.Tbody(rows), className="rules"),
            html.P(sources, className="small"),
        ],
        open=True,
    )


def _indicator(view: FigureView, words: Words) -> html.Div:
    state = {True: "met", False: "not_met", None: ""}[view.met]
    verdict = [html.Span(words(f"figure.{state}"), className=f"verdict {state}")] if state else []
    facts = [(words("figure.basis"), view.basis), (words("figure.completeness"), view.completeness)]
    return html.Div(
        [
            html.Div(
                [
                    html.Span(view.name, className="card-label"),
                    html.Span(
                        f"[S {view.clause}]",
                        className="source source-S",
                        title=words("figure.clause", clause=view.clause),
                    ),
                ],
                className="indicator-head",
            ),
            html.Div(
                [
                    html.Span(view.value, className="card-value"),
                    *(
                        [html.Span(words("figure.original", value=view.original), className="was")]
                        if view.original
                        else []
                    ),
                    html.Span(view.target, className="card-note"),
                    *verdict,
                ],
                className="indicator-value",
            ),
            html.Div(
                [
                    view.fraction,
                    " ",
                    html.Button(
                        words("figure.show_units"),
                        id=ids.show_units(view.key),
                        type="button",
                        className="link-button",
                        title=words("figure.show_units_hint"),
                    ),
                ],
                className="fraction",
            ),
            html.Div(" · ".join(f"{label}: {value}" for label, value in facts), className="card-note"),
            *([html.Div(view.doubt, className="card-note doubt")] if view.doubt else []),
            *([html.Div(view.note, className="card-note")] if view.note else []),
        ],
        className="indicator",
    )
