"""A step of a district is what the commands for one dataset make, where others can read it."""

import json
from dataclasses import replace
from pathlib import Path

import pyarrow.dataset
import pytest
from typer.testing import CliRunner

from app.cli.main import cli
from app.region.definition import write_region
from app.region.steps import StepTask, run_step
from geo.errors import UsageError
from geo.storage.dataset import open_dataset
from tests.app.region.towns import CHOICES


def test_every_district_is_what_its_own_commands_make(done, tmp_path):
    """The same town by `pianqu import` and `pianqu plan`."""
    one = done.districts[0]
    source = str(Path(one.source.folder) / "communities.geojson")
    folder, plan = str(tmp_path / "d"), str(tmp_path / "p.json")
    for words in (
        ("import", source, "--into", folder, "--layer", "communities", "--datum", "wgs84"),
        ("plan", folder, "--mode", "whole", "--lower", "1200", "--upper", "2400", "--rounds", "2", "--out", plan),
    ):
        assert CliRunner().invoke(cli, words).exit_code == 0
    ours, theirs = (json.loads(Path(path).read_text(encoding="utf-8")) for path in (done.plan(one.key), plan))
    assert ours["areas"] == theirs["areas"]
    assert len(ours["areas"]) >= 3


def test_datasets_of_a_region_are_partitions_that_others_read(done):
    files = [str(done.dataset(one.key) / "units.parquet") for one in done.districts]
    table = pyarrow.dataset.dataset(files, partitioning="hive", format="parquet").to_table(columns=["district"])
    assert sorted(set(table.column("district").to_pylist())) == [150200, 150201]
    assert table.num_rows == 18


def test_a_worker_that_sees_no_region_or_another_says_so(done, tmp_path):
    task = StepTask(tmp_path / "elsewhere", done.sha256, "150200", "graph")
    with pytest.raises(UsageError, match=r"does not see .*region\.json"):
        run_step(task, CHOICES)
    write_region(tmp_path / "elsewhere", "别处", done.districts)
    with pytest.raises(UsageError, match="another region"):
        run_step(task, CHOICES)


def test_a_step_asked_for_again_by_the_same_run_is_not_done_twice(region):
    task = StepTask(region.folder, region.sha256, region.districts[0].key, "graph", "run 1")
    first = run_step(task, CHOICES)
    assert run_step(task, CHOICES) == first
    assert run_step(replace(task, run="run 2"), CHOICES).run == "run 2"


def test_a_first_dataset_is_there_whole_or_not_at_all(region):
    """Half of one that a killed worker left does not come into the next."""
    one = region.districts[0]
    before = open_dataset(region.dataset(one.key)).manifest.sha256_without("edges", "walks")
    region.dataset(one.key).rename(region.dataset(one.key).with_name(f".preparing-{one.key}"))
    run_step(StepTask(region.folder, region.sha256, one.key, "prepare"), CHOICES)
    assert open_dataset(region.dataset(one.key)).manifest.sha256_without("edges", "walks") == before
    assert not list((region.folder / "data").glob(".preparing*"))
