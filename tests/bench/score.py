"""CPU time of the whole scorecard, and of it after an edit; run: python -m tests.bench.score."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from analysis.figures.indicator import EVERYWHERE
from analysis.indicators.registry import facts_by_roster, read_layers
from analysis.indicators.scoreboard import rescore, score
from analysis.policy import read_policy
from geo.demo import build_demo
from geo.storage.dataset import Dataset, freeze_roster, open_dataset


def main() -> None:
    """Print seconds of each level, of all, and of a change of the mode switch."""
    policy = read_policy()
    with tempfile.TemporaryDirectory() as folder:
        dataset = _city(Path(folder))
        layers = read_layers(dataset)
        rows = [("first, all levels", _seconds(layers, policy, EVERYWHERE))]
        rows += [(level, _seconds(layers, policy, (level,))) for level in EVERYWHERE]
        wider = policy.replaced({"mode.professional": ("professional", "standard_grade", "quasi")})
        rows.append(("all levels, another mode switch", _seconds(layers, wider, EVERYWHERE)))
        frozen = read_layers(freeze_roster(dataset, "baseline"))
        rows.append(("all levels, both rosters", _seconds(frozen, policy, EVERYWHERE)))
        rows.append(("one unit edited, all levels", _after_edit(layers, policy, policy)))
        rows.append(("one unit edited, both rosters", _after_edit(frozen, policy, policy)))
        rows.append(("mode switch after that, all levels", _after_edit(layers, policy, wider)))
    sys.stdout.write(f"units {len(layers['units'])}\n")
    for name, (seconds, count) in rows:
        sys.stdout.write(f"{name:<34} {seconds:6.3f} s  {count} figures\n")


def _seconds(layers, policy, levels) -> tuple[float, int]:
    """CPU seconds: the machine may be shared."""
    start = time.process_time()
    scenes = facts_by_roster(layers, policy, year=2026, as_of="2026-06-30")
    count = len(score(scenes, levels=levels).figures)
    return time.process_time() - start, count


def _after_edit(layers, policy, policy_now) -> tuple[float, int]:
    """CPU seconds of the second call of the whole scorecard, one unit's mode being another."""
    before = score(facts_by_roster(layers, policy, year=2026, as_of="2026-06-30"))
    units = layers["units"].copy()
    units.loc[units.index[len(units) // 2], "management_mode"] = "emergency_only"
    start = time.process_time()
    facts = facts_by_roster({**layers, "units": units}, policy_now, year=2026, as_of="2026-06-30")
    count = len(rescore(before, facts).figures)
    return time.process_time() - start, count


def _city(folder: Path) -> Dataset:
    """The dataset named on the command line, copied, or a new fictional city."""
    if len(sys.argv) > 1:
        import shutil

        return open_dataset(shutil.copytree(sys.argv[1], folder / "city"))
    rules = read_policy().unit_rules()
    return build_demo(
        folder / "raw", folder / "city", size="city", seed=0, unit_rules=rules, on_progress=lambda what, share: None
    )


if __name__ == "__main__":
    main()
