"""The solver on the benchmark instances, judged by their own checker.

Run: python -m tests.bench.solver [names…] --seconds 60. With --trace the best objective and bound over the search
are added to docs/benchmarks/gap-over-time.csv, which tests.plots draws. With --seeds 0 1 2 every instance is solved as
often; --results FILE.csv keeps every run for `tests.bench.paired`, and --clock cpu counts seconds of one core.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[2]
BENCH = ROOT.parent / "shared" / "bench"
PROVEN_PERCENT = 1e-4
"""A gap of the bound that counts as none: the checker compares to 1e-6 of the value."""
TABLE = ROOT / "docs" / "benchmarks.md"
TRACES = ROOT / "docs" / "benchmarks" / "gap-over-time.csv"
PUBLISHED = 7
"""Column of the comparison with others."""
BEGIN, END = "<!-- solver: begin -->", "<!-- solver: end -->"


@dataclass(frozen=True)
class Row:
    """One instance: what the checker says of the plan, what others reached, what it took."""

    name: str
    seed: int
    checked: dict[str, Any]
    reference: float | None
    whose: str
    better_peers: tuple[str, ...]
    published_bound: float | None
    user_s: float
    peak_mb: float
    load: float
    trace: pd.DataFrame


def main() -> None:
    """Solve, check, print a line each, and write the table where asked."""
    options = _options()
    rows = []
    for name in _names(options):
        runs = []
        for seed in options.seeds:
            runs.append(_run(name, seed, options))
            _say(_line(runs[-1]))
            if options.results is not None:
                _append_result(runs[-1], options)
        rows.append(_middle(runs))
        if options.trace:
            _write_trace(rows[-1])
        if len(runs) > 1:
            _say(_spread(runs))
    if options.write:
        _write(rows, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="instances, or beginnings of their names")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0], help="one run each; tables have the middle one")
    parser.add_argument("--clock", choices=("wall", "cpu"), default="wall", help="what the seconds are of")
    parser.add_argument("--results", type=Path, help="CSV file that every run is added to")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=BENCH / "instances")
    parser.add_argument("--write", action="store_true", help=f"write the table into {TABLE.name}")
    parser.add_argument("--trace", action="store_true", help=f"add the course of each search to {TRACES.name}")
    return parser.parse_args()


def _names(options: argparse.Namespace) -> list[str]:
    """Instances by name or beginning of it; all of the benchmark's when none is named."""
    names = sorted(path.stem for path in options.folder.glob("*.npz"))
    unknown = [wanted for wanted in options.names if not any(name.startswith(wanted) for name in names)]
    if unknown:
        raise SystemExit(f"no instance begins with {', '.join(unknown)}; in {options.folder}: {', '.join(names)}")
    return [name for name in names if not options.names or any(name.startswith(w) for w in options.names)]


def _run(name: str, seed: int, options: argparse.Namespace) -> Row:
    instance = options.folder / f"{name}.npz"
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        out, trace = Path(folder) / "plan.json", Path(folder) / "trace.csv"
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.bench.cpu_clock" if options.clock == "cpu" else "app.cli",
                "solve",
                instance,
                "--out",
                out,
                "--seconds",
                str(options.seconds),
                "--seed",
                str(seed),
                "--workers",
                str(options.workers),
                "--trace",
                trace,
            ],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
        )
        _, _, usage = os.wait4(process.pid, 0)
        check = subprocess.run(
            [sys.executable, BENCH / "check_plan.py", instance, out], capture_output=True, text=True, check=False
        )
        course = pd.read_csv(trace)
    reference, whose = _reference(name, instance)
    with np.load(instance) as arrays:
        published = arrays.get("published_bound")
    checked = json.loads(check.stdout)
    return Row(
        name,
        seed,
        checked,
        reference,
        whose,
        _better_peers(name, checked),
        None if published is None else float(published),
        usage.ru_utime,
        usage.ru_maxrss / 1024,
        load,
        course,
    )


def _objective(row: Row) -> float:
    """What a sound plan costs; ∞ where there is none."""
    value = row.checked.get("objective") if row.checked.get("feasible") else None
    return float("inf") if value is None else float(value)


