"""Workbooks put together at random, imported, and their stored sums held against the maker's.

`python -m tests.bench.fuzz_workbooks --books 200`: several sheets, titles, headers of one and two
rows, merged streets, headings, totals, notes, blank rows, hidden columns, synonyms, units, figures
typed as text, one name in two streets, figures of charging sites. Sums of households, floor area and
buildings by street, ports by street, and the number of communities must be those of the maker.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils import get_column_letter

from geo.importing import ImportOptions, import_paths
from geo.names import NameRules, name_core
from geo.rules import UnitRules
from geo.storage.dataset import open_dataset

STREETS = ("前进道街道", "友谊大街街道", "昆工路街道", "哈业胡同镇", "兴胜街道")
NAMES = (
    "向阳小区",
    "红星小区",
    "绿园",
    "东风家园",
    "阳光花园（一期）",
    "阳光花园二期",
    "团结村8号院",
    "光明楼",
    "和平里",
    "青年公寓",
)
HOUSEHOLDS = ("户数", "总户数", "住宅套数", "小区户数", "户数（户）", "居民户数")
AREAS = (
    ("建筑面积(㎡)", 1.0),
    ("总建筑面积（平方米）", 1.0),
    ("建筑面积(万㎡)", 1e4),
    ("总建筑面积（万平方米）", 1e4),
    ("建筑面积（公顷）", 1e4),
    ("建面", 1.0),
)
COUNTS = ("楼栋数", "栋数", "幢数", "楼栋数量")
NAME_HEADERS = ("小区名称", "住宅小区名称", "物业项目名称", "小区名")
NOTES = ("注：数据截至2025年底", "填表说明：一律填写全称", "备注：本表一式两份")


@dataclass(frozen=True)
class Community:
    """What the maker means by one row."""

    street: str
    name: str
    households: int
    floor_area_m2: int
    building_count: int
    ports: int


def run(books: int, seed: int) -> list[str]:
    """Make and import books; what differs, a sentence each.

    Parameters
    ----------
    books
        How many.
    seed
        Of all choices: the same seed makes the same books.
    """
    wrong: list[str] = []
    for number in range(books):
        random_ = random.Random(f"{seed}/{number}")
        with tempfile.TemporaryDirectory() as folder:
            wrong += [f"book {number}: {text}" for text in _one(random_, Path(folder))]
    return wrong


def _one(random_: random.Random, folder: Path) -> list[str]:
    meant = _communities(random_)
    path = _write(random_, meant, folder / "a.xlsx")
    import_paths([path], folder / "D", options=ImportOptions(), unit_rules=UnitRules(), names=NameRules())
    dataset = open_dataset(folder / "D")
    stored = dataset.layer("communities")
    wrong = []
    if len(stored) != len(meant):
        wrong.append(f"{len(stored)} communities instead of {len(meant)}")
    street = stored["street_name"].map(name_core)
    for field in ("households", "floor_area_m2", "building_count"):
        for name in dict.fromkeys(c.street for c in meant):
            want = sum(getattr(c, field) for c in meant if c.street == name)
            got = float(stored.loc[street == name_core(name), field].fillna(0).sum())
            if abs(got - want) > 1e-6 * want:
                wrong.append(f"{field} of {name}: {got:g} instead of {want:g}")
    sites = dataset.layer("ebike_sites")
    of_unit = dict(zip(stored["unit_id"], street, strict=True))
    for name in dict.fromkeys(c.street for c in meant):
        want = sum(c.ports for c in meant if c.street == name)
        there = sites["unit_id"].map(of_unit) == name_core(name)
        got = float(sites.loc[there, "ports"].fillna(0).sum()) if len(sites) else 0.0
        if got != want:
            wrong.append(f"ports of {name}: {got:g} instead of {want:g}")
    return wrong


def _communities(random_: random.Random) -> list[Community]:
    """Some communities of several streets; names repeat between streets, never inside one."""
    rows = []
    with_ports = random_.random() < 0.5
    for street in random_.sample(STREETS, random_.randint(2, 4)):
        for name in random_.sample(NAMES, random_.randint(2, 6)):
            homes = random_.randint(30, 900)
            area = round(homes * random_.uniform(60, 110) / 100) * 100
            ports = random_.randint(1, 40) if with_ports else 0
            rows.append(Community(street, name, homes, area, random_.randint(1, 20), ports))
    return rows


def _write(random_: random.Random, meant: Sequence[Community], path: Path) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    streets = list(dict.fromkeys(c.street for c in meant))
    way = random_.choice(("sheet each", "column", "headings", "mixed"))
    for number, street in enumerate(streets):
        own = [c for c in meant if c.street == street]
        how = random_.choice(("sheet each", "column")) if way == "mixed" else way
        if how == "sheet each":
            title = random_.choice((street, f"{number + 1}.{street}", f"{street}台账"))
            _sheet(random_, book.create_sheet(title), own, "none")
        elif how == "column":
            _sheet(random_, book.create_sheet(f"表{number + 1}"), own, "column")
    if way == "headings":
        _sheet(random_, book.create_sheet("Sheet1"), meant, "headings")
    if any(c.ports for c in meant):
        sheet = book.create_sheet("充电设施")
        sheet.append(["站点编号", "街道", "小区名称", random_.choice(("充电端口", "充电端口数", "端口数量"))])
        for number, c in enumerate(meant):
            sheet.append([f"S{number:04d}", c.street, c.name, c.ports])
    if random_.random() < 0.3:
        note = book.create_sheet("说明")
        note.append(["填表说明"])
        note.append(["一律填写全称"])
    if random_.random() < 0.3:
        total = book.create_sheet("汇总")
        total.append(["街道", "小区数", "户数"])
        for street in streets:
            own = [c for c in meant if c.street == street]
            total.append([street, len(own), sum(c.households for c in own)])
    book.save(path)
    return path


def _sheet(random_: random.Random, sheet: Any, rows: Sequence[Community], how: str) -> None:
    """One sheet; the street is told by a "column" (merged, perhaps), by "headings", or not here."""
    area, unit = random_.choice(AREAS)
    in_title = unit == 1.0 and area == "建面" and random_.random() < 0.5
    unit = 1e4 if in_title else unit
    homes, count = random_.choice(HOUSEHOLDS), random_.choice(COUNTS)
    columns: list[tuple[str, Callable[[Community], Any]]] = [
        (random_.choice(NAME_HEADERS), lambda c: c.name),
        (homes, lambda c: _typed(random_, c.households)),
        (area, lambda c: _area(random_, c.floor_area_m2, unit)),
        (count, lambda c: c.building_count),
    ]
    random_.shuffle(columns)
    if how == "column":
        columns.insert(random_.randint(0, 1), ("街道", lambda c: c.street))
    has_number = random_.random() < 0.7 or how == "headings"
    names = (["序号"] if has_number else []) + [name for name, _ in columns]
    if random_.random() < 0.6:
        sheet.append(["住宅小区基本情况台账"])
        if random_.random() < 0.5:
            sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(names))
    if in_title:
        sheet.append(["单位：户、万平方米"])
    elif random_.random() < 0.2:
        sheet.append(["填报时间：2025年12月"])
    _header(random_, sheet, names, {homes, area, count})
    first = sheet.max_row + 1
    street = None
    for number, c in enumerate(rows, start=1):
        if how == "headings" and c.street != street:
            street = c.street
            index = list(dict.fromkeys(r.street for r in rows)).index(street)
            sheet.append([f"{'一二三四五'[index]}、{street}"])
        sheet.append(([number] if has_number else []) + [value(c) for _, value in columns])
        if random_.random() < 0.1:
            sheet.append([None])
            sheet.cell(sheet.max_row + 1, 1)  # a blank row, as people leave them
    last = sheet.max_row
    if how == "column" and random_.random() < 0.5:
        at = names.index("街道") + 1
        sheet.merge_cells(start_row=first, start_column=at, end_row=last, end_column=at)
    if random_.random() < 0.6:
        told = {
            homes: sum(c.households for c in rows),
            area: sum(c.floor_area_m2 for c in rows) / unit,
            count: sum(c.building_count for c in rows),
        }
        total = [told.get(name) for name in names]
        total[0] = random_.choice(("合计", "小计", "总计")) if total[0] is None else total[0]
        if isinstance(total[0], str):
            sheet.append(total)
    if random_.random() < 0.4:
        sheet.append([random_.choice(NOTES)])
    if random_.random() < 0.2:
        sheet.column_dimensions[get_column_letter(len(names))].hidden = True


def _header(random_: random.Random, sheet: Any, names: list[str], figures: set[str]) -> None:
    """One row, or two with a group over figures that stand side by side."""
    at = [i for i, name in enumerate(names) if name in figures]
    runs = [i for i in at if i + 1 in at]
    if not runs or random_.random() < 0.6:
        sheet.append(names)
        return
    left = runs[0]
    top: list[str | None] = list(names)
    below: list[str | None] = [None] * len(names)
    top[left], top[left + 1] = "规模", None
    below[left], below[left + 1] = names[left], names[left + 1]
    sheet.append(top)
    sheet.append(below)
    row = sheet.max_row
    sheet.merge_cells(start_row=row - 1, start_column=left + 1, end_row=row - 1, end_column=left + 2)
    for column in range(len(names)):
        if column not in (left, left + 1):
            sheet.merge_cells(start_row=row - 1, start_column=column + 1, end_row=row, end_column=column + 1)


def _typed(random_: random.Random, value: int) -> Any:
    """A count as a number, or as people type it."""
    return random_.choice(
        (
            value,
            value,
            value,
            str(value),
            f"{value:,}",
            f"{value}户",
            str(value).translate(str.maketrans("0123456789", "０１２３４５６７８９")),
        )
    )


def _area(random_: random.Random, m2: int, unit: float) -> Any:
    """An area in the unit of its column, or with a unit of its own."""
    value = round(m2 / unit, 4)
    return random_.choice((value, value, value, str(value), f"{m2 / 1e4:.4f}万㎡", f"{m2}㎡"))


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--books", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    wrong = run(options.books, options.seed)
    told = (*wrong, f"{options.books} books, {len(wrong)} differences")
    sys.stdout.write("\n".join(told) + "\n")
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
