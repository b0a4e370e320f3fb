"""Where a command writes: refused before any work begins, if it cannot be written."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from app.cli.base.console import tell
from app.i18n import say
from geo.errors import NotADatasetError, NotWrittenError, UsageError
from geo.messages import Sentence
from geo.storage.commits import MANIFEST
from geo.storage.disk_errors import disk_error, find_write_fault

_MOST_NAMED = 3


def check_output(
    path: Path | None, option: str, suffixes: Collection[str] = (), *, inputs: Collection[Path | None] = ()
) -> None:
    """Refuse a file that cannot be written, or that must not be.

    Parameters
    ----------
    path
        What is to be written; None where nothing was asked for.
    option
        As the user wrote it, "--report".
    suffixes
        Endings that are taken, in small letters; any where there is none.
    inputs
        Files that are read: they are not to be overwritten.

    Raises
    ------
    UsageError
        If the ending is another, or the file is one that is read, or part of a dataset.
    NotWrittenError
        If nothing can be written there.
    """
    if path is None:
        return
    if suffixes and path.suffix.lower() not in suffixes:
        endings = " ".join(suffixes)
        raise UsageError(*say("cli.out_suffix", option=option, endings=endings, name=path.name))
    if any(one is not None and _is_same(path, one) for one in inputs):
        raise UsageError(*say("cli.out_is_input", option=option, path=path))
    is_of_dataset = path.name == MANIFEST or path.suffix.lower() == ".parquet"
    if is_of_dataset and (path.parent / MANIFEST).is_file():
        raise UsageError(*say("cli.out_in_dataset", option=option, path=path))
    if path.is_dir():
        raise _disk_refusal(IsADirectoryError(21, "", str(path)), option)
    try:
        if path.exists():
            with path.open("r+b"):  # as long as Excel has it open, Windows refuses
                pass
    except OSError as error:
        raise _disk_refusal(error, option) from error
    fault = find_write_fault(path.absolute().parent, path.name)
    if fault is not None:
        raise _with_option(fault, option)


def check_output_folder(path: Path, option: str) -> None:
    """Refuse a folder that cannot be made or written.

    Parameters
    ----------
    path
        The folder.
    option
        By which it was named, for the sentence.

    Raises
    ------
    NotWrittenError
        If nothing can be put there.
    """
    fault = find_write_fault(path)
    if fault is not None:
        raise _with_option(fault, option)


def check_dataset_folder(folder: Path, option: str = "--into") -> None:
    """Refuse a folder that cannot be filled with a dataset, or holds other things.

    Parameters
    ----------
    folder
        The folder.
    option
        By which it was named, for the sentence.

    Raises
    ------
    NotADatasetError
        If there is no dataset but something else.
    NotWrittenError
        If nothing can be put there.
    """
    check_output_folder(folder, option)
    if not folder.is_dir() or (folder / MANIFEST).is_file():
        return
    other = sorted(path.name for path in folder.iterdir() if path.name[0] != ".")
    if other:
        named = "、".join(other[:_MOST_NAMED]) + ("…" if len(other) > _MOST_NAMED else "")
        raise NotADatasetError(*say("cli.no_dataset_folder", option=option, folder=folder, named=named))


@contextmanager
def exit_if_unwritten(zh: str, en: str, *, is_stored: bool = True) -> Iterator[None]:
    """What follows when data are stored: a disk that refuses it ends the command with 1, not 2.

    Parameters
    ----------
    zh, en
        What is stored.
    is_stored
        False where nothing was stored: then it is as ever.

    Raises
    ------
    typer.Exit
        With 1, the sentence on stderr.
    NotWrittenError
        If nothing was stored.
    """
    try:
        yield
    except NotWrittenError as error:
        if not is_stored:
            raise
        tell(say("cli.error", text=say("cli.but", stored=Sentence(zh, en), fault=error)), is_error=True)
        raise typer.Exit(1) from error


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _disk_refusal(error: OSError, option: str) -> NotWrittenError:
    fault = disk_error(error)
    return _with_option(fault or NotWrittenError(*say("cli.cannot_write", error=error)), option)


def _with_option(fault: NotWrittenError, option: str) -> NotWrittenError:
    return NotWrittenError(*say("cli.nothing_begun", option=option, fault=fault))
