"""Parts that only some commands need and that are installed by the name of an extra."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from geo.errors import UsageError


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
        raise UsageError(
            f'这项功能要用部件 {module}, 这里没有安装; 请运行: pip install "pianqu[{extra}]"',
            f'This needs the part {module}, which is not installed here; run: pip install "pianqu[{extra}]"',
        ) from error
