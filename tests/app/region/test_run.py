"""A region: every district by the functions for one dataset; kept, resumed, named where it fails; the same anywhere."""

import json
import os
import shutil
import signal
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pyarrow.dataset
import pytest
import shapely
from distributed import Client, LocalCluster
from distributed.diagnostics.plugin import WorkerPlugin
from typer.testing import CliRunner

from app.cli.main import cli
from app.planning.options import PlanOptions
from app.region.definition import DemoSource, FileSource, make_district, read_region, write_region
from app.region.run import run_region
from app.region.steps import STEPS, Choices, StepTask, run_step
from app.region.summary import summarise
from geo.errors import UnreadableFileError, UsageError
from geo.storage.dataset import open_dataset, write_dataset

CHOICES = Choices(PlanOptions(mode="whole", lower=1200, upper=2400, rounds=2, workers=1))


def write_town(folder, shift):
    """The file of a town of 3 × 3 communities of 600 households, 20 m apart."""
    boxes = [shapely.box(220 * x, 220 * y, 220 * x + 200, 220 * y + 200) for x in range(3) for y in range(3)]
    frame = gpd.GeoDataFrame(
        {"name": [f"演示{shift}-{i}" for i in range(9)], "households": 600 + shift, "floor_area_m2": 48_000.0},
        geometry=gpd.GeoSeries(boxes, crs="EPSG:4546").translate(441_000 + 9_000 * shift, 4_497_000),
    )
    folder.mkdir(parents=True)
    frame.to_crs("EPSG:4326").to_file(folder / "communities.geojson", driver="GeoJSON", RFC7946="YES")
    return FileSource(folder=str(folder), datum="wgs84", layers_of=("communities=communities",))


def define_towns(folder, n=2):
    made = [make_district(f"1502{k:02d}", source=write_town(folder / "files" / str(k), k)) for k in range(n)]
    return write_region(folder / "region", "两区", made)


