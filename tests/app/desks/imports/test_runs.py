"""A try runs on a copy that is the same dataset."""

from app.desks.imports.runs import copy_dataset
from geo.storage.dataset import check_hashes, open_dataset


def test_a_copied_dataset_is_the_same_dataset(town, tmp_path):
    copy_dataset(town[0], tmp_path / "copy")
    one, other = open_dataset(town[0]), open_dataset(tmp_path / "copy")
    assert check_hashes(other) == ()
    assert one.manifest.all_sha256 == other.manifest.all_sha256
