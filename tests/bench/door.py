"""Time and memory of reading a bureau's large files into a dataset, and the real files in ../shared."""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import psutil
import shapely
import xlsxwriter

from geo.datum import to_wgs84

ROOT = Path(__file__).resolve().parents[2]
POINTS = 1_000_000
SHARED = ROOT.parent / "shared" / "data"

REAL = (
    ("baotou/baotou_districts_cgcs2000_fastgeocn.geojson", "boundary", ()),
    ("baotou/baotou_districts_gcj02_cnmaps.geojson", "boundary", ("--datum", "gcj02")),
    ("baotou/baotou_streets_nbs2023.csv", "streets", ()),
    ("baotou/baotou_villages_nbs2023.csv", "neighbourhoods", ()),
    ("beijing/bj_communities_lianjia2018_510.csv", "communities", ()),
    ("beijing/bj_communities_coords_bd09_4851.csv", "communities", ("--datum", "bd09")),
    ("hangzhou/hangzhou_residential.geojson", "communities", ("--datum", "wgs84")),
    ("hangzhou/hangzhou_rivers.geojson", "barriers", ("--datum", "wgs84", "--kind", "river")),
    ("hangzhou/hangzhou-landuse.geobuf.pbf", "communities", ()),
    ("hangzhou/ebike/zju_neptune_stations.csv", "ebike_sites", ("--datum", "bd09")),
    ("shenzhen/SZ_districts/SZ_districts.shp", "boundary", ()),
    ("shenzhen/evcdp_stations.csv", "ebike_sites", ("--datum", "gcj02")),
    ("shenzhen/nanshan-building.geojson", "buildings", ("--datum", "wgs84")),
    ("wuhan/wuhan_8989_streets_simplified.parquet", "roads", ()),
)


