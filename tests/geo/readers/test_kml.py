from __future__ import annotations

import json

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


def virtual_formats(target):
    vrt = (
        f"<OGRVRTDataSource><OGRVRTLayer name='a'><SrcDataSource>{target}</SrcDataSource>"
        "</OGRVRTLayer></OGRVRTDataSource>"
    )
    pipeline = {
        "type": "gdal_streamed_alg",
        "command_line": f"gdal vector pipeline ! read {target} ! write streamed_file",
    }
    return {"vrt": vrt, "pipeline": json.dumps(pipeline)}


def test_a_kml_that_wraps_a_virtual_format_is_refused(tmp_path, frame):
    frame.to_file(tmp_path / "secret.gpkg")
    text = "<!-- <kml> -->" + virtual_formats(tmp_path / "secret.gpkg")["vrt"]
    (tmp_path / "a.kml").write_text(text)
    with pytest.raises(UnreadableFileError):
        read_vector(tmp_path / "a.kml")
