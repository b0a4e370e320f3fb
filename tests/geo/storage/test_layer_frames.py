import geopandas as gpd
import pandas as pd
import shapely

from geo.storage.dataset import write_dataset
from geo.storage.manifest import new_manifest

CRS = "EPSG:4546"


def streets(*codes):
    boxes = [shapely.box(i, 0, i + 1, 1) for i in range(len(codes))]
    return gpd.GeoDataFrame({"street_code": codes, "name": codes}, geometry=boxes, crs=CRS)


def written(folder, **layers):
    return write_dataset(folder, new_manifest("测试", CRS, data_date="2026-06-30"), layers)


def test_same_content_gives_same_bytes_in_any_row_order(tmp_path):
    frame = streets("1", "2", "3")
    one = written(tmp_path / "a", streets=frame)
    two = written(tmp_path / "b", streets=frame.iloc[::-1])
    assert one.manifest.files == two.manifest.files


def test_codes_keep_leading_zeros_and_missing_stays_missing(tmp_path):
    frame = pd.DataFrame({"company_id": ["007"], "name": ["甲"], "staff_total": [None]})
    stored = written(tmp_path, companies=frame).layer("companies")
    assert stored.loc[0, "company_id"] == "007"
    assert pd.isna(stored.loc[0, "staff_total"])


def test_absent_layer_is_empty_with_all_columns(tmp_path):
    units = written(tmp_path).layer("units")
    assert len(units) == 0
    assert {"unit_id", "geometry"} <= set(units.columns)
    assert units.crs.to_string() == CRS
