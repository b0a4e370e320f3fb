"""Cells written from a known meaning, imported, and compared with it: no silent misreading.

Every cell is made from what it is to mean ("1，234户" from 1,234; "80年代" from 1980-1989); what the
import stores is held against that meaning. The words and their meaning follow the glossary and the
reading of a careful clerk; nothing here looks at how the import reads.
"""

from __future__ import annotations

import argparse
import datetime
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xlsxwriter

from geo.importing.options import ImportOptions
from geo.importing.prepare import prepare_layer
from geo.prepared.prepared_layer import PreparedLayer
from geo.readers import RawLayer, read_file
from geo.sandbox.processes import ReadLimits
from tests.bench.fuzz_workbooks import run as run_books

ROWS = 250
OUTCOMES = ("right", "told missing", "told estimated", "SILENT")


@dataclass(frozen=True)
class Meant:
    """What a cell was made to mean.

    Parameters
    ----------
    sort
        "exact": this value, nothing else and never missing; "clerk": this value, or missing and told;
        "guess": a value between `low` and `high` and told, or missing and told; "none": no value is
        right, it must be missing and told; "blank": missing.
    value, low, high
        The value, or the bounds of what it may be; None = open.
    style
        Number format of the cell in a book.
    """

    sort: str
    value: Any = None
    low: float | None = None
    high: float | None = None
    style: str | None = None


Cell = tuple[Any, Meant]
Maker = Callable[[random.Random], Cell]


def exact(cell: Any, value: Any, style: str | None = None) -> Cell:
    return cell, Meant("exact", value, style=style)


def clerk(cell: Any, value: Any) -> Cell:
    return cell, Meant("clerk", value)


def guess(cell: Any, low: float | None, high: float | None) -> Cell:
    return cell, Meant("guess", None, low, high)


def none(cell: Any) -> Cell:
    return cell, Meant("none")


