"""Arguments that several commands take, each said the same way everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="数据集文件夹 / dataset folder")]
PlanFile = Annotated[Path, typer.Argument(metavar="PLAN.json", help="方案文件 / plan file")]
PolicyFile = Annotated[
    Path | None, typer.Option("--policy", help="规划参数文件 / policy file [policy/baotou.toml]")
]
AsJson = Annotated[bool, typer.Option("--json", help="机器可读输出 / machine-readable output")]
