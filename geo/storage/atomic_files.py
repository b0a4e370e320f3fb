"""Files that appear whole or not at all: written under a hidden name, forced to disk, renamed into place."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from geo.storage.disk_errors import explain_disk_errors


def atomic_write(path: Path, body: bytes) -> None:
    """Write a file at once; missing folders are made, what was there stays until then.

    Parameters
    ----------
    path
        The file.
    body
        Its whole content.

    Raises
    ------
    NotWrittenError
        If the disk refuses.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     atomic_write(Path(folder) / "new" / "a.txt", b"whole")
    ...     [path.name for path in (Path(folder) / "new").iterdir()]
    ['a.txt']
    """
    with explain_disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(path) as pending, pending.open("xb") as file:
            file.write(body)


def atomic_write_texts(folder: Path, texts: Mapping[str, str]) -> tuple[Path, ...]:
    """Write several UTF-8 files; none is put in its place before all are on the disk.

    Parameters
    ----------
    folder
        Where to; made when it does not exist.
    texts
        Content by file name; line ends are written as they are.

    Returns
    -------
    The paths in the order given.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        for name, text in texts.items():
            pending = stack.enter_context(atomic_path(folder / name))
            with pending.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
            sync_to_disk(pending)
    return tuple(folder / name for name in texts)


@contextmanager
def atomic_path(path: Path, *, suffix: str = ".part") -> Iterator[Path]:
    """A hidden path next to a file to write to; it takes the file's place at the end of the block.

    After an exception inside the block nothing is left of it, and what was there stays.

    Parameters
    ----------
    path
        The file; its folder is there.
    suffix
        Of the hidden path, for writers that judge by it.

    Yields
    ------
    The path to write to; nothing is there yet.
    """
    pending = path.with_name(f".pianqu-{secrets.token_hex(8)}{suffix}")
    try:
        yield pending
        sync_to_disk(pending)
        os.replace(pending, path)
    except BaseException:
        with suppress(OSError):
            pending.unlink(missing_ok=True)
        raise


def sync_to_disk(path: Path) -> None:
    """Force a file or folder to disk; folders cannot be opened on Windows and are skipped there."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
