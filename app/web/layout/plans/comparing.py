"""Comparing: the plan shown next to others, in pictures, figures, gains and losses, and on the map."""

from __future__ import annotations

from collections.abc import Sequence

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from analysis.bundling.editing.compare import Comparison
from analysis.indicators.classes import METHODS
from app.desks.plans.comparison import (
    EFFECTS,
    ComparedPlan,
    format_plan_title,
    list_moved_units,
    make_change_rows,
    make_figure_rows,
)
from app.drawings.thumbnails import draw_thumbnail
from app.i18n import Words
from app.maps.admin_units import find_first_level
from app.session.page import PageData
from app.web.components.map_view import MapView
from app.web.components.scripts import vendor_address
from app.web.layout import ids
from app.web.layout.grids import column, grid
from app.web.layout.map import describe_base_map, is_far, map_sources, map_texts
from app.web.layout.widgets import aria_label, aria_live, html_attributes, loading_state
from app.workbench.formats import format_count

_MAP_GROUPS = ("units", "areas", "barriers", "streets", "labels", "anchors")

_GAINS = ("gains_cover", "nearer")
"""What is for the better of households."""


def comparing_parts(words: Words) -> list[Component]:
    """The panel of the comparison, and the row of pictures beneath the map."""
    panel = html.Aside(
        [
            html.H2(words("compare.title")),
            dmc.MultiSelect(
                label=words("compare.with"),
                id=ids.COMPARE_WITH,
                data=[],
                value=[],
                maxValues=2,
                placeholder=words("compare.choose"),
                searchable=True,
                selectFirstOptionOnChange=True,
                clearable=True,
                size="xs",
                nothingFoundMessage=words("compare.nothing"),
                clearButtonProps=aria_label(words("planner.clear")),
            ),
            html.P(words("compare.hint"), className="hint"),
            html.P(words("compare.draft"), className="compare-draft note", hidden=True, **aria_live()),
            html.P(id=ids.COMPARE_FAULT, className="wizard-fault", role="alert"),
            loading_state(
                ids.COMPARE_CHECKED,
                [html.P(id=ids.COMPARE_CHECKED, className="small", role="status")],
                words("compare.checking"),
                words,
            ),
            loading_state(ids.COMPARED, [html.Div(id=ids.COMPARED, **aria_live())], words("compare.loading"), words),
        ],
        className="panel right compare-panel only-compare",
        **aria_label(words("compare.title")),
    )
    pictures = html.Section(
        id=ids.SCENARIOS,
        className="tables scenarios only-compare",
        **aria_label(words("compare.pictures")),
        **html_attributes(data_empty=words("compare.no_pictures")),
    )
    return [panel, pictures]


def other_map(data: PageData, beside: ComparedPlan, words: Words) -> list[Component]:
    """The map of the other plan, the handle between the two, and what lies on which side.

    Parameters
    ----------
    data
        All that one page is made of.
    beside
        The other plan.
    words
        Texts in the reader's language.
    """
    other = beside.data
    sources = {name: url for name, url in map_sources(other, words).items() if isinstance(url, str)}
    return [
        html.Div(
            MapView(
                id=ids.OTHER_MAP,
                sources=sources,
                values_url=f"geo/{other.values.name}",
                cards_url=f"geo/{other.cards[words.language].name}",
                theme=other.themes[0].key,
                level=find_first_level(other.bench.context),
                far=is_far(data.bounds),
                classes=METHODS[0],
                values=None,
                dimmed=None,
                drawn=None,
                visible=list(_MAP_GROUPS),
                bounds=list(data.bounds),
                selected={"area": None, "unit": None},
                words=map_texts(words),
                counted={"key": "moved", "units": list_moved_units(data, beside.found)},
                vendor=vendor_address(),
                base_map=describe_base_map(),
            ),
            className="compare-other",
        ),
        html.Div(
            className="swipe-handle",
            tabIndex=0,
            role="slider",
            **aria_label(words("compare.handle")),
            **html_attributes(aria_valuemin="0", aria_valuemax="100", aria_valuenow="50"),
        ),
        html.Div(format_plan_title(other), className="swipe-title left-title"),
        html.Div(format_plan_title(data), className="swipe-title right-title"),
    ]


