"""The line on top: what is shown, of when, by which plan; import, export, language."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from app.desks.plans.downloads import DOWNLOADS
from app.desks.plans.menu import PlanMenu
from app.exports.plan_table import city_name
from app.i18n import Words
from app.session.address import version_address
from app.session.page import PageData
from app.store.records import Version
from app.web.layout import ids
from app.web.layout.plans.form import open_button
from app.web.layout.plans.menu import plan_menu_view
from app.web.layout.widgets import aria_label, disabled_state
from app.workbench.rights import ALL_RIGHTS, Rights
from app.workbench.workbench import Workbench

MODES = ("explore", "edit", "compare")
"""The ways of working, in the order of the header.

The choice is a class of the page (`mode-explore`, `mode-edit`, `mode-compare`); a part that belongs
to some of them carries `only-explore`, `only-edit` or `only-compare` (`page.css`) and is always there.
"""


def header(data: PageData | None, menu: PlanMenu, words: Words, rights: Rights = ALL_RIGHTS) -> html.Header:
    """Product, city, demo badge, date of the data, plans, import, export, language.

    Parameters
    ----------
    data
        What is shown; None before there is a dataset.
    menu
        The plans there are.
    rights
        What may be written.
    """
    bench = data.bench if data else None
    return html.Header(
        [
            html.Div(
                [
                    html.Span(words("page.product"), className="product"),
                    html.Span(words("page.subtitle"), className="product-sub"),
                ],
                className="brand",
            ),
            html.H1(city_name(bench.dataset.manifest) if bench else words("page.no_dataset"), className="city"),
            *(_badges(bench, words) if bench else []),
            *read_only_badge(rights, words),
            *([html.Div(mode_switch(words), hidden=not bench.plan)] if bench else []),
            html.Span(className="spring"),
            *([plan_menu_view(data.version, menu, words)] if data else []),
            *([open_button("header", words("planner.open"), className="header-button")] if data else []),
            html.Button(
                words("wizard.open"),
                id=ids.wizard_open("header"),
                className="header-button",
                type="button",
                **disabled_state(rights.data, words),
            ),
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
        ],
        className="header",
    )


def _badges(bench: Workbench, words: Words) -> list[Component]:
    manifest = bench.dataset.manifest
    date = manifest.data_date
    data_date = words("page.data_date", date=date) if date else words("page.data_date_unknown")
    rules = bench.context.rules
    policy = words.pick(*(f"{rules.policy.name} ({who})" for who in (rules.chosen_zh, rules.chosen_en)))
    badges: list[Component] = [
        html.Span(data_date, className="data-date"),
        html.Span(
            words("page.policy_default" if rules.is_default else "page.policy", name=rules.policy.name),
            className="data-date",
            id="policy-badge",
            title=f"{policy} sha256 {rules.policy.sha256[:12]}",
        ),
    ]
    if manifest.demo:
        badge = dmc.Badge(words("page.demo"), color="yellow.5", autoContrast=True, tt="none", radius="sm")
        badges.insert(0, html.Span(badge, title=words("page.demo_hint"), id="demo-badge"))
    return badges


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
    links = [
        html.A(
            [html.Strong(words(f"export.{kind}")), html.Span(words(f"export.{kind}_hint"))],
            href=f"export/{kind}?page={page}",
        )
        for kind in DOWNLOADS
    ]
    return [html.Summary(words("export.open"), className="header-button"), html.Div(links, className="menu-list")]


def _exports(page: str, words: Words) -> html.Details:
    return html.Details(export_parts(page, words), className="menu", id=ids.EXPORTS)


def mode_switch(words: Words) -> dmc.SegmentedControl:
    """The switch of the header; `page.js` turns its value into the class of the page."""
    return dmc.SegmentedControl(
        data=[{"value": mode, "label": words(f"modes.{mode}")} for mode in MODES],
        id=ids.MODE,
        value=MODES[0],
        size="xs",
        color="blue.8",
        className="mode-switch",
        **aria_label(words("modes.title")),
    )


def page_class(mode: str = MODES[0]) -> str:
    """Class of the page in a mode."""
    return f"page mode-{mode}"


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
