"""`pianqu override`: corrections by people, listed, added and taken back."""

from __future__ import annotations

from datetime import date as today_of
from typing import Annotated, Literal

import typer

from app.cli.arguments import AsJson, Folder, PolicyFile
from app.cli.console import print_json, print_text
from geo.schema import CORRECTABLE

override_cli = typer.Typer(
    help="人工更正: 数值、边界、切分、合并、通道、相邻与否、小区位置 / corrections by people", no_args_is_help=True
)


@override_cli.command("add")
def add(
    folder: Folder,
    what: Annotated[
        Literal["closed", "passage", "neighbours", "not_neighbours", "placed", "value", "outline", "split", "merged"],
        typer.Argument(
            metavar="WHAT",
            help="closed 通道已关 | passage 另有通道 | neighbours 相邻 | not_neighbours 不相邻 | "
            "placed 小区位置 | value 数值 | outline 边界 | split 切分 | merged 合并",
        ),
    ],
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID…]", help="通道、小区, 或两个单元 / a crossing, a community, or two units"),
    ] = None,
    author: Annotated[str, typer.Option(help="更正人 / who says so")] = ...,  # type: ignore[assignment]
    reason: Annotated[str, typer.Option(help="理由 / why")] = ...,  # type: ignore[assignment]
    date: Annotated[str | None, typer.Option(help="日期 / date [今天 today]")] = None,
    at: Annotated[
        tuple[float, float] | None, typer.Option("--at", metavar="X Y", help="通道或小区的位置 / where it is")
    ] = None,
    shape: Annotated[
        str | None, typer.Option("--shape", help="WKT、GeoJSON 或坐标串: 边界、切分线 / an outline or a line")
    ] = None,
    crs: Annotated[
        str | None, typer.Option(help="位置的坐标系 [按数值: 经纬度或数据集坐标系] / CRS of the place")
    ] = None,
    field: Annotated[str | None, typer.Option(help=f"更正的字段 / column: {', '.join(CORRECTABLE)}")] = None,
    value: Annotated[str | None, typer.Option(help="应为; 不写 = 不详 / what it ought to say")] = None,
    part: Annotated[
        list[str] | None, typer.Option(help="切分的一部分, 先西后东: 编号,名称,户数[,面积㎡] / id,name,households[,m²]")
    ] = None,
    kind: Annotated[
        Literal["bridge", "underpass", "signal_crossing", "level_crossing", "gate"],
        typer.Option(help="通道类别 / kind of passage"),
    ] = "bridge",
    policy: PolicyFile = None,
) -> None:
    """记下一条更正, 不改动原图层。 Keep a correction; the layers stay as they are."""
    from app.desks.corrections.overrides import check_place, parse_correction, parse_part, store_corrections
    from app.workbench.policies import resolve_folder_rules
    from geo.storage.dataset import open_dataset

    dataset = open_dataset(folder)
    correction = parse_correction(
        dataset,
        what,
        ids or [],
        author=author,
        reason=reason,
        date=date or today_of.today().isoformat(),
        kind=kind,
        field=field,
        value=value,
        place=shape if at is None else f"{at[0]!r}, {at[1]!r}",
        crs=crs,
        parts=[parse_part(text) for text in part or []],
    )
    in_force = resolve_folder_rules(folder, policy).policy
    doubts = check_place(dataset, correction, in_force)
    (override_id,) = store_corrections(folder, [correction], in_force)
    for one in doubts:
        typer.echo(f"注意 {one.zh}\nNote: {one.en}", err=True)
    if any(one.severity == "warning" for one in doubts):
        typer.echo(
            f"已照记; 不对的话请撤销: pianqu override remove {folder} {override_id}\n"
            f"It was kept; if it is wrong: pianqu override remove {folder} {override_id}",
            err=True,
        )
    print_text(f"已记下更正 {override_id}; 相邻关系将在下次计算时更新。 Correction {override_id} kept.")


@override_cli.command("list")
def list_(folder: Folder, as_json: AsJson = False) -> None:
    """列出全部更正, 以及是否生效。 All corrections, and whether they are in force."""
    from app.desks.corrections.overrides import correction_sentence, list_corrections
    from geo.storage.dataset import open_dataset

    records = list_corrections(open_dataset(folder))
    if as_json:
        print_json(records)
        return
    for record in records:
        print_text(correction_sentence(record))
    print_text(f"{len(records)} 条更正 corrections")


@override_cli.command("remove")
def remove(
    folder: Folder,
    override_id: Annotated[str, typer.Argument(metavar="ID", help="更正编号 / its id")],
    policy: PolicyFile = None,
) -> None:
    """撤销一条更正, 恢复图层所载。 Take a correction back; what the layers say holds again."""
    from app.desks.corrections.overrides import remove_correction
    from app.workbench.policies import resolve_folder_rules

    remove_correction(folder, override_id, resolve_folder_rules(folder, policy).policy)
    print_text(f"已撤销更正 {override_id}。 Correction {override_id} taken back.")
