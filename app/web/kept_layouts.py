"""The page, answers of its callbacks and scripts of Dash as the browser gets them, kept while none can have changed."""

from __future__ import annotations

import gzip
import json
import secrets
import threading
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from flask import Flask, Response, g, request

from app.session.page import PageData
from app.session.plan_session import PlanSession
from app.session.reader import reader_access, reader_author, reader_words
from app.web.layout import ids
from geo.errors import PlanningError

MOST_READERS, MOST_FRAMES = 64, 16
"""Layouts kept of one page: readers differ in language and name; and what those of a role and place have in common."""

_MARK = secrets.token_hex(16)  # nobody can write it into a text of the page
HEADER, PLAN_FORM = f"header-{_MARK}", f"plan-form-{_MARK}"
"""What stands in a frame for the parts of the reader."""
READER = f"reader-{_MARK}"
"""What stands in these parts for the name of the reader."""

MOST_ANSWERS = 4_096
"""Answers kept of one page, a kilobyte or so each."""

_OF_PAGE = (f"{ids.AREA_GRID}.rowData", f"{ids.EXPLANATION}.children", f"{ids.LEGEND}.children")
"""One output of each callback that follows from the page, the language, the role and what was asked alone."""
_OF_STORE = (f"{ids.PLAN_MENU}.children",)
"""The same, of callbacks that follow from the store and the reader besides."""
_BY_CHANGED = (f"{ids.EXPLANATION}.children",)
"""Those that look at what was changed alone, not at all that was clicked before."""

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


@dataclass(frozen=True)
class LayoutMaker:
    """How a layout is put together.

    Parameters
    ----------
    shared
        What the frame is made from: language, role, notice.
    own
        What the parts of the reader are made from besides: their place, the state of the store.
    reader
        Name of the reader; may be empty.
    make_frame
        Makes the page as JSON, with `HEADER` and `PLAN_FORM` in place of these parts.
    make_parts
        Makes these parts as JSON, by what stands for them, with `READER` in place of the name.
    """

    shared: Hashable
    own: Hashable
    reader: str
    make_frame: Callable[[], str]
    make_parts: Callable[[], Mapping[str, str]]


class KeptLayouts:
    """Layouts by the page they show and by whatever else their text depends on; gone with the page."""

    def __init__(self) -> None:
        self._kept: WeakKeyDictionary[PageData, dict[Hashable, bytes]] = WeakKeyDictionary()
        self._frames: WeakKeyDictionary[PageData, dict[Hashable, str]] = WeakKeyDictionary()
        self._parts: WeakKeyDictionary[PageData, dict[Hashable, Mapping[str, str]]] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def pack(self, data: PageData | None, maker: LayoutMaker) -> bytes:
        """A layout as compressed JSON.

        Parameters
        ----------
        data
            The page; without one nothing is kept.
        maker
            Makes it.
        """
        if data is None:
            return _compress(_fill(maker.make_frame(), maker.make_parts(), maker.reader))
        own = (maker.shared, maker.own)
        told = (own, maker.reader)
        with self._lock:
            frames, layouts = self._frames.setdefault(data, {}), self._kept.setdefault(data, {})
            if told in layouts:
                return layouts[told]
            if maker.shared not in frames:
                _make_room(frames, MOST_FRAMES)
                frames[maker.shared] = maker.make_frame()
            frame, parts = frames[maker.shared], self._parts.setdefault(data, {}).get(own)
        if parts is None:
            parts = maker.make_parts()
            with self._lock:
                kept = self._parts.setdefault(data, {})
                _make_room(kept, MOST_FRAMES)
                kept[own] = parts
        packed = _compress(_fill(frame, parts, maker.reader))
        with self._lock:
            _make_room(layouts, MOST_READERS)
            layouts[told] = packed
        return packed


def _fill(frame: str, parts: Mapping[str, str], reader: str) -> str:
    name = json.dumps(reader)[1:-1]
    for place, part in parts.items():
        frame = frame.replace(json.dumps(place), part.replace(READER, name))
    return frame


def _compress(text: str) -> bytes:
    return gzip.compress(text.encode("utf-8"), 4, mtime=0)


def _make_room(kept: dict[Hashable, Any], most: int) -> None:
    while len(kept) >= most:
        del kept[next(iter(kept))]


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
    if not isinstance(asked, dict):
        return None
    output = str(asked.get("output"))
    if not any(name in output for name in (*_OF_PAGE, *_OF_STORE)):
        return None
    looks_at_all = not any(name in output for name in _BY_CHANGED)
    try:
        changed = asked["changedPropIds"]
        looked_at = [one for one in asked["inputs"] if looks_at_all or _name(one) in changed]
        values = [_without_counter(one.get("value")) for one in looked_at]
        states = {_name(one): one.get("value") for one in asked["state"]}
        data = session.page(states[f"{ids.VERSION}.data"])
        question = json.dumps([asked["output"], changed, values, states], sort_keys=True)
    except (PlanningError, KeyError, TypeError, AttributeError):  # the callback says what is wrong
        return None
    told: Hashable = (question, reader_words().language, reader_access().role)
    if any(name in output for name in _OF_STORE):
        told = (told, reader_author(), reader_access(), session.whole_store.revision())
    return data, told


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
