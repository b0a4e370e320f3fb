"""The page of whoever runs the server: how it is."""

from __future__ import annotations

from flask import Flask, Response, g, make_response, render_template, request

from app.desks.accounts.codes import describe_account
from app.desks.exports.jobs import ExportJobs
from app.desks.operation.status import describe_status
from app.desks.plans.run_manager import PlanRunManager
from app.exports.plan_table import city_name
from app.i18n import HTML_LANG
from app.session.measuring import RequestMeter
from app.session.plan_session import PlanSession
from app.session.reader import reader_access, reader_words


def add_status_routes(
    server: Flask, session: PlanSession, runs: PlanRunManager, exports: ExportJobs, meter: RequestMeter
) -> None:
    """Add the address; the guard has found out who asks.

    Parameters
    ----------
    server
        The server.
    session
        The dataset and the plans.
    runs, exports
        The jobs of the server.
    meter
        Has counted the requests.
    """

    @server.get("/status")
    def status() -> Response:
        g.is_plain_page = True
        words = reader_words()
        found = describe_status(session, runs, exports, meter, words)
        dataset = None if session.data is None else session.data.bench.dataset
        body = render_template(
            "status.html",
            lang=HTML_LANG[words.language],
            other=(words.pick("en", "zh"), words.pick("en", "zh-CN")),
            root=request.script_root,
            words=words,
            city="" if dataset is None else city_name(dataset.manifest),
            demo=words("page.demo") if dataset is not None and dataset.manifest.demo else "",
            account=describe_account(dataset, reader_access(), words),
            back="status",
            status=found,
        )
        answer = make_response(body)
        answer.headers["Cache-Control"] = "no-store"
        return answer
