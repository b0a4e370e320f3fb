"""Time and memory of the whole way, file to export, on the fictional city and on real towns."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "data"


@dataclass(frozen=True)
class Measured:
    """One command as a process of its own: exit code, wall seconds, peak memory, what it printed."""

    code: int
    seconds: float
    peak_mb: float
    printed: str


def main() -> None:
    """Print one line for each command of each case."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        say("| case | command | exit | seconds | peak MB | what it said |")
        say("|---|---|---|---|---|---|")
        town(work, "pyrosm town", osm_file("pyrosm", "data/test.osm.pbf"))
        town(work, "Bayreuth north", SHARED / "bayreuth/north-bayreuth.osm.gz")
        hangzhou(work)
        demo(work, "small")
        demo(work, "city")


def town(work: Path, case: str, path: Path) -> None:
    """An OSM extract: import, then the common steps."""
    data = work / case.replace(" ", "-")
    if present(case, path):
        report(case, "osm", pianqu("osm", path, "--into", data))
        common(case, data, ("--mode", "whole", "--seconds", "20"))


def hangzhou(work: Path) -> None:
    """Residential polygons of a large city, with rivers as barriers."""
    case, data = "Hangzhou", work / "hangzhou"
    source = SHARED / "hangzhou"
    if present(case, source):
        for layer, name in (("communities", "residential"), ("barriers", "rivers")):
            path = source / f"hangzhou_{name}.geojson"
            kind = ("--kind", "river") if layer == "barriers" else ()
            report(
                case,
                f"import {layer}",
                pianqu("import", path, "--into", data, "--layer", layer, "--datum", "wgs84", *kind),
            )
        common(case, data, ("--mode", "whole", "--seconds", "20"))


def demo(work: Path, size: str) -> None:
    """The fictional city: raw files, import, then the common steps."""
    case, data = f"demo {size}", work / f"demo-{size}"
    report(case, "demo", pianqu("demo", "--size", size, "--raw", work / f"raw-{size}", "--into", data))
    common(case, data, ("--seconds", "20"))


def common(case: str, data: Path, options: Sequence[str]) -> None:
    """Graph, plan, verify, export."""
    plan = data.with_name(f"{data.name}-plan.json")
    report(case, "graph", pianqu("graph", data, "--json"))
    report(case, "plan", pianqu("plan", data, *options, "--out", plan, "--json"))
    report(case, "verify", pianqu("verify", data, plan))
    for format_ in ("geojson", "html"):
        report(
            case,
            f"export {format_}",
            pianqu("export", data, plan, "--format", format_, "--out", data.with_name(f"{data.name}-out")),
        )


def pianqu(*arguments: str | Path) -> Measured:
    """Run one command and measure it."""
    command = [sys.executable, "-m", "app.cli", *map(str, arguments)]
    began = time.perf_counter()
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out:
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        printed = out.read()
    seconds = time.perf_counter() - began
    return Measured(process.returncode, seconds, usage.ru_maxrss / 1024, printed)


def report(case: str, command: str, found: Measured) -> None:
    """One row of the table."""
    try:
        said = json.dumps(json.loads(found.printed), ensure_ascii=False)
    except ValueError:
        said = found.printed.strip().replace("\n", "; ")
    said = said.replace("|", "/")[:300]
    say(f"| {case} | {command} | {found.code} | {found.seconds:.1f} | {found.peak_mb:.0f} | {said} |")


def osm_file(package: str, inside: str) -> Path:
    """A data file inside an installed package, found without importing it."""
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parent / inside if spec and spec.origin else Path("absent")


def present(case: str, path: Path) -> bool:
    """Whether the case's data are here; says so when not."""
    if not path.exists():
        say(f"| {case} | – | – | – | – | data absent |")
    return path.exists()


def say(text: str) -> None:
    """Write one line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
