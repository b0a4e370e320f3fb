"""Areas and units of a plan as features of the web, after OGC API – Features: pages, boxes, single ones."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely

from app.exports.gis.fields import AREA_FIELDS, UNIT_FIELDS
from app.exports.gis.geojson import feature_collection
from app.exports.lon_lat import to_lon_lat
from app.exports.plan_table import make_plan_check
from app.exports.request import ExportRequest
from app.i18n import say
from app.workbench.kept import keep_with_owner
from app.workbench.workbench import Workbench
from geo.errors import UsageError

LayerName = Literal["areas", "units"]
LAYERS: tuple[LayerName, ...] = ("areas", "units")
DEFAULT_LIMIT, MOST_LIMIT = 100, 2_000
"""Features of a page, where nothing is asked, and at most."""


@dataclass(frozen=True, eq=False)
class FeatureLayer:
    """The features of a layer, each as JSON already.

    Parameters
    ----------
    ids
        Position of each feature by its id.
    texts
        The features, in the order of the plan's files.
    boxes
        (n, 4): west, south, east, north in degrees; NaN without a place.
    """

    ids: Mapping[str, int]
    texts: tuple[bytes, ...]
    boxes: np.ndarray

    @property
    def extent(self) -> list[float]:
        """West, south, east, north of everything that has a place."""
        placed = self.boxes[~np.isnan(self.boxes[:, 0])]
        return [] if not len(placed) else [*placed[:, :2].min(axis=0).tolist(), *placed[:, 2:].max(axis=0).tolist()]

    def find(self, box: tuple[float, float, float, float] | None) -> np.ndarray:
        """Positions of the features whose box meets another one; all without one.

        Parameters
        ----------
        box
            West, south, east, north in degrees.
        """
        if box is None:
            return np.arange(len(self.texts))
        west, south, east, north = box
        own = self.boxes
        return np.flatnonzero((own[:, 0] <= east) & (own[:, 2] >= west) & (own[:, 1] <= north) & (own[:, 3] >= south))


@keep_with_owner
def make_feature_layer(bench: Workbench, layer: LayerName) -> FeatureLayer:
    """A layer with the properties of the plan's GeoJSON files; made once for each page.

    Parameters
    ----------
    bench
        The plan on its data; one with a plan.
    layer
        Which one.
    """
    assert bench.plan is not None  # looked at before
    assert bench.verdict is not None
    rules, number = bench.context.rules, None if bench.version is None else bench.version.number
    check = make_plan_check(bench.plan, rules, bench.verdict)
    request = ExportRequest(bench.dataset, bench.plan, check, number=number, rules=rules, shown=bench)
    table, fields = (request.areas, AREA_FIELDS) if layer == "areas" else (request.units, UNIT_FIELDS)
    key = "area_id" if layer == "areas" else "unit_id"
    features = feature_collection(table, tuple(field.key for field in fields), {})["features"]
    names = [str(one["properties"][key]) for one in features]
    texts = (_to_bytes({**one, "id": name}) for one, name in zip(features, names, strict=True))
    return FeatureLayer({name: k for k, name in enumerate(names)}, tuple(texts), _boxes(to_lon_lat(table.geometry)))


def read_box(text: str | None) -> tuple[float, float, float, float] | None:
    """A box of an address: four numbers, or six with heights, which are left aside.

    Parameters
    ----------
    text
        "west,south,east,north" in degrees; None or "" = everything.

    Raises
    ------
    UsageError
        If it is something else.

    Examples
    --------
    >>> read_box("109.8,40.6,109.9,40.7"), read_box("1,2,0,3,4,9"), read_box(None)
    ((109.8, 40.6, 109.9, 40.7), (1.0, 2.0, 3.0, 4.0), None)
    """
    if not text:
        return None
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5]]
    if len(numbers) != 4 or not np.isfinite(numbers).all() or numbers[1] > numbers[3]:
        raise UsageError(*say("publishing.box"))
    west, south, east, north = numbers
    return west, south, east, north


def read_count(text: str | None, default: int, most: int, least: int = 0) -> int:
    """A whole number of an address, at most so many.

    Parameters
    ----------
    text
        What stands there; None = nothing.
    default, most, least
        What holds then, and the limits; more than the most is the most.

    Raises
    ------
    UsageError
        If it is no whole number, or less than the least.
    """
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal()) or int(text[:12]) < least:
        raise UsageError(*say("publishing.count"))
    return min(int(text[:12]), most)


def _to_bytes(feature: Mapping[str, object]) -> bytes:
    return json.dumps(feature, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _boxes(shapes: np.ndarray) -> np.ndarray:
    boxes: np.ndarray = shapely.bounds(shapes)
    return boxes
