"""States of a dataset that plans refer to, kept next to it as hard links: a file takes room once it is replaced."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from geo.schema import GRAPH_INPUTS, PLANNING_LAYERS
from geo.storage.commits import MANIFEST, read_file_hashes
from geo.storage.dataset import Dataset
from geo.storage.manifest import Manifest

_LENGTH = 16
"""Digits of the planning hash that name a folder."""
_GRACE_S = 7 * 86_400.0
"""How long a state that no plan refers to stays: a run may still hand over its plan."""


def default_kept_place(folder: Path) -> Path:
    """Where states are kept: next to the dataset, named after it."""
    place = folder.resolve()
    return place.with_name(f"{place.name}-kept")


def keep_dataset(dataset: Dataset, place: Path) -> Path | None:
    """Keep a dataset as it is now, under the hash of its planning layers.

    Parameters
    ----------
    dataset
        As it was opened.
    place
        Folder of the states.

    Returns
    -------
    The folder of the state; None where nothing can be written, or the dataset was written meanwhile.
    """
    target = _folder_of(place, dataset.manifest.planning_sha256)
    if read_file_hashes(target) == dict(dataset.manifest.files):
        return target
    pending = target.with_name(f".{target.name}-{os.getpid()}-{time.monotonic_ns()}")
    try:
        for name in (MANIFEST, *dataset.manifest.files):
            copy = pending / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            _link(dataset.folder / name, copy)
        is_whole = read_file_hashes(dataset.folder) == read_file_hashes(pending) == dict(dataset.manifest.files)
        if not is_whole:
            return None
        shutil.rmtree(target, ignore_errors=True)
        pending.rename(target)
    except OSError:
        return None
    finally:
        shutil.rmtree(pending, ignore_errors=True)
    return target


def find_kept_dataset(place: Path, planning_sha256: str) -> Path | None:
    """The folder of a state; None where it was not kept.

    Parameters
    ----------
    place
        Folder of the states.
    planning_sha256
        Of its planning layers.
    """
    folder = _folder_of(place, planning_sha256)
    return folder if (folder / MANIFEST).is_file() else None


def differs_by_limits(place: Path, planning_sha256: str, today: Manifest) -> bool:
    """Whether a kept state is the data of today with other neighbours: these follow from the limits of a plan.

    Parameters
    ----------
    place
        Folder of the states.
    planning_sha256
        Of its planning layers.
    today
        Of the dataset.
    """
    folder = find_kept_dataset(place, planning_sha256)
    was = {} if folder is None else read_file_hashes(folder) or {}
    same = [f"{name}.parquet" for name in {*PLANNING_LAYERS, *GRAPH_INPUTS} - {"edges", "walks"}]
    return (
        bool(was) and planning_sha256 != today.planning_sha256 and all(was.get(n) == today.files.get(n) for n in same)
    )


def drop_kept_datasets(place: Path, needed: Collection[str]) -> None:
    """Remove the states that no plan refers to, after a week.

    Parameters
    ----------
    place
        Folder of the states.
    needed
        Planning hashes that plans refer to, and that of today.
    """
    names = {sha[:_LENGTH] for sha in needed}
    with suppress(OSError):
        for folder in place.iterdir():
            if folder.is_dir() and folder.name not in names and time.time() - folder.stat().st_mtime > _GRACE_S:
                shutil.rmtree(folder, ignore_errors=True)


def _folder_of(place: Path, planning_sha256: str) -> Path:
    return place / planning_sha256[:_LENGTH]


def _link(source: Path, target: Path) -> None:
    """A hard link; a copy where the file system has none."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
