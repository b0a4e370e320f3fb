"""A plan as GeoJSON for the districts, after RFC 7946 (architecture §5)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analysis.bundling.document.roles import ROLE_NAMES, find_reason
from app.exports.lon_lat import to_lon_lat
from app.exports.plan_table import AREA_COLUMNS, LED_AREA_COLUMNS
from app.exports.request import ExportRequest, Part
from geo.storage.atomic_files import atomic_write_texts
from geo.storage.dataset import Dataset

UNIT_PROPERTIES = (
    "unit_id",
    "name",
    "kind",
    "area_id",
    "role",
    "reason",
    "households",
    "floor_area_m2",
    "street_code",
    "neighbourhood_code",
)
AREA_PROPERTIES = AREA_COLUMNS

LED_UNIT_PROPERTIES = (*UNIT_PROPERTIES, "role_label", "leader_unit_id", "leader_name", "reason_label")
LED_AREA_PROPERTIES = tuple(
    extra for name in LED_AREA_COLUMNS for extra in ((name, "operator_name") if name == "operator" else (name,))
)
"""What units and areas have where several anchors lead inside an area (mode "area")."""


def write_geojson(request: ExportRequest, part: Part, folder: Path) -> tuple[Path, ...]:
    """Write `areas_<code>.geojson` and `units_<code>.geojson` of one part of a plan.

    Parameters
    ----------
    request
        What is exported.
    part
        A district, a street or the whole city.
    folder
        Where to.

    Returns
    -------
    The paths: areas, units.
    """
    units, areas = part.units, part.areas
    names_of = {"areas": AREA_PROPERTIES, "units": UNIT_PROPERTIES}
    if request.has_leaders_inside:
        units, areas = _with_labels(units, request), _with_operators(areas, request.dataset)
        names_of = {"areas": LED_AREA_PROPERTIES, "units": LED_UNIT_PROPERTIES}
    about = {"schema": "pianqu.geojson/1", **request.about}
    texts = {}
    for layer, table in (("areas", areas), ("units", units)):
        body = feature_collection(table, names_of[layer], {**about, "layer": layer, part.level: part.code})
        texts[f"{layer}_{part.code or part.level}.geojson"] = (
            json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"
        )
    return atomic_write_texts(folder, texts)


def _with_labels(units: gpd.GeoDataFrame, request: ExportRequest) -> gpd.GeoDataFrame:
    """Units with role and reason in Chinese, and the name of who leads each."""
    names = dict(zip(request.units["unit_id"], request.units["name"], strict=True))
    reasons = [
        None if pd.isna(key) or (found := find_reason(key, role)) is None else found.zh
        for key, role in zip(units["reason"], units["role"], strict=True)
    ]
    return units.assign(
        role_label=[ROLE_NAMES[role].zh for role in units["role"]],
        leader_name=units["leader_unit_id"].map(names),
        reason_label=reasons,
    )


def _with_operators(areas: gpd.GeoDataFrame, dataset: Dataset) -> gpd.GeoDataFrame:
    """Areas with the name of the company that runs each."""
    companies = dataset.layer("companies")
    names = dict(zip(companies["company_id"], companies["name"], strict=True))
    return areas.assign(operator_name=areas["operator"].map(names))


def feature_collection(table: gpd.GeoDataFrame, names: tuple[str, ...], about: Mapping[str, Any]) -> dict[str, Any]:
    """A layer as a FeatureCollection: lon and lat, 7 decimals, outer rings counter-clockwise.

    Parameters
    ----------
    table
        n rows with a CRS.
    names
        Columns that become properties; missing values become null.
    about
        The foreign member `pianqu`.
    """
    geometry = to_lon_lat(table.geometry)
    features = [
        {
            "type": "Feature",
            "properties": {name: _plain(row[name]) for name in names},
            "geometry": None if shape is None else _geometry_object(shape),
        }
        for row, shape in zip(table.to_dict("records"), geometry, strict=True)
    ]
    return {"type": "FeatureCollection", "pianqu": dict(about), "features": features}


def _geometry_object(shape: shapely.Geometry) -> dict[str, Any]:
    return json.loads(shapely.to_geojson(shape))


def _plain(value: Any) -> Any:
    """A value as JSON has it: None for missing, whole numbers without a point."""
    if isinstance(value, list):
        return value
    if pd.isna(value):
        return None
    return value.item() if isinstance(value, np.generic) else value
