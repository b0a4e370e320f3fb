"""Jobs wait for their turn, fairly; one that takes too much, or crashes, is told of and harms no other."""

import time

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.jobs.folder import JobFolder, jobs_in, write_job
from app.jobs.limits import JobLimits
from app.jobs.queue import JobQueue, order_waiting, read_limit_reached
from geo.errors import UsageError
from tests.waiting import wait_for

TINY = "tests.app.tiny_job"
OWNERS = st.sampled_from("abc")


@pytest.fixture
def queue(tmp_path):
    made = JobQueue(tmp_path / "jobs", TINY, JobLimits(slots=1, memory_mb=250, wall_s=600))
    yield made
    for job in jobs_in(made.folder):
        job.ask_stop()
    made.limits = JobLimits(slots=0, memory_mb=0, wall_s=0)
    wait_for(lambda: not made.running())


@given(st.lists(OWNERS, max_size=12), st.lists(OWNERS, max_size=4), st.dictionaries(OWNERS, st.integers(1, 9)))
def test_turns_go_round(asked, running, turns):
    """Everybody gets a turn; nobody gets a further one while somebody waits who has less."""
    waiting = [(owner, f"{owner}{k}") for k, owner in enumerate(asked)]
    order = order_waiting(waiting, running, turns)
    assert sorted(order) == sorted(job for _, job in waiting)
    has = {owner: running.count(owner) for owner in "abc"}
    left = list(order)
    while left:
        job = left.pop(0)
        assert all(has[job[0]] <= has[other[0]] for other in left)
        assert not [other for other in left if other[0] == job[0] and int(other[1:]) < int(job[1:])]
        has[job[0]] += 1


def test_the_second_job_of_one_waits_behind_the_first_of_another(queue):
    first = queue.add({"what": "stops"}, {}, "王")
    second, other = queue.add({"what": "well"}, {}, "王"), queue.add({"what": "stops"}, {}, "李")
    assert [use.job.id for use in queue.running()] == [first.id]
    assert queue.waiting() == (other.id, second.id)
    first.ask_stop()
    wait_for(other.is_alive)
    assert second.is_waiting()
    other.ask_stop()
    wait_for(second.result)


def test_a_job_gives_way_to_whoever_waits_for_a_page(queue):
    job = queue.add({"what": "stops"}, {}, "")
    wait_for(job.is_alive)
    process = psutil.Process(job.read("process.json")["pid"])
    assert process.nice() > psutil.Process().nice()
    job.ask_stop()
    wait_for(job.result)


def test_a_job_is_ended_at_its_limit_of_memory_and_the_next_begins(queue):
    greedy, next_one = queue.add({"what": "memory"}, {}, ""), queue.add({"what": "well"}, {}, "")
    told = wait_for(greedy.result)
    assert "250 MB" in told["zh"]
    assert "250 MB" in told["en"]
    assert wait_for(next_one.result) == {"well": True}
    assert not greedy.is_unfinished()


@pytest.mark.parametrize("what", ["stops", "on"])
def test_a_job_is_asked_to_end_at_its_limit_of_time_then_ended(queue, what, monkeypatch):
    monkeypatch.setattr("app.jobs.queue.GRACE_S", 1.0 if what == "on" else 600.0)
    queue.limits = JobLimits(slots=1, memory_mb=10_000, wall_s=1)
    job = queue.add({"what": what}, {}, "")
    told = wait_for(job.result)
    assert "1 s" in read_limit_reached(job)[1]
    assert ("zh" in told) == (what == "on")


def test_a_crash_leaves_the_others_alone(queue):
    queue.limits = JobLimits(slots=2, memory_mb=10_000, wall_s=600)
    ended = []
    queue.after_end = lambda job: ended.append(job.id)
    going, broken = queue.add({"what": "stops"}, {}, "王"), queue.add({"what": "crash"}, {}, "李")
    wait_for(lambda: broken.id in ended)
    assert broken.result() is None
    assert not broken.is_unfinished()
    assert going.is_alive()


def test_a_job_leaves_the_queue_and_too_many_are_refused(queue):
    going = queue.add({"what": "stops"}, {}, "")
    waits = queue.add({"what": "well"}, {"more.json": {}}, "")
    with pytest.raises(UsageError, match="1"):
        queue.add({"what": "well"}, {}, "", most=1)
    assert queue.add({"what": "well"}, {}, "李", most=1).is_waiting()
    assert queue.withdraw(waits)
    assert not waits.path.exists()
    assert not queue.withdraw(going)


def test_another_server_goes_on_with_the_queue(tmp_path):
    job = write_job(tmp_path, {"what": "well", "owner": "王"})
    JobQueue(tmp_path, TINY, JobLimits(1, 10_000, 600)).wake()
    assert wait_for(job.result) == {"well": True}


def test_jobs_stay_in_order_when_the_clock_is_set_back(tmp_path):
    late = tmp_path / "29991231-235959-000000-aaaaaaaa"
    late.mkdir()
    JobFolder(late).write("request.json", {})
    made = [write_job(tmp_path, {}) for _ in range(3)]
    assert [job.id for job in jobs_in(tmp_path)] == [*(job.id for job in reversed(made)), late.name]
    assert time.time() < 32_000_000_000
