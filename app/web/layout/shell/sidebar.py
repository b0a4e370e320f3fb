"""The left panel: which theme, what its colours mean, which layers are on."""

from __future__ import annotations

from collections.abc import Sequence

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from analysis.indicators.classes import METHODS, Method
from app.i18n import Words
from app.maps.admin_units import (
    AUTO,
    PLACE_INDICATORS,
    UNIT,
    find_first_level,
    find_place_indicator,
    find_place_target,
    find_shown_level,
    make_place_bands,
    read_admin_units,
)
from app.maps.palettes import MET
from app.maps.themes import AREAS, LegendClass, MapTheme, recolour_theme
from app.session.page import PageData
from app.web.layout import ids
from app.web.layout.map import is_far, present_groups, visible_groups
from app.web.layout.shell.keys import keys_button
from app.web.layout.shell.search_box import filter_box, search_box
from app.web.layout.terms import explain_terms
from app.web.layout.widgets import aria_label, aria_live, html_attributes
from app.workbench.scenario import BASE_SCENARIO, Scenario
from geo.schema import ESTIMATED_GROUND

_MAIN_THEMES = 4
"""Themes that are always seen: areas, coverage, charging, single buildings; the keys 1 to 4."""
_BARRIER_SIGNS = {
    "railway": ("railway",),
    "expressway": ("expressway",),
    "arterial": ("arterial",),
    "river": ("river", "canal"),
    "wall": ("factory_wall", "closed_park"),
}


def sidebar(data: PageData, words: Words) -> html.Aside:
    """Themes, legend, layers.

    Parameters
    ----------
    data
        All that one page is made of.
    words
        Texts in the reader's language.
    """
    first = data.themes[0].key
    level = find_shown_level(find_first_level(data.bench.context), is_far=is_far(data.bounds))
    return html.Aside(
        [
            search_box(data, words),
            filter_box(data, words),
            html.Div([html.H2(words("themes.title")), keys_button(words)], className="heading"),
            html.Div(
                dmc.RadioGroup(
                    _theme_choices(data, words), id=ids.THEME, value=first, **aria_label(words("themes.title"))
                ),
                id=ids.THEME_CHOICES,
            ),
            html.Div(legend(data, first, words, level), id=ids.LEGEND, **aria_live()),
            _levels(data, words),
            _classes(words),
            _heading(words("layers.title")),
            dmc.CheckboxGroup(
                [
                    dmc.Checkbox(label=words(f"layers.{group}"), value=group, size="xs")
                    for group in present_groups(data)
                ],
                id=ids.LAYERS,
                value=visible_groups(data),
                **aria_label(words("layers.title")),
            ),
            html.Button(
                words("room.hover"),
                id=ids.HOVER,
                type="button",
                role="switch",
                className="hover-switch",
                **html_attributes(aria_checked="true"),
            ),
        ],
        className="panel left",
        **aria_label(words("panel.left")),
    )


def legend(
    data: PageData,
    theme_key: str,
    words: Words,
    level: str = UNIT,
    scenario: Scenario = BASE_SCENARIO,
    method: Method = "policy",
) -> list[Component]:
    """What the colours and signs mean, with the number of units, or places, of each class.

    Parameters
    ----------
    data
        All that one page is made of.
    theme_key
        Of the theme.
    words
        Texts in the reader's language.
    level
        What places are: "district", "street" …
    scenario
        What the reader turned.
    method
        How its classes are made.
    """
    theme = data.theme(theme_key, method)
    target = f"{data.bench.policy.value('ebike.bikes_per_port'):g}"
    is_led = theme.base == AREAS and data.bench.has_leaders_inside
    caption = words("caption.areas_led" if is_led else f"caption.{theme.base}", target=target)
    bands, of = legend_bands(data, theme, words, level, scenario, method), words("legend.count_unit")
    target = f"≤ {target}" if theme.base in MET and theme.method else ""
    if shows_places(theme.base, level):
        own = find_place_indicator(data.bench, theme.base) if theme.base == AREAS else theme.base
        caption, of = words(f"places.caption_{own}"), words(f"places.count_{level}")
        target = find_place_target(data.bench, theme.base, level, scenario)
    by = [html.P(words(f"classes.told_{method}"), className="hint")] if has_classes(theme, level) else []
    return [
        html.P(explain_terms(caption, words), className="caption"),
        _heading(words("legend.title"), of),
        *by,
        html.Ul(_band_rows(bands, target, words), className="legend"),
        html.P(words("legend.click"), className="hint"),
        *_sign_lists(data, theme.base, words, is_street=level == "street"),
    ]


