from __future__ import annotations

import zipfile

import geopandas as gpd
import pytest
import shapely

from geo.errors import UnreadableFileError
from geo.readers.file_kinds import read_in_process
from geo.sandbox.processes import ReadLimits

NAMES = ["翠园社区", "前进道", "𠮷祥小区"]


def read_vector(path):
    """In this process; tests/geo/test_hostile.py goes through the child."""
    return read_in_process(path, limits=ReadLimits())


@pytest.fixture
def frame():
    boxes = [shapely.box(x, 4_500_000, x + 50, 4_500_050) for x in (400_000, 400_100, 400_200)]
    return gpd.GeoDataFrame({"小区名称": NAMES, "户数": [12, 3, 40]}, geometry=boxes, crs=4546)


def write_shapefile(frame, path, encoding, *, cpg=True):
    """A shapefile; without .cpg also the language byte is cleared, as old software leaves it."""
    frame.to_file(path, encoding=encoding)
    if not cpg:
        path.with_suffix(".cpg").unlink()
        data = bytearray(path.with_suffix(".dbf").read_bytes())
        data[29] = 0
        path.with_suffix(".dbf").write_bytes(bytes(data))
    return path


@pytest.mark.parametrize("cpg", [True, False])
@pytest.mark.parametrize(("written", "used"), [("GB18030", "gb18030"), ("UTF-8", "utf-8")])
def test_a_shapefile_reads_right_with_and_without_cpg(tmp_path, frame, written, used, cpg):
    (raw,) = read_vector(write_shapefile(frame, tmp_path / "a.shp", written, cpg=cpg))
    assert raw.frame.iloc[:, 0].tolist() == NAMES
    assert raw.encoding == used


def test_a_wrong_cpg_is_overruled_and_told(tmp_path, frame):
    path = write_shapefile(frame, tmp_path / "a.shp", "GB18030")
    path.with_suffix(".cpg").write_text("UTF-8")
    (raw,) = read_vector(path)
    assert raw.frame.iloc[:, 0].tolist() == NAMES
    assert [f.rule for f in raw.findings] == ["encoding.declared_wrong"]


def test_a_zipped_shapefile_with_a_gbk_name_is_read(tmp_path, frame):
    path = write_shapefile(frame, tmp_path / "a.shp", "GB18030", cpg=False)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for suffix in (".shp", ".shx", ".dbf", ".prj"):
            name = "小区".encode("gbk").decode("cp437") + suffix
            archive.write(path.with_suffix(suffix), name)
    (raw,) = read_vector(tmp_path / "a.zip")
    assert raw.file == "a.zip"
    assert raw.frame.iloc[:, 0].tolist() == NAMES


def test_a_layer_without_prj_has_no_crs(tmp_path, frame):
    path = write_shapefile(frame, tmp_path / "a.shp", "UTF-8")
    path.with_suffix(".prj").unlink()
    (raw,) = read_vector(path)
    assert raw.frame.crs is None
    assert not raw.crs_stated


def test_a_shapefile_without_attributes_is_refused(tmp_path, frame):
    path = write_shapefile(frame, tmp_path / "a.shp", "UTF-8")
    path.with_suffix(".dbf").unlink()
    with pytest.raises(UnreadableFileError, match=r"\.dbf"):
        read_vector(path)


def test_a_lost_index_is_restored_in_a_copy_and_told(tmp_path, frame):
    path = write_shapefile(frame, tmp_path / "a.shp", "UTF-8")
    path.with_suffix(".shx").unlink()
    (raw,) = read_vector(path)
    assert raw.frame.iloc[:, 0].tolist() == NAMES
    assert [f.rule for f in raw.findings] == ["shapefile.index_restored"]
    assert not path.with_suffix(".shx").exists()
