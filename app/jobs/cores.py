"""How much of the computer this process may use."""

from __future__ import annotations

import os


def count_cores() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):  # not on Windows, not on macOS
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
