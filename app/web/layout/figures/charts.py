"""The tab of charts: bars one can click, and next to each its numbers as a table."""

from __future__ import annotations

from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from app.i18n import Words
from app.indicators.charts import Bar, Chart
from app.web.layout import ids
from app.web.layout.widgets import aria_label

_FONT = {
    "family": '"Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC", "Noto Sans SC", sans-serif',
    "size": 12,
    "color": "#1d2b3a",
}


def charts_view(charts: tuple[Chart, ...], words: Words) -> list[Component]:
    """One box a chart.

    Parameters
    ----------
    charts
        What is drawn.
    words
        Texts in the reader's language.
    """
    return [_box(chart, words) for chart in charts]


def _box(chart: Chart, words: Words) -> html.Section:
    if not chart.bars:
        return html.Section(
            [html.H3(chart.title), html.P(words("charts.nothing"), className="empty")],
            className=f"chart-box chart-{chart.key}",
        )
    graph = dcc.Graph(
        id=ids.chart(chart.key),
        figure={"data": [_bars(chart)], "layout": _layout(chart)},
        config={"displayModeBar": False, "responsive": True},
        className="chart",
    )
    rows = [html.Tr([html.Th(bar.name, scope="row"), html.Td(bar.text)]) for bar in chart.bars]
    head = html.Thead(html.Tr([html.Th(text, scope="col") for text in chart.head]))
    table = html.Details(
        [
            html.Summary(words("charts.table")),
            html.Table([html.Caption(chart.title), head, html.Tbody(rows)], className="facts"),
        ]
    )
    picture = html.Div(graph, role="img", **aria_label(f"{chart.title}. {chart.note}"))
    return html.Section(
        [html.H3(chart.title), html.P(chart.note, className="small"), picture, table],
        className=f"chart-box chart-{chart.key}",
    )


def _bars(chart: Chart) -> dict[str, Any]:
    across = chart.key != "progress"
    names, values = [bar.name for bar in chart.bars], [bar.value for bar in chart.bars]
    return {
        "type": "bar",
        "orientation": "h" if across else "v",
        "x": values if across else names,
        "y": names if across else values,
        "text": [bar.text for bar in chart.bars],
        "textposition": "outside",
        "cliponaxis": False,
        "hoverinfo": "none",
        "customdata": [_leads_to(bar) for bar in chart.bars],
        "marker": {
            "color": [bar.fill for bar in chart.bars],
            "line": {"color": "#44505e", "width": 0.6},
            "pattern": {
                "shape": ["/" if bar.hatched else "" for bar in chart.bars],
                "fgcolor": "#57626e",
                "size": 6,
                "solidity": 0.2,
            },
        },
    }


def _leads_to(bar: Bar) -> dict[str, Any]:
    return {"fills": list(bar.fills), "bounds": None if bar.bounds is None else list(bar.bounds)}


def _layout(chart: Chart) -> dict[str, Any]:
    across = chart.key != "progress"
    places = {"automargin": True, "ticks": "", "type": "category"}
    if across:
        places["autorange"] = "reversed"
    numbers = {"showticklabels": False, "showgrid": False, "zeroline": False, "rangemode": "tozero"}
    longest = max([bar.value for bar in chart.bars] + [chart.target[0] if chart.target else 0])
    numbers["range"] = [0, 1.18 * longest or 1]
    layout: dict[str, Any] = {
        "font": _FONT,
        "margin": {"l": 8, "r": 44, "t": 22 if chart.target or not across else 6, "b": 8},
        "bargap": 0.25,
        "paper_bgcolor": "#ffffff",
        "plot_bgcolor": "#ffffff",
        "height": max(150, 22 * len(chart.bars) + 30) if across else 190,
        "xaxis": numbers if across else places,
        "yaxis": places if across else numbers,
        "showlegend": False,
        "dragmode": False,
    }
    if chart.target and across:
        value, text = chart.target
        layout["shapes"] = [
            {
                "type": "line",
                "x0": value,
                "x1": value,
                "yref": "paper",
                "y0": 0,
                "y1": 1,
                "line": {"color": "#b34700", "width": 2, "dash": "dash"},
            }
        ]
        layout["annotations"] = [
            {
                "x": value,
                "yref": "paper",
                "y": 1,
                "yanchor": "bottom",
                "text": text,
                "showarrow": False,
                "font": {"color": "#b34700", "size": 12},
            }
        ]
    return layout
