"""Where a dataset, its plan file and its store of plans are looked for."""

from __future__ import annotations

from pathlib import Path

from app.i18n import say
from app.store.copying import open_copy, store_file
from app.store.store import Store, open_store
from geo.errors import NotADatasetError
from geo.storage.commits import MANIFEST


def default_plan_path(folder: Path) -> Path:
    """Where a plan file is looked for that nobody named: next to the dataset, named after it."""
    place = folder.resolve()
    return place.with_name(f"{place.name}-plan.json")


def default_store_path(folder: Path) -> Path:
    """Where plans are kept by default: next to the dataset, named after it."""
    place = folder.resolve()
    return place.with_name(f"{place.name}-plans.sqlite")


def refuse_other_folders(folder: Path) -> None:
    """A file, or a folder with other things in it, is not filled with a dataset.

    Parameters
    ----------
    folder
        Where a dataset is, or is to be.

    Raises
    ------
    NotADatasetError
        If it is something else.
    """
    is_other = folder.exists() and (
        not folder.is_dir() or (not (folder / MANIFEST).is_file() and any(p.name[0] != "." for p in folder.iterdir()))
    )
    if is_other:
        raise NotADatasetError(*say("session.no_dataset", folder=folder))


def open_kept_store(address: str, *, is_kept: bool) -> Store:
    """The store of an address; a copy in memory where it is not to be written.

    Parameters
    ----------
    address
        As :func:`app.store.store.open_store`.
    is_kept
        Whether it may be written.
    """
    if not is_kept:
        return open_copy(address)
    path = store_file(address)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    return open_store(address)
