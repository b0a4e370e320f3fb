"""What a region is: a folder of districts, each a dataset, and where what is made of each stands."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.i18n import say
from geo.datum import Datum
from geo.errors import UnreadableFileError, UsageError
from geo.storage.atomic_files import atomic_write

REGION = "region.json"
POLICY = "policy.toml"
_SCHEMA = "pianqu.region/1"
_Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")]
_Text = Annotated[str, Field(max_length=200)]


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DemoSource(_Frozen):
    """A district that is a fictional city.

    Parameters
    ----------
    size, seed
        As of `geo.demo.build_demo`.
    """

    size: Literal["small", "city"] = "small"
    seed: Annotated[int, Field(ge=0)] = 0


class FileSource(_Frozen):
    """A district whose files are imported.

    Parameters
    ----------
    folder
        Of the files; all in it that a reader knows.
    layers_of, datums_of
        "NAME=LAYER" and "FILE=DATUM", as of `pianqu import`.
    datum, crs, encoding, metric_crs, data_date
        As of `geo.importing.ImportOptions`.
    """

    folder: str
    layers_of: tuple[_Text, ...] = ()
    datums_of: tuple[_Text, ...] = ()
    datum: Datum | None = None
    crs: _Text | None = None
    encoding: _Text | None = None
    metric_crs: _Text | None = None
    data_date: _Text | None = None


class District(_Frozen):
    """One part of a region, that no area leaves.

    Parameters
    ----------
    key
        Its code, in the names of its files.
    name
        For readers; "" = that of its dataset.
    source
        What it is prepared from; None where its dataset is there already.
    """

    key: _Key
    name: _Text = ""
    source: DemoSource | FileSource | None = None


class _Document(_Frozen):
    schema_: Annotated[Literal["pianqu.region/1"], Field(alias="schema")]
    name: _Text
    demo: bool = False
    districts: tuple[District, ...] = ()


@dataclass(frozen=True)
class Region:
    """A region on disk.

    Parameters
    ----------
    folder
        Absolute; every worker reads and writes there.
    name
        For readers.
    demo
        Whether it is invented.
    districts
        In the order of their keys.
    """

    folder: Path
    name: str
    demo: bool
    districts: tuple[District, ...]

    @property
    def policy(self) -> Path | None:
        """The policy of all districts; None where each has its own."""
        path = self.folder / POLICY
        return path if path.is_file() else None

    @property
    def sha256(self) -> str:
        """Of its definition: a worker that reads another one looks at another folder."""
        return hashlib.sha256(_format(self).encode()).hexdigest()

    def dataset(self, key: str) -> Path:
        """Folder of a district's dataset: a partition by `district`, as Arrow, DuckDB and Dask read them."""
        return self.folder / "data" / f"district={key}"

    def raw(self, key: str) -> Path:
        """Folder of the raw files of a fictional city."""
        return self.folder / "raw" / key

    def plan(self, key: str) -> Path:
        """File of a district's plan."""
        return self.folder / "plans" / f"{key}.json"

    def indicators(self, key: str) -> Path:
        """File of a district's scorecard."""
        return self.folder / "indicators" / f"{key}.json"

    def export(self, key: str) -> Path:
        """Folder of a district's exported files."""
        return self.folder / "exports" / key

    def record(self, key: str, step: str) -> Path:
        """File that says how a step of a district was done.

        Parameters
        ----------
        key, step
            Which one.
        """
        return self.folder / "steps" / key / f"{step}.json"

    def find(self, key: str) -> District:
        """The district of a key.

        Raises
        ------
        UsageError
            If there is none.
        """
        for one in self.districts:
            if one.key == key:
                return one
        known = ", ".join(one.key for one in self.districts)
        raise UsageError(*say("region.no_district", key=key, known=known or "-"))


def read_region(folder: Path) -> Region:
    """The region of a folder.

    Raises
    ------
    UnreadableFileError
        If there is no `region.json`, or it is damaged.
    """
    path = folder.absolute() / REGION
    try:
        found = _Document.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        told = error.strerror if isinstance(error, OSError) else error.errors()[0]["msg"]
        raise UnreadableFileError(*say("region.unreadable", path=path, error=told)) from error
    return Region(path.parent, found.name, found.demo, _sort(found.districts))


def write_region(folder: Path, name: str, districts: Sequence[District], *, demo: bool = False) -> Region:
    """Write a region's definition; what is there of its districts stays.

    Parameters
    ----------
    folder
        Made when it does not exist.
    name
        For readers.
    districts
        All of them.
    demo
        Whether they are invented.

    Raises
    ------
    NotWrittenError
        If the disk refuses.
    """
    region = Region(folder.absolute(), name, demo, _sort(districts))
    atomic_write(region.folder / REGION, _format(region).encode())
    return region


def make_district(key: str, name: str = "", source: DemoSource | FileSource | None = None) -> District:
    """A district, checked.

    Parameters
    ----------
    key, name, source
        As of `District`.

    Raises
    ------
    UsageError
        If the key is not fit for names of files.

    Examples
    --------
    >>> make_district("150203").key
    '150203'
    """
    try:
        return District(key=key, name=name, source=source)
    except ValidationError as error:
        raise UsageError(*say("region.key", key=key)) from error


def _sort(districts: Sequence[District]) -> tuple[District, ...]:
    return tuple({one.key: one for one in sorted(districts, key=lambda one: one.key)}.values())


def _format(region: Region) -> str:
    districts = [one.model_dump(mode="json") for one in region.districts]
    body = {"schema": _SCHEMA, "name": region.name, "demo": region.demo, "districts": districts}
    return json.dumps(body, ensure_ascii=False, indent=1) + "\n"
