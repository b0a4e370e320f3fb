"""Prices of units before columns: a fifth of the time, and longer only while they close the gap."""

import pytest

from analysis.bundling.solver.base.bound_limits import BoundLimits
from analysis.bundling.solver.exact.subproblem_bound import PRICES_MOST, PRICES_SHARE, RISE_STEPS, PricesLimit

AIM = 1000.0


class Asked:
    """A limit of so many questions, of which a share is so many fewer."""

    is_endless = False

    def __init__(self, left):
        self.left = left

    def __call__(self):
        self.left -= 1
        return self.left >= 0

    def share(self, of, most_s=float("inf")):
        return Asked(round(of * self.left))


@pytest.mark.parametrize(
    ("rise", "share"), [(0.0, PRICES_SHARE), (0.01 * AIM / RISE_STEPS, PRICES_SHARE), (5.0, PRICES_MOST)]
)
def test_prices_go_on_while_they_close_the_gap(rise, share):
    told = []
    limit = PricesLimit(BoundLimits(lambda step: True, Asked(200), on_bound=told.append), AIM)
    steps, bound = 0, 0.0
    while limit.allow_step(steps):
        steps, bound = steps + 1, bound + rise
        limit.record_bound(bound)
    early, late = PRICES_SHARE * 200, PRICES_MOST * 200
    assert steps == (early if share == PRICES_SHARE else early + late)
    assert len(told) == steps
