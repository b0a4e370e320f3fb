"""A region: every district by the functions for one dataset; kept, resumed, named where it fails; the same anywhere."""

import os
import signal
from dataclasses import replace

import pytest
from distributed import Client
from distributed.diagnostics.plugin import WorkerPlugin

from app.planning.options import PlanOptions
from app.region.definition import DemoSource, FileSource, make_district, write_region
from app.region.run import run_region
from app.region.steps import STEPS, Choices, StepTask, run_step
from app.region.summary import summarise
from geo.storage.dataset import open_dataset, write_dataset
from tests.app.region.towns import CHOICES
from tests.clusters import open_cluster


def news_of(region, steps=STEPS, choices=CHOICES, **options):
    found = run_region(region, steps, choices, districts=region.districts, **options)
    return [(one.district, one.step, one.state) for one in found]


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
    with open_cluster() as cluster:
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
    with open_cluster() as cluster, Client(cluster) as client:
        client.register_plugin(Poison())
        found = run_region(
            region, STEPS, CHOICES, districts=region.districts, scheduler=cluster.scheduler_address, is_forced=True
        )
        news = {(one.district, one.step): one for one in found}
    assert {key for key, one in news.items() if one.state == "failed"} == {("150201", "plan")}
    assert {step for key, step in news if key == "150200"} == set(STEPS)
    assert {step for key, step in news if key == "150201"} == {"prepare", "graph", "plan"}
    assert "died" in news["150201", "plan"].fault.en
