"""The plans that open pages edit: told to the browser once, then checked edit by edit."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from analysis.bundling.document.read import OpenPlan
from analysis.bundling.document.reasons import REASONS
from analysis.bundling.document.wording import Wording
from analysis.bundling.document.write import revise_document
from analysis.bundling.editing.apply import Edit, EditBase, Edited, apply_edit, open_for_editing
from analysis.bundling.editing.figures import PlanFigures, find_violations, measure_plan
from analysis.bundling.evaluation.objective_values import group_led
from analysis.bundling.led_areas.mend import repair_plan
from analysis.bundling.reassign.assignment_mip import SolveLimits
from analysis.figures.facts import Facts
from analysis.figures.figure import Basis
from analysis.indicators.coverage import PROFESSIONAL_COVERAGE
from analysis.indicators.registry import compute_figures
from app.desks.editing.start import start_document, start_text
from app.i18n import say
from app.maps.layers import LONLAT, BrowserFile, make_browser_file, merge_outline
from app.planning.repair import repair_preview
from app.session.page import PageData
from app.session.plan_session import PlanSession
from app.workbench.kept import keep_with_owner
from app.workbench.workbench import DatasetContext, Workbench
from geo.errors import PlanningError

MOST_BASES = 64
"""Versions of plans kept ready; the one asked for longest ago gives way. Those of one dataset under the same rules
share its graph and their problem."""
REPAIR_S = 0.8
"""How long a repair looks for the smallest change, seconds."""
COVERAGES = ("area_bundle_proposed_rate", "professional_coverage_by_plan_rate")
"""The indicators that an edit of the plan moves."""
_DIGITS = 6


class NoPlanError(PlanningError, LookupError):
    """The page has no plan."""


@dataclass(frozen=True, eq=False)
class EditablePlan:
    """One version of a plan, ready to be edited.

    Parameters
    ----------
    bench
        The plan on its data.
    base
        The plan next to its problem.
    outlines
        Outlines made so far, by members.
    """

    bench: Workbench
    base: EditBase
    outlines: dict[tuple[int, ...], dict[str, Any]] = field(default_factory=dict)
    _started: dict[str, BrowserFile] = field(default_factory=dict)

    def start(self, data: PageData) -> BrowserFile:
        """What the browser is told when editing begins.

        Parameters
        ----------
        data
            The page of the plan.
        """
        if "edit" not in self._started:
            self._started["edit"] = self._start(data)
        return self._started["edit"]

    def _start(self, data: PageData) -> BrowserFile:
        document = start_document(data, self.base)
        checked = check_edit(self, self.base.unedited)
        return make_browser_file("edit", start_text({**document, "checked": checked}), suffix="json")


class EditSession:
    """The plans that open pages edit, a few of them kept ready.

    Parameters
    ----------
    shown
        The dataset and the plans the pages show.
    """

    def __init__(self, session: PlanSession) -> None:
        self.session = session
        self._bases: OrderedDict[str, EditablePlan] = OrderedDict()
        self._lock = threading.Lock()

    def at(self, version: str) -> EditablePlan:
        """The plan of a page, ready to be edited; a second for a city, once.

        Parameters
        ----------
        version
            `PageData.version` of the page.

        Raises
        ------
        StalePageError
            If the page shows an older dataset.
        NoPlanError
            If there is no plan that fits the dataset.
        PlanningError
            If the dataset has no graph.
        """
        self.session.require_seen(version)
        with self._lock:
            if version not in self._bases:
                bench = self.session.require_bench(version)
                self._bases[version] = _open(bench, next(reversed(self._bases.values()), None))
                while len(self._bases) > MOST_BASES:
                    self._bases.popitem(last=False)
            self._bases.move_to_end(version)
            return self._bases[version]


def check_edit(opened: EditablePlan, edit: Edit) -> dict[str, Any]:
    """Figures and broken rules of an edited plan: what counts, whatever the browser showed.

    Parameters
    ----------
    opened
        The plan being edited, and its problem.
    edit
        What changes.

    Returns
    -------
    `figures` of the whole plan, `areas` and `outlines` of the areas the edit touches, and
    `violations`, all by the keys of the edit. In mode "area" also `leaders`, who leads each unit that is led
    in these areas, and `lost`: units left without their leader, with the one offered instead.

    Raises
    ------
    EditError
        If the edit does not fit its base.
    """
    edited = apply_edit(opened.base, edit)
    figures = measure_plan(edited.opened)
    touched = _touched(opened.base, edited, edit)
    areas = edited.opened.document["areas"]
    key_of = {area["area_id"]: key for area, key in zip(areas, edited.keys, strict=True)}
    return {
        "figures": {
            "areas": figures.n_areas,
            "inside": asdict(figures.inside),
            "left_over_units": figures.left_over_units,
            "left_over_households": figures.left_over_households,
            **_leading_figures(edited, figures),
            **_coverages(opened, edited),
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
            for found in find_violations(edited.opened)
        ],
        **_leading(edited, touched),
    }


def _leading_figures(edited: Edited, figures: PlanFigures) -> dict[str, int]:
    """Who is led and who is not, where areas have leaders inside."""
    if edited.opened.problem.rules.mode != "area":
        return {}
    names = ("led_units", "led_households", "unled_units", "unled_households")
    return {name: getattr(figures, name) for name in names}


def _leading(edited: Edited, touched: Sequence[int]) -> dict[str, Any]:
    """Leaders inside the touched areas, and units that lost theirs."""
    problem, plan = edited.opened.problem, edited.opened.plan
    if problem.rules.mode != "area":
        return {}
    ids = problem.unit_ids.astype(str)
    led = [(unit, anchor) for area in touched for anchor, units in group_led(plan, area).items() for unit in units]
    return {
        "leaders": {str(ids[unit]): str(ids[anchor]) for unit, anchor in sorted(led)},
        "lost": [asdict(one) for one in edited.lost],
    }


def _coverages(opened: EditablePlan, edited: Edited) -> dict[str, float | None]:
    """The projections that depend on the plan, by households: 0 to 1, None where nothing is known."""
    ids, area_of = edited.opened.problem.unit_ids, edited.opened.plan.area_of
    inside = [str(unit) for unit in ids[area_of >= 0]]
    inside += [unit for unit, _ in edited.opened.unknown_units]
    led = _led_of(edited)
    return _measure_coverages(opened.bench.context, tuple(inside), None if led is None else tuple(led.items()))


@keep_with_owner
def _measure_coverages(
    context: DatasetContext, inside: tuple[str, ...], led: tuple[tuple[str, str], ...] | None
) -> dict[str, float | None]:
    """The same by who is inside and who leads whom, which neither a name nor a lock changes."""
    area = {"unit_ids": list(inside), **({} if led is None else {"led": dict(led)})}
    facts = join_facts_today(context).join_plan({"areas": [area]})
    now = {figure.key: figure.value for figure in compute_figures([facts], basis="households", keys=COVERAGES)}
    by_number = compute_figures([facts], keys=COVERAGES[1:])
    today = [find_coverage_today(context, basis) for basis in ("count", "households")]
    return {
        **{key: now.get(key) for key in COVERAGES},
        "professional_by_number": next((figure.value for figure in by_number), None),
        "professional_today_by_number": today[0],
        "professional_today": today[1],
    }


@keep_with_owner
def join_facts_today(context: DatasetContext) -> Facts:
    """The facts of a dataset without a plan, joined once for all edits on it.

    Parameters
    ----------
    context
        The dataset.
    """
    return Facts(context.layers, context.policy)


@keep_with_owner
def find_coverage_today(context: DatasetContext, basis: Basis) -> float | None:
    """Professional coverage of the city as it is, whatever the plan; None where nothing is known.

    Parameters
    ----------
    context
        The dataset.
    basis
        "count" or "households".
    """
    found = compute_figures([join_facts_today(context)], basis=basis, keys=(PROFESSIONAL_COVERAGE.key,))
    return next((figure.value for figure in found), None)


def propose_repair(opened: EditablePlan, edit: Edit, *, seconds: float = REPAIR_S) -> dict[str, Any]:
    """The smallest change that makes an edited plan keep its rules and locks.

    Parameters
    ----------
    opened
        The plan being edited, and its problem.
    edit
        What changes.
    seconds
        Time to look.

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
    found = repair_plan(problem, plan, edited.opened.placed, effort=SolveLimits(seconds=seconds))
    keys = [*edited.keys, *(f"*{n}" for n in range(found.plan.n_areas - plan.n_areas))]
    ids = problem.unit_ids.astype(str)
    moved = np.flatnonzero(found.plan.area_of != plan.area_of)
    after = found.plan.area_of
    moves: dict[str, str | None] = {str(ids[unit]): keys[after[unit]] if after[unit] >= 0 else None for unit in moved}
    moves |= dict.fromkeys((unit for unit, _ in edited.opened.unknown_units), None)
    before = np.append(plan.anchor_of, np.full(len(keys) - plan.n_areas, -2))
    present = set(after[after >= 0].tolist())
    areas = {
        keys[k]: {"anchor_unit_id": str(ids[anchor]) if anchor >= 0 else None, "name": None}
        for k, anchor in enumerate(found.plan.anchor_of.tolist())
        if k in present and anchor != before[k]
    }
    leaders = {}
    if plan.leader_of is not None and found.plan.leader_of is not None:
        other = np.flatnonzero(found.plan.leader_of != plan.leader_of)
        now = found.plan.leader_of[other].tolist()
        named = [str(ids[leader]) if leader >= 0 else None for leader in now]
        leaders = {"leaders": dict(zip(ids[other].tolist(), named, strict=True))}
    preview = repair_preview(edited.opened, found)
    told = {move["unit_id"] for move in preview["moves"]}
    preview["moves"] += [_idle(edited.opened, unit) for unit in moves if unit not in told and moves[unit] is None]
    return {**preview, "proposal": {"moves": moves, "areas": areas, **leaders}}


