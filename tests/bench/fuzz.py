"""Random and hostile input: ``python -m tests.bench.fuzz [--minutes 1] [--only api|store|values|parsers]``.

The read API by schemathesis, from its OpenAPI; the store against a simple model by hypothesis; cells and workbooks
made from a known meaning; own parsers by atheris, which looks for input that takes new ways through the code. An
error of ours (`PlanningError`) and pydantic's are answers; anything else is a find, as is a status of 500 or more.
"""

from __future__ import annotations

import argparse
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from app.store.accounts import Accounts
from app.store.store import open_store
from tests.app.town import build_town
from tests.e2e.servers import Server

ROOT = Path(__file__).resolve().parents[2]
TARGETS = ("edits", "boxes", "addresses", "numbers", "years", "dates", "names", "settings")
EXAMPLES_A_MINUTE = 30
"""Stateful examples of the store; each takes a second or two."""


def fuzz_api(minutes: float) -> int:
    """The read API, asked by somebody with a token."""
    with tempfile.TemporaryDirectory(prefix="pianqu-fuzz-") as work:
        folder, plan = build_town(Path(work))
        url = f"sqlite:///{work}/plans.sqlite"
        store = open_store(url)
        accounts = Accounts(store)
        accounts.add("reader", secrets.token_hex(8), "viewer")
        token = accounts.add_token("reader")
        store.close()
        (Path(work) / "schemathesis.toml").write_text('[parameters]\nplan = "current"\n', encoding="utf-8")
        server = Server(folder, plan, store_url=url).start()
        base, began, failed, rounds = f"{server.address}/api/v1/openapi.json", time.monotonic(), 0, 0
        while not rounds or time.monotonic() - began < 60 * minutes:
            command = [sys.executable, "-m", "schemathesis.cli", "run", base, "-H", f"Authorization: Bearer {token}"]
            command += ["--url", server.address, "--checks", "not_a_server_error", "--phases", "examples,fuzzing"]
            done = subprocess.run([*command, "--max-examples", "50", "--seed", str(rounds)], cwd=work, check=False)
            failed, rounds = failed or done.returncode, rounds + 1
        server.end()
        return failed


def fuzz_store(minutes: float) -> int:
    """The store against its model."""
    examples = {"PIANQU_FUZZ_EXAMPLES": str(max(2, int(minutes * EXAMPLES_A_MINUTE)))}
    test = "tests/app/store/test_store_model.py"
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "0", test], cwd=ROOT, env={**os.environ, **examples}, check=False
    ).returncode


def fuzz_values(minutes: float) -> int:
    """Cells and workbooks from a known meaning."""
    sizes = ("--cells", str(int(200 * minutes)), "--books", str(int(30 * minutes)), "--seed", str(int(time.time())))
    return subprocess.run([sys.executable, "-m", "tests.bench.fuzz_values", *sizes], cwd=ROOT, check=False).returncode


def fuzz_parsers(minutes: float) -> int:
    """Own parsers, each in a process of its own."""
    failed = 0
    for name in TARGETS:
        command = [sys.executable, "-m", "tests.bench.fuzz_targets", name, f"-max_total_time={int(60 * minutes)}"]
        with tempfile.TemporaryDirectory(prefix="pianqu-fuzz-") as work:
            place = {"PYTHONPATH": str(ROOT)}
            done = subprocess.run(
                command, cwd=work, env={**os.environ, **place}, capture_output=True, text=True, check=False
            )
        last = [line for line in done.stderr.splitlines() if line.startswith(("Done", "#"))][-1:]
        sys.stdout.write(f"{name}: {last[0] if last else done.stderr[-400:]}\n")
        if done.returncode:
            failed = 1
            sys.stdout.write(done.stderr[-4000:])
        sys.stdout.flush()
    return failed


PARTS: dict[str, Callable[[float], int]] = {
    "api": fuzz_api,
    "store": fuzz_store,
    "values": fuzz_values,
    "parsers": fuzz_parsers,
}


def main() -> None:
    """Run the parts; exit code 1 where something was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=1.0, help="for each part, and each parser")
    parser.add_argument("--only", choices=[*PARTS])
    options = parser.parse_args()
    found = {name: run(options.minutes) for name, run in PARTS.items() if options.only in (None, name)}
    for name, code in found.items():
        sys.stdout.write(f"{name}: {'nothing found' if not code else f'FOUND ({code})'}\n")
    raise SystemExit(int(any(found.values())))


if __name__ == "__main__":
    main()
