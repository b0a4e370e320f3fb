"""One reader for each family of files; each returns what stands in the file, uninterpreted."""

from __future__ import annotations

from pathlib import Path

from geo.errors import UnreadableFileError
from geo.readers.raw import RawLayer
from geo.readers.table import TABLE_SUFFIXES, read_table
from geo.readers.vector import VECTOR_SUFFIXES, read_vector

__all__ = ["RawLayer", "read_file", "read_table", "read_vector"]


def read_file(path: Path, *, encoding: str | None = None) -> tuple[RawLayer, ...]:
    """Read any file a bureau may send, by the reader of its extension.

    Parameters
    ----------
    path
        The file.
    encoding
        Of its text, where the format does not fix it.

    Raises
    ------
    UnreadableFileError
        If it is missing, damaged, or of a kind that is not read.
    EmptyLayerError
        If it holds no row.
    """
    suffix = path.suffix.lower()
    if suffix in VECTOR_SUFFIXES:
        return read_vector(path, encoding=encoding)
    if suffix in TABLE_SUFFIXES:
        return read_table(path, encoding=encoding)
    if not path.exists():
        raise UnreadableFileError(
            f"找不到文件“{path}”; 请检查路径。", f"File '{path}' does not exist; check the path."
        )
    known = " ".join((*TABLE_SUFFIXES, *VECTOR_SUFFIXES))
    raise UnreadableFileError(
        f"不能读取“{path.name}”: 支持的格式是 {known}。",
        f"'{path.name}' cannot be read; the formats known are {known}.",
    )
