"""A plan's files for the districts, by format."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from app.exports.geojson import export_geojson
from geo.dataset import Dataset
from geo.errors import StalePlanError

ExportFormat = Literal["geojson", "html", "all"]


def export_plan(
    dataset: Dataset, document: dict[str, Any], format_: ExportFormat, out: Path
) -> tuple[Path, ...]:
    """Write a plan in one format or all of them; the paths written, in order.

    Raises
    ------
    StalePlanError
        If the plan was made for other planning data.
    """
    require_same_data(dataset, document)
    written: tuple[Path, ...] = ()
    if format_ in ("geojson", "all"):
        written += export_geojson(dataset, document, out)
    if format_ in ("html", "all"):
        from app.exports.offline_map import export_html  # folium is slow to import

        written += (export_html(dataset, document, out),)
    return written


def require_same_data(dataset: Dataset, document: dict[str, Any]) -> None:
    """Refuse a plan that was made for other planning data than the dataset's."""
    made_for, now = document["planning_sha256"], dataset.manifest.planning_sha256
    if made_for != now:
        raise StalePlanError(
            f"方案是按另一版数据做的(方案 {made_for[:12]}, 数据集 {now[:12]}); 请重新运行 pianqu plan。",
            f"The plan was made for other data (plan {made_for[:12]}, dataset {now[:12]}); "
            "run pianqu plan again.",
        )
