"""Addresses of the header's exports: the plan shown, as files for the districts."""

from __future__ import annotations

from urllib.parse import unquote

from flask import Flask, Response, abort, jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge

from app.desks.exports.jobs import ExportJobs, is_kind
from app.desks.exports.reading import PlanFileReader
from app.desks.imports.uploads import too_large_error
from app.desks.plans.downloads import DOWNLOADS, open_download
from app.exports.formats import LEVELS
from app.session.address import version_address
from app.session.audit import record_export
from app.session.plan_session import PlanSession
from app.session.reader import reader_author, reader_words
from app.store.errors import NotInStoreError
from app.web.routes.imports import NAME_HEADER, send_attachment
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
                _note_export(session, None if data.bench.version is None else data.bench.version.id, name)
                return send_attachment(path, name)
        except PlanningError as error:
            return refuse_address(error, 409)


def _note_export(session: PlanSession, version_id: str | None, name: str) -> None:
    """Files of a version have left the house: its last step is done."""
    if version_id is not None:
        record_export(session.store, version_id, reader_author(), name)


def _require_seen(session: PlanSession, jobs: ExportJobs, job: str) -> None:
    """An export of a plan the reader does not see is as if it were not there."""
    version = jobs.version(job)
    try:
        if version is not None:
            session.store.version(version)
    except NotInStoreError:
        abort(404)


def add_export_job_routes(server: Flask, session: PlanSession, jobs: ExportJobs) -> None:
    """Add the addresses of exports that take their time: started, followed, fetched.

    Parameters
    ----------
    server
        The server.
    session
        The dataset and the plan that are served.
    jobs
        The exports of the server.
    """

    @server.post("/export/jobs/<kind>")
    def start_export(kind: str) -> tuple[Response, int]:
        by = request.args.get("by") or None
        if not is_kind(kind) or by not in (None, *LEVELS):
            abort(404)
        try:
            data = session.page(request.args.get("page", ""))
            is_public = request.args.get("public") == "1"
            job = jobs.start(data.bench, kind, by, reader_words(), reader_author(), is_public=is_public)
        except PlanningError as error:
            return jsonify({"sentence": reader_words().pick(error.zh, error.en)}), 409
        return jsonify({"job": job}), 200

    @server.get("/export/jobs/<job>")
    def follow_export(job: str) -> Response:
        _require_seen(session, jobs, job)
        state = jobs.state(job)
        if state is None:
            abort(404)
        fault = None if state.fault is None else reader_words().pick(*state.fault)
        waits = None if state.ahead is None else reader_words()("export_job.waits", n=str(state.ahead))
        told = {"share": state.share, "what": state.what, "done": state.is_done, "fault": fault, "waits": waits}
        answer = jsonify(told)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @server.get("/export/jobs/<job>/file")
    def fetch_export(job: str) -> Response:
        _require_seen(session, jobs, job)
        found = jobs.file(job)
        if found is None:
            abort(404)
        _note_export(session, jobs.version(job), found[1])
        return send_attachment(*found)


def add_plan_file_routes(server: Flask, reader: PlanFileReader) -> None:
    """Add the addresses of plans read back from files; the guard of `app.web.security` stands before them.

    Parameters
    ----------
    server
        The server.
    reader
        The files of its readers.
    """

    @server.post("/import/plan")
    def read_plan_file() -> tuple[Response, int]:
        words, name = reader_words(), unquote(request.headers.get(NAME_HEADER, ""))
        try:
            token, pending = reader.read(request.args.get("page", ""), name, request.stream)
        except RequestEntityTooLarge:
            error = too_large_error(name[:80])
            return jsonify({"sentence": words.pick(error.zh, error.en)}), 413
        except PlanningError as error:
            return jsonify({"sentence": words.pick(error.zh, error.en)}), 422
        found = pending.found
        headline = words("plan_file.matched", n=found.n_matched, changed=len(found.changes))
        lines = [headline, *(words.pick(*one) for one in pending.lines())]
        verdict = words.pick(pending.verdict.zh, pending.verdict.en)
        return jsonify({"token": token, "lines": lines, "verdict": verdict, "changed": bool(found.changes)}), 200

    @server.post("/import/plan/<token>")
    def keep_plan_file(token: str) -> tuple[Response, int]:
        words = reader_words()
        body = request.get_json(silent=True)
        reason = body.get("reason") if isinstance(body, dict) else None
        try:
            version = reader.keep(token, reader_author(), reason if isinstance(reason, str) else "")
        except PlanningError as error:
            return jsonify({"sentence": words.pick(error.zh, error.en)}), 409
        return jsonify({"address": version_address(version)}), 200
