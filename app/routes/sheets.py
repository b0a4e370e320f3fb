"""Addresses of the sheets that are printed from the browser."""

from __future__ import annotations

from flask import Flask, Response, abort, request

from app.callbacks.language import reader_words
from app.exports.stray_sheet import stray_sheet
from app.services.shown import Shown
from app.services.worklist import work_list


def add_sheet_routes(server: Flask, shown: Shown) -> None:
    """Add the sheets of single buildings: of one street, or of all."""

    @server.get("/print/single-buildings")
    def single_buildings() -> Response:
        data, words = shown.current(), reader_words()
        if data is None:
            abort(404)
        strays = work_list(data.bench, words)
        street = request.args.get("street")
        if street is not None:
            if street not in data.bench.street_names:
                abort(404)
            strays = tuple(one for one in strays if one.street_code == street)
        answer = Response(stray_sheet(data.bench, strays, words), mimetype="text/html")
        answer.headers["Cache-Control"] = "no-store"
        return answer
