"""Corrections by people, in words and from what a planner points at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from analysis.policy import Policy
from app.services.place_names import place_names
from geo.dataset import Dataset, open_dataset
from geo.errors import UsageError
from geo.importing import derive_units
from geo.overrides import Correction, What, add_override, list_overrides, remove_override

_ZH = {
    "closed": "通道或出入口已关闭", "passage": "另有通道", "neighbours": "两单元相邻",
    "not_neighbours": "两单元不相邻", "placed": "小区位置",
}  # fmt: skip
_EN = {
    "closed": "closed", "passage": "a passage", "neighbours": "neighbours",
    "not_neighbours": "not neighbours", "placed": "where a community lies",
}  # fmt: skip


def correct(
    folder: Path,
    what: What,
    ids: Sequence[str],
    policy: Policy,
    *,
    author: str,
    reason: str,
    date: str,
    at: tuple[float, float] | None = None,
    crs: str = "EPSG:4326",
    kind: str = "bridge",
) -> str:
    """Keep what a planner knows better in a dataset, and derive its units anew where they change.

    Returns
    -------
    The id of the correction.

    Raises
    ------
    PlanningError
        As :func:`add_correction`; if the folder is no dataset.
    """
    _, override_id = add_correction(
        open_dataset(folder), what, ids, author=author, reason=reason, date=date, at=at, crs=crs,
        kind=kind,
    )  # fmt: skip
    if what == "placed":
        derive_units(folder, policy.unit_rules(), place_names())
    return override_id


def take_back(folder: Path, override_id: str, policy: Policy) -> None:
    """Undo a correction; what the layers say holds again.

    Raises
    ------
    UnknownCodeError
        If there is no such correction.
    """
    dataset = open_dataset(folder)
    table = dataset.layer("overrides")
    remove_override(dataset, override_id)
    if table["what"][table["override_id"].eq(override_id)].eq("placed").any():
        derive_units(folder, policy.unit_rules(), place_names())


def add_correction(
    dataset: Dataset,
    what: What,
    ids: Sequence[str],
    *,
    author: str,
    reason: str,
    date: str,
    at: tuple[float, float] | None = None,
    crs: str = "EPSG:4326",
    kind: str = "bridge",
) -> tuple[Dataset, str]:
    """Keep what a planner knows better than the data.

    Parameters
    ----------
    dataset
        The data as they are.
    what
        "closed" (one id: a crossing or gate), "passage" (`at`), "neighbours" or "not_neighbours"
        (two ids: units), "placed" (one id: a community without a place; `at`).
    ids
        What it is about.
    author, reason, date
        Who says so, why, and when (ISO date).
    at, crs
        The place of a passage or community: x, y or longitude, latitude in that CRS.
    kind
        Kind of the passage.

    Returns
    -------
    The dataset with the correction, and its id.

    Raises
    ------
    UsageError, UnknownCodeError
        See :func:`geo.overrides.add_override`; also if the place is outside the CRS, or the number
        of ids does not fit.
    """
    n = {"closed": 1, "passage": 0, "placed": 1}.get(what, 2)
    if len(ids) != n:
        raise UsageError(
            f"更正“{_ZH[what]}”须给出 {n} 个编号, 现有 {len(ids)} 个。",
            f"'{what}' takes {n} ids, {len(ids)} were given.",
        )
    place = None if at is None else _placed(at, crs, dataset.manifest.metric_crs)
    return add_override(
        dataset,
        Correction(
            what=what, author=author, reason=reason, date=date,
            units=(ids[0], ids[1]) if n == 2 else None,
            target=ids[0] if n == 1 else None, place=place, kind=kind,
        ),
    )  # fmt: skip


def correction_records(dataset: Dataset) -> list[dict[str, Any]]:
    """All corrections as plain records, their places as longitude and latitude (WGS84)."""
    table = list_overrides(dataset)
    points = table.geometry.to_crs("EPSG:4326").representative_point()
    records: list[dict[str, Any]] = []
    for row, point in zip(table.drop(columns="geometry").to_dict("records"), points, strict=True):
        plain = {str(key): None if value != value else value for key, value in row.items()}
        at = None if point is None or point.is_empty else [round(point.x, 7), round(point.y, 7)]
        records.append({**plain, "in_force": bool(row["in_force"]), "lonlat": at})
    return records


def correction_sentence(record: Mapping[str, Any]) -> str:
    """One record of :func:`correction_records` as a line."""
    about = record["target_id"] or "–".join(
        filter(None, [record["unit_a"], record["unit_b"]])
    )  # fmt: skip
    if record["lonlat"]:
        which = about or record["new"]
        about = "{}, {} ({})".format(*record["lonlat"], which)
    state = "" if record["in_force"] else " [所指已不在数据中 names what is no longer there]"
    what = record["what"]
    return (
        f"{record['override_id']}  {_ZH[what]} / {_EN[what]}: {about}{state}\n"
        f"    {record['author']}, {record['date']}: {record['reason']}"
    )


def _placed(at: tuple[float, float], crs: str, metric_crs: str) -> shapely.Point:
    try:
        to_metric = Transformer.from_crs(CRS(crs), CRS(metric_crs), always_xy=True)
    except CRSError as error:
        raise UsageError(
            f"不认识的坐标系“{crs}”; 请写成 EPSG:4546 的样子。",
            f"Unknown CRS '{crs}'; write it like EPSG:4546.",
        ) from error
    x, y = to_metric.transform(*at)
    point = shapely.Point(x, y)
    if not shapely.is_valid(point) or max(abs(x), abs(y)) > 1e8:
        raise UsageError(
            f"位置 {at[0]:g}, {at[1]:g} 不在坐标系 {crs} 内; 请核对先后次序(经度在前)。",
            f"{at[0]:g}, {at[1]:g} is no place in {crs}; longitude comes first.",
        )
    return point
