"""Names of files are such as Windows takes."""

import re

import pytest

from app.exports.file_names import MOST_LETTERS, make_file_name


@pytest.mark.parametrize("name", ['a"b', "=cmd|' /C calc'!A0", "甲/乙", "片" * 400, "CON", "end. ", "😀小区", "\n", ""])
def test_whatever_a_place_is_called(name):
    found = make_file_name([name], ".gpkg")
    assert not re.search(r'[\x00-\x1f<>:"/\\|?*]', found)
    assert len(found) <= MOST_LETTERS + 6
    assert not re.fullmatch(r"(?i)(con|prn|aux|nul)\..*", found)
    assert len(found) > len(".gpkg")
