"""The tables under the map: areas, who leads whom, units nobody leads, left over, out of scope, without a place."""

from __future__ import annotations

from typing import Any

import dash_ag_grid as dag
import dash_mantine_components as dmc
from dash import html

from app.desks.corrections.correction_rows import make_correction_rows
from app.desks.corrections.placing import list_placements, make_unplaced_rows
from app.i18n import Words
from app.web.layout import ids
from app.web.layout.corrections.correcting import corrections_panel
from app.web.layout.corrections.placing import placing_panel
from app.web.layout.corrections.worklist import work_panel
from app.web.layout.figures.charging import charging_panel
from app.web.layout.grids import column, grid
from app.web.layout.widgets import aria_label, html_attributes, loading_state
from app.workbench.rights import Sentence
from app.workbench.workbench import Workbench


def tables_panel(bench: Workbench, words: Words, reason: Sentence | None = None) -> html.Section:
    """Tables in tabs; the table of areas is linked with the map both ways.

    Their forms are idle where there is a reason why the dataset cannot be written.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    words
        Texts in the reader's language.
    reason
        Why nothing may be changed here; None = it may.
    """
    counts = {
        "areas": len(bench.areas),
        **({"leading": len(bench.followers), "unled": len(bench.unled_reasons)} if bench.has_leaders_inside else {}),
        "left_over": len(bench.left_over),
        "out_of_scope": len(bench.out_of_scope),
        "units": len(bench.units),
    }
    waiting, placed = make_unplaced_rows(bench, words), list_placements(bench)
    counts["unplaced"] = len(waiting)
    corrections = make_correction_rows(bench, words)
    counts["corrections"] = len(corrections)
    counts["strays"] = len(bench.context.strays)
    tabs = [dmc.TabsTab(f"{words(f'tabs.{name}')} ({count:,})", value=name) for name, count in counts.items()]
    if bench.dataset.has("buildings"):
        tabs.append(dmc.TabsTab(words("tabs.charging"), value="charging"))
    tabs.append(dmc.TabsTab(words("tabs.charts"), value="charts"))
    return html.Section(
        dmc.Tabs(
            [
                html.Div(
                    [
                        _arrow(-1, "◂"),
                        dmc.TabsList(
                            [*tabs, html.Span(words("tabs.hint"), className="hint tabs-hint")],
                            **aria_label(words("panel.table")),
                        ),
                        _arrow(1, "▸"),
                    ],
                    className="tab-strip",
                ),
                dmc.TabsPanel(_area_grid(words, has_leaders=bench.has_leaders_inside), value="areas"),
                dmc.TabsPanel(_leading_grid(words), value="leading"),
                dmc.TabsPanel(_unled_grid(words), value="unled"),
                dmc.TabsPanel(_reason_grid(ids.LEFT_OVER_GRID, words), value="left_over"),
                dmc.TabsPanel(_reason_grid(ids.OUT_OF_SCOPE_GRID, words), value="out_of_scope"),
                dmc.TabsPanel(_unit_grid(words), value="units"),
                dmc.TabsPanel(
                    loading_state(
                        ids.CHARTS, [html.Div(id=ids.CHARTS, className="charts")], words("charts.loading"), words
                    ),
                    value="charts",
                ),
                dmc.TabsPanel(placing_panel(_unplaced_grid(waiting, words), placed, words, reason), value="unplaced"),
                dmc.TabsPanel(corrections_panel(corrections, words, reason), value="corrections"),
                dmc.TabsPanel(work_panel(bench, words, reason), value="strays"),
                dmc.TabsPanel(charging_panel(words, reason), value="charging"),
            ],
            id=ids.TABS,
            value="areas",
            keepMounted=False,  # a grid that nobody sees costs as much as one that is seen
        ),
        className="tables",
        **aria_label(words("panel.table")),
    )


def _arrow(way: int, sign: str) -> html.Button:
    """For the mouse alone, where not all tabs fit (`tabs.js`): with keys one goes from tab to tab."""
    return html.Button(
        sign,
        type="button",
        tabIndex=-1,
        className="tab-arrow",
        **html_attributes(data_scroll=str(way), aria_hidden="true"),
    )


