"""Who leads whom inside areas, for map, cards and tables: spokes from leader to led, and how far one walks."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import shapely

from analysis.bundling.document.roles import ROLE_NAMES, find_leader_walks, find_reason
from app.i18n import Words
from app.workbench.formats import MISSING, format_count
from app.workbench.kept import keep_with_owner
from app.workbench.workbench import Workbench

_MOST_NAMED = 3
"""Led units a card names; the others are counted."""


@keep_with_owner
def read_leader_walks(bench: Workbench) -> dict[int, float]:
    """Metres on foot from each led unit to its leader, by position; those not computed are left out."""
    if not bench.dataset.has("walks"):
        return {}
    ids = bench.units["unit_id"].astype(str).to_numpy()
    leaders = {str(ids[unit]): str(ids[leader]) for unit, leader in bench.leaders.items()}
    found = find_leader_walks(bench.dataset.layer("walks"), leaders)
    return {bench.position_of[unit]: walk for unit, walk in found.items()}


@keep_with_owner
def make_spokes(bench: Workbench) -> gpd.GeoDataFrame:
    """A line from each led unit to its leader; the index is the position of the led."""
    placed = bench.units.geometry.notna().to_numpy()
    led = [pair for pair in bench.leaders.items() if placed[list(pair)].all()]
    points = bench.units.geometry.representative_point()
    ends = shapely.get_coordinates(points.iloc[[end for pair in led for end in pair]].to_numpy()).reshape(-1, 2, 2)
    lines = gpd.GeoSeries(shapely.linestrings(ends), index=[unit for unit, _ in led], crs=bench.units.crs)
    return gpd.GeoDataFrame({"leader": [leader for _, leader in led]}, index=lines.index, geometry=lines)


@keep_with_owner
def make_led_points(bench: Workbench) -> gpd.GeoDataFrame:
    """A point for each unit that is led, or is to be led and is not; the index is its position.

    Returns
    -------
    GeoDataFrame with `is_led` and geometry in the CRS of the units.
    """
    chosen = sorted({*bench.leaders, *bench.unled_reasons})
    points = bench.units.geometry.iloc[chosen]
    frame = gpd.GeoDataFrame({"is_led": [unit in bench.leaders for unit in chosen]}, index=chosen, geometry=points)
    return frame.set_geometry(frame.geometry.representative_point())


def format_role(bench: Workbench, position: int, words: Words) -> str | None:
    """What a unit is inside its area: whom it leads, who leads it, or why nobody does; None outside areas.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    position
        Of the unit.
    words
        Texts in the reader's language.
    """
    role = bench.roles.get(position)
    if role is None or role.area_id is None:
        return None
    name = words.pick(ROLE_NAMES[role.role].zh, ROLE_NAMES[role.role].en)
    if role.role == "anchor":
        return words("card.leads", n=format_count(len(bench.followers[position])), names=_names(bench, position, words))
    if position in bench.leaders:
        leader = bench.units["name"].iloc[bench.leaders[position]]
        walk = read_leader_walks(bench).get(position)
        told = words("card.led_by", name=leader, walk=format_walk(walk, words))
        return f"{name}: {told}" if role.role == "companion" else told
    if role.role == "unled":
        return words("card.unled", reason=format_unled_reason(bench, position, words))
    return name


def format_unled_reason(bench: Workbench, position: int, words: Words) -> str:
    """Why nobody leads a unit of an area, in the reader's language.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    position
        Of the unit.
    words
        Texts in the reader's language.
    """
    return format_unled(bench.unled_reasons[position], words)


def format_unled(key: str, words: Words) -> str:
    """A reason why nobody leads a unit, in the reader's language; an unknown key is shown as it is.

    Parameters
    ----------
    key
        As PLAN.json has it.
    words
        Texts in the reader's language.
    """
    reason = find_reason(key, "unled")
    return words.pick(reason.zh, reason.en) if reason else key


def format_walk(walk_m: float | None, words: Words) -> str:
    """A walk in metres; a dash where it is not known.

    Parameters
    ----------
    walk_m
        Metres; None where they are not known.
    words
        Texts in the reader's language.
    """
    return MISSING if walk_m is None else words("card.metres", n=format_count(round(walk_m)))


def _names(bench: Workbench, leader: int, words: Words) -> str:
    led: Sequence[int] = bench.followers[leader]
    names = "、".join(str(bench.units["name"].iloc[unit]) for unit in led[:_MOST_NAMED])
    more = len(led) - _MOST_NAMED
    return names if more <= 0 else f"{names} {words('card.and_more', n=more)}"
