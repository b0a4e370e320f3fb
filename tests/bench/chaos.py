"""Killed, full, cut short, set back, kept waiting: ``python -m tests.bench.chaos [--kills 50] [--only PART]``.

While planners save, the web server, the process of a planning run, and the database are killed again and again
(SIGKILL); the disk fills up; files are cut short; the clock jumps; clients that never end their requests hold
connections. What a planner was told is saved must be there at the end, once, in versions without gaps; no file may be
damaged without being named; and a backup must bring all of it back. Prints a table; exit code 1 if anything is lost.
POSIX only; full disks are small file systems in memory for root, else limits of file size.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from analysis.policy import read_policy
from app.desks.backup.backup import back_up
from app.desks.backup.restore import restore
from app.desks.corrections.overrides import store_corrections
from app.desks.plans.run_manager import PlanRunManager
from app.jobs.folder import jobs_in
from app.jobs.limits import JobLimits
from app.planning.options import PlanOptions
from app.planning.request import PlanRequest
from app.session.plan_session import PlanSession
from app.store.store import Store, open_store
from app.workbench.plans_on_disk import read_plan
from geo.corrections.model import Correction
from geo.errors import PlanningError
from geo.storage.dataset import check_hashes, open_dataset
from tests.app.store import writers
from tests.app.town import build_town
from tests.e2e.servers import Server
from tests.postgres import PostgreSQL, find_tools

RESTORE_S = 60.0
SLOW_CLIENTS = 300


@dataclass
class Row:
    """What came of one kind of fault.

    Parameters
    ----------
    what
        Kind of fault.
    faults
        How often.
    acknowledged
        Saves of which a planner was told.
    refused
        Saves refused with a sentence, or of which nothing was heard.
    lost
        Acknowledged saves that are not there.
    damaged
        Files damaged, or faults that nobody named.
    note
        What else is to be told.
    """

    what: str
    faults: int = 0
    acknowledged: int = 0
    refused: int = 0
    lost: int = 0
    damaged: int = 0
    note: str = ""

    @property
    def is_well(self) -> bool:
        return not (self.lost or self.damaged)


@dataclass
class Planners:
    """Planners who save, each a plan of their own, version upon version, until told to end."""

    acknowledged: list[str] = field(default_factory=list)
    refused: int = 0
    faults: list[str] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def at_work(self, work: Callable[[int], None], n: int = 4) -> Iterator[Planners]:
        def begin(number: int) -> None:
            try:
                work(number)
            except Exception as error:
                self.faults.append(f"{type(error).__name__}: {error}")

        threads = [threading.Thread(target=begin, args=(number,)) for number in range(n)]
        for one in threads:
            one.start()
        try:
            yield self
        finally:
            self.is_over.set()
            for one in threads:
                one.join(120)
        assert not self.faults, self.faults

    def wait_for(self, more: int, most_s: float = 60.0) -> None:
        """Until so many more saves are acknowledged."""
        wanted, until = len(self.acknowledged) + more, time.monotonic() + most_s
        while len(self.acknowledged) < wanted and not self.faults and time.monotonic() < until:
            time.sleep(0.01)


def save_into(store: Store, document: dict[str, Any], planners: Planners) -> Callable[[int], None]:
    """A planner who saves straight into the store, as the server does."""

    def work(number: int) -> None:
        plan_id, seed = None, 1000 * number
        while not planners.is_over.is_set():
            seed += 1
            try:
                if plan_id is None:
                    version = store.create_plan(f"方案{number}", {**document, "seed": seed}, "王")
                    plan_id = version.plan_id
                else:
                    newest = store.versions(plan_id)[0].number
                    version = store.save(plan_id, newest, {**document, "seed": seed}, "王")
                planners.acknowledged.append(version.id)
            except PlanningError:
                planners.refused += 1
                time.sleep(0.05)

    return work


def save_by_page(port: int, key: str, shown: str, area: str, planners: Planners) -> Callable[[int], None]:
    """A planner who saves by the page's own address; what is unheard of is sent again."""

    def send(body: dict[str, Any]) -> tuple[int, dict[str, Any]] | None:
        headers = {"Content-Type": "application/json", "X-Pianqu": "1"}
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request("POST", "/edit/save", json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            return None
        finally:
            connection.close()

    def work(number: int) -> None:
        base, parent, count = f"{key}.{shown}", None, 0
        while not planners.is_over.is_set():
            count += 1
            body: dict[str, Any] = {"base": base, "areas": {area: {"name": f"第{number}组{count}"}}, "note": "试"}
            body |= {"name": f"方案{number}-{count}"} if parent is None else {"parent": parent}
            told = send(body)
            if told is None:
                planners.refused += 1
                time.sleep(0.05)
                continue
            status, answer = told
            if status not in (200, 409):
                raise AssertionError(f"{status}: {answer}")
            kept = answer["version"] if status == 200 else answer["newer"]  # one that was written and not told of
            if status == 200:
                planners.acknowledged.append(kept["id"])
            base, parent = f"{key}.{kept['id']}", {"plan_id": kept["plan_id"], "number": kept["number"]}

    return work


def check_store(store: Store, planners: Planners, row: Row) -> Row:
    """What is lost, and whether versions are whole, without gaps, and each with its audit row."""
    row.acknowledged, row.refused = len(planners.acknowledged), planners.refused
    there: dict[str, list[int]] = {}
    ids = set()
    for plan in store.plans(archived=True):
        for version in store.versions(plan.id):
            ids.add(version.id)
            there.setdefault(plan.id, []).append(version.number)
            store.document(version.id)  # is unpacked and parsed
    row.lost = len(set(planners.acknowledged) - ids)
    row.damaged += sum(numbers != list(range(len(numbers), 0, -1)) for numbers in there.values())
    counts = store.counts()
    row.damaged += counts["versions"] != counts["audit"]
    if store.engine.dialect.name == "sqlite":
        with sqlite3.connect(str(store.engine.url.database)) as connection:
            row.damaged += connection.execute("PRAGMA integrity_check").fetchone() != ("ok",)
    return row


# --- kills --------------------------------------------------------------------------------------


def kill_web(folder: Path, plan: Path, kills: int, rng: random.Random) -> Row:
    """The web server, in the middle of saves; started again each time, as systemd does."""
    url = f"sqlite:///{folder.parent / 'web.sqlite'}"
    session = PlanSession(folder, plan, store_url=url)
    page = session.open(None)
    assert page is not None
    key, _, shown = page.version.partition(".")
    server, planners = Server(folder, None, store_url=url).start(), Planners()
    area = read_plan(plan)["areas"][0]["area_id"]
    with planners.at_work(save_by_page(server.port, key, shown, area, planners)):
        for _ in range(kills):
            planners.wait_for(rng.randint(1, 5))
            time.sleep(rng.uniform(0, 0.05))
            server.kill()
            server.start()
        planners.wait_for(3)
    server.end()
    row = check_store(session.whole_store, planners, Row("web server killed", kills))
    session.whole_store.close()
    return row


def kill_jobs(folder: Path, plan: Path, kills: int, rng: random.Random) -> Row:
    """Processes of planning runs, two at a time, while planners save; each is told, the next begins."""
    session = PlanSession(folder, plan, store_url=f"sqlite:///{folder.parent / 'jobs.sqlite'}")
    runs, planners, untold, kept = PlanRunManager(session, JobLimits(2, 8000, 3600)), Planners(), 0, 0
    document = read_plan(plan)
    with planners.at_work(save_into(session.whole_store, document, planners), 2):
        for number in range(kills):
            job_id = runs.start(PlanRequest(f"试{number}", PlanOptions(seconds=30)), "王")
            job = next(one for one in jobs_in(runs.jobs) if one.id == job_id)
            _until(lambda job=job: job.read("process.json"))
            time.sleep(rng.uniform(0.0, 9.0))
            with suppress(ProcessLookupError):
                os.kill(job.read("process.json")["pid"], signal.SIGKILL)
            _until(lambda job=job: not job.is_alive())
            state = next(one for one in runs.states() if one.job == job_id)
            untold += state.phase != "lost" or state.fault is None
            kept += state.version is not None
            runs.dismiss(job_id)
        last = runs.start(PlanRequest("最后", PlanOptions(seconds=0.5)), "王")
        _until(lambda: next(one for one in runs.states() if one.job == last).phase == "done")
    row = check_store(session.whole_store, planners, Row("planning run killed", kills, damaged=untold))
    row.note = f"of {kept} the best plan so far was kept; the next run went well"
    session.whole_store.close()
    return row


def kill_database(kills: int, document: dict[str, Any], rng: random.Random) -> Row:
    """PostgreSQL with all its processes, in the middle of saves."""
    if find_tools() is None:
        return Row("PostgreSQL killed", note="not installed")
    server = PostgreSQL()
    store, planners = open_store(server.url), Planners()
    with planners.at_work(save_into(store, document, planners)):
        for _ in range(kills):
            planners.wait_for(rng.randint(1, 12))
            time.sleep(rng.uniform(0, 0.05))
            server.kill()
            server.start()
        planners.wait_for(5)
    row = check_store(store, planners, Row("PostgreSQL killed", kills))
    store.close()
    server.remove()
    return row


def kill_writers(folder: Path, kills: int, document: dict[str, Any], rng: random.Random) -> Row:
    """Processes that write into one SQLite store at once."""
    url, planners = f"sqlite:///{folder.parent / 'writers.sqlite'}", Planners()
    store = open_store(url)
    plan_id = store.create_plan("方案", document, "王").plan_id
    for _ in range(kills):
        both = [writers.start("race", url, plan_id, 100_000, name) for name in "ab"]
        told = [one.stdout.readline() for one in both]
        time.sleep(rng.uniform(0, 0.2))
        for one, first in zip(both, told, strict=True):
            one.kill()
            lines = [first, *one.stdout.readlines()]
            planners.acknowledged += [
                line.split()[2] for line in lines if line.startswith("saved") and line[-1] == "\n"
            ]
            one.wait()
    hashes = {version.plan_sha256 for version in store.versions(plan_id)}
    lost = len(set(planners.acknowledged) - hashes)
    n, planners.acknowledged = len(planners.acknowledged), []
    row = check_store(store, planners, Row("writers of SQLite killed", 2 * kills))
    row.acknowledged, row.lost = n, lost
    store.close()
    return row


def _until(true: Callable[[], Any], most_s: float = 300.0) -> None:
    until = time.monotonic() + most_s
    while not true():
        assert time.monotonic() < until, f"did not come within {most_s} s"
        time.sleep(0.02)


# --- disk, files, clock, network ----------------------------------------------------------------


@contextmanager
def small_disk(place: Path, size_mb: int) -> Iterator[str]:
    """A folder whose disk is small: a file system of its own for root, else files may not grow further."""
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size_mb}m", "tmpfs", str(place)]
    if os.geteuid() == 0 and subprocess.run(command, check=False, capture_output=True).returncode == 0:
        try:
            yield "file system in memory"
        finally:
            subprocess.run(["umount", "-l", str(place)], check=True)
        return
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_mb * 250_000, before[1]))
    try:
        yield "limit of file size"
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def fill_disk(folder: Path, document: dict[str, Any], rounds: int) -> Row:
    """A store and a dataset on a disk that fills up: refused with a sentence, and well again with room."""
    planners, row, place = Planners(), Row("disk full", rounds), folder.parent / "small"
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    with small_disk(place, size // 1_000_000 + 6) as how:
        there = shutil.copytree(folder, place / "city")
        store, ballast = open_store(f"sqlite:///{place / 'plans.sqlite'}"), place / "ballast"
        plan_id = store.create_plan("方案", document, "王").plan_id
        for number in range(rounds):
            with suppress(OSError), ballast.open("wb") as file:
                while True:
                    file.write(b"\0" * 4096)
                    file.flush()
            for deed in (_save_again, _correct):
                try:
                    deed(store, plan_id, {**document, "seed": number, "pad": "甲" * 3000}, there, number, planners)
                except PlanningError as error:
                    planners.refused += 1
                    row.damaged += "满" not in error.zh and "大" not in error.zh  # the sentence names the cause
            ballast.unlink(missing_ok=True)
            _save_again(store, plan_id, {**document, "seed": -number}, there, number, planners)
            row.damaged += len(check_hashes(open_dataset(there)))
        check_store(store, planners, row)
        store.close()
    row.note = how
    return row


def _save_again(store: Store, plan_id: str, document: dict[str, Any], *rest: Any) -> None:
    planners = rest[-1]
    newest = store.versions(plan_id)[0].number
    for more in range(40):
        padded = {**document, "round": more, "noise": os.urandom(20_000).hex()}
        planners.acknowledged.append(store.save(plan_id, newest + more, padded, "王").id)
        if "pad" not in document:
            return


def _correct(_: Store, __: str, ___: dict[str, Any], there: Path, number: int, ____: Planners) -> None:
    unit = str(open_dataset(there).layer("units")["unit_id"].iloc[number % 20])
    value = str(500 + number)
    told = Correction(
        "value", author="张", reason="满", date="2026-11-01", target=unit, field="households", value=value
    )
    store_corrections(there, [told], read_policy())


def truncate_files(folder: Path, plan: Path, times: int, rng: random.Random) -> Row:
    """Files of a dataset, a backup and a store, cut short: named, never taken for whole."""
    work, row = folder.parent / "cut", Row("files cut short", times)
    work.mkdir()
    store_path = work / "plans.sqlite"
    store = open_store(f"sqlite:///{store_path}")
    for seed in range(20):
        store.create_plan(f"方案{seed}", {**read_plan(plan), "seed": seed}, "王")
    store.close()
    archive = work / "night.zip"
    back_up(folder, archive, f"sqlite:///{store_path}")
    silent: list[str] = []
    for number in range(times):
        files = sorted(
            path for path in folder.rglob("*") if path.is_file() and path.name[0] != "." and path.stat().st_size
        )
        chosen = [files[number % len(files)], archive, store_path][number % 3]
        target = Path(shutil.copytree(folder, work / "d") if chosen in files else shutil.copy(chosen, work / "x"))
        cut = target / chosen.relative_to(folder) if chosen in files else target
        os.truncate(cut, rng.randrange(cut.stat().st_size))
        try:
            is_silent = _reads_well(target, chosen, folder, work)
        except PlanningError:
            is_silent = False
        except Exception as error:
            is_silent = True
            silent.append(f"{chosen.name}: {type(error).__name__} {error}"[:120])
        row.damaged += is_silent
        row.refused += not is_silent
        shutil.rmtree(work / "d", ignore_errors=True)
        (work / "x").unlink(missing_ok=True)
    row.note = "; ".join(silent[:3])
    return row


def _reads_well(target: Path, chosen: Path, folder: Path, work: Path) -> bool:
    """Whether what was cut is taken for whole."""
    if target.is_dir():
        return not check_hashes(open_dataset(target))
    if chosen.suffix == ".zip":
        restore(target, work / "back")
        return True
    store = open_store(f"sqlite:///{target}")
    try:
        for one in store.plans():
            store.document(one.newest.id)
        return len(store.plans()) == 20
    finally:
        store.close()


def jump_clock(folder: Path, document: dict[str, Any], jumps: int) -> Row:
    """Writers whose clocks are a month ahead and a month behind, in turns, upon one plan."""
    row, planners = Row("clock jumped", jumps), Planners()
    if shutil.which("faketime") is None:
        row.note = "faketime is not installed"
        return row
    url = f"sqlite:///{folder.parent / 'clock.sqlite'}"
    store = open_store(url)
    plan_id = store.create_plan("方案", document, "王").plan_id
    root = Path(__file__).resolve().parents[2]
    task = (writers.__file__, "save", url, plan_id, "3", "w")
    for number in range(jumps):
        done = subprocess.run(
            ["faketime", "-f", "+30d" if number % 2 else "-30d", sys.executable, *task],
            env={"PYTHONPATH": str(root), "PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=True,
        )
        planners.acknowledged += [line.split()[2] for line in done.stdout.splitlines()]
    versions = store.versions(plan_id)
    lost = len(set(planners.acknowledged) - {version.plan_sha256 for version in versions})
    n, planners.acknowledged = len(planners.acknowledged), []
    check_store(store, planners, row)
    row.acknowledged, row.lost = n, lost
    row.damaged += store.document(versions[0].id)["seed"] != document["seed"] + 3 * jumps  # each upon the last
    row.damaged += store.plans()[0].newest.number != versions[0].number
    store.close()
    return row


def keep_waiting(folder: Path, plan: Path, clients: int, seconds: float = 15.0) -> Row:
    """Clients that send a header a second and never the end, while others read."""
    server = Server(folder, plan, store_url=f"sqlite:///{folder.parent / 'slow.sqlite'}").start()
    row, slow, took = Row("slow clients", clients), [], []
    for _ in range(clients):
        one = socket.create_connection(("127.0.0.1", server.port), timeout=5)
        one.send(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        slow.append(one)
    until, second = time.monotonic() + seconds, 0.0
    while time.monotonic() < until:
        if time.monotonic() > second:
            second = time.monotonic() + 1.0
            for one in slow:
                with suppress(OSError):
                    one.send(b"X-More: 1\r\n")
        began, connection = time.perf_counter(), http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        try:
            connection.request("GET", "/healthz")
            row.damaged += connection.getresponse().status != 200
            took.append(time.perf_counter() - began)
        except OSError:
            row.damaged += 1
        finally:
            connection.close()
        time.sleep(0.02)
    for one in slow:
        one.close()
    server.end()
    told = f"{1000 * np.quantile(took, 0.99):.0f} ms" if took else "nobody was answered"
    row.note = f"{len(took)} others answered meanwhile, p99 {told}"
    return row


def bring_back(folder: Path, document: dict[str, Any]) -> Row:
    """Last night's backup put into a new folder: how long, and whether every hash is equal."""
    url = f"sqlite:///{folder.parent / 'night.sqlite'}"
    store = open_store(url)
    plan_id = store.create_plan("方案", document, "王").plan_id
    for number in range(1, 200):
        store.save(plan_id, number, {**document, "seed": number}, "王")
    archive, into = folder.parent / "night.zip", folder.parent / "back" / "city"
    back_up(folder, archive, url)
    began = time.perf_counter()
    restore(archive, into)
    took = time.perf_counter() - began
    back = open_store(f"sqlite:///{into.parent / 'city-plans.sqlite'}")
    row = Row("restored from backup", 1, acknowledged=200)
    hashes = [[(v.number, v.plan_sha256) for v in one.versions(plan_id)] for one in (store, back)]
    row.lost = len(set(hashes[0]) - set(hashes[1]))
    row.damaged = len(check_hashes(open_dataset(into))) + (took > RESTORE_S)
    row.damaged += open_dataset(into).manifest.files != open_dataset(folder).manifest.files
    row.note = f"{took:.1f} s"
    store.close()
    back.close()
    return row


def table(rows: list[Row]) -> str:
    """The rows as Markdown."""
    names = ("fault", "times", "saves acknowledged", "refused or unheard", "lost", "damaged or unnamed", "seen")
    head = f"| {' | '.join(names)} |\n|{'---|' * len(names)}"
    lines = [
        f"| {r.what} | {r.faults} | {r.acknowledged} | {r.refused} | {r.lost} | {r.damaged} | {r.note} |" for r in rows
    ]
    return "\n".join([head, *lines])


def parts_of(folder: Path, plan: Path, kills: int, rng: random.Random) -> dict[str, Callable[[], Row]]:
    """Every kind of fault by its name."""
    document = read_plan(plan)
    return {
        "web": lambda: kill_web(folder, plan, kills, rng),
        "jobs": lambda: kill_jobs(folder, plan, kills, rng),
        "database": lambda: kill_database(kills, document, rng),
        "writers": lambda: kill_writers(folder, kills, document, rng),
        "disk": lambda: fill_disk(folder, document, max(1, kills // 5)),
        "files": lambda: truncate_files(folder, plan, 4 * kills, rng),
        "clock": lambda: jump_clock(folder, document, max(2, kills // 5)),
        "slow": lambda: keep_waiting(folder, plan, SLOW_CLIENTS),
        "backup": lambda: bring_back(folder, document),
    }


def main() -> None:
    """Bring every fault about and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory(prefix="pianqu-chaos-") as work:
        folder, plan = build_town(Path(work))
        for name, run in parts_of(folder, plan, options.kills, random.Random(options.seed)).items():
            if options.only in ("", name):
                began = time.monotonic()
                rows.append(run())
                sys.stdout.write(f"{rows[-1]}  {time.monotonic() - began:.0f} s, load {os.getloadavg()[0]:.1f}\n")
                sys.stdout.flush()
    sys.stdout.write(table(rows) + "\n")
    raise SystemExit(0 if all(row.is_well for row in rows) else 1)


if __name__ == "__main__":
    main()
