"""One dataset and one plan on it, read once and kept for every reader of the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from analysis.bundling.document.read import OpenPlan, open_plan
from analysis.bundling.document.roles import UnitRole, list_roles
from analysis.bundling.model.rules import rules_from_policy
from analysis.bundling.model.violations import Violation
from analysis.bundling.verify.base.verification import Verification
from analysis.bundling.verify.verdict import Verdict, make_verdict
from analysis.bundling.verify.verify import verify_plan
from analysis.indicators.registry import read_layers
from analysis.policy import Policy
from analysis.studies.stray_buildings import UnmanagedBuilding, find_unmanaged_buildings
from app.store.records import Version
from app.workbench.policies import RulesInForce, resolve_rules
from app.workbench.verify_subprocess import verify_in_subprocess
from geo.admin.gazetteer import gazetteer_layers, street_names
from geo.corrections.permits import confirmed_units, consent_overrides
from geo.storage.dataset import Dataset, open_dataset

NO_AREA = -1
MAX_UNITS_IN_PROCESS = 1_000
"""Units beyond which a plan is checked in another process."""

NOT_SHOWN = ("consultations", "chosen_sites")
"""Layers no map, card or figure of the page is made of: work goes on without loading it anew."""


@dataclass(frozen=True, eq=False)
class DatasetContext:
    """A dataset read once, with what follows from it whatever the plan.

    Parameters
    ----------
    dataset, rules
        What is read, and by which rules.
    layers
        The layers the indicators read, `units` among them.
    is_past
        A state that was kept for the plans made for it; the data have gone on.
    has_other_limits
        Not the data have: the neighbours, which follow from the limits of a plan.
    """

    dataset: Dataset
    rules: RulesInForce
    layers: Mapping[str, pd.DataFrame]
    is_past: bool = False
    has_other_limits: bool = False

    @property
    def policy(self) -> Policy:
        """The policy in force."""
        return self.rules.policy

    @cached_property
    def key(self) -> str:
        """Tells datasets apart by their content and the rules they are shown by."""
        content = self.dataset.manifest.sha256_without(*NOT_SHOWN)
        return f"{content[:12]}{self.policy.sha256[:4]}"

    @cached_property
    def position_of(self) -> dict[str, int]:
        """Position of each unit by its id."""
        return {unit: i for i, unit in enumerate(self.layers["units"]["unit_id"])}

    @cached_property
    def strays(self) -> tuple[UnmanagedBuilding, ...]:
        """Unmanaged single buildings with their nearest anchors; none before the graph is built."""
        return find_stray_buildings(self.dataset, self.policy) if self.dataset.has("edges") else ()

    @cached_property
    def street_names(self) -> dict[str, str]:
        """Name of each street by its code."""
        return street_names(gazetteer_layers(self.dataset))

    @cached_property
    def company_names(self) -> dict[str, str]:
        """Name of each company by its id."""
        companies = self.dataset.layer("companies")
        return dict(zip(companies["company_id"], companies["name"], strict=True))


@dataclass(frozen=True, eq=False)
class Workbench:
    """What the page shows; positions are those of the `units` layer, areas those of the plan.

    Parameters
    ----------
    context
        The dataset and what follows from it.
    policy
        What the figures are computed from.
    plan
        The plan document (docs/site/en/files.md), None before there is a plan.
    plan_name
        What planners call the plan; None where none was named.
    version
        Of the store; None for a plan that is not kept there.
    is_stale
        The plan named was made for other planning data, so it is not shown.
    """

    context: DatasetContext
    policy: Policy
    plan: Mapping[str, Any] | None = None
    plan_name: str | None = None
    version: Version | None = None
    is_stale: bool = False

    @property
    def dataset(self) -> Dataset:
        """The dataset."""
        return self.context.dataset

    @property
    def layers(self) -> Mapping[str, pd.DataFrame]:
        """The layers the indicators read."""
        return self.context.layers

    @property
    def units(self) -> gpd.GeoDataFrame:
        """The n units, in the metric CRS."""
        return self.context.layers["units"]

    @property
    def position_of(self) -> dict[str, int]:
        """Position of each unit by its id."""
        return self.context.position_of

    @property
    def strays(self) -> tuple[UnmanagedBuilding, ...]:
        """Unmanaged single buildings with their nearest anchors."""
        return self.context.strays

    @property
    def street_names(self) -> dict[str, str]:
        """Name of each street by its code."""
        return self.context.street_names

    @property
    def company_names(self) -> dict[str, str]:
        """Name of each company by its id."""
        return self.context.company_names

    @property
    def areas(self) -> list[Mapping[str, Any]]:
        """The areas of the plan, none without a plan."""
        return list(self.plan["areas"]) if self.plan else []

    @cached_property
    def area_of(self) -> np.ndarray:
        """(n,) int: area of each unit, −1 = none."""
        area_of = np.full(len(self.units), NO_AREA, dtype=np.int64)
        for number, area in enumerate(self.areas):
            area_of[[self.position_of[unit] for unit in area["unit_ids"]]] = number
        return area_of

    @cached_property
    def reason_of(self) -> dict[int, str]:
        """Reason key of each unit that is left over or out of scope, by position."""
        rows = [*self.plan["left_over"], *self.plan["out_of_scope"]] if self.plan else []
        return {self.position_of[row["unit_id"]]: row["reason"] for row in rows}

    @property
    def has_leaders_inside(self) -> bool:
        """Whether anchors lead inside the areas of the plan, several in one (mode "area")."""
        return self.plan is not None and self.plan["mode"] == "area"

    @cached_property
    def roles(self) -> dict[int, UnitRole]:
        """What each unit is in the plan, by position; those it does not speak of are left out."""
        if self.plan is None:
            return {}
        special = self.units["special_type"].notna() & (not self.plan["rules"].get("auto_absorb_special", False))
        roles = list_roles(self.plan, set(self.units.loc[special, "unit_id"]))
        return {self.position_of[role.unit_id]: role for role in roles}

    @cached_property
    def leaders(self) -> dict[int, int]:
        """Position of the leader of each unit that is led, area by area."""
        return {
            unit: self.position_of[role.leader_unit_id]
            for unit, role in self.roles.items()
            if role.leader_unit_id is not None
        }

    @cached_property
    def followers(self) -> dict[int, list[int]]:
        """Positions of the units each leader leads, none for a leader that leads nobody."""
        found: dict[int, list[int]] = {unit: [] for unit, role in self.roles.items() if role.role == "anchor"}
        for unit, leader in self.leaders.items():
            found.setdefault(leader, []).append(unit)
        return found

    @cached_property
    def unled_reasons(self) -> dict[int, str]:
        """Reason key of each unit that is to be led and is not although it is in an area, by position."""
        return {unit: str(role.reason) for unit, role in self.roles.items() if role.role == "unled"}

    @cached_property
    def left_over(self) -> np.ndarray:
        """Positions of the units left over, in the plan's order."""
        rows = self.plan["left_over"] if self.plan else []
        return np.array([self.position_of[row["unit_id"]] for row in rows], dtype=np.int64)

    @cached_property
    def out_of_scope(self) -> np.ndarray:
        """Positions of the units the plan does not decide about, in the plan's order."""
        rows = self.plan["out_of_scope"] if self.plan else []
        return np.array([self.position_of[row["unit_id"]] for row in rows], dtype=np.int64)

    @property
    def violations(self) -> tuple[Violation, ...]:
        """The rules the plan breaks, found independently of the search; seconds for a city."""
        return self.verification.violations

    @cached_property
    def verdict(self) -> Verdict | None:
        """What the check found in one sentence; None without a plan; seconds for a city."""
        return None if self.plan is None else make_verdict(self.verification)

    @cached_property
    def verification(self) -> Verification:
        """What the independent check of the plan found; seconds for a city.

        A large one is checked in another process, for the page is served meanwhile.
        """
        if self.plan is None:
            return Verification()
        verification = None
        if len(self.units) > MAX_UNITS_IN_PROCESS:
            verification = verify_in_subprocess(self.dataset.folder, self.plan, self.context.rules.policy_file)
        if verification is not None:
            return verification
        return verify_plan(self.dataset, dict(self.plan), self.context.policy)

    @cached_property
    def opened(self) -> OpenPlan | None:
        """The plan next to the problem it answers; None without a plan; a second for a city.

        Raises
        ------
        PlanningError
            If the dataset has no graph, or the plan's locks are malformed.
        """
        return open_plan(self.dataset, self.plan) if self.plan else None


