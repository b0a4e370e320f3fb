"""Every policy shares out no more than all of the time, a long run no more than its search may have."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.bundling.solver.base.policy import POLICIES, BudgetPolicy


@pytest.mark.parametrize("kind", POLICIES)
@given(seconds=st.floats(0.1, 10**6))
def test_searches_have_a_share_that_only_long_runs_lower(kind, seconds):
    policy = POLICIES[kind]
    share = policy.search_share(seconds)
    assert 0 < share <= policy.search == policy.search_share(None)
    assert policy.search <= policy.plans or kind.startswith("instance")


def test_a_longer_run_never_searches_for_less_time():
    policy = BudgetPolicy(search=0.7, long_s=100.0, later=0.1)
    searched = [policy.search_share(seconds) * seconds for seconds in (50.0, 100.0, 101.0, 600.0)]
    assert searched == sorted(searched)
