"""Whether the walks between all units of one group have room in memory."""

from __future__ import annotations

import psutil

from geo.errors import UsageError
from geo.messages import load_catalogue

BYTES_A_PAIR = 16
"""At the same time: the walks as read (8), as the search keeps them (4), and what is reckoned from them."""

say = load_catalogue(__file__)


def require_memory(n_units: int) -> None:
    """Refuse a group of neighbours whose walks, all to all, the machine has no memory for.

    Parameters
    ----------
    n_units
        Units that are searched together.

    Raises
    ------
    UsageError
        If they need more than what is free now; it says how much, and how the group is made smaller.
    """
    needed, free = BYTES_A_PAIR * n_units**2, psutil.virtual_memory().available
    if needed > free:
        gib = 2.0**30
        raise UsageError(*say("error.no_memory", n=n_units, needed=needed / gib, free=free / gib))
