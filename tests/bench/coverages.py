"""The three coverages of Beijing's 510 real communities; run: python -m tests.bench.coverages."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pandas as pd

from analysis.figures.figure import format_rate
from analysis.indicators.registry import compute_indicators
from analysis.policy import read_policy
from geo.importing import ImportOptions, import_paths

SHARED = Path(__file__).resolve().parents[2] / "../shared/data/beijing"
HEADS = {
    "id": "小区编码",
    "title": "小区名称",
    "district": "旗县区",
    "service": "物业公司",
    "house_num": "户数",
    "year": "建成年份",
    "longitude": "经度",
    "latitude": "纬度",
}
IDS = ("G03", "G05", "T13a")


def main() -> None:
    """Print how each mode was read, and the three coverages of the city and its districts."""
    if not SHARED.is_dir():
        sys.stdout.write("skipped: the communities of Beijing are not here\n")
        return
    table = read_communities()
    with tempfile.TemporaryDirectory() as folder:
        sys.stdout.write("\n".join(lines(table, imported(table, Path(folder)))) + "\n")


def lines(table: pd.DataFrame, dataset) -> list[str]:
    """Both tables in Markdown."""
    units = dataset.layer("units")
    modes = units["management_mode"].fillna("(not told)").value_counts()
    out = [
        f"communities {len(table)}, on the map {int(units.geometry.notna().sum())}",
        "",
        "| mode read | communities |",
        "|---|---|",
        *(f"| {mode} | {count} |" for mode, count in modes.items()),
        "",
        "| district | any management G03 | professional G05 | old, with a service T13a | mode not told |",
        "|---|---|---|---|---|",
    ]
    found = [f for level in ("city", "district") for f in compute_indicators(dataset, read_policy(), level=level)]
    figures = {(f.id, f.admin_code): f for f in found if f.id in IDS}
    for place in ["all", *sorted({code for _, code in figures} - {"all"})]:
        own = [figures[number, place] for number in IDS]
        cells = [f"{format_rate(f.value)} ({f.numerator or 0:.0f}/{f.denominator or 0:.0f})" for f in own]
        out.append(f"| {place} | {' | '.join(cells)} | {own[1].unknown_units} |")
    return out


def read_communities() -> pd.DataFrame:
    """The 510 communities with their BD-09 coordinates, joined by the id of their source."""
    places = pd.read_csv(SHARED / "bj_communities_coords_bd09_4851.csv", dtype=str)
    rows = pd.read_csv(SHARED / "bj_communities_lianjia2018_510.csv", dtype=str)
    return rows.merge(places.drop_duplicates("ID"), left_on="id", right_on="ID", how="left")


def imported(table: pd.DataFrame, folder: Path):
    """The communities as a planner imports them: one CSV, its coordinates told to be BD-09."""
    table[list(HEADS)].rename(columns=HEADS).to_csv(folder / "bj.csv", index=False)
    options = ImportOptions(layer="communities", datum="bd09")
    rules = read_policy().unit_rules()
    return import_paths([folder / "bj.csv"], folder / "d", options=options, unit_rules=rules).dataset


if __name__ == "__main__":
    main()
