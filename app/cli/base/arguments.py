"""Arguments that several commands take, each described in one place; options of a plan come from their table."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from app.planning.options import OptionField, option_of

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="数据集文件夹 / dataset folder")]
PlanFile = Annotated[Path, typer.Argument(metavar="PLAN.json", help="方案文件 / plan file")]
POLICY, ANSWER = "参数文件 / Policy", "回答 / Answer"
PolicyFile = Annotated[
    Path | None,
    typer.Option(
        "--policy",
        metavar="FILE",
        rich_help_panel=POLICY,
        help="规划参数文件, 默认用数据集所存的, 再无则用程序所带的 / policy file "
        "[the dataset's own, else the one shipped]",
    ),
]
NamesFile = Annotated[
    Path | None,
    typer.Option(
        "--names",
        metavar="FILE",
        rich_help_panel=POLICY,
        help="地名别名文件, 默认用数据集所存的, 再无则用程序所带的 / aliases of districts and streets "
        "[the dataset's own, else the one shipped]",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="机器可读输出 / machine-readable output", rich_help_panel=ANSWER)]


def takes_options(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options of these names, after its own arguments without a default.

    Parameters
    ----------
    *names
        Fields of `app.planning.options.PlanOptions`, in the order of the help. The command takes their
        values, as `PlanOptions` has them, as keywords (``**chosen``).
    """
    offered = [option_of(name) for name in names]

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        own = [
            one
            for one in inspect.signature(command, eval_str=True).parameters.values()
            if one.kind is not inspect.Parameter.VAR_KEYWORD
        ]
        required = [one for one in own if one.default is inspect.Parameter.empty]
        chosen = [_parameter(one) for one in offered]
        keyword = inspect.Parameter.KEYWORD_ONLY
        parameters = [one.replace(kind=keyword) for one in (*required, *chosen, *own[len(required) :])]

        @wraps(command)
        def run(**values: Any) -> None:
            for one in offered:
                if one.is_repeated:
                    texts = values[one.name]
                    values[one.name] = one.default if texts is None else tuple(texts)
            command(**values)

        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {one.name: one.annotation for one in parameters}
        return run

    return decorate


def _parameter(one: OptionField) -> inspect.Parameter:
    """An option as typer reads it from a signature."""
    option, kind = one.option, list[str] | None if one.is_repeated else one.type
    limits: dict[str, Any] = {"min": option.least, "max": option.most}
    help_ = f"{option.zh} / {option.en}"
    shown = typer.Option(
        *option.flags, metavar=option.metavar, help=help_, rich_help_panel=option.group or None, **limits
    )
    default = None if one.is_repeated else one.default
    return inspect.Parameter(
        one.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, shown]
    )
