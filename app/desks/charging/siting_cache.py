"""The candidate charging places of a dataset, made once for the map and for the tab."""

from __future__ import annotations

import threading
from functools import lru_cache

from analysis.studies.siting import Siting
from app.desks.charging.sites import site_plan
from app.workbench.workbench import Ground

_making = threading.Lock()


def siting_of(ground: Ground) -> Siting:
    """The candidates of a dataset; made once, whoever asks first: half a minute for a city."""
    with _making:
        return _siting(ground)


@lru_cache(maxsize=2)
def _siting(ground: Ground) -> Siting:
    return site_plan(ground.dataset, ground.policy).siting