def wide(text: str) -> str:
    """Full-width digits and signs."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def hanzi(number: int) -> str:
    """A number below 10,000 in Chinese numerals."""
    digits, out, gap = "零一二三四五六七八九", "", False
    for place, step in zip(f"{number:04d}", ("千", "百", "十", ""), strict=True):
        if place == "0":
            gap = bool(out)
            continue
        out += ("零" if gap else "") + digits[int(place)] + step
        gap = False
    return out


# --- counts -------------------------------------------------------------------------------------


def count(rng: random.Random, unit: str, other: str, most: int, *, zero: bool) -> Cell:
    """A cell of a column of counts."""
    n = rng.randint(1, most)
    big = rng.randint(1000, 9999)
    both = (n, n + rng.randint(1, 40))
    tries: list[Callable[[], Cell]] = [
        lambda: exact(n, n),
        lambda: exact(float(n), n),
        lambda: exact(str(n), n),
        lambda: exact(f" {n} {unit} ", n),
        lambda: exact(f"{n}{unit}", n),
        lambda: exact(wide(str(n)), n),
        lambda: exact(f"{n}.0", n),
        lambda: exact(f"{n}.00{unit}", n),
        lambda: exact(f"共{n}{unit}", n),
        lambda: clerk(f"{hanzi(n)}{unit}" if 11 <= n < 10_000 else f"{n}", n),
        lambda: clerk(f"{n}{unit}。", n),
        lambda: guess(f"约{n}", 0.8 * n, 1.2 * n),
        lambda: guess(f"{n}左右", 0.8 * n, 1.2 * n),
        lambda: guess(f"{n}多{unit}", n, 1.5 * n + 10),
        lambda: guess(f"{n}余{unit}", n, 1.5 * n + 10),
        lambda: guess(f"{both[0]}-{both[1]}", *both),
        lambda: guess(f"{both[0]}{unit}～{both[1]}{unit}", *both),
        lambda: guess(f"{both[0]}至{both[1]}", *both),
        lambda: none(f"{both[1]}-{both[0]}"),
        lambda: none(f"{n}.5"),
        lambda: none(n + 0.5),
        lambda: none(f"{n}.234"),
        lambda: two_numbers(n, both[1]),
        lambda: none(f"{n}/{both[1]}"),
        lambda: none(f"{n}、{both[1]}"),
        lambda: none(f"{n}{other}"),
        lambda: none(f"{n}{unit}/{both[1]}{other}"),
        lambda: none(f"≥{n}"),
        lambda: none(f"{n}+"),
        lambda: none(f"{n}{unit}以上"),
        lambda: none(f"不足{n}"),
        lambda: none(f"-{n}"),
        lambda: none(-n),
        lambda: none(f"({n})"),
        lambda: none(f"{n}O"),
        lambda: none(f"{n}e3"),
        lambda: none(f"{n}?{both[1]}"),
        lambda: none("很多"),
        lambda: none("百余"),
        lambda: none("几十"),
        lambda: none(f"{n},{both[1] % 100:02d}"),
        lambda: none(f"1,{n % 10}"),
        lambda: none("12,00"),
        lambda: none(datetime.datetime(2024, 2, 3)),
        lambda: none(f"{n}＋{both[1]}"),
        lambda: none(True),
        lambda: none(f"{n}.{both[1]}.1"),
        lambda: exact("—", None),
        lambda: exact(None, None),
        lambda: exact("不详", None),
    ]
    if most > 9999:
        tries += [
            lambda: exact(f"{big:,}", big),
            lambda: exact(f"{big:,}{unit}".replace(",", "，"), big),
            lambda: clerk(f"{big:,}".replace(",", "\u2009"), big),
            lambda: clerk(f"{big:,}".replace(",", "\u00a0"), big),
            lambda: guess(f"{big:,}".replace(",", " "), big, big),
            lambda: clerk(f"{big:,}".replace(",", "'"), big),
            lambda: clerk(f"{big / 10_000:g}万{unit}", big),
            lambda: clerk(f"{big // 1000}千{unit}", big // 1000 * 1000),
            lambda: clerk(f"{hanzi(big)}{unit}", big),
            lambda: none(f"{big // 1000},{big % 1000:03d}0"),
            lambda: none(f"{big // 1000}.{big % 999 + 1:03d}"),
        ]
    if zero:
        tries += [lambda: exact(0, 0), lambda: exact("0", 0), lambda: exact(f"０{unit}", 0), lambda: guess("无", 0, 0)]
    else:
        tries += [lambda: none(0), lambda: none("０")]
    return rng.choice(tries)()


def households(rng: random.Random) -> Cell:
    return count(rng, "户", "栋", 20_000, zero=False)


def buildings(rng: random.Random) -> Cell:
    return count(rng, "栋", "户", 300, zero=False)


def floors(rng: random.Random) -> Cell:
    return count(rng, "层", "户", 40, zero=False)


def ports(rng: random.Random) -> Cell:
    return count(rng, "个", "桩", 900, zero=True)


def piles(rng: random.Random) -> Cell:
    return count(rng, "台", "口", 900, zero=True)


def staff(rng: random.Random) -> Cell:
    return count(rng, "人", "户", 900, zero=True)


# --- areas, fees, shares ------------------------------------------------------------------------


def area(rng: random.Random, factor: float) -> Cell:
    """A cell of a column of areas whose header says ㎡ (factor 1) or 万㎡ (10,000)."""
    m2 = float(rng.randint(2_000, 900_000))
    own = m2 / factor
    tries: list[Callable[[], Cell]] = [
        lambda: exact(own, m2),
        lambda: exact(f"{own:.6f}".rstrip("0").rstrip("."), m2),
        lambda: exact(f"{m2:.0f}㎡", m2),
        lambda: exact(f"{m2:,.0f}平方米", m2),
        lambda: exact(f"{m2 / 1e4:.4f}万㎡", m2),
        lambda: exact(f"{m2 / 1e4:.4f} 万平方米", m2),
        lambda: exact(f"{m2 / 1e4:.4f}公顷", m2),
        lambda: exact(f"{m2 / 1e6:.6f}平方公里", m2),
        lambda: exact(wide(f"{m2:.0f}") + "m2", m2),
        lambda: exact(f"{m2 / 1e4:.4f}万", m2),
        lambda: clerk(f"{m2 * 0.0015:.6f}亩", m2),
        lambda: guess(f"约{m2:.0f}平米", 0.8 * m2, 1.2 * m2),
        lambda: guess(f"{m2:.0f}-{m2 + 500:.0f}㎡", m2, m2 + 500),
        lambda: none(f"{m2:.0f}户"),
        lambda: none(f"≤{m2:.0f}㎡"),
        lambda: none(f"{m2:.0f}㎡以上"),
        lambda: none("较大"),
        lambda: none(f"{m2:.0f} {m2 + 7:.0f}"),
        lambda: none(f"-{m2:.0f}"),
        lambda: none(f"{m2:.0f}㎡/{m2:.0f}㎡"),
        lambda: none("1.234.567"),
        lambda: none("12,34,5"),
        lambda: exact("——", None),
        lambda: none(f"{m2:.0f}元"),
    ]
    return rng.choice(tries)()


def area_m2(rng: random.Random) -> Cell:
    return area(rng, 1.0)


def area_10_000_m2(rng: random.Random) -> Cell:
    return area(rng, 1e4)


def fee(rng: random.Random) -> Cell:
    f = rng.randint(20, 380) / 100
    tries: list[Callable[[], Cell]] = [
        lambda: exact(f, f),
        lambda: exact(f"{f:.2f}", f),
        lambda: exact(f"{f:.2f}元", f),
        lambda: exact(f"{f:.2f}元/㎡·月", f),
        lambda: exact(f"{f:.2f}元/平米/月", f),
        lambda: exact(f"{f:.2f}元/平方米·月", f),
        lambda: clerk(f"{12 * f:.2f}元/㎡·年", f),
        lambda: guess(f"{f:.2f}-{f + 0.3:.2f}", f, f + 0.3),
        lambda: guess(f"{f:.2f}至{f + 0.3:.2f}元/㎡·月", f, f + 0.3),
        lambda: none(f"{f:.2f}元/户·月"),
        lambda: none(f"{rng.randint(10, 40)}元/户/年"),
        lambda: none(f"{rng.randint(5, 40)}元/月"),
        lambda: none(f"{f:.2f}元/天"),
        lambda: none(f"≥{f:.2f}"),
        lambda: none("按面积"),
        lambda: none(f"{f:.2f} {f:.2f}"),
        lambda: none(f"{f:.2f}/{f + 0.3:.2f}"),
        lambda: none("-0.6"),
        lambda: exact("/", None),
        lambda: none("6角"),
        lambda: guess(f"约{f:.2f}元", 0.8 * f, 1.2 * f),
        lambda: none(f"{f:.2f}万元"),
    ]
    return rng.choice(tries)()


def two_numbers(first: int, second: int) -> Cell:
    """Two numbers in one cell, no value; unless they are written as one number's groups of three are."""
    text = f"{first} {second}"
    joined = 1000 * first + second
    return guess(text, joined, joined) if first < 1000 and 100 <= second < 1000 else none(text)


