"""What work takes is seen: memory that was given back again, seconds of the processor."""

import time

import numpy as np

from app.region.use import measure_use


def test_memory_and_processor_are_measured():
    with measure_use() as meter:
        before = meter.use
        held = np.ones(25_000_000)  # 200 MB
        time.sleep(0.2)
        del held
        while meter.use.cpu_s < 0.1:
            sum(range(10_000))
        after = meter.use
    assert after.peak_mb > max(before.peak_mb, 200)
    assert after.cpu_s >= 0.1
    assert after.seconds >= 0.2