def main() -> None:
    """Print one line for each file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--footprints", type=int, default=200_000)
    parser.add_argument("--rows", type=int, default=20_000)
    options = parser.parse_args()
    say("| file | layer | exit | seconds | CPU seconds | peak MB of all processes | rows in | stored | findings |")
    say("|---|---|---|---|---|---|---|---|---|")
    for datum in ("gcj02", "bd09"):
        name = f"{POINTS:,} points of {datum} to WGS 84"
        say(f"| {name} | – | – | – | {conversion_cpu_seconds(datum):.1f} | – | – | – | – |")
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        measure(work, write_footprints(work, options.footprints), "buildings")
        measure(work, write_book(work, options.rows), "communities")
        for number, (name, layer, extra) in enumerate(REAL):
            if (SHARED / name).exists():
                measure(work / str(number), SHARED / name, layer, *extra)
            else:
                say(f"| {Path(name).name} | {layer} | – | data absent | | | | | |")


def conversion_cpu_seconds(datum: str) -> float:
    """Computing that the conversion of many points of Baotou takes, CPU seconds of one core."""
    rng = np.random.default_rng(0)
    lon, lat = rng.uniform(109, 110.5, POINTS), rng.uniform(40, 41.5, POINTS)
    before = time.process_time()
    to_wgs84(lon, lat, datum)
    return time.process_time() - before


def write_footprints(work: Path, n: int) -> Path:
    """A zipped GBK shapefile of n L-shaped buildings, without .cpg, with Chinese names inside."""
    rng = np.random.default_rng(0)
    i = np.arange(n)
    x = 400_000 + (i % 500) * 40 + rng.random(n) * 10
    y = 4_500_000 + (i // 500) * 40 + rng.random(n) * 10
    w, h = 10 + rng.random(n) * 15, 8 + rng.random(n) * 10
    corners = ((0, 0), (1, 0), (1, 0.5), (0.5, 0.5), (0.5, 1), (0, 1), (0, 0))
    rings = np.stack([np.stack([x + a * w, y + b * h], axis=1) for a, b in corners], axis=1)
    floors = rng.integers(1, 33, n)
    frame = gpd.GeoDataFrame(
        {
            "楼栋编号": [f"B{k:07d}" for k in i],
            "楼栋名称": [f"翠园小区{k % 977}栋" for k in i],
            "层数": floors,
            "建成年代": rng.integers(1960, 2024, n),
            "建筑面积": np.round(w * h * floors, 1),
            "使用性质": rng.choice(["住宅", "商业", "车库", "办公"], n),
        },
        geometry=shapely.polygons(rings),
        crs="EPSG:4546",
    )
    frame.to_file(work / "a.shp", encoding="GB18030")
    table = bytearray((work / "a.dbf").read_bytes())
    table[29] = 0
    (work / "a.dbf").write_bytes(bytes(table))
    with zipfile.ZipFile(work / "footprints.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for suffix in (".shp", ".shx", ".dbf", ".prj"):
            archive.write(work / f"a{suffix}", "建筑".encode("gbk").decode("cp437") + suffix)
    return work / "footprints.zip"


def write_book(work: Path, n: int) -> Path:
    """A roster of n communities with a title, merged streets and units inside the numbers."""
    book = xlsxwriter.Workbook(work / "roster.xlsx")
    sheet = book.add_worksheet("台账")
    sheet.merge_range(0, 0, 0, 9, "住宅小区台账")
    header = (
        "序号",
        "街道",
        "小区名称",
        "小区编码",
        "户数",
        "建筑面积(万㎡)",
        "建成年代",
        "管理方式",
        "物业服务企业名称",
        "备注",
    )
    sheet.write_row(1, 0, header)
    modes = ("市场化物业", "社区代管", "无物业", "单位自管")
    for i in range(n):
        name, code = f"翠园{i}小区", f"1502030{i:06d}"
        built, mode = f"{1960 + i % 60}年建成", modes[i % 4]
        row = (i + 1, None, name, code, f"{100 + i % 900}户", 1.2, built, mode, "甲物业公司", "")
        sheet.write_row(2 + i, 0, row)
    for first in range(2, 2 + n - 19, 20):
        sheet.merge_range(first, 1, first + 19, 1, f"第{first // 400}街道")
    book.close()
    return work / "roster.xlsx"


def measure(work: Path, path: Path, layer: str, *extra: str) -> None:
    """Import one file into a new dataset by the command line, and print what it took."""
    command = [
        sys.executable,
        "-m",
        "app.cli",
        "import",
        str(path),
        "--into",
        str(work / layer),
        "--layer",
        layer,
        "--json",
        *extra,
    ]
    began, before, peak = time.perf_counter(), cpu_seconds(), 0.0
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out:
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=subprocess.PIPE, text=True)
        while process.poll() is None:
            peak = max(peak, memory_mb(process.pid))
            time.sleep(0.3)  # adding up pages takes time itself
        seconds, cpu = time.perf_counter() - began, cpu_seconds() - before
        out.seek(0)
        printed = out.read()
    assert process.stderr is not None
    told = process.stderr.read().strip().splitlines()
    rows, stored, findings = figures(printed, told)
    cells = (
        path.name,
        layer,
        process.returncode,
        f"{seconds:.1f}",
        f"{cpu:.1f}",
        f"{peak:.0f}",
        rows,
        stored,
        findings,
    )
    say(f"| {' | '.join(map(str, cells))} |")


def cpu_seconds() -> float:
    """Computing of all processes that ended so far; what a busy machine cannot blur."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def memory_mb(pid: int) -> float:
    """Memory of a process and all it started; pages they share count once."""
    try:
        first = psutil.Process(pid)
        family = [first, *first.children(recursive=True)]
        return sum(one.memory_full_info().pss for one in family) / 1e6
    except psutil.Error:
        return 0.0


def figures(printed: str, told: list[str]) -> tuple[str, str, str]:
    """Rows in, rows stored and findings of a report; the sentence where there is none."""
    try:
        report = json.loads(printed)
    except ValueError:
        return "", "", (told[0] if told else printed.strip())[:200].replace("|", "/")
    counts: dict[str, int] = {}
    for finding in report.get("findings", []):
        counts[finding["rule"]] = counts.get(finding["rule"], 0) + 1
    listed = ", ".join(f"{rule} {n}" for rule, n in sorted(counts.items()))
    return str(sum(report["rows"].values())), str(sum(report["stored"].values())), listed


def say(text: str) -> None:
    """Write one line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
