"""The guides walked as a reader walks them: the commands of a page in their order, on a city, in one folder."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import LineString
from typer.testing import CliRunner

from app.cli.main import cli
from geo.storage.dataset import open_dataset
from tests.doc_commands import FENCE, read_commands

NOT_RUN = {
    r"^pianqu serve": "serves pages until it is stopped; browser tests start it",
    r"import 模板\.xlsx": "a form must be filled in first; tests of forms do",
    r"override add \S+ placed": "needs a community without a place; tests of corrections and of the page have one",
    r"^pianqu \S+ .*…(?!;)": "an abbreviation: what stands for … is in another line of the page",
    r"--scheduler": "needs computers beside this one",
    r"^pianqu fetch": "asks the internet",
    r"^pianqu doctor \S+:\\": "a folder of Windows",
}
"""What is compared with the command line and not run, and why."""

CHANGED = {
    r"--seconds \d+": "--seconds 1",
    r" \[--json\]": " --json",
    r"\[--tile-km 10\]": "",
    r"--author … --reason …": "--author 张三 --reason 踏勘",
}
"""What is run otherwise than written: searches are short, brackets and dots of manuals are left out."""

EXIT_CODES = {r"--method (constrained_clustering|nearest_anchor)": 1}
"""Where a command ends otherwise than with 0: a baseline that breaks rules says so."""

PASSWORD = "五月槐花香满街2026"


@dataclass(frozen=True)
class Line:
    """A command of a page, and whether it stands in a block of its own or in a sentence."""

    text: str
    is_block: bool


def list_lines(text: str) -> Iterator[Line]:
    """Every command of a page in its order; alternatives (`a|b`) one after the other.

    Examples
    --------
    >>> [line.text for line in list_lines("run `pianqu check D`:\\n\\n```\\npianqu graph D   # all\\n```\\n")]
    ['pianqu check D', 'pianqu graph D']
    """
    found = [(at.start(), at[1], False) for at in re.finditer(r"`(pianqu [^`]+)`", FENCE.sub(_blank, text))]
    for block in FENCE.finditer(text):
        body = block[2].replace("\\\n", " ") if not block[1] else ""
        parts = [part for line in body.splitlines() for part in re.split(r" #.*| {2,}(?=pianqu )", line)]
        found += [(block.start(), part.strip(), True) for part in parts if part and part.strip().startswith("pianqu ")]
    for _, line, is_block in sorted(found, key=lambda one: one[0]):
        words = re.sub(" {2,}", " ", line)
        choice = re.search(r"(?<= )[^\s\[\"]+(?:\|[^\s\"]+)+", words)
        for one in choice[0].split("|") if choice else [""]:
            yield Line(words.replace(choice[0], one) if choice else words, is_block)


def _blank(block: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", block[0])


def find_reason(line: Line) -> str:
    """Why a command is not run; "" where it is."""
    changed = substitute(line.text, {})
    for pattern, reason in NOT_RUN.items():
        if re.search(pattern, changed):
            return reason
    return "" if line.is_block or _is_whole(changed) else "named in a sentence, without its arguments"


def _is_whole(text: str) -> bool:
    """Whether a command has all that it must have."""
    command = read_commands()
    context = click.Context(command)
    words = shlex.split(text)[1:]
    while words and hasattr(command, "commands") and words[0] in command.commands:
        command = command.commands[words.pop(0)]
    if hasattr(command, "commands"):
        return False
    given = {word.partition("=")[0] for word in words if word.startswith("--")}
    if not words and command.name in ("plan", "verify", "graph"):
        return False
    needed = [one for one in command.get_params(context) if one.required]
    n_free = len([word for word in words if not word.startswith("--")])
    return all(
        given & set(one.opts) if one.opts[0].startswith("-") else n_free > 0 for one in needed
    ) and n_free >= sum(not one.opts[0].startswith("-") for one in needed)


def substitute(text: str, names: dict[str, str]) -> str:
    """A command with the names of a place for what a reader would put there.

    Parameters
    ----------
    text
        As it is written.
    names
        Whole words, and what stands for them.
    """
    for pattern, other in CHANGED.items():
        text = re.sub(pattern, other, text)
    for name, other in names.items():
        text = re.sub(rf"(?<![\w./-]){re.escape(name)}(?![\w.-])", other.replace("\\", r"\\"), text)
    return text


def run_line(line: Line, names: dict[str, str]) -> tuple[bool, str, list[str]]:
    """Run a command: whether it ends as it should, what it said, and which files it named are not there.

    Parameters
    ----------
    line, names
        See `substitute`.
    """
    words = shlex.split(substitute(line.text, names | _read_later_names()))[1:]
    if words[0] in ("plan", "propose") and not {"--seconds", "--rounds"} & set(words):
        words += ["--seconds", "1"]
    answer = CliRunner().invoke(cli, words, input=f"{PASSWORD}\n{PASSWORD}\n")
    written = [
        words[k + 1] for k, word in enumerate(words[:-1]) if word in ("--out", "--report", "--names-out", "--into")
    ]
    said = answer.output + ("" if answer.exception is None else f"\n{answer.exception!r}")
    expected = next((code for pattern, code in EXIT_CODES.items() if re.search(pattern, line.text)), 0)
    return answer.exit_code == expected, said, [name for name in written if not Path(name).exists()]


def _read_later_names() -> dict[str, str]:
    """Names of what earlier commands of a page have made: a correction, a file of an export."""
    listed = CliRunner().invoke(cli, ["override", "list", "city", "--json"])
    corrections = re.findall(r"\bo[0-9a-f]{12}\b", listed.output)
    files = sorted(map(str, Path("out").glob("*.xlsx")))
    found = dict.fromkeys(("CORRECTION", "更正编号"), corrections[-1]) if corrections else {}
    return found | (dict.fromkeys(("FILE", "文件"), files[0]) if files else {})


def prepare_place(place: Path, city: Path, raw: Path | None, plan: Path) -> dict[str, str]:
    """A folder with everything the guides presume, and the names of things in it.

    Parameters
    ----------
    place
        An empty folder, which becomes the working folder of a page.
    city, raw, plan
        A dataset, the files it was made of (None: no page is walked that imports any), and a plan.
    """
    for name in ("city", "empty"):
        shutil.copytree(city, place / name)
    document = json.loads(plan.read_text(encoding="utf-8"))
    for name in ("PLAN.json", "OLD.json", "A.json", "B.json", "plan.json"):
        shutil.copy(plan, place / name)
    dataset = open_dataset(city)
    units = dataset.layer("units")
    edges = dataset.layer("edges")
    edge = edges[edges["allowed"]].iloc[0]
    area = next(one for one in document["areas"] if len(one["unit_ids"]) > 2)
    locks = [{"kind": "together", "unit_ids": area["unit_ids"][:2]}, {"kind": "out", "unit_id": area["unit_ids"][2]}]
    (place / "LOCKS.json").write_text(json.dumps({"locks": locks}), encoding="utf-8")
    if raw is not None:
        _write_tables(place, raw, dataset)
    _write_instance(place / "INSTANCE.npz")
    outlined = gpd.GeoDataFrame(units).to_crs(4326).set_index("unit_id")
    drawn = outlined.geometry[outlined.geom_type == "Polygon"]
    shape = drawn.iloc[0]
    ring = "; ".join(f"{x:.6f},{y:.6f}" for x, y in shape.exterior.coords)
    other = drawn.iloc[1]
    west, south, east, north = other.bounds
    middle = (west + east) / 2
    cut = LineString([(middle, south - 1e-4), (middle, north + 1e-4)])
    line = "; ".join(f"{x:.6f},{y:.6f}" for x, y in cut.coords)
    point = f"{shape.centroid.x:.6f} {shape.centroid.y:.6f}"
    of_street = units.dropna(subset="street_code")["street_code"].iloc[0]
    apart, merged = (edges[edges["allowed"]].iloc[k] for k in (-2, -1))
    whole = units.set_index("unit_id")["households"]
    homes = int(whole.get(drawn.index[1], 0))
    return {
        '"109.98,40.65; 109.99,40.65; …; 109.98,40.65"': f'"{ring}"',
        '"109.98,40.64; 109.98,40.66"': f'"{line}"',
        "109.98 40.65": point,
        "A1,West,180": f"A1,West,{homes // 2}",
        "A1,西区,180": f"A1,西区,{homes // 2}",
        "A2,East,120": f"A2,East,{homes - homes // 2}",
        "A2,东区,120": f"A2,东区,{homes - homes // 2}",
        "not_neighbours A B": f"not_neighbours {apart['unit_a']} {apart['unit_b']}",
        "outline UNIT": f"outline {drawn.index[0]}",
        "outline 单元编号": f"outline {drawn.index[0]}",
        "split UNIT": f"split {drawn.index[1]}",
        "split 单元编号": f"split {drawn.index[1]}",
        **dict.fromkeys(("DIR", "D", "DATASET", "数据集"), "city"),
        **dict.fromkeys(("FOLDER", "文件夹"), "out"),
        **dict.fromkeys(("FORMAT", "格式"), "xlsx"),
        **dict.fromkeys(("CROSSING", "通道编号"), str(dataset.layer("crossings")["crossing_id"].iloc[0])),
        **dict.fromkeys(("COMMUNITY", "小区编号"), str(units["unit_id"].iloc[3])),
        **dict.fromkeys(("UNIT_THAT_STAYS", "保留的单元"), str(merged["unit_a"])),
        **dict.fromkeys(("UNIT_TAKEN_IN", "并入的单元"), str(merged["unit_b"])),
        **dict.fromkeys(("UNIT", "UNIT_ID", "单元编号"), area["unit_ids"][0]),
        **dict.fromkeys(("UNIT_NAME", "单元名称"), str(units.set_index("unit_id")["name"][area["unit_ids"][0]])),
        **dict.fromkeys(("AREA_ID", "片区编号"), area["area_id"]),
        **dict.fromkeys(("A", "a"), str(edge["unit_a"])),
        "B": str(edge["unit_b"]),
        **dict.fromkeys(("NAME", "TEXT"), "张三"),
        "150203001": str(of_street),
        "150203": str(of_street)[:6],
        "方案.json": "PLAN.json",
        "新方案.json": "NEW.json",
    }


def _write_tables(place: Path, raw: Path, dataset: Any) -> None:
    """The files that the guides import: a ledger, points, rivers, outlines, streets, permits."""
    ledger = next(raw.glob("小区台账*.xlsx"))
    for name in ("ledger.xlsx", "台账.xlsx"):
        shutil.copy(ledger, place / name)
    for path in raw.glob("小区边界*"):
        for name in ("outlines", "小区边界"):
            shutil.copy(path, place / f"{name}{path.suffix}")
    rivers = next(raw.glob("阻隔*.geojson"))
    for name in ("rivers.geojson", "河道.geojson"):
        shutil.copy(rivers, place / name)
    units = gpd.GeoDataFrame(dataset.layer("units")).to_crs(4326)
    points = units.geometry.representative_point()
    table = pd.DataFrame({"小区名称": units["name"], "经度": points.x, "纬度": points.y})
    for name in ("points.csv", "点位.csv"):
        table.to_csv(place / name, index=False, encoding="utf-8-sig")
    i, j = pairs_across(dataset)
    table = pd.DataFrame(
        {
            "批准编号": ["X1"],
            "类别": ["cross_street"],
            "单元甲": [i],
            "单元乙": [j],
            "理由": ["一墙之隔"],
            "文号": ["1号"],
        }
    )
    table.to_csv(place / "permits.csv", index=False, encoding="utf-8-sig")
    streets = dataset.layer("streets")
    table = pd.DataFrame({"街道编码": streets["street_code"], "街道名称": streets["name"]})
    for name in ("streets.xlsx", "街道.xlsx"):
        table.to_excel(place / name, index=False)


def pairs_across(dataset: Any) -> tuple[str, str]:
    """Two units of two streets of one district."""
    units = dataset.layer("units").dropna(subset=["street_code", "district_code"])
    first = units.iloc[0]
    other = units[(units["street_code"] != first["street_code"]) & (units["district_code"] == first["district_code"])]
    return str(first["unit_id"]), str(other["unit_id"].iloc[0])


def _write_instance(path: Path) -> None:
    np.savez(
        path,
        name="line",
        problem=2,
        xy=np.column_stack([np.arange(6) * 100.0, np.zeros(6)]),
        weight=np.full(6, 100),
        edges=np.array([[i, i + 1] for i in range(5)]),
        edge_m=np.full(5, 100),
        street=np.zeros(6, dtype=int),
        lower=300,
        upper=300,
    )