def share_column(rng: random.Random, n: int) -> list[Cell]:
    """A whole column of shares: what a plain number means depends on the others."""
    kind = rng.choice(("fractions", "per cents", "signs", "fractions, one per cent", "both"))
    cells: list[Cell] = []
    for _ in range(n):
        s = rng.randint(15, 99) / 100
        fraction, plain = exact(s, s), exact(round(100 * s), s)
        of_kind = {
            "fractions": lambda a=fraction: a,
            "fractions, one per cent": lambda a=fraction: (a[0], Meant("clerk", a[1].value)),
            "per cents": lambda b=plain: b,
            "signs": lambda s=s: exact(f"{100 * s:.0f}%", s),
            "both": lambda a=fraction, b=plain: rng.choice(((a[0], Meant("clerk", a[1].value)), b)),
        }[kind]
        cells.append(
            rng.choice(
                (
                    of_kind,
                    of_kind,
                    of_kind,
                    lambda s=s: exact(f"{100 * s:.0f}%", s),
                    lambda s=s: exact(f"{100 * s:.0f}％", s),
                    lambda s=s: exact(f"{100 * s:.1f} %", s),
                    lambda: none(">90%"),
                    lambda: none("120%"),
                    lambda: none("-5%"),
                    lambda: none("高"),
                    lambda: guess("约80%", 0.7, 0.9),
                    lambda: guess("八成", 0.75, 0.85),
                    lambda: guess("80-90%", 0.8, 0.9),
                    lambda: exact("—", None),
                    lambda: none(True),
                    lambda: none("80户"),
                )
            )()
        )
    place = rng.randrange(n)
    if kind == "fractions, one per cent":
        cells[place] = clerk(85, 0.85)
    elif kind == "per cents":
        cells[(place + 1) % n] = exact(85, 0.85)  # or nothing in the column speaks of per cents
        cells[place] = rng.choice((guess(1, 0.01, 1), guess("1", 0.01, 1), guess(0.5, 0.005, 0.5)))
    return cells


