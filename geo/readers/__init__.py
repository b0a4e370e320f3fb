"""One reader for each family of files; each returns what stands in the file, uninterpreted."""

from __future__ import annotations

from pathlib import Path

from geo.raw_layer import RawLayer
from geo.readers.table import read_table
from geo.readers.vector import read_vector
from geo.sandbox.processes import ReadLimits, run_task
from geo.sandbox.transport import load_layers

__all__ = ["RawLayer", "ReadLimits", "preview_names", "read_file", "read_table", "read_vector"]


def read_file(path: Path, *, encoding: str | None = None, limits: ReadLimits | None = None) -> tuple[RawLayer, ...]:
    """Read any file a bureau may send, by the reader of its extension, in a child with limits.

    Parameters
    ----------
    path
        The file, or the folder of a file geodatabase.
    encoding
        Of its text, where the format does not fix it.
    limits
        What reading it may cost.

    Returns
    -------
    Its layers and tables; no text in them is garbled.

    Raises
    ------
    UnreadableFileError
        If it is missing, damaged, hostile, of a kind that is not read, or costs too much.
    EmptyLayerError
        If it holds no row.
    """
    with run_task("read", path, limits=limits or ReadLimits(), encoding=encoding) as answer:
        return load_layers(answer, answer["folder"])


def preview_names(path: Path, *, encoding: str | None = None, limits: ReadLimits | None = None) -> tuple[str, ...]:
    """Up to five names as they would be read, to see whether the encoding is right.

    Parameters
    ----------
    path, encoding, limits
        As :func:`read_file`.

    Returns
    -------
    Different values of the column of names, else of the first column of Chinese text.

    Raises
    ------
    UnreadableFileError, EmptyLayerError
        As :func:`read_file`.
    """
    with run_task("preview", path, limits=limits or ReadLimits(), encoding=encoding) as answer:
        return tuple(answer["values"])
