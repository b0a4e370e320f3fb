"""A plan is downloaded under a name that says what it is."""

import json
from urllib.parse import unquote

import pytest

from app.web.main import create_app


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


@pytest.mark.parametrize(("kind", "ending"), [("geojson", ".zip"), ("html", ".html")])
def test_the_plan_is_downloaded_under_a_name_that_says_what_it_is(client, kind, ending):
    answer = client.get(f"/export/{kind}")
    name = unquote(answer.headers["Content-Disposition"])
    assert answer.status_code == 200
    for part in ("晴川市", "PLAN", "演示数据", ending):
        assert part in name
    assert answer.data[:2] == (b"PK" if kind == "geojson" else b"<!")


def test_an_export_without_a_plan_says_so(town):
    client = create_app(town[0], None, "sqlite://").server.test_client()
    answer = client.get("/export/geojson")
    assert answer.status_code == 409
    assert "没有可导出的方案" in answer.text
    assert client.get("/export/exe").status_code == 404


@pytest.mark.full
@pytest.mark.parametrize("kind", ["xlsx", "docx"])
def test_papers_of_the_plan_are_downloaded(client, kind):
    answer = client.get(f"/export/{kind}")
    assert answer.status_code == 200
    assert answer.data[:2] == b"PK"


def test_a_plan_with_nothing_to_write_says_so(client):
    answer = client.get("/export/special")
    assert answer.status_code == 409
    assert "没有这种表" in answer.text