# --- years --------------------------------------------------------------------------------------


def year(rng: random.Random) -> Cell:
    """A year built: exact, or an interval of which the stored bounds must keep both ends."""
    y = rng.randint(1950, 2020)
    later = y + rng.randint(1, 4)
    decade = rng.choice((1950, 1960, 1970, 1980, 1990))
    han = "".join("〇一二三四五六七八九"[int(c)] for c in str(y))
    month, day = rng.randint(1, 12), rng.randint(1, 28)
    two = f"{y % 100:02d}"
    serial = (datetime.date(y, month, day) - datetime.date(1899, 12, 30)).days
    after, before, between = Meant("after", y), Meant("before", y), Meant("between", None, y, later)
    tries: list[Callable[[], Cell]] = [
        lambda: exact(y, y),
        lambda: exact(float(y), y),
        lambda: exact(str(y), y),
        lambda: exact(f"{y}年", y),
        lambda: exact(f"{y}年建成", y),
        lambda: exact(f"建于{y}年", y),
        lambda: exact(f"{y}.0", y),
        lambda: exact(wide(str(y)), y),
        lambda: exact(f"{y}年{month}月", y),
        lambda: exact(f"{y}-{month:02d}-{day:02d}", y),
        lambda: exact(f"{y}/{month}/{day}", y),
        lambda: exact(datetime.datetime(y, month, day), y),
        lambda: exact(f"{y}{month:02d}", y),
        lambda: exact(f"{y}年底", y),
        lambda: exact(f"{y}.{month}", y),
        lambda: clerk(f"{han}年", y),
        lambda: clerk(f"{y}{month:02d}{day:02d}", y),
        lambda: clerk(f"{two}年", y) if 1950 <= y < 2000 else exact(y, y),
        lambda: guess(serial, y, y) if y > 1957 else exact(y, y),
        lambda: (f"{y}年后", after),
        lambda: (f"{y}年以后", after),
        lambda: (f"{y}后", after),
        lambda: (f"{y}年之后建成", after),
        lambda: (f"{y}年前", before),
        lambda: (f"{y}年以前", before),
        lambda: (f"{y}年之前", before),
        lambda: (f"{y}年底前", Meant("before", y + 1)),
        lambda: (f"{y}年及以后", Meant("after", y - 1)),
        lambda: (f"{decade % 100}年代", Meant("between", None, decade, decade + 9)),
        lambda: (f"{decade}年代", Meant("between", None, decade, decade + 9)),
        lambda: (f"上世纪{'五六七八九'[decade // 10 % 10 - 5]}十年代", Meant("between", None, decade, decade + 9)),
        lambda: (f"{decade % 100}年代末", Meant("between", None, decade + 6, decade + 9)),
        lambda: (f"{decade % 100}年代初", Meant("between", None, decade, decade + 3)),
        lambda: (f"{later}-{y}", Meant("between", None, y, later)),
        lambda: (f"{y}或{later}年", between),
        lambda: (f"{y}-{later}", Meant("phases", None, y, later)),
        lambda: (f"{y}—{later}年", Meant("phases", None, y, later)),
        lambda: (f"{y}/{later}", Meant("phases", None, y, later)),
        lambda: (f"{y}至{later}年", Meant("phases", None, y, later)),
        lambda: (
            (f"{y}～{later % 100:02d}年", Meant("phases", None, y, later)) if later // 100 == y // 100 else exact(y, y)
        ),
        lambda: clerk(f"{y + 25 if y < 1999 else 2024}改造{y}", y),
        lambda: clerk(f"{y}年建，{min(y + 20, 2025)}年改造", y),
        lambda: (f"约{y}年", Meant("between", None, y, y)),
        lambda: (f"{y}?", Meant("between", None, y, y)),
        lambda: none(f"{rng.randint(1, 45)}年" if rng.random() < 0.5 else "5年"),
        lambda: none(2035),
        lambda: none("2100"),
        lambda: none(f"2{rng.choice('oO')}05"),
        lambda: none("1899"),
        lambda: none("90后"),
        lambda: none("较早"),
        lambda: none(f"{y}年改造"),
        lambda: none("2040年后"),
        lambda: none(f"{y}0"),
        lambda: none("2 3"),
        lambda: none(y % 100),
        lambda: none(True),
        lambda: none(f"{y}-"),
        lambda: none(f"{y}.75"),
        lambda: exact("未知", None),
        lambda: none(f"{y}元"),
        lambda: ("解放前", Meant("before", 1950)),
    ]
    cell, meant = rng.choice(tries)()
    if isinstance(cell, str) and cell.startswith("0") and cell.endswith("年"):
        return none("5年")
    return cell, meant


