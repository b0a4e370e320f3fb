"""Values as GDAL takes them."""

from app.exports.gis.layers import make_layers


def test_missing_stays_missing_and_lists_become_texts(hostile):
    areas, units, leading, about = make_layers(hostile, hostile.parts("city")[0])
    assert units.table.set_index("unit_id")["households"].isna()["east"]
    assert areas.table["outside_preferred"].tolist() == ["floor_area", "floor_area"]
    assert areas.table["company_ids"].tolist() == ["", ""]
    assert leading.table["unit_id"].tolist() == ["old"]
    stated = dict(about.table.itertuples(index=False))
    assert stated["提示"] == "内部工作用图, 未经审核不得公开"
    assert stated["草案"] == "草案"
    assert "EPSG:4546" in stated["坐标系"]


def test_a_line_crosses_into_the_part_of_whom_it_leads(hostile):
    for part in hostile.parts("district"):
        leading = make_layers(hostile, part)[2].table
        assert set(leading["unit_id"]) <= set(part.units["unit_id"])
