"""The drawer with everything about the unit selected, and where each figure comes from."""

from __future__ import annotations

from collections.abc import Sequence

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from app.desks.selection.unit_facts import Fact, FactSection
from app.i18n import Words
from app.web.layout import ids
from app.web.layout.widgets import aria_label, source_tag


def facts_button(words: Words) -> html.Button:
    """Opens the drawer; there while a unit is selected."""
    return html.Button(
        [words("facts.open"), html.Kbd("I")],
        id=ids.FACTS_OPEN,
        type="button",
        hidden=True,
        className="button quiet facts-open",
    )


def facts_drawer(words: Words) -> dmc.Drawer:
    """The drawer, filled when it is opened."""
    return dmc.Drawer(
        html.Div(html.P(words("page.loading"), className="small"), id=ids.FACTS),
        id=ids.FACTS_DRAWER,
        title=words("facts.title"),
        position="right",
        size=560,
        opened=False,
        closeButtonProps=aria_label(words("facts.close")),
        overlayProps={"backgroundOpacity": 0.15},
    )


def facts_view(name: str, sections: Sequence[FactSection], words: Words) -> list[Component]:
    """Section by section a table of label, value and source.

    Parameters
    ----------
    name
        Of the unit.
    sections
        Rows of label, value and source.
    words
        Texts in the reader's language.
    """
    parts: list[Component] = [html.H3(name, className="facts-name")]
    for section in sections:
        head: list[Component | str] = [html.Span(section.title)]
        if section.files:
            head.append(html.Span(words("facts.files", files=section.files), className="small"))
        parts.append(
            html.Table(
                [html.Caption(head), html.Tbody([_row(fact, words) for fact in section.facts])], className="facts"
            )
        )
    kinds = " · ".join(words(f"source.{tag}") for tag in ("S", "X", "A"))
    parts.append(html.P(kinds, className="small"))
    return parts


def _row(fact: Fact, words: Words) -> html.Tr:
    tags: list[Component | str] = [fact.source] if fact.source else []
    for tag in fact.tags:
        tags += [" ", source_tag(tag, words)]
    return html.Tr([html.Th(fact.label, scope="row"), html.Td(fact.value), html.Td(tags)])
