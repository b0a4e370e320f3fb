"""Patterns and signs that tell classes apart in grey print, and what a legend shows of them."""

from __future__ import annotations

from markupsafe import Markup

from analysis.indicators.registry import THEMES
from app.maps.palettes import MET
from app.maps.themes import AREAS, LegendClass, MapTheme

_PATTERNS = ("", "dots", "bars", "grid", "posts", "slopes", "cross", "rings", "dashes")
"""What tells classes of names apart in grey print, in the order of the legend; the first is plain."""


def class_pattern(theme: MapTheme, number: int) -> str:
    """The pattern of a class for grey print, by its number in the palette.

    Areas are distinguished by their outlines and numbers, classes of numbers by lightness; what is no
    number among them has dots.

    Parameters
    ----------
    theme
        Of the map.
    number
        Of the class, from 0.
    """
    if theme.key == AREAS:
        return "lines" if number in theme.class_of[theme.hatched] else ""
    band = theme.bands[number]
    if band.hatched:
        return "lines"
    if theme.method is not None:
        return place_pattern(band) if theme.base in MET else "dots" if band.key in _kept(theme.base) else ""
    return _PATTERNS[[one.key for one in theme.bands if not one.hatched].index(band.key)]


def place_pattern(band: LegendClass) -> str:
    """The pattern of a class of numbers for grey print: dots on what does not meet its target."""
    return "lines" if band.hatched else "cross" if band.key == "no_ports" else "dots" if band.is_met is False else ""


def _kept(base: str) -> tuple[str, ...]:
    return next(theme.kept for theme in THEMES if theme.key == base)


def draw_swatch(band: LegendClass, pattern: str) -> Markup:
    """The sign of a class in a legend.

    Parameters
    ----------
    band
        The class.
    pattern
        Its pattern for grey print.
    """
    step = 30 / len(band.colours)
    boxes = "".join(
        f'<rect x="{k * step:.1f}" width="{step:.1f}" height="18" fill="{colour}"/>'
        for k, colour in enumerate(band.colours)
    )
    over = f'<rect width="30" height="18" fill="url(#{pattern})"/>' if pattern else ""
    return Markup(  # noqa: S704 - numbers and colours of ours
        '<svg class="swatch" width="30" height="18" viewBox="0 0 30 18" aria-hidden="true">'
        f'{boxes}{over}<rect x=".5" y=".5" width="29" height="17" fill="none" stroke="#44505e"/></svg>'
    )


_SWATCH = '<svg class="swatch" width="30" height="18" viewBox="0 0 30 18" aria-hidden="true">{}</svg>'
_SIGNS = {
    "railway": '<path d="M1 9H29" stroke="#2b2f36" stroke-width="4"/>'
    '<path d="M2 9H28" stroke="#fff" stroke-width="2.4" stroke-dasharray="5 5"/>',
    "expressway": '<path d="M1 9H29" stroke="#c58a2e" stroke-width="4.4"/>',
    "arterial": '<path d="M1 9H29" stroke="#d8ccb2" stroke-width="3"/>',
    "river": '<path d="M1 9H29" stroke="#a8cdea" stroke-width="6"/>',
    "wall": '<path d="M1 9H29" stroke="#5d5348" stroke-width="1.6" stroke-dasharray="2 2"/>',
    "crossing": '<path d="M15 4l5 5l-5 5l-5 -5Z" fill="#fff" stroke="#2b2f36" stroke-width="1.3"/>',
    "street": '<path d="M1 9H29" stroke="#6b5a86" stroke-width="1.6" stroke-dasharray="8 3 2 3"/>',
    "estimated": '<rect x="4" y="3" width="22" height="12" fill="none" stroke="#5b6672" stroke-dasharray="3 2.4"/>',
    "area_hair": '<path d="M1 9H29" stroke="#3f5a66" stroke-width="1"/>',
    "area_number": '<text x="15" y="13" text-anchor="middle" font-size="12">12</text>',
    "anchor": '<path fill="#a5501b" '
    'd="M15 2L16.9 7L22 7.2L18 10.4L19.4 15.5L15 12.6L10.6 15.5L12 10.4L8 7.2L13.1 7Z"/>',
    "spoke": '<path d="M2 9H24" stroke="#123f66" stroke-width="1.6" stroke-dasharray="1 3.4" stroke-linecap="round"/>'
    '<circle cx="25" cy="9" r="3" fill="#123f66"/>',
    "unled": '<circle cx="15" cy="9" r="4.4" fill="#fff" stroke="#b3401c" stroke-width="2"/>',
}


def draw_sign(key: str) -> Markup:
    """The sign of a line or point in a legend; its text is `legend.<key>`."""
    return Markup(_SWATCH.format(_SIGNS[key]))  # noqa: S704 - signs of ours


def draw_patterns() -> Markup:
    """The definitions of the patterns, once a page."""
    hidden = 'width="0" height="0" style="position:absolute" aria-hidden="true"'
    return Markup(f"<svg {hidden}>{define_patterns()}</svg>")  # noqa: S704 - patterns of ours


def define_patterns() -> str:
    """The definitions of the patterns, for a drawing that stands alone."""
    ink = 'stroke="#1d2b3a" stroke-width="1.1" fill="none"'
    shapes = {
        "lines": f'<path d="M-2 8L8 -2M0 12L12 0" {ink}/>',
        "dots": '<circle cx="3" cy="3" r=".9" fill="#1d2b3a" fill-opacity=".6"/>',
        "bars": f'<path d="M0 4H8" {ink}/>',
        "grid": f'<path d="M0 4H8M4 0V8" {ink}/>',
        "posts": f'<path d="M4 0V8" {ink}/>',
        "slopes": f'<path d="M10 8L0 -2M8 12L-4 0" {ink}/>',
        "cross": f'<path d="M-1 -1L9 9M-1 9L9 -1" {ink}/>',
        "rings": f'<circle cx="4" cy="4" r="2.4" {ink}/>',
        "dashes": f'<path d="M0 2H4M4 6H8" {ink}/>',
    }
    inner = "".join(
        f'<pattern id="{name}" width="8" height="8" patternUnits="userSpaceOnUse">{shape}</pattern>'
        for name, shape in shapes.items()
    )
    return f"<defs>{inner}</defs>"
