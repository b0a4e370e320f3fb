"""What a file says of units: which area each is in, and who leads it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from app.exports.gis.fields import SHOWN
from app.i18n import LANGUAGES, load_words, say
from app.plan_files.columns import find_columns
from geo.errors import UnreadableFileError
from geo.raw_layer import RawLayer
from geo.readers import read_file
from geo.sandbox.processes import ReadLimits

SUFFIXES = (".geojson", ".json", ".gpkg", ".zip", ".xlsx", ".xls", ".et", ".csv", ".shp", ".gdb")
"""Of the files a plan is read from."""
MOST_ROWS = 200_000


@dataclass(frozen=True, eq=False)
class PlanRows:
    """Rows of a file about units.

    Parameters
    ----------
    file
        Bare name of the file.
    table
        n rows: row (as the file counts them), unit_id, name, area, leader, leader_name, street_name,
        district_name, all texts or missing, and geometry where the file has shapes.
    says
        Which of these columns the file has.
    is_public
        Whether it is of an export for the public, by its name or its columns.
    """

    file: str
    table: pd.DataFrame
    says: frozenset[str]
    is_public: bool = False

    @property
    def has_ids(self) -> bool:
        """Whether the file names units by id, as our own files do."""
        return "unit_id" in self.says

    @property
    def has_leaders(self) -> bool:
        """Whether the file says who leads whom."""
        return bool(self.says & {"leader", "leader_name"})


def read_rows(path: Path, *, limits: ReadLimits | None = None) -> PlanRows:
    """The rows about units of a file, read by a child process with limits.

    Parameters
    ----------
    path
        A file of ours, edited, or a table with names of communities and the area of each.
    limits
        What reading may cost.

    Raises
    ------
    UnreadableFileError
        If the file cannot be read, or no table of it says which area units are in.
    """
    layers = read_file(path, limits=limits)
    found = [(find_columns(layer.frame.columns), layer) for layer in layers]
    fitting = [(says, layer) for says, layer in found if "area" in says and {"unit_id", "name"} & set(says)]
    if not fitting:
        columns = "、".join(str(name) for name in [*layers[0].frame.columns][:12]) if layers else "-"
        raise UnreadableFileError(*say("plan_file.no_areas", file=path.name, columns=columns))
    says, layer = max(fitting, key=_fitness)
    if len(layer.frame) > MOST_ROWS:
        raise UnreadableFileError(*say("plan_file.too_many", file=path.name, n=len(layer.frame), most=MOST_ROWS))
    is_named = any(load_words(language)("export.mark_public") in path.name for language in LANGUAGES)
    is_public = is_named or not {SHOWN.key, SHOWN.short}.isdisjoint(map(str, layer.frame.columns))
    return PlanRows(path.name, _make_table(layer, says), frozenset(says), is_public)


def _fitness(one: tuple[dict[str, str], RawLayer]) -> tuple[bool, int, int]:
    """Tables of units before tables of whom leaders lead, and these before those by name alone."""
    says, layer = one
    return "unit_id" in says, len(layer.frame), len(says)


def _make_table(layer: RawLayer, says: dict[str, str]) -> pd.DataFrame:
    frame = layer.frame
    columns: dict[str, Any] = {"row": layer.rows}
    for name in ("unit_id", "name", "area", "leader", "leader_name", "street_name", "district_name"):
        texts = [_text(value) for value in frame[says[name]]] if name in says else [None] * len(frame)
        columns[name] = pd.Series(texts, dtype=object)
    table = pd.DataFrame(columns)
    if isinstance(frame, gpd.GeoDataFrame) and frame.crs is not None:
        return gpd.GeoDataFrame(table, geometry=frame.geometry.to_numpy(), crs=frame.crs)
    return table


def _text(value: Any) -> str | None:
    """A cell as text; numbers without ".0", for ids and numbers of areas come as numbers from Excel."""
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip() or None