# --- days, yes and no, codes, words -------------------------------------------------------------


def past_day(rng: random.Random) -> Cell:
    return some_day(rng, datetime.date(1990, 1, 1), datetime.date(2024, 12, 28), ahead=False)


def last_day(rng: random.Random) -> Cell:
    return some_day(rng, datetime.date(2010, 1, 1), datetime.date(2040, 12, 28), ahead=True)


def some_day(rng: random.Random, first: datetime.date, last: datetime.date, *, ahead: bool) -> Cell:
    d = first + datetime.timedelta(days=rng.randrange((last - first).days))
    iso = d.isoformat()
    time = f"{rng.randint(0, 23)}:{rng.randint(0, 59):02d}"
    month = (d.replace(day=1).isoformat(), f"{d.year}-{d.month:02d}-28")
    tries: list[Callable[[], Cell]] = [
        lambda: exact(iso, iso),
        lambda: exact(datetime.datetime(d.year, d.month, d.day), iso),
        lambda: exact(f"{d.year}年{d.month}月{d.day}日", iso),
        lambda: exact(f"{d.year}/{d.month}/{d.day}", iso),
        lambda: exact(f"{d.year}.{d.month}.{d.day}", iso),
        lambda: exact(f"{d:%Y%m%d}", iso),
        lambda: exact(wide(iso), iso),
        lambda: exact(f"{d.year}-{d.month}-{d.day} {time}", iso),
        lambda: exact(f"{iso} {time}:07", iso),
        lambda: exact(f" {d.year} 年 {d.month} 月 {d.day} 日 ", iso),
        lambda: (f"{d.year}年{d.month}月", Meant("day", month)),
        lambda: (f"{d.year}.{d.month}", Meant("day", month)),
        lambda: (f"{d.year}年", Meant("day", (f"{d.year}-01-01", f"{d.year}-12-31"))),
        lambda: ((d - datetime.date(1899, 12, 30)).days, Meant("day", (iso, iso))),
        lambda: none(f"{d.year}.13.1"),
        lambda: none(f"{d.year}-02-30"),
        lambda: none(f"{d.year}-{d.month}-32"),
        lambda: ("长期", Meant("day", ("2100-12-31", "2100-12-31"))) if ahead else none("长期"),
        lambda: none(f"{d.day}/{d.month}/{d.year}"),
        lambda: none(f"{d.year % 100}.{d.month}.{d.day}"),
        lambda: none("1900-01-01"),
        lambda: none("2204-05-01"),
        lambda: (exact if ahead else lambda cell, _: none(cell))(f"{iso}至{d.year + 3}-01-01", f"{d.year + 3}-01-01"),
        lambda: none("三年"),
        lambda: none("3年"),
        lambda: none(float(f"{d.year}.1")),
        lambda: exact("-", None),
        lambda: none(True),
        lambda: none("去年"),
    ]
    if not ahead:
        tries.append(lambda: none("2035-01-01"))
    return rng.choice(tries)()


def yes_no(rng: random.Random, yes: tuple[str, ...], no: tuple[str, ...], neither: tuple[str, ...]) -> Cell:
    tries: list[Callable[[], Cell]] = [
        lambda: exact(rng.choice(("是", "√", "有", "Y", "yes", "1", 1, 1.0, True, "✔", " 是 ", "TRUE", *yes)), True),
        lambda: exact(rng.choice(("否", "×", "无", "N", "no", "0", 0, 0.0, False, "没有", "FALSE", *no)), False),
        lambda: none(
            rng.choice(
                (
                    "是（部分）",
                    "√?",
                    "不清楚",
                    "不确定",
                    "待定中",
                    "2",
                    "部分",
                    "无法确认",
                    "是/否",
                    "有待",
                    "90%",
                    *neither,
                )
            )
        ),
        lambda: exact(rng.choice(("—", "", "不详", None)), None),
    ]
    return rng.choice(tries)()


def filed(rng: random.Random) -> Cell:
    return yes_no(
        rng, ("已备案",), ("未备案", "尚未备案", "没备案"), ("备案中", "已注销", "无需备案", "正在备案", "已撤销")
    )


