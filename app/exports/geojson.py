"""A plan as GeoJSON for the districts, after RFC 7946 (architecture §5)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analysis.bundling.document.roles import ROLE_NAMES, find_reason
from app.exports.plan_table import PlanCheck, check_for_export, provenance, unit_table
from geo.storage.atomic_files import atomic_write_texts
from geo.storage.dataset import Dataset

DECIMALS = 7
"""Decimals of a coordinate in degrees: about 1 cm."""

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
AREA_PROPERTIES = ("area_id", "name", "street_code", "anchor_unit_id", "unit_count", "households", "floor_area_m2")

LED_UNIT_PROPERTIES = (*UNIT_PROPERTIES, "role_label", "leader_unit_id", "leader_name", "reason_label")
LED_AREA_PROPERTIES = (
    *AREA_PROPERTIES,
    "anchor_unit_ids",
    "led_count",
    "operator",
    "operator_name",
    "company_ids",
    "oversize_unit_ids",
    "outside_preferred",
)
"""What units and areas have where several anchors lead inside an area (mode "area")."""


def export_geojson(
    dataset: Dataset, document: Mapping[str, Any], out: Path, found: PlanCheck | None = None
) -> tuple[Path, ...]:
    """Write `areas_<district>.geojson` and `units_<district>.geojson` for every district.

    An area belongs to the district of its anchor, or of most of its units. Nothing is left
    half-written: all files are complete before the first gets its name.

    Parameters
    ----------
    dataset
        The dataset the plan was made for.
    document
        PLAN.json.
    out
        Folder; made when it does not exist.
    found
        What the check of the plan found; checked here when None.

    Returns
    -------
    The paths: areas and units of each district, districts by code, "unknown" last.

    Raises
    ------
    UsageError
        If the plan does not hold each placed unit exactly once.
    """
    units = unit_table(dataset, document)
    areas = area_table(units, document)
    names_of = {"areas": AREA_PROPERTIES, "units": UNIT_PROPERTIES}
    if document["mode"] == "area":
        units, areas = _with_labels(units), _with_operators(areas, dataset)
        names_of = {"areas": LED_AREA_PROPERTIES, "units": LED_UNIT_PROPERTIES}
    about = {
        "schema": "pianqu.geojson/1",
        **provenance(dataset, document, found or check_for_export(dataset, document)),
    }
    texts = {}
    for district in sorted(units["district"].unique(), key=lambda code: (code == "unknown", code)):
        for layer, table in (("areas", areas), ("units", units)):
            chosen = table[table["district"] == district]
            body = feature_collection(chosen, names_of[layer], {**about, "layer": layer, "district": district})
            texts[f"{layer}_{district}.geojson"] = (
                json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"
            )
    return atomic_write_texts(out, texts)


def area_table(units: gpd.GeoDataFrame, document: Mapping[str, Any]) -> gpd.GeoDataFrame:
    """The areas of a plan, each the union of its units.

    Parameters
    ----------
    units
        From :func:`app.exports.plan_table.unit_table`.
    document
        PLAN.json.

    Returns
    -------
    GeoDataFrame of k rows in the plan's order, CRS of `units`: `AREA_PROPERTIES` (of mode "area"
    `LED_AREA_PROPERTIES`), district, geometry.
    """
    shapes = dict(zip(units["unit_id"], units.geometry, strict=True))
    districts = dict(zip(units["unit_id"], units["district"], strict=True))
    rows = []
    names = LED_AREA_PROPERTIES if document["mode"] == "area" else AREA_PROPERTIES
    for area in document["areas"]:
        members, anchor = area["unit_ids"], area["anchor_unit_id"]
        counts = Counter(sorted(districts[unit] for unit in members))
        rows.append(
            {
                **{name: area.get(name) for name in names},
                "unit_count": len(members),
                **({"led_count": len(area["led"])} if "led" in area else {}),
                "district": districts[anchor] if anchor else counts.most_common(1)[0][0],
                "geometry": shapely.union_all(shapely.make_valid([shapes[u] for u in members])),
            }
        )
    columns = [*names, "district", "geometry"]
    return gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs=units.crs)


def _with_labels(units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Units with role and reason in Chinese, and the name of who leads each."""
    names = dict(zip(units["unit_id"], units["name"], strict=True))
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


def to_lon_lat(geometry: gpd.GeoSeries, *, decimals: int = DECIMALS) -> np.ndarray:
    """Geometries in degrees (WGS84), rounded, outer rings counter-clockwise; None where missing.

    CGCS2000 and WGS84 differ by centimetres and count as equal (domain.md §2.5).

    Parameters
    ----------
    geometry
        (n,) geometries with their CRS.
    decimals
        Of degrees.

    Examples
    --------
    >>> square = gpd.GeoSeries([shapely.box(500000, 4500000, 500100, 4500100)], crs="EPSG:4546")
    >>> shapely.is_ccw(shapely.get_exterior_ring(to_lon_lat(square))).item()
    True
    """
    degrees = geometry.to_crs("EPSG:4326").to_numpy()
    degrees[shapely.is_empty(degrees)] = None
    rounded = _rounded(degrees, decimals)
    spoilt = shapely.is_valid(degrees) & ~shapely.is_valid(rounded)  # a sliver fell together
    rounded[spoilt] = _rounded(shapely.set_precision(degrees[spoilt], 10.0**-decimals), decimals)
    return shapely.orient_polygons(rounded, exterior_cw=False)


def _rounded(geometry: np.ndarray, decimals: int) -> np.ndarray:
    return np.asarray(shapely.transform(geometry, lambda xy: np.round(xy, decimals)), dtype=object)


def _geometry_object(shape: shapely.Geometry) -> dict[str, Any]:
    return json.loads(shapely.to_geojson(shape))


def _plain(value: Any) -> Any:
    """A value as JSON has it: None for missing, whole numbers without a point."""
    if isinstance(value, list):
        return value
    if pd.isna(value):
        return None
    return value.item() if isinstance(value, np.generic) else value
