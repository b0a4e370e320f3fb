"""How far the work is: what is done, and what waits."""

import dataclasses

from app.session.progress import STEPS, count_unplaced, list_steps
from app.workbench.workbench import build_workbench


def by_name(bench, **more):
    return {state.name: state for state in list_steps(bench, **more)}


def test_before_there_are_data_nothing_is_done():
    assert [state.name for state in list_steps(None)] == list(STEPS)
    assert not any(state.is_done or state.waiting for state in list_steps(None))


def test_a_community_without_a_place_waits(bench):
    assert by_name(bench)["check"].waiting == count_unplaced(bench)
    assert by_name(bench)["check"].is_done == (count_unplaced(bench) == 0)


def test_without_a_plan_there_is_nothing_to_adjust(bench):
    steps = by_name(build_workbench(bench.context, None), broken=0)
    assert steps["import"].is_done
    assert not steps["plan"].is_done
    assert not steps["adjust"].is_done


def test_broken_rules_wait_and_until_they_are_counted_nothing_is_said(bench):
    assert by_name(bench, broken=3)["adjust"] == dataclasses.replace(by_name(bench)["adjust"], waiting=3)
    assert not by_name(bench)["adjust"].is_done
    assert by_name(bench, broken=0)["adjust"].is_done


def test_the_last_step_is_done_when_files_of_the_version_were_fetched(bench):
    assert not by_name(bench)["report"].is_done
    assert by_name(bench, is_exported=True)["report"].is_done
    assert not by_name(build_workbench(bench.context, None), is_exported=True)["report"].is_done
