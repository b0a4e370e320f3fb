"""JSON Schemas of our files, made from the types that read and write them, so that they cannot fall behind."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter

from analysis.bundling.verify.base.schema import PlanPart
from analysis.figures.figure import Figure
from app.exports.gis.geojson import SCHEMA as GEOJSON
from geo.findings import Finding
from geo.schema import LAYERS, Field
from geo.storage import manifest

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_TYPES = {"integer": "integer", "number": "number", "share": "number", "boolean": "boolean"}


class _Scorecard(BaseModel):
    """What `pianqu indicators` answers."""

    model_config = ConfigDict(extra="forbid")

    figures: list[Figure]
    findings: list[Finding]
    name: str
    demo: bool
    data_date: str | None
    baseline_roster: str | None
    all_sha256: str
    policy_sha256: str
    plan_verdict: dict[str, Any] = {}


def make_plan_schema() -> dict[str, Any]:
    """PLAN.json: what `verify` asks of it before it looks at a rule; keys that are not named are let through."""
    return _entitle("plan", "A plan of areas (PLAN.json)", PlanPart.model_json_schema(by_alias=True))


def read_geojson_schema() -> dict[str, Any]:
    """The areas and units of a plan as GeoJSON."""
    found: dict[str, Any] = json.loads(GEOJSON.read_text(encoding="utf-8"))
    return found


def make_dataset_schema() -> dict[str, Any]:
    """The layers of a dataset, each a list of rows; columns beyond these are allowed."""
    rows = {
        layer: {
            "type": "object",
            "properties": {one.name: _describe(one) for one in fields},
            "required": [one.name for one in fields if one.required],
        }
        for layer, fields in LAYERS.items()
    }
    lists = {layer: {"type": "array", "items": {"$ref": f"#/$defs/{layer}"}} for layer in rows}
    body = {"type": "object", "properties": lists, "additionalProperties": False, "$defs": rows}
    return _entitle("dataset", "The layers of a dataset, as rows of their .parquet files", body)


def make_manifest_schema() -> dict[str, Any]:
    """`manifest.json` of a dataset."""
    body = TypeAdapter(manifest.Manifest).json_schema()
    sha256 = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
    body["properties"] = {
        "schema": {"const": manifest.SCHEMA},
        **body["properties"],
        "planning_sha256": sha256,
        "all_sha256": sha256,
        "files": {"type": "object", "additionalProperties": sha256},
    }
    body["required"] = [name for name in body["properties"] if name != "in_force"]
    body["additionalProperties"] = False
    return _entitle("manifest", "manifest.json of a dataset", body)


def make_indicators_schema() -> dict[str, Any]:
    """The answer of `pianqu indicators --json`, and its .json file."""
    body = _Scorecard.model_json_schema()
    figure = body["$defs"]["Figure"]
    del figure["properties"]["unit_ids"]  # of use inside only
    figure["required"] = [*figure["properties"]]
    figure["additionalProperties"] = False
    return _entitle("indicators", "Indicators, each with numerator, denominator and basis", body)


SCHEMAS: Mapping[str, Callable[[], dict[str, Any]]] = MappingProxyType(
    {
        "plan": make_plan_schema,
        "geojson": read_geojson_schema,
        "dataset": make_dataset_schema,
        "manifest": make_manifest_schema,
        "indicators": make_indicators_schema,
    }
)
"""By the name that `pianqu schema` knows."""


def _entitle(name: str, title: str, body: Mapping[str, Any]) -> dict[str, Any]:
    told = {key: value for key, value in body.items() if key != "title"}
    return {"$schema": DRAFT, "$id": f"urn:pianqu:{name}:1", "title": title, **told}


def _describe(one: Field) -> dict[str, Any]:
    """A column: its type, and null unless every row has it."""
    if one.kind == "geometry":
        return {"description": f"{one.zh}: GeoParquet (WKB), metric CRS"}
    kind = _TYPES.get(one.kind, "string")
    body: dict[str, Any] = {"type": kind if one.required else [kind, "null"], "description": one.zh}
    if one.choices:
        body["enum"] = [*one.choices] if one.required else [*one.choices, None]
    if one.kind == "date":
        body["format"] = "date"
    limits = (("minimum", one.least), ("maximum", one.most))
    return body | {name: limit for name, limit in limits if limit is not None}
