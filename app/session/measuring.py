"""Each request is measured once: a line of the log, and the counts of whoever runs the server."""

from __future__ import annotations

import logging
import secrets
import time
from collections import deque
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram

from app.logs.lines import REQUESTS, request_fields
from app.session.reader import reader_access

logger = logging.getLogger(REQUESTS)

_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_EACH_S, _MOST = 60.0, 60
"""How often counts are noted, and how many of these notes are kept: an hour."""


@dataclass(frozen=True)
class Traffic:
    """Requests of a while.

    Parameters
    ----------
    seconds
        How long a while.
    requests
        Answers in it.
    refused, errors
        Of them with a status 400 to 499, and from 500 on.
    p95_ms
        Within so many milliseconds 95 % were answered, by the next bucket of the histogram; None without requests, or
        where that is beyond the last.
    """

    seconds: float
    requests: int
    refused: int
    errors: int
    p95_ms: float | None


@dataclass(frozen=True)
class _Note:
    at: float
    statuses: tuple[int, int, int]
    buckets: tuple[int, ...]


class RequestMeter:
    """Counts and notes the requests of one server; `registry` has the counts for Prometheus."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.begun = time.monotonic()
        named = ("endpoint", "status")
        self._answered = Counter("pianqu_requests", "Answers by address and status.", named, registry=self.registry)
        self._took = Histogram(
            "pianqu_request_seconds", "Seconds to an answer.", buckets=_BUCKETS, registry=self.registry
        )
        self._notes: deque[_Note] = deque([_Note(self.begun, (0, 0, 0), (0,) * (len(_BUCKETS) + 1))], maxlen=_MOST)

    def measure(self, server: Flask) -> None:
        """Measure whatever a server is asked, before and after anything else looks at it.

        Parameters
        ----------
        server
            The server.
        """

        def begin() -> None:
            g.begun, g.request_id = time.perf_counter(), secrets.token_hex(8)
            request_fields.set({"request_id": g.request_id, "route": _route()})

        server.before_request_funcs.setdefault(None, []).insert(0, begin)
        server.after_request(self._note_answer)
        server.teardown_request(_forget)
        server.log_exception = _log_exception  # type: ignore[method-assign]  # its own sentence names the address

    def traffic(self) -> Traffic:
        """The requests of the last hour, or since the start."""
        now, then = self._read(), self._notes[0]
        ok, refused, errors = (a - b for a, b in zip(now.statuses, then.statuses, strict=True))
        counts = [a - b for a, b in zip(now.buckets, then.buckets, strict=True)]
        return Traffic(now.at - then.at, ok + refused + errors, refused, errors, _quantile_ms(counts))

    def _note_answer(self, answer: Response) -> Response:
        self._answered.labels(request.endpoint or "none", str(answer.status_code)).inc()
        seconds = time.perf_counter() - g.begun if "begun" in g else 0.0
        self._took.observe(seconds)
        if time.monotonic() - self._notes[-1].at >= _EACH_S:
            self._notes.append(self._read())
        answer.headers["X-Request-Id"] = g.get("request_id", "")
        logger.log(
            logging.ERROR if answer.status_code >= 500 else logging.INFO,
            "request",
            extra={
                "request_id": g.get("request_id", ""),
                "method": request.method,
                "route": _route(),
                "callback": g.get("callback", ""),
                "status": answer.status_code,
                "ms": round(1000 * seconds, 1),
                "role": reader_access().role if "access" in g else "",
            },
        )
        return answer

    def _read(self) -> _Note:
        """The counts of now, as the registry has them."""
        statuses, buckets = [0, 0, 0], []
        for metric in self.registry.collect():
            for sample in metric.samples:
                if sample.name == "pianqu_requests_total":
                    statuses[max(0, min(5, int(sample.labels["status"]) // 100) - 3)] += int(sample.value)
                elif sample.name == "pianqu_request_seconds_bucket":
                    buckets.append(int(sample.value))
        return _Note(time.monotonic(), (statuses[0], statuses[1], statuses[2]), tuple(buckets))


def _route() -> str:
    """The rule of the address; what was asked is filled into it, and may name people and places."""
    return request.url_rule.rule if request.url_rule is not None else "none"


def _quantile_ms(cumulative: list[int]) -> float | None:
    """The bound of the bucket in which 95 % are."""
    total = cumulative[-1]
    bounds = (bound for bound, count in zip(_BUCKETS, cumulative, strict=False) if count >= 0.95 * total)
    return None if not total else next((1000 * bound for bound in bounds), None)


def _forget(_: BaseException | None) -> None:
    request_fields.set({})


def _log_exception(exc_info: Any) -> None:
    logger.error("request failed", exc_info=exc_info)
