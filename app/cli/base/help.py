"""How commands are put on the command line: in groups, in the language asked for, each with `--lang`."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from functools import wraps
from typing import Annotated, Any, Literal

import typer
from rich.markup import escape
from typer import rich_utils
from typer.core import TyperCommand, TyperGroup

from app.cli.base.console import choose_language, read_language, speak

CHINESE = re.compile("[\u3400-\u9fff]")
_WORDS = {
    "zh": {"DEFAULT_STRING": "[默认: {}]", "REQUIRED_LONG_STRING": "[必填]", "ENVVAR_STRING": "[环境变量: {}]"},
    "en": {},
}
"""What rich help says beside our own texts, and is English otherwise."""
_ARGUMENTS, _OPTIONS = "参数 / Arguments", "其他选项 / Other options"
_HELP = "显示本帮助并结束 / show this help and exit"


def pick_language(text: str, language: str | None) -> str:
    """The half of a help text in one language: Chinese first, then " / " or a space, then English.

    Parameters
    ----------
    text
        The help.
    language
        None = the whole text.

    Examples
    --------
    >>> pick_language("模式 / mode", "en"), pick_language("提出片区方案。 Propose areas.", "zh")
    ('mode', '提出片区方案。')
    >>> pick_language("坐标系 / CRS, e.g. EPSG:4546", "zh")
    '坐标系'
    """
    joined = " ".join(text.split())
    if language is None:
        return joined
    cuts = [*re.finditer(" / ", joined), *re.finditer("(?<=[。)]) (?=[A-Z])", joined)]
    for cut in sorted(cuts, key=lambda found: found.start()):
        chinese, english = joined[: cut.start()], joined[cut.end() :]
        if CHINESE.search(chinese) and not CHINESE.search(english):
            return chinese if language == "zh" else english
    return joined


class Command(TyperCommand):
    """A command whose help is in the language spoken."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the help.

        Parameters
        ----------
        ctx, formatter
            As typer hands them on.
        """
        with _in_language(self, ctx) as shown:
            TyperCommand.format_help(shown, ctx, formatter)


class Group(TyperGroup):
    """A group of commands whose help is in the language spoken."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print the help.

        Parameters
        ----------
        ctx, formatter
            As typer hands them on.
        """
        with _in_language(self, ctx) as shown:
            shown.commands = {name: _pick_texts(command) for name, command in self.commands.items()}
            TyperGroup.format_help(shown, ctx, formatter)


def _choose(language: str | None) -> None:
    if language is not None:
        choose_language(language)


Language = Annotated[
    Literal["zh", "en"] | None,
    typer.Option(
        "--lang",
        is_eager=True,
        callback=_choose,
        help="只用一种语言回答, 默认两种 / answer in one language [both]",
        rich_help_panel="回答 / Answer",
    ),
]


def add_language(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the option `--lang`, where it has none of its own."""
    signature = inspect.signature(command, eval_str=True)
    has_own = "lang" in signature.parameters
    parameters = [*signature.parameters.values()]
    if not has_own:
        keyword = inspect.Parameter.KEYWORD_ONLY
        kept = [one.replace(kind=keyword) for one in parameters]
        parameters = [*kept, inspect.Parameter("lang", keyword, default=None, annotation=Language)]

    @wraps(command)
    def run(**values: Any) -> None:
        if not has_own:
            values.pop("lang", None)
        command(**values)

    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    return run


@contextmanager
def _in_language(command: Any, ctx: Any) -> Iterator[Any]:
    """A copy of a command with its texts in the language spoken, and rich help's own words too."""
    shown = _pick_texts(command)
    parameters = [_pick_parameter(one) for one in command.get_params(ctx)]
    shown.get_params = lambda _: parameters
    words = _WORDS.get(read_language() or "", {})
    before = {name: getattr(rich_utils, name) for name in words}
    for name, text in words.items():
        setattr(rich_utils, name, text)
    try:
        with speak(read_language()):
            yield shown
    finally:
        for name, text in before.items():
            setattr(rich_utils, name, text)


def _pick_texts(command: Any) -> Any:
    shown = copy(command)
    for name in ("help", "short_help", "rich_help_panel"):
        if isinstance(text := getattr(command, name, None), str):
            setattr(shown, name, pick_language(text, read_language()) if read_language() else text)
    return shown


def _pick_parameter(one: Any) -> Any:
    shown = copy(one)
    panel = one.rich_help_panel or (_ARGUMENTS if one.param_type_name == "argument" else _OPTIONS)
    shown.rich_help_panel = pick_language(panel, read_language())
    text = _HELP if "--help" in one.opts else getattr(one, "help", None)
    if text:
        shown.help = escape(pick_language(text, read_language()) if read_language() else text)  # "[policy]" is no style
    return shown
