"""A plan's files for the districts, by format."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from analysis.bundling.verify.verify import require_same_planning
from app.exports.geojson import export_geojson
from app.exports.plan_table import PlanCheck, check_for_export
from geo.dataset import Dataset

ExportFormat = Literal["geojson", "html", "all"]


def export_plan(
    dataset: Dataset, document: dict[str, Any], format_: ExportFormat, out: Path, found: PlanCheck | None = None
) -> tuple[Path, ...]:
    """Write a plan in one format or all of them; the paths written, in order.

    Each file carries the verdict on the plan; the plan is checked here when `found` is None.

    Raises
    ------
    StalePlanError
        If the plan was made for other planning data.
    """
    require_same_planning(dataset, document)
    written: tuple[Path, ...] = ()
    found = found or check_for_export(dataset, document)
    if format_ in ("geojson", "all"):
        written += export_geojson(dataset, document, out, found)
    if format_ in ("html", "all"):
        from app.exports.offline_map import export_html  # folium is slow to import

        written += (export_html(dataset, document, out, found),)
    return written
