"""The packages and who imports whom, from the imports: `python -m tests.structure` renews picture and table."""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from html import escape

import networkx as nx

from tests.measure import ROOMS, ROOT, Module, package_of, read_modules

PICTURE = ROOT / "docs" / "images" / "structure.svg"
PAGE = ROOT / "docs" / "architecture.md"
START, END = "<!-- packages -->", "<!-- end -->"
BOX_W, BOX_H, GAP_X, GAP_Y, MARGIN = 164, 34, 14, 30, 24
COLOURS = {"geo": "#dbe9d8", "analysis": "#d8e4f0", "app": "#f3e6d3", "pianqu": "#eadcf0"}


def package_graph(modules: list[Module]) -> nx.DiGraph:
    """Packages as nodes with their number of modules; an edge from who imports to what is imported."""
    package = package_of(modules)
    graph = nx.DiGraph()
    sizes: dict[str, int] = defaultdict(int)
    for module in modules:
        sizes[package[module.name]] += module.path.stem != "__init__"
    for module in modules:
        here = package[module.name]
        graph.add_node(here, modules=sizes[here])
        for name in module.imports & set(package) - {module.name}:
            if package[name] != here:
                graph.add_edge(here, package[name])
    return graph


def find_layers(graph: nx.DiGraph) -> dict[str, int]:
    """The layer of each package: 0 imports no other; circles share one."""
    condensed = nx.condensation(graph)
    depth: dict[int, int] = {}
    for node in reversed(list(nx.topological_sort(condensed))):
        depth[node] = max((depth[below] + 1 for below in condensed.successors(node)), default=0)
    return {name: depth[number] for name, number in condensed.graph["mapping"].items()}


def draw(graph: nx.DiGraph) -> str:
    """The picture as SVG: pages above, what they rest on below; arrows that others imply are left out."""
    graph = graph.subgraph(name for name in graph if graph.degree(name))
    layers = find_layers(graph)
    rows: dict[int, list[str]] = defaultdict(list)
    for name in sorted(graph, key=lambda name: (ROOMS.index(name.split(".")[0]), name)):
        rows[layers[name]].append(name)
    per_row = 8
    lines = [
        row[k : k + per_row]
        for depth in sorted(rows, reverse=True)
        for row in [rows[depth]]
        for k in range(0, len(row), per_row)
    ]
    place = {
        name: (MARGIN + x * (BOX_W + GAP_X), MARGIN + y * (BOX_H + GAP_Y))
        for y, line in enumerate(lines)
        for x, name in enumerate(line)
    }
    width = 2 * MARGIN + per_row * (BOX_W + GAP_X) - GAP_X
    height = 2 * MARGIN + len(lines) * (BOX_H + GAP_Y) - GAP_Y
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="11">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    parts += [_arrow(place[a], place[b]) for a, b in sorted(_needed_edges(graph))]
    parts += [_box(name, place[name], graph.nodes[name]["modules"]) for name in sorted(graph)]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _needed_edges(graph: nx.DiGraph) -> set[tuple[str, str]]:
    if not nx.is_directed_acyclic_graph(graph):
        return set(graph.edges)
    return set(nx.transitive_reduction(graph).edges)


def _arrow(start: tuple[float, float], end: tuple[float, float]) -> str:
    x1, y1 = start[0] + BOX_W / 2, start[1] + BOX_H
    x2, y2 = end[0] + BOX_W / 2, end[1]
    curve = f"M{x1:g} {y1:g}C{x1:g} {y1 + GAP_Y:g} {x2:g} {y2 - GAP_Y:g} {x2:g} {y2:g}"
    return f'<path d="{curve}" fill="none" stroke="#8a8f98" stroke-opacity="0.55"/>'


def _box(name: str, place: tuple[float, float], n_modules: int) -> str:
    x, y = place
    room, _, rest = name.partition(".")
    label = rest.replace("bundling.", "") or room
    return (
        f"<g><title>{escape(name)}: {n_modules}</title>"
        f'<rect x="{x:g}" y="{y:g}" width="{BOX_W}" height="{BOX_H}" rx="4" fill="{COLOURS[room]}" stroke="#5b6470"/>'
        f'<text x="{x + 8:g}" y="{y + 14:g}" font-weight="600">{escape(label)}</text>'
        f'<text x="{x + 8:g}" y="{y + 27:g}" fill="#4a525c">{room} · {n_modules}</text></g>'
    )


def list_packages(modules: list[Module]) -> str:
    """A row of Markdown for each package: its name, how many modules it has, and what it is."""
    sizes = package_graph(modules).nodes(data="modules")
    rows = [
        f"| `{module.name}` | {sizes[module.name]} | {(ast.get_docstring(module.tree) or '').splitlines()[0]} |"
        for module in modules
        if module.path.stem == "__init__"
    ]
    return "\n".join(["| package | modules | |", "|---|---|---|", *rows])


def renew(page: str, modules: list[Module]) -> str:
    """The page of the architecture with today's table."""
    before, _, rest = page.partition(START)
    return f"{before}{START}\n{list_packages(modules)}\n{END}{rest.partition(END)[2]}"


def main() -> int:
    """Write the picture and the table."""
    modules = read_modules()
    PICTURE.write_text(draw(package_graph(modules)), encoding="utf-8")
    PAGE.write_text(renew(PAGE.read_text(encoding="utf-8"), modules), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
