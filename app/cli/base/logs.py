"""Where the program keeps what it does: lines on stderr, and a file that is turned over when it is full.

For people, or as JSON without personal data (`app.logs.lines`) where the setting says so, or others reach the server.
"""

from __future__ import annotations

import logging
import logging.handlers
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from app.i18n import say
from app.logs.lines import REQUESTS, make_formatter
from geo.errors import NotWrittenError

FORM = "PIANQU_LOG_FORMAT"


@contextmanager
def keep_log(environment: Mapping[str, str]) -> Iterator[None]:
    """Warnings go to stderr, and from INFO on to the file that is set, meanwhile.

    Parameters
    ----------
    environment
        With ``PIANQU_LOG`` (level on stderr), ``PIANQU_LOG_FORMAT``, ``PIANQU_LOG_FILE``, ``PIANQU_LOG_MAX_MB`` and
        ``PIANQU_LOG_KEPT``, checked already.

    Raises
    ------
    NotWrittenError
        If the file cannot be written.
    """
    level = environment.get("PIANQU_LOG", "").strip() or "WARNING"
    logging.basicConfig(level=level, stream=sys.stderr)
    root = logging.getLogger()
    before = root.level
    file = environment.get("PIANQU_LOG_FILE", "").strip()
    handler = open_log(Path(file), environment) if file else None
    if handler is not None:
        for other in root.handlers:  # stderr stays as quiet as it was
            other.setLevel(level)
        root.setLevel(min(root.level, logging.INFO))
        root.addHandler(handler)
    if environment.get(FORM, "").strip() == "json":
        write_as("json")
    try:
        yield
    finally:
        if handler is not None:
            root.removeHandler(handler)
            root.setLevel(before)
            handler.close()


def begin_serving(asked: str | None, *, is_shared: bool) -> None:
    """From now on what a server does is told, from INFO on.

    Parameters
    ----------
    asked
        "json" or "text"; None = JSON where others reach the server, else for people.
    is_shared
        Whether others reach it.
    """
    logging.getLogger().setLevel(logging.INFO)
    form = asked or ("json" if is_shared else "text")
    write_as(form)
    if form == "text":
        logging.getLogger(REQUESTS).setLevel(logging.WARNING)  # a terminal is not filled with each request


def write_as(form: str) -> None:
    """Whoever writes the log writes it in this form from now on.

    Parameters
    ----------
    form
        "json" or "text".
    """
    for handler in logging.getLogger().handlers:
        handler.setFormatter(make_formatter(form))


def open_log(path: Path, environment: Mapping[str, str]) -> logging.Handler:
    """A log file: at most so many megabytes, and so many older ones beside it, ".1" the newest.

    Parameters
    ----------
    path
        The file; its folder is made.
    environment
        With the settings of the log.

    Raises
    ------
    NotWrittenError
        If it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(
            path,
            maxBytes=int(environment.get("PIANQU_LOG_MAX_MB") or 5) * 1_000_000,
            backupCount=int(environment.get("PIANQU_LOG_KEPT") or 4),
            encoding="utf-8",
        )
    except OSError as error:
        raise NotWrittenError(*say("settings.no_log", path=path, error=error.strerror or error)) from error
    handler.setFormatter(make_formatter("text"))
    handler.setLevel(logging.INFO)
    handler.rotator = _turn_over
    return handler


def _turn_over(source: str, target: str) -> None:
    """Give the full file its new name; while another process has it open, Windows refuses, and it grows on."""
    with suppress(OSError):
        os.replace(source, target)