def _idle(opened: OpenPlan, unit: str) -> dict[str, Any]:
    """An anchor that leads nobody any more, as a move."""
    name, reason = Wording(opened).unit_id(unit), REASONS["anchor_unused"]
    return {
        "unit_id": unit,
        "from_area_id": None,
        "to_area_id": None,
        "rule": None,
        "sentence_zh": f"{name}: {reason.zh}",
        "sentence_en": f"{name}: {reason.en}",
    }


def edited_document(opened: EditablePlan, edit: Edit) -> dict[str, Any]:
    """The PLAN.json an edit makes, ready to be kept.

    Parameters
    ----------
    opened
        The plan being edited, and its problem.
    edit
        What changes.

    Raises
    ------
    EditError
        If the edit does not fit its base.
    """
    edited = apply_edit(opened.base, edit).opened
    return revise_document(edited, edited.plan, unknown_units=edited.unknown_units)


def _open(bench: Workbench, like: EditablePlan | None) -> EditablePlan:
    if bench.plan is None:
        raise NoPlanError(*say("editing.no_plan"))
    return EditablePlan(bench, open_for_editing(bench.dataset, bench.plan, None if like is None else like.base))


def _led_of(edited: Edited) -> dict[str, str] | None:
    """Who is led, for coverage after the plan counts them alone; None in modes without leaders inside."""
    plan, ids = edited.opened.plan, edited.opened.problem.unit_ids.astype(str)
    if plan.leader_of is None:
        return None
    led = np.flatnonzero(plan.leader_of >= 0)
    return dict(zip(ids[led].tolist(), ids[plan.leader_of[led]].tolist(), strict=True))


