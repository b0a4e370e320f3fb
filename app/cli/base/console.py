"""What every command prints by: sentences, JSON, progress on a terminal; nothing heavy is imported here."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import typer

from app.i18n import LANGUAGES
from geo.messages import Item, Line, Sentence

_language: ContextVar[str | None] = ContextVar("language", default=None)


@contextmanager
def speak(language: str | None) -> Iterator[None]:
    """Whatever is told meanwhile is in this language; None = Chinese, then English."""
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)


def read_language() -> str | None:
    """The language in which answers are; None = both."""
    return _language.get()


def choose_language(language: str | None) -> None:
    """Answer in this language from now on, for whom the language was chosen by an option."""
    _language.set(language)


def tell(*lines: Line, is_error: bool = False) -> None:
    """An answer, each line in the language spoken.

    Parameters
    ----------
    *lines
        Text without a language, or in both.
    is_error
        Whether it goes to stderr.
    """
    for line in lines:
        typer.echo(format_line(line), err=is_error)


def format_line(line: Line) -> str:
    r"""A line in the language spoken; in both, the English stands below the Chinese.

    Examples
    --------
    >>> format_line(Item("-", Sentence("已满。", "It is full.")))
    '- 已满。\n  It is full.'
    """
    if isinstance(line, str):
        return line
    mark, sentence = line if isinstance(line, Item) else ("", line)
    head = f"{mark} " if mark else ""
    language = read_language()
    if language in LANGUAGES:
        return head + getattr(sentence, str(language))
    return f"{head}{sentence.zh}\n{' ' * len(head)}{sentence.en}"


def say_name(sentence: Sentence) -> str:
    """A name in the language spoken; in both, side by side.

    Examples
    --------
    >>> say_name(Sentence("现状", "now"))
    '现状 now'
    """
    language = read_language()
    return getattr(sentence, str(language)) if language in LANGUAGES else " ".join(filter(None, sentence))


def print_text(text: str) -> None:
    """One answer on stdout."""
    typer.echo(text)


def print_json(body: object) -> None:
    """A machine-readable answer on stdout."""
    typer.echo(json.dumps(body, ensure_ascii=False, default=str, indent=1))


@contextmanager
def progress_bar(label: Sentence) -> Iterator[Callable[[float, str], None]]:
    """A bar on a terminal, silence in a pipe; the receiver takes (share 0-1, what)."""
    if not sys.stderr.isatty():
        yield lambda share, what: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(say_name(label), total=1.0)
        yield lambda share, what: bar.update(task, completed=share, description=f"{say_name(label)} {what}")
