"""The unmanaged single buildings of a dataset, each with the anchors nearest to it."""

from __future__ import annotations

from analysis.bundling.model.rules import rules_from_policy
from analysis.policy import Policy
from analysis.studies.stray_buildings import UnmanagedBuilding, find_unmanaged_buildings
from geo.corrections.permits import confirmed_units, consent_overrides
from geo.dataset import Dataset

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
