"""Answers for other programs as they were given, while neither the store nor the data changed; to the same account."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from flask import Response, request

from app.session.plan_session import PlanSession
from app.session.reader import reader_access, reader_revision, reader_words

MOST_BYTES, MOST_OF_ONE = 32_000_000, 1_000_000
"""Bytes kept in all, and of one answer."""
BESIDES = 2_000
"""Bytes that an answer takes besides body and address: short ones are many."""


@dataclass(frozen=True)
class _Kept:
    state: Hashable
    body: bytes
    content_type: str
    n_bytes: int


class KeptReads:
    """Answers by who asked for what; each is given again as long as store and data are as they were.

    Parameters
    ----------
    session
        What answers are made from.
    """

    def __init__(self, session: PlanSession) -> None:
        self._session = session
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def answer(self, make: Callable[[], Response]) -> Response:
        """The answer to the request at hand, which the guard has let in.

        Parameters
        ----------
        make
            Makes it from the store and the data, the reader's place and language, and the address alone.
        """
        asked = (reader_access(), reader_words().language, request.host_url, request.script_root, request.full_path)
        data = self._session.renew()  # first: it may find a plan that is new
        state = (data, reader_revision(self._session.whole_store))
        with self._lock:
            found = self._kept.get(asked)
            if found is not None:
                self._kept.move_to_end(asked)
        if found is not None and found.state == state:
            return Response(found.body, content_type=found.content_type)
        answer = make()
        if answer.status_code == 200:
            body, n_asked = answer.get_data(), len(request.host_url) + len(request.full_path)
            self._keep(asked, _Kept(state, body, answer.content_type or "", len(body) + n_asked + BESIDES))
        return answer

    def _keep(self, asked: Hashable, kept: _Kept) -> None:
        if kept.n_bytes > MOST_OF_ONE:
            return
        with self._lock:
            before = self._kept.pop(asked, None)
            self._bytes += kept.n_bytes - (0 if before is None else before.n_bytes)
            self._kept[asked] = kept
            while self._bytes > MOST_BYTES:
                _, gone = self._kept.popitem(last=False)
                self._bytes -= gone.n_bytes
