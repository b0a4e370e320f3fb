"""A plan made for other data, carried over to the data at hand as a start for a new one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geo.dataset import Dataset


def migrate_plan(document: Mapping[str, Any], dataset: Dataset) -> dict[str, Any]:
    """The plan with the units that are still there; its locks go where the data are others.

    Parameters
    ----------
    document
        PLAN.json, perhaps made for other planning data.
    dataset
        The data at hand.

    Returns
    -------
    A document for these data; what it says of figures is the old data's, so it is a start, no plan
    to show.
    """
    made_for = dataset.manifest.planning_sha256
    if document["planning_sha256"] == made_for:
        return dict(document)
    known = set(dataset.layer("units")["unit_id"].astype(str))
    areas = []
    for area in document["areas"]:
        units = [unit for unit in area["unit_ids"] if unit in known]
        anchor = area["anchor_unit_id"] if area["anchor_unit_id"] in known else None
        if units:
            areas.append({**area, "unit_ids": units, "anchor_unit_id": anchor})
    rows = {name: [row for row in document[name] if row["unit_id"] in known] for name in ("left_over", "out_of_scope")}
    return {**document, **rows, "areas": areas, "locks": [], "planning_sha256": made_for}