def legend_bands(
    data: PageData, theme: MapTheme, words: Words, level: str, scenario: Scenario, method: Method
) -> tuple[LegendClass, ...]:
    """The classes the map shows: of whole places where the theme has a figure for them, else of units.

    Parameters
    ----------
    data
        All that one page is made of.
    theme
        Of the map.
    words
        Texts in the reader's language.
    level
        What places are: "district", "street" …
    scenario
        What the reader turned.
    method
        How its classes are made.
    """
    if shows_places(theme.base, level):
        return make_place_bands(data.bench, theme.base, level, words, scenario, method)
    return recolour_theme(data.bench, theme, scenario).bands


def shows_places(base: str, level: str) -> bool:
    """Whether a theme colours whole places at a level.

    Parameters
    ----------
    base
        Key of the theme.
    level
        What places are: "district", "street" …
    """
    return level != UNIT and base in PLACE_INDICATORS


def has_classes(theme: MapTheme, level: str) -> bool:
    """Whether there is more than one way to make the classes of a theme at a level.

    Parameters
    ----------
    theme
        Of the map.
    level
        What places are: "district", "street" …
    """
    return shows_places(theme.base, level) or theme.method is not None


def _classes(words: Words) -> html.Div:
    """The way classes are made; shown where there is a choice."""
    control = dmc.SegmentedControl(
        id=ids.CLASSES,
        value=METHODS[0],
        size="xs",
        fullWidth=True,
        data=[{"value": method, "label": words(f"classes.{method}")} for method in METHODS],
        **aria_label(words("classes.title")),
    )
    return html.Div([_heading(words("classes.title")), control], id=ids.CLASSES_BOX, hidden=True)


def _levels(data: PageData, words: Words) -> html.Div:
    """Whether units, or whole neighbourhoods, streets, districts are coloured."""
    first = find_first_level(data.bench.context)
    levels = [*([AUTO] if first == AUTO else []), UNIT, *read_admin_units(data.bench.context).levels]
    control = dmc.SegmentedControl(
        id=ids.LEVEL,
        value=first,
        size="xs",
        fullWidth=True,
        data=[{"value": level, "label": words(f"places.{level}")} for level in levels],
        **aria_label(words("places.title")),
    )
    return html.Div([_heading(words("places.title"), words("places.hint")), control])


def _heading(title: str, hint: str = "") -> html.Div:
    return html.Div(
        [html.H2(title), html.Span(hint, className="hint")] if hint else [html.H2(title)], className="heading"
    )


def _theme_choices(data: PageData, words: Words) -> list[Component]:
    """The main themes, and the others behind one word."""
    choices = [_theme_choice(number, theme, words) for number, theme in enumerate(data.theme_list, 1)]
    more = choices[_MAIN_THEMES:]
    summary = html.Summary(words("themes.more", n=len(more)))
    return [*choices[:_MAIN_THEMES], *([html.Details([summary, *more], className="more-themes")] if more else [])]


def _theme_choice(number: int, theme: MapTheme, words: Words) -> dmc.Radio:
    key = [html.Kbd(str(number % 10))] if number <= 10 else [html.Span(className="no-key")]
    label = html.Span([*key, html.Span(words.pick(theme.zh, theme.en))], className="theme-label")
    return dmc.Radio(label=label, value=theme.key, size="sm", className="theme-choice")


