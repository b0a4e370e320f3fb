"""The wiring of the page: each callback collects inputs, asks one service, returns a view."""

from __future__ import annotations

from dash import Dash

from app.callbacks import selecting, showing
from app.services.page_data import PageData


def register(app: Dash, data: PageData) -> None:
    """Wire an app; importing this package wires nothing."""
    showing.register(app, data)
    selecting.register(app, data)
