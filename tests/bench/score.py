"""CPU time of the whole scorecard at all levels on a fictional city; run: python -m tests.bench.score."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from analysis.indicators import figures, layers_of, scenes_of
from analysis.indicators.indicator import EVERYWHERE
from analysis.policy import read_policy
from geo.dataset import Dataset, freeze_roster, open_dataset
from geo.demo import build_demo


def main() -> None:
    """Print seconds of each level, of all, and of a change of the mode switch."""
    policy = read_policy()
    with tempfile.TemporaryDirectory() as folder:
        dataset = _city(Path(folder))
        layers = layers_of(dataset)
        rows = [("first, all levels", _seconds(layers, policy, EVERYWHERE))]
        rows += [(level, _seconds(layers, policy, (level,))) for level in EVERYWHERE]
        wider = policy.replaced({"mode.professional": ("professional", "standard_grade", "quasi")})
        rows.append(("all levels, another mode switch", _seconds(layers, wider, EVERYWHERE)))
        frozen = layers_of(freeze_roster(dataset, "baseline"))
        rows.append(("all levels, both rosters", _seconds(frozen, policy, EVERYWHERE)))
    sys.stdout.write(f"units {len(layers['units'])}\n")
    for name, (seconds, count) in rows:
        sys.stdout.write(f"{name:<34} {seconds:6.3f} s  {count} figures\n")


def _seconds(layers, policy, levels) -> tuple[float, int]:
    """CPU seconds: the machine may be shared."""
    start = time.process_time()
    scenes = scenes_of(layers, policy, year=2026, as_of="2026-06-30")
    count = sum(len(figures(scenes, level=level)) for level in levels)
    return time.process_time() - start, count


def _city(folder: Path) -> Dataset:
    """The dataset named on the command line, copied, or a new fictional city."""
    if len(sys.argv) > 1:
        import shutil

        return open_dataset(shutil.copytree(sys.argv[1], folder / "city"))
    rules = read_policy().unit_rules()
    return build_demo(
        folder / "raw", folder / "city", size="city", seed=0, unit_rules=rules,
        on_progress=lambda what, share: None,
    )  # fmt: skip


if __name__ == "__main__":
    main()
