"""The layers that GIS files of a plan hold: areas, units, who leads whom, and what the file is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from app.exports.gis.fields import AREA_FIELDS, UNIT_FIELDS, GisColumn, list_fields
from app.exports.request import ExportPart, ExportRequest
from app.i18n import Words

LIST_SEPARATOR = "; "
"""Between the entries of a list where a format has no lists."""

LEADING_FIELDS = tuple(
    field for field in UNIT_FIELDS if field.key in ("unit_id", "name", "area_id", "leader_unit_id", "leader_name")
)
ABOUT_FIELDS = (GisColumn("item", "ITEM"), GisColumn("value", "VALUE"))


@dataclass(frozen=True, eq=False)
class Layer:
    """A layer of a GIS file.

    Parameters
    ----------
    key
        "areas", "units", "leading" or "about"; its title is `export_layer.<key>` of `app.i18n`.
    fields
        Its attributes.
    table
        Rows with a column for each field, and geometry in the metric CRS of the dataset; "about" has none.
    geometry_type
        Of GDAL; None without geometry.
    """

    key: str
    fields: tuple[GisColumn, ...]
    table: pd.DataFrame
    geometry_type: str | None

    def title(self, words: Words) -> str:
        """Name of the layer in the reader's language."""
        return words(f"export_layer.{self.key}")


def make_layers(request: ExportRequest, part: ExportPart) -> tuple[Layer, ...]:
    """The layers of one part of a plan, values as GDAL takes them.

    Parameters
    ----------
    request
        What is exported.
    part
        The city, a district or a street.

    Returns
    -------
    Areas, units, lines from each leader to whom it leads, and the about table.
    """
    areas, units = (list_fields(fields, is_public=request.is_public) for fields in (AREA_FIELDS, UNIT_FIELDS))
    return (
        Layer("areas", areas, _simple(part.areas, areas), "MultiPolygon"),
        Layer("units", units, _simple(part.units, units), "MultiPolygon"),
        Layer("leading", LEADING_FIELDS, _simple(_lines(request.units, part), LEADING_FIELDS), "LineString"),
        Layer("about", ABOUT_FIELDS, make_about(request), None),
    )


def make_about(request: ExportRequest) -> pd.DataFrame:
    """What a file is: plan, data, hashes, verdict, notice; columns item and value.

    Parameters
    ----------
    request
        What is exported.
    """
    about, words = request.about, request.words
    crs = request.units.crs
    values = {
        "name": about["name"],
        "label": about["label"],
        "draft": about["draft"],
        "plan_id": about["plan_id"],
        "version": about["version"],
        "data_date": about["data_date"],
        "verdict": words.pick(about["verdict"]["zh"], about["verdict"]["en"]),
        "policy": f"{about['policy']['name']} {about['policy']['version']} sha256 {about['policy']['sha256']}",
        "planning_sha256": about["planning_sha256"],
        "policy_sha256": about["policy_sha256"],
        "all_sha256": about["all_sha256"],
        "public": words.pick(about["public"]["zh"], about["public"]["en"]) if "public" in about else None,
        "crs": f"{crs.name} ({':'.join(crs.to_authority() or ('', ''))})",
        "notice": about["notice"],
    }
    rows = [(words(f"export_about.{key}"), str(value)) for key, value in values.items() if value]
    return pd.DataFrame(rows, columns=["item", "value"], dtype="str")


def _lines(units: gpd.GeoDataFrame, part: ExportPart) -> gpd.GeoDataFrame:
    """A line from each leader to each unit of the part that it leads, and both have a place."""
    led = part.units[part.units["leader_unit_id"].notna()]
    places = units.set_index("unit_id").geometry.representative_point()
    ends = places.reindex(led["unit_id"]).to_numpy()
    starts = places.reindex(led["leader_unit_id"]).to_numpy()
    there = ~(shapely.is_missing(starts) | shapely.is_missing(ends))
    coordinates = np.stack([shapely.get_coordinates(starts[there]), shapely.get_coordinates(ends[there])], axis=1)
    lines = shapely.linestrings(coordinates) if len(coordinates) else np.array([], dtype=object)
    return led[there].set_geometry(gpd.GeoSeries(lines, index=led.index[there], crs=units.crs))


def _simple(table: gpd.GeoDataFrame, fields: tuple[GisColumn, ...]) -> gpd.GeoDataFrame:
    """Columns as GDAL takes them: texts, 32-bit integers, numbers; lists joined to texts."""
    simple = {field.key: _convert(table[field.key], field) for field in fields}
    return gpd.GeoDataFrame(simple, geometry=table.geometry, crs=table.crs)


def _convert(column: pd.Series, field: GisColumn) -> pd.Series:
    if field.kind == "list":
        return column.map(_joined).astype("str")
    if field.kind == "text":
        return column.map(_text).astype("str")
    numbers = pd.to_numeric(column).astype("Float64")
    is_whole = field.kind == "integer" and bool((numbers.dropna() % 1 == 0).all())
    return numbers.astype("Int32") if is_whole else numbers


def _joined(value: object) -> str | None:
    return LIST_SEPARATOR.join(str(one) for one in value) if isinstance(value, list) else None


def _text(value: Any) -> str | None:
    return None if pd.isna(value) else str(value)
