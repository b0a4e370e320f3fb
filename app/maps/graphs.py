"""The graph of neighbours in words and counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from app.i18n import say
from geo.adjacency.edge_reasons import reason_text
from geo.adjacency.graph import AdjacencyGraph, EdgeDecision, label_components
from geo.adjacency.isochrones import UnitRoute
from geo.adjacency.reachability import find_isolated_units, find_reachable_units
from geo.errors import UsageError
from geo.messages import EMPTY, Sentence, join_names
from geo.rules import NeighbourRules
from geo.schema import BARRIERS_ZH


def summarise_graph(graph: AdjacencyGraph) -> dict[str, int]:
    """Counts of a graph: units, edges, refused pairs, components, isolated units."""
    labels = label_components(graph)
    sizes = np.bincount(labels) if len(labels) else np.zeros(0, dtype=int)
    return {
        "units": graph.n_units,
        "edges": graph.n_edges,
        "refused_pairs": int((~graph.pairs["allowed"].astype(bool)).sum()),
        "components": len(sizes),
        "isolated": int((sizes == 1).sum()),
    }


def reach_record(graph: AdjacencyGraph, units: gpd.GeoDataFrame, unit_id: str) -> dict[str, Any]:
    """The units one gets to from a unit over neighbours, and the component they are (R28).

    Parameters
    ----------
    graph
        Of neighbours.
    units
        The n units, metric CRS.
    unit_id
        Id of the unit.

    Returns
    -------
    unit_id, name; component, its number, and how many components there are; unit_ids of the
    component, the unit itself included, in the order of the layer; households of those known.

    Raises
    ------
    UnknownCodeError
        If there is no such unit.
    """
    reached = find_reachable_units(graph, unit_id)
    labels = label_components(graph)
    rows = units.set_index("unit_id").loc[reached]
    return {
        "unit_id": unit_id,
        "name": rows["name"][unit_id],
        "component": int(labels[graph.unit_ids == unit_id][0]) + 1,
        "components": int(labels.max()) + 1,
        "units": len(reached),
        "households": int(rows["households"].fillna(0).sum()),
        "unit_ids": reached,
    }


def reach_sentence(record: Mapping[str, Any]) -> Sentence:
    """A :func:`reach_record` in words, with the first ids."""
    ids = record["unit_ids"]
    listed = ", ".join(ids[:20]) + (" …" if len(ids) > 20 else "")
    return say("cli.reached", **{**record, "listed": listed})


def list_isolated(graph: AdjacencyGraph, units: gpd.GeoDataFrame, rules: NeighbourRules) -> list[dict[str, Any]]:
    """Units nothing can be joined to (孤岛), each with its nearest unit and why it is out of reach.

    Parameters
    ----------
    graph
        Of neighbours.
    units
        The n units, metric CRS.
    rules
        By which the graph was made.

    Returns
    -------
    One record a unit, in the order of the layer: unit_id, name, households, nearest_unit_id,
    nearest_name, gap_m, walk_m, blocked_by (None where unknown) and the reason in words,
    `reason_zh`, `reason_en`.
    """
    found = find_isolated_units(graph, units, rules).drop(columns="facing_m").astype(object)
    if found.empty:
        return []
    facts = units.set_index("unit_id")[["name", "households"]].astype(object)
    known = facts.where(facts.notna(), None).to_dict("index")
    records = []
    for row in found.where(found.notna(), None).to_dict("records"):
        nearest = known.get(row["nearest_unit_id"], {"name": None})
        names = {**known[row["unit_id"]], "nearest_name": nearest["name"]}
        reason_zh, reason_en = reason_text(row["blocked_by"])
        records.append({**row, **names, "reason_zh": reason_zh, "reason_en": reason_en})
    return records


def isolated_sentence(record: Mapping[str, Any]) -> Sentence:
    """One record of :func:`list_isolated` as a line."""
    reason = Sentence(record["reason_zh"], record["reason_en"])
    key = "cli.isolated" if record["nearest_unit_id"] is None else "cli.isolated_from"
    return say(key, **record, reason=reason)


def pair_sentence(found: EdgeDecision, names: Mapping[str, str]) -> Sentence:
    """Why two units are neighbours or not.

    Parameters
    ----------
    found
        The pair.
    names
        Unit names by id.
    """
    about = say("mapping.about") if found.walk_estimated else EMPTY
    parts = [
        Sentence(
            f"{names[found.unit_a]} ({found.unit_a}) — {names[found.unit_b]} ({found.unit_b})",
            f"{found.unit_a} - {found.unit_b}",
        )
    ]
    for key in ("gap_m", "facing_m", "walk_m", "place_walk_m", "crossing_id", "permit_id", "override_id"):
        value = getattr(found, key)
        if value is not None:
            parts.append(say(f"pair.{key}", value=value, about=about))
    why = reason_text(found.blocked_by or "")
    parts.append(say("pair.neighbours") if found.allowed else say("pair.not_neighbours", why=why))
    return Sentence.join(parts, ("; ", "; "))


def walk_sentence(path: UnitRoute) -> Sentence:
    """The walk between two units in words: by which roads, past what."""
    if path.route is None:
        return say("walk.too_far")
    route = path.route
    if path.is_estimated:
        return say("walk.estimated", metres=route.metres)
    gates = [gate for gate in route.gate_ids if gate]
    parts = [say("walk.metres", metres=route.metres)]
    if gates:
        parts.append(say("walk.gates", gates=join_names(gates)))
    if route.road_names:
        parts.append(say("walk.roads", roads=" → ".join(route.road_names)))
    if path.crosses:
        kinds = [label.partition(":") for label in path.crosses]
        crossed = [Sentence(f"{BARRIERS_ZH.get(kind, kind)} {i}", f"{kind}{colon}{i}") for kind, colon, i in kinds]
        parts.append(say("walk.crosses", barriers=Sentence.join(crossed, ("、", ", "))))
    return Sentence.join(parts, ("; ", "; "))


def walk_record(path: UnitRoute) -> dict[str, Any] | None:
    """The walk between two units as plain values; None beyond the limit."""
    if path.route is None:
        return None
    return {
        "metres": path.route.metres,
        "is_estimated": path.is_estimated,
        "gate_ids": list(path.route.gate_ids),
        "crosses": list(path.crosses),
        "stretches": [
            {"road_id": one.road_id, "name": one.name, "metres": round(one.metres, 3)} for one in path.route.segments
        ],
    }


def walk_geojson(path: UnitRoute, crs: str) -> dict[str, Any]:
    """The walk between two units as RFC 7946 features, one for each stretch.

    Parameters
    ----------
    path
        Of :func:`geo.adjacency.isochrones.find_unit_route`.
    crs
        The dataset's metric CRS.

    Raises
    ------
    UsageError
        If there is no walk within the limit.
    """
    if path.route is None:
        raise UsageError(*say("mapping.no_walk", a=path.decision.unit_a, b=path.decision.unit_b))
    lines = [stretch.shape for stretch in path.route.segments]
    degrees = gpd.GeoSeries(lines, crs=crs).to_crs("EPSG:4326").to_numpy()
    record = walk_record(path) or {}
    features = [
        {
            "type": "Feature",
            "properties": {"order": k + 1, **stretch},
            "geometry": {"type": "LineString", "coordinates": np.round(shapely.get_coordinates(line), 7).tolist()},
        }
        for k, (stretch, line) in enumerate(zip(record.pop("stretches"), degrees, strict=True))
    ]
    about = {"unit_a": path.decision.unit_a, "unit_b": path.decision.unit_b, **record}
    return {"type": "FeatureCollection", "pianqu": about, "features": features}
