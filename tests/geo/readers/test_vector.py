from __future__ import annotations

import json

import geopandas as gpd
import pytest
import shapely

from geo.errors import EmptyLayerError, UnreadableFileError
from geo.readers.file_kinds import read_in_process
from geo.sandbox.processes import ReadLimits

pytestmark = pytest.mark.filterwarnings("ignore:Could not decode error message")

NAMES = ["翠园社区", "前进道", "𠮷祥小区"]


def read_vector(path):
    """In this process; tests/geo/test_hostile.py goes through the child."""
    return read_in_process(path, limits=ReadLimits())


@pytest.fixture
def frame():
    boxes = [shapely.box(x, 4_500_000, x + 50, 4_500_050) for x in (400_000, 400_100, 400_200)]
    return gpd.GeoDataFrame({"小区名称": NAMES, "户数": [12, 3, 40]}, geometry=boxes, crs=4546)


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".fgb", ".shp"])
def test_every_format_gives_the_same_rows(tmp_path, frame, suffix):
    path = tmp_path / f"a{suffix}"
    frame.to_file(path, **({"encoding": "UTF-8"} if suffix == ".shp" else {}))
    (raw,) = read_vector(path)
    read = raw.frame.sort_values("户数")
    assert read[next(c for c in read.columns if c.startswith("小区"))].tolist() == ["前进道", "翠园社区", "𠮷祥小区"]
    assert raw.rows.tolist() == [1, 2, 3]
    assert raw.crs_stated
    assert raw.frame.crs.to_epsg() == 4546


def test_a_geojson_without_crs_member_does_not_state_its_crs(tmp_path, frame):
    frame.to_crs(4326).to_file(tmp_path / "a.geojson", RFC7946="YES")
    assert not read_vector(tmp_path / "a.geojson")[0].crs_stated


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


@pytest.mark.parametrize("suffix", [".geojson", ".json", ".kml", ".gpkg", ".fgb"])
@pytest.mark.parametrize("kind", ["vrt", "pipeline"])
def test_a_virtual_format_under_a_false_name_reads_no_other_file(tmp_path, frame, suffix, kind):
    frame.to_file(tmp_path / "secret.gpkg")
    (tmp_path / f"a{suffix}").write_text(virtual_formats(tmp_path / "secret.gpkg")[kind])
    with pytest.raises(UnreadableFileError):
        read_vector(tmp_path / f"a{suffix}")


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("a.geojson", "just text", UnreadableFileError),
        ("a.geojson", '{"type": "FeatureCollection", "features": [', UnreadableFileError),
        ("a.geojson", "", EmptyLayerError),
        ("a.geojson", '{"type": "FeatureCollection", "features": []}', EmptyLayerError),
        ("a.shp", "just text", UnreadableFileError),
        ("a.zip", "just text", UnreadableFileError),
        ("a.docx", "just text", UnreadableFileError),
    ],
)
def test_what_is_no_map_is_refused_with_a_sentence(tmp_path, name, content, error):
    (tmp_path / name).write_text(content)
    with pytest.raises(error) as refused:
        read_vector(tmp_path / name)
    assert name in refused.value.zh
    assert name in refused.value.en
    assert str(tmp_path) not in refused.value.en


def test_unsound_rings_become_rows_without_geometry(tmp_path):
    good = [[[110, 40], [110.1, 40], [110.1, 40.1], [110, 40]]]
    bad = [[[110, 40], [110.1, 40]]]
    features = [
        {"type": "Feature", "properties": {"name": n}, "geometry": {"type": "Polygon", "coordinates": c}}
        for n, c in (("a", good), ("b", bad))
    ]
    (tmp_path / "a.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    (raw,) = read_vector(tmp_path / "a.geojson")
    assert raw.frame["name"].tolist() == ["a", "b"]
    assert raw.frame.geometry.isna().tolist() == [False, True]
