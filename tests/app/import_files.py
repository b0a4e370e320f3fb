"""Files that planners drop into the import wizard, and what the tests of it do again and again."""

import json

TOKEN = "t" * 24


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


def drop(desk, *paths):
    for path in paths:
        with path.open("rb") as stream:
            desk.add(TOKEN, path.name, stream)
    return desk.view(TOKEN)


def tried(desk):
    desk.start_trying(TOKEN).join(60)
    return desk.view(TOKEN)