def _area_grid(words: Words, *, has_leaders: bool) -> dag.AgGrid:
    first = [
        column("number", words, width=40, kind="rightAligned"),
        column("name", words, title="area_name", flex=1.8, min_width=112),
        column("street", words, flex=1, min_width=80),
    ]
    sizes = [
        column("units", words, width=50, kind="number"),
        column("households", words, width=68 if words.language == "zh" else 86, kind="estimate"),
        column("floor_area_m2", words, width=76, kind="number"),
    ]
    first[1]["tooltipField"] = "name"
    if not has_leaders:
        anchor = column("anchor", words, flex=1.2, min_width=90, dash=True)
        return grid(
            ids.AREA_GRID, _wrap_heads([*first, anchor, *sizes, column("within", words, width=92)]), words, None
        )
    leading = [
        column("preferred", words, flex=0.9, min_width=78),
        column("led", words, width=46, kind="number"),
        column("unled", words, width=54, kind="number"),
        column("anchor", words, flex=1.2, min_width=76, dash=True),
        column("walk", words, title="farthest_walk", width=66, kind="number"),
        column("operator", words, flex=1.4, min_width=82, dash=True),
    ]
    for one in leading:
        if one["field"] in ("anchor", "operator", "preferred"):
            one["tooltipField"] = one["field"]
    return grid(ids.AREA_GRID, _wrap_heads([*first[:2], *sizes, *leading]), words, None)


def _wrap_heads(columns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Columns as narrow as their figures: a head takes two lines, so that all have room at 1366 pixels."""
    return [{**one, "wrapHeaderText": True, "autoHeaderHeight": True} for one in columns]


def _leading_grid(words: Words) -> dag.AgGrid:
    """Areas, in each its leaders, in each of them whom it leads: in this order, so no column sorts."""
    columns = [
        column("number", words, width=56, kind="rightAligned"),
        column("name", words, title="leading_name", flex=1.6, min_width=170),
        column("role", words, flex=1.6, min_width=180),
        column("walk", words, title="leader_walk", width=126, kind="number"),
        column("households", words, width=96, kind="estimate"),
        column("floor_area_m2", words, width=108, kind="number"),
        column("mode", words, width=92, dash=True),
        column("company", words, flex=1, min_width=120, dash=True),
    ]
    indent = "['', '', '　　└ '][params.data.level] + (params.data.is_leader ? '★ ' : '') + params.value"
    columns[1]["valueFormatter"] = {"function": indent}
    columns[2]["tooltipField"] = "role"
    for one in columns:
        one["sortable"] = False
        one["cellClassRules"] = {"tree-area": "params.data.level === 0", "tree-leader": "params.data.is_leader"}
    return grid(ids.LEADING_GRID, columns, words, None)


def _unled_grid(words: Words) -> dag.AgGrid:
    columns = [
        column("name", words, flex=1.2, min_width=110),
        column("reason", words, title="unled_reason", flex=2.4, min_width=230),
        column("area", words, flex=1.2, min_width=120),
        column("households", words, width=112, kind="estimate"),
        column("floor_area_m2", words, width=120, kind="number"),
        column("mode", words, width=100),
        column("kind", words, width=74),
    ]
    return grid(ids.UNLED_GRID, columns, words, None)


def _reason_grid(grid_id: str, words: Words) -> dag.AgGrid:
    columns = [
        column("name", words, flex=1.2, min_width=110),
        column("reason", words, flex=3, min_width=250),
        column("households", words, width=112, kind="estimate"),
        column("mode", words, width=100),
        column("kind", words, width=74),
        column("street", words, width=96),
    ]
    for one in columns:
        one["cellClassRules"] = {"tree-area": "params.data.level === 0"}
    columns[1].update(wrapText=False, autoHeight=False, cellClass=None, tooltipField="reason")
    columns[1]["cellClassRules"]["sentence"] = "params.data.level === 0"  # said once in full, by the head
    made = grid(grid_id, columns, words, None)
    made.dashGridOptions["getRowHeight"] = {"function": "params.data.level === 0 ? 46 : 30"}
    made.dashGridOptions["postSortRows"] = {"function": "dashAgGridFunctions.byGroup(params)"}
    return made


def _unit_grid(words: Words) -> dag.AgGrid:
    """All units; `finding.js` fills it, so that no row travels through the page's layout."""
    columns = [
        column("name", words, flex=1.4, min_width=120),
        column("kind", words, width=82),
        column("street", words, width=104, dash=True),
        column("mode", words, width=112, dash=True),
        column("households", words, width=112, kind="estimate"),
        column("floor_area_m2", words, width=120, kind="number"),
        column("built_year", words, width=96, kind="rightAligned", dash=True),
        column("company", words, flex=1, min_width=100, dash=True),
        column("area", words, flex=1.2, min_width=110, dash=True),
        column("reason", words, flex=1.6, min_width=140, dash=True),
    ]
    columns[-1].update(wrapText=False, autoHeight=False, cellClass=None, tooltipField="reason")
    return grid(ids.UNIT_GRID, columns, words, None)


def _unplaced_grid(rows: list[dict[str, Any]], words: Words) -> dag.AgGrid:
    columns = [
        column("name", words, flex=1.6, min_width=130),
        column("street", words, flex=1, min_width=90),
        column("households", words, width=112, kind="estimate"),
        column("mode", words, width=110),
    ]
    return grid(ids.UNPLACED_GRID, columns, words, rows)
