"""A trace keeps what became better, and no more points than a picture shows."""

from analysis.bundling.solver.base.trace import LEAST_SHARE, Trace


def test_what_is_no_better_leaves_no_point():
    trace = Trace()
    for seconds, cost, bound in ((1.0, 9.0, 3.0), (2.0, 9.0, 2.0), (3.0, 9.5, None), (4.0, None, 4.0)):
        trace.note(seconds, cost=cost, bound=bound)
    assert [(one.seconds, one.cost, one.bound) for one in trace.points] == [(1.0, 9.0, 3.0), (4.0, 9.0, 4.0)]
    assert trace.points[0].cpu_seconds <= trace.points[1].cpu_seconds


def test_points_close_together_become_one_and_the_last_is_kept():
    trace = Trace()
    for k in range(10_000):
        trace.note(1.0 + k / 1000, cost=1e6 - k, bound=float(k))
    points = trace.points
    assert (points[-1].seconds, points[-1].cost, points[-1].bound) == (10.999, 1e6 - 9999, 9999.0)
    assert len(points) < 260  # ln 11 / ln 1.01 and some
    later = [b.seconds / a.seconds for a, b in zip(points[:-2], points[2:], strict=True)]
    assert min(later) >= 1 + LEAST_SHARE / 2
