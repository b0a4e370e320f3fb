"""A region on two workers of 2 GB, one killed: the same as here; what it takes: `python -m tests.bench.region [N]`."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from pathlib import Path

from app.planning.options import PlanOptions
from app.region.definition import DemoSource, Region, make_district, write_region
from app.region.run import run_region
from app.region.steps import STEPS, Choices
from app.region.summary import summarise
from tests.clusters import open_cluster

CHOICES = Choices(PlanOptions(rounds=1, workers=1))
LIMIT = "2GB"


def main() -> None:
    """Print what is the same, then a row a step of the large region."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    with tempfile.TemporaryDirectory() as place, open_cluster(memory_limit=LIMIT) as cluster:
        here, there = (define(Path(place) / name, 3, "small") for name in ("here", "there"))
        run(here, None)
        victims = [one.pid for one in cluster.workers.values()]
        run(there, cluster.scheduler_address, victims[:1])
        is_same = summarise(here).result_sha256 == summarise(there).result_sha256
        say(f"3 small districts here, and on the cluster with a worker killed: {'the same' if is_same else 'OTHER'}\n")
        region = define(Path(place) / "large", n, "city")
        run(region, cluster.scheduler_address)
        report(region, n)


def define(folder: Path, n: int, size: str) -> Region:
    """A fictional region."""
    made = [make_district(f"{k:02d}", source=DemoSource.model_validate({"size": size, "seed": k})) for k in range(n)]
    return write_region(folder, "演示数据", made, demo=True)


def run(region: Region, scheduler: str | None, victims: list[int] | None = None) -> None:
    """All steps; the processes named are killed when the first district is prepared."""
    for news in run_region(
        region, STEPS, CHOICES, districts=region.districts, scheduler=scheduler, workers=2, is_forced=False
    ):
        while victims:
            os.kill(victims.pop(), signal.SIGKILL)
        if news.fault is not None:
            say(f"{news.district} {news.step}: {news.fault.en}")


def report(region: Region, n: int) -> None:
    """The table, with what ten times as many districts would take by these figures."""
    found = summarise(region)
    counts = {name: found.totals.get(name, 0) for name in ("communities", "buildings", "areas")}
    say(", ".join(f"{value:,.0f} {name}" for name, value in counts.items()) + "\n")
    heads = ("step", "districts", "processor s", "most of a district", "peak MB of a worker", "ten times as many, h")
    say(f"| {' | '.join(heads)} |\n|---|---|---|---|---|---|")
    for one in found.steps:
        per_district = one.cpu_s / one.districts
        row = (one.step, one.districts, f"{one.cpu_s:,.0f}", f"{one.longest_cpu_s:.0f}", f"{one.peak_mb:,.0f}")
        say(f"| {' | '.join(map(str, row))} | {per_district * 10 * n / 3600:.2f} |")


def say(text: str) -> None:
    """Write one line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
