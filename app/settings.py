"""Settings of the server, with their defaults."""

from __future__ import annotations

import os
import select
from pathlib import Path
from typing import Any

from app.jobs.limits import JobLimits
from geo.sandbox.processes import UPLOAD_LIMITS, ReadLimits

ASSETS = Path(__file__).with_name("assets")
VENDOR = ASSETS / "vendor"
HOST = "127.0.0.1"
PORT = 8050
THREADS = 8
CONNECTIONS = 800
"""Connections open at once: browsers keep six each, and clients that never end a request must not take all."""
SEND_BYTES = 18_000
"""Shorter answers are left to the thread that watches the connections, which sends them in one piece.

Where the thread that made an answer sends it, it holds the connection until the interpreter is its own again; the
watching thread finds the connection held and turns round and round meanwhile, which keeps the interpreter from it.
"""
LOOPBACK = ("127.0.0.1", "localhost", "::1")
SIGNED_IN_H = 12
"""How long somebody stays signed in, hours."""
SIGN_IN_KB = 16
"""Most kilobytes of a request of somebody who is not signed in."""
FORM_KB = 24_000
"""Most kilobytes of a request that is no upload: an edit of a whole city."""
YEAR_S = 365 * 24 * 3600
"""How long a file named by its content may be kept by the browser, seconds."""
UPLOAD_MB = 100
"""Most megabytes of one uploaded file."""
UPLOAD_FILES = 80
"""Most files of one import through the page."""
UPLOADS_AT_ONCE = 8
"""Imports being prepared at the same time; the one left alone longest gives way."""
UPLOAD_KEPT_S = 2 * 3600
"""How long uploaded files are kept when nobody touches them, seconds."""


def upload_limits() -> ReadLimits:
    """What reading one uploaded file may cost: as the environment says (``PIANQU_READ_…``)."""
    return ReadLimits.from_settings(os.environ, UPLOAD_LIMITS)


def job_limits() -> JobLimits:
    """What the jobs of the server may take: as the environment says (``PIANQU_JOB_…``)."""
    return JobLimits.from_settings(os.environ)


def connection_options() -> dict[str, Any]:
    """How many connections the web server keeps open, and who sends; the select of Windows takes no more than 512."""
    has_poll = hasattr(select, "poll")
    most = CONNECTIONS if has_poll else 400
    return {"connection_limit": most, "asyncore_use_poll": has_poll, "send_bytes": SEND_BYTES}


def proxy_options() -> dict[str, Any]:
    """What the web server believes of a proxy before it: only the one the environment names (``PIANQU_PROXY``)."""
    return {
        "trusted_proxy": os.environ.get("PIANQU_PROXY", HOST),
        "trusted_proxy_count": 1,
        "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"},
        "clear_untrusted_proxy_headers": True,
    }


def sheet_signers() -> dict[str, str]:
    """Who signs sheets, as the environment says: agency, maker, checker, and the number of the map's approval.

    ``PIANQU_AGENCY``, ``PIANQU_MAKER``, ``PIANQU_CHECKER``, ``PIANQU_APPROVAL``; what is not said stays empty,
    to be written by hand.
    """
    return {name: os.environ.get(f"PIANQU_{name.upper()}", "") for name in ("agency", "maker", "checker", "approval")}


def plate_paper() -> str:
    """The sheet of exported plates, as the environment says (``PIANQU_PAPER``): "A3", "A4" or "16:9"."""
    asked = os.environ.get("PIANQU_PAPER", "A3")
    return asked if asked in ("A3", "A4", "16:9") else "A3"