def _middle(runs: Sequence[Row]) -> Row:
    """The run of the middle objective; of two in the middle the worse."""
    return sorted(runs, key=_objective)[len(runs) // 2]


def _spread(runs: Sequence[Row]) -> str:
    """How the runs of an instance differ."""
    values, reference = [_objective(one) for one in runs], runs[0].reference
    mean, worst = (_share(one, reference) for one in (_mean(values), max(values)))
    apart = _share(max(values), min(values))
    return f"{runs[0].name}, {len(runs)} seeds: to others {mean} in the mean, {worst} at worst; apart {apart}"


def _append_result(row: Row, options: argparse.Namespace) -> None:
    """Add a run to the file of results."""
    value = _objective(row)
    result = {
        "instance": row.name,
        "seed": row.seed,
        "seconds": options.seconds,
        "clock": options.clock,
        "workers": options.workers,
        "objective": value if np.isfinite(value) else None,
        "bound": row.checked.get("bound"),
        "reference": row.reference,
        "cpu_seconds": round(row.user_s, 1),
        "load": round(row.load, 1),
    }
    is_new = not options.results.exists()
    pd.DataFrame([result]).to_csv(options.results, mode="a", header=is_new, index=False)


def _write_trace(row: Row) -> None:
    """Replace the rows of an instance: the course of its search, and what peers reached in their seconds."""
    ours = row.trace.assign(instance=row.name, who="Pianqu", load=round(row.load, 1))
    with (BENCH / "peers_results.csv").open(encoding="utf-8") as lines:
        found = [one for one in csv.DictReader(lines) if one["instance"] == row.name]
    theirs = [
        {
            "instance": row.name,
            "who": one["peer"],
            "seconds": float(one["seconds"]),
            # who made a bound alone repeats the plan of the reference search
            ("bound" if "bound" in one["peer"] else "objective"): float(
                one["bound" if "bound" in one["peer"] else "objective"]
            ),
        }
        for one in found
        if one["feasible"] == "True" and one["peer"] != "reference-search"
    ]
    best = [{"instance": row.name, "who": row.whose, "objective": row.reference}] if row.reference else []
    table = pd.concat([ours, pd.DataFrame([*theirs, *best])], ignore_index=True)
    if TRACES.exists():
        old = pd.read_csv(TRACES)
        table = pd.concat([old[old["instance"] != row.name], table], ignore_index=True)
    TRACES.parent.mkdir(exist_ok=True)
    columns = ["instance", "who", "seconds", "cpu_seconds", "objective", "bound", "load"]
    table.sort_values("instance", kind="stable")[columns].to_csv(TRACES, index=False)


def _reference(name: str, instance: Path) -> tuple[float | None, str]:
    """The best value others reached, and whose it is."""
    with np.load(instance) as arrays:
        if "best_known" in arrays:
            return float(arrays["best_known"]), "best known"
    with (BENCH / "peers_results.csv").open(encoding="utf-8") as lines:
        found = [
            (row["peer"] != "reference-search", float(row["objective"]), row["peer"])
            for row in csv.DictReader(lines)
            if row["instance"] == name and row["feasible"] == "True"
        ]
    return min(found)[1:] if found else (None, "")


def _better_peers(name: str, checked: dict[str, Any]) -> tuple[str, ...]:
    """Peers whose feasible plan of an instance is worth more than ours, in however much time."""
    with (BENCH / "peers_results.csv").open(encoding="utf-8") as lines:
        plans = [
            row
            for row in csv.DictReader(lines)
            if row["instance"] == name and row["feasible"] == "True" and "bound" not in row["peer"]
        ]
    ours = checked.get("objective") if checked.get("feasible") else None
    return tuple(sorted(row["peer"] for row in plans if ours is None or float(row["objective"]) < ours))


def _line(row: Row) -> str:
    checked = row.checked
    value, bound = checked.get("objective"), checked.get("bound")
    cells = [
        row.name,
        "yes" if checked.get("feasible") and checked.get("bound_ok", True) else f"NO {checked}",
        _number(value),
        _number(bound),
        _share(bound, value),
        _number(row.reference),
        row.whose,
        _share(value, row.reference),
        ", ".join(row.better_peers) or "none",
        str(checked.get("unassigned_households", "–")),
        f"{checked.get('seconds', 0):.0f}",
        f"{row.user_s:.0f}",
        f"{row.peak_mb:.0f}",
        f"{row.load:.1f}",
    ]
    if row.published_bound is not None:
        cells[PUBLISHED] += f" ({_share(value, row.published_bound)} to published bound)"
    return "| " + " | ".join(cells) + " |"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"


def _share(value: float | None, reference: float | None) -> str:
    """How far the value is above the reference (below: negative), in percent."""
    if value is None or not reference:
        return "–"
    return f"{100 * (value / reference - 1):+.3f} %"


def _write(rows: Iterable[Row], options: argparse.Namespace) -> None:
    """Replace the table between its marks; rows of other instances stay."""
    text = TABLE.read_text(encoding="utf-8")
    if BEGIN not in text:
        text += f"\n## The solver on the benchmark instances\n\n{BEGIN}\n{END}\n"
    before, rest = text.split(BEGIN)
    table, after = rest.split(END)
    old = {line.split("|")[1].strip(): line for line in table.splitlines() if line.count("|") > 14}
    old = {name: line for name, line in old.items() if "_" in name or name.startswith("sjc")}
    lines = old | {row.name: _line(row) for row in rows}
    head = (
        f"`python -m tests.bench.solver --seconds {options.seconds:.0f} --write`; seconds of search "
        "and bound, CPU seconds of the whole process, load when it began.\n\n"
        "| instance | feasible, bound holds | objective | bound | bound to objective | others | whose "
        "| to others | better peers | households left over | seconds | CPU s | peak MB | load |\n"
        f"{'|---' * 14}|\n"
    )
    body = "\n".join(lines[name] for name in sorted(lines))
    families = _families([lines[name] for name in sorted(lines)])
    TABLE.write_text(f"{before}{BEGIN}\n{families}{head}{body}\n{END}{after}", encoding="utf-8")


def _families(lines: Iterable[str]) -> str:
    """A table with a row for each family of instances, read from the rows of the large one."""
    gaps: dict[str, list[tuple[float | None, float | None, bool]]] = {}
    for line in lines:
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        gaps.setdefault(_family(cells[0]), []).append(
            (_percent(cells[PUBLISHED]), _percent(cells[4]), cells[1] == "yes")
        )
    head = (
        "| family | instances | feasible, bound holds | to others, mean | worst | gap of the bound, mean "
        f"| worst | proven optimal |\n{'|---' * 8}|\n"
    )
    return head + "".join(_family_line(name, rows) for name, rows in sorted(gaps.items())) + "\n"


def _family(name: str) -> str:
    """`sap_gy_37a` → "sap gy", `city200_s101_p1` → "city200 p1", `sjc1` → "sjc"."""
    parts = name.split("_")
    if parts[0].startswith("city"):
        return f"{parts[0]} {parts[-1]}"
    if parts[0] == "sap":
        return f"sap {parts[1]}"
    if parts[0] == "choose":
        return f"choose {parts[1].rstrip('0123456789')}"
    return parts[0].rstrip("0123456789ab")


def _family_line(name: str, rows: Sequence[tuple[float | None, float | None, bool]]) -> str:
    others = [gap for gap, _, _ in rows if gap is not None]
    bounds = [-gap for _, gap, _ in rows if gap is not None]
    cells = [
        name,
        str(len(rows)),
        str(sum(sound for _, _, sound in rows)),
        *(f"{one:+.3f} %" if others else "–" for one in (_mean(others), max(others, default=0.0))),
        *(f"{one:.3f} %" if bounds else "–" for one in (_mean(bounds), max(bounds, default=0.0))),
        str(sum(gap <= PROVEN_PERCENT for gap in bounds)),
    ]
    return "| " + " | ".join(cells) + " |\n"


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _percent(cell: str) -> float | None:
    """The first percentage of a cell."""
    return None if cell.startswith("–") else float(cell.split(" %")[0])


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
