"""What the formulas read: the layers of a dataset, joined once for all indicators and places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.figures.figure import BASELINE, CITY_CODE, CURRENT, LEVEL_COLUMNS, UNKNOWN_CODE, Layers, Level
from analysis.figures.joins import (
    PLACE_COLUMNS,
    align_to_roster,
    compute_charging_columns,
    fill_district_names,
    join_areas,
    join_owners_body,
    list_approved_months,
)
from analysis.policy import Policy
from geo.storage.layer_frames import empty_layer

NEEDED_LAYERS = (
    "units",
    "streets",
    "companies",
    "contracts",
    "owners_bodies",
    "ebike_stock",
    "ebike_sites",
    "parking",
    "reported_figures",
    "snapshots",
    "service_points",
)
"""The layers the indicators read; an absent one counts as empty."""

_ANY_CRS = "EPSG:4490"  # only to shape empty tables; nothing is measured


@dataclass(frozen=True, eq=False)
class Facts:
    """Everything known of one city on one roster.

    Parameters
    ----------
    layers
        Frames by layer name; `units` at least. "baseline" holds the frozen roster, where there is
        one.
    policy
        The values in force.
    year
        Year of the targets and of what happens "in a year"; None = none.
    as_of
        ISO date the data speak of; None = undated.
    plan
        A plan document; None without one.
    roster
        "current" or "baseline".
    present
        For a baseline, the facts of the current roster: what is joined there is not joined again.
    """

    layers: Layers
    policy: Policy
    year: int | None = None
    as_of: str | None = None
    plan: Mapping[str, Any] | None = None
    roster: str = CURRENT
    present: Facts | None = field(default=None, repr=False)
    _kept: dict[tuple[Any, ...], Any] = field(default_factory=dict, repr=False)

    def layer(self, name: str) -> pd.DataFrame:
        """A layer, with all columns of its schema even when it is absent or partial."""
        if ("layer", name) not in self._kept:
            self._kept["layer", name] = _complete_columns(name, self.layers.get(name))
        held: pd.DataFrame = self._kept["layer", name]
        return held

    def adopt(self, earlier: Facts) -> None:
        """Take over what earlier facts made of the very same tables; no figure changes by it."""
        same = {name for name, frame in self.layers.items() if frame is earlier.layers.get(name)}
        ids, before = (facts.layers["units"]["unit_id"] for facts in (self, earlier))
        stays = ids.index.equals(before.index) and ids.equals(before)
        for key, value in earlier._kept.items():
            own = key[0] in ("layer", "has") and key[1] in same - {"units"}
            bikes = key[0] == "bikes" and stays and {"ebike_stock", "ebike_sites"} <= same
            if own or bikes:
                self._kept.setdefault(key, value)

    def join_plan(self, plan: Mapping[str, Any] | None) -> Facts:
        """The same city under another plan; what does not follow from the plan is not joined again.

        Parameters
        ----------
        plan
            A plan document; None without one.
        """
        self._join()
        shared = {key: value for key, value in self._kept.items() if key[0] in ("layer", "bikes", "joined")}
        return replace(self, plan=plan, _kept=shared)

    def has_values(self, layer: str, column: str) -> bool:
        """Whether a column of a layer holds any value at all.

        Parameters
        ----------
        layer
            Its name.
        column
            Of the layer.
        """
        key = ("has", layer, column)
        if key not in self._kept:
            frame = self.units if layer == "units" else self.layer(layer)
            self._kept[key] = column in frame and bool(frame[column].notna().any())
        return bool(self._kept[key])

    @cached_property
    def units(self) -> pd.DataFrame:
        """The rows of the roster, with what other tables know of each.

        Returns
        -------
        DataFrame of n rows: the columns of the layer `units` but the geometry, and those that
        :mod:`analysis.figures.joins` adds.
        """
        joined = self._current
        if self.roster == BASELINE:
            return align_to_roster(joined, self.layers[BASELINE], self.layers["units"])
        return joined

    @cached_property
    def _current(self) -> pd.DataFrame:
        if self.present is not None:
            return self.present.units
        return join_areas(self._join(), self.plan)

    def _join(self) -> pd.DataFrame:
        """The units with what is known of each whatever the plan, joined once."""
        if ("joined",) in self._kept:
            held: pd.DataFrame = self._kept["joined",]
            return held
        units = self.layer("units").drop(columns="geometry", errors="ignore")
        units = fill_district_names(units, self.layer("communities"))
        if ("bikes",) not in self._kept:
            stock, sites = self.layer("ebike_stock"), self.layer("ebike_sites")
            self._kept["bikes",] = compute_charging_columns(units, stock, sites)
        joined = units.assign(**self._kept["bikes",])
        self._kept["joined",] = joined = join_owners_body(joined, self.layer("owners_bodies"))
        return joined

    @cached_property
    def contracts(self) -> pd.DataFrame:
        """The contracts with the place of their unit."""
        return self._placed(self.layer("contracts"))

    @cached_property
    def parking(self) -> pd.DataFrame:
        """The parking of units, with the columns of the unit."""
        facts = [
            "unit_id",
            "kind",
            "community_type",
            "built_year",
            "built_year_from",
            "built_year_to",
            "built_year_quality",
            *PLACE_COLUMNS,
        ]
        return self.layer("parking").merge(self._current[facts], on="unit_id", how="left")

    @cached_property
    def companies(self) -> pd.DataFrame:
        """The companies; they belong to the city alone."""
        return self.layer("companies")

    @cached_property
    def streets(self) -> pd.DataFrame:
        """The streets, functional zones left out: those have no street office."""
        streets = self.layer("streets").drop(columns="geometry", errors="ignore")
        zone = streets["is_functional_zone"].astype("boolean").fillna(False).astype(bool)
        return streets[~zone].reset_index(drop=True)

    @cached_property
    def reported(self) -> pd.DataFrame:
        """What offices reported, and the months they approved (T13e)."""
        reported = self.layer("reported_figures")
        districts = [code for code in self.places("district") if code != UNKNOWN_CODE]
        months = list_approved_months(self.layer("snapshots"), reported, districts)
        return pd.concat([months, reported], ignore_index=True) if len(months) else reported

    def _placed(self, rows: pd.DataFrame) -> pd.DataFrame:
        return rows.merge(self._current[["unit_id", *PLACE_COLUMNS]], on="unit_id", how="left")

    def places(self, level: Level) -> tuple[str, ...]:
        """The codes of a level, sorted, "unknown" last where some unit has no code."""
        if ("places", level) not in self._kept:
            self._kept["places", level] = self._codes(LEVEL_COLUMNS[level])
        held: tuple[str, ...] = self._kept["places", level]
        return held

    def _codes(self, column: str | None) -> tuple[str, ...]:
        if column is None:
            return (CITY_CODE,)
        codes = set(self.units[column].dropna().unique())
        if column in ("district_code", "street_code"):
            codes |= set(self.layer("streets")[column].dropna().unique())
        lacking = bool(self.units[column].isna().any())
        return (*sorted(map(str, codes)), *((UNKNOWN_CODE,) if lacking else ()))

    def position(self, rows: pd.DataFrame, level: Level) -> NDArray[np.intp]:
        """(n,) position of each row's place among :meth:`places`; −1 = at none of them.

        Parameters
        ----------
        rows
            n rows with the columns of the level.
        level
            What places are.
        """
        key = ("position", id(rows), level)
        if key not in self._kept:  # holds the rows as well: their id stays theirs
            self._kept[key] = rows, self._position(rows, level)
        found: NDArray[np.intp] = self._kept[key][1]
        return found

    def _position(self, rows: pd.DataFrame, level: Level) -> NDArray[np.intp]:
        column = LEVEL_COLUMNS[level]
        if column is None:
            return np.zeros(len(rows), dtype=np.intp)
        if column not in rows:
            return np.full(len(rows), -1, dtype=np.intp)
        codes = rows[column].to_numpy(object, na_value=UNKNOWN_CODE)
        places = pd.Index(self.places(level), dtype=object)
        return np.asarray(places.get_indexer(pd.Index(codes, dtype=object)), dtype=np.intp)


def _complete_columns(name: str, frame: pd.DataFrame | None) -> pd.DataFrame:
    """A layer with every column of its schema, the absent ones empty."""
    found = pd.DataFrame() if frame is None else pd.DataFrame(frame)
    blank = pd.DataFrame(empty_layer(name, _ANY_CRS))
    absent = [column for column in blank if column not in found]
    return found.join(blank[absent].reindex(found.index)) if absent else found
