"""Data are corrected in the own place; what all places share is for the city."""

from __future__ import annotations

from collections.abc import Iterable

from app.i18n import say
from app.session.reader import reader_access
from app.store.access import is_inside
from app.store.errors import NotAllowedError
from app.workbench.workbench import DatasetContext


def require_own_units(context: DatasetContext | None, units: Iterable[str]) -> None:
    """Refuse a change of data in another place than the reader's own.

    Parameters
    ----------
    context
        The data of today; None before there are any.
    units
        Ids of those that are changed; none = what all places share.

    Raises
    ------
    NotAllowedError
        If one is elsewhere or unknown, or none is named.
    """
    code = reader_access().code
    if not code:
        return
    asked = [] if context is None else [context.position_of.get(unit) for unit in units]
    streets = [] if context is None else context.layers["units"]["street_code"].tolist()
    if not asked or any(at is None or not is_inside(str(streets[at]), code) for at in asked):
        raise NotAllowedError(*say("rights.not_own_units"))