def open_context(folder: Path, policy: Path | None = None, *, is_past: bool = False) -> DatasetContext:
    """Read a dataset.

    Parameters
    ----------
    folder
        Dataset folder.
    policy
        A policy file named now; what the dataset is kept by when None.
    is_past
        Whether it is a state kept for older plans.

    Raises
    ------
    NotADatasetError
        If the folder is no dataset.
    """
    dataset = open_dataset(folder)
    return DatasetContext(dataset, resolve_rules(dataset, policy), read_layers(dataset), is_past)


def build_workbench(
    context: DatasetContext, plan: Mapping[str, Any] | None, *, name: str | None = None, version: Version | None = None
) -> Workbench:
    """A plan on the data; one made for other planning data is named, not shown.

    Parameters
    ----------
    context
        The dataset and what is in force for it.
    plan
        None = the data alone.
    name
        Of the plan.
    version
        Of the plan; None = the plan is of no store.
    """
    made_for = None if plan is None else plan["planning_sha256"]
    is_stale = made_for not in (None, context.dataset.manifest.planning_sha256)
    return Workbench(context, context.policy, None if is_stale else plan, name, version, is_stale=is_stale)


N_ANCHORS = 3


def find_stray_buildings(dataset: Dataset, policy: Policy) -> tuple[UnmanagedBuilding, ...]:
    """As `analysis.studies.stray_buildings`, of the neighbours and walks the dataset holds.

    Parameters
    ----------
    dataset
        With its graph built (`pianqu graph`); without one no anchor is reached.
    policy
        The rules areas are held to; lead mode, for otherwise nobody takes buildings in.
    """
    layer = dataset.layer
    return find_unmanaged_buildings(
        layer("units"),
        layer("edges"),
        layer("walks"),
        layer("barriers"),
        layer("companies"),
        layer("contracts") if dataset.has("contracts") else None,
        rules_from_policy(policy, mode="lead", scope="targets"),
        data_date=dataset.manifest.data_date,
        confirmed=confirmed_units(layer("permits")),
        overridden=consent_overrides(layer("permits")),
        n_anchors=N_ANCHORS,
    )
