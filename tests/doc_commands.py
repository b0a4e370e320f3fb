"""Commands in the documents, read as the command line would read them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache
from typing import Any

from typer.main import get_command

from app.cli.main import cli

FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.DOTALL | re.MULTILINE)


def list_blocks(text: str) -> list[tuple[str, str]]:
    """Every fenced block of a page: its language, and its text.

    Examples
    --------
    >>> list_blocks("```json\\n{}\\n```\\n")
    [('json', '{}\\n')]
    """
    return FENCE.findall(text)


def list_commands_in(text: str) -> Iterator[str]:
    """Every command `pianqu …` of a page, in blocks and in lines.

    Examples
    --------
    >>> [*list_commands_in("run `pianqu override add|list`.")]
    ['pianqu override add', 'pianqu override list']
    """
    blocks = "\n".join(body for kind, body in list_blocks(text) if not kind).replace("\\\n", " ")
    found = [line.strip() for line in blocks.splitlines() if line.lstrip().startswith("pianqu ")]
    found += re.findall(r"`(pianqu [^`]+)`", FENCE.sub("", text))
    for line in found:
        words = re.split(" #|  ", line)[0]
        choice = re.search(r"(?<= )[a-z-]+(?:\|[a-z-]+)+", words)
        for one in choice[0].split("|") if choice else [""]:
            yield words.replace(choice[0], one) if choice else words


@cache
def read_commands() -> Any:
    """Today's command line."""
    return get_command(cli)


def find_fault(line: str) -> str:
    """What today's command line does not know of a command; "" where it knows all.

    Examples
    --------
    >>> find_fault("pianqu plan D --mood area"), find_fault("pianqu plan D --mode area --out P.json")
    ('--mood', '')
    """
    command = read_commands()
    words = shlex.split(line)[1:]
    while words and hasattr(command, "commands") and not words[0].startswith("-"):
        if words[0] not in command.commands:
            return words[0]
        command = command.commands[words.pop(0)]
    known = {flag for one in command.params for flag in (*one.opts, *one.secondary_opts)} | {"--help"}
    return next((word for word in words if word.startswith("--") and word.partition("=")[0] not in known), "")
