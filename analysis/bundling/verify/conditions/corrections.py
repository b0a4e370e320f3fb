"""What people know better than the layers, read afresh from their corrections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
from shapely.geometry.base import BaseGeometry


@dataclass(frozen=True, eq=False)
class Corrections:
    """Corrections by people (`overrides`), as far as areas rest on them.

    Parameters
    ----------
    joined, parted
        Pairs of units somebody knows to be neighbours, or not to be.
    closed
        Crossings that are closed.
    passages
        Passages the crossings lack: crossing_id, kind, geometry.
    """

    joined: frozenset[frozenset[str]]
    parted: frozenset[frozenset[str]]
    closed: frozenset[str]
    passages: gpd.GeoDataFrame

    @classmethod
    def from_layer(cls, overrides: gpd.GeoDataFrame) -> Corrections:
        """Read the `overrides` layer."""

        def pairs(what: str) -> frozenset[frozenset[str]]:
            rows = overrides[overrides["what"] == what]
            return frozenset(frozenset(pair) for pair in zip(rows["unit_a"], rows["unit_b"], strict=True))

        new = overrides[overrides["what"] == "passage"]
        columns = {"override_id": "crossing_id", "new": "kind"}
        return cls(
            pairs("neighbours"),
            pairs("not_neighbours"),
            frozenset(overrides["target_id"][overrides["what"] == "closed"]),
            new.rename(columns=columns)[["crossing_id", "kind", "geometry"]],
        )

    def joined_at(self, position: Mapping[str, int]) -> frozenset[tuple[int, int]]:
        """Positions i < j of the pairs that are neighbours by somebody's word."""
        known = [pair for pair in self.joined if all(unit in position for unit in pair)]
        ends = [sorted(position[unit] for unit in pair) for pair in known]
        return frozenset((i, j) for i, j in ends)

    def gates(self, layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """The gates that nobody found closed."""
        return layer[~layer["gate_id"].isin(self.closed)]

    def closed_shapes(self, layer: gpd.GeoDataFrame) -> list[BaseGeometry]:
        """The crossings that somebody found closed."""
        return list(layer.geometry[layer["crossing_id"].isin(self.closed)].dropna())

    def crossings(self, layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """The crossings that are open, in the order of their ids, passages among them."""
        open_ = layer[~layer["crossing_id"].isin(self.closed)]
        both = [one for one in (open_, self.passages) if len(one)]
        if not both:
            return layer[:0]
        return gpd.GeoDataFrame(pd.concat(both)).sort_values("crossing_id", ignore_index=True)
