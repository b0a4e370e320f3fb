"""What a job may take is set, or follows from the computer."""

import pytest

from app.jobs.cores import count_cores
from app.jobs.limits import JobLimits
from geo.errors import UsageError


def test_limits_follow_from_the_computer_where_nothing_is_set():
    limits = JobLimits.from_settings({})
    assert limits.slots == max(1, count_cores() // 2)
    assert limits.memory_mb > 100
    assert JobLimits.from_settings({"PIANQU_JOB_SLOTS": str(2 * limits.slots)}).memory_mb < limits.memory_mb


@pytest.mark.parametrize("text", ["0", "-1", "two", "1.5"])
def test_a_limit_that_is_none_is_refused(text):
    with pytest.raises(UsageError, match="PIANQU_JOB_WALL_S"):
        JobLimits.from_settings({"PIANQU_JOB_WALL_S": text})
