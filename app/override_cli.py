"""`pianqu override`: corrections by people, listed, added and taken back."""

from __future__ import annotations

from datetime import date as today_of
from pathlib import Path
from typing import Annotated, Literal

import typer

from app.console import say, say_json

override_cli = typer.Typer(
    help="人工更正: 通道关闭、另有通道、相邻与否、小区位置 / corrections by people",
    no_args_is_help=True,
)

PolicyFile = Annotated[
    Path | None, typer.Option("--policy", help="规划参数文件 / policy file [policy/baotou.toml]")
]
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="数据集文件夹 / dataset folder")]


@override_cli.command("add")
def add(
    folder: Folder,
    what: Annotated[
        Literal["closed", "passage", "neighbours", "not_neighbours", "placed"],
        typer.Argument(
            metavar="WHAT",
            help="closed 通道已关 | passage 另有通道 | neighbours 相邻 | not_neighbours 不相邻 | "
            "placed 小区位置",
        ),
    ],
    ids: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ID…]", help="通道、小区, 或两个单元 / a crossing, a community, or two units"
        ),
    ] = None,
    author: Annotated[str, typer.Option(help="更正人 / who says so")] = ...,  # type: ignore[assignment]
    reason: Annotated[str, typer.Option(help="理由 / why")] = ...,  # type: ignore[assignment]
    date: Annotated[str | None, typer.Option(help="日期 / date [今天 today]")] = None,
    at: Annotated[
        tuple[float, float] | None,
        typer.Option("--at", metavar="X Y", help="通道或小区的位置 / where it is"),
    ] = None,
    crs: Annotated[
        str, typer.Option(help="X Y 的坐标系, 默认经纬度 / CRS of X Y, degrees by default")
    ] = "EPSG:4326",
    kind: Annotated[
        Literal["bridge", "underpass", "signal_crossing", "level_crossing", "gate"],
        typer.Option(help="通道类别 / kind of passage"),
    ] = "bridge",
    policy: PolicyFile = None,
) -> None:
    """记下一条更正, 不改动原图层。 Keep a correction; the layers stay as they are."""
    from analysis.policy import read_policy
    from app.services.overrides import correct

    override_id = correct(
        folder, what, ids or [], read_policy(policy), author=author, reason=reason,
        date=date or today_of.today().isoformat(), at=at, crs=crs, kind=kind,
    )  # fmt: skip
    say(f"已记下更正 {override_id}; 相邻关系将在下次计算时更新。 Correction {override_id} kept.")


@override_cli.command("list")
def list_(
    folder: Folder,
    as_json: Annotated[
        bool, typer.Option("--json", help="机器可读输出 / machine-readable")
    ] = False,
) -> None:
    """列出全部更正, 以及是否生效。 All corrections, and whether they are in force."""
    from app.services.overrides import correction_records, correction_sentence
    from geo.dataset import open_dataset

    records = correction_records(open_dataset(folder))
    if as_json:
        say_json(records)
        return
    for record in records:
        say(correction_sentence(record))
    say(f"{len(records)} 条更正 corrections")


@override_cli.command("remove")
def remove(
    folder: Folder,
    override_id: Annotated[str, typer.Argument(metavar="ID", help="更正编号 / its id")],
    policy: PolicyFile = None,
) -> None:
    """撤销一条更正, 恢复图层所载。 Take a correction back; what the layers say holds again."""
    from analysis.policy import read_policy
    from app.services.overrides import take_back

    take_back(folder, override_id, read_policy(policy))
    say(f"已撤销更正 {override_id}。 Correction {override_id} taken back.")