def in_service(rng: random.Random) -> Cell:
    return yes_no(
        rng,
        ("在用", "正常", "已启用", "使用中"),
        ("停用", "已停用", "报废", "已拆除", "未启用", "损坏"),
        ("未停用", "无故障", "维修中", "未损坏", "不停用"),
    )


def blacklisted(rng: random.Random) -> Cell:
    return yes_no(
        rng, ("已列入", "列入黑名单"), ("未列入", "未列入黑名单"), ("已移出", "已移出黑名单", "曾列入", "已解除")
    )


def code(rng: random.Random) -> Cell:
    n = rng.randint(10**8, 10**12)
    text = f"{n}"
    long = rng.randint(10**17, 10**18 - 1)
    return rng.choice(
        (
            lambda: exact(text, text),
            lambda: exact("00" + text, "00" + text),
            lambda: exact(float(n), text),
            lambda: exact(n, text),
            lambda: exact(f"{text}.0", text),
            lambda: exact(wide(text), text),
            lambda: exact(f" {text}\n", text),
            lambda: exact(f"'{text}", text),
            lambda: exact(f"XQ-{n % 10**6:06d}", f"XQ-{n % 10**6:06d}"),
            lambda: none(float(long)),
            lambda: none(f"{long:.5E}".replace("E+17", "E+17")),
            lambda: exact("—", None),
        )
    )()


_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def social_credit(rng: random.Random) -> Cell:
    """GB 32100-2015: 17 signs weighted with 3^i mod 31, and the sign that makes the sum a multiple of 31."""
    body = "91" + "150203" + "".join(rng.choice(_SIGNS) for _ in range(9))
    total, weight = 0, 1
    for sign in body:
        total += _SIGNS.index(sign) * weight
        weight = weight * 3 % 31
    whole = body + _SIGNS[-total % 31]
    wrong = whole[:17] + _SIGNS[(_SIGNS.index(whole[17]) + rng.randint(1, 30)) % 31]
    at = rng.randint(8, 15)
    return rng.choice(
        (
            lambda: exact(whole, whole),
            lambda: exact(f" {whole} ", whole),
            lambda: clerk(whole.lower(), whole),
            lambda: clerk(wide(whole), whole),
            lambda: none(wrong),
            lambda: none(whole[:17]),
            lambda: none(whole + "0"),
            lambda: none(whole[:at] + rng.choice("IOSVZ") + whole[at + 1 :]),
            lambda: none("150203000012345"),
            lambda: none(9.115020300001234e17),
            lambda: exact("—", None),
            lambda: none("正在办理"),
        )
    )()


def mode(rng: random.Random) -> Cell:
    words = {
        "professional": ("专业物业", "市场化物业"),
        "standard_grade": ("标准物业服务",),
        "quasi": ("准物业",),
        "basic": ("基础物业",),
        "community_custody": ("社区代管", "社区托管", "居委会代管", "街道兜底"),
        "owner_self": ("业主自治", "居民自治"),
        "unit_self": ("产权单位自管", "产权单位代管"),
        "emergency_only": ("应急托管",),
        "none": ("无物业", "弃管", "失管"),
    }
    key = rng.choice(list(words))
    word = rng.choice(words[key])
    return rng.choice(
        (
            lambda: exact(word, key),
            lambda: exact(f" {word}\n", key),
            lambda: exact(key, key),
            lambda: exact("—", None),
            lambda: none("甲类"),
            lambda: none("3"),
        )
    )()


def address(rng: random.Random) -> Cell:
    place = f"钢铁大街{rng.randint(1, 400)}号"
    phone = f"1{rng.choice('3578')}{rng.randint(10**8, 10**9 - 1)}"
    return rng.choice(
        (
            lambda: exact(place, place),
            lambda: exact(f"  {place}\n", place),
            lambda: exact("—", None),
            lambda: exact(f"{place} {phone}", place),
        )
    )()


# --- importing and judging ----------------------------------------------------------------------

