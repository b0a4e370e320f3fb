from __future__ import annotations

import pytest

from geo.errors import UnreadableFileError
from geo.readers.file_kinds import preview_in_process, read_in_process, unsupported_file_error
from geo.sandbox.processes import ReadLimits


@pytest.mark.parametrize(
    ("name", "remedy"),
    [("a.dwg", "DXF"), ("a.rar", "zip"), ("a.shx", ".shp"), ("a.osm.pbf", "pianqu osm"), ("a.x", ".gpkg")],
)
def test_a_kind_that_is_not_read_says_what_to_do(name, remedy):
    assert remedy in unsupported_file_error(name).en


def test_a_table_is_read_by_its_extension_and_its_names_are_shown(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("小区名称,户数\n红星小区,120\n", encoding="utf-8")
    (layer,) = read_in_process(path, limits=ReadLimits())
    assert layer.frame["小区名称"].tolist() == ["红星小区"]
    assert preview_in_process(path, limits=ReadLimits()) == ["红星小区"]


def test_a_folder_is_no_file(tmp_path):
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(UnreadableFileError, match="文件夹"):
        read_in_process(tmp_path / "a.csv", limits=ReadLimits())
