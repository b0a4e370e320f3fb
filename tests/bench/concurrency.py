"""Everybody writes one dataset at once, and some are killed: ``python -m tests.bench.concurrency --rounds 50``.

Each round starts two to eight processes that import different rows into the same and different layers, change
different columns of the same rows, correct, permit, record talks, freeze rosters, keep months, build the graph, read,
and save versions of one plan; about a third is killed (SIGKILL) at a random moment. In every fifth round they are
whole command lines, otherwise forks of this process that begin with the file read already, so that they meet where it
matters. What a process said to be done before it died must be there at the end, an import is there whole or not at
all, figures follow from corrections, and every byte is proven. POSIX only.
"""

from __future__ import annotations

import argparse
import datetime
import json
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pandas as pd

import geo.importing.pipeline as importing
from analysis.policy import read_policy
from app.desks.corrections.overrides import list_corrections, store_corrections
from app.indicators.snapshots import take_snapshot
from app.planning.options import PlanOptions
from app.planning.run import make_plan
from app.store.errors import ConflictError
from app.store.store import open_store
from geo.adjacency.graph import refresh_graph
from geo.corrections.consultations import Consultation, add_consultation
from geo.corrections.model import Correction
from geo.errors import PlanningError
from geo.importing import ImportOptions, import_paths
from geo.readers import read_file
from geo.sandbox.processes import warm_up
from geo.storage.dataset import Dataset, check_hashes, freeze_roster, open_dataset, read_consistently

ROOT = Path(__file__).resolve().parents[2]
BASE_ROWS, NEW_ROWS = 400, 25
KILLED, CLI_EVERY, MOST_S, SOON_S = 0.35, 5, 180.0, 0.1
TODAY = datetime.date.today().isoformat()


@dataclass
class Deed:
    """What one process is to do, and what is there if it did.

    Parameters
    ----------
    name
        Kind of deed.
    work
        Does it; returns what it was told, an id for instance.
    holds
        Whether it is there: (dataset, what the process was told) → bool.
    is_half
        Whether a part of it is there: it never may.
    command
        The same as a command line; None where there is none.
    """

    name: str
    work: Callable[[], Any]
    holds: Callable[[Dataset, Any], bool]
    is_half: Callable[[Dataset], bool] = lambda _: False
    command: tuple[str, ...] | None = None


@dataclass
class Office:
    """A dataset, its store of plans, and what is still untouched in them."""

    folder: Path
    work: Path
    plan: dict[str, Any]
    plan_id: str
    rng: random.Random
    rows: Iterator[int] = field(default_factory=lambda: iter(range(BASE_ROWS)))
    n: int = 0

    @property
    def store(self) -> str:
        return f"sqlite:///{self.work / 'plans.sqlite'}"

    def number(self) -> int:
        self.n += 1
        return self.n

    def unit(self) -> str:
        return code("基", next(self.rows) % BASE_ROWS)


def code(prefix: str, number: int) -> str:
    return f"{prefix}-{number:05d}"