COLUMNS: dict[str, tuple[str, str, str, Maker]] = {
    "count: households": ("communities", "户数", "households", households),
    "count: buildings": ("communities", "楼栋数", "building_count", buildings),
    "count: storeys": ("buildings", "地上层数", "floors_above", floors),
    "count: ports": ("ebike_sites", "充电端口", "ports", ports),
    "count: piles": ("ebike_sites", "充电桩数", "piles", piles),
    "count: staff": ("companies", "从业人员", "staff_total", staff),
    "area under ㎡": ("communities", "占地面积(㎡)", "land_area_m2", area_m2),
    "area under 万㎡": ("communities", "建筑面积（万㎡）", "floor_area_m2", area_10_000_m2),
    "fee": ("communities", "物业费（元/㎡·月）", "fee_yuan_m2_month", fee),
    "share": ("communities", "收缴率", "collection_rate", households),
    "year of communities": ("communities", "建成年份", "built_year", year),
    "year of buildings": ("buildings", "建成年份", "built_year", year),
    "day that is past": ("owners_bodies", "成立日期", "established_date", past_day),
    "day that may come": ("contracts", "到期日期", "end_date", last_day),
    "yes/no: filed": ("contracts", "是否备案", "filed", filed),
    "yes/no: in service": ("ebike_sites", "是否在用", "in_service", in_service),
    "yes/no: blacklist": ("companies", "黑名单", "blacklisted", blacklisted),
    "code": ("communities", "小区编码", "external_code", code),
    "social credit code": ("companies", "统一社会信用代码", "uscc", social_credit),
    "code list: mode": ("communities", "管理方式", "management_mode", mode),
    "text": ("communities", "详细地址", "address", address),
}
"""Kinds of columns: layer, header, field, and who makes a cell of it."""


def column_of(kind: str, rng: random.Random, n: int) -> list[Cell]:
    if kind == "share":
        return share_column(rng, n)
    return [COLUMNS[kind][3](rng) for _ in range(n)]


def imported(kind: str, cells: list[Cell], book: Path | None) -> PreparedLayer:
    """The column beside names, read as an import does; through a real book where one is named."""
    layer, header, _, _ = COLUMNS[kind]
    name = {"communities": "小区名称", "companies": "企业名称", "buildings": "楼栋名称"}.get(layer, "备注名")
    names = [f"第{chr(0x4E00 + i)}号" for i in range(len(cells))]
    if book is None:
        frame = pd.DataFrame({name: names, header: [c for c, _ in cells]}, dtype=object)
        raw = RawLayer("cells.xlsx", frame, np.arange(2, len(cells) + 2))
    else:
        with xlsxwriter.Workbook(book) as made:
            sheet = made.add_worksheet("台账")
            day, percent = (made.add_format({"num_format": f}) for f in ("yyyy-mm-dd", "0.0%"))
            sheet.write_row(0, 0, [name, header])
            for row, (cell, meant) in enumerate(cells, 1):
                sheet.write(row, 0, names[row - 1])
                if isinstance(cell, datetime.datetime):
                    sheet.write_datetime(row, 1, cell, day)
                elif isinstance(cell, bool):
                    sheet.write_boolean(row, 1, cell)
                elif isinstance(cell, int | float):
                    sheet.write_number(row, 1, cell, percent if meant.style == "percent" else None)
                elif cell is not None:
                    sheet.write_string(row, 1, cell)
        (raw,) = read_file(book, limits=ReadLimits())
    return prepare_layer(raw, ImportOptions(layer=layer))


def judged(kind: str, prepared: PreparedLayer, cells: list[Cell]) -> Iterator[tuple[str, Any, Meant, Any]]:
    """Outcome, cell, meaning and what was stored, of each cell."""
    _, header, field, _ = COLUMNS[kind]
    told = {f.row for f in prepared.findings if f.column == header and f.severity != "info"}
    frame = prepared.frame
    for place, (cell, meant) in enumerate(cells):
        row = {name: frame[name].iloc[place] for name in frame.columns}
        is_told = int(prepared.rows[place]) in told
        is_estimate = row.get(f"{field}_quality", "estimated" if is_told else None) == "estimated"
        stored = None if pd.isna(row[field]) else row[field]
        yield outcome(meant, stored, row, is_told, is_estimate), cell, meant, stored


def outcome(meant: Meant, stored: Any, row: dict[str, Any], told: bool, estimate: bool) -> str:
    if meant.sort in ("after", "before", "between", "phases"):
        return interval_outcome(meant, row, told)
    if stored is None:
        if meant.value is None and meant.sort == "exact":
            return "right"
        return "told missing" if told and meant.sort != "exact" else "SILENT"
    if meant.sort in ("exact", "clerk"):
        return "right" if is_same(stored, meant.value) else "SILENT"
    if not told or meant.sort == "none":
        return "SILENT"
    if meant.sort == "day":
        return "told estimated" if meant.value[0] <= stored <= meant.value[1] else "SILENT"
    inside = (meant.low is None or stored >= meant.low - 1e-9) and (meant.high is None or stored <= meant.high + 1e-9)
    is_fixed = meant.low == meant.high
    return "told estimated" if inside and (estimate or is_fixed) else "SILENT"


