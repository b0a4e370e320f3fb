"""Wrong usage in words of both languages: what was typed, what is expected, and where the help is."""

from __future__ import annotations

from typing import Any

from app.cli.base.console import tell
from app.i18n import say
from geo.messages import EMPTY, Sentence, join_names


def tell_usage_error(error: Any) -> None:
    """An error of the parser on stderr, with the usage of its command.

    Parameters
    ----------
    error
        As typer raises it, with the context it was raised in, or none.
    """
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":  # the help was printed
        return
    tell(say("usage.wrong", what=describe_usage_error(error)), is_error=True)
    if context is not None:
        usage = context.get_usage().removeprefix("Usage:").strip()
        tell(say("usage.help", usage=usage, command=context.command_path), is_error=True)


def describe_usage_error(error: Any) -> Sentence:
    """What is wrong, in one sentence.

    Parameters
    ----------
    error
        As typer raises it.
    """
    if hasattr(error, "possibilities"):
        known = join_names(sorted(error.possibilities or ()))
        near = say("usage.did_you_mean", names=known) if error.possibilities else EMPTY
        return say("usage.no_such_option", name=error.option_name, near=near)
    if hasattr(error, "param_type"):
        return say("usage.missing", name=_name(error), what=_about(error))
    if hasattr(error, "param"):
        return say("usage.bad_value", name=_name(error), why=_why(error))
    text = error.format_message()
    if text.startswith("No such command"):
        name = text.split("'")[1]
        commands = getattr(error.ctx.command, "commands", {})
        alike = [one for one in commands if f"'{one}'" in text.partition(".")[2]]
        found = say("usage.did_you_mean", names=join_names(alike)) if alike else EMPTY
        return say("usage.no_such_command", name=name, near=found)
    if text.startswith("Got unexpected extra"):
        return say("usage.extra", what=text.rpartition("(")[2].removesuffix(")"))
    if hasattr(error, "option_name"):
        key = "usage.takes_none" if "does not take" in text else "usage.needs_value"
        return say(key, name=error.option_name)
    return say("usage.other", text=text)


def _name(error: Any) -> str:
    param = error.param
    if param is None:
        return str(error.param_hint or "")
    return param.opts[0] if param.param_type_name == "option" else param.metavar or param.name.upper()


def _about(error: Any) -> Sentence:
    """The help of a parameter, in both languages."""
    from app.cli.base.help import pick_language

    told = getattr(error.param, "help", None) or ""
    return Sentence(*(pick_language(told, language) for language in ("zh", "en")))


def _why(error: Any) -> Sentence:
    """What the value ought to be, from the kind and the limits of the parameter."""
    param = error.param
    known = {"integer": "usage.whole_number", "number": "usage.number", "boolean": "usage.yes_no"}
    key = next((key for word, key in known.items() if f"valid {word}" in error.message), None)
    least, most = getattr(param, "min", None), getattr(param, "max", None)
    if "not one of " in error.message:
        return say("usage.one_of", choices=error.message.partition("not one of ")[2].rstrip("."))
    if key is None and (least is not None or most is not None):
        limits = f"{'' if least is None else f'≥ {least:g}'} {'' if most is None else f'≤ {most:g}'}".strip()
        return say("usage.within", limits=limits)
    return say(key) if key else Sentence(error.message, error.message)
