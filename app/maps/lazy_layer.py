"""Map files that take a while: made in a thread when somebody first asks for them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from app.maps.layers import BrowserFile, make_browser_file
from geo.errors import PlanningError

logger = logging.getLogger(__name__)

_EMPTY = '{"type":"FeatureCollection","features":[]}'


@dataclass(frozen=True, eq=False)
class LazyLayer:
    """A map layer of one dataset, made once, in each language.

    Parameters
    ----------
    layer
        Its name as the map knows it.
    version
        Of the dataset and plan: a new one has a new address.
    languages
        In which its cards are written.
    make
        Makes the file of each language.
    """

    layer: str
    version: str
    languages: tuple[str, ...]
    make: Callable[[], Mapping[str, BrowserFile]]
    _files: dict[str, BrowserFile] = field(default_factory=dict)
    _is_started: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def name(self, language: str) -> str:
        """The file's name in an address."""
        return f"{self.layer}-{language}-{self.version}.geojson"

    def language_of(self, name: str) -> str | None:
        """Which language a name in an address asks for; None for other files."""
        return next((lang for lang in self.languages if self.name(lang) == name), None)

    def ask(self, language: str) -> BrowserFile | None:
        """The file, or None while it is in the making; the first to ask starts that."""
        with self._lock:
            if not self._is_started.is_set():
                self._is_started.set()
                threading.Thread(target=self._work, name=self.layer, daemon=True).start()
        return self._files.get(language)

    def _work(self) -> None:
        empty = make_browser_file(self.layer, _EMPTY)
        files: Mapping[str, BrowserFile] = {}
        try:
            files = self.make()
        except PlanningError:
            logger.exception("the map layer %s cannot be shown", self.layer)
        self._files.update({lang: files.get(lang, empty) for lang in self.languages})
