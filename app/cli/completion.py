"""Completion: the script that makes a shell complete commands and options at the Tab key."""

from __future__ import annotations

from typing import Annotated, Literal

import typer
from typer.completion import completion_init, get_completion_script

from app.cli.base.arguments import AsJson
from app.cli.base.console import print_json, print_text

completion_init()


def write_completion(
    shell: Annotated[
        Literal["bash", "zsh", "fish", "powershell"],
        typer.Argument(metavar="SHELL", help="bash | zsh | fish | powershell"),
    ],
    as_json: AsJson = False,
) -> None:
    """写出补全脚本, 让终端按 Tab 补全命令和选项。 The script by which a shell completes commands and options.

    bash: pianqu completion bash >> ~/.bashrc; PowerShell: pianqu completion powershell >> $PROFILE
    """
    script = get_completion_script(prog_name="pianqu", complete_var="_PIANQU_COMPLETE", shell=shell)
    print_json({"shell": shell, "script": script}) if as_json else print_text(script)
