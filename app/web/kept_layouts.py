"""The page, answers of its callbacks and scripts of Dash as the browser gets them, kept while none can have changed."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Hashable
from typing import Any
from weakref import WeakKeyDictionary

from flask import Flask, Response, g, request

from app.session.page import PageData
from app.session.plan_session import PlanSession
from app.session.reader import reader_access, reader_author, reader_words
from app.web.layout import ids
from geo.errors import PlanningError

MOST_READERS = 64
"""Layouts kept of one page: readers differ in language and name."""

MOST_ANSWERS = 4_096
"""Answers kept of one page, a kilobyte or so each."""

_KEPT_OUTPUTS = (f"{ids.AREA_GRID}.rowData", f"{ids.EXPLANATION}.children", f"{ids.PLAN_MENU}.children")
"""One output of each callback that follows from the page, the store, the reader and what was asked alone."""

MOST_SUITES = 64
"""Compressed scripts kept; a page has some ten, each packed in as many ways as there are kinds of browsers."""


class KeptSuites(dict[str, bytes]):
    """The large scripts of Dash and its suites, compressed once; their addresses change with them."""

    def set(self, key: str, packed: bytes) -> None:
        """Keep an answer of an address, if it is such a script.

        Parameters
        ----------
        key
            Way of packing and address.
        packed
            The answer.
        """
        if "/_dash-component-suites/" in key and len(self) < MOST_SUITES:
            self[key] = packed


class KeptLayouts:
    """Layouts by the page they show and by whatever else their text depends on; gone with the page."""

    def __init__(self) -> None:
        self._kept: WeakKeyDictionary[PageData, dict[Hashable, bytes]] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def pack(self, data: PageData | None, told: Hashable, make: Callable[[], str]) -> bytes:
        """A layout as compressed JSON.

        Parameters
        ----------
        data
            The page; without one nothing is kept.
        told
            The rest it is made from: language, reader, state of the store, notice.
        make
            Makes it.
        """
        if data is None:
            return gzip.compress(make().encode("utf-8"), 6, mtime=0)
        with self._lock:
            layouts = self._kept.setdefault(data, {})
            if told not in layouts:
                while len(layouts) >= MOST_READERS:
                    del layouts[next(iter(layouts))]
                layouts[told] = gzip.compress(make().encode("utf-8"), 6, mtime=0)
            return layouts[told]


class KeptAnswers:
    """Answers of such callbacks by what they were asked; gone with the page they are about."""

    def __init__(self) -> None:
        self._kept: WeakKeyDictionary[PageData, dict[Hashable, bytes]] = WeakKeyDictionary()

    def find(self, data: PageData, asked: Hashable) -> bytes | None:
        """An answer given before, gzip; None where there was none.

        Parameters
        ----------
        data
            The page.
        asked
            The question, the reader, the state of the store.
        """
        return self._kept.get(data, {}).get(asked)

    def keep(self, data: PageData, asked: Hashable, body: bytes) -> bytes:
        """Keep an answer, the oldest ones gone when there are too many; the same as gzip.

        Parameters
        ----------
        data, asked
            As in :meth:`find`.
        body
            The answer.
        """
        answers = self._kept.setdefault(data, {})
        while len(answers) >= MOST_ANSWERS:
            answers.pop(next(iter(answers)), None)
        answers[asked] = gzip.compress(body, 6, mtime=0)
        return answers[asked]


def keep_answers(server: Flask, session: PlanSession) -> None:
    """Answer what was asked before from what is kept; to be called after whatever else looks at answers.

    Parameters
    ----------
    server
        Of the app.
    session
        What the page shows.
    """
    kept = KeptAnswers()

    @server.before_request
    def find() -> Response | None:
        told = _read_question(session) if request.path.endswith("/_dash-update-component") else None
        if told is None:
            return None
        found = kept.find(*told)
        if found is None:
            g.asked = told
            return None
        return _pack(Response(mimetype="application/json"), found)

    @server.after_request
    def keep(answer: Response) -> Response:
        told = g.pop("asked", None)
        if told is None or answer.status_code != 200 or b'"sideUpdate"' in (body := answer.get_data()):
            return answer  # an error is told by the side
        data, asked = told
        return _pack(answer, kept.keep(data, asked, body))


def _read_question(session: PlanSession) -> tuple[PageData, Hashable] | None:
    """The page a callback is asked about, and all its answer follows from; None for other callbacks."""
    asked = request.get_json(silent=True)
    if not isinstance(asked, dict) or not any(name in str(asked.get("output")) for name in _KEPT_OUTPUTS):
        return None
    try:
        changed = asked["changedPropIds"]
        values = [_without_counter(one.get("value")) for one in asked["inputs"] if _name(one) in changed]
        states = {_name(one): one.get("value") for one in asked["state"]}
        data = session.page(states[f"{ids.VERSION}.data"])
        question = json.dumps([asked["output"], changed, values, states], sort_keys=True)
    except (PlanningError, KeyError, TypeError, AttributeError):  # the callback says what is wrong
        return None
    return data, (question, reader_words().language, reader_author(), reader_access(), session.whole_store.revision())


def _name(part: dict[str, Any]) -> str:
    return f"{part['id']}.{part['property']}"


def _without_counter(value: Any) -> Any:
    """What was clicked, without how often there were clicks."""
    return {key: part for key, part in value.items() if key != "n"} if isinstance(value, dict) else value


def _pack(answer: Response, packed: bytes) -> Response:
    """The answer with its compressed body, unpacked for a client that cannot."""
    if "gzip" in request.accept_encodings:
        answer.set_data(packed)
        answer.headers["Content-Encoding"] = "gzip"
    else:
        answer.set_data(gzip.decompress(packed))
    answer.headers["Vary"] = "Accept-Encoding"
    return answer
