"""The ways out of the page: sheets, briefing, files of the plan."""

from __future__ import annotations

from collections.abc import Sequence

from dash import dcc, html

from app.desks.plans.downloads import DOWNLOADS
from app.exports.formats import LEVELS
from app.i18n import Words
from app.session.address import version_address
from app.store.records import Version
from app.web.layout.widgets import aria_label, html_attributes

_CUTS = ("own", *LEVELS)
SHEETS = (("print", "print.open"), ("story", "story.open"), ("print/single-buildings", "work.print"))
"""Address and text of each sheet there is with or without a plan."""


def export_links(page: str, words: Words) -> list[html.A]:
    """The files of the plan shown: links, so that keyboard and screen reader know them.

    Parameters
    ----------
    page
        `PageData.version`.
    words
        Texts in the reader's language.
    """
    links = []
    for kind in DOWNLOADS:
        name = words(f"export.{kind}")
        told = {
            "data_working": words("export.working", what=name),
            "data_share": words("export.working_share", what=name, share="{share}"),
            "data_done": words("export.done", what=name),
            "data_failed": words("export.failed", what=name),
        }
        inside = [html.Strong(name), html.Span(words(f"export.{kind}_hint"))]
        links.append(html.A(inside, href=f"export/{kind}?page={page}", **html_attributes(**told)))
    return links


def export_choice(words: Words) -> html.Div:
    """What files of an export are cut by, and whether they are for the public; `exporting.js` reads both.

    Parameters
    ----------
    words
        Texts in the reader's language.
    """
    label = words("export_job.by")
    options = [html.Option(words(f"export_job.by_{level}"), value="" if level == "own" else level) for level in _CUTS]
    tick = dcc.Checklist(
        options=[{"label": words("export_job.public"), "value": "public"}], value=[], className="export-public"
    )
    hint = html.Span(words("export_job.public_hint"), className="export-hint")
    return html.Div(
        [html.Span(label), html.Select(options, className="export-by", **aria_label(label)), tick, hint],
        className="export-choice",
    )


def sheet_links(version: Version | None, words: Words) -> list[html.A]:
    """What is printed and shown to others, of the version on the screen.

    Parameters
    ----------
    version
        Of the plan; None without one.
    words
        Texts in the reader's language.
    """
    return [
        _link(version_address(version, path), key, f"steps.{path.replace('/', '_')}_hint", words)
        for path, key in SHEETS
    ]


def link_list(links: Sequence[html.A]) -> html.Ul:
    """Links one under the other, each with its hint."""
    return html.Ul([html.Li(link) for link in links], className="ways-out")


def _link(address: str, key: str, hint: str, words: Words) -> html.A:
    return html.A([html.Strong(words(key)), html.Span(words(hint))], href=address)
