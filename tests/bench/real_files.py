"""Import every real file beside the project and print what came of each, as a table for the docs.

Run with `python -m tests.bench.real_files` from the project's root; needs ../shared/data.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from app.workbench.policies import resolve_rules
from geo.importing import ImportOptions, import_paths
from geo.rules import UnitRules

DATA = Path(__file__).resolve().parents[3] / "shared/data"
RUNS = (
    ("BT", "baotou/baotou_districts_cgcs2000_fastgeocn.geojson", {"layer": "boundary"}),
    (
        "BT",
        "baotou/baotou_districts_gcj02_cnmaps.geojson",
        {"layer": "boundary", "datum": "wgs84", "datum_is_own": True},
    ),
    ("BT2", "baotou/baotou_districts_cgcs2000_fastgeocn.geojson", {"layer": "boundary"}),
    ("BT2", "baotou/baotou_districts_gcj02_cnmaps.geojson", {"layer": "boundary", "datum": "gcj02"}),
    ("BT2", "baotou/baotou_streets_nbs2023.csv", {}),
    ("BT2", "baotou/baotou_villages_nbs2023.csv", {}),
    ("BJ", "beijing/bj_communities_lianjia2018_510.csv", {}),
    ("BJ", "beijing/bj_communities_coords_bd09_4851.csv", {"layer": "communities", "datum": "bd09"}),
    ("HZ", "hangzhou/hangzhou_residential.geojson", {"layer": "communities", "datum": "wgs84"}),
    ("HZ", "hangzhou/hangzhou_rivers.geojson", {"layer": "barriers", "kind": "river", "datum": "wgs84"}),
    *(
        ("HZ", f"hangzhou/ebike/zju_{name}_stations.csv", {"layer": "ebike_sites", "datum": "bd09"})
        for name in ("dlmm", "else", "neptune_junior", "neptune")
    ),
    ("SZ", "shenzhen/SZ_districts/SZ_districts.shp", {"layer": "boundary"}),
    ("SZ", "shenzhen/evcdp_stations.csv", {"layer": "ebike_sites", "datum": "wgs84"}),
    ("SZ2", "shenzhen/SZ_districts/SZ_districts.shp", {"layer": "boundary"}),
    ("SZ2", "shenzhen/evcdp_stations.csv", {"layer": "ebike_sites", "datum": "gcj02"}),
    ("SZ3", "shenzhen/nanshan-building.geojson", {"layer": "buildings", "datum": "wgs84"}),
)


def main() -> None:
    """Print one row for each file: rows in, rows stored, findings, seconds."""
    out = sys.stdout.write
    out("| file | options | rows in | stored | errors / warnings / notes | telling findings | s |\n")
    out("|---|---|---|---|---|---|---|\n")
    with tempfile.TemporaryDirectory() as folder:
        warm = Path(folder) / "warm"
        import_paths([DATA / RUNS[0][1]], warm, options=ImportOptions(layer="boundary"), unit_rules=UnitRules())
        for town, name, options in RUNS:
            started = time.perf_counter()
            report = import_paths(
                [DATA / name],
                Path(folder) / town,
                options=ImportOptions(**options),
                unit_rules=UnitRules(),
                names=resolve_rules(None).names,
            )
            seconds = time.perf_counter() - started
            counts = Counter(f.severity for f in report.findings)
            told = Counter(f.rule for f in report.findings if f.severity != "info")
            told_text = ", ".join(f"{rule} {n}" for rule, n in sorted(told.items()))
            option_text = _as_typed(Path(name).name, options)
            out(
                f"| {Path(name).name} | {option_text} | {sum(report.rows.values()):,} | "
                f"{sum(report.stored.values()):,} | {counts['error']} / {counts['warning']} / "
                f"{counts['info']} | {told_text} | {seconds:.1f} |\n"
            )


def _as_typed(file: str, options: Any) -> str:
    """The options as they are typed; a datum against the words of its file is said of that file."""
    if options.get("datum_is_own"):
        return f'--layer {options["layer"]} --datum-of "{file}={options["datum"]}"'
    return " ".join(f"--{k} {v}" for k, v in options.items())


if __name__ == "__main__":
    main()
