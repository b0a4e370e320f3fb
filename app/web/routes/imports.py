"""Addresses of the import wizard: files come in one a request, reports go out."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

from flask import Flask, Response, abort, jsonify, request, send_file
from werkzeug.exceptions import RequestEntityTooLarge

from app.desks.imports.reports import write_rejected, write_report
from app.desks.imports.session import ImportSession
from app.desks.imports.uploads import too_large_error
from app.exports.blank_form import make_blank_form
from app.i18n import load_words
from app.session.reader import reader_words
from app.workbench.policies import TEMPLATE_NAMES, TEMPLATE_POLICY
from geo.errors import PlanningError
from geo.importing import ImportReport

_TYPES = {".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".json": "application/json"}
NAME_HEADER = "X-File-Name"
"""Holds the file's name, percent-encoded UTF-8; it is never used as a path."""


def add_import_routes(server: Flask, imports: ImportSession) -> None:
    """Add the addresses; the guard of `app.web.security` stands before them.

    Parameters
    ----------
    server
        The server.
    imports
        The reader's files.
    """

    @server.post("/import/files/<token>")
    def receive_file(token: str) -> tuple[Response, int]:
        name = unquote(request.headers.get(NAME_HEADER, ""))
        try:
            imports.add(token, name, request.stream)
        except RequestEntityTooLarge:
            return _refused(too_large_error(name[:80])), 413
        except PlanningError as error:
            return _refused(error), 422
        return jsonify({"name": name}), 200

    @server.get("/import/findings/<token>.<ending>")
    def findings(token: str, ending: str) -> Response:
        if f".{ending}" not in _TYPES:
            abort(404)
        report = _report_of(imports, token)
        words = reader_words()
        return _sent(
            lambda folder: _report_file(folder / f"report.{ending}", report),
            f"{words('wizard.findings_file')}.{ending}",
        )

    @server.get("/import/blank.xlsx")
    def blank_form() -> Response:
        words = load_words("zh")  # the importer reads Chinese heads and choices
        return _sent(lambda folder: _written(folder / "form.xlsx", make_blank_form(words)), words("wizard.form_file"))

    @server.get("/import/<name>.toml")
    def rules_template(name: str) -> Response:
        path = {path.stem: path for path in (TEMPLATE_POLICY, TEMPLATE_NAMES)}.get(name)
        if path is None:
            abort(404)
        return send_attachment(path, f"{reader_words()(f'wizard.{name}_file')}.toml")

    @server.get("/import/rejected/<token>")
    def rejected(token: str) -> Response:
        report = _report_of(imports, token)
        name = f"{reader_words()('wizard.rejected_file')}.xlsx"
        return _sent(lambda folder: write_rejected(folder, report), name)


def _refused(error: PlanningError) -> Response:
    return jsonify({"sentence": reader_words().pick(error.zh, error.en)})


def _report_of(imports: ImportSession, token: str) -> ImportReport:
    report = imports.view(token).report
    if report is None:
        abort(404)
    return report


def _report_file(path: Path, report: ImportReport) -> Path:
    write_report(path, report)
    return path


def _written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def _sent(write: Callable[[Path], Path | None], name: str) -> Response:
    """A file written into a temporary folder, sent under a name, then gone."""
    with tempfile.TemporaryDirectory(prefix="pianqu-") as folder:
        path = write(Path(folder))
        if path is None:
            abort(404)
        return send_attachment(path, name)


def send_attachment(path: Path, name: str) -> Response:
    """A file as a download under a name that may be Chinese (RFC 5987), kept by nobody.

    Parameters
    ----------
    path
        The file.
    name
        Under which it is saved.
    """
    import io

    answer = send_file(
        io.BytesIO(path.read_bytes()),
        mimetype=_TYPES.get(path.suffix, "application/octet-stream"),
        as_attachment=True,
        download_name=name,
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer
