"""Drawings of the concepts, docs/images/concept-*.svg, one a language: `python -m tests.concept_drawings`."""

from __future__ import annotations

import sys
from html import escape
from pathlib import Path

IMAGES = Path(__file__).resolve().parents[1] / "docs/images"
WORDS = {
    "zh": {
        "near": "间距 ≤ 60 m, 相对 ≥ 3 m: 相邻",
        "corner": "只是角对角: 不相邻",
        "rail": "铁路隔开: 不相邻",
        "crossing": "有下穿, 步行 ≤ 500 m: 相邻",
        "anchor": "★ 牵头小区",
        "led": "由牵头小区带入",
        "member": "已有物业的成员, 合用服务",
        "left": "未划入, 写明原因",
        "street": "街道界: 片区不跨越",
        "area": "一个片区: 连片, 规模在上下限之间",
    },
    "en": {
        "near": "gap ≤ 60 m, facing ≥ 3 m: neighbours",
        "corner": "a mere corner: not neighbours",
        "rail": "parted by a railway: not neighbours",
        "crossing": "an underpass, walk ≤ 500 m: neighbours",
        "anchor": "★ anchor: leads others",
        "led": "led by the anchor",
        "member": "managed already, shares the service",
        "left": "left over, with the reason",
        "street": "border of a street: no area crosses it",
        "area": "one area: connected, size between its bounds",
    },
}
UNIT, GROUND, YES, NO, DARK = "#cfe3e8", "#e9ecef", "#2b8a3e", "#c92a2a", "#343a40"


def draw_neighbours(words: dict[str, str]) -> str:
    """Four pairs of units: near, a mere corner, parted, joined by a crossing."""
    parts = []
    for k, key in enumerate(("near", "corner", "rail", "crossing")):
        x, y = 30 + 400 * (k % 2), 30 + 175 * (k // 2)
        is_yes = key in ("near", "crossing")
        colour = YES if is_yes else NO
        second = (x + 150, y + 84) if key == "corner" else (x + 170, y)
        parts += [_box(x, y, 120, 80), _box(*second, 120, 80 if key != "corner" else 44)]
        if key in ("rail", "crossing"):
            parts.append(
                f'<path d="M{x + 145} {y - 12}V{y + 96}" stroke="{DARK}" stroke-width="5" stroke-dasharray="9 4"/>'
            )
        if key == "crossing":
            parts.append(f'<circle cx="{x + 145}" cy="{y + 40}" r="8" fill="white" stroke="{DARK}" stroke-width="2"/>')
        start, end = ((x + 120, y + 80), second) if key == "corner" else ((x + 120, y + 40), (x + 170, y + 40))
        dash = "" if is_yes else ' stroke-dasharray="4 4"'
        line = f"M{start[0]} {start[1]}L{end[0]} {end[1]}"
        parts.append(f'<path d="{line}" stroke="{colour}" stroke-width="4"{dash}/>')
        parts.append(_text(x, y + 148 if key == "corner" else y + 112, words[key], colour))
    return _svg(800, 360, parts)


def draw_area(words: dict[str, str]) -> str:
    """An area with an anchor, whom it leads, a member and a unit that is left over beside a street's border."""
    boxes = {"anchor": (60, 80), "led_1": (200, 60), "led_2": (200, 170), "member": (60, 190), "left": (470, 120)}
    parts = ['<path d="M40 40H320V280H40Z" fill="none" stroke="#0b7285" stroke-width="3" rx="8"/>']
    parts.append(f'<path d="M390 20V300" stroke="{DARK}" stroke-width="2" stroke-dasharray="10 4 2 4"/>')
    fills = {"anchor": "#74c0a8", "member": "#dfe7ea", "left": "#ffffff"}
    parts += [_box(x, y, 90, 70, fills.get(name.partition("_")[0], UNIT)) for name, (x, y) in boxes.items()]
    for name in ("led_1", "led_2"):
        x, y = boxes[name]
        parts.append(f'<path d="M105 115L{x + 45} {y + 35}" stroke="{DARK}" stroke-width="2"/>')
    parts.append('<text x="96" y="124" font-size="24">★</text>')
    notes = (("area", 330, "#0b7285"), ("anchor", 354, DARK), ("led", 378, DARK), ("member", 402, DARK))
    parts += [_text(64, y, words[key], colour) for key, y, colour in notes]
    shown = (("none", 330), (fills["anchor"], 354), (UNIT, 378), (fills["member"], 402))
    parts += [_box(40, y - 13, 16, 14, fill) for fill, y in shown]
    parts += [_text(400, 50, words["street"], DARK), _text(440, 220, words["left"], NO)]
    return _svg(800, 420, parts)


def draw_all() -> dict[str, str]:
    """Every drawing by the name of its file."""
    makers = {"neighbours": draw_neighbours, "area": draw_area}
    return {
        f"concept-{name}-{language}.svg": make(words)
        for language, words in WORDS.items()
        for name, make in makers.items()
    }


def main() -> int:
    """Write the drawings."""
    for name, text in draw_all().items():
        (IMAGES / name).write_text(text, encoding="utf-8")
    return 0


def _box(x: int, y: int, width: int, height: int, fill: str = UNIT) -> str:
    dash = ' stroke-dasharray="5 3"' if fill == "#ffffff" else ""
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{fill}" stroke="#5c7c85"{dash}/>'


def _text(x: int, y: int, text: str, colour: str) -> str:
    return f'<text x="{x}" y="{y}" font-size="16" fill="{colour}">{escape(text)}</text>'


def _svg(width: int, height: int, parts: list[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif">'
    ground = f'<rect width="{width}" height="{height}" fill="white"/>'
    return "\n".join([head, ground, *parts, "</svg>"]) + "\n"


if __name__ == "__main__":
    sys.exit(main())
