"""Addresses of sheets that are printed from the browser, and of the choice of charging places."""

from __future__ import annotations

from html import escape

from flask import Flask, Response, abort, request

from app.desks.charging.selection import FORMATS, sites_file
from app.desks.corrections.worklist import FILTERS, filter_line, is_filter, kept_of, work_list
from app.exports.stray_sheet import consultation_sheet
from app.session.plan_session import Shown
from app.session.reader import reader_words
from app.web.routes.imports import send_attachment
from geo.errors import PlanningError


def add_sheet_routes(server: Flask, shown: Shown) -> None:
    """Add the sheets of single buildings, filtered or all; and the chosen charging places."""

    @server.get("/print/single-buildings")
    def single_buildings() -> Response:
        data, words = shown.current(), reader_words()
        if data is None:
            abort(404)
        wanted = {what: request.args[what] for what in FILTERS if what in request.args}
        if not is_filter(data.bench, wanted):
            abort(404)
        strays = kept_of(work_list(data.bench, words), wanted)
        told = filter_line(data.bench, wanted, words)
        answer = Response(consultation_sheet(data.bench, strays, words, told), mimetype="text/html")
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @server.get("/charging/<kind>")
    def charging(kind: str) -> Response:
        if kind not in FORMATS:
            abort(404)
        words = reader_words()
        try:
            with sites_file(shown, kind) as (path, name):
                return send_attachment(path, name)
        except PlanningError as error:
            sentence = escape(words.pick(error.zh, error.en))
            return Response(f"<!DOCTYPE html><meta charset='utf-8'><p>{sentence}</p>", status=409)
