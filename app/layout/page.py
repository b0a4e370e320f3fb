"""The whole page: header, themes, map, figures, tables."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import dcc, html

from app.i18n import Words
from app.layout import ids
from app.layout.figures import figures_panel
from app.layout.header import header
from app.layout.map_panel import map_panel
from app.layout.sidebar import sidebar
from app.layout.tables import tables_panel
from app.services.page_data import PageData

_THEME = {
    "primaryColor": "blue",
    "fontFamily": '"Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC", "Noto Sans SC", '
    "system-ui, sans-serif",
    "fontSizes": {"xs": "12px", "sm": "13px", "md": "14px"},
    "defaultRadius": "sm",
}


def page(data: PageData, words: Words) -> dmc.MantineProvider:
    """The page in one language; every text of it is in the dictionary or in the data."""
    return dmc.MantineProvider(
        html.Div(
            [
                html.A(words("page.skip_to_table"), href=f"#{ids.TABS}", className="skip-link"),
                header(data.bench, words),
                sidebar(data, words),
                map_panel(data, words),
                figures_panel(data.bench, words),
                tables_panel(data.bench, words),
                dcc.Store(id=ids.ROW_CHOICE),
            ],
            className="page",
        ),
        theme=_THEME,
        forceColorScheme="light",
    )
