"""The attributes of exported units and areas: one table for GeoJSON, GPKG, geodatabase and shapefile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FieldKind = Literal["text", "integer", "number", "list"]


@dataclass(frozen=True)
class GisColumn:
    """One attribute; its title in words is `export_field.<key>` of `app.i18n`.

    Parameters
    ----------
    key
        Column of `ExportRequest.units` or `areas`, and name in GeoJSON and GPKG; the same in both languages.
    short
        ASCII name of at most ten letters, for shapefiles.
    kind
        What it holds; a list of ids or names becomes one text, joined by "; ", where a format has no lists.
    """

    key: str
    short: str
    kind: FieldKind = "text"


UNIT_FIELDS = (
    GisColumn("unit_id", "UNIT_ID"),
    GisColumn("name", "NAME"),
    GisColumn("kind", "KIND"),
    GisColumn("kind_label", "KIND_TXT"),
    GisColumn("area_id", "AREA_ID"),
    GisColumn("area_number", "AREA_NO", "integer"),
    GisColumn("role", "ROLE"),
    GisColumn("role_label", "ROLE_TXT"),
    GisColumn("leader_unit_id", "LEADER_ID"),
    GisColumn("leader_name", "LEADER"),
    GisColumn("reason", "REASON"),
    GisColumn("reason_label", "REASON_TXT"),
    GisColumn("households", "HOUSEHOLDS", "integer"),
    GisColumn("floor_area_m2", "FLOOR_M2", "number"),
    GisColumn("district_code", "DIST_CODE"),
    GisColumn("district_name", "DISTRICT"),
    GisColumn("street_code", "STR_CODE"),
    GisColumn("street_name", "STREET"),
    GisColumn("neighbourhood_code", "NEIGH_CODE"),
    GisColumn("neighbourhood_name", "NEIGHBOUR"),
    GisColumn("company_id", "COMPANY_ID"),
    GisColumn("company_name", "COMPANY"),
    GisColumn("plan_version", "PLAN_VER"),
    GisColumn("draft", "DRAFT"),
)

SHOWN = GisColumn("households_shown", "HH_SHOWN")
"""Stands in files for the public behind `households`: as it may be told, "<10" where the number is hidden."""

AREA_FIELDS = (
    GisColumn("area_id", "AREA_ID"),
    GisColumn("area_number", "AREA_NO", "integer"),
    GisColumn("name", "NAME"),
    GisColumn("street_code", "STR_CODE"),
    GisColumn("street_name", "STREET"),
    GisColumn("district_code", "DIST_CODE"),
    GisColumn("district_name", "DISTRICT"),
    GisColumn("anchor_unit_id", "ANCHOR_ID"),
    GisColumn("anchor_unit_ids", "ANCHOR_IDS", "list"),
    GisColumn("anchor_names", "ANCHORS", "list"),
    GisColumn("operator", "OPERATOR"),
    GisColumn("operator_name", "OPER_NAME"),
    GisColumn("company_ids", "COMP_IDS", "list"),
    GisColumn("company_names", "COMPANIES", "list"),
    GisColumn("unit_count", "UNITS", "integer"),
    GisColumn("led_count", "LED", "integer"),
    GisColumn("households", "HOUSEHOLDS", "integer"),
    GisColumn("floor_area_m2", "FLOOR_M2", "number"),
    GisColumn("oversize_unit_ids", "OVERSIZE", "list"),
    GisColumn("outside_preferred", "OUTSIDE", "list"),
    GisColumn("plan_version", "PLAN_VER"),
    GisColumn("draft", "DRAFT"),
)


def list_fields(fields: tuple[GisColumn, ...], *, is_public: bool) -> tuple[GisColumn, ...]:
    """The attributes of a layer; in files for the public also what is told of its households.

    Parameters
    ----------
    fields
        `UNIT_FIELDS` or `AREA_FIELDS`.
    is_public
        Whether the file is for the public.
    """
    return (*fields, SHOWN) if is_public else fields
