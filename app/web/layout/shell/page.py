"""The whole page: header, themes, map, figures, tables; or the invitation to import."""

from __future__ import annotations

from dataclasses import dataclass

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from app.desks.accounts.codes import SignedAccount
from app.desks.plans.form import build_plan_form
from app.desks.plans.menu import NO_PLANS, PlanMenu
from app.i18n import Words
from app.session.page import PageData
from app.web.layout import ids
from app.web.layout.corrections.correcting import correcting_panel
from app.web.layout.figures.cards import figures_panel
from app.web.layout.figures.facts import facts_drawer
from app.web.layout.imports.wizard import wizard
from app.web.layout.map import explanation_box
from app.web.layout.plans.comparing import comparing_parts
from app.web.layout.plans.editor import editor_parts
from app.web.layout.plans.form import plan_panel
from app.web.layout.shell.header import header, page_class
from app.web.layout.shell.keys import keys_dialog
from app.web.layout.shell.map_panel import map_panel
from app.web.layout.shell.room import room_parts
from app.web.layout.shell.sidebar import sidebar
from app.web.layout.shell.steps import FIRST_STEP, step_pages
from app.web.layout.shell.tables import tables_panel
from app.web.layout.terms import terms_list
from app.web.layout.widgets import aria_label, disabled_note, disabled_state, html_attributes
from app.workbench.rights import ALL_RIGHTS, Rights, Sentence

_THEME = {
    "primaryColor": "blue",
    "fontFamily": '"Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC", "Noto Sans SC", system-ui, sans-serif',
    "fontSizes": {"xs": "12px", "sm": "13px", "md": "14px"},
    "defaultRadius": "sm",
}


@dataclass(frozen=True)
class OwnParts:
    """The parts of the page that say who reads it and which plans there are; the rest is alike for all of a role.

    Parameters
    ----------
    header
        The line on top.
    plan_form
        The panel of planning runs, which may start from any plan; None before there is a dataset.
    """

    header: Component | str
    plan_form: Component | str | None = None


def build_own_parts(
    data: PageData | None,
    words: Words,
    menu: PlanMenu = NO_PLANS,
    rights: Rights = ALL_RIGHTS,
    account: SignedAccount | None = None,
) -> OwnParts:
    """The parts that are a reader's own.

    Parameters
    ----------
    data
        What is shown; None before there is a dataset.
    words
        Texts in the reader's language.
    menu
        The plans there are.
    rights
        What may be written; controls that would write more are idle and say why.
    account
        Whoever is signed in; None where nobody signs in.
    """
    if data is None:
        return OwnParts(header(None, NO_PLANS, words, rights, account))
    form = plan_panel(build_plan_form(data.bench, menu, words), words, rights)
    return OwnParts(header(data, menu, words, rights, account), form)


def page(
    data: PageData | None, words: Words, own: OwnParts | None = None, notice: str = "", rights: Rights = ALL_RIGHTS
) -> dmc.MantineProvider:
    """The page in one language; every text of it is in the dictionary or in the data.

    Parameters
    ----------
    data
        What is shown; None before there is a dataset.
    own
        The parts of the reader, or words that stand for them; None = of a reader nobody knows, without plans.
    notice
        A sentence to begin with, such as that a plan asked for is not there.
    rights
        What may be written; controls that would write more are idle and say why.
    """
    own = own or build_own_parts(data, words, rights=rights)
    return dmc.MantineProvider(
        html.Div(
            [
                *(_workbench(data, own, words, rights) if data else [own.header, welcome(words, rights.data)]),
                html.Div(notice, id=ids.NOTICE, className="notice", role="alert"),
                wizard(words),
                terms_list(words),
            ],
            id=ids.PAGE,
            className=page_class() if data else "page empty-page",
            **html_attributes(data_no_answer=words("page.no_answer")),
        ),
        theme=_THEME,
        forceColorScheme="light",
    )


def _workbench(data: PageData, own: OwnParts, words: Words, rights: Rights) -> list[Component | str | None]:
    return [
        html.A(words("page.skip_to_table"), href=f"#{ids.TABS}", className="skip-link"),
        own.header,
        sidebar(data, words),
        map_panel(data, words),
        figures_panel(data.bench, words, rights.data, [explanation_box(words), *step_pages(data, words, rights)]),
        *room_parts(words),
        tables_panel(data.bench, words, rights.data),
        facts_drawer(words),
        correcting_panel(words, rights.data),
        keys_dialog(words),
        *(editor_parts(data, words, rights.plans) if data.bench.plan else []),
        *comparing_parts(words),
        dcc.Store(id=ids.STEP, data=FIRST_STEP, storage_type="session"),
        dcc.Store(id=ids.ROW_CHOICE),
        dcc.Store(id=ids.VERSION, data=data.version),
        dcc.Store(id=ids.CHOICE),
        dcc.Store(id=ids.HIDDEN, data=[]),
        dcc.Store(id=ids.KEPT),
        dcc.Store(id=ids.EXPORTED),
        dcc.Store(id=ids.GO),
        own.plan_form,
    ]


def welcome(words: Words, reason: Sentence | None = None) -> html.Main:
    """An invitation to import, with what is needed first and what comes later; or why not.

    Parameters
    ----------
    words
        Texts in the reader's language.
    reason
        Why nothing may be changed here; None = it may.
    """
    needs = [
        html.Li([html.Strong(words(f"welcome.{key}")), html.Span(words(f"welcome.{key}_hint"))])
        for key in ("outlines", "ledger", "streets", "barriers", "more")
    ]
    return html.Main(
        html.Div(
            [
                html.H2(words("welcome.title")),
                html.P(words("welcome.text"), className="lead"),
                html.Button(
                    words("welcome.start"),
                    id=ids.wizard_open("welcome"),
                    className="button primary large",
                    type="button",
                    **disabled_state(reason, words),
                ),
                *disabled_note(reason, words),
                html.H3(words("welcome.needs")),
                html.Ol(needs, className="needs"),
                html.P(words("welcome.private"), className="hint"),
            ],
            className="welcome-card",
        ),
        className="welcome",
        **aria_label(words("welcome.title")),
    )