def communities(prefix: str, n: int, at: int = 0) -> pd.DataFrame:
    numbers = range(n)
    return pd.DataFrame(
        {
            "小区编码": [code(prefix, k) for k in numbers],
            "小区名称": [f"{prefix}园{k}" for k in numbers],
            "户数": [100 + k for k in numbers],
            "经度": [round(109.8007 + 0.0021 * (k % 20) + 0.05 * (at % 9), 6) for k in numbers],
            "纬度": [round(40.6007 + 0.0021 * (k // 20) + 0.05 * (at // 9), 6) for k in numbers],
        }
    )


# --- deeds --------------------------------------------------------------------------------------


def rows_deed(office: Office) -> Deed:
    """New rows of the layer everybody imports into."""
    number = office.number()
    table = communities(f"新{number}", NEW_ROWS, at=number)
    there = set(table["小区编码"])
    return _import(
        office,
        f"rows-{number}",
        table,
        "communities",
        lambda dataset: len(there & set(dataset.layer("communities")["unit_id"])) / NEW_ROWS,
    )


def firms_deed(office: Office) -> Deed:
    """New rows of another layer."""
    number = office.number()
    ids = [code(f"企{number}", k) for k in range(NEW_ROWS)]
    table = pd.DataFrame({"企业编号": ids, "企业名称": [f"{one}物业有限公司" for one in ids]})
    return _import(
        office,
        f"firms-{number}",
        table,
        "companies",
        lambda dataset: len(set(ids) & set(dataset.layer("companies")["company_id"])) / NEW_ROWS,
    )


def permits_deed(office: Office) -> Deed:
    number = office.number()
    ids = [code(f"批{number}", k) for k in range(3)]
    table = pd.DataFrame(
        {
            "批准编号": ids,
            "类别": "cross_street",
            "单元甲": [code("基", k) for k in range(3)],
            "单元乙": [code("基", k + 20) for k in range(3)],
            "理由": "试",
            "批准日期": TODAY,
            "批准人": "张三",
            "文号": [f"{number}-{k}" for k in range(3)],
        }
    )
    return _import(
        office,
        f"permits-{number}",
        table,
        "permits",
        lambda dataset: len(set(ids) & set(dataset.layer("permits")["permit_id"])) / 3,
    )


def column_deed(office: Office, column: str, values: list[int], units: list[str]) -> Deed:
    """One column of rows whose other column somebody else changes."""
    number = office.number()
    header = {"households": "户数", "built_year": "建成年份"}[column]
    table = pd.DataFrame({"小区编码": units, "小区名称": _names(units), header: values})

    def share(dataset: Dataset) -> float:
        told = dataset.layer("communities").set_index("unit_id")[column].reindex(units)
        same = [pd.notna(a) and int(a) == b for a, b in zip(told, values, strict=True)]
        return sum(same) / len(units)

    return _import(office, f"{column}-{number}", table, "communities", share)


def _names(units: list[str]) -> list[str]:
    return [f"{one.partition('-')[0]}园{int(one.partition('-')[2])}" for one in units]


def _import(office: Office, name: str, table: pd.DataFrame, layer: str, share: Callable[[Dataset], float]) -> Deed:
    path = office.work / "in" / f"{name}.csv"
    table.to_csv(path, index=False)
    layers = read_file(path)
    policy = read_policy()

    def work() -> None:
        options = ImportOptions(layer=layer, datum="wgs84")
        with patch.object(importing, "read_file", lambda *_, **__: layers):
            import_paths([path], office.folder, options=options, unit_rules=policy.unit_rules())

    return Deed(
        f"import {name.partition('-')[0]}",
        work,
        holds=lambda dataset, _: share(dataset) == 1.0,
        is_half=lambda dataset: 0.0 < share(dataset) < 1.0,
        command=("import", str(path), "--into", str(office.folder), "--layer", layer, "--datum", "wgs84"),
    )


def override_deed(office: Office) -> Deed:
    unit, homes = office.unit(), str(1000 + office.number())
    told = Correction(
        "value", author="张三", reason="实地核对", date=TODAY, target=unit, field="households", value=homes
    )

    def kept(dataset: Dataset) -> tuple[bool, bool]:
        records = [r for r in list_corrections(dataset) if r["target_id"] == unit]
        units = dataset.layer("units").set_index("unit_id")["households"]
        return bool(records), int(units[unit]) == int(homes)

    return Deed(
        "override",
        lambda: store_corrections(office.folder, [told], read_policy()),
        holds=lambda dataset, _: kept(dataset) == (True, True),
        is_half=lambda dataset: len(set(kept(dataset))) == 2,
        command=(
            "override",
            "add",
            str(office.folder),
            "value",
            unit,
            "--author",
            "张三",
            "--reason",
            "实地核对",
            "--field",
            "households",
            "--value",
            homes,
        ),
    )


def talk_deed(office: Office) -> Deed:
    unit, note = office.unit(), f"第{office.number()}次"
    talk = Consultation(unit, "yes", "owners_consulted", "李四", TODAY, note)
    return Deed(
        "talk",
        lambda: add_consultation(open_dataset(office.folder), talk)[1],
        holds=lambda dataset, _: note in set(dataset.layer("consultations")["note"]),
    )


def roster_deed(office: Office) -> Deed:
    name = f"r{office.number()}"

    def half(dataset: Dataset) -> bool:
        return name in dataset.rosters() and len(dataset.roster(name)) < BASE_ROWS

    return Deed(
        "roster",
        lambda: freeze_roster(open_dataset(office.folder), name) and None,
        holds=lambda dataset, _: name in dataset.rosters(),
        is_half=half,
        command=("roster", "freeze", str(office.folder), name),
    )


def month_deed(office: Office) -> Deed:
    """Months of one name: everybody gets a revision of their own."""

    def holds(dataset: Dataset, roster: Any) -> bool:
        is_listed = roster in set(dataset.layer("snapshots")["roster"])
        return is_listed and roster in dataset.rosters()

    def half(dataset: Dataset) -> bool:
        listed = list(dataset.layer("snapshots")["roster"])
        return len(set(listed)) < len(listed) or not set(listed) <= set(dataset.rosters())

    return Deed("month", lambda: take_snapshot(office.folder, "2026-11", read_policy()).roster, holds, half)


def graph_deed(office: Office) -> Deed:
    def work() -> None:
        refresh_graph(open_dataset(office.folder), read_policy().neighbour_rules())

    return Deed("graph", work, lambda dataset, _: dataset.has("edges"), command=("graph", str(office.folder)))


def read_deed(office: Office) -> Deed:
    """A reader sees one version: every community is a unit, every correction is followed."""

    def look(dataset: Dataset) -> bool:
        units = set(dataset.layer("units")["unit_id"])
        ids = set(dataset.layer("communities")["unit_id"])
        return ids <= units and len(dataset.layer("joins")) >= 0

    def work() -> None:
        for _ in range(12):
            assert read_consistently(office.folder, look), "a reader saw layers of two versions"

    return Deed("read", work, lambda *_: True)


def save_deed(office: Office) -> Deed:
    """The next version of a plan, from whatever is the newest: a conflict is told and tried again."""
    seed, address = office.number(), office.store

    def work() -> str:
        store = open_store(address)
        while True:
            newest = store.versions(office.plan_id)[0]
            document = {**store.document(newest.id), "seed": seed}
            try:
                return store.save(office.plan_id, newest.number, document, "王五").id
            except ConflictError:
                continue

    def versions() -> list[Any]:
        store = open_store(address)
        found = store.versions(office.plan_id)
        store.close()
        return found

    def half(_: Dataset) -> bool:
        numbers = [version.number for version in versions()]
        return numbers != list(range(len(numbers), 0, -1))

    return Deed("save", work, lambda _, told: told in {v.id for v in versions()}, half)


def deeds_of(office: Office) -> list[Deed]:
    rng = office.rng
    makers = [
        rows_deed,
        firms_deed,
        permits_deed,
        override_deed,
        talk_deed,
        roster_deed,
        month_deed,
        graph_deed,
        read_deed,
        save_deed,
    ]
    found = [rows_deed(office), rng.choice([rows_deed, override_deed, save_deed])(office)]
    found += [rng.choice(makers)(office) for _ in range(rng.randint(0, 4))]
    if rng.random() < 0.4:
        units = [office.unit() for _ in range(4)]
        found += [
            column_deed(office, "households", [7000 + office.n] * 4, units),
            column_deed(office, "built_year", [1980 + office.n % 20] * 4, units),
        ]
    return found


# --- rounds -------------------------------------------------------------------------------------


def _child(deed: Deed, ack: Path, fault: Path) -> None:
    """In a process of its own: do it, say so, end."""
    try:
        told = deed.work()
        partial = ack.with_suffix(".part")
        partial.write_text(json.dumps(told), encoding="utf-8")
        os.replace(partial, ack)
    except PlanningError as error:
        fault.write_text(f"kind: {error.en}", encoding="utf-8")
    except BaseException:
        fault.write_text(traceback.format_exc(), encoding="utf-8")
    os._exit(0)


class Running:
    """One process doing a deed."""

    def __init__(self, deed: Deed, work: Path, number: int, *, is_cli: bool) -> None:
        self.deed = deed
        self.ack, self.fault = work / f"{number}.ack", work / f"{number}.fault"
        self.is_cli = is_cli and deed.command is not None
        self.is_killed = False
        if self.is_cli:
            assert deed.command is not None
            self.shell = subprocess.Popen(
                [sys.executable, "-m", "app.cli", *deed.command],
                cwd=ROOT,
                stdout=subprocess.DEVNULL,
                stderr=self.fault.open("wb"),
            )
            self.pid = self.shell.pid
        else:
            context = multiprocessing.get_context("fork")
            self.fork = context.Process(target=_child, args=(deed, self.ack, self.fault))
            self.fork.start()
            self.pid = self.fork.pid or 0

    def kill(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)
            self.is_killed = True

    def poll(self) -> int | None:
        return self.shell.poll() if self.is_cli else self.fork.exitcode

    def wait(self, most_s: float) -> None:
        end = time.monotonic() + most_s
        while self.poll() is None and time.monotonic() < end:
            time.sleep(0.02)
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)
            raise AssertionError(f"{self.deed.name} did not end in {most_s:.0f} s")

    def told(self) -> tuple[bool, Any]:
        """Whether it said that it is done, and what."""
        if self.is_cli:
            return self.poll() == 0, None
        return (True, json.loads(self.ack.read_text("utf-8"))) if self.ack.exists() else (False, None)

    def complaint(self) -> str | None:
        if self.is_killed or self.told()[0] or not self.fault.exists():
            return None
        return self.fault.read_text("utf-8", errors="replace") or None


def new_office(work: Path, seed: int) -> Office:
    """A dataset with a plan, and its store."""
    folder = work / "city"
    (work / "in").mkdir(parents=True)
    base = work / "in" / "base.csv"
    communities("基", BASE_ROWS).to_csv(base, index=False)
    policy = read_policy()
    import_paths(
        [base], folder, options=ImportOptions(layer="communities", datum="wgs84"), unit_rules=policy.unit_rules()
    )
    plan = make_plan(folder, policy, PlanOptions(mode="whole", rounds=1, lower=1, upper=100_000))
    store = open_store(f"sqlite:///{work / 'plans.sqlite'}")
    plan_id = store.create_plan("方案", plan, "王五").plan_id
    store.close()
    return Office(folder, work, plan, plan_id, random.Random(seed))


def run_round(office: Office, number: int, done: list[tuple[Deed, Any]], counts: Counter[str]) -> None:
    """One round; what was acknowledged is added to `done`.

    Raises
    ------
    AssertionError
        If something acknowledged is not there, something half is, or a process failed.
    """
    rng = office.rng
    deeds = deeds_of(office)
    is_cli = number % CLI_EVERY == CLI_EVERY - 1
    work = Path(tempfile.mkdtemp(dir=office.work))
    running = [Running(deed, work, k, is_cli=is_cli) for k, deed in enumerate(deeds)]
    victims = [one for one in running if rng.random() < KILLED]
    began = time.monotonic()
    moments = [rng.uniform(0.0, 12.0 if is_cli else 2.5) for _ in victims]
    if moments:  # one of them dies at its work for certain
        moments[0] = min(moments[0], SOON_S)
    for at, victim in sorted(zip(moments, range(len(victims)), strict=True)):
        time.sleep(max(0.0, at - (time.monotonic() - began)))
        victims[victim].kill()
    for one in running:
        one.wait(MOST_S)
    for one in running:
        counts["processes"] += 1
        counts["command lines"] += one.is_cli
        counts["killed"] += one.is_killed
        is_done, told = one.told()
        counts["acknowledged"] += is_done
        counts["killed after the word"] += one.is_killed and is_done
        if is_done:
            done.append((one.deed, told))
            counts[f"  {one.deed.name}"] += 1
        complaint = one.complaint()
        if complaint and complaint.startswith("kind:"):
            counts["refused with a sentence"] += 1
            sys.stdout.write(f"  {one.deed.name}: {complaint}\n")
        elif complaint:
            raise AssertionError(f"round {number}: {one.deed.name} failed\n{complaint}")
    check(office, number, done, [one.deed for one in running])


def check(office: Office, number: int, done: list[tuple[Deed, Any]], tried: list[Deed]) -> None:
    """Everything acknowledged is there, nothing is half, every byte is proven."""
    dataset = open_dataset(office.folder)
    wrong = check_hashes(dataset)
    assert not wrong, f"round {number}: {wrong[0].en}"
    lost = [f"{deed.name} {told or ''}" for deed, told in done if not deed.holds(dataset, told)]
    assert not lost, f"round {number}: acknowledged and lost: {', '.join(lost)}"
    half = [deed.name for deed in tried if deed.is_half(dataset)]
    assert not half, f"round {number}: half done: {', '.join(half)}"
    units = set(dataset.layer("units")["unit_id"])
    assert set(dataset.layer("communities")["unit_id"]) <= units, f"round {number}: stale units"
    left = {path.name for path in office.folder.iterdir()} & {".pending", ".writer"}
    assert ".pending" not in left, f"round {number}: an unfinished write was left"


def run(rounds: int, seed: int, work: Path) -> Counter[str]:
    """All rounds on one dataset; counts of what was done."""
    warm_up()
    office = new_office(work, seed)
    done: list[tuple[Deed, Any]] = []
    counts: Counter[str] = Counter()
    began = time.monotonic()
    for number in range(rounds):
        run_round(office, number, done, counts)
        sys.stdout.write(f"round {number + 1}/{rounds}: {len(done)} acknowledged, all there\n")
        sys.stdout.flush()
    checked = subprocess.run(
        [sys.executable, "-m", "app.cli", "check", str(office.folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )
    assert checked.returncode == 0, checked.stderr
    dataset = open_dataset(office.folder)
    sys.stdout.write(
        f"{len(dataset.layer('communities'))} communities, {len(dataset.layer('companies'))} companies, "
        f"{len(dataset.layer('overrides'))} corrections, {len(dataset.rosters())} rosters; "
        f"pianqu check: 0; {time.monotonic() - began:.0f} s\n"
    )
    return counts


def main() -> None:
    """Run the rounds and tell the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="pianqu-at-once-"))
    counts = run(options.rounds, options.seed, work)
    for name, count in counts.items():
        sys.stdout.write(f"{name}: {count}\n")
    shutil.rmtree(work)


if __name__ == "__main__":
    main()
