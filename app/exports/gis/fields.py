"""The attributes of exported units and areas: one table for GeoJSON, GPKG, geodatabase and shapefile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FieldKind = Literal["text", "integer", "number", "list"]


@dataclass(frozen=True)
class Field:
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
    Field("unit_id", "UNIT_ID"),
    Field("name", "NAME"),
    Field("kind", "KIND"),
    Field("kind_label", "KIND_TXT"),
    Field("area_id", "AREA_ID"),
    Field("area_number", "AREA_NO", "integer"),
    Field("role", "ROLE"),
    Field("role_label", "ROLE_TXT"),
    Field("leader_unit_id", "LEADER_ID"),
    Field("leader_name", "LEADER"),
    Field("reason", "REASON"),
    Field("reason_label", "REASON_TXT"),
    Field("households", "HOUSEHOLDS", "integer"),
    Field("floor_area_m2", "FLOOR_M2", "number"),
    Field("district_code", "DIST_CODE"),
    Field("district_name", "DISTRICT"),
    Field("street_code", "STR_CODE"),
    Field("street_name", "STREET"),
    Field("neighbourhood_code", "NEIGH_CODE"),
    Field("neighbourhood_name", "NEIGHBOUR"),
    Field("company_id", "COMPANY_ID"),
    Field("company_name", "COMPANY"),
    Field("plan_version", "PLAN_VER"),
    Field("draft", "DRAFT"),
)

AREA_FIELDS = (
    Field("area_id", "AREA_ID"),
    Field("area_number", "AREA_NO", "integer"),
    Field("name", "NAME"),
    Field("street_code", "STR_CODE"),
    Field("street_name", "STREET"),
    Field("district_code", "DIST_CODE"),
    Field("district_name", "DISTRICT"),
    Field("anchor_unit_id", "ANCHOR_ID"),
    Field("anchor_unit_ids", "ANCHOR_IDS", "list"),
    Field("anchor_names", "ANCHORS", "list"),
    Field("operator", "OPERATOR"),
    Field("operator_name", "OPER_NAME"),
    Field("company_ids", "COMP_IDS", "list"),
    Field("company_names", "COMPANIES", "list"),
    Field("unit_count", "UNITS", "integer"),
    Field("led_count", "LED", "integer"),
    Field("households", "HOUSEHOLDS", "integer"),
    Field("floor_area_m2", "FLOOR_M2", "number"),
    Field("oversize_unit_ids", "OVERSIZE", "list"),
    Field("outside_preferred", "OUTSIDE", "list"),
    Field("plan_version", "PLAN_VER"),
    Field("draft", "DRAFT"),
)
