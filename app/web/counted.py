"""Counts of requests by whoever asks, kept in memory without a thread for each of them."""

from __future__ import annotations

import threading
import time

from limits.storage import MemoryStorage

EACH_S = 1.0
"""How often counts whose time is over are dropped."""


class SweptStorage(MemoryStorage):
    """Counts in the memory of the process; those that are over are dropped by whoever counts next.

    That of `limits` starts a thread to do so, a hundredth of a second after a request: at hundreds of requests a
    second as many threads, each of which costs more than the answer's own count.
    """

    STORAGE_SCHEME = ["swept-memory"]  # noqa: RUF012 -- as the library names it

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **options: str) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions, **options)
        self._counting = threading.Lock()
        self._next_sweep = 0.0

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count a request; how many there are now.

        Parameters
        ----------
        key
            Who asks for what.
        expiry
            Seconds after the first until it is counted anew.
        amount
            Requests.
        """
        now = time.time()
        with self._counting:
            if now >= self._next_sweep:
                self._next_sweep = now + EACH_S
                for name in [name for name, end in list(self.expirations.items()) if end <= now]:
                    self.clear(name)
            elif self.expirations.get(key, now) <= now:
                self.clear(key)
            self.expirations.setdefault(key, now + expiry)
            count = self.storage[key] = self.storage[key] + amount
            return count