def comparison_view(
    data: PageData, beside: Sequence[ComparedPlan], words: Words, *, can_choose: bool = True
) -> list[Component]:
    """The figures of all plans, then what the plan shown changes in the first of the others.

    Parameters
    ----------
    can_choose
        Whether there is another plan at all.
    """
    if not beside:
        text = words("compare.none" if can_choose else "compare.no_other")
        return [html.P(text, className="empty")]
    found = beside[0].found
    return [
        _figures(data, beside, words),
        html.H3(words("compare.changes", a=format_plan_title(beside[0].data), b=format_plan_title(data))),
        html.P(words.pick(*found.sentence), className="small"),
        _effects(found, words),
        *_changes(found, words),
    ]


def pictures_view(data: PageData, beside: Sequence[ComparedPlan], words: Words) -> list[Component]:
    """A small map of every plan.

    Parameters
    ----------
    data
        All that one page is made of.
    beside
        The other plans.
    words
        Texts in the reader's language.
    """
    return [
        html.Figure(
            [
                html.Img(
                    src=draw_thumbnail(one.bench),
                    alt=words("compare.picture", name=format_plan_title(one), n=len(one.bench.areas)),
                ),
                html.Figcaption(
                    [html.Strong(format_plan_title(one)), f" · {words('store.areas', n=len(one.bench.areas))}"]
                ),
            ]
        )
        for one in (data, *(b.data for b in beside))
    ]


def _figures(data: PageData, beside: Sequence[ComparedPlan], words: Words) -> html.Table:
    plans = (data, *(one.data for one in beside))
    head = html.Tr([html.Th(""), *[html.Th(format_plan_title(one), scope="col") for one in plans]])
    rows = [
        html.Tr(
            [
                html.Th(row.name, scope="row"),
                html.Td(row.values[0]),
                *[
                    html.Td([value, _gap(gap, sense, words)])
                    for value, gap, sense in zip(row.values[1:], row.differences, row.senses, strict=True)
                ],
            ]
        )
        for row in make_figure_rows(data, beside, words)
    ]
    return html.Table(
        [html.Caption(words("compare.figures")), html.Thead(head), html.Tbody(rows)], className="compare-figures"
    )


def _gap(text: str, sense: int, words: Words) -> html.Span:
    """A difference: its sense in words and in a colour, none where it is neither."""
    if not sense:
        return html.Span(text, className="gap")
    kind = "better" if sense > 0 else "worse"
    return html.Span(f"{text} · {words(f'compare.{kind}')}", className=f"gap {kind}")


def _effects(found: Comparison, words: Words) -> html.Table:
    units = found.units_by_effect
    rows = [
        html.Tr(
            [
                html.Th(words(f"compare.{effect}"), scope="row", className="better" if effect in _GAINS else "worse"),
                html.Td(format_count(units[effect])),
                html.Td(format_count(found.households[effect])),
            ]
        )
        for effect in EFFECTS
    ]
    head = [words("compare.effect"), words("compare.head_units"), words("compare.head_households")]
    return html.Table(
        [html.Thead(html.Tr([html.Th(text, scope="col") for text in head])), html.Tbody(rows)],
        className="compare-figures",
    )


def _changes(found: Comparison, words: Words) -> list[Component]:
    """The units that changed; a row chosen is shown on both maps."""
    if not found.changes:
        return []
    columns = [
        column("name", words, flex=1.3, min_width=92),
        column("areas", words, flex=1.2, min_width=84),
        column("walk", words, flex=1, min_width=84),
        column("effect", words, width=78),
    ]
    for one in columns:
        one["tooltipField"] = one["field"]
    return [
        html.H3(words("compare.units", n=format_count(len(found.changes)))),
        html.P(words("compare.choose_row"), className="hint"),
        html.Div(grid(ids.COMPARE_GRID, columns, words, make_change_rows(found, words)), className="compare-changes"),
    ]
