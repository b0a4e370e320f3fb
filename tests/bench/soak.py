"""A long day of an office: ``python -m tests.bench.soak [--minutes 10] [--planners 200] [--saves 500]``.

1. Eight processes save into one plan, 500 times each, on SQLite and on PostgreSQL: nothing lost, no silent conflict.
2. Two hundred planners, each signed in by an account of their own, open the page, look at the legend of a theme, at
   cards and tables, check an edit, save versions of a plan of their own and export, with 0.5 to 2 s between, while
   two planning runs go on all the time. Errors, how long answers take, and whether the server's memory grows.
3. The read API by `wrk`, 16 connections.

Sessions are signed with the key of the store: to sign in is limited to so many a minute from one machine. Prints
tables; exit code 1 if something was lost or an answer was an error.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import http.client
import json
import os
import random
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from app.desks.plans.run_manager import PlanRunManager
from app.jobs.limits import JobLimits
from app.planning.options import PlanOptions
from app.planning.request import PlanRequest
from app.session.plan_session import PlanSession
from app.store.accounts import Accounts
from app.store.store import Store, open_store
from app.workbench.plans_on_disk import read_plan
from geo.storage.dataset import open_dataset
from tests.app.store import writers
from tests.app.town import build_town
from tests.bench.crowd import PageCalls
from tests.e2e.servers import Server
from tests.postgres import PostgreSQL, find_tools

THINK_S = (0.5, 2.0)
WARM_S = 45.0
"""Answers and memory count from then on: pages and kernels are made once."""
RUN_S = 20.0
SAVED_EACH = 100
"""Where costs are counted, a version is saved once in so many answers: what follows from the store is made anew."""
WEIGHTS = {"open": 4.0, "theme": 32.0, "card": 45.0, "table": 12.0, "check": 6.0, "save": 0.3, "export": 0.1}
"""How often each is done: an edit is looked at twice a minute, and saved every seven minutes."""
API = "/api/v1/plans/current/collections"


# --- savers -------------------------------------------------------------------------------------


def save_at_once(url: str, document: dict[str, Any], n_writers: int, n_saves: int) -> str:
    """Every save is there once, each made upon the last; a line of the table."""
    store, began = open_store(url), time.perf_counter()
    plan_id = store.create_plan("方案", document, "王").plan_id
    running = [writers.start("race", url, plan_id, n_saves, f"w{k}") for k in range(n_writers)]
    saved = [line.split()[1:] for one in running for line in one.communicate()[0].splitlines()]
    took, versions = time.perf_counter() - began, store.versions(plan_id)[::-1]
    there = {(str(version.number), version.plan_sha256) for version in versions[1:]}
    lost = sum(tuple(one) not in there for one in saved)
    silent = n_writers * n_saves - (store.document(versions[-1].id)["seed"] - document["seed"])
    gaps = [version.number for version in versions] != list(range(1, len(saved) + 2))
    counts = store.counts()
    broken = gaps + (counts["versions"] != counts["audit"]) + any(one.returncode for one in running)
    name = store.engine.dialect.name
    store.close()
    return (
        f"| {name} | {n_writers} × {n_saves} | {len(saved)} | {lost} | {silent} | {broken} | {len(saved) / took:.0f} |"
    )


# --- planners -----------------------------------------------------------------------------------


@dataclass
class Day:
    """What all planners saw.

    Parameters
    ----------
    took
        Seconds of each answer, by what was asked.
    errors
        What was no good answer.
    acknowledged
        Ids of saved versions.
    """

    took: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in WEIGHTS})
    errors: Counter[str] = field(default_factory=Counter)
    acknowledged: list[str] = field(default_factory=list)


class Planner:
    """One planner with a session, a connection that is kept, and a plan of their own.

    Parameters
    ----------
    port, cookie
        Of the server, of the session.
    page
        The page's callbacks.
    area
        Of the plan shown: the one whose name is changed.
    units
        How many there are to click on.
    number
        Of the planner.
    """

    def __init__(self, port: int, cookie: str, page: PageCalls, area: str, units: int, number: int) -> None:
        self.page, self.area, self.number = page, area, number
        self.rng = random.Random(number)
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        own = {"Cookie": f"pianqu={cookie}", "Origin": f"http://127.0.0.1:{port}", "X-Pianqu": "1"}
        self.headers = {**own, "Content-Type": "application/json", "Accept-Encoding": "gzip"}
        self.key, _, shown = page.version.partition(".")
        self.base, self.parent, self.count = f"{self.key}.{shown}", None, 0
        self.calls: dict[str, Callable[[int], tuple[str, str, str]]] = {
            "open": lambda _: ("GET", "/_dash-layout", ""),
            "theme": page.themes(),
            "card": page.card(units),
            "table": page.areas(),
            "check": lambda n: ("POST", "/edit/check", json.dumps({"base": self.base, "areas": self._named(n)})),
            "export": lambda _: ("POST", f"/export/jobs/geojson?page={page.version}&by=city", "{}"),
        }

    def work(self, day: Day, until: float, counts_from: float) -> None:
        """One thing after the other, with time to think between."""
        time.sleep(self.rng.uniform(0, THINK_S[1]))
        while time.monotonic() < until:
            what = self.rng.choices([*WEIGHTS], [*WEIGHTS.values()])[0]
            began = time.perf_counter()
            self.ask(what, day)
            if time.monotonic() > counts_from:
                day.took[what].append(time.perf_counter() - began)
            time.sleep(self.rng.uniform(*THINK_S))

    def ask(self, what: str, day: Day) -> None:
        """Ask for one thing; what was no good answer is noted."""
        try:
            fault = self._save(day) if what == "save" else self._ask(self.calls[what](self.rng.randrange(3000)))
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            fault = type(error).__name__
        if fault:
            day.errors[f"{what}: {fault}"] += 1

    def _named(self, number: int) -> dict[str, Any]:
        return {self.area: {"name": f"第{self.number}组{number}"}}

    def _ask(self, asked: tuple[str, str, str]) -> str:
        status, body = self._send(*asked)
        is_well = status in (200, 204) and b"sideUpdate" not in body  # errors of callbacks are told by the side
        return "" if is_well else f"{status} {body[:120]!r}"

    def _send(self, method: str, path: str, body: str) -> tuple[int, bytes]:
        self.connection.request(method, path, body.encode() or None, self.headers)
        answer = self.connection.getresponse()
        body = answer.read()
        is_packed = answer.headers.get("Content-Encoding") == "gzip" and path.endswith("component")
        return answer.status, gzip.decompress(body) if is_packed else body

    def _save(self, day: Day) -> str:
        self.count += 1
        body: dict[str, Any] = {"base": self.base, "areas": self._named(self.count)}
        body |= {"parent": self.parent} if self.parent else {"name": f"方案{self.number}"}
        status, answer = self._send("POST", "/edit/save", json.dumps(body))
        if status != 200:
            return f"{status} {answer[:120]!r}"
        kept = json.loads(answer)["version"]
        day.acknowledged.append(kept["id"])
        self.base, self.parent = f"{self.key}.{kept['id']}", {key: kept[key] for key in ("plan_id", "number")}
        return ""


def sign(accounts: Accounts, tokens: list[str]) -> list[str]:
    """Session cookies as the server signs them."""
    app = Flask(__name__)
    app.secret_key = accounts.session_key()
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer is not None
    where = f"{b'127.0.0.1'}|{None}"  # as flask-login puts it; with another each answer would bring a new cookie
    machine = hashlib.sha512(where.encode()).hexdigest()
    return [serializer.dumps({"_user_id": token, "_fresh": True, "_id": machine}) for token in tokens]


@dataclass(frozen=True)
class Office:
    """A server with accounts that are signed in.

    Parameters
    ----------
    store
        Of its plans.
    server
        The running server.
    crowd
        The planners, an account each.
    """

    store: Store
    server: Server
    crowd: list[Planner]

    @property
    def process(self) -> psutil.Process:
        """The process of the server."""
        return psutil.Process(self.server.process.pid)

    def cpu_s(self) -> float:
        """Seconds of CPU the server has used, jobs aside."""
        return sum(self.process.cpu_times()[:2])


@contextmanager
def open_office(folder: Path, plan: Path, planners: int) -> Iterator[Office]:
    """A server in a process of its own, and so many planners."""
    url = store_url(folder)
    store = open_store(url)
    accounts = Accounts(store)
    tokens = [accounts.add(f"p{k}", secrets.token_hex(8), "city").token for k in range(planners)]
    server = Server(folder, plan, store_url=url).start()
    cookies, area = sign(accounts, tokens), read_plan(plan)["areas"][0]["area_id"]
    units = len(open_dataset(folder).layer("units"))
    headers = {"Cookie": f"pianqu={cookies[0]}"}

    def get(path: str) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        return json.loads(answer.read())

    page = PageCalls(get("/_dash-layout"), get("/_dash-dependencies"))
    try:
        crowd = [Planner(server.port, cookie, page, area, units, k) for k, cookie in enumerate(cookies)]
        yield Office(store, server, crowd)
    finally:
        server.end()
        store.close()


def store_url(folder: Path) -> str:
    """Of the office of a dataset."""
    return f"sqlite:///{folder.parent / 'office.sqlite'}"


def count_costs(folder: Path, plan: Path, planners: int, times: int) -> list[str]:
    """CPU of the server for an answer of each kind, one after the other, each of another account, saves between."""
    lines = ["| asked | answers | CPU of the server an answer, ms |", "|---|---|---|"]
    with open_office(folder, plan, planners) as office:
        day, each, total = Day(), {}, 0.0
        for name in WEIGHTS:
            n = times if name not in ("save", "export") else max(1, times // 10)
            for turn in range(-planners, n):
                if turn == 0:
                    before = office.cpu_s()
                if turn % SAVED_EACH == 0:
                    office.crowd[turn % planners].ask("save", day)
                office.crowd[turn % planners].ask(name, day)
            each[name] = (office.cpu_s() - before) / n
            lines.append(f"| {name} | {n} | {1000 * each[name]:.1f} |")
        if day.errors:
            raise SystemExit(f"{day.errors}")
    total = sum(WEIGHTS[name] * each[name] for name in each) / sum(WEIGHTS.values())
    return [
        *lines,
        "",
        f"as often as planners ask: {1000 * total:.1f} ms, {1 / total:.0f} answers a second of one core",
    ]


def spend_day(folder: Path, plan: Path, planners: int, minutes: float, slots: int) -> tuple[list[str], bool]:
    """All planners at work; the table, and whether all is well."""
    with open_office(folder, plan, planners) as office:
        session = PlanSession(folder, plan, store_url=store_url(folder))
        return _spend(office, PlanRunManager(session, JobLimits(slots, 8000, 3600)), minutes, slots)


def _spend(office: Office, runs: PlanRunManager, minutes: float, slots: int) -> tuple[list[str], bool]:
    day, crowd, n_runs, memory, loads = Day(), office.crowd, 0, [], []
    began = time.monotonic()
    until, counts_from = began + WARM_S + 60 * minutes, began + WARM_S
    threads = [threading.Thread(target=one.work, args=(day, until, counts_from)) for one in crowd]
    for one in threads:
        one.start()
    cpu_s = own_s = 0.0
    while time.monotonic() < until:
        if sum(run.is_unfinished for run in runs.states()) < slots:
            n_runs += 1
            runs.start(PlanRequest(f"试{n_runs}", PlanOptions(seconds=RUN_S)), "王")
        if time.monotonic() > counts_from:
            cpu_s, own_s = cpu_s or office.cpu_s(), own_s or time.process_time()
            memory.append(office.process.memory_info().rss / 1e6)
        loads.append(os.getloadavg()[0])
        time.sleep(1.0)
    cpu_s, own_s = office.cpu_s() - cpu_s, time.process_time() - own_s
    for one in threads:
        one.join(120)
    for run in runs.states():
        runs.stop(run.job)
    seen = {version.id for kept in office.store.plans() for version in office.store.versions(kept.id)}
    lost = len(set(day.acknowledged) - seen)
    everything = [one for took in day.took.values() for one in took]
    lines = ["| asked | answers | median, ms | p95, ms | p99, ms |", "|---|---|---|---|---|"]
    for name, took in [*day.took.items(), ("all", everything)]:
        ms = 1000 * np.array(took or [np.nan])
        shares = " | ".join(f"{np.quantile(ms, q):.0f}" for q in (0.5, 0.95, 0.99))
        lines.append(f"| {name} | {len(took)} | {shares} |")
    tenth = max(1, len(memory) // 10)
    first, last = np.mean(memory[:tenth]), np.mean(memory[-tenth:])
    lines += [
        "",
        f"{len(crowd)} planners, {minutes:g} min, {len(everything) / (60 * minutes):.0f} answers a second, "
        f"{1000 * cpu_s / max(1, len(everything)):.1f} ms of the server's CPU each, "
        f"{1000 * own_s / max(1, len(everything)):.1f} ms of the planners' own program, "
        f"{len(day.acknowledged)} saves, {lost} lost, {n_runs} planning runs begun ({slots} at a time), "
        f"{sum(day.errors.values())} errors {dict(day.errors.most_common(3))}; memory {first:.0f} → {last:.0f} MB "
        f"({last / first - 1:+.1%}); load {np.mean(loads):.1f}",
    ]
    return lines, not (lost or day.errors)


# --- read API -----------------------------------------------------------------------------------


def read_api(folder: Path, plan: Path, seconds: int) -> list[str]:
    """Answers a second and how long they take, by `wrk`."""
    if shutil.which("wrk") is None:
        return ["wrk is not installed"]
    url = f"sqlite:///{folder.parent / 'api.sqlite'}"
    store = open_store(url)
    accounts = Accounts(store)
    accounts.add("reader", secrets.token_hex(8), "viewer")
    token = accounts.add_token("reader")
    server = Server(folder, plan, store_url=url).start()
    lines = ["| address | answers a second | p50 | p99 | errors |", "|---|---|---|---|---|"]
    for path in ("/plans", "/plans/current/", "/areas/items?limit=50", "/units/items?limit=20&offset=10"):
        address = f"/api/v1{path}" if path.startswith("/plans") else f"{API}{path}"
        command = ["wrk", "-t1", "-c16", f"-d{seconds}s", "--latency", "-H", f"Authorization: Bearer {token}"]
        asked = urllib.request.Request(f"{server.address}{address}", headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(asked, timeout=60) as answer:  # pages are made once
            answer.read()
        told = subprocess.run(
            [*command, f"{server.address}{address}"], capture_output=True, text=True, check=True
        ).stdout
        found = {name: re.search(rf"{name}\s+(\S+)", told) for name in ("50%", "99%", "Requests/sec:")}
        rate, p50, p99 = (found[name].group(1) if found[name] else "?" for name in ("Requests/sec:", "50%", "99%"))
        errors = "; ".join(line.strip() for line in told.splitlines() if "Non-2xx" in line or "Socket errors" in line)
        lines.append(f"| {address} | {rate} | {p50} | {p99} | {errors or 0} |")
    server.end()
    store.close()
    return lines


def main() -> None:
    """Print the three tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--planners", type=int, default=200)
    parser.add_argument("--saves", type=int, default=500)
    parser.add_argument("--answers", type=int, default=600, help="answers of each kind whose CPU is counted")
    parser.add_argument("--slots", type=int, default=2, help="planning runs at a time")
    parser.add_argument("--data", type=Path, help="a dataset folder and its plan instead of a small town", nargs=2)
    parser.add_argument("--only", choices=("saves", "costs", "day", "api"))
    options = parser.parse_args()
    is_well = True
    with tempfile.TemporaryDirectory(prefix="pianqu-soak-") as work:
        if options.data:
            folder, plan = shutil.copytree(options.data[0], Path(work) / "city"), options.data[1]
        else:
            folder, plan = build_town(Path(work))
        if options.only in (None, "saves"):
            tell("| store | saves | acknowledged | lost | silent conflicts | gaps, ends | a second |")
            tell(f"|{'---|' * 7}")
            tell(save_at_once(f"sqlite:///{work}/at-once.sqlite", read_plan(plan), 8, options.saves))
            if find_tools() is not None:
                database = PostgreSQL()
                tell(save_at_once(database.url, read_plan(plan), 8, options.saves))
                database.remove()
        if options.only in (None, "costs"):
            tell("\n".join(count_costs(folder, plan, options.planners, options.answers)))
        if options.only in (None, "day"):
            lines, is_well = spend_day(folder, plan, options.planners, options.minutes, options.slots)
            tell("\n".join(lines))
        if options.only in (None, "api"):
            tell("\n".join(read_api(folder, plan, 10)))
        tell(f"load {os.getloadavg()[0]:.1f}")
    raise SystemExit(0 if is_well else 1)


def tell(text: str) -> None:
    """Print at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
