"""Lines of the log as JSON, without personal data: of what happens only what is named here is written.

A line says what happened by the fixed text in the code, never with the values put into it: those may be names, places,
files or words somebody looked for. Of an error it has the type and the lines of code, not its sentence.
"""

from __future__ import annotations

import datetime
import logging
import traceback
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from itertools import islice
from pathlib import PurePath
from types import MappingProxyType
from typing import Any

from pythonjsonlogger.json import JsonFormatter

FIELDS: Mapping[str, type] = MappingProxyType(
    {
        "request_id": str,
        "method": str,
        "route": str,
        "callback": str,
        "status": int,
        "ms": float,
        "role": str,
        "job_id": str,
        "job_kind": str,
        "job_end": str,
        "reason": str,
    }
)
"""What a line may say besides, handed over as `extra`: routes are rules ("/story"), never what was asked."""
REQUESTS = "app.requests"
"""The logger that has a line for each request."""
OWN = ("app", "geo", "analysis", "pianqu")
_TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_MOST_ERRORS = 5
_PARTS = 3
"""How much of the path of a file of code is told: not where it is installed, which may name somebody."""

request_fields: ContextVar[Mapping[str, Any]] = ContextVar("request_fields", default=MappingProxyType({}))
"""`FIELDS` of the request that is being answered, said in each line that is written meanwhile."""


class JsonLines(JsonFormatter):
    """A line for each record: time, level, event, where in the code, and those of `FIELDS` that are known."""

    def __init__(self) -> None:
        super().__init__(json_ensure_ascii=False)

    def format(self, record: logging.LogRecord) -> str:
        """The line.

        Parameters
        ----------
        record
            Its values are left out; so is all text of other libraries, which put values into it themselves.
        """
        line: dict[str, Any] = {
            "time": datetime.datetime.fromtimestamp(record.created, datetime.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "event": str(record.msg) if record.name.partition(".")[0] in OWN else "library",
            "logger": record.name,
            "line": f"{record.filename}:{record.lineno}",
            **find_fields({**request_fields.get(), **record.__dict__}),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line |= describe_error(record.exc_info[1])
        return str(self.serialize_log_record(line))


class TextLines(logging.Formatter):
    """A line for people, in full; a record's `FIELDS` follow its text."""

    def __init__(self) -> None:
        super().__init__(_TEXT)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """The line without the trace.

        Parameters
        ----------
        record
            With its text.
        """
        return " ".join([super().formatMessage(record), *(f"{k}={v}" for k, v in find_fields(record.__dict__).items())])


def find_fields(known: Mapping[str, Any]) -> dict[str, Any]:
    """What of something may be said: `FIELDS` of the right type that are not empty.

    Parameters
    ----------
    known
        Values by name.

    Examples
    --------
    >>> find_fields({"route": "/story", "status": 200, "name": "王敏", "role": ""})
    {'route': '/story', 'status': 200}
    """
    return {
        name: known[name] for name, kind in FIELDS.items() if isinstance(known.get(name), kind) and known[name] != ""
    }


def describe_error(error: BaseException) -> dict[str, Any]:
    """Type and trace of an error and of those it came from, without their sentences.

    Parameters
    ----------
    error
        As it was caught.

    Examples
    --------
    >>> describe_error(ValueError("王敏"))
    {'exception': 'ValueError', 'trace': ['ValueError']}
    """
    trace: list[str] = []
    for one in islice(_chain(error), _MOST_ERRORS):
        frames = traceback.extract_tb(one.__traceback__)
        trace += [_name(one), *(f"  {_shorten(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames)]
    return {"exception": _name(error), "trace": trace}


def make_formatter(form: str) -> logging.Formatter:
    """What makes lines: for people, or JSON.

    Parameters
    ----------
    form
        "text" or "json".
    """
    return JsonLines() if form == "json" else TextLines()


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _shorten(path: str) -> str:
    return "/".join(PurePath(path).parts[-_PARTS:])


def _name(error: BaseException) -> str:
    kind = type(error)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
