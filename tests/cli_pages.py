"""The pages of the command line, docs/site/*/command-line.md, made from the commands: `python -m tests.cli_pages`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from typer.main import get_command

from app.cli.base.help import pick_language
from app.cli.main import cli

PAGES = Path(__file__).resolve().parents[1] / "docs/site"
INTRO = {
    "zh": """# 命令行

`pianqu 命令 --help` 显示同样的内容。本页由 `python -m tests.cli_pages` 从命令本身写出, 不要手工改。

每个命令都可加 `--lang zh` 或 `--lang en`, 只用一种语言回答 (不加则中英都写); `--json` 给程序读。
常用的设定写在 [`pianqu.toml`](settings.md) 里, 不必每次输入。
按 Tab 补全: `pianqu completion bash` (zsh、fish、powershell) 写出所需脚本。

退出码: 0 完成; 1 完成, 但输入有错误或规则未满足; 2 用法错误、文件读不了、缺坐标系或基准、
方案对应另一份数据: 什么也不存。
""",
    "en": """# Command line

`pianqu COMMAND --help` says the same. This page is written by `python -m tests.cli_pages` from the commands
themselves; do not edit it.

Every command takes `--lang zh` or `--lang en` to answer in one language (both without it), and `--json` for
machines. What an office always wants is set once in [`pianqu.toml`](settings.md). `pianqu completion bash` (zsh,
fish, powershell) writes the script that completes commands and options at the Tab key.

Exit codes: 0 done; 1 done, with errors in the input or rules unmet; 2 wrong usage, a file that cannot be read,
no CRS or datum, a plan of other data: nothing is stored.
""",
}
HEADS = {"zh": "| 选项 | 说明 | 默认 |\n|---|---|---|", "en": "| Option | What it is | Default |\n|---|---|---|"}
COLON = {"zh": "：", "en": ":"}
TYPES = {Path: "PATH", int: "N", float: "X", str: "TEXT"}


def write_page(language: str) -> str:
    """All commands, each with its arguments and options, in one language."""
    parts = [INTRO[language]]
    spoken = {(name, "lang") for name, _ in list_commands(get_command(cli)) if name != "export"}  # told once
    for name, command in list_commands(get_command(cli)):
        parameters = [
            one
            for one in command.params
            if "--help" not in one.opts and not getattr(one, "hidden", False) and (name, one.name) not in spoken
        ]
        usage = " ".join([f"pianqu {name}", *map(_usage, parameters)]).rstrip()
        parts.append(f"## pianqu {name}\n\n{pick_language(command.help or '', language)}\n\n```\n{usage}\n```\n")
        panels: dict[str, list[Any]] = {}
        for one in parameters:
            panels.setdefault(pick_language(one.rich_help_panel or "", language), []).append(one)
        if len(panels) < 4:  # one table is read more easily
            panels = {"": [*chain.from_iterable(panels.values())]}
        for panel, some in panels.items():
            head = f"{panel}{COLON[language]}\n\n" if panel else ""
            rows = "\n".join(_row(one, language) for one in some)
            parts.append(f"{head}{HEADS[language]}\n{rows}\n")
    return "\n".join(parts)


def list_commands(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Every command by its whole name."""
    for name, command in group.commands.items():
        if getattr(command, "hidden", False):
            continue
        if hasattr(command, "commands"):
            yield from list_commands(command, f"{before}{name} ")
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
