"""Addresses of an office: plans are put forward, commented on, approved; the audit; a company's own areas."""

from __future__ import annotations

import io
from typing import Any

from flask import Flask, Response, abort, g, make_response, redirect, render_template, request, send_file

from app.desks.accounts.codes import describe_account
from app.desks.approvals.audit_book import make_audit_book
from app.desks.approvals.company import list_company_plans
from app.desks.approvals.view import list_subjects, make_approval_view, read_subject
from app.exports.plan_table import city_name
from app.i18n import HTML_LANG, Words
from app.indicators.figures import make_print_text
from app.session.address import find_version, version_address
from app.session.plan_session import PlanSession
from app.session.reader import reader_access, reader_words
from app.store.access import STAGES
from app.store.approvals import Approvals
from app.store.errors import ConflictError, NotInStoreError
from app.store.records import MOST_NOTE, Version
from geo.errors import PlanningError

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MOST_ROWS = 100_000


def add_approval_routes(server: Flask, session: PlanSession) -> None:
    """Add the addresses; the guard has found out who asks.

    Parameters
    ----------
    server
        The server, of an office with accounts.
    session
        The dataset and the plans.
    """

    @server.get("/approval")
    def approval() -> Response:
        return _approval_page(session, _asked(session))

    @server.post("/approval/<plan_id>/move")
    def move_plan(plan_id: str) -> Response:
        to, stage, number = (request.form.get(name, "") for name in ("to", "stage", "number"))
        if to not in STAGES or stage not in STAGES or not number.isdecimal():
            abort(400)
        note = request.form.get("note", "")
        return _do(session, plan_id, lambda: _approvals(session).move(plan_id, (int(number), stage), to, note))

    @server.post("/approval/<plan_id>/comments")
    def add_comment(plan_id: str) -> Response:
        def keep() -> None:
            version = _newest(session, plan_id)
            subjects = list_subjects(session, version, reader_words())
            about = read_subject(subjects, request.form.get("about", ""))
            _approvals(session).comment(version.id, *about, request.form.get("text", ""))

        return _do(session, plan_id, keep)

    @server.post("/approval/<plan_id>/comments/<comment_id>")
    def answer_comment(plan_id: str, comment_id: str) -> Response:
        text = request.form.get("text", "")
        return _do(session, plan_id, lambda: _approvals(session).answer(plan_id, comment_id, text))

    @server.get("/approval/<plan_id>/audit.xlsx")
    def approval_audit(plan_id: str) -> Response:
        words, version = reader_words(), _newest(session, plan_id)
        view = make_approval_view(session, version, words)
        rows = _approvals(session).history(plan_id)
        return _send_book(
            session, make_audit_book(rows, view.comments, version.plan_name, _print(session), words), words
        )

    @server.get("/audit.xlsx")
    def whole_audit() -> Response:
        words = reader_words()
        rows = session.store.audit_rows(limit=_MOST_ROWS)
        return _send_book(session, make_audit_book(rows, (), words("audit.everything"), _print(session), words), words)

    @server.get("/company")
    def company() -> Response:
        words = reader_words()
        plans = list_company_plans(session, reader_access().company, words)
        return _page(session, "company.html", words, plans=plans)


def _approvals(session: PlanSession) -> Approvals:
    return Approvals(session.store)


def _newest(session: PlanSession, plan_id: str) -> Version:
    versions = session.store.versions(plan_id)
    if not versions:
        abort(404)
    return versions[0]


def _asked(session: PlanSession) -> Version | None:
    """The newest version of the plan the address names, else of the current one the reader sees."""
    try:
        version = find_version(session.store, request.args)
    except NotInStoreError:
        abort(404)
    plan = session.store.current_plan() if version is None else version.plan_id
    return None if plan is None else _newest(session, plan)


def _do(session: PlanSession, plan_id: str, work: Any) -> Response:
    """Do something with a plan and show it again; what was refused is said on its page, nothing is lost."""
    words = reader_words()
    try:
        work()
    except NotInStoreError:
        abort(404)
    except PlanningError as error:
        fault = words.pick(error.zh, error.en)
        answer = _approval_page(session, _newest(session, plan_id), fault)
        answer.status_code = 409 if isinstance(error, ConflictError) else 422
        return answer
    return redirect(f"{request.script_root}/approval?plan={plan_id}", code=303)  # type: ignore[return-value]


def _approval_page(session: PlanSession, version: Version | None, fault: str = "") -> Response:
    words = reader_words()
    view = None if version is None else make_approval_view(session, version, words)
    about = request.form.get("about", "")
    if view is not None and not about:
        asked = next(((kind, request.args[kind]) for kind in ("unit", "area") if kind in request.args), None)
        about = next((label for label, subject in view.subjects.items() if subject == asked), "")
    kept = {"about": about, "text": request.form.get("text", ""), "note": request.form.get("note", "")}
    shown = f"{request.script_root}/{version_address(version, '')}"
    return _page(session, "approval.html", words, view=view, fault=fault, kept=kept, shown=shown, most=MOST_NOTE)


def _page(session: PlanSession, template: str, words: Words, **more: Any) -> Response:
    g.is_plain_page = True
    dataset = None if session.data is None else session.data.bench.dataset
    body = render_template(
        template,
        lang=HTML_LANG[words.language],
        other=(words.pick("en", "zh"), words.pick("en", "zh-CN")),
        root=request.script_root,
        words=words,
        city="" if dataset is None else city_name(dataset.manifest),
        demo=words("page.demo") if dataset is not None and dataset.manifest.demo else "",
        account=describe_account(dataset, reader_access(), words),
        **more,
    )
    answer = make_response(body)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _print(session: PlanSession) -> Any:
    if session.data is None:
        abort(404)
    return make_print_text(session.data.bench.dataset, reader_words())


def _send_book(session: PlanSession, book: bytes, words: Words) -> Response:
    name = f"{words('audit.file')}.xlsx"
    answer = send_file(io.BytesIO(book), mimetype=_XLSX, as_attachment=True, download_name=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer
