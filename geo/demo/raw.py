"""The fictional city as a folder of files, and the dataset imported from them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np

from geo.datum import Datum
from geo.demo.people import generate_people
from geo.demo.places import build_city
from geo.demo.raw_files import RawFile, write_ledgers, write_map_files, write_tables
from geo.demo.services import generate_services
from geo.demo.spec import CITY_NAME, DATA_DATE, DEMO_MARK, METRIC_CRS, SPECS, CitySpec, Size
from geo.errors import UsageError
from geo.importing import ImportOptions, import_paths
from geo.names import NameRules
from geo.rules import UnitRules
from geo.storage.dataset import Dataset

logger = logging.getLogger(__name__)

OnProgress = Callable[[str, float], None]
"""Called with what is being done (Chinese) and the share done, 0 to 1."""


_NO_NAMES = NameRules()
_DATUMS: tuple[Datum, Datum] = ("cgcs2000", "bd09")
"""One import for each: the first also takes files that state their CRS or have no coordinates."""


def write_raw(
    raw: Path, *, size: Size = "small", seed: int = 0, on_progress: OnProgress | None = None
) -> tuple[RawFile, ...]:
    """Write the fictional city as a bureau would send it.

    Ledgers in Excel with a title, merged cells and a 合计 row; GBK shapefiles without .cpg;
    charging sites in Baidu coordinates; roads, streets and barriers as GeoJSON. Every file is
    marked 演示数据 in its name and inside. Files of an earlier demo in `raw` are removed.

    Parameters
    ----------
    raw
        The folder; made when it does not exist.
    size
        "small" (250 communities) or "city" (3,000).
    seed
        The same size and seed give the same bytes.
    on_progress
        Told what is being written.

    Returns
    -------
    The files, in the order they are best imported.

    Raises
    ------
    UsageError
        If the size is not known.
    """
    spec = _spec(size)
    tell = on_progress or _ignore_progress
    _clear(raw)
    rng = np.random.default_rng(seed)
    tell("绘制虚构城市", 0.0)
    places = build_city(spec, rng)
    tell("填写户数与物业", 0.2)
    people = generate_people(spec, places, rng)
    services = generate_services(people, rng)
    tell("写出图形文件", 0.35)
    files = [*write_map_files(raw, places, people), *write_ledgers(raw, people, rng)]
    tell("写出表格文件", 0.8)
    files += write_tables(raw, people, services)
    tell("原始文件已写出", 1.0)
    logger.info("%d files of the fictional city (%s) written", len(files), size)
    return tuple(files)


def build_demo(
    raw: Path,
    into: Path,
    *,
    size: Size = "small",
    seed: int = 0,
    unit_rules: UnitRules,
    names: NameRules = _NO_NAMES,
    on_progress: OnProgress | None = None,
) -> Dataset:
    """Write the fictional city and import it by the same code as any other file.

    Parameters
    ----------
    raw
        The folder the bureau's files go to.
    into
        The dataset folder; its layers are replaced.
    size, seed
        As for :func:`write_raw`.
    unit_rules, names
        As for :func:`geo.importing.import_paths`.
    on_progress
        Told what is being done.

    Returns
    -------
    The dataset, marked as a demo, with the data date 2026-06-30.

    Raises
    ------
    UsageError
        If the size is not known.
    """
    tell = on_progress or _ignore_progress
    files = write_raw(raw, size=size, seed=seed, on_progress=lambda what, done: tell(what, done / 3))
    dataset: Dataset | None = None
    for is_last, datum in enumerate(_DATUMS):
        tell("导入原始文件", 0.9 if is_last else 0.34)
        report = import_paths(
            [file.path for file in files if (file.datum or _DATUMS[0]) == datum],
            into,
            options=ImportOptions(
                datum=datum, metric_crs=METRIC_CRS, replace=True, name=CITY_NAME, demo=True, data_date=DATA_DATE
            ),
            unit_rules=unit_rules,
            names=names,
        )
        dataset = report.dataset
    assert dataset is not None  # nothing is refused without strict
    tell("演示城市已导入", 1.0)
    return dataset


def _spec(size: str) -> CitySpec:
    for name, spec in SPECS.items():
        if name == size:
            return spec
    raise UsageError(
        f"没有名为“{size}”的演示城市; 可用: {'、'.join(SPECS)}。",
        f"There is no demo city '{size}'; known: {', '.join(SPECS)}.",
    )


def _clear(raw: Path) -> None:
    """Make the folder, and take away the files of an earlier demo."""
    raw.mkdir(parents=True, exist_ok=True)
    for old in sorted(raw.glob(f"*{DEMO_MARK}*")):
        old.unlink()


def _ignore_progress(what: str, done: float) -> None:
    """Tell nobody."""
