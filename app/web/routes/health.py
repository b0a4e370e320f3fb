"""Addresses for whoever runs the server: is it well, and how much does it do."""

from __future__ import annotations

from importlib import metadata

from flask import Flask, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest

from app.session.measuring import RequestMeter
from app.session.plan_session import PlanSession
from geo.errors import PlanningError


def add_health_routes(server: Flask, session: PlanSession, meter: RequestMeter) -> None:
    """Add `/healthz`, which tells nothing of data or people, and `/metrics`, for whoever may read.

    Parameters
    ----------
    server
        The server.
    session
        The dataset and the plans.
    meter
        Has counted the requests.
    """
    written = Gauge("pianqu_audit_rows", "Rows of the audit.", registry=meter.registry)

    version = metadata.version("pianqu")

    @server.get("/healthz")
    def healthz() -> tuple[Response, int]:
        try:
            session.whole_store.revision()
            is_well = True
        except PlanningError:
            is_well = False
        told = {"ok": is_well, "dataset": session.data is not None, "version": version}
        answer = jsonify(told)
        answer.headers["Cache-Control"] = "no-store"
        return answer, 200 if is_well else 503

    @server.get("/metrics")
    def metrics() -> Response:
        written.set(session.whole_store.count_audit_rows())
        return Response(generate_latest(meter.registry), content_type=CONTENT_TYPE_LATEST)
