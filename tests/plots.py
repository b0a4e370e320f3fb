"""Plots of figures in docs/benchmarks.md and docs/benchmarks/: `python -m tests.plots` draws docs/images/plot-*.svg.

Each plot carries the digest of the figures it was drawn from, so that a test notices figures without their plot.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import sys
import warnings
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
import matplotlib.pyplot as plt

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE = DOCS / "benchmarks.md"
TRACES = DOCS / "benchmarks" / "gap-over-time.csv"
IMAGES = DOCS / "images"
OURS, THEIRS, AIM = "#0b7285", "#e8590c", "#868e96"
Rows = list[dict[str, str]]


def read_table(text: str, *heads: str) -> Rows:
    """The first table that has these columns, row by row.

    Examples
    --------
    >>> read_table("| a | b |\\n|---|---|\\n| 1 | 2 |\\n", "b")
    [{'a': '1', 'b': '2'}]
    """
    for block in re.findall(r"(?:^\|.*\|\n)+", text, re.MULTILINE):
        rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in block.splitlines()]
        if set(heads) <= set(rows[0]):
            return [dict(zip(rows[0], row, strict=True)) for row in rows[2:]]
    raise KeyError(heads)


def read_figures() -> dict[str, Rows]:
    """The figures of each plot, by its name."""
    text = PAGE.read_text(encoding="utf-8")
    return {
        "gap": read_table(text, "family", "gap of the bound, mean"),
        "peers": read_table(text, "family", "to others, mean"),
        "scale": read_table(text, "what", "size", "across a barrier"),
        "page": read_table(text, "what", "median", "range", "aim"),
        "time": _read_traces(),
        "time-zh": _read_traces(),
    }


def _read_traces() -> Rows:
    with TRACES.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def digest_of(rows: Rows) -> str:
    """What a plot carries of the figures it shows."""
    return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()[:16]


def draw_all() -> None:
    """Draw every plot."""
    mpl.rcParams |= {"svg.hashsalt": "pianqu", "svg.fonttype": "none", "font.size": 10, "axes.spines.top": False}
    mpl.rcParams["axes.spines.right"] = False
    warnings.filterwarnings("ignore", "Glyph")  # an SVG is written in letters, and the reader's fonts draw them
    for name, rows in read_figures().items():
        figure, axes = plt.subplots(figsize=(8, 0.28 * len(rows) + 1.6), layout="constrained")
        DRAW[name](axes, rows)
        told = {"Date": None, "Creator": None, "Description": digest_of(rows)}
        figure.savefig(IMAGES / f"plot-{name}.svg", metadata=told)
        plt.close(figure)


def _draw_gap(axes: Any, rows: Rows) -> None:
    names = [row["family"] for row in rows][::-1]
    means = [_number(row["gap of the bound, mean"]) for row in rows][::-1]
    axes.barh(names, means, color=OURS)
    axes.set_xlabel("gap between plan and bound, mean of the family, %")
    for name, mean in zip(names, means, strict=True):
        axes.annotate(f" {mean:.2f}", (mean, name), va="center", fontsize=8)


def _draw_peers(axes: Any, rows: Rows) -> None:
    kept = [row for row in rows if row["to others, mean"] != "–"][::-1]
    values = [_number(row["to others, mean"]) for row in kept]
    axes.axvline(0, color=AIM, linewidth=1)
    axes.barh([row["family"] for row in kept], values, color=[OURS if value <= 0.05 else THEIRS for value in values])
    axes.set_xscale("symlog", linthresh=0.1)
    axes.set_xlabel("cost against the best value known or of any peer, mean, % (left: ours is better)")


def _draw_scale(axes: Any, rows: Rows) -> None:
    ours = [row for row in rows if row["what"] == "Pianqu"]
    axes.loglog(*([_number(row[key]) for row in ours] for key in ("units", "wall s")), "o-", color=OURS, label="Pianqu")
    for row in rows:
        if row["what"] != "Pianqu":
            axes.plot(_number(row["units"]), _number(row["wall s"]), "s", color=THEIRS)
            axes.annotate(f"  {row['what']}", (_number(row["units"]), _number(row["wall s"])), va="center", fontsize=8)
    axes.set_xlim(300, 300_000)
    axes.set_xlabel("units")
    axes.set_ylabel("seconds, start to graph")
    axes.legend()
    axes.figure.set_size_inches(8, 4)


def _draw_page(axes: Any, rows: Rows) -> None:
    kept = [row for row in rows if row["median"].endswith(" s")][::-1]
    axes.barh([row["what"] for row in kept], [_number(row["median"]) for row in kept], color=OURS)
    for row in kept:
        if row["aim"]:
            axes.plot(_number(row["aim"]), row["what"], "|", color=THEIRS, markersize=18, markeredgewidth=2)
    axes.set_xlabel("seconds, median; the mark is the aim")


FAMILIES = {
    "city200_s101_p1": ("200 units, leads", "200 个单元, 有牵头"),
    "city200_s101_p2": ("200 units, hard sizes", "200 个单元, 硬性上下限"),
    "city1000_s201_p2": ("1,000 units, hard sizes", "1,000 个单元, 硬性上下限"),
    "county_IA": ("Iowa's 99 counties, cut edges", "艾奥瓦 99 县, 切边最少"),
    "sap_gy_39a": ("297 units, published", "297 个单元, 已发表的算例"),
    "sap_zy_15a": ("324 units, published", "324 个单元, 已发表的算例"),
}
WORDS = {
    "en": ("plan and bound against the best value others reached, %", "seconds", "plan", "bound", "others"),
    "zh": ("方案、界与他人最好结果之差 (%)", "秒", "方案", "界", "其他软件"),
}


def _draw_time(axes: Any, rows: Rows, language: str = "en") -> None:
    """A small picture for each instance: plan and bound over the seconds, and what others reached in theirs."""
    figure, words = axes.figure, WORDS[language]
    axes.remove()
    figure.set_size_inches(9, 6)
    for one, name in zip(figure.subplots(2, 3, sharex=True).flat, FAMILIES, strict=True):
        _draw_course(one, [row for row in rows if row["instance"] == name], words)
        one.set_title(FAMILIES[name][language == "zh"], fontsize=9)
    figure.axes[0].legend(fontsize=8, frameon=False)
    figure.supylabel(words[0], fontsize=9)
    figure.supxlabel(words[1], fontsize=9)


def _draw_course(axes: Any, rows: Rows, words: tuple[str, ...]) -> None:
    best = min(float(row["objective"]) for row in rows if not row["seconds"])
    own = [row for row in rows if row["who"] == "Pianqu"]
    for kind, label, colour in (("objective", words[2], OURS), ("bound", words[3], AIM)):
        points = [(float(row["seconds"]), 100 * (float(row[kind]) / best - 1)) for row in own if row[kind]]
        axes.step(*zip(*points, strict=True), where="post", color=colour, label=label, marker=".", markevery=[-1])
    label, above, last = words[4], 5, 0.0
    for row in sorted(rows, key=lambda one: (not one["objective"], float(one["seconds"] or 0))):
        if row["who"] != "Pianqu" and row["seconds"]:
            value = 100 * (float(row["objective"] or row["bound"]) / best - 1)
            at = max(float(row["seconds"]), 0.03)
            axes.plot(at, value, "^" if row["objective"] else "v", color=THEIRS, markersize=5, label=label)
            above, last = (
                (-10 if above > 0 and last < at < 30 * last else 5),
                at,
            )  # names of peers as fast stand on both sides
            axes.annotate(
                row["who"], (at, value), xytext=(0, above), textcoords="offset points", fontsize=6, ha="center"
            )
            label = None
    axes.axhline(0, color=AIM, linewidth=0.6, linestyle=":")
    axes.set_xscale("log")
    axes.set_xlim(0.02, 400)
    axes.margins(y=0.12)
    axes.set_yscale("symlog", linthresh=1)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.tick_params(labelsize=8)


def _draw_time_zh(axes: Any, rows: Rows) -> None:
    _draw_time(axes, rows, "zh")


DRAW = {
    "time": _draw_time,
    "time-zh": _draw_time_zh,
    "gap": _draw_gap,
    "peers": _draw_peers,
    "scale": _draw_scale,
    "page": _draw_page,
}


def _number(text: str) -> float:
    return float(re.sub(r"[^\d.eE+-]", "", text.partition("–")[0]))


if __name__ == "__main__":
    draw_all()
    sys.exit(0)
