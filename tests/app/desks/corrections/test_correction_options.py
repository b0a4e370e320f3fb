"""What may be chosen: outlines there and back, units near by, crossings."""

import json
from dataclasses import replace

import shapely

from app.desks.corrections.correction_options import read_outline
from app.i18n import load_words
from geo.corrections.user_geometry import read_geometry

ZH = load_words("zh")


def test_an_outline_comes_to_the_page_and_back_with_its_holes_and_parts(shown):
    bench = shown.current_page().bench
    at = bench.position_of["C011"]
    own = bench.units.geometry.iloc[at]
    two = shapely.MultiPolygon([own.difference(own.centroid.buffer(10)), shapely.affinity.translate(own, 0, 1000)])
    units = bench.units.copy()
    units.loc[units.index[at], "geometry"] = two
    ground = replace(bench.context, layers={**bench.layers, "units": units})
    found = read_outline(replace(bench, context=ground), "C011")
    back = read_geometry(json.dumps(found["shape"]), bench.dataset.manifest.metric_crs, "EPSG:4326")
    assert found["unit"] == at
    assert back.hausdorff_distance(two) < 0.002
    assert [len(part.interiors) for part in back.geoms] == [1, 0]
    assert read_outline(bench, "nobody") is None
