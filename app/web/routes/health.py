"""Addresses for whoever runs the server: is it well, and how much does it do."""

from __future__ import annotations

import time
from importlib import metadata

from flask import Flask, Response, g, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from app.session.plan_session import PlanSession
from geo.errors import PlanningError

_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


def add_health_routes(server: Flask, session: PlanSession) -> None:
    """Add `/healthz`, which tells nothing of data or people, and `/metrics`, for whoever may read.

    Parameters
    ----------
    server
        The server.
    session
        The dataset and the plans.
    """
    registry = CollectorRegistry()
    answered = Counter("pianqu_requests", "Answers by address and status.", ("endpoint", "status"), registry=registry)
    took = Histogram("pianqu_request_seconds", "Seconds to an answer.", buckets=_BUCKETS, registry=registry)
    written = Gauge("pianqu_audit_rows", "Rows of the audit.", registry=registry)

    def begin() -> None:
        g.begun = time.perf_counter()

    @server.after_request
    def count(answer: Response) -> Response:
        answered.labels(request.endpoint or "none", str(answer.status_code)).inc()
        if "begun" in g:
            took.observe(time.perf_counter() - g.begun)
        return answer

    server.before_request_funcs.setdefault(None, []).insert(0, begin)

    @server.get("/healthz")
    def healthz() -> tuple[Response, int]:
        try:
            session.whole_store.revision()
            is_well = True
        except PlanningError:
            is_well = False
        told = {"ok": is_well, "dataset": session.data is not None, "version": metadata.version("pianqu")}
        answer = jsonify(told)
        answer.headers["Cache-Control"] = "no-store"
        return answer, 200 if is_well else 503

    @server.get("/metrics")
    def metrics() -> Response:
        written.set(session.whole_store.revision())
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
