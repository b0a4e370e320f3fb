"""What one walks: the way of a pair, and what is reached from a unit, for drawing and in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import shapely

from app.i18n import Words
from app.maps.graphs import pair_sentence, walk_sentence
from app.maps.layers import LONLAT
from app.workbench.formats import format_count
from app.workbench.kept import keep_with_owner
from app.workbench.workbench import Workbench
from geo.adjacency.graph import graph_from_layers
from geo.adjacency.isochrones import WalkRouter, build_walk_router, compute_isochrone, find_unit_route
from geo.errors import PlanningError


@dataclass(frozen=True, eq=False)
class WalkDrawing:
    """Lines and ground for the map, and the sentences that go with them.

    Parameters
    ----------
    features
        GeoJSON in degrees; property `what`: "way", "reach_road", "reach_area".
    sentences
        What a reader is told.
    """

    features: Mapping[str, Any]
    sentences: tuple[str, ...]


def draw_pair_walk(bench: Workbench, pair: str, words: Words) -> WalkDrawing | None:
    """The way walked between the two units of "A|B", with why they are neighbours or not.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    pair
        Ids of both units, "A|B".
    words
        Texts in the reader's language.

    Returns
    -------
    None where the dataset has no such units any more.
    """
    one, _, other = pair.partition("|")
    try:
        path = find_unit_route(_on_foot(bench), one, other)
    except PlanningError:
        return None
    names = dict(zip(bench.units["unit_id"], bench.units["name"], strict=True))
    sentences = [pair_sentence(path.decision, names), walk_sentence(path)]
    lines = [] if path.route is None else [stretch.shape for stretch in path.route.segments]
    return WalkDrawing(
        _features(bench, [("way", line) for line in lines]), tuple(words.pick(*sentence) for sentence in sentences)
    )


def draw_unit_reach(bench: Workbench, position: int, words: Words) -> WalkDrawing | None:
    """What is reached on foot from a unit within the limit for neighbours (R20).

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    position
        Of the unit.
    words
        Texts in the reader's language.

    Returns
    -------
    None where the unit has no place.
    """
    unit = bench.units.iloc[position]
    metres = bench.policy.neighbour_rules().walk_m
    try:
        reach = compute_isochrone(_on_foot(bench), unit["unit_id"], metres)
    except PlanningError:
        return None
    if shapely.is_empty(reach.area):
        return None
    shapes = [("reach_area", reach.area), *(("reach_road", road) for road in reach.roads)]
    key = "edges.reach_estimated" if reach.is_estimated else "edges.reach"
    text = words(key, name=unit["name"], n=format_count(len(reach.unit_ids)), metres=f"{metres:g}")
    return WalkDrawing(_features(bench, shapes), (text,))


@keep_with_owner
def _on_foot(bench: Workbench) -> WalkRouter:
    """The dataset ready to be walked on; made once."""
    dataset = bench.dataset
    graph = graph_from_layers(bench.units, dataset.layer("edges"), dataset.layer("walks"))
    return build_walk_router(dataset, graph, bench.policy.neighbour_rules())


def _features(bench: Workbench, shapes: list[tuple[str, shapely.Geometry]]) -> dict[str, Any]:
    frame = gpd.GeoDataFrame(
        {"what": [what for what, _ in shapes]},
        geometry=[shape for _, shape in shapes],
        crs=bench.dataset.manifest.metric_crs,
    )
    return dict(frame.to_crs(LONLAT).to_geo_dict())
