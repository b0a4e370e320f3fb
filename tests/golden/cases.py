"""Which commands are recorded, in the order in which they are run, and which files they write."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

COMMANDS = (
    (),
    ("demo",),
    ("import",),
    ("osm",),
    ("fetch",),
    ("check",),
    ("graph",),
    ("plan",),
    ("propose",),
    ("solve",),
    ("verify",),
    ("explain",),
    ("compare",),
    ("repair",),
    ("snapshot",),
    ("indicators",),
    ("export",),
    ("import-plan",),
    ("verify-export",),
    ("replay",),
    ("serve",),
    ("backup",),
    ("restore",),
    ("policy",),
    ("policy", "check"),
    ("roster",),
    ("roster", "freeze"),
    ("charging",),
    ("override",),
    ("override", "add"),
    ("override", "list"),
)
INSTANCES = (
    "sap_zy_13a",
    "sap_gy2_18a",
    "sap_gy_37a",
    "choose_zya1",
    "choose_gyb1",
    "city200_s101_p1",
    "city200_s101_p2",
    "county_ID",
    "sjc1",
    "pmedcap1_01",
)
MIXED = ("{work}/mixed.json",)
ROUNDS = ("--rounds", "20", "--seed", "0", "--workers", "1")


@dataclass(frozen=True)
class Case:
    """One command, and what of its result is recorded.

    Parameters
    ----------
    name
        Of the record; also of the text file where `text` is kept.
    arguments
        Of `pianqu`. Paths begin with `{work}`, the folder the run works in, or `{shared}`.
    outputs
        Files and folders it writes, beginning with `{work}`.
    keeps_text
        Whether what it prints is kept as a file, to be read where it differs.
    prepare
        Writes what the command needs; it is given the folder the run works in.
    reads
        Files beginning with `{work}` that are read to prepare it, beside those among `arguments`.
    """

    name: str
    arguments: tuple[str, ...]
    outputs: tuple[str, ...] = ()
    keeps_text: bool = False
    prepare: Callable[[Path], None] | None = None
    reads: tuple[str, ...] = ()


def list_cases(*, city: bool, shared: Path | None) -> Iterator[Case]:
    """Every case; those of the city and of the shared instances only when they are wanted."""
    for command in COMMANDS:
        yield Case("-".join(("help", *command)), (*command, "--help"), keeps_text=True)
    yield from _town("small")
    yield from _plans("small")
    if city:
        yield from _town("city")
        yield Case("city-plan", _plan("city", "city-mixed", "--mode", "mixed"), ("{work}/city-mixed.json",))
        yield _json("city-verify", "verify", "{work}/city", "{work}/city-mixed.json")
    for name in INSTANCES if shared else ():
        out = f"{{work}}/{name}.json"
        yield Case(
            f"solve-{name}", ("solve", f"{{shared}}/bench/instances/{name}.npz", *ROUNDS[:4], "--out", out), (out,)
        )


def with_needed(cases: Sequence[Case], wanted: Callable[[Case], bool]) -> list[Case]:
    """The cases that are wanted, and all earlier ones that write what these read, in the order of `cases`.

    Parameters
    ----------
    cases
        In the order in which they are run.
    wanted
        Tells of a case whether it is asked for.
    """
    chosen: list[Case] = []
    read: set[str] = set()
    for case in reversed(cases):
        if wanted(case) or read & {*case.outputs}:
            chosen.append(case)
            read |= {*case.arguments, *case.reads}
    return chosen[::-1]


def _town(size: str) -> Iterator[Case]:
    folder = f"{{work}}/{size}"
    yield Case(
        f"{size}-demo",
        ("demo", "--size", size, "--seed", "7", "--raw", f"{folder}-raw", "--into", folder),
        (f"{folder}-raw", folder),
    )
    yield Case(f"{size}-graph", ("graph", folder), (folder,))
    yield Case(f"{size}-check", ("check", folder), keeps_text=size == "small")


def _plans(size: str) -> Iterator[Case]:
    folder = f"{{work}}/{size}"
    for mode in ("area", "lead", "whole", "mixed"):
        out = f"{{work}}/{mode}.json"
        yield Case(f"plan-{mode}", _plan(size, mode, "--mode", mode), (out,), keeps_text=True)
        yield _json(f"verify-{mode}", "verify", folder, out)
    yield Case(
        "plan-locked",
        _plan(size, "locked", "--mode", "mixed", "--lock", "{work}/locks.json"),
        ("{work}/locked.json",),
        prepare=_write_locks,
        reads=MIXED,
    )
    yield Case(
        "plan-started",
        _plan(
            size, "started", "--mode", "mixed", "--start", "{work}/lead.json", "--objective", "walking=1,closeness=500"
        ),
        ("{work}/started.json",),
    )
    for aim in ("walking,compact", "areas,walking", "staffing,walking", "border", "preferences,walking"):
        name = f"aim-{aim.replace(',', '-')}"
        yield Case(f"plan-{name}", _plan(size, name, "--mode", "whole", "--objective", aim), (f"{{work}}/{name}.json",))
    yield _json("compare", "compare", folder, "{work}/lead.json", "{work}/mixed.json")
    yield Case("explain-area", ("explain", folder, "{work}/mixed.json", "{unit}"), keeps_text=True)
    yield _json("explain-left-over", "explain", folder, "{work}/mixed.json", "{left_over}")
    yield Case(
        "repair",
        ("repair", folder, "{work}/broken.json", "--out", "{work}/repaired.json"),
        ("{work}/repaired.json",),
        keeps_text=True,
        prepare=_break_plan,
        reads=MIXED,
    )
    for kind in ("json", "xlsx", "csv"):
        out = f"{{work}}/figures.{kind}"
        yield Case(
            f"indicators-{kind}",
            ("indicators", folder, "--by", "street", "--plan", "{work}/mixed.json", "--year", "2026", "--out", out),
            (out,),
        )
    yield Case(
        "export",
        ("export", folder, "{work}/mixed.json", "--format", "geojson", "--out", "{work}/export"),
        ("{work}/export",),
        keeps_text=True,
    )
    yield Case("replay", ("replay", "{work}/export", "--data", folder), keeps_text=True, reads=("{work}/export",))
    yield Case(
        "export-html",
        ("export", folder, "{work}/mixed.json", "--format", "html", "--out", "{work}/export-html"),
        ("{work}/export-html",),
    )
    yield _json("indicators-area", "indicators", folder, "--plan", "{work}/area.json", "--year", "2026")
    yield Case(
        "export-area",
        ("export", folder, "{work}/area.json", "--format", "geojson", "--out", "{work}/export-area"),
        ("{work}/export-area",),
    )
    yield Case("compare-area", ("compare", folder, "{work}/mixed.json", "{work}/area.json"), keeps_text=True)
    yield Case(
        "propose", ("propose", folder, *ROUNDS[:2], "--out", "{work}/proposals"), ("{work}/proposals",), keeps_text=True
    )
    yield Case(
        "import-permits",
        ("import", "{work}/permits.csv", "--into", folder, "--layer", "permits"),
        (folder,),
        keeps_text=True,
        prepare=_write_permits,
        reads=MIXED,
    )
    yield Case("plan-permits", _plan(size, "permitted", "--mode", "mixed"), ("{work}/permitted.json",))
    yield Case("snapshot", ("snapshot", folder, "2026-06", "--out", "{work}/month.txt"), ("{work}/month.txt",))


def _plan(size: str, name: str, *more: str) -> tuple[str, ...]:
    return ("plan", f"{{work}}/{size}", *ROUNDS, *more, "--out", f"{{work}}/{name}.json")


def _json(name: str, *arguments: str) -> Case:
    return Case(name, (*arguments, "--json"), keeps_text=True)


# --- what commands need -------------------------------------------------------------------------


def read_plan(work: Path, name: str) -> dict[str, object]:
    """A plan that an earlier case wrote."""
    return json.loads((work / f"{name}.json").read_text(encoding="utf-8"))


def _led_areas(work: Path) -> list[dict]:
    areas = read_plan(work, "mixed")["areas"]
    return [area for area in areas if area["anchor_unit_id"] and len(area["unit_ids"]) > 2]


def _write_locks(work: Path) -> None:
    first, second, third = _led_areas(work)[:3]
    members = [unit for unit in second["unit_ids"] if unit != second["anchor_unit_id"]]
    locks = [
        {"kind": "area_kept", "unit_ids": first["unit_ids"], "anchor_unit_id": first["anchor_unit_id"]},
        {"kind": "in_area", "unit_id": members[0], "with_unit_id": second["anchor_unit_id"]},
        {"kind": "apart", "unit_ids": members[:2]},
        {"kind": "out", "unit_id": third["unit_ids"][-1], "note": "拆迁"},
    ]
    (work / "locks.json").write_text(json.dumps({"locks": locks}, ensure_ascii=False), encoding="utf-8")


def _break_plan(work: Path) -> None:
    plan = read_plan(work, "mixed")
    first, second = plan["areas"][:2]
    unit = next(unit for unit in second["unit_ids"] if unit != second["anchor_unit_id"])
    second["unit_ids"].remove(unit)
    first["unit_ids"].append(unit)
    (work / "broken.json").write_text(json.dumps(plan, ensure_ascii=False), encoding="utf-8")


def _write_permits(work: Path) -> None:
    streets = sorted({area["street_code"] for area in read_plan(work, "mixed")["areas"] if area["street_code"]})
    rows = ["许可编号,许可类型,街道甲,街道乙,理由,批准人", f"P1,跨街道,{streets[0]},{streets[1]},道路改线,演示"]
    (work / "permits.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
