"""Addresses of the header's exports: the plan shown, as files for the districts."""

from __future__ import annotations

from flask import Flask, Response, abort, jsonify, request

from app.desks.plans.downloads import DOWNLOADS, open_download
from app.session.plan_session import PlanSession
from app.session.reader import reader_words
from app.web.routes.imports import send_attachment
from app.web.routes.plates import refuse_address
from geo.errors import PlanningError

_LONGEST_TICKET = 40
"""Letters of the ticket by which a page asks how far its export is."""


def add_export_routes(server: Flask, session: PlanSession) -> None:
    """Add one address a format, and one that tells how far an export is.

    Parameters
    ----------
    server
        The server.
    session
        The dataset and the plan that are served.
    """
    shares: dict[str, float] = {}

    @server.get("/export-progress/<asked>")
    def progress(asked: str) -> Response:
        return jsonify(share=shares.get(asked))

    @server.get("/export/<kind>")
    def export(kind: str) -> Response:
        if kind not in DOWNLOADS:
            abort(404)
        words = reader_words()
        asked, ticket = request.args.get("page"), request.args.get("ticket", "")[:_LONGEST_TICKET]
        try:
            data = session.page(asked) if asked else session.open_requested(request.args)
            if data is None:
                abort(404)
            with open_download(data.bench, kind, words, lambda share, _: shares.update({ticket: share})) as (
                path,
                name,
            ):
                return send_attachment(path, name)
        except PlanningError as error:
            return refuse_address(error, 409)
        finally:
            shares.pop(ticket, None)
