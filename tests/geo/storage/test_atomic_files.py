from __future__ import annotations

import errno
import os

import pytest

from geo.errors import NotWrittenError
from geo.storage.atomic_files import atomic_path, atomic_write, atomic_write_texts


def refusing(number):
    def refuse(*_, **__):
        raise OSError(number, os.strerror(number))

    return refuse


def test_a_file_is_whole_or_not_there(tmp_path, monkeypatch):
    path = tmp_path / "a" / "b.txt"
    atomic_write(path, b"1")
    monkeypatch.setattr(os, "fsync", refusing(errno.ENOSPC))
    with pytest.raises(NotWrittenError, match="磁盘已满"):
        atomic_write(path, b"22")
    assert path.read_bytes() == b"1"
    assert [one.name for one in path.parent.iterdir()] == ["b.txt"]


def test_nothing_is_left_of_a_block_that_failed(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    with pytest.raises(FileNotFoundError), atomic_path(path) as pending:
        pending.with_name("missing").read_bytes()
    assert [one.name for one in tmp_path.iterdir()] == ["a.bin"]
    assert path.read_bytes() == b"old"


def test_several_texts_are_there_in_their_order(tmp_path):
    paths = atomic_write_texts(tmp_path / "new", {"b.txt": "1\n", "a.txt": "2"})
    assert [path.name for path in paths] == ["b.txt", "a.txt"]
    assert [path.read_bytes() for path in paths] == [b"1\n", b"2"]
    assert len(list((tmp_path / "new").iterdir())) == 2
