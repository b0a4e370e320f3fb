"""Checks a plan rule by rule from the tables and the ground, sharing no code with its making."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from time import perf_counter
from typing import Any

from analysis.bundling.verify.account import check_account
from analysis.bundling.verify.base.context import CheckContext
from analysis.bundling.verify.base.schema import RulesPart, parse_plan
from analysis.bundling.verify.base.verification import Unchecked, Verification
from analysis.bundling.verify.conditions.companies import check_companies
from analysis.bundling.verify.conditions.connection import (
    check_connected,
    check_jurisdictions,
    check_radius,
    check_reach,
    find_unchecked_jurisdictions,
)
from analysis.bundling.verify.conditions.corrections import Corrections
from analysis.bundling.verify.conditions.geometry import GroundGeometry
from analysis.bundling.verify.conditions.locks import check_locks
from analysis.bundling.verify.conditions.membership import (
    check_anchors,
    check_capacity,
    check_consent,
    check_mode,
    check_number,
    check_scope,
    check_size,
    check_states,
)
from analysis.bundling.verify.policy_rules import apply_choices, compare_rules
from analysis.bundling.verify.rules_in_force import PolicyValues
from analysis.bundling.verify.statements.claims import (
    check_area_streets,
    check_permits,
    check_status,
    find_unverifiable,
)
from analysis.bundling.verify.statements.empty import explain_no_area
from analysis.bundling.verify.statements.totals import check_levels, check_partition, check_sums
from geo.errors import StalePlanError
from geo.messages import load_catalogue
from geo.storage.dataset import Dataset

say = load_catalogue(__file__)


def verify_plan(
    dataset: Dataset, document: Mapping[str, Any], policy: PolicyValues, *, allow: Collection[str] = ()
) -> Verification:
    """Check a plan against the rules in force; everything is computed afresh.

    Gaps, barriers and walks of the pairs inside areas come from geometry, on roads where there are
    any; eligibility and sums from the tables. `walks.parquet` and `edges.parquet` are read only for
    what the levels `household_metres`, `cut_pairs` and `cut_facing_m` add up.

    Parameters
    ----------
    dataset
        The dataset the plan was made for.
    document
        PLAN.json (docs/site/en/files.md).
    policy
        The policy in force for the dataset: never the plan's own word.
    allow
        Names of the plan's `rules` that may differ from the policy this time.

    Returns
    -------
    All that was found; no violation and no fault for a plan that keeps every rule. A document of a
    wrong form yields "schema" violations only: nothing else can be known of it.

    Raises
    ------
    StalePlanError
        If the plan was made for other planning data.
    """
    return PlanChecker(dataset, policy, allow=allow).check(document)


class PlanChecker:
    """Checks plans of one dataset, one after the other; the ground is built once for the same rules.

    Parameters
    ----------
    dataset, policy, allow
        As of :func:`verify_plan`.

    Attributes
    ----------
    ground_s, areas_s
        Seconds by the clock that the last check took to build the ground, and to look at areas on it: these grow
        with the areas, all the rest hardly does.
    """

    def __init__(self, dataset: Dataset, policy: PolicyValues, *, allow: Collection[str] = ()) -> None:
        self._dataset, self._policy, self._allow = dataset, policy, allow
        self._corrections = Corrections.from_layer(dataset.layer("overrides"))
        self._ground: tuple[RulesPart, GroundGeometry] | None = None
        self.ground_s = self.areas_s = 0.0

    def check(self, document: Mapping[str, Any]) -> Verification:
        """What is found in a plan.

        Parameters
        ----------
        document
            PLAN.json.

        Raises
        ------
        StalePlanError
            If the plan was made for other planning data.
        """
        plan, faults = parse_plan(document)
        if plan is None:
            return Verification(faults)
        require_same_planning(self._dataset, document)
        stated = CheckContext.read(self._dataset, plan)
        known = stated.management_known
        differ = compare_rules(plan, self._policy, self._allow, management_known=known)
        obeyed = apply_choices(plan, self._policy, differ, management_known=known)
        context = replace(stated, plan=plan.model_copy(update={"rules": obeyed}))
        began = perf_counter()
        ground = self._ground_under(context)
        self.ground_s = perf_counter() - began
        violations = (
            *check_partition(context),
            *check_permits(context),
            *check_area_streets(context),
            *check_sums(context),
            *check_levels(context),
            *check_mode(context),
            *check_number(context),
            *check_scope(context),
            *check_states(context),
            *check_consent(context),
            *check_anchors(context),
            *check_capacity(context),
            *check_companies(context),
            *check_size(context),
            *check_jurisdictions(context),
        )
        began = perf_counter()
        on_ground = (
            *check_connected(context, ground, self._corrections),
            *check_radius(context, ground),
            *check_reach(context, ground),
        )
        self.areas_s = perf_counter() - began
        violations = (*violations, *on_ground, *check_locks(context))
        false_statements, open_claims = check_account(context)
        violations = (*violations, *false_statements)
        violations = (*violations, *check_status(context, breaks_rules=bool(violations)))
        unchecked: tuple[Unchecked, ...] = (*find_unchecked_jurisdictions(context), *open_claims)
        return Verification(violations, differ, unchecked, explain_no_area(context), find_unverifiable(document))

    def _ground_under(self, context: CheckContext) -> GroundGeometry:
        """The ground under the rules of a plan."""
        rules = context.plan.rules
        if self._ground is None or self._ground[0] != rules:
            layer, corrections = self._dataset.layer, self._corrections
            ground = GroundGeometry(
                context.units.geometry,
                layer("barriers"),
                corrections.crossings(layer("crossings")),
                rules,
                joined=corrections.joined_at(context.position),
                roads=layer("roads"),
                gates=corrections.gates(layer("gates")),
                unit_ids=list(context.units.index),
                closed=corrections.closed_shapes(layer("crossings")),
            )
            self._ground = rules, ground
        return self._ground[1]


def require_same_planning(dataset: Dataset, document: Mapping[str, Any]) -> None:
    """Refuse a plan that was made for other planning data than the dataset has now.

    Parameters
    ----------
    dataset
        As it is now.
    document
        PLAN.json; names the data it was made for.

    Raises
    ------
    StalePlanError
        If the planning hashes differ.
    """
    made_for = document.get("planning_sha256")
    present = dataset.manifest.planning_sha256
    if made_for != present:
        raise StalePlanError(*say("error.stale", made_for=str(made_for)[-8:], present=present[-8:]))
