import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.errors import NotADatasetError
from geo.storage.dataset import open_dataset, write_dataset
from geo.storage.manifest import new_manifest

CRS = "EPSG:4546"


def streets(*codes):
    boxes = [shapely.box(i, 0, i + 1, 1) for i in range(len(codes))]
    return gpd.GeoDataFrame({"street_code": codes, "name": codes}, geometry=boxes, crs=CRS)


def written(folder, **layers):
    return write_dataset(folder, new_manifest("测试", CRS, data_date="2026-06-30"), layers)


def test_charger_list_does_not_invalidate_a_plan(tmp_path):
    first = written(tmp_path, streets=streets("1"))
    stock = pd.DataFrame({"unit_id": ["u"], "ebikes": [3]})
    second = write_dataset(tmp_path, first.manifest, {"ebike_stock": stock})
    assert second.manifest.planning_sha256 == first.manifest.planning_sha256
    assert second.manifest.all_sha256 != first.manifest.all_sha256


@pytest.mark.parametrize("text", ["", "{", '{"schema":"other/1"}', "[]"])
def test_damaged_manifest_is_a_sentence(tmp_path, text):
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(NotADatasetError):
        open_dataset(tmp_path)
