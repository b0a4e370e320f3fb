"""What is computed once for a page, a workbench or a dataset, and gone with it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from functools import wraps
from typing import Any, TypeVar, cast

Function = TypeVar("Function", bound=Callable[..., Any])

MOST = 64
"""Results of one function kept of one owner: the oldest go."""

_NOTHING = object()
_lock = threading.Lock()


def keep_with_owner(function: Function) -> Function:
    """Results by the arguments after the first, kept on the first: a frozen object that is its own identity.

    An `lru_cache` would keep the pages before alive, with everything they hold.

    Examples
    --------
    >>> class Page: pass
    >>> calls = []
    >>> count = keep_with_owner(lambda page, word: calls.append(word) or len(calls))
    >>> page = Page()
    >>> count(page, "a"), count(page, "a"), count(page, "b"), count(Page(), "a")
    (1, 1, 2, 3)
    """

    @wraps(function)
    def answer(owner: object, *arguments: Hashable) -> Any:
        kept: dict[Hashable, Any] = vars(owner).setdefault("_kept", {}).setdefault(function, {})
        found = kept.get(arguments, _NOTHING)
        if found is _NOTHING:
            found = function(owner, *arguments)
            with _lock:  # requests are answered by several threads
                while len(kept) >= MOST:
                    del kept[next(iter(kept))]
                kept[arguments] = found
        return found

    return cast("Function", answer)
