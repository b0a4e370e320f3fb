"""What may be chosen when a unit is corrected: what its data say, its outline, values, units near by, crossings."""

from __future__ import annotations

import json
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from app.i18n import Words
from app.maps.layers import LONLAT
from app.workbench.formats import format_count, to_plain
from app.workbench.workbench import Workbench

NEAR = 40
"""How many units near by are offered to choose from."""


def read_unit(bench: Workbench, unit_id: str | None) -> dict[str, Any] | None:
    """What the data say of a unit, missing as None; None where there is no such unit.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    unit_id
        None = none is chosen.
    """
    position = bench.position_of.get(unit_id or "")
    if position is None:
        return None
    row = bench.units.iloc[position].drop(labels="geometry").to_dict()
    return {str(key): to_plain(value) for key, value in row.items()}


def read_outline(bench: Workbench, unit_id: str | None) -> dict[str, Any] | None:
    """The outline of a unit as GeoJSON in degrees, and its position; None where it has none.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    unit_id
        None = none is chosen.
    """
    position = bench.position_of.get(unit_id or "")
    if position is None:
        return None
    shape = bench.units.geometry.iloc[position]
    if not isinstance(shape, shapely.Polygon | shapely.MultiPolygon) or shape.is_empty:
        return None
    return {"shape": to_degrees(bench, shape), "unit": position}


def list_value_options(bench: Workbench, field: str, words: Words) -> list[dict[str, str]] | None:
    """What may be chosen for a column; None for figures that are typed.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    field
        Column of the units.
    words
        Texts in the reader's language.
    """
    if field == "management_mode":
        section = words.section("management")
        return [{"value": key, "label": label} for key, label in section.items()]
    names = {"company_id": bench.company_names, "street_code": bench.street_names}.get(field)
    if names is None:
        return None
    return [{"value": code, "label": f"{name} ({code})"} for code, name in sorted(names.items())]


def list_near_units(bench: Workbench, unit_id: str, words: Words) -> list[dict[str, str]]:
    """The units nearest to one, with their distance.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    unit_id
        Id of the unit.
    words
        Texts in the reader's language.
    """
    shapes = bench.units.geometry
    at = bench.position_of.get(unit_id)
    if at is None or shapes.isna().iloc[at]:
        return []
    metres = shapes.distance(shapes.iloc[at]).to_numpy()
    order = [int(i) for i in np.argsort(metres, kind="stable") if i != at and metres[i] == metres[i]]
    names, ids = bench.units["name"], bench.units["unit_id"]
    return [
        {"value": str(ids.iloc[i]), "label": words("correct.near", name=names.iloc[i], metres=format_count(metres[i]))}
        for i in order[:NEAR]
    ]


def list_crossing_options(bench: Workbench, words: Words) -> list[dict[str, str]]:
    """Every crossing that may be closed, named.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    words
        Texts in the reader's language.
    """
    crossings = bench.dataset.layer("crossings")
    return [
        {
            "value": str(row["crossing_id"]),
            "label": f"{words('passage.' + row['kind'])} {to_plain(row['name']) or row['crossing_id']}",
        }
        for row in crossings.drop(columns="geometry").to_dict("records")
    ]


def find_crossing(bench: Workbench, position: int) -> str | None:
    """Id of the crossing somebody clicked; positions that do not exist pick nothing.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    position
        Of the crossing in its layer.
    """
    ids = bench.dataset.layer("crossings")["crossing_id"]
    return str(ids.iloc[position]) if position in range(len(ids)) else None


def to_degrees(bench: Workbench, shape: BaseGeometry) -> dict[str, Any]:
    """A shape as GeoJSON geometry in degrees.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    shape
        In the dataset's metric CRS.
    """
    degrees = gpd.GeoSeries([shape], crs=bench.dataset.manifest.metric_crs).to_crs(LONLAT)
    found: dict[str, Any] = json.loads(shapely.to_geojson(shapely.force_2d(degrees.iloc[0])))
    return found
