"""Who is next to whom on the map: every pair that was looked at, with its fate and the reason."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from app.i18n import Words
from app.maps.layers import BrowserFile, make_browser_file, to_geojson
from app.workbench.workbench import Workbench
from geo.adjacency.edge_reasons import reason_text


def make_edge_files(bench: Workbench, words: Mapping[str, Words]) -> dict[str, BrowserFile]:
    """The file of pairs in each language: lines between two units, allowed or refused.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    words
        Texts by language.
    """
    edges = bench.dataset.layer("edges")
    units = bench.units
    position = pd.Series(np.arange(len(units)), index=units["unit_id"])
    a, b = (position.reindex(edges[name]) for name in ("unit_a", "unit_b"))
    known = (a.notna().to_numpy() & b.notna().to_numpy()).nonzero()[0]
    i, j = (place.to_numpy()[known].astype(int) for place in (a, b))
    shapes = units.geometry.to_numpy()
    lines = gpd.GeoSeries(_lines(shapes[i], shapes[j]), crs=units.crs)
    names = units["name"].fillna("").to_numpy(dtype=object)
    known_edges = edges.iloc[known].astype(object)
    rows: list[dict[str, Any]] = known_edges.where(known_edges.notna(), None).to_dict("records")  # type: ignore[assignment]
    return {language: _file(rows, names[i], names[j], lines, own) for language, own in words.items()}


def _lines(shapes_a: np.ndarray, shapes_b: np.ndarray) -> np.ndarray:
    """A line for each pair: over the gap, from a little inside the one to a little inside the other."""
    gap = shapely.get_coordinates(shapely.shortest_line(shapes_a, shapes_b)).reshape(-1, 2, 2)
    inner = [shapely.get_coordinates(shapely.centroid(s)) for s in (shapes_a, shapes_b)]
    ends = [_towards(gap[:, k], inner[k]) for k in (0, 1)]
    points = np.stack([ends[0], gap[:, 0], gap[:, 1], ends[1]], axis=1)
    return np.asarray(shapely.linestrings(points), dtype=object)


def _towards(start: np.ndarray, goal: np.ndarray, metres: float = 18.0) -> np.ndarray:
    """(k, 2) points some metres from the start on the way to the goal, at most half-way."""
    way = goal - start
    length = np.hypot(way[:, 0], way[:, 1])
    share = np.minimum(0.5, metres / np.maximum(length, 1e-9))
    return start + way * share[:, None]


def _file(rows: list[dict[str, Any]], a: np.ndarray, b: np.ndarray, lines: gpd.GeoSeries, words: Words) -> BrowserFile:
    facts = [
        {
            "allowed": bool(row["allowed"]),
            "pair": f"{row['unit_a']}|{row['unit_b']}",
            "card": json.dumps(_card(row, one, other, words), ensure_ascii=False),
        }
        for row, one, other in zip(rows, a, b, strict=True)
    ]
    return make_browser_file("edges", to_geojson(gpd.GeoDataFrame(facts, geometry=lines)))


def _card(row: Mapping[str, Any], a: str, b: str, words: Words) -> dict[str, Any]:
    about = words("card.estimated") if row["walk_estimated"] else ""
    metres = words("measure.m")
    lines = [
        ("edges.gap", None if row["gap_m"] is None else f"{row['gap_m']:.1f} {metres}"),
        ("edges.facing", None if row["facing_m"] is None else f"{row['facing_m']:.1f} {metres}"),
        ("edges.walk", None if row["walk_m"] is None else f"{row['walk_m']:.0f} {metres} {about}"),
        ("edges.crossing", row["crossing_id"]),
        ("edges.permit", row["permit_id"]),
        ("edges.override", row["override_id"]),
        ("edges.reason", row["blocked_by"] and words.pick(*reason_text(row["blocked_by"], row))),
    ]
    return {
        "title": f"{a} — {b}",
        "kind": words("edges.allowed" if row["allowed"] else "edges.refused"),
        "rows": [(words(key), value) for key, value in lines if value is not None],
    }
