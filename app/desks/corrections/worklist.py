"""The work list of single buildings nobody manages: who could take each in, and how far talks are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.studies.stray_buildings import NearAnchor, UnmanagedBuilding, describe_obstacles
from app.desks.corrections.correcting import refresh_neighbours
from app.i18n import Words, say
from app.maps.cards import format_mode
from app.session.audit import record_change
from app.session.plan_session import PlanSession
from app.workbench.formats import MISSING, format_count, to_plain
from app.workbench.workbench import Workbench
from geo.corrections.consultations import (
    Consultation,
    add_consultation,
    consultation_status,
    read_consultations,
    remove_consultation,
)
from geo.errors import UnknownCodeError
from geo.importing import derive_units
from geo.schema import STAGES
from geo.storage.commits import transaction
from geo.storage.dataset import open_dataset

ANSWERS = ("yes", "no", "unsurveyed")
FILTERS = {"street": "street_code", "stage": "stage", "agrees": "agrees"}
"""What the list is filtered by: the field of `WorkItem` that must be the value chosen."""


@dataclass(frozen=True)
class NearbyAnchor:
    """An anchor near a building as a reader sees it."""

    unit_id: str
    name: str
    walk: str
    block: str
    is_free: bool


@dataclass(frozen=True)
class WorkItem:
    """A building of the work list.

    Parameters
    ----------
    unit_id, name, address, street_code, street, mode
        Of the building, as a reader sees them.
    households, estimated
        Number, None where nobody knows; whether it is an estimate.
    anchors
        The nearest eligible anchors.
    joins
        Names of other such buildings it can be joined to.
    agrees, stage
        Keys: what its owners say, and how far talks came; "unsurveyed" and "to_contact" before any.
    record
        Of the last talk: author, date, note, consultation_id; None before any.
    """

    unit_id: str
    name: str
    address: str
    street_code: str
    street: str
    mode: str
    households: int | None
    estimated: bool
    anchors: tuple[NearbyAnchor, ...]
    joins: tuple[str, ...]
    agrees: str
    stage: str
    record: Mapping[str, Any] | None


def list_strays(bench: Workbench, words: Words) -> tuple[WorkItem, ...]:
    """All unmanaged single buildings, the one with most households first.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    words
        Texts in the reader's language.
    """
    status = consultation_status(read_consultations(open_dataset(bench.dataset.folder)))
    strays = [_stray(bench, one, status, words) for one in bench.context.strays]
    return tuple(sorted(strays, key=lambda one: (-(one.households or 0), one.unit_id)))


def filter_strays(strays: tuple[WorkItem, ...], wanted: Mapping[str, str]) -> tuple[WorkItem, ...]:
    """The buildings that pass all filters; `wanted` has values by the keys of `FILTERS`.

    Parameters
    ----------
    strays
        All buildings of the list.
    wanted
        Values by the keys of `FILTERS`.
    """
    return tuple(one for one in strays if all(getattr(one, FILTERS[what]) == value for what, value in wanted.items()))


def is_valid_filter(bench: Workbench, wanted: Mapping[str, str]) -> bool:
    """Whether all values are ones a reader can choose.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    wanted
        Values by the keys of `FILTERS`.
    """
    choices = {"street": bench.street_names, "stage": STAGES, "agrees": ANSWERS}
    return all(value in choices[what] for what, value in wanted.items())


def format_filter(bench: Workbench, wanted: Mapping[str, str], words: Words) -> str:
    """The filters in words, "" without any.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    wanted
        Values by the keys of `FILTERS`.
    words
        Texts in the reader's language.
    """
    if not wanted:
        return ""
    value = {
        "street": bench.street_names,
        "stage": {key: words(f"work.stage_{key}") for key in STAGES},
        "agrees": {key: words(f"work.{key}") for key in ANSWERS},
    }
    title = {"street": "work.street", "stage": "work.stage", "agrees": "work.answer"}
    parts = [f"{words(title[what])} {value[what][key]}" for what, key in wanted.items()]
    return words("sheet.filtered", filters=" · ".join(parts))


def make_work_rows(strays: tuple[WorkItem, ...], words: Words) -> list[dict[str, Any]]:
    """The rows of the table.

    Parameters
    ----------
    strays
        The buildings that are listed.
    words
        Texts in the reader's language.
    """
    return [
        {
            "id": one.unit_id,
            "name": one.name,
            "street": one.street,
            "street_code": one.street_code,
            "households": one.households,
            "estimated": one.estimated,
            "mode": one.mode,
            **{f"anchor{k}": _short(anchor) for k, anchor in enumerate(one.anchors, 1)},
            "blocks": words("work.free")
            if any(a.is_free for a in one.anchors)
            else (one.anchors[0].block if one.anchors else words("work.no_anchor")),
            "agrees": words(f"work.{one.agrees}"),
            "stage": words(f"work.stage_{one.stage}"),
            "agrees_key": one.agrees,
            "stage_key": one.stage,
            "by": MISSING if one.record is None else f"{one.record['author']} {one.record['date']}",
        }
        for one in strays
    ]


def format_counts(strays: tuple[WorkItem, ...], words: Words) -> str:
    """How many buildings and households there are, by answer and by stage, in one line.

    Parameters
    ----------
    strays
        The buildings that are listed.
    words
        Texts in the reader's language.
    """
    total = words("work.total", n=len(strays), households=format_count(sum(one.households or 0 for one in strays)))
    answers = [f"{words(f'work.{key}')} {n}" for key in ANSWERS if (n := sum(one.agrees == key for one in strays))]
    stages = [f"{words(f'work.stage_{key}')} {n}" for key in STAGES if (n := sum(one.stage == key for one in strays))]
    return " · ".join([total, ", ".join(answers), ", ".join(stages)])


def store_consultation(
    session: PlanSession,
    version: str,
    unit_id: str,
    agrees: str | None,
    stage: str | None,
    author: str,
    date: str,
    note: str,
) -> bool:
    """Keep what came of a talk.

    Parameters
    ----------
    session
        The dataset and the plan that are served.
    version
        Of the page; one that is behind is refused.
    unit_id
        Id of the unit.
    agrees
        Key of the answer; None = none was given.
    stage
        Key of how far it is; None = not said.
    author
        Who does it.
    date
        ISO.
    note
        What else was stated.

    Returns
    -------
    Whether the units changed: owners began or ceased to refuse (R40), and a plan made before is of
    older data.

    Raises
    ------
    PlanningError
        If the page is an older one, or the record does not say who, when, and something.
    """
    with session.lock_dataset(is_shared=False):
        session.require_own_units([unit_id])
        session.require_today(version)
        talk = Consultation(unit_id, agrees, stage, author, date, note)
        with transaction(session.folder):
            add_consultation(open_dataset(session.folder), talk)
            changed = _follow(session)
        if changed:
            refresh_neighbours(session)
    answer = " · ".join(filter(None, (agrees, stage)))
    record_change(session, author, "consult", unit_id, after=answer, note=note)
    return changed


def withdraw_consultation(session: PlanSession, version: str, unit_id: str, author: str) -> bool:
    """Take the last record of a building back; returns as :func:`store_consultation`.

    Parameters
    ----------
    session
        The dataset and the plan that are served.
    version
        Of the page; one that is behind is refused.
    unit_id
        Id of the unit.
    author
        Who does it.

    Raises
    ------
    PlanningError
        If the page is an older one, or there is no record.
    """
    with session.lock_dataset(is_shared=False):
        session.require_own_units([unit_id])
        session.require_today(version)
        dataset = open_dataset(session.folder)
        status = consultation_status(read_consultations(dataset))
        if unit_id not in status.index:
            raise UnknownCodeError(*say("correction.no_record"))
        last = status.loc[unit_id]
        with transaction(session.folder):
            remove_consultation(dataset, str(last["consultation_id"]))
            changed = _follow(session)
        if changed:
            refresh_neighbours(session)
    record_change(session, author, "take_back.consult", unit_id, before=to_plain(last["agrees"]))
    return changed


def _follow(session: PlanSession) -> bool:
    """Derive the units anew; whether that changed them."""
    before = open_dataset(session.folder).manifest.files.get("units.parquet")
    after = derive_units(session.folder, session.policy.unit_rules(), session.rules.names)
    return after.manifest.files.get("units.parquet") != before


def _stray(bench: Workbench, one: UnmanagedBuilding, told: pd.DataFrame, words: Words) -> WorkItem:
    unit = bench.units.iloc[bench.position_of[one.unit_id]]
    names = bench.units["name"]
    last: dict[str, Any] | None = None
    if one.unit_id in told.index:
        last = {str(key): value for key, value in told.loc[one.unit_id].items()}
    street = to_plain(unit["street_code"])
    homes = to_plain(unit["households"])
    return WorkItem(
        one.unit_id,
        to_plain(unit["name"]) or one.unit_id,
        to_plain(unit["address"]) or MISSING,
        street or "",
        bench.street_names.get(street, street) if street else words("card.no_street"),
        format_mode(unit["management_mode"], words),
        None if homes is None else int(homes),
        unit["households_quality"] == "estimated",
        tuple(_anchor(bench, anchor, words) for anchor in one.anchors),
        tuple(str(names.iloc[bench.position_of[unit_id]]) for unit_id in one.joins),
        _answer(unit, last),
        (last and to_plain(last["stage"])) or "to_contact",
        last,
    )


def _answer(unit: pd.Series, last: Mapping[str, Any] | None) -> str:
    """The last answer recorded, else the ledger's."""
    answer = to_plain(last["agrees"]) if last else None
    return answer or to_plain(unit["merge_willingness"]) or "unsurveyed"


def _anchor(bench: Workbench, anchor: NearAnchor, words: Words) -> NearbyAnchor:
    limit = f"{bench.policy.value('neighbour.walk_limit_m'):g}"
    walk = (
        words("card.beyond", limit=limit)
        if anchor.walk_m is None
        else words("card.metres", n=format_count(round(anchor.walk_m)))
    )
    name = str(bench.units["name"].iloc[bench.position_of[anchor.unit_id]])
    block = describe_obstacles(anchor, zh=words.language == "zh")
    return NearbyAnchor(anchor.unit_id, name, walk, block, not anchor.blocks)


def _short(anchor: NearbyAnchor) -> str:
    return f"{'✓ ' if anchor.is_free else ''}{anchor.name} {anchor.walk}"
