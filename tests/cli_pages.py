"""The pages of the command line, docs/site/*/command-line.md, made from the commands: `python -m tests.cli_pages`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from typer.main import get_command

from app.cli.main import cli

PAGES = Path(__file__).resolve().parents[1] / "docs/site"
INTRO = {
    "zh": """# 命令行

`pianqu 命令 --help` 显示同样的内容。本页由 `python -m tests.cli_pages` 从命令本身写出, 不要手工改。

退出码: 0 完成; 1 完成, 但输入有错误或规则未满足; 2 用法错误、文件读不了、缺坐标系或基准、
方案对应另一份数据: 什么也不存。
""",
    "en": """# Command line

`pianqu COMMAND --help` says the same. This page is written by `python -m tests.cli_pages` from the commands
themselves; do not edit it.

Exit codes: 0 done; 1 done, with errors in the input or rules unmet; 2 wrong usage, a file that cannot be read,
no CRS or datum, a plan of other data: nothing is stored.
""",
}
HEADS = {"zh": "| 选项 | 说明 | 默认 |\n|---|---|---|", "en": "| Option | What it is | Default |\n|---|---|---|"}
TYPES = {Path: "PATH", int: "N", float: "X", str: "TEXT"}
CHINESE = re.compile("[\u3400-\u9fff]")


def write_page(language: str) -> str:
    """All commands, each with its arguments and options, in one language."""
    parts = [INTRO[language]]
    for name, command in _commands(get_command(cli)):
        parameters = [one for one in command.params if "--help" not in one.opts and not getattr(one, "hidden", False)]
        usage = " ".join([f"pianqu {name}", *map(_usage, parameters)]).rstrip()
        parts.append(f"## pianqu {name}\n\n{pick_language(command.help or '', language)}\n\n```\n{usage}\n```\n")
        if parameters:
            rows = "\n".join(_row(one, language) for one in parameters)
            parts.append(f"{HEADS[language]}\n{rows}\n")
    return "\n".join(parts)


def pick_language(text: str, language: str) -> str:
    """The half of a help text in one language: Chinese first, then " / " or a space, then English.

    Examples
    --------
    >>> pick_language("模式 / mode", "en"), pick_language("提出片区方案。 Propose areas.", "zh")
    ('mode', '提出片区方案。')
    >>> pick_language("坐标系 / CRS, e.g. EPSG:4546", "zh")
    '坐标系'
    """
    joined = " ".join(text.split())
    cuts = [*re.finditer(" / ", joined), *re.finditer("(?<=[。)]) (?=[A-Z])", joined)]
    for cut in sorted(cuts, key=lambda found: found.start()):
        chinese, english = joined[: cut.start()], joined[cut.end() :]
        if CHINESE.search(chinese) and not CHINESE.search(english):
            return chinese if language == "zh" else english
    return joined


def _commands(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if getattr(command, "hidden", False):
            continue
        if hasattr(command, "commands"):
            yield from _commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


def _usage(one: Any) -> str:
    if one.param_type_name == "argument":
        name = one.metavar or one.name.upper()
        return name if one.required else f"[{name}]"
    return f"{one.opts[0]}{f' {_values(one)}'.rstrip()}" if one.required else ""


def _values(one: Any) -> str:
    """What stands for the value: as the help has it, else the choices, else its type."""
    annotation = getattr(one.type_descriptor, "annotation", None)
    types = (annotation, *get_args(annotation))
    choices = [" | ".join(map(str, get_args(inner))) for inner in types if get_origin(inner) is Literal]
    named = [word for kind, word in TYPES.items() if kind in types and not one.secondary_opts]
    return one.metavar or next(iter([*choices, *named]), "")


def _row(one: Any, language: str) -> str:
    if one.param_type_name == "argument":
        shown = f"`{one.metavar or one.name.upper()}`"
    else:
        shown = " ".join(f"`{option}`" for option in (*one.opts, *one.secondary_opts))
        shown += f" {_values(one)}".rstrip()
    default = (
        ""
        if str(one.default) in {"None", "", "False", "True", "()", "[]"} or callable(one.default)
        else f"`{one.default}`"
    )
    told = pick_language(getattr(one, "help", None) or "", language)
    return f"| {_cell(shown)} | {_cell(told)} | {_cell(default)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def main() -> int:
    """Write both pages."""
    for language in INTRO:
        (PAGES / language / "command-line.md").write_text(write_page(language), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
