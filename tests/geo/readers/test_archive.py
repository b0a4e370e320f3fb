from __future__ import annotations

import zipfile

import pytest

from geo.errors import UnreadableFileError
from geo.readers.file_kinds import read_in_process
from geo.sandbox.processes import ReadLimits


def read_vector(path):
    """In this process; tests/geo/test_hostile.py goes through the child."""
    return read_in_process(path, limits=ReadLimits())


def test_an_archive_that_would_fill_the_disk_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.shp", b"\x00" * 5_000_000)
    with pytest.raises(UnreadableFileError, match="limits"):
        read_vector(tmp_path / "a.zip")


def test_an_archive_member_outside_its_folder_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("../a.shp", b"x")
    with pytest.raises(UnreadableFileError, match="outside"):
        read_vector(tmp_path / "a.zip")
