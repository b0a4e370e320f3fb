"""The tables of a dataset as plan documents need them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.bundling.model.eligibility import company_of, find_last_contracts
from geo.admin.gazetteer import gazetteer_layers, street_names
from geo.corrections.permits import ConsentOverride, consent_overrides
from geo.storage.dataset import Dataset


@dataclass(frozen=True, eq=False)
class DatasetTables:
    """What a dataset says of its units and streets, read once however often a plan changes.

    Parameters
    ----------
    dataset
        Read when something is first asked.
    """

    dataset: Dataset

    @cached_property
    def units(self) -> pd.DataFrame:
        """The `units` layer without geometry."""
        return pd.DataFrame(self.dataset.layer("units")).drop(columns="geometry", errors="ignore")

    @cached_property
    def by_id(self) -> pd.DataFrame:
        """The same, indexed by unit id."""
        return self.units.set_index("unit_id")

    @cached_property
    def position(self) -> dict[str, int]:
        """Position of each unit by its id."""
        return {str(unit): i for i, unit in enumerate(self.units["unit_id"])}

    @cached_property
    def names(self) -> list[str]:
        """(n,) name of each unit, "" without one."""
        return self.units["name"].fillna("").astype(str).tolist()

    @cached_property
    def name_of(self) -> dict[str, str]:
        """Name of each unit by its id, "" without one."""
        return dict(zip(self.position, self.names, strict=True))

    @cached_property
    def street_of(self) -> list[str | None]:
        """(n,) street code of each unit, None without one."""
        return [None if pd.isna(code) else str(code) for code in self.units["street_code"]]

    @cached_property
    def contracts(self) -> pd.DataFrame | None:
        """The `contracts` layer; None = nothing is known of any."""
        return self.dataset.layer("contracts") if self.dataset.has("contracts") else None

    @cached_property
    def contract_ends(self) -> dict[str, pd.Timestamp]:
        """When the last contract of each unit ends, by unit id; units without a date are not there."""
        if self.contracts is None:
            return {}
        ends = pd.to_datetime(find_last_contracts(self.contracts)["end_date"], errors="coerce").dropna()
        return dict(zip(ends.index.astype(str), ends, strict=True))

    @cached_property
    def company_ids(self) -> list[str | None]:
        """(n,) company that serves each unit: its own, else that of its last contract; None = not known."""
        return [None if pd.isna(company) else str(company) for company in company_of(self.units, self.contracts)]

    @cached_property
    def companies(self) -> pd.DataFrame:
        """The `companies` layer, the first row of each, indexed by company id."""
        layer = self.dataset.layer("companies").drop_duplicates("company_id")
        return layer.set_index(layer["company_id"].astype(str))

    @cached_property
    def households(self) -> np.ndarray:
        """(n,) float, NaN where the figure is missing."""
        return self.units["households"].to_numpy(float, na_value=np.nan)

    @cached_property
    def floor_area_m2(self) -> np.ndarray:
        """(n,) float, NaN where the figure is missing."""
        return self.units["floor_area_m2"].to_numpy(float, na_value=np.nan)

    @cached_property
    def overrides(self) -> dict[str, ConsentOverride]:
        """By which permit each unit is planned although its owners refuse (R40), by its id."""
        refused = self.units.loc[self.units["merge_willingness"].eq("no"), "unit_id"].astype(str)
        permits = consent_overrides(self.dataset.layer("permits"))
        return {unit: permits[unit] for unit in refused if unit in permits}

    @cached_property
    def company_names(self) -> dict[str, str]:
        """Name of each company that has one, by its id."""
        layer = self.dataset.layer("companies").dropna(subset=["name"])
        return dict(zip(layer["company_id"].astype(str), layer["name"], strict=True))

    @cached_property
    def streets(self) -> dict[str, str]:
        """Name of each street by its code."""
        return street_names(gazetteer_layers(self.dataset))
