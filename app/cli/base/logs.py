"""Where the program keeps what it does: lines on stderr, and a file that is turned over when it is full."""

from __future__ import annotations

import logging
import logging.handlers
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from app.i18n import say
from geo.errors import NotWrittenError

FORM = "%(asctime)s %(levelname)s %(name)s: %(message)s"


@contextmanager
def keep_log(environment: Mapping[str, str]) -> Iterator[None]:
    """Warnings go to stderr, and from INFO on to the file that is set, meanwhile.

    Parameters
    ----------
    environment
        With ``PIANQU_LOG`` (level on stderr), ``PIANQU_LOG_FILE``, ``PIANQU_LOG_MAX_MB`` and ``PIANQU_LOG_KEPT``,
        checked already.

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
    try:
        yield
    finally:
        if handler is not None:
            root.removeHandler(handler)
            root.setLevel(before)
            handler.close()


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
    handler.setFormatter(logging.Formatter(FORM))
    handler.setLevel(logging.INFO)
    handler.rotator = _turn_over
    return handler


def _turn_over(source: str, target: str) -> None:
    """Give the full file its new name; while another process has it open, Windows refuses, and it grows on."""
    with suppress(OSError):
        os.replace(source, target)