def _touched(base: EditBase, edited: Edited, edit: Edit) -> list[int]:
    """Numbers of the areas whose units or anchor an edit changes."""
    number_of = {key: number for number, key in enumerate(edited.keys)}
    touched = {number_of[key] for key in edit.areas}
    for unit, key in edit.moves.items():
        touched |= {number_of[key]} if key is not None else set()
        touched |= {base.area_of[unit]} if unit in base.area_of else set()
    position = {str(unit): i for i, unit in enumerate(edited.opened.problem.unit_ids)}
    homes = {int(edited.opened.plan.area_of[position[unit]]) for unit in edit.leaders if unit in position}
    return sorted(touched | (homes - {-1}))


def _outlines(opened: EditablePlan, edited: Edited, touched: list[int]) -> dict[str, Any]:
    """Outlines of the touched areas as GeoJSON geometries in degrees, None where nothing is left."""
    position = opened.bench.position_of
    members: dict[int, list[int]] = {number: [] for number in touched}
    for unit, number in zip(edited.opened.problem.unit_ids, edited.opened.plan.area_of.tolist(), strict=True):
        if number in members:
            members[number].append(position[str(unit)])
    for unit, number in edited.opened.unknown_units:
        if number in members:
            members[number].append(position[unit])
    return {edited.keys[number]: _outline(opened, tuple(sorted(units))) for number, units in members.items() if units}


def _outline(opened: EditablePlan, units: tuple[int, ...]) -> Mapping[str, Any]:
    if units not in opened.outlines:
        frame = opened.bench.units.geometry
        shape = gpd.GeoSeries([merge_outline(frame.to_numpy()[list(units)])], crs=frame.crs)
        degrees = shapely.transform(shape.to_crs(LONLAT).to_numpy(), lambda xy: np.round(xy, _DIGITS))
        opened.outlines[units] = shapely.geometry.mapping(degrees[0])
    return opened.outlines[units]
