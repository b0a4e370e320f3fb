"""What every command prints by: sentences, JSON, progress on a terminal; nothing heavy is imported here."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer


def print_text(text: str) -> None:
    """One answer on stdout."""
    typer.echo(text)


def print_json(body: object) -> None:
    """A machine-readable answer on stdout."""
    typer.echo(json.dumps(body, ensure_ascii=False, default=str, indent=1))


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[float, str], None]]:
    """A bar on a terminal, silence in a pipe; the receiver takes (share 0-1, what)."""
    if not sys.stderr.isatty():
        yield lambda share, what: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=1.0)
        yield lambda share, what: bar.update(task, completed=share, description=f"{label} {what}")
