"""The page and the scripts of Dash as they go to the browser, kept as long as nothing in them can have changed."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Hashable
from weakref import WeakKeyDictionary

from app.session.page import PageData

MOST_READERS = 64
"""Layouts kept of one page: readers differ in language and name."""

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
