"""An import adds to what is there: new values win, missing ones take nothing away."""

from dataclasses import replace

import pandas as pd

from geo.importing.dataset_update import reproject_layers, update_sources, upsert
from geo.storage.manifest import new_manifest

CRS = "EPSG:4546"


def test_a_missing_value_takes_nothing_away():
    old = pd.DataFrame({"company_id": ["a", "b"], "name": ["甲", "乙"]})
    new = pd.DataFrame({"company_id": ["b", "c"], "name": [None, "丙"]})
    assert upsert("companies", old, new)["name"].tolist() == ["甲", "乙", "丙"]


def test_layers_in_the_right_crs_stay_the_same_objects():
    layers = {"companies": pd.DataFrame({"company_id": ["a"]})}
    assert reproject_layers(layers, CRS)["companies"] is layers["companies"]


def test_sources_of_a_replaced_layer_go():
    sources = ({"file": "a.xlsx", "layer": "streets"}, {"file": "b.xlsx", "layer": "companies"})
    manifest = new_manifest("城", CRS)
    kept = update_sources(replace(manifest, sources=sources), [], [], replaced={"streets"})
    assert kept == sources[1:]
