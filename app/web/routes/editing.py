"""Addresses of the editor: what it starts from, what the server says of an edit, saving."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, jsonify, request

from analysis.bundling.editing.apply import Edit
from app.desks.editing.request import MOST_BYTES, EditBody, EditRequestError, SaveBody, read_edit
from app.desks.editing.saving import BackgroundVerifier, save_edit
from app.desks.editing.session import (
    EditablePlan,
    EditSession,
    NoPlanError,
    check_edit,
    edited_document,
    propose_repair,
)
from app.desks.editing.start import saved_record
from app.i18n import say
from app.session.plan_session import StalePageError
from app.session.reader import reader_words, sign_as
from app.store.errors import ConflictError
from app.web.routes.page import gzip_response
from geo.errors import PlanningError

_JSON = "application/json"
_BEHIND = (NoPlanError, StalePageError, ConflictError)


def add_edit_routes(server: Flask, edits: EditSession) -> None:
    """Add the addresses; the guard of `app.web.security` stands before them.

    Parameters
    ----------
    server
        The server.
    edits
        Plans being edited.
    """
    verifier = BackgroundVerifier(edits)

    @server.get("/edit/start/<version>")
    def start(version: str) -> Response:
        try:
            started = edits.at(version).start(edits.session.page(version))
            return gzip_response(started.packed, _JSON, "no-store")  # its words may change
        except PlanningError as error:
            return refusal_response(error)

    @server.post("/edit/check")
    def check() -> Response:
        return _answer(edits, check_edit)

    @server.post("/edit/repair")
    def repair_edit() -> Response:
        return _answer(edits, propose_repair)

    @server.post("/edit/document")
    def document() -> Response:
        return _answer(edits, edited_document)

    @server.post("/edit/save")
    def save() -> Response:
        try:
            asked = read_edit(read_body(), SaveBody)
            version = save_edit(edits, asked.model_copy(update={"author": sign_as(asked.author)}))
        except PlanningError as error:
            return refusal_response(error)
        verifier.ask(version.id)
        return jsonify({"version": saved_record(version)})

    @server.get("/edit/verified/<version_id>")
    def verified(version_id: str) -> Response:
        try:
            is_there = verifier.ask(version_id)
        except PlanningError as error:
            return refusal_response(error)
        if not is_there:
            return Response(status=202, headers={"Retry-After": "2", "Cache-Control": "no-store"})
        found = verifier.verdict(version_id)
        words = reader_words()
        sentence = words("editor.not_verified") if found is None else words.pick(found.zh, found.en)
        return jsonify({"ok": None if found is None else found.is_met, "sentence": sentence})


def _answer(edits: EditSession, work: Callable[[EditablePlan, Edit], dict[str, Any]]) -> Response:
    try:
        body = read_edit(read_body(), EditBody)
        return jsonify(work(edits.at(body.base), body.to_edit()))
    except PlanningError as error:
        return refusal_response(error)


def read_body() -> bytes:
    """The body of the request.

    Raises
    ------
    EditRequestError
        If it is longer than any edit.
    """
    if (request.content_length or 0) > MOST_BYTES:
        raise EditRequestError(*say("editing.too_large"))
    return request.get_data(cache=False)


def refusal_response(error: PlanningError) -> Response:
    """Why not, in the reader's language: 409 where the page is behind, 422 where the edit is wrong."""
    body: dict[str, Any] = {"sentence": reader_words().pick(error.zh, error.en)}
    if isinstance(error, ConflictError):
        body["newer"] = saved_record(error.newer)
    answer = jsonify(body)
    answer.status_code = 409 if isinstance(error, _BEHIND) else 422
    return answer
