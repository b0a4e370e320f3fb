"""Candidate sites are made when somebody asks for them."""

import gzip
import json
import time

from analysis.studies.siting import LABEL


def test_sites_are_made_when_somebody_asks(client, data):
    name = data.lazy_layers["sites"].name("zh")
    for _ in range(1200):
        answer = client.get(f"/geo/{name}", headers={"Accept-Encoding": "gzip"})
        if answer.status_code == 200:
            break
        assert answer.status_code == 202
        time.sleep(0.1)
    body = json.loads(gzip.decompress(answer.data))
    assert len(body["features"]) > 10
    card = json.loads(body["features"][0]["properties"]["card"])
    assert card["kind"] == LABEL.zh
    assert {feature["properties"]["chosen"] for feature in body["features"]} == {True, False}
    assert client.get("/geo/sites-zh-0.geojson").status_code == 404
