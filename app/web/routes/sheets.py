"""Addresses of sheets that are printed from the browser, and of the choice of charging places."""

from __future__ import annotations

from flask import Flask, Response, abort, request

from app.desks.charging.selection import FORMATS, open_sites_file
from app.desks.corrections.worklist import FILTERS, filter_strays, format_filter, is_valid_filter, list_strays
from app.exports.stray_sheet import consultation_sheet
from app.session.plan_session import PlanSession
from app.session.reader import reader_words
from app.web.routes.imports import send_attachment
from app.web.routes.plates import refuse_address
from geo.errors import PlanningError


def add_sheet_routes(server: Flask, session: PlanSession) -> None:
    """Add the sheets of single buildings, filtered or all; and the chosen charging places.

    Parameters
    ----------
    server
        The server.
    session
        The dataset and the plan that are served.
    """

    @server.get("/print/single-buildings")
    def single_buildings() -> Response:
        words = reader_words()
        try:
            data = session.open_requested(request.args)
        except PlanningError as error:
            return refuse_address(error, 404)
        if data is None:
            abort(404)
        wanted = {what: request.args[what] for what in FILTERS if what in request.args}
        if not is_valid_filter(data.bench, wanted):
            abort(404)
        strays = filter_strays(list_strays(data.bench, words), wanted)
        filtered = format_filter(data.bench, wanted, words)
        answer = Response(consultation_sheet(data.bench, strays, words, filtered), mimetype="text/html")
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @server.get("/charging/<kind>")
    def charging(kind: str) -> Response:
        if kind not in FORMATS:
            abort(404)
        try:
            with open_sites_file(session, kind) as (path, name):
                return send_attachment(path, name)
        except PlanningError as error:
            return refuse_address(error, 409)
