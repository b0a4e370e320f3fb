"""Addresses of the editor: what it starts from, and what the server says of an edit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, jsonify, request

from analysis.bundling.edited import Edit
from app.callbacks.language import reader_words
from app.routes.page import packed_file
from app.services.edit_request import MOST_BYTES, EditRequestError, read_edit
from app.services.editing import EditDesk, NoPlanError, OpenBase, check, propose_repair
from app.services.shown import StalePageError
from geo.errors import PlanningError

_JSON = "application/json"


def add_edit_routes(server: Flask, desk: EditDesk) -> None:
    """Add the addresses; the guard of `app.security.own_requests` stands before them."""

    @server.get("/edit/start/<version>")
    def start(version: str) -> Response:
        try:
            answer = packed_file(desk.open(version).start.packed, _JSON)
        except PlanningError as error:
            return refused(error)
        answer.headers["Cache-Control"] = "no-store"  # the same page may show another plan later
        return answer

    @server.post("/edit/check")
    def check_edit() -> Response:
        return _answer(desk, check)

    @server.post("/edit/repair")
    def repair_edit() -> Response:
        return _answer(desk, propose_repair)


def _answer(desk: EditDesk, work: Callable[[OpenBase, Edit], dict[str, Any]]) -> Response:
    try:
        body = read_edit(body_of_request())
        return jsonify(work(desk.at(body.base), body.to_edit()))
    except PlanningError as error:
        return refused(error)


def body_of_request() -> bytes:
    """The body of the request.

    Raises
    ------
    EditRequestError
        If it is longer than any edit.
    """
    if (request.content_length or 0) > MOST_BYTES:
        raise EditRequestError("这次修改太大, 不能发送。", "The edit is too large to be sent.")
    return request.get_data(cache=False)


def refused(error: PlanningError) -> Response:
    """Why not, in the reader's language: 409 where the page is behind, 422 where the edit is wrong."""
    answer = jsonify({"sentence": reader_words().pick(error.zh, error.en)})
    answer.status_code = 409 if isinstance(error, NoPlanError | StalePageError) else 422
    return answer