def is_same(stored: Any, value: Any) -> bool:
    if isinstance(value, bool) or isinstance(stored, bool | np.bool_):
        return bool(stored == value) and isinstance(stored, bool | np.bool_)
    if isinstance(value, int | float) and isinstance(stored, int | float):
        return abs(stored - value) <= 1e-6 * max(1.0, abs(value))
    return bool(stored == value)


def interval_outcome(meant: Meant, row: dict[str, Any], told: bool) -> str:
    """An interval is kept if no year that was meant is outside; a year inside it is an estimate."""
    stored, low, high = (
        None if pd.isna(row.get(n)) else row[n] for n in ("built_year", "built_year_from", "built_year_to")
    )
    if not told:
        return "SILENT"
    if stored is None and low is None and high is None:
        return "told missing"
    if meant.sort == "phases":  # the first decides
        return "right" if (stored, low, high) == (meant.low, meant.low, meant.high) else "SILENT"
    if meant.sort == "after":
        is_kept = high is None and low is not None and meant.value <= low <= meant.value + 1
        return "told estimated" if is_kept and stored is None else "SILENT"
    if meant.sort == "before":
        is_kept = low is None and high is not None and meant.value - 1 <= high <= meant.value
        return "told estimated" if is_kept and stored is None else "SILENT"
    is_kept = low is not None and high is not None and low <= meant.low and high >= meant.high
    is_guess = stored is None or (low <= stored <= high and row["built_year_quality"] == "estimated")
    return "told estimated" if is_kept and is_guess else "SILENT"


def fuzz(cells_a_kind: int, seed: int, *, books: bool = True) -> tuple[dict[str, Counter[str]], list[str]]:
    """Cells of every kind imported and judged.

    Returns
    -------
    Outcomes by kind of column, and a line for each silent misreading.
    """
    table: dict[str, Counter[str]] = {}
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for kind in COLUMNS:
            rng = random.Random(f"{seed} {kind}")
            counts = table[kind] = Counter()
            number = 0
            while sum(counts.values()) < cells_a_kind:
                number += 1
                n = min(ROWS, cells_a_kind) if kind != "share" else 20
                cells = column_of(kind, rng, n)
                book = Path(folder) / f"{number}.xlsx" if books and number % 4 == 0 else None
                if book is not None:
                    cells = [as_in_book(kind, one, rng) for one in cells]
                for result, cell, meant, stored in judged(kind, imported(kind, cells, book), cells):
                    counts[result] += 1
                    if result == "SILENT":
                        wrong.append(f"{kind}: {cell!r} meant {meant}, stored {stored!r}{' (book)' if book else ''}")
    return table, wrong


def as_in_book(kind: str, one: Cell, rng: random.Random) -> Cell:
    """Shares get the per cent format now and then; a cell of a book has no blank text."""
    _, meant = one
    if kind == "share" and meant.sort == "exact" and isinstance(meant.value, float) and rng.random() < 0.5:
        return meant.value, Meant("exact", meant.value, style="percent")
    return one


def main() -> None:
    """Print the table; exit 1 where anything was misread in silence."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, default=1_000, help="cells of each kind of column")
    parser.add_argument("--books", type=int, default=200, help="workbooks put together at random")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    table, wrong = fuzz(options.cells, options.seed)
    lines = [
        "| column | cells | right | told missing | told estimated | silent misreadings |",
        "|---|---|---|---|---|---|",
    ]
    for kind, counts in (*table.items(), ("all", sum(table.values(), Counter()))):
        figures = " | ".join(str(counts[name]) for name in OUTCOMES)
        lines.append(f"| {kind} | {sum(counts.values())} | {figures} |")
    in_books = run_books(options.books, options.seed)
    lines.append(f"\n{options.books} workbooks, {len(in_books)} sums or counts not the maker's")
    wrong = [*wrong, *in_books]
    sys.stdout.write("\n".join((*lines, *wrong[:60])) + "\n")
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
