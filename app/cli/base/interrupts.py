"""Ctrl+C on the command line: pressed once a run ends with its best, pressed twice it is given up."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from app.cli.base.console import format_line, tell
from app.i18n import say

_SHOW_CURSOR = "\x1b[?25h"


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
            _write_raw(format_line(say("cli.given_up")))
            os._exit(130)
        _write_raw(format_line(say("cli.ending")))

    before = signal.signal(signal.SIGINT, press)
    try:
        yield lambda: n_pressed > 0
    finally:
        signal.signal(signal.SIGINT, before)
    if n_pressed:
        tell(say("cli.ended_early"), is_error=True)


def _write_raw(text: str) -> None:
    """Write past Python's streams: what is interrupted may be writing to them itself."""
    show = _SHOW_CURSOR if sys.stderr.isatty() else ""
    os.write(2, f"{show}\n{text}\n".encode())
