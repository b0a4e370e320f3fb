"""The line on top: what is shown, the path of steps, by which plan; export, briefing, language."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from app.desks.accounts.codes import SignedAccount
from app.desks.plans.menu import PlanMenu
from app.exports.plan_table import city_name
from app.i18n import Words
from app.session.address import version_address
from app.session.page import PageData
from app.store.records import Version
from app.web.layout import ids
from app.web.layout.plans.menu import plan_menu_view
from app.web.layout.shell.links import export_choice, export_links
from app.web.layout.shell.steps import FIRST_STEP, steps_line
from app.web.layout.widgets import aria_label
from app.workbench.rights import ALL_RIGHTS, Rights

MODES = ("explore", "edit", "compare")
"""The ways of working; the path of steps leads to them.

The choice is a class of the page (`mode-explore`, `mode-edit`, `mode-compare`); a part that belongs
to some of them carries `only-explore`, `only-edit` or `only-compare` (`page.css`) and is always there.
"""


def header(
    data: PageData | None,
    menu: PlanMenu,
    words: Words,
    rights: Rights = ALL_RIGHTS,
    account: SignedAccount | None = None,
) -> html.Header:
    """Product, city, demo badge, the path of steps, plans, export, language.

    Parameters
    ----------
    data
        What is shown; None before there is a dataset.
    menu
        The plans there are.
    rights
        What may be written.
    account
        Whoever is signed in; None where nobody signs in.
    """
    bench = data.bench if data else None
    return html.Header(
        [
            html.Div(
                [html.Span(words("page.product"), className="product", title=words("page.subtitle"))], className="brand"
            ),
            html.H1(city_name(bench.dataset.manifest) if bench else words("page.no_dataset"), className="city"),
            *([_demo_badge(words)] if bench and bench.dataset.manifest.demo else []),
            *read_only_badge(rights, words),
            steps_line(bench, words, is_exported=menu.is_exported),
            *([dcc.Input(id=ids.MODE, type="hidden", value=MODES[0])] if data else []),
            html.Span(className="spring"),
            *([plan_menu_view(data.version, menu, words)] if data else []),
            *([_exports(data.version, words)] if data and data.bench.plan else []),
            *(
                [
                    html.A(
                        words("story.open"),
                        href=version_address(menu.shown, "story"),
                        id=ids.STORY_OPEN,
                        className="header-button",
                        title=words("story.open_hint"),
                    )
                ]
                if bench
                else []
            ),
            html.A(
                words("page.switch_language"),
                href=language_address(menu.shown, words),
                id=ids.LANGUAGE,
                className="header-button",
                lang=words.pick("en", "zh-CN"),
                **aria_label(words("page.switch_language_label")),
            ),
            *([_account(account, words)] if account else []),
        ],
        className="header",
    )


def _account(account: SignedAccount, words: Words) -> html.Details:
    """Whoever is signed in; open, what they are, and the way out: a form, for it changes something."""
    body = [
        html.P(f"{account.role} · {account.place}", className="small account-place"),
        html.A(words("account.password"), href="password"),
        *([html.A(words("status.open"), href="status")] if account.may_operate else []),
        html.Form(
            html.Button(words("account.sign_out"), type="submit", className="button quiet"),
            action="sign-out",
            method="POST",
        ),
    ]
    return html.Details(
        [html.Summary(account.name, className="header-button account-name"), html.Div(body, className="menu-list")],
        className="menu account-menu",
    )


def _demo_badge(words: Words) -> html.Span:
    badge = dmc.Badge(words("page.demo"), color="yellow.5", autoContrast=True, tt="none", radius="sm")
    return html.Span(badge, title=words("page.demo_hint"), id="demo-badge")


def language_address(version: Version | None, words: Words) -> str:
    """Address of the same page in the other language.

    Parameters
    ----------
    version
        The version shown; None = there is no plan.
    words
        Texts in the reader's language.
    """
    return version_address(version, f"language/{words.pick('en', 'zh')}")


def export_parts(page: str, words: Words) -> list[Component]:
    """The files of the plan shown: links, so that keyboard and screen reader know them.

    Parameters
    ----------
    page
        `PageData.version`.
    """
    links = export_links(page, words)
    body = html.Div([export_choice(words), *links], className="menu-list exports")
    return [html.Summary(words("export.open"), className="header-button"), body]


def _exports(page: str, words: Words) -> html.Details:
    return html.Details(export_parts(page, words), className="menu", id=ids.EXPORTS)


def page_class(mode: str = MODES[0], step: str = FIRST_STEP) -> str:
    """Class of the page in a way of working, at a step.

    Parameters
    ----------
    mode
        One of `MODES`.
    step
        One of the five steps.
    """
    return f"page mode-{mode} step-{step}"


def read_only_badge(rights: Rights, words: Words) -> list[Component]:
    """The badge of the header, which opens the reasons; nothing where everything may be written.

    Parameters
    ----------
    rights
        What may be written, and why not.
    words
        Texts in the reader's language.
    """
    reasons = [words.pick(*reason) for reason in rights.reasons]
    if not reasons:
        return []
    badge = html.Summary(
        words("page.read_only"),
        className="read-only",
        title=" ".join(reasons),
        **aria_label(f"{words('page.read_only')}: {' '.join(reasons)}"),
    )
    body = html.Div([html.P(sentence) for sentence in reasons], className="menu-list reasons")
    return [html.Details([badge, body], className="menu", id=ids.READ_ONLY)]
