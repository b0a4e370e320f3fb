"""The line on top: what is shown, of when, by which plan; import, export, language."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from app.exports.plan_table import city_name
from app.i18n import Words
from app.layout import ids
from app.layout.aria import named
from app.layout.modes import mode_switch
from app.services.workbench import Workbench


def header(bench: Workbench | None, words: Words) -> html.Header:
    """Product, city, demo badge, date of the data, plan, import, export, language.

    Parameters
    ----------
    bench
        What is shown; None before there is a dataset.
    """
    return html.Header(
        [
            html.Div(
                [
                    html.Span(words("page.product"), className="product"),
                    html.Span(words("page.subtitle"), className="product-sub"),
                ],
                className="brand",
            ),
            html.H1(city_name(bench.dataset.manifest) if bench else words("page.no_dataset"),
                    className="city"),
            *(_badges(bench, words) if bench else []),
            *([mode_switch(words)] if bench and bench.plan else []),
            html.Span(className="spring"),
            *([html.Span(_plan_line(bench, words), className="plan-line")] if bench else []),
            html.Button(
                words("wizard.open"), id=ids.wizard_open("header"), className="header-button", type="button"
            ),
            *([_exports(words)] if bench and bench.plan else []),
            html.A(
                words("page.switch_language"),
                href=f"language/{words.pick('en', 'zh')}",
                className="header-button",
                lang=words.pick("en", "zh-CN"),
                **named(words("page.switch_language_label")),
            ),
        ],
        className="header",
    )  # fmt: skip


def _badges(bench: Workbench, words: Words) -> list[Component]:
    manifest = bench.dataset.manifest
    date = manifest.data_date
    told = words("page.data_date", date=date) if date else words("page.data_date_unknown")
    badges: list[Component] = [html.Span(told, className="data-date")]
    if manifest.demo:
        badge = dmc.Badge(
            words("page.demo"), color="yellow.5", autoContrast=True, tt="none", radius="sm"
        )
        badges.insert(0, html.Span(badge, title=words("page.demo_hint"), id="demo-badge"))
    return badges


def _plan_line(bench: Workbench, words: Words) -> str:
    if bench.is_stale:
        return words("page.stale_plan", name=bench.plan_name)
    if not bench.plan:
        return words("page.no_plan")
    status = words(f"plan.status_{bench.plan['status']}")
    mode = words(f"plan.mode_{bench.plan['mode']}")
    return f"{words('page.plan', name=bench.plan_name)} · {mode} · {status}"


def _exports(words: Words) -> html.Details:
    """The files of the plan shown: links, so that keyboard and screen reader know them."""
    links = [
        html.A(
            [html.Strong(words(f"export.{kind}")), html.Span(words(f"export.{kind}_hint"))],
            href=f"export/{kind}",
        )
        for kind in ("geojson", "html")
    ]
    return html.Details(
        [html.Summary(words("export.open"), className="header-button"),
         html.Div(links, className="menu-list")],
        className="menu",
        id=ids.EXPORTS,
    )  # fmt: skip
