"""Addresses of the header's exports: the plan shown, as files for the districts."""

from __future__ import annotations

from flask import Flask, Response, abort, request

from app.desks.plans.downloads import DOWNLOADS, open_download
from app.session.plan_session import PlanSession
from app.session.reader import reader_words
from app.web.routes.imports import send_attachment
from app.web.routes.plates import refuse_address
from geo.errors import PlanningError


def add_export_routes(server: Flask, session: PlanSession) -> None:
    """Add one address a format.

    Parameters
    ----------
    server
        The server.
    session
        The dataset and the plan that are served.
    """

    @server.get("/export/<kind>")
    def export(kind: str) -> Response:
        if kind not in DOWNLOADS:
            abort(404)
        words = reader_words()
        asked = request.args.get("page")
        try:
            data = session.page(asked) if asked else session.open_requested(request.args)
            if data is None:
                abort(404)
            with open_download(data.bench, kind, words) as (path, name):
                return send_attachment(path, name)
        except PlanningError as error:
            return refuse_address(error, 409)
