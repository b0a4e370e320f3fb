"""The wiring of the page: each callback collects inputs, asks one service, returns a view."""

from __future__ import annotations

from dash import Dash

from app.desks.imports.session import ImportDesk
from app.desks.plans.run_manager import PlanDesk
from app.session.plan_session import Shown
from app.web.callbacks import (
    charging,
    comparing,
    correcting,
    exploring,
    importing,
    placing,
    planning,
    plans,
    selecting,
    showing,
    what_if,
    worklist,
)


def register(app: Dash, shown: Shown, desk: ImportDesk, runs: PlanDesk) -> None:
    """Wire an app; importing this package wires nothing."""
    showing.register(app, shown)
    selecting.register(app, shown)
    exploring.register(app, shown)
    importing.register(app, desk)
    planning.register(app, runs)
    plans.register(app, shown)
    comparing.register(app, shown)
    what_if.register(app, shown)
    placing.register(app, shown)
    correcting.register(app, shown)
    worklist.register(app, shown)
    charging.register(app, shown)
