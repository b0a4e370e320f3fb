"""Parts that only some commands need and that are installed by the name of an extra."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from geo.errors import UsageError
from geo.messages import load_catalogue

say = load_catalogue(__file__)


def import_extra(module: str, extra: str) -> ModuleType:
    """Import a part that is installed only where its extra was asked for.

    Parameters
    ----------
    module
        Such as ``"distributed"``.
    extra
        Name in ``[project.optional-dependencies]``.

    Raises
    ------
    UsageError
        If it is not installed; names the command that installs it.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise UsageError(*say("extra.missing", module=module, extra=extra)) from error