def _band_rows(bands: Sequence[LegendClass], target: str, words: Words) -> list[html.Li]:
    """The classes anything is in; where there is a target, under what they mean for it."""
    rows: list[html.Li] = []
    told: bool | None = None
    for band in bands:
        if not band.n_units:
            continue
        if target and band.is_met is not told and band.is_met is not None:
            told = band.is_met
            text = words("legend.met" if told else "legend.not_met", target=target)
            rows.append(html.Li(text, className="legend-side"))
        rows.append(_band_row(band, words))
    return rows


def _band_row(band: LegendClass, words: Words) -> html.Li:
    swatches = html.Span(
        [
            html.Span(className="swatch hatched" if band.hatched else "swatch", style={"backgroundColor": colour})
            for colour in band.colours
        ],
        className="swatches many" if len(band.colours) > 1 else "swatches",
    )
    inside = [
        swatches,
        html.Span(words.pick(band.zh, band.en), className="legend-name"),
        html.Span(words("legend.count", n=f"{band.n_units:,}"), className="legend-count"),
    ]
    button = html.Button(
        inside,
        type="button",
        className="legend-button",
        **html_attributes(aria_pressed="true", data_fills=" ".join(band.colours)),
    )
    return html.Li(button, className=f"band-{band.key}")


_SIGN_LAYERS = {
    "estimated": "units-estimated",
    "wall": "wall",
    "river": "water-line",
    "site": "sites-fill",
    "edge_allowed": "edges-allowed",
    "edge_refused": "edges-refused",
    "crossing": "crossings",
    "street": "streets-line",
    "dot": "dots",
    "area_number": "areas-number",
    "anchor": "anchors",
    "spoke": "areas-spokes",
    "unled": "areas-unled",
    "left_over": "areas-left-over",
    "green": "green",
    "road": "roads",
}
"""The layer of the map that draws a sign; the others are named as their layers are."""


def _sign_lists(data: PageData, theme_key: str, words: Words, *, is_street: bool) -> list[Component]:
    """The signs of the theme, and, folded, those of the ground under every theme."""
    of_theme, of_ground = _signs(data, theme_key, is_street=is_street)
    ground = html.Details(
        [html.Summary(words("legend.ground")), html.Ul(_sign_rows(of_ground, words), className="legend")],
        className="ground-signs",
    )
    theme = [html.Ul(_sign_rows(of_theme, words), className="legend signs")] if of_theme else []
    return [*theme, *([ground] if of_ground else [])]


def _signs(data: PageData, theme_key: str, *, is_street: bool) -> tuple[list[str], list[str]]:
    """The signs this map may have, of the theme and of the ground; the page shows those whose layer is drawn now."""
    kinds = set(data.bench.dataset.layer("barriers")["kind"]) if "barriers" in data.layers else set()
    ground = [sign for sign, of in _BARRIER_SIGNS.items() if kinds.intersection(of)]
    layers = (("crossing", "crossings"), ("green", "green"), ("street", "streets"), ("dot", "dots"))
    ground += [sign for sign, layer in layers if layer in data.layers]
    is_estimated = data.bench.units["geom_quality"].isin(ESTIMATED_GROUND).any()
    shown = [*(["estimated"] if is_estimated else []), *(["site"] if "sites" in data.lazy_layers else [])]
    if "edges" in data.lazy_layers:
        shown += ["edge_allowed", "edge_refused"]
    if theme_key == AREAS and "areas" in data.layers:
        leaders = [sign for sign, layer in (("anchor", "anchors"), ("spoke", "spokes")) if layer in data.layers]
        gaps = [("unled", data.bench.unled_reasons), ("left_over", data.bench.left_over.tolist())]
        outlines = ["area_hair"] if is_street else []
        shown = [*outlines, "area_number", *leaders, *(sign for sign, units in gaps if units), *shown]
    return shown, ground


def _sign_rows(signs: Sequence[str], words: Words) -> list[html.Li]:
    """A row for each sign, with the layer that draws it."""
    return [
        html.Li(
            [html.Span(className=f"sign sign-{sign}"), html.Span(words(f"legend.{sign}"))],
            **html_attributes(data_draws=_SIGN_LAYERS.get(sign, sign.replace("_", "-"))),
        )
        for sign in signs
    ]
