"""What a check looks at: the plan's parts next to the tables of the dataset."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from analysis.bundling.model.violations import Violation
from analysis.bundling.verify.base.permits import confirmed_units, overridden_units
from analysis.bundling.verify.base.places import UnitPlace, read_places
from analysis.bundling.verify.base.schema import AreaPart, PlanPart
from geo.messages import Sentence, load_catalogue
from geo.storage.dataset import Dataset

say = load_catalogue(__file__)


@dataclass(frozen=True, eq=False)
class CheckContext:
    """A plan and the tables it is about.

    Parameters
    ----------
    plan
        The document, read.
    dataset
        Opened; layers are read when asked for.
    units
        The n units, indexed by unit_id.
    """

    plan: PlanPart
    dataset: Dataset
    units: gpd.GeoDataFrame

    @classmethod
    def read(cls, dataset: Dataset, plan: PlanPart) -> CheckContext:
        """Read the units.

        Parameters
        ----------
        dataset
            The dataset.
        plan
            The plan, read.
        """
        return cls(plan, dataset, dataset.layer("units").set_index("unit_id", drop=False))

    def members(self, area: AreaPart) -> list[str]:
        """Ids of an area's units that exist, in the document's order, each once."""
        return [unit for unit in dict.fromkeys(area.unit_ids) if unit in self.position]

    def joined(self, area: AreaPart) -> list[str]:
        """Members other than the anchor."""
        return [unit for unit in self.members(area) if unit != area.anchor_unit_id]

    @cached_property
    def leading(self) -> list[tuple[AreaPart, str, list[str]]]:
        """Each area's anchors that lead, one by one, with the units each leads; all of them exist.

        All of an area's other units where it has the one anchor it is known by; in mode "area" those that
        the plan says each leads.
        """
        found = []
        for area in self.plan.areas:
            groups: dict[str, list[str]] = {}
            if self.plan.has_leaders_inside:
                for unit, anchor in sorted(area.led.items()):
                    if unit in self.position and anchor in self.position:
                        groups.setdefault(anchor, []).append(unit)
            elif area.anchor_unit_id is not None and area.anchor_unit_id in self.position:
                groups[area.anchor_unit_id] = self.joined(area)
            found += [(area, anchor, units) for anchor, units in sorted(groups.items())]
        return found

    @cached_property
    def leaders(self) -> dict[str, str]:
        """Who leads each unit that is led."""
        return {unit: anchor for _, anchor, units in self.leading for unit in units}

    @property
    def management_known(self) -> bool:
        """Whether any unit has a known management mode."""
        modes = self.units["management_mode"].dropna()
        return bool((modes != "unknown").any())

    @cached_property
    def professional(self) -> pd.Series:
        """Whether each unit's mode counts as professional under the plan's rules."""
        return self.units["management_mode"].isin(self.plan.rules.professional_modes).astype(bool)

    @cached_property
    def old(self) -> pd.Series:
        """R02 by the year built; by `is_old` where nothing is known of it; False where both are.

        An interval of years that begins before and ends after the year that counts is no proof.
        """
        earliest, latest = self.built_between
        limit = self.plan.rules.old_until_year
        flagged = self.units["is_old"].fillna(False).astype(bool)
        by_year = latest.le(limit).fillna(False)
        old = (by_year | (flagged & earliest.isna() & latest.isna())).astype(bool)
        if "is_old_by" not in self.units:
            return old
        return old.where(self.units["is_old_by"].ne("statement").fillna(True), flagged)

    @cached_property
    def built_between(self) -> tuple[pd.Series, pd.Series]:
        """Earliest and latest year each unit's first building may be of; missing = not known.

        The year itself where it is stated, the interval where it is an estimate or missing.
        """
        units = self.units
        stated = units["built_year"].astype("Float64")
        bounds = [units[f"built_year_{end}"].astype("Float64") for end in ("from", "to")]
        no_bounds = bounds[0].isna() & bounds[1].isna()
        is_estimate = units["built_year_quality"].isin(["estimated", "missing"]) & ~no_bounds
        earliest, latest = (bound.mask(stated.notna() & ~is_estimate, stated) for bound in bounds)
        return earliest, latest

    @cached_property
    def of_target_kind(self) -> pd.Series:
        """Single buildings and communities in an owner's custody, old or not (R01)."""
        units = self.units
        return (units["kind"] == "single_building") | (units["community_type"] == "unit_custody")

    @cached_property
    def target(self) -> pd.Series:
        """R01: old, single or in custody, and without professional management."""
        return (self.old | self.of_target_kind) & ~self.professional

    @cached_property
    def placed(self) -> pd.Series:
        """Whether each unit has a geometry."""
        geometry = self.units.geometry
        return ~(geometry.isna() | geometry.is_empty)

    @cached_property
    def companies(self) -> pd.DataFrame:
        """The layer of companies, read once."""
        return pd.DataFrame(self.dataset.layer("companies"))

    @cached_property
    def confirmed(self) -> frozenset[str]:
        """Handed-over communities that permits of the data confirm (R05)."""
        return confirmed_units(self.dataset.layer("permits"))

    @cached_property
    def overridden(self) -> frozenset[str]:
        """Units that permits of the data plan against their owners' refusal (R40)."""
        return overridden_units(self.dataset.layer("permits"))

    @cached_property
    def places(self) -> dict[str, UnitPlace]:
        """District, street and neighbourhood of each unit, by code or by name."""
        return read_places(self.dataset)

    @cached_property
    def position(self) -> dict[str, int]:
        """Position of each unit in `units`."""
        return {unit: position for position, unit in enumerate(self.units.index)}

    @cached_property
    def figures(self) -> dict[str, np.ndarray]:
        """Households and floor area of all units as (n,) floats, NaN where missing."""
        names = ("households", "floor_area_m2")
        return {name: self.units[name].astype("float64").to_numpy() for name in names}

    def figure(self, unit_ids: Iterable[str], name: str) -> np.ndarray:
        """Households or floor area of some units, NaN where missing.

        Parameters
        ----------
        unit_ids
            Ids of k units.
        name
            "households" or "floor_area_m2".
        """
        return self.figures[name][[self.position[unit] for unit in unit_ids]]

    def total(self, unit_ids: Iterable[str], name: str) -> tuple[float, int]:
        """Sum of a figure over units, and of how many of them it is known.

        Parameters
        ----------
        unit_ids
            Ids of units.
        name
            "households" or "floor_area_m2".
        """
        values = self.figure(unit_ids, name)
        return float(np.nansum(values)), int((~np.isnan(values)).sum())

    def cell(self, unit_id: str, column: str) -> Any:
        """One value of one unit, as a plain Python value.

        Parameters
        ----------
        unit_id
            Of the unit.
        column
            Of the layer `units`.
        """
        value = self.units.loc[unit_id, column]
        return value.item() if isinstance(value, np.generic) else value

    def named(self, unit_id: str) -> str:
        """A unit as a sentence names it: its name and id."""
        if unit_id not in self.units.index:
            return unit_id
        return f"{self.cell(unit_id, 'name')} ({unit_id})"

    def unit_list(self, unit_ids: Iterable[str]) -> str:
        """Up to five units, and how many more there are."""
        unit_ids = list(unit_ids)
        more = f" … (+{len(unit_ids) - 5})" if len(unit_ids) > 5 else ""
        return "; ".join(self.named(unit) for unit in unit_ids[:5]) + more


def make_violation(
    rule: str,
    sentence: Sentence,
    *,
    units: Iterable[str] = (),
    area: AreaPart | None = None,
    value: float | None = None,
    limit: float | None = None,
) -> Violation:
    """A violation; inside an area both sentences begin with it.

    Parameters
    ----------
    rule
        Its id ("R20"), or what of the document is wrong ("sums").
    sentence
        In both languages.
    units
        Ids of the units concerned.
    area
        The area it is in; None for the whole plan.
    value, limit
        What was found and what may be, in the unit of measure of the rule.
    """
    if area is not None:
        sentence = say("area", area_id=area.area_id, sentence=sentence)
    return Violation(
        rule=rule,
        units=tuple(units),
        area_id=None if area is None else area.area_id,
        value=None if value is None else float(value),
        limit=None if limit is None else float(limit),
        sentence_zh=sentence.zh,
        sentence_en=sentence.en,
    )
