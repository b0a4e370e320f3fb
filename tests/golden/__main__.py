"""`python -m tests.golden record` keeps today's outputs; `… check` compares them with those kept."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

from tests.golden.cases import list_cases, with_needed
from tests.golden.record import ROOT, differences, run_cases

HERE = Path(__file__).resolve().parent
RECORDS = HERE / "records.json"
TEXTS = HERE / "texts"


def main() -> int:
    """Run, and record or compare; 1 where anything differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("action", choices=("record", "check"))
    parser.add_argument("--small", action="store_true", help="without the city")
    parser.add_argument("--only", help="cases whose name contains this, and those they read from")
    options = parser.parse_args()
    shared = ROOT.parent / "shared"
    cases = [*list_cases(city=not options.small, shared=shared if shared.is_dir() else None)]
    if options.only:
        cases = with_needed(cases, lambda case: options.only in case.name)
    after: dict[str, dict] = {}
    texts: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="golden-") as work:
        for case, record, printed in run_cases(cases, Path(work), shared):
            print(f"{case.name}: exit {record['exit']}", flush=True)  # noqa: T201  # progress of minutes
            after[case.name] = record
            if case.keeps_text:
                texts[case.name] = printed
    if options.action == "record":
        if options.small or options.only:  # what was not run stays as it is recorded
            after = {**json.loads(RECORDS.read_text(encoding="utf-8")), **after}
        else:
            shutil.rmtree(TEXTS, ignore_errors=True)
        TEXTS.mkdir(exist_ok=True)
        for name, text in texts.items():
            (TEXTS / f"{name}.txt").write_text(text, encoding="utf-8")
        RECORDS.write_text(json.dumps(after, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        return 0
    before = json.loads(RECORDS.read_text(encoding="utf-8"))
    found = differences(
        {name: before[name] for name in before if name in after or not (options.small or options.only)}, after
    )
    for line in found:
        print(f"✗ {line}")  # noqa: T201
    print(f"{len(after)} cases, {len(found)} differences")  # noqa: T201
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