def news_of(region, steps=STEPS, choices=CHOICES, **options):
    found = run_region(region, steps, choices, districts=region.districts, **options)
    return [(one.district, one.step, one.state) for one in found]


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A region of two towns, all steps done by this process."""
    region = define_towns(tmp_path_factory.mktemp("region"))
    for step in STEPS:
        for one in region.districts:
            run_step(StepTask(region.folder, region.sha256, one.key, step), CHOICES)
    return region


@pytest.fixture
def region(done, tmp_path):
    """A copy of it."""
    shutil.copytree(done.folder, tmp_path / "r")
    return read_region(tmp_path / "r")


def test_what_is_done_is_kept_until_something_before_it_changes(region):
    def kept(choices=CHOICES):
        """Steps of the first district that need not be done again; none is begun."""
        found = [one for step in STEPS for one in news_of(region, (step,), choices, when=lambda: True)]
        assert {state for *_, state in found} <= {"kept"}
        return [step for key, step, _ in found if key == first]

    first = region.districts[0].key
    assert kept() == [*STEPS]
    assert kept(replace(CHOICES, formats=("gpkg",))) == ["prepare", "graph", "plan", "indicators"]
    assert kept(replace(CHOICES, plan=replace(CHOICES.plan, lower=1800))) == [
        "prepare",
        "graph",
        "indicators",
        "export",
    ]
    region.plan(first).unlink()
    assert kept() == ["prepare", "graph"]
    run_step(StepTask(region.folder, region.sha256, first, "plan"), CHOICES)
    assert kept() == [*STEPS]  # given rounds make the same plan
    dataset = open_dataset(region.dataset(first))
    write_dataset(dataset.folder, dataset.manifest, {"units": dataset.layer("units").iloc[:8]})
    assert kept() == ["prepare"]  # corrected data are not imported anew


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


def test_the_summary_adds_districts_up(done):
    found = summarise(done)
    plans = [json.loads(done.plan(one.key).read_text(encoding="utf-8")) for one in done.districts]
    assert found.totals["areas"] == sum(len(plan["areas"]) for plan in plans)
    assert found.totals["communities"] == 18
    assert [(one.step, one.districts) for one in found.steps] == [(step, 2) for step in STEPS]
    assert all(50 < one.peak_mb < 2_000 and one.cpu_s > 0 for one in found.steps)
    covered = next(one for one in found.figures if one.id == "P01")
    placed = found.totals["placed"]
    assert (covered.numerator, covered.denominator, covered.of) == (placed, 18, 2)
    assert covered.value == placed / 18


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


def test_wrong_definitions_are_told(tmp_path):
    with pytest.raises(UsageError, match="cannot be a name of files"):
        make_district("../x")
    (tmp_path / "region.json").write_text('{"schema": "pianqu.region/1", "name": "x", "districts": [{"key": "a/b"}]}')
    with pytest.raises(UnreadableFileError, match="no definition of a region"):
        read_region(tmp_path)
    answer = CliRunner().invoke(cli, ["region", "run", str(tmp_path / "none")])
    assert isinstance(answer.exception, UnreadableFileError)


def test_defining_again_adds_and_keeps(tmp_path):
    folder = str(tmp_path / "r")
    for words in (("150202", "--name", "甲"), (f"150203={tmp_path}", "--datum", "gcj02")):
        assert CliRunner().invoke(cli, ["region", "define", folder, *words]).exit_code == 0
    found = read_region(tmp_path / "r")
    assert (found.name, [one.key for one in found.districts]) == ("甲", ["150202", "150203"])
    assert found.districts[0].source is None
    assert found.districts[1].source.datum == "gcj02"


# --- in processes and on a cluster -----------------------------------------------------------------


@pytest.mark.full
def test_a_region_is_the_same_in_processes_and_on_a_cluster_whose_workers_are_killed(tmp_path):
    """Two fictional towns and a district without files: here, and where a worker is killed in the midst."""

    def define(folder):
        made = [make_district(f"{k}", source=DemoSource(size="small", seed=k)) for k in (1, 2)]
        made.append(make_district("3", source=FileSource(folder=str(tmp_path / "nothing"))))
        return write_region(folder, "虚构", made, demo=True)

    choices = Choices(PlanOptions(rounds=2, workers=1))
    here, there = define(tmp_path / "here"), define(tmp_path / "there")
    local = news_of(here, choices=choices, workers=2)
    assert {(key, step) for key, step, state in local if state == "failed"} == {("3", "prepare")}
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        found, is_killed = [], False
        for one in run_region(there, STEPS, choices, districts=there.districts, scheduler=cluster.scheduler_address):
            found.append((one.district, one.step, one.state))
            if one.step == "prepare" and one.state == "done" and not is_killed:
                os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)
                is_killed = True
    assert is_killed
    assert sorted(found) == sorted(local)
    assert summarise(here).result_sha256 == summarise(there).result_sha256
    for key in ("1", "2"):
        assert open_dataset(here.dataset(key)).manifest == open_dataset(there.dataset(key)).manifest
        assert here.indicators(key).read_bytes() == there.indicators(key).read_bytes()
        for path in here.export(key).glob("*.geojson"):
            assert path.read_bytes() == (there.export(key) / path.name).read_bytes()


class Poison(WorkerPlugin):
    """Planning one district kills the worker, however often it is tried."""

    def setup(self, worker):
        from app.region import steps

        real = steps._WORK["plan"]

        def plan(region, district, choices):
            if district.key == "150201":
                os.kill(os.getpid(), signal.SIGKILL)
            return real(region, district, choices)

        steps._WORK["plan"] = plan


@pytest.mark.full
def test_a_district_that_kills_its_worker_is_named_and_the_rest_ends(region):
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        client.register_plugin(Poison())
        found = run_region(
            region, STEPS, CHOICES, districts=region.districts, scheduler=cluster.scheduler_address, is_forced=True
        )
        news = {(one.district, one.step): one for one in found}
    assert {key for key, one in news.items() if one.state == "failed"} == {("150201", "plan")}
    assert {step for key, step in news if key == "150200"} == set(STEPS)
    assert {step for key, step in news if key == "150201"} == {"prepare", "graph", "plan"}
    assert "died" in news["150201", "plan"].fault.en
