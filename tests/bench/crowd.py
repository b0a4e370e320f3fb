"""A dataset with many more buildings, for the page: ``python -m tests.bench.crowd DATASET PLAN.json INTO [N]``.

Every building that belongs to a community is cut into equal pieces along its longer side, as often as it takes to
have about N (200,000) in all; single buildings, which are units themselves, stay. INTO gets ``data``, a copy of the
dataset, and ``plan.json``, the plan for it: units and areas are the same.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from geo.storage.dataset import open_dataset, write_dataset

MOST = 200_000


def main() -> None:
    """Write the dataset and the plan."""
    source, plan, into = map(Path, sys.argv[1:4])
    wanted = int(sys.argv[4]) if len(sys.argv) > 4 else MOST
    folder = Path(shutil.copytree(source, into / "data"))
    dataset = open_dataset(folder)
    buildings = crowded(dataset.layer("buildings"), set(dataset.layer("units")["unit_id"]), wanted)
    written = write_dataset(folder, dataset.manifest, {"buildings": buildings})
    document = {**json.loads(plan.read_text("utf-8")), "planning_sha256": written.manifest.planning_sha256}
    (into / "plan.json").write_text(json.dumps(document, ensure_ascii=False), "utf-8")
    sys.stdout.write(f"{len(dataset.layer('units'))} units, {len(buildings)} buildings\n")


def crowded(buildings: gpd.GeoDataFrame, units: set[str], wanted: int) -> gpd.GeoDataFrame:
    """The buildings, those that are no units in pieces; of n rows about `wanted`."""
    is_unit = buildings["building_id"].isin(units).to_numpy()
    n_cut = int((~is_unit).sum())
    share = (wanted - int(is_unit.sum())) / max(n_cut, 1)
    pieces = np.ones(len(buildings), dtype=np.int64)
    pieces[~is_unit] = np.diff(np.floor(np.arange(n_cut + 1) * share)).clip(1)
    row = np.repeat(np.arange(len(buildings)), pieces)
    first = np.cumsum(pieces) - pieces
    k, n = np.arange(len(row)) - first[row], pieces[row]
    west, south, east, north = buildings.bounds.to_numpy().T[:, row]
    is_wide = east - west >= north - south
    x, y = (east - west) / n, (north - south) / n
    strips = shapely.box(
        np.where(is_wide, west + k * x, west),
        np.where(is_wide, south, south + k * y),
        np.where(is_wide, west + (k + 0.9) * x, east),
        np.where(is_wide, north, south + (k + 0.9) * y),
    )
    shapes = buildings.geometry.to_numpy()[row]
    cut = np.where(n > 1, shapely.intersection(shapes, strips), shapes)
    out = buildings.iloc[row].reset_index(drop=True)
    ids = out["building_id"].astype(str)
    out["building_id"] = np.where(k > 0, ids + "-" + k.astype(str), ids)
    out = out.set_geometry(gpd.GeoSeries(cut, crs=buildings.crs))
    return out[(shapely.get_dimensions(cut) == 2)].reset_index(drop=True)


if __name__ == "__main__":
    main()
