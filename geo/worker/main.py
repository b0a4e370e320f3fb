"""The child process that reads files: started by `geo.sandbox.processes`, never imported by the parent."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyogrio

from geo.errors import PlanningError
from geo.osm.extract_file import read_osm_in_process
from geo.readers.file_kinds import preview_in_process, read_in_process
from geo.sandbox import transport
from geo.sandbox.processes import ReadLimits

_TASKS: Mapping[str, Callable[..., Sequence[Any]]] = {
    "read": read_in_process,
    "preview": preview_in_process,
    "osm": read_osm_in_process,
}


def main() -> None:
    """Answer requests, one JSON line each, until standard input ends; with "once" a single one."""
    forks = "once" not in sys.argv[1:]
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints does not disturb the answers
    _send(channel, {"drivers": list(pyogrio.list_drivers())})
    for line in sys.stdin:
        request = json.loads(line)
        _send(channel, {"ended": _run_forked(request) if forks else _run_task(request)})
        if not forks:
            return


def _send(channel: Any, what: Mapping[str, Any]) -> None:
    channel.write(json.dumps(what) + "\n")
    channel.flush()


def _run_forked(request: Mapping[str, Any]) -> str:
    """Read in a process of its own, that ends with the file; "done" or what ended it."""
    limits = ReadLimits(**request["limits"])
    child = os.fork()
    if child == 0:
        try:
            _set_limits(limits)
            _run_task(request)
            os._exit(0)
        finally:
            os._exit(1)
    deadline, pause = time.monotonic() + limits.wall_s, 0.001
    is_late = False
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return "time" if is_late else _exit_reason(status)
        if time.monotonic() > deadline:
            is_late = True
            os.kill(child, signal.SIGKILL)
        time.sleep(pause)
        pause = min(0.02, pause * 1.5)


def _exit_reason(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    if code == 0:
        return "done"
    if code == -signal.SIGXCPU:
        return "cpu"
    return f"signal {-code}" if code < 0 else f"exit {code}"


def _set_limits(limits: ReadLimits) -> None:
    """Limits the process cannot lift again; it dies with the process that started it."""
    import resource

    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    held = next(
        int(line.split()[1]) * 1024
        for line in Path("/proc/self/status").read_text().splitlines()
        if line.startswith("VmSize")
    )
    for kind, value in (
        (resource.RLIMIT_AS, held + limits.memory_mb * 1_000_000),
        (resource.RLIMIT_CPU, limits.cpu_s),
        (resource.RLIMIT_FSIZE, limits.written_mb * 1_000_000),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_CORE, 0),
    ):
        # a second between warning and end lets the parent tell which limit it was
        grace = 1 if kind == resource.RLIMIT_CPU else 0
        resource.setrlimit(kind, (value, value + grace))
    libc = ctypes.CDLL(None)
    libc.prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG
    libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS


def _run_task(request: Mapping[str, Any]) -> str:
    """Do the task and write answer.json, also where the task raises."""
    folder = Path(request["folder"])
    tempfile.tempdir = str(folder)
    try:
        task = _TASKS[request["task"]]
        limits = ReadLimits(**request["limits"])
        result = task(Path(request["path"]), limits=limits, **request["arguments"])
        answer = transport.save_layers(result, folder)
    except PlanningError as error:
        answer = {"error": {"class": type(error).__name__, "zh": error.zh, "en": error.en}}
    except MemoryError:
        answer = {"error": {"class": "MemoryError", "zh": "", "en": ""}}
    except Exception as error:  # a fault of ours: the parent logs it and refuses the file
        trace = "".join(traceback.format_exception(error))[-4000:]
        answer = {"error": {"class": type(error).__name__, "zh": "", "en": trace}}
    (folder / "answer.json").write_text(json.dumps(answer), encoding="utf-8")
    return "done"


if __name__ == "__main__":
    main()
