"""The plans that open pages edit: told to the browser once, then checked edit by edit."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from analysis.bundling.assign import Effort
from analysis.bundling.document import plan_sha
from analysis.bundling.edit_figures import plan_figures, plan_violations
from analysis.bundling.edited import Edit, EditBase, Edited, apply_edit, open_for_editing
from analysis.bundling.repair import repair
from app.services.edit_start import start_document, start_text
from app.services.map_layers import LONLAT, BrowserFile, browser_file, outline_of
from app.services.page_data import PageData
from app.services.repairing import preview_of
from app.services.shown import Shown
from geo.errors import PlanningError

MOST_BASES = 4
"""Versions of plans kept ready; the one asked for longest ago gives way."""
REPAIR_S = 0.8
"""How long a repair looks for the smallest change, seconds."""
_DIGITS = 6


class NoPlanError(PlanningError, LookupError):
    """The page has no plan, or another one than the editor knows."""


@dataclass(frozen=True, eq=False)
class OpenBase:
    """One version of a plan, ready to be edited.

    Parameters
    ----------
    name
        What requests call it: a hash of the plan.
    data
        The page it is shown on.
    base
        The plan beside its problem.
    start
        What the browser is told of it.
    outlines
        Outlines made so far, by members.
    """

    name: str
    data: PageData
    base: EditBase
    start: BrowserFile
    outlines: dict[tuple[int, ...], dict[str, Any]] = field(default_factory=dict)


class EditDesk:
    """Checks what open pages edit.

    Parameters
    ----------
    shown
        The dataset and the plan the pages show.
    """

    def __init__(self, shown: Shown) -> None:
        self.shown = shown
        self._bases: OrderedDict[str, OpenBase] = OrderedDict()
        self._lock = threading.Lock()

    def open(self, version: str) -> OpenBase:
        """The plan of a page, ready to be edited; a second for a city, once.

        Parameters
        ----------
        version
            `PageData.version` of the page.

        Raises
        ------
        StalePageError
            If the page shows an older dataset or plan.
        NoPlanError
            If there is no plan.
        PlanningError
            If the dataset has no graph.
        """
        data = self.shown.there(version)
        if data.bench.plan is None:
            raise NoPlanError("还没有方案可以编辑。", "There is no plan to edit yet.")
        name = plan_sha(data.bench.plan)[:16]
        with self._lock:
            if name not in self._bases:
                self._bases[name] = _open(name, data)
                while len(self._bases) > MOST_BASES:
                    self._bases.popitem(last=False)
            self._bases.move_to_end(name)
            return self._bases[name]

    def at(self, name: str) -> OpenBase:
        """The version an edit starts from.

        Raises
        ------
        NoPlanError
            If the server does not know it.
        """
        with self._lock:
            found = self._bases.get(name)
            if found is not None:
                self._bases.move_to_end(name)
                return found
        data = self.shown.data
        if data is not None and data.bench.plan is not None:
            opened = self.open(data.version)
            if opened.name == name:
                return opened
        raise NoPlanError(
            "服务器上的方案已经是另一个版本; 请刷新页面, 未保存的编辑会保留。",
            "The plan on the server is another version now; load the page again, unsaved edits stay.",
        )


def check(opened: OpenBase, edit: Edit) -> dict[str, Any]:
    """Figures and broken rules of an edited plan: what counts, whatever the browser showed.

    Returns
    -------
    `figures` of the whole plan, `areas` and `outlines` of the areas the edit touches, and
    `violations`, all by the keys of the edit.

    Raises
    ------
    EditError
        If the edit does not fit its base.
    """
    edited = apply_edit(opened.base, edit)
    figures = plan_figures(edited.opened)
    touched = _touched(opened.base, edited, edit)
    areas = edited.opened.document["areas"]
    key_of = {area["area_id"]: key for area, key in zip(areas, edited.keys, strict=True)}
    return {
        "figures": {
            "areas": figures.n_areas,
            "inside": asdict(figures.inside),
            "left_over_units": figures.left_over_units,
            "left_over_households": figures.left_over_households,
        },
        "areas": {
            edited.keys[number]: {
                **asdict(figures.areas[number]),
                "area_id": areas[number]["area_id"],
                "name": areas[number]["name"],
            }
            for number in touched
        },
        "outlines": _outlines(opened, edited, touched),
        "violations": [
            {
                "rule": found.rule,
                "units": list(found.units),
                "area": None if found.area_id is None else key_of[found.area_id],
                "value": found.value,
                "limit": found.limit,
                "zh": found.sentence_zh,
                "en": found.sentence_en,
            }
            for found in plan_violations(edited.opened)
        ],
    }


def propose_repair(opened: OpenBase, edit: Edit, *, seconds: float = REPAIR_S) -> dict[str, Any]:
    """The smallest change that makes an edited plan keep its rules and locks.

    Returns
    -------
    `proven`, `moves` (what moves, and why), `unmet` (locks the rules do not allow), and `proposal`,
    how the repaired plan differs from the edited one, in the words of an edit.

    Raises
    ------
    EditError
        If the edit does not fit its base.
    """
    edited = apply_edit(opened.base, edit)
    problem, plan = edited.opened.problem, edited.opened.plan
    found = repair(problem, plan, edited.opened.placed, effort=Effort(seconds=seconds))
    keys = [*edited.keys, *(f"*{n}" for n in range(found.plan.n_areas - plan.n_areas))]
    ids = problem.unit_ids.astype(str)
    moved = np.flatnonzero(found.plan.area_of != plan.area_of)
    after = found.plan.area_of
    moves: dict[str, str | None] = {
        str(ids[unit]): keys[after[unit]] if after[unit] >= 0 else None for unit in moved
    }
    moves |= dict.fromkeys((unit for unit, _ in edited.opened.strangers), None)
    before = np.append(plan.anchor_of, np.full(len(keys) - plan.n_areas, -2))
    present = set(after[after >= 0].tolist())
    areas = {
        keys[k]: {"anchor_unit_id": str(ids[anchor]) if anchor >= 0 else None, "name": None}
        for k, anchor in enumerate(found.plan.anchor_of.tolist())
        if k in present and anchor != before[k]
    }
    return {**preview_of(edited.opened, found), "proposal": {"moves": moves, "areas": areas}}


def _open(name: str, data: PageData) -> OpenBase:
    assert data.bench.plan is not None
    base = open_for_editing(data.bench.dataset, data.bench.plan)
    draft = OpenBase(name, data, base, browser_file("edit", "{}", suffix="json"))
    document = {
        "base": name,
        **start_document(data, base),
        "checked": check(draft, base.unedited),
    }
    start = browser_file("edit", start_text(document), suffix="json")
    return OpenBase(name, data, base, start)


def _touched(base: EditBase, edited: Edited, edit: Edit) -> list[int]:
    """Numbers of the areas whose units or anchor an edit changes."""
    number_of = {key: number for number, key in enumerate(edited.keys)}
    touched = {number_of[key] for key in edit.areas}
    for unit, key in edit.moves.items():
        touched |= {number_of[key]} if key is not None else set()
        touched |= {base.area_of[unit]} if unit in base.area_of else set()
    return sorted(touched)


def _outlines(opened: OpenBase, edited: Edited, touched: list[int]) -> dict[str, Any]:
    """Outlines of the touched areas as GeoJSON geometries in degrees, None where nothing is left."""
    position = opened.data.bench.position_of
    members: dict[int, list[int]] = {number: [] for number in touched}
    for unit, number in zip(
        edited.opened.problem.unit_ids, edited.opened.plan.area_of.tolist(), strict=True
    ):
        if number in members:
            members[number].append(position[str(unit)])
    for unit, number in edited.opened.strangers:
        if number in members:
            members[number].append(position[unit])
    return {
        edited.keys[number]: _outline(opened, tuple(sorted(units)))
        for number, units in members.items()
        if units
    }


def _outline(opened: OpenBase, units: tuple[int, ...]) -> Mapping[str, Any]:
    if units not in opened.outlines:
        frame = opened.data.bench.units.geometry
        shape = gpd.GeoSeries([outline_of(frame.to_numpy()[list(units)])], crs=frame.crs)
        degrees = shapely.transform(
            shape.to_crs(LONLAT).to_numpy(), lambda xy: np.round(xy, _DIGITS)
        )
        opened.outlines[units] = shapely.geometry.mapping(degrees[0])
    return opened.outlines[units]
