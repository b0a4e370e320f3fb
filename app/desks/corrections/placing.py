"""Communities without a place (待落图): listed, put on the map by a planner, taken back."""

from __future__ import annotations

import datetime
import re
from typing import Any

import numpy as np
from pyproj import Geod

from app.desks.corrections.correcting import apply_corrections, withdraw_correction
from app.desks.corrections.overrides import check_place, list_corrections, parse_correction
from app.i18n import Words, say
from app.maps.cards import format_mode
from app.maps.layers import LONLAT
from app.session.audit import record_change
from app.session.page import PageData
from app.session.plan_session import PlanSession
from app.workbench.formats import to_plain
from app.workbench.kept import keep_with_owner
from app.workbench.workbench import Workbench
from geo.corrections.model import Correction
from geo.corrections.user_geometry import Remark
from geo.errors import UsageError
from geo.messages import Sentence
from geo.storage.dataset import open_dataset

FARTHEST_KM = 50
"""A place farther than this from all data there are is taken for a slip of the hand."""

_PLACE = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*[,，;；\s]\s*(-?\d+(?:\.\d+)?)\s*")


def make_unplaced_rows(bench: Workbench, words: Words) -> list[dict[str, Any]]:
    """One row for each unit without a place, by street and name.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    words
        Texts in the reader's language.
    """
    units = bench.units
    bare = units[(units.geometry.isna() | units.geometry.is_empty).to_numpy()]
    rows = [
        {
            "id": unit["unit_id"],
            "name": to_plain(unit["name"]),
            "street": bench.street_names.get(unit["street_code"], to_plain(unit["street_code"])),
            "households": to_plain(unit["households"]),
            "estimated": unit["households_quality"] == "estimated",
            "mode": format_mode(unit["management_mode"], words),
        }
        for unit in bare.drop(columns="geometry").to_dict("records")
    ]
    return sorted(rows, key=lambda row: (str(row["street"]), str(row["name"])))


@keep_with_owner
def list_placements(bench: Workbench) -> list[dict[str, Any]]:
    """The corrections that put a community on the map, with its name; newest last."""
    names = dict(zip(bench.units["unit_id"], bench.units["name"], strict=True))
    return [
        {**record, "name": names.get(record["target_id"], record["target_id"])}
        for record in list_corrections(bench.dataset)
        if record["what"] == "placed"
    ]


def parse_place(text: str | None) -> tuple[float, float]:
    """Longitude and latitude as a planner writes them.

    Raises
    ------
    UsageError
        If the text is something else.

    Examples
    --------
    >>> parse_place("109.84， 40.66")
    (109.84, 40.66)
    """
    found = _PLACE.fullmatch(text or "")
    if not found or abs(float(found[1])) > 180 or abs(float(found[2])) > 90:
        raise UsageError(*say("correction.place_form"))
    return float(found[1]), float(found[2])


class DoubtfulPlaceError(UsageError):
    """A place that can be right, and that somebody should look at before it is kept."""


def find_doubts(session: PlanSession, unit_id: str, at: str | None) -> tuple[Remark, ...]:
    """What is doubtful about a place: another street, another unit there, water, outside the city.

    Parameters
    ----------
    session
        The dataset and the plan that are served.
    unit_id
        Id of the unit.
    at
        The place as it was typed or clicked; None = none.
    """
    placement = _parse_placement(session, unit_id, parse_place(at), author="-", reason="-", date="2000-01-01")
    found = check_place(open_dataset(session.folder), placement, session.policy)
    return tuple(one for one in found if one.severity != "info")


def _parse_placement(
    session: PlanSession, unit_id: str, lonlat: tuple[float, float], *, author: str, reason: str, date: str
) -> Correction:
    return parse_correction(
        open_dataset(session.folder),
        "placed",
        [unit_id],
        author=author,
        reason=reason,
        date=date,
        place=f"{lonlat[0]!r}, {lonlat[1]!r}",
        crs=LONLAT,
    )


def store_placement(
    session: PlanSession, unit_id: str | None, at: str | None, author: str, reason: str, *, confirmed: bool = True
) -> None:
    """Keep where a community lies, derive its unit, rebuild the neighbours.

    Parameters
    ----------
    session
        The dataset the page shows.
    unit_id
        Of the community.
    at
        Longitude and latitude, WGS84 degrees, as text.
    author, reason
        Who says so, and why.
    confirmed
        Whether the planner has seen what is doubtful about the place.

    Raises
    ------
    DoubtfulPlaceError
        If it is not confirmed and somebody should look at it first; nothing was kept.
    PlanningError
        If something is missing or makes no sense.
    """
    if not unit_id:
        raise UsageError(*say("correction.no_community"))
    place = parse_place(at)
    if session.data is not None:
        _require_near(session.data, place)
    if not confirmed:
        found = find_doubts(session, unit_id, at)
        if found:
            doubts = Sentence.join(((one.zh, one.en) for one in found), ("", ""))
            raise DoubtfulPlaceError(*say("correction.confirm", doubts=doubts))
    today = datetime.datetime.now().astimezone().date().isoformat()
    apply_corrections(
        session,
        lambda: [_parse_placement(session, unit_id, place, author=author, reason=reason, date=today)],
        after=f"{place[0]:g}, {place[1]:g}",
    )


def remove_placement(session: PlanSession, override_id: str, author: str) -> None:
    """Undo a placement; the community waits for a place again, and who did it is kept.

    Parameters
    ----------
    session
        The dataset and the plan that are served.
    override_id
        Id of the correction.
    author
        Who does it.

    Raises
    ------
    UnknownCodeError
        If there is no such correction.
    """
    with session.lock_dataset(is_shared=False):
        was = withdraw_correction(session, override_id)
    record_change(
        session, author, "take_back.placed", str(was.get("target_id")), before=str(was.get("lonlat")), note=override_id
    )


def _require_near(data: PageData, place: tuple[float, float]) -> None:
    """Refuse a place far from everything there is."""
    if not data.bench.units.geometry.notna().any():
        return
    west, south, east, north = data.bounds
    nearest = np.clip(place, (west, south), (east, north))
    _, _, metres = Geod(ellps="WGS84").inv(*place, *nearest)
    if metres > FARTHEST_KM * 1000:
        raise UsageError(*say("correction.too_far", metres=metres / 1000))
