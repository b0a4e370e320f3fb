"""The wiring of the page: each callback collects inputs, asks one service, returns a view."""

from __future__ import annotations

from dash import Dash

from app.desks.imports.session import ImportSession
from app.desks.plans.run_manager import PlanRunManager
from app.session.plan_session import PlanSession
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
    steps,
    what_if,
    worklist,
)


def register(app: Dash, session: PlanSession, imports: ImportSession, runs: PlanRunManager) -> None:
    """Wire an app; importing this package wires nothing.

    Parameters
    ----------
    app
        The page.
    session
        The dataset and the plan that are served.
    imports
        The reader's files.
    runs
        Runs of the search.
    """
    showing.register(app, session)
    steps.register(app, session)
    selecting.register(app, session)
    exploring.register(app, session)
    importing.register(app, imports)
    planning.register(app, runs)
    plans.register(app, session)
    comparing.register(app, session)
    what_if.register(app, session)
    placing.register(app, session)
    correcting.register(app, session)
    worklist.register(app, session)
    charging.register(app, session)
