"""`pianqu override`: corrections by people, listed, added and taken back."""

from __future__ import annotations

from datetime import date as today_of
from typing import Annotated, Literal

import typer

from app.cli.base.arguments import AsJson, Folder, PolicyFile
from app.cli.base.console import print_json, tell
from app.i18n import say
from geo.schema import CORRECTABLE

OVERRIDE_HELP = "人工更正: 数值、边界、切分、合并、通道、相邻与否、小区位置 / corrections by people"


def add(
    folder: Folder,
    what: Annotated[
        Literal["closed", "passage", "neighbours", "not_neighbours", "placed", "value", "outline", "split", "merged"],
        typer.Argument(
            metavar="WHAT",
            help="依次: 通道已关, 另有通道, 相邻, 不相邻, 小区位置, 数值, 边界, 切分, 合并 / in this order: a crossing "
            "is closed, there is a passage, two units are neighbours or are not, where a community is, a figure, an "
            "outline, a unit split, two merged",
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
    as_json: AsJson = False,
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
    if as_json:
        print_json({"id": override_id, "doubts": [vars(one) for one in doubts]})
        return
    tell(*(say("cli.note", text=one) for one in doubts), is_error=True)
    if any(one.severity == "warning" for one in doubts):
        tell(say("cli.kept_though", folder=folder, id=override_id), is_error=True)
    tell(say("cli.correction_kept", id=override_id))


def list_(folder: Folder, as_json: AsJson = False) -> None:
    """列出全部更正, 以及是否生效。 All corrections, and whether they are in force."""
    from app.desks.corrections.overrides import correction_sentence, list_corrections
    from geo.storage.dataset import open_dataset

    records = list_corrections(open_dataset(folder))
    if as_json:
        print_json(records)
        return
    tell(*map(correction_sentence, records), say("cli.n_corrections", n=len(records)))


def remove(
    folder: Folder,
    override_id: Annotated[str, typer.Argument(metavar="ID", help="更正编号 / its id")],
    policy: PolicyFile = None,
    as_json: AsJson = False,
) -> None:
    """撤销一条更正, 恢复图层所载。 Take a correction back; what the layers say holds again."""
    from app.desks.corrections.overrides import remove_correction
    from app.workbench.policies import resolve_folder_rules

    remove_correction(folder, override_id, resolve_folder_rules(folder, policy).policy)
    if as_json:
        print_json({"id": override_id})
    else:
        tell(say("cli.correction_removed", id=override_id))
