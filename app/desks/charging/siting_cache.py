"""The candidate charging places of a dataset, made once for the map and for the tab."""

from __future__ import annotations

import threading
from functools import lru_cache

from analysis.studies.siting import Siting
from app.desks.charging.sites import make_site_plan
from app.workbench.workbench import DatasetContext

_making = threading.Lock()


def find_siting(context: DatasetContext) -> Siting:
    """The candidates of a dataset; made once, whoever asks first: half a minute for a city."""
    with _making:
        return _siting(context)


@lru_cache(maxsize=2)
def _siting(context: DatasetContext) -> Siting:
    return make_site_plan(context.dataset, context.policy).siting
