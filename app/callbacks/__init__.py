"""The wiring of the page: each callback collects inputs, asks one service, returns a view."""

from __future__ import annotations

from dash import Dash

from app.callbacks import (
    charging,
    comparing,
    correcting,
    editing,
    exploring,
    importing,
    months,
    placing,
    planning,
    plans,
    selecting,
    showing,
    trying,
    walking,
    worklist,
)
from app.services.import_desk import ImportDesk
from app.services.plan_desk import PlanDesk
from app.services.shown import Shown


def register(app: Dash, shown: Shown, desk: ImportDesk, runs: PlanDesk) -> None:
    """Wire an app; importing this package wires nothing."""
    showing.register(app, shown)
    selecting.register(app, shown)
    exploring.register(app, shown)
    importing.register(app, desk)
    planning.register(app, runs)
    plans.register(app, shown)
    comparing.register(app, shown)
    trying.register(app, shown)
    months.register(app, shown)
    walking.register(app, shown)
    placing.register(app, shown)
    correcting.register(app, shown)
    worklist.register(app, shown)
    charging.register(app, shown)
    editing.register(app)
