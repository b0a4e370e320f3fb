"""How the server is, for whoever runs it: data, store, backup, disk, jobs, requests; no names of people."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Any, Literal

from app.desks.backup.last import read_last_backup
from app.desks.exports.jobs import ExportJobs
from app.desks.plans.run_manager import PlanRunManager
from app.i18n import Words
from app.jobs.queue import JobQueue
from app.planning.child import run_kind
from app.session.measuring import RequestMeter
from app.session.plan_session import PlanSession
from app.store.errors import StoreError
from app.store.health import examine_database
from app.workbench.doctor import MIN_DISK_BYTES

BACKUP_DAYS = 7
"""A backup older than that is told."""
Verdict = Literal["", "ok", "warning"]
_MB, _GIB = 1e6, 2**30


@dataclass(frozen=True)
class Fact:
    """One line.

    Parameters
    ----------
    name, value
        In the reader's language.
    verdict
        "warning" = somebody should look; "" = nothing is judged.
    """

    name: str
    value: str
    verdict: Verdict = ""


@dataclass(frozen=True)
class JobsState:
    """Jobs of one kind.

    Parameters
    ----------
    name
        Of the kind.
    limits
        What one may take, in words.
    waiting
        How many wait.
    running
        Of each its id, kind, time and memory.
    """

    name: str
    limits: str
    waiting: int
    running: tuple[tuple[str, str, str, str], ...]


@dataclass(frozen=True)
class ServerStatus:
    """All that is told.

    Parameters
    ----------
    blocks
        Lines under their titles.
    jobs
        By kind.
    """

    blocks: tuple[tuple[str, tuple[Fact, ...]], ...]
    jobs: tuple[JobsState, ...]

    @property
    def warnings(self) -> tuple[Fact, ...]:
        """What somebody should look at."""
        return tuple(fact for _, facts in self.blocks for fact in facts if fact.verdict == "warning")


def describe_status(
    session: PlanSession, runs: PlanRunManager, exports: ExportJobs, meter: RequestMeter, words: Words
) -> ServerStatus:
    """Look at everything; nothing is changed.

    Parameters
    ----------
    session
        The dataset and the plans.
    runs, exports
        The jobs of the server.
    meter
        Has counted the requests.
    words
        Texts in the reader's language.
    """
    blocks = (
        (words("status.program"), tuple(_program(meter, words))),
        (words("status.data"), tuple(_data(session, words))),
        (words("status.store"), tuple(_store(session, words))),
        (words("status.requests"), tuple(_requests(meter, words))),
    )
    jobs = (
        _jobs(words("status.planning"), runs.queue, lambda asked: words(f"status.run_{run_kind(asked)}"), words),
        _jobs(words("status.exporting"), exports.queue, lambda asked: str(asked.get("kind", "")), words),
    )
    return ServerStatus(blocks, jobs)


def _program(meter: RequestMeter, words: Words) -> Iterator[Fact]:
    from analysis.bundling.solver.search import count_compiled  # numba, which a server alone does not need

    yield Fact(words("status.version"), metadata.version("pianqu"))
    yield Fact(words("status.uptime"), _duration(time.monotonic() - meter.begun, words))
    compiled, all_of_them = count_compiled()
    told = "compiled" if compiled == all_of_them else "partly_compiled" if compiled else "not_compiled"
    verdict: Verdict = "ok" if compiled == all_of_them else "warning"
    yield Fact(words("status.kernels"), words(f"status.{told}", n=compiled, all=all_of_them), verdict)


def _data(session: PlanSession, words: Words) -> Iterator[Fact]:
    data = session.open(None)
    if data is None:
        yield Fact(words("status.dataset"), words("page.no_dataset"), "warning")
    else:
        manifest = data.bench.dataset.manifest
        date = manifest.data_date or words("page.data_date_unknown")
        yield Fact(words("status.dataset"), f"{manifest.name} · {date}")
        yield Fact(words("status.hash"), manifest.planning_sha256[:12])
        version = data.bench.version
        shown = words("store.number", n=version.number) if version is not None else "—"
        yield Fact(words("status.plan"), f"{version.plan_name} · {shown}" if version is not None else shown)
    free, total = (shutil.disk_usage(session.folder.resolve().parent)[k] for k in (2, 0))
    verdict: Verdict = "ok" if free >= MIN_DISK_BYTES else "warning"
    told = words("status.disk_free", free=f"{free / _GIB:.1f}", total=f"{total / _GIB:.1f}")
    yield Fact(words("status.disk"), told, verdict)


def _store(session: PlanSession, words: Words) -> Iterator[Fact]:
    try:
        state = examine_database(session.whole_store)
    except StoreError as error:
        yield Fact(words("status.kind"), words.pick(error.zh, error.en), "warning")
    else:
        size = words("status.in_memory") if state.size_bytes is None else f"{state.size_bytes / _MB:.1f} MB"
        yield Fact(words("status.kind"), f"{state.kind} · {size}")
        sound: dict[bool | None, tuple[str, Verdict]] = {
            True: ("sound", "ok"),
            False: ("damaged", "warning"),
            None: ("unchecked", ""),
        }
        word, verdict = sound[state.is_sound]
        at = (
            ""
            if state.checked is None
            else f" · {words('status.checked', at=state.checked.strftime('%Y-%m-%d %H:%M'))}"
        )
        yield Fact(words("status.integrity"), f"{words(f'status.{word}')}{at}", verdict)
        yield Fact(words("status.audit_rows"), f"{session.whole_store.count_audit_rows():,}")
    last = read_last_backup(session.folder)
    if last is None:
        yield Fact(words("status.backup"), words("status.no_backup"), "warning")
        return
    days = (time.time() - last.made.timestamp()) / 86400
    told = f"{last.made.strftime('%Y-%m-%d %H:%M')} · {last.size_bytes / _MB:.1f} MB"
    told += "" if last.with_plans else f" · {words('status.without_plans')}"
    yield Fact(words("status.backup"), told, "ok" if days <= BACKUP_DAYS and last.with_plans else "warning")


def _requests(meter: RequestMeter, words: Words) -> Iterator[Fact]:
    traffic = meter.traffic()
    yield Fact(words("status.since"), _duration(traffic.seconds, words))
    yield Fact(words("status.answers"), f"{traffic.requests:,}")
    yield Fact(words("status.refused"), f"{traffic.refused:,}")
    yield Fact(words("status.errors"), f"{traffic.errors:,}", "warning" if traffic.errors else "ok")
    slow = "—" if traffic.p95_ms is None else words("status.ms", ms=f"{traffic.p95_ms:,.0f}")
    yield Fact(words("status.p95"), slow)


def _jobs(name: str, queue: JobQueue, name_kind: Callable[[Mapping[str, Any]], str], words: Words) -> JobsState:
    limits = queue.limits
    told = words("status.limits", n=limits.slots, mb=f"{limits.memory_mb:,}", minutes=f"{limits.wall_s / 60:,.0f}")
    running = tuple(
        (use.job.id, name_kind(use.job.request()), _duration(use.seconds, words), f"{use.memory_mb:,.0f} MB")
        for use in queue.running()
    )
    return JobsState(name, told, len(queue.waiting()), running)


def _duration(seconds: float, words: Words) -> str:
    minutes, days = int(seconds // 60), int(seconds // 86400)
    if days:
        return words("status.days", n=days, hours=int(seconds // 3600) % 24)
    return words("status.minutes", hours=minutes // 60, minutes=f"{minutes % 60:02d}", seconds=f"{seconds % 60:02.0f}")
