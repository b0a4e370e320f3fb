"""Datasets, plan files and stores are looked for next to each other, and nothing else is taken for a dataset."""

import json

import pytest

from app.session.folders import default_plan_path, default_store_path, open_kept_store, refuse_other_folders
from geo.errors import NotADatasetError


def test_plan_and_store_are_named_after_the_folder(tmp_path, monkeypatch):
    (tmp_path / "city").mkdir()
    monkeypatch.chdir(tmp_path / "city")
    for folder in (tmp_path / "city", tmp_path.__class__()):
        assert default_plan_path(folder) == tmp_path / "city-plan.json"
        assert default_store_path(folder) == tmp_path / "city-plans.sqlite"


def test_a_folder_of_other_things_is_refused_and_an_empty_one_is_not(tmp_path):
    refuse_other_folders(tmp_path / "not there")
    refuse_other_folders(tmp_path)
    (tmp_path / ".hidden").touch()
    refuse_other_folders(tmp_path)
    (tmp_path / "letter.txt").touch()
    for other in (tmp_path, tmp_path / "letter.txt"):
        with pytest.raises(NotADatasetError):
            refuse_other_folders(other)


def test_a_store_that_may_not_be_written_is_a_copy_in_memory(tmp_path, town):
    document = json.loads(town[1].read_text(encoding="utf-8"))
    address = f"sqlite:///{tmp_path / 'new' / 'plans.sqlite'}"
    kept = open_kept_store(address, is_kept=True)
    kept.create_plan("方案", document, "")
    copy = open_kept_store(address, is_kept=False)
    copy.create_plan("另一个", document, "")
    assert (len(kept.plans()), len(copy.plans())) == (1, 2)
    copy.close()
    kept.close()
