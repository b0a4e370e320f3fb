"""The picture of an extent holds nothing that a file says."""

import json

import pytest

from app.desks.imports.preview import preview_file
from app.desks.imports.preview_map import draw_extent
from app.desks.imports.runs import FileChoice


def square(x, y, side=0.002):
    ring = [[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]
    return {"type": "Polygon", "coordinates": [ring]}


def geojson(names, x=110.3, y=40.6):
    features = [
        {
            "type": "Feature",
            "properties": {"小区名称": name, "户数": 300 + k, "联系电话": "13800000000"},
            "geometry": square(x + 0.003 * k, y),
        }
        for k, name in enumerate(names)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


@pytest.fixture
def outlines(tmp_path):
    path = tmp_path / "小区边界.geojson"
    path.write_text(geojson(["红星小区", "前进小区", "和平里"]), encoding="utf-8")
    return path


def test_the_picture_of_an_extent_holds_no_text_of_the_file(outlines):
    shapes = preview_file(outlines, FileChoice()).layers[0].shapes
    picture = draw_extent(shapes, [])
    assert picture.startswith("data:image/svg+xml;base64,")
    assert len(picture) < 20_000
