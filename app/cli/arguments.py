"""Arguments that several commands take, each said the same way everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="数据集文件夹 / dataset folder")]
PlanFile = Annotated[Path, typer.Argument(metavar="PLAN.json", help="方案文件 / plan file")]
PolicyFile = Annotated[
    Path | None,
    typer.Option(
        "--policy",
        metavar="FILE",
        help="规划参数文件, 默认用数据集所存的, 再无则用程序所带的 / policy file "
        "[the dataset's own, else the one shipped]",
    ),
]
NamesFile = Annotated[
    Path | None,
    typer.Option(
        "--names",
        metavar="FILE",
        help="地名别名文件, 默认用数据集所存的, 再无则用程序所带的 / aliases of districts and streets "
        "[the dataset's own, else the one shipped]",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="机器可读输出 / machine-readable output")]
