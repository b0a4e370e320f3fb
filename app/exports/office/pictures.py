"""Maps of a plan as pictures for documents: the map machine's drawings, rasterised without a browser."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import resvg_py

from app.drawings.frames import Frame, frame_picture, frame_screen, surround
from app.drawings.patterns import define_patterns
from app.drawings.plan_map import draw_unit_map, label_members
from app.exports.office.papers import Papers
from app.i18n import load_words
from app.maps.themes import MapTheme, make_themes
from app.workbench.kept import keep_with_owner
from app.workbench.workbench import Workbench

WIDTH_PX = 1200
"""Of a picture: 240 dots an inch across a page of A4."""
_TEXT = 28.0
"""Size of text in units of the drawing: 8 points where it is printed."""
_ROOM_M = 120.0
"""Ground shown around an area, metres, and at least a quarter of its extent."""
_FONTS = '"Microsoft YaHei","SimHei","Noto Sans CJK SC","Source Han Sans SC","WenQuanYi Micro Hei",sans-serif'
_SIZE = (1200.0, 800.0)
"""Units of a drawing."""


def draw_overview(papers: Papers, part_areas: tuple[int, ...] | None = None) -> bytes:
    """All areas, or those of a part of the plan, as a PNG.

    Parameters
    ----------
    papers
        Of the plan.
    part_areas
        Numbers of the areas, from 0; None = all.
    """
    bench = papers.bench
    members = np.isin(bench.area_of, part_areas) if part_areas is not None else np.ones(len(bench.units), dtype=bool)
    frame = frame_screen(bench, *_SIZE, _TEXT) if part_areas is None else _frame_around(bench, np.flatnonzero(members))
    drawn = draw_unit_map(bench, _area_theme(bench), frame, papers.words("office.overview"), papers.words)
    return rasterise(drawn.svg)


def draw_area(papers: Papers, number: int) -> bytes:
    """One area as a PNG: its units by their number in its table, roads, barriers, who leads whom; others faint.

    Parameters
    ----------
    papers
        Of the plan.
    number
        Of the area, from 0.
    """
    bench, theme = papers.bench, _area_theme(papers.bench)
    members = [bench.position_of[unit] for unit in bench.areas[number]["unit_ids"]]
    own = {theme.palette[theme.class_of[unit]] for unit in members}
    frame = _frame_around(bench, members)
    labels = label_members(bench, members, frame)
    title = bench.areas[number]["name"]
    drawn = draw_unit_map(bench, theme, frame, title, papers.words, set(theme.palette) - own, labels)
    return rasterise(drawn.svg)


def rasterise(drawing: str, width: int = WIDTH_PX) -> bytes:
    """An SVG drawing of the program as a PNG on white.

    Parameters
    ----------
    drawing
        An svg element; patterns of the map machine may be named in it.
    width
        Pixels.
    """
    text = str(drawing)
    if "xmlns=" not in text[: text.index(">")]:
        text = text.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    start = text.index(">") + 1
    text = text[:start] + define_patterns() + text[start:]
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=text, width=width, background="#ffffff", style_sheet=f"text{{font-family:{_FONTS}}}"
        )
    )


@keep_with_owner
def _area_theme(bench: Workbench) -> MapTheme:
    return make_themes(bench, load_words("zh"), load_words("en"), ())[0]


def _frame_around(bench: Workbench, members: Sequence[int] | np.ndarray) -> Frame:
    return frame_picture(surround(bench, list(members), _ROOM_M, 0.25), *_SIZE, _TEXT)
