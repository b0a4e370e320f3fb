"""Files and datasets as frames, and the indicators of the action plan computed from them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from analysis.figures.figure import Basis, Level
from analysis.indicators.registry import compute_indicators, make_figure_record
from analysis.policy import read_policy
from geo.datum import Datum
from geo.errors import UsageError
from geo.findings import to_frame
from geo.importing.options import ImportOptions
from geo.importing.pipeline import import_paths
from geo.messages import load_catalogue
from geo.schema import LAYERS
from geo.storage.commits import MANIFEST
from geo.storage.dataset import Dataset, open_dataset

say = load_catalogue(__file__)


@dataclass(frozen=True, eq=False)
class Layers(Mapping[str, gpd.GeoDataFrame]):
    """The layers of a city by name, checked and in one CRS in metres: units, barriers, roads and so on.

    Parameters
    ----------
    frames
        By name; layers that are not there are not in it.
    findings
        What was found while reading: severity, file, row, column, value, zh, en.
    data_date
        ISO date of the data; None = unknown.

    Examples
    --------
    >>> units = gpd.GeoDataFrame({"unit_id": ["a", "b"]}, geometry=gpd.points_from_xy([0, 9], [0, 0]), crs="EPSG:4546")
    >>> layers = Layers({"units": units}, to_frame([]), None)
    >>> [*layers], layers.units.index.tolist()
    (['units'], ['a', 'b'])
    """

    frames: Mapping[str, gpd.GeoDataFrame]
    findings: pd.DataFrame
    data_date: str | None

    def __getitem__(self, layer: str) -> gpd.GeoDataFrame:
        return self.frames[layer]

    def __iter__(self) -> Iterator[str]:
        return iter(self.frames)

    def __len__(self) -> int:
        return len(self.frames)

    @property
    def units(self) -> gpd.GeoDataFrame:
        """Communities and single buildings, indexed by `unit_id`."""
        return self.frames["units"].set_index("unit_id", drop=False).rename_axis(None)


def read(
    *paths: str | Path,
    into: str | Path | None = None,
    layer: str | None = None,
    datum: Datum | None = None,
    crs: str | None = None,
    policy: str | Path | None = None,
) -> Layers:
    """Read files as bureaus send them, or a dataset made before.

    Layers and columns are recognised by their words, values with units, years and codes are understood, points in
    Baidu's or the government's coordinates are moved; what is doubtful is told in `findings`.

    Parameters
    ----------
    paths
        Excel, CSV, shapefile, GeoPackage, GeoJSON, KML, zip …; or one folder of a dataset.
    into
        Folder of the dataset that is made; None = nothing is kept on disk.
    layer
        What all files are, such as "communities"; None = recognised.
    datum
        "wgs84", "cgcs2000", "gcj02" or "bd09", for coordinates that do not say so.
    crs
        Of x and y columns, such as "EPSG:4546".
    policy
        A policy file, for how figures of units are derived; None = Baotou's.

    Raises
    ------
    PianquError
        If a file cannot be read or it is not known what it is, with the remedy.

    Examples
    --------
    >>> ledger = Path(tempfile.mkdtemp()) / "小区台账.csv"
    >>> pd.DataFrame(
    ...     {"小区名称": ["红星小区"], "户数": ["300户"], "经度": [109.845123], "纬度": [40.651234]}
    ... ).to_csv(ledger, index=False)
    >>> layers = read(ledger, datum="wgs84")
    >>> layers.units[["name", "households"]].to_numpy().tolist(), layers.units.crs.name
    ([['红星小区', 300]], 'CGCS2000 / 3-degree Gauss-Kruger CM 111E')
    """
    if not paths:
        raise UsageError(*say("read.nothing"))
    if len(paths) == 1 and (Path(paths[0]) / MANIFEST).is_file():
        return _load(open_dataset(Path(paths[0])))
    options = ImportOptions(layer=layer, datum=datum, crs=crs)
    rules = read_policy(policy).unit_rules()
    files = [Path(path) for path in paths]
    if into is not None:
        import_paths(files, Path(into), options=options, unit_rules=rules)
        return _load(open_dataset(Path(into)))
    with tempfile.TemporaryDirectory() as place:
        import_paths(files, Path(place) / "dataset", options=options, unit_rules=rules)
        return _load(open_dataset(Path(place) / "dataset"))


def indicators(
    layers: Mapping[str, pd.DataFrame],
    *,
    policy: str | Path | None = None,
    level: Level = "city",
    basis: Basis = "count",
    year: int | None = None,
    as_of: str | None = None,
) -> pd.DataFrame:
    """The indicators of the action plan, each with numerator, denominator, basis and roster.

    Parameters
    ----------
    layers
        Frames by name; `units` at least.
    policy
        A policy file; None = Baotou's.
    level
        "city", "district", "street" or "neighbourhood".
    basis
        What a unit counts for: "count" (1), "households" or "floor_area".
    year
        Of the targets; None = none.
    as_of
        ISO date of the data; None = that of the layers.

    Returns
    -------
    One row an indicator and place; a value that cannot be computed is missing, and its columns are named.

    Raises
    ------
    UsageError
        If there is no layer of units.

    Examples
    --------
    >>> units = pd.DataFrame({"unit_id": ["a", "b"], "management_mode": ["professional", "none"]})
    >>> figures = indicators({"units": units}).set_index("id")
    >>> print("{name_zh}: {numerator:.0f} / {denominator:.0f}".format(**figures.loc["G05"]))
    整体专业化物业管理覆盖率: 1 / 2
    """
    if "units" not in layers:
        raise UsageError(*say("indicators.no_units"))
    when = as_of or getattr(layers, "data_date", None)
    found = compute_indicators(layers, read_policy(policy), level=level, basis=basis, year=year, as_of=when)
    return pd.DataFrame([make_figure_record(figure) for figure in found])


def _load(dataset: Dataset) -> Layers:
    frames = {name: gpd.GeoDataFrame(dataset.layer(name)) for name in LAYERS if dataset.has(name)}
    return Layers(frames, to_frame(dataset.findings()), dataset.manifest.data_date)
