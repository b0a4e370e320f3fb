"""States of a dataset that plans refer to outlive its corrections, as long as a plan does."""

import os
import shutil

import pandas as pd
import pytest

from geo.storage.dataset import open_dataset, write_dataset
from geo.storage.kept_datasets import default_kept_place, drop_kept_datasets, find_kept_dataset, keep_dataset
from geo.storage.manifest import new_manifest


@pytest.fixture
def dataset(tmp_path):
    streets = pd.DataFrame({"street_code": ["150203001"], "name": ["甲街道"]})
    return write_dataset(tmp_path / "city", new_manifest("城", "EPSG:4546"), {"streets": streets})


def rename(dataset, name):
    streets = dataset.layer("streets").assign(name=name)
    return write_dataset(dataset.folder, dataset.manifest, {"streets": streets})


def test_a_state_stays_as_it_was_when_the_data_go_on(dataset):
    place = default_kept_place(dataset.folder)
    keep_dataset(dataset, place)
    rename(dataset, "乙街道")
    kept = open_dataset(find_kept_dataset(place, dataset.manifest.planning_sha256))
    assert kept.manifest == dataset.manifest
    assert kept.layer("streets")["name"].tolist() == ["甲街道"]
    assert open_dataset(dataset.folder).layer("streets")["name"].tolist() == ["乙街道"]


def test_what_was_written_meanwhile_is_not_kept(dataset):
    place = default_kept_place(dataset.folder)
    rename(dataset, "乙街道")
    assert keep_dataset(dataset, place) is None
    assert find_kept_dataset(place, dataset.manifest.planning_sha256) is None
    assert not place.exists() or not list(place.iterdir())


def test_states_no_plan_refers_to_go_after_a_week(dataset):
    place = default_kept_place(dataset.folder)
    first = keep_dataset(dataset, place)
    second = keep_dataset(rename(dataset, "乙街道"), place)
    drop_kept_datasets(place, set())
    assert first.is_dir()
    for folder in (first, second):
        os.utime(folder, (0, 0))
    drop_kept_datasets(place, {dataset.manifest.planning_sha256})
    assert (first.is_dir(), second.is_dir()) == (True, False)
    shutil.rmtree(place)
    drop_kept_datasets(place, set())
