"""Processes that write into a store: `python writers.py {save|race} URL PLAN_ID N NAME`."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def start(task, url, plan_id, n, name="w"):
    """Start a writer; it tells a line for every acknowledged save."""
    return subprocess.Popen(
        [sys.executable, __file__, task, url, plan_id, str(n), name],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        stdout=subprocess.PIPE,
        text=True,
    )


def main():
    """Save n times; after a conflict what is newest is read and changed again."""
    from app.store.errors import ConflictError
    from app.store.store import open_store

    task, url, plan_id, n, name = sys.argv[1:]
    store = open_store(url)
    done = 0
    while done < int(n):
        newest = next(plan.newest for plan in store.plans() if plan.id == plan_id)
        document = store.document(newest.id)
        document["seed"] += 1
        try:
            saved = store.save(plan_id, newest.number, document, name, "" if task == "race" else "x")
        except ConflictError:
            continue
        done += 1
        sys.stdout.write(f"saved {saved.number} {saved.plan_sha256}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
