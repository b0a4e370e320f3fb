"""Plan files: checked when read, whole when written, carried over to newer data."""

import json

import pytest

from app.workbench.plans_on_disk import migrate_plan, read_all_locks, read_json, read_plan, write_plan
from geo.errors import PlanningError, UnreadableFileError
from geo.storage.dataset import open_dataset


def test_what_is_written_is_read_again(town, tmp_path):
    document = read_plan(town[1])
    write_plan(tmp_path / "PLAN.json", document)
    assert read_plan(tmp_path / "PLAN.json") == document


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000])
def test_what_is_no_json_is_a_sentence(tmp_path, text):
    (tmp_path / "p.json").write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableFileError):
        read_json(tmp_path / "p.json")


def test_json_that_is_no_plan_is_refused(tmp_path):
    (tmp_path / "p.json").write_text("{}", encoding="utf-8")
    with pytest.raises(PlanningError):
        read_plan(tmp_path / "p.json")


def test_units_that_are_gone_leave_the_plan(town):
    dataset, document = open_dataset(town[0]), read_plan(town[1])
    first = document["areas"][0]
    older = json.loads(json.dumps(document))
    older["planning_sha256"] = "0" * 64
    older["areas"][0]["unit_ids"] = [*first["unit_ids"], "gone"]
    found = migrate_plan(older, dataset)
    assert found["planning_sha256"] == dataset.manifest.planning_sha256
    assert found["areas"][0]["unit_ids"] == first["unit_ids"]
    assert migrate_plan(document, dataset) == document


def test_without_locks_there_are_none(town):
    assert read_all_locks(open_dataset(town[0]), None, None) == ()
