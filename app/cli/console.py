"""What every command prints by: sentences, JSON, progress, what Ctrl+C does; nothing heavy is imported here."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import typer

_SHOW_CURSOR = "\x1b[?25h"


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


@contextmanager
def stop_on_interrupt() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl+C was pressed meanwhile; pressed again it ends the process at once, exit code 130.

    Signals are handled by the main thread alone, so it is that which must enter here.
    """
    n_pressed = 0

    def press(number: int, frame: FrameType | None) -> None:
        nonlocal n_pressed
        n_pressed += 1
        if n_pressed > 1:
            _write_raw("已放弃, 未写入任何结果。\nGiven up; nothing was written.")
            os._exit(130)
        _write_raw(
            "正在结束, 将写出目前最好的方案; 再按一次 Ctrl+C 立即放弃, 不写结果。\n"
            "Ending; the best plan so far will be written. Press Ctrl+C again to give up at once."
        )

    before = signal.signal(signal.SIGINT, press)
    try:
        yield lambda: n_pressed > 0
    finally:
        signal.signal(signal.SIGINT, before)
    if n_pressed:
        typer.echo(
            "已提前结束, 写出的是到那时最好的方案。\nEnded early; what is written is the best plan found until then.",
            err=True,
        )


def _write_raw(text: str) -> None:
    """Write past Python's streams: what is interrupted may be writing to them itself."""
    show = _SHOW_CURSOR if sys.stderr.isatty() else ""
    os.write(2, f"{show}\n{text}\n".encode())
