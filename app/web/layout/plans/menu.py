"""The menu of plans in the header: which are there, their versions, what may be done with them."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from app.desks.plans.menu import MenuPlan, PlanMenu
from app.i18n import Words
from app.plan_files.rows import SUFFIXES
from app.session.address import version_address
from app.store.records import MOST_AUTHOR, MOST_NAME, Version
from app.web.layout import ids
from app.web.layout.widgets import aria_label, aria_live, disabled_state, html_attributes
from app.workbench.formats import format_count


def plan_menu_view(page: str, menu: PlanMenu, words: Words) -> html.Details:
    """The plan shown as a button; open, the list of all.

    Parameters
    ----------
    page
        `PageData.version`.
    menu
        The plans there are.
    """
    return html.Details(plan_menu_parts(page, menu, words), className="menu", id=ids.PLAN_MENU)


def plan_menu_parts(page: str, menu: PlanMenu, words: Words) -> list[Component]:
    """The button and the list: what changes when another version is shown.

    Parameters
    ----------
    page
        Version of the page.
    menu
        The plans of the store.
    words
        Texts in the reader's language.
    """
    name, facts = _plan_line(menu, words)
    between = [html.Span(" · ", className="plan-between")] if facts else []
    second = [html.Span(facts, className="plan-facts"), html.Span(id=ids.PLAN_VERDICT)]
    summary = html.Summary(
        [html.Span(name, className="plan-name"), *between, html.Span(second, className="plan-second")],
        className="header-button plan-line",
        id=ids.PLAN_LINE,
        title=" · ".join(part for part in (name, facts) if part),
    )
    body = html.Div(
        [
            *([_notice(menu, words)] if menu.newer or not menu.is_kept else []),
            _author(menu, words),
            _of_shown(page, menu, words),
            *([_plan_file(page, words)] if menu.shown and not menu.reason else []),
            html.Nav(
                [_plan(one, menu, words) for one in menu.plans] or [html.P(words("store.none"), className="small")],
                className="plan-list",
                **aria_label(words("store.title")),
            ),
        ],
        className="menu-list plan-menu",
    )
    return [summary, body]


def _plan_line(menu: PlanMenu, words: Words) -> tuple[str, str]:
    """What the plan shown is called, and its version and mode: a line of the header each."""
    version = menu.shown
    if version is None:
        return words("page.no_plan"), ""
    if menu.is_stale:
        return words("page.stale_plan", name=version.plan_name), ""
    mode = words(f"plan.mode_{version.facts['mode']}")
    facts = [words("store.number", n=version.number), mode]
    if menu.is_signed:
        facts.insert(1, words(f"approval.{version.stage}"))
    return words("page.plan", name=version.plan_name), " · ".join(facts)


def _notice(menu: PlanMenu, words: Words) -> html.Div:
    parts: list[Component | str] = []
    if menu.newer is not None:
        link = html.A(words("store.open_newest"), href=version_address(menu.newer), className="inline-link")
        parts += [words("store.older", n=menu.newer.number), " ", link]
    if not menu.is_kept:
        parts.append(html.P(words.pick(*menu.reason) if menu.reason else words("store.not_kept")))
    return html.Div(parts, className="menu-note", role="note")


def _author(menu: PlanMenu, words: Words) -> html.Div:
    if menu.is_signed:  # nobody signs with another name
        return html.Div(dcc.Input(id=ids.AUTHOR, value=menu.author, type="hidden"), hidden=True)
    return html.Div(
        [
            html.Label(words("store.author"), htmlFor=ids.AUTHOR),
            dcc.Input(
                id=ids.AUTHOR,
                value=menu.author,
                type="text",
                maxLength=MOST_AUTHOR,
                debounce=True,
                placeholder=words("store.author_hint"),
                autoComplete="off",
            ),
        ],
        className="menu-row",
    )


def _of_shown(page: str, menu: PlanMenu, words: Words) -> html.Div:
    """What may be done with the plan shown."""
    shown = menu.shown
    return html.Div(
        [
            html.Label(words("store.name"), htmlFor=ids.PLAN_NAME),
            dcc.Input(
                id=ids.PLAN_NAME,
                value=shown.plan_name if shown else "",
                type="text",
                maxLength=MOST_NAME,
                autoComplete="off",
            ),
            *([_button(action, menu, words) for action in _actions(menu)] if shown else []),
            *(
                [html.A(words("approval.open"), href=f"approval?plan={shown.plan_id}", className="inline-link")]
                if shown and menu.is_signed
                else []
            ),
            html.A(words("store.download"), href=f"export/plan?page={page}", className="inline-link"),
            html.Span(id=ids.PLAN_SAID, className="small", **aria_live()),
        ],
        className="menu-row",
        hidden=shown is None,
    )


def _actions(menu: PlanMenu) -> tuple[str, ...]:
    """What may be done with the plan shown; the current one is that already."""
    is_current = menu.shown is not None and menu.shown.plan_id == menu.current
    return ("rename", "archive") if is_current or not menu.may_choose else ("rename", "current", "archive")


def _plan_file(page: str, words: Words) -> html.Details:
    """Where a file somebody edited is read back; `planfile.js` sends it and shows what it changes."""
    texts = {key: words(f"plan_file.{key}") for key in ("choose", "reason", "keep", "reading", "failed")}
    data = html_attributes(data_page=page, data_accept=",".join(SUFFIXES), **{f"data_{k}": v for k, v in texts.items()})
    return html.Details(
        [
            html.Summary(words("plan_file.title")),
            html.P(words("plan_file.hint"), className="small"),
            html.Div([], className="plan-file-work", **data, **aria_live()),
        ],
        className="plan-file",
    )


def _button(action: str, menu: PlanMenu, words: Words) -> html.Button:
    return html.Button(
        words(f"store.{action}"),
        id=ids.plan_action(action, menu.shown.id if menu.shown else ""),
        className="button quiet",
        type="button",
        **disabled_state(menu.reason, words),
    )


def _plan(one: MenuPlan, menu: PlanMenu, words: Words) -> html.Section:
    marks = [words("store.is_current")] if one.plan.id == menu.current else []
    marks += [words("store.other_limits" if one.has_other_limits else "store.stale")] if one.is_stale else []
    return html.Section(
        [
            html.H3([one.plan.name, *(html.Span(mark, className="stale-mark") for mark in marks)]),
            html.Ul([html.Li(_version(v, menu, words)) for v in one.versions]),
        ],
        className="plan-entry shown" if one.is_shown else "plan-entry",
    )


def _version(version: Version, menu: PlanMenu, words: Words) -> html.A:
    facts = version.facts
    parts = [
        words("store.number", n=version.number),
        version.created_text,
        version.author or words("store.unsigned"),
        words("store.areas", n=format_count(facts["areas"])),
    ]
    if facts.get("left_over_households") is not None:
        parts.append(words("store.left_over", n=format_count(facts["left_over_households"])))
    verdict = menu.verdicts.get(version.id)
    parts.append(words.pick(*verdict) if verdict else words("store.unchecked"))
    is_here = menu.shown is not None and version.id == menu.shown.id
    return html.A(
        [html.Strong(" · ".join(parts)), *([html.Span(version.note)] if version.note else [])],
        href=version_address(version),
        **(html_attributes(aria_current="page") if is_here else {}),
    )
