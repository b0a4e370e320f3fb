"""Runs the cases and takes the digest of what each prints and writes."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import openpyxl

from tests.golden.cases import Case, read_plan

ROOT = Path(__file__).resolve().parents[2]
VOLATILE = {"seconds", "made_at", "computed_at", "imported_at", "created", "software"}
"""Keys of JSON documents that hold times, or what is installed."""
_TIMES = (
    (re.compile(rf'"(?:{"|".join(sorted(VOLATILE))})": ?"?[^",}}\]\s]*"?'), '"time": 0'),
    (re.compile(r"\d+(?:\.\d+)? ?(?:s|秒)\b"), "0 s"),
)


def run_cases(cases: Iterable[Case], work: Path, shared: Path | None) -> Iterator[tuple[Case, dict[str, Any], str]]:
    """Run each case; its record, and the text it printed with folders and times taken out."""
    for case in cases:
        if case.prepare is not None:
            case.prepare(work)
        names = {"work": str(work), "shared": str(shared)} | _units(work, case)
        arguments = [argument.format_map(names) for argument in case.arguments]
        done = subprocess.run(
            [sys.executable, "-m", "app.cli", *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            env={**os.environ, "COLUMNS": "100", "TERM": "dumb", "NO_COLOR": "1", "PYTHONHASHSEED": "0"},
            check=False,
        )
        printed = without_times(f"{done.stdout}\n--- stderr\n{done.stderr}".replace(str(work), "{work}"))
        outputs = {out: digest_path(Path(out.format_map(names))) for out in case.outputs}
        yield case, {"exit": done.returncode, "printed": _sha(printed), "outputs": outputs}, printed


def without_times(text: str) -> str:
    """A text with everything that tells the time taken out.

    Examples
    --------
    >>> without_times('{"seconds": 1.25, "seed": 0}')
    '{"time": 0, "seed": 0}'
    """
    for pattern, instead in _TIMES:
        text = pattern.sub(instead, text)
    return text


def digest_path(path: Path) -> dict[str, str] | str:
    """Digest of a file, or of each file of a folder by its name; of what they hold rather than how it is packed."""
    if path.is_dir():
        files = sorted(p for p in path.rglob("*") if p.is_file())
        return {p.relative_to(path).as_posix(): digest_file(p) for p in files}
    return digest_file(path) if path.exists() else "missing"


def digest_file(path: Path) -> str:
    """Digest of a file: cells of workbooks, documents without times, the bytes of everything else."""
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        cells = [[sheet.title, *map(repr, row)] for sheet in book for row in sheet.iter_rows(values_only=True)]
        return _sha(json.dumps(cells, ensure_ascii=False))
    if path.suffix in (".json", ".geojson", ".html", ".txt"):
        return _sha(without_times(path.read_text(encoding="utf-8")))
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as handle:
            return _sha(json.dumps([*csv.reader(handle)], ensure_ascii=False))
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """A line for each case, and each of its files, that is not as recorded."""
    lines = [f"{name}: not run" for name in before if name not in after]
    for name, record in after.items():
        if name not in before:
            lines.append(f"{name}: not recorded")
            continue
        lines += [
            f"{name}: {key} {before[name][key]} -> {record[key]}"
            for key in ("exit", "printed")
            if before[name][key] != record[key]
        ]
        for out, digest in record["outputs"].items():
            lines += [f"{name}: {out} {part}" for part in _changed(before[name]["outputs"].get(out), digest)]
    return lines


def _changed(before: Any, after: Any) -> list[str]:
    if before == after:
        return []
    if isinstance(before, dict) and isinstance(after, dict):
        return sorted(part for part in before.keys() | after.keys() if before.get(part) != after.get(part))
    return ["differs"]


def _units(work: Path, case: Case) -> dict[str, str]:
    if not any(argument in ("{unit}", "{left_over}") for argument in case.arguments):
        return {}
    plan = read_plan(work, "mixed")
    return {"unit": plan["areas"][0]["unit_ids"][-1], "left_over": plan["left_over"][0]["unit_id"]}


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
