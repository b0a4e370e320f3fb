"""Parts of the work here, in processes, on a cluster: the same results, and whoever fails alone is named."""

import os
import signal

import pytest

from geo import tasks
from geo.errors import UsageError
from geo.tasks import TaskError, run_each, run_tasks
from tests.clusters import open_cluster


def times_ten(part, kills=(), bad=(), marks=None):
    if part in bad:
        raise ValueError("bad ground")
    if part in kills and (marks is None or not (marks / str(part)).exists()):
        if marks is not None:
            (marks / str(part)).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return part * 10


def refuse(part):
    raise UsageError("不行", f"{part} is refused")


def values(outcomes):
    return {one.place: one.value for one in outcomes if one.fault is None}


@pytest.fixture(scope="module")
def scheduler():
    """Two worker processes on this machine, each started again when it dies."""
    with open_cluster() as cluster_here:
        yield cluster_here.scheduler_address


def test_one_that_kills_its_process_is_named_and_the_others_end(tmp_path):
    """Part 2 dies every time, part 1 once: killed by somebody."""
    (tmp_path / "2").touch()
    once = {one.place: one for one in run_each(times_ten, [0, 1, 2, 3], (1,), (), tmp_path, workers=2)}
    assert {place: one.value for place, one in once.items()} == {0: 0, 1: 10, 2: 20, 3: 30}
    found = {one.place: one for one in run_each(times_ten, [5, 6, 7], (6,), workers=2)}
    assert values(found.values()) == {0: 50, 2: 70}
    assert isinstance(found[1].fault, TaskError)
    assert "part 2 of 3 died" in found[1].fault.en


def test_a_sentence_for_people_is_not_tried_again(caplog):
    (found,) = run_each(refuse, ["it"])
    assert found.fault is not None
    assert found.fault.en == "it is refused"
    assert caplog.text == ""


def test_nothing_is_begun_once_the_end_is_wanted():
    begun = []
    found = []
    for one in run_each(times_ten, range(9), when=lambda: len(begun) >= 2):
        begun.append(one)
        found.append(one.place)
    assert found == [0, 1]


def test_a_part_that_fails_alone_is_named_on_a_cluster(scheduler):
    assert run_tasks(times_ten, [1, 2, 4], scheduler=scheduler) == [10, 20, 40]
    with pytest.raises(TaskError, match=r"Part 3 of 4 .*bad ground"):
        run_tasks(times_ten, [1, 2, 3, 4], (), (3,), scheduler=scheduler)


@pytest.mark.full
def test_a_part_that_kills_its_worker_is_named_on_a_cluster(scheduler):
    found = {one.place: one for one in run_each(times_ten, [1, 2, 3, 4, 5], (2,), scheduler=scheduler)}
    assert values(found.values()) == {0: 10, 2: 30, 3: 40, 4: 50}
    assert found[1].fault is not None
    assert "part 2 of 5 died" in found[1].fault.en


def test_no_scheduler_is_a_sentence(monkeypatch):
    monkeypatch.setattr(tasks, "CONNECT_S", 0.5)
    with pytest.raises(UsageError, match=r"tcp://127\.0\.0\.1:1"):
        run_tasks(times_ten, [1], scheduler="tcp://127.0.0.1:1")


@pytest.mark.full
def test_a_cluster_that_is_lost_on_the_way_is_a_sentence(monkeypatch):
    """Its last worker ends and is not started again; then its scheduler."""
    monkeypatch.setattr(tasks, "LOST_S", 3)
    with open_cluster(n_workers=1) as cluster:
        running = run_each(times_ten, [1, 2], scheduler=cluster.scheduler_address)
        assert next(running).value == 10
        cluster.scale(0)
        with pytest.raises(TaskError, match=r"no worker for 3 s \(at work, of 2 parts: 2;"):
            list(running)
        cluster.scale(1)
        address = cluster.scheduler_address
        running = run_each(times_ten, [1, 2], scheduler=address)
        assert next(running).value == 10
    with pytest.raises(TaskError, match=f"'{address}' no longer answers"):
        list(running)
