"""Commands about the installation itself: its version, what the machine lacks, and compiling ahead."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer

from app.cli.base.arguments import AsJson
from app.cli.base.console import print_json, print_text, tell
from app.i18n import say
from app.planning.options import Mode
from geo.messages import Item, Sentence


def print_version(is_asked: bool) -> None:
    """Print the version and end, where it is asked for."""
    if is_asked:
        print_text(f"pianqu {metadata.version('pianqu')}")
        raise typer.Exit


def check_machine(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="数据存放处 / where data is to be kept")] = Path(),
    port: Annotated[int, typer.Option(min=1, max=65535, help="端口 / port of the workbench")] = 8050,
    as_json: AsJson = False,
) -> None:
    """检查本机是否具备运行条件, 不改动任何东西。 Look whether this machine has what is needed; changes nothing."""
    from dataclasses import asdict

    from app.workbench.doctor import examine

    checks = examine(folder, port)
    if as_json:
        print_json([asdict(check) for check in checks])
    else:
        for check in checks:
            mark = {"ok": "✓", "warning": "!", "fault": "✗"}[check.verdict]
            tell(Item(mark, Sentence(check.zh, check.en)))
    raise typer.Exit(int(any(check.verdict == "fault" for check in checks)))


def warm_up(
    mode: Annotated[Mode | None, typer.Option(help="只编译这种模式的内核 / only the kernels of this mode")] = None,
    as_json: AsJson = False,
) -> None:
    """预先编译求解内核(首次约一分钟)。 Compile the search's kernels ahead; about a minute the first time."""
    from analysis.bundling.led_areas.search import compile_kernels as compile_led_areas
    from analysis.bundling.solver.search import compile_kernels

    if mode in (None, "area"):
        compile_led_areas()
    if mode in (None, "lead", "mixed"):
        compile_kernels(("lead",))
    if mode in (None, "whole", "mixed"):
        compile_kernels(("whole",))
        compile_kernels(("whole",), is_bounded=True)
    if mode is None:
        compile_kernels(("whole",), measure="cut")
    if as_json:
        print_json({"ok": True, "mode": mode})
    else:
        tell(say("cli.compiled"))
