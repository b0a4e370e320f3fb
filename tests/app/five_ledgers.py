"""Ledgers of the shapes bureaus send, with invented communities, and what comes of each.

`python -m tests.app.five_ledgers` renews the table of docs/data-door.md.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import openpyxl

from analysis.indicators.registry import compute_indicators
from analysis.policy import read_policy
from app.desks.imports.preview import preview_file
from app.desks.imports.runs import FileChoice
from app.workbench.policies import DEFAULT_NAMES, DEFAULT_POLICY, TEMPLATE_NAMES, TEMPLATE_POLICY
from geo.adjacency.graph import refresh_graph
from geo.importing import ImportFile, import_files
from geo.names import read_names
from geo.storage.dataset import open_dataset

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "data-door.md"
START, END = "<!-- five ledgers -->", "<!-- end of five ledgers -->"
NAMES = ("松风苑", "柳荫里", "桂香园", "梅岭院", "竹溪小区", "兰亭新村", "荷塘花园", "枫林公寓")
Rows = list[list[object]]


def write_book(path: Path, sheets: dict[str, Rows]) -> Path:
    """A workbook of some sheets."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def place(k: int, lon: float = 109.8412, lat: float = 40.6513) -> tuple[float, float]:
    """Places 110 m apart."""
    return round(lon + 0.0013 * (k % 4), 6), round(lat + 0.001 * (k // 4), 6)


def write_everything(folder: Path) -> Path:
    """One sheet for everything, under a title, with coordinates."""
    head = [
        "序号",
        "旗县区",
        "街道",
        "小区名称",
        "经度",
        "纬度",
        "户数",
        "建筑面积(㎡)",
        "建成年份",
        "管理方式",
        "物业公司",
    ]
    head += [
        "合同到期日期",
        "业委会",
        "业委会成立时间",
        "电动自行车数",
        "充电端口",
        "固定车位",
        "公共车位",
        "登记汽车",
        "物业用房",
    ]
    rows: Rows = [["小区基本情况台账 (演示数据)"], head]
    for k, name in enumerate(NAMES):
        led = k % 2 == 0
        own = [k + 1, "东河区", "甲街道" if k < 4 else "乙街道", name, *place(k)]
        facts = [200 + 50 * k, 18000 + 4000 * k, 1985 + 4 * k, "专业物业" if led else "业主自治"]
        firm = ["晨光物业服务有限公司", "2029-12-31", "有", "2020-05-01"] if led else [None, None, "无", None]
        counts = [100 + 20 * k, None if k == 7 else 10 * k, 40 + k, 30, 60 + 10 * k, "有" if led else None]
        rows.append([*own, *facts, *firm, *counts])
    return write_book(folder / "小区台账_演示数据.xlsx", {"台账": rows})


def write_streets(folder: Path) -> Path:
    """Streets by name only: no codes, no coordinates."""
    rows: Rows = [["区县", "所属街道", "小区名称", "总户数", "竣工年代", "管理模式", "是否成立业委会"]]
    for k, name in enumerate(NAMES):
        street = ("甲街道办事处", "甲街道", "乙街道", "乙街")[k % 4]
        rows.append(
            ["东河区", street, name, f"{200 + 50 * k}户", f"{1980 + 5 * k}年", ("专业化物业", "社区代管")[k % 2], "√"]
        )
    return write_book(folder / "分街道台账_演示数据.xlsx", {"Sheet1": rows})


def write_points(folder: Path) -> Path:
    """Points only, with Baidu's coordinates."""
    lines = ["名称,百度经度,百度纬度,户数,建成时间"]
    lines += [f"{name},{place(k)[0]},{place(k)[1]},{200 + 50 * k},{1980 + 5 * k}" for k, name in enumerate(NAMES)]
    path = folder / "点位_演示数据.csv"
    path.write_text("\n".join(lines), encoding="gb18030")
    return path


def write_districts(folder: Path) -> Path:
    """Two districts, each with headers of its own."""
    east: Rows = [["街道", "小区名称", "户数", "建筑面积(㎡)", "建成年份", "物业企业", "充电端口"]]
    west: Rows = [
        ["西区物业项目统计表"],
        ["镇街", "项目名称", "总套数", "建面(万㎡)", "竣工时间", "服务单位", "电动车数量", "车位"],
    ]
    for k, name in enumerate(NAMES):
        if k < 4:
            east.append(["甲街道", name, 200 + 50 * k, 18000 + 4000 * k, 1985 + 4 * k, "晨光物业服务有限公司", 12 * k])
        else:
            west.append(
                ["丙镇", name, f"{200 + 50 * k}套", 1.8 + 0.4 * k, f"{1985 + 4 * k}年底", "长河物业公司", 150 + k, 40]
            )
    return write_book(folder / "两区台账_演示数据.xlsx", {"东区": east, "西区": west})


def write_elsewhere(folder: Path) -> Path:
    """A city without Baotou's words: headers that say little, values that say it."""
    rows: Rows = [["县区", "乡镇街道", "楼院名称", "规模", "楼宇情况", "年代", "管理单位", "管理类型", "lng", "lat"]]
    for k, name in enumerate(NAMES):
        where = ["江南区", ("河口镇", "临江街道")[k // 4], name]
        facts = [f"{200 + 50 * k}户", f"{3 + k}栋", f"{1985 + 4 * k}年建成"]
        managed = [("青禾物业有限公司", "河口社区居委会")[k % 2], ("市场化", "社区代管")[k % 2]]
        rows.append([*where, *facts, *managed, *place(k, 113.5217, 28.2134)])
    return write_book(folder / "江城楼院_演示数据.xlsx", {"楼院": rows})


def write_merged(folder: Path) -> Path:
    """A form under two rows of merged headers: one name a street, pairs of degrees, dates in Chinese numerals."""
    built = ("二〇〇五年六月", "1998年10月", "2012.8", "一九八六年", "2001年底", "90年代", "2009/6/30", "2016年")
    ends = ("二〇二八年十二月三十一日", "2028.6.30", "2027年6月30日", "2029-1-1")
    head: Rows = [
        ["住宅小区物业管理情况汇总表（演示数据）"],
        ["填报单位：历北区住建局"],
        [
            "序号",
            "镇（街道）",
            "社区",
            "小区名称",
            "小区坐落",
            "经纬度坐标",
            "基本情况",
            "-",
            "-",
            "物业服务情况",
            "-",
            "-",
            "业主组织",
            "-",
        ],
        [
            "-",
            "-",
            "-",
            "-",
            "-",
            "-",
            "建成交付时间",
            "住宅户数",
            "总建筑面积",
            "服务模式",
            "物业服务企业名称",
            "合同终止时间",
            "业主委员会",
            "成立日期",
        ],
    ]
    book = openpyxl.Workbook()
    sheet = book.active
    for row in head:
        sheet.append([None if cell == "-" else cell for cell in row])
    for k, name in enumerate(NAMES):
        lon, lat = place(k, 117.0204, 36.6683)
        street = {0: "泉城街道", 4: "大明湖街道"}.get(k)
        own = [k + 1, street, ("泉西社区", "泉东社区")[k % 2], name, f"某路{k + 1}号"]
        facts = [f"{lon}，{lat}" if k % 3 else f"E{lon} N{lat}", built[k], str(220 + 40 * k), f"{19000 + 3500 * k:,}"]
        mode = ("市场化物业", ("居委会代管", "业主自管")[k // 2 % 2])[k % 2]
        firm = ["/", "—"] if k % 2 else ["齐鲁物业服务有限公司", ends[k // 2]]
        body = ["已成立", "2019年3月5日"] if k % 4 in (0, 3) else ["未成立", "/"]
        sheet.append([*own, *facts, mode, *firm, *body])
    sheet.append(["合计", None, None, "8个", None, None, None, 2880])
    sheet.append(["填表人：", None, "审核人：", None, "填报日期：2026年6月3日"])
    for cells in ("A1:N1", *(f"{c}3:{c}4" for c in "ABCDEF"), "G3:I3", "J3:L3", "M3:N3", "B5:B8", "B9:B12"):
        sheet.merge_cells(cells)
    path = folder / "历北区汇总表_演示数据.xlsx"
    book.save(path)
    return path


def write_exchanged(folder: Path) -> Path:
    """GBK text whose longitudes are latitudes, with from-until in one cell and a row of sums."""
    lines = [
        "县市区,所在街镇,物业项目名称,住宅套数（套）,建筑总面积（万㎡）,交付使用时间,物业服务方式,物服企业,"
        "合同起止日期,电动自行车保有量,充电插座数(个),地面停车位,地下车位,经度,纬度"
    ]
    for k, name in enumerate(NAMES):
        lon, lat = place(k, 112.9712, 28.1987)
        own = f"岳北区,{'湘江街道' if k < 5 else '麓山镇'},{name},{180 + 30 * k}套,{1.6 + 0.3 * k:.1f},{1988 + 4 * k}年"
        until = f"2023年3月1日至202{7 + k % 3}年2月28日"
        firm = f"专业物业公司,潇湘物业管理有限公司,{until}" if k % 2 else f"{('社区托管', '无物业')[k // 4]},,"
        counts = f"{120 + 15 * k},{8 * k},{30 + k},{60 + 5 * k if k > 3 else 0}"
        lines.append(f"{own},{firm},{counts},{lat},{lon}")
    lines.append("合计,,,2280套" + "," * 11)
    path = folder / "岳北区物业项目_演示数据.csv"
    path.write_bytes("\r\n".join(lines).encode("gb18030"))
    return path


@dataclass(frozen=True)
class Case:
    """One ledger and what is known of it; all texts for the table in both languages."""

    key: str
    title: str
    write: Callable[[Path], Path]
    answers: dict[str, str]
    is_baotou: bool = True


CASES = (
    Case("everything", "一张台账写全 one sheet for everything", write_everything, {"datum": "cgcs2000"}),
    Case("streets", "只有街道名称 streets by name only", write_streets, {}),
    Case("points", "只有点位 points only", write_points, {"datum": "bd09"}),
    Case("districts", "两区表头不同 two districts, other headers", write_districts, {}),
    Case("elsewhere", "不用包头的说法 without Baotou's words", write_elsewhere, {"datum": "gcj02"}, is_baotou=False),
    Case(
        "merged",
        "合并单元格、中文日期 merged cells, dates in Chinese numerals",
        write_merged,
        {"datum": "cgcs2000"},
        is_baotou=False,
    ),
    Case("exchanged", "经纬度颠倒 degrees exchanged", write_exchanged, {"datum": "gcj02"}, is_baotou=False),
)


@dataclass(frozen=True)
class Outcome:
    """What came of a ledger.

    Parameters
    ----------
    asked
        Questions before the import.
    units, placed, walls
        Units, those with a place, and streets that areas may not cross.
    joined
        Pairs of neighbours.
    layers
        Layers besides communities that the columns filled.
    indicators
        Indicators with a value.
    errors, warnings
        Findings of the import.
    """

    asked: tuple[str, ...]
    units: int
    placed: int
    walls: int
    joined: int
    layers: tuple[str, ...]
    indicators: tuple[str, ...]
    errors: int
    warnings: int


def bring(case: Case, folder: Path) -> Outcome:
    """Look at a ledger, answer what is asked, import it, and see what comes of it."""
    path = case.write(folder)
    choice = FileChoice()
    asked = preview_file(path, choice).questions
    for question in asked:
        choice = choice.with_answer(question, case.answers[question])
    policy = read_policy(DEFAULT_POLICY if case.is_baotou else TEMPLATE_POLICY)
    names = read_names(DEFAULT_NAMES if case.is_baotou else TEMPLATE_NAMES)
    options = choice.options()
    report = import_files(
        [ImportFile(path, options)], folder / "D", options=options, unit_rules=policy.unit_rules(), names=names
    )
    dataset = open_dataset(folder / "D")
    units = dataset.layer("units")
    joined = 0
    if units.geometry.notna().any():
        refresh_graph(dataset, policy.neighbour_rules())
        dataset = open_dataset(folder / "D")
        joined = int(dataset.layer("edges")["allowed"].sum())
    figures = compute_indicators(dataset, policy, as_of="2026-06-30")
    known = sorted({f.id for f in figures if f.value is not None and f.roster == "current"})
    severities = [f.severity for f in report.findings]
    return Outcome(
        asked,
        len(units),
        int(units.geometry.notna().sum()),
        units["street_code"].nunique(),
        joined,
        tuple(layer for layer in report.stored if layer != "communities"),
        tuple(known),
        severities.count("error"),
        severities.count("warning"),
    )


def print_table(outcomes: dict[str, Outcome]) -> str:
    """The table of the documents."""
    head = (
        "| 台账 ledger | 单元 units (有位置 placed) | 界线 walls (街道 streets) | 相邻 neighbours | "
        "另记入 also filled | "
        "有值的指标 indicators | 提问 asked | 提醒 warnings |"
    )
    lines = [head, "|" + "---|" * 8]
    for case in CASES:
        one = outcomes[case.key]
        cells = [
            case.title,
            f"{one.units} ({one.placed})",
            str(one.walls),
            str(one.joined),
            ", ".join(one.layers) or "—",
            f"{len(one.indicators)}: {', '.join(one.indicators)}",
            ", ".join(one.asked) or "—",
            str(one.warnings),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def renew(page: str, table: str) -> str:
    """The page with the table of today."""
    return re.sub(f"{START}.*{END}", f"{START}\n{table}\n{END}", page, flags=re.DOTALL)


def main() -> int:
    """Import all, write the table into the page."""
    with tempfile.TemporaryDirectory() as work:
        outcomes = {}
        for case in CASES:
            folder = Path(work) / case.key
            folder.mkdir()
            outcomes[case.key] = bring(case, folder)
    PAGE.write_text(renew(PAGE.read_text(encoding="utf-8"), print_table(outcomes)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
