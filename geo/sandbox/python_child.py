"""How a module of this project is started as a process of its own: the same on every platform and in every locale."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

PRIORITY = getattr(psutil, "BELOW_NORMAL_PRIORITY_CLASS", 10)  # the first is of Windows alone
"""Of a child that gives way, and of the processes it starts."""
IMPORT_FOLDER = Path(__file__).resolve().parents[2]
"""Where `app`, `geo` and `analysis` lie: a checkout, or an environment's site-packages."""


def module_command(module: str, *arguments: str) -> list[str]:
    """The command that runs a module of this project.

    `-P` keeps the present folder off the path: an `app.py` of somebody else there is never run.

    Parameters
    ----------
    module
        Such as ``"app.cli"``.
    arguments
        Of the module.
    """
    return [sys.executable, "-P", "-m", module, *arguments]


def child_environment(inherited: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Environment of a child: it finds these packages, and its pipes are UTF-8 whatever the locale says.

    Parameters
    ----------
    inherited
        What else it is given.
    """
    return {**inherited, "PYTHONPATH": str(IMPORT_FOLDER), "PYTHONUTF8": "1"}


def detachment_options() -> dict[str, Any]:
    """`subprocess.Popen` arguments of a child that outlives the console it was started from."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def give_way(process: subprocess.Popen[Any]) -> None:
    """Let a child come after whatever else the computer does for somebody who waits.

    Parameters
    ----------
    process
        The child.
    """
    with suppress(psutil.Error):  # ended already
        psutil.Process(process.pid).nice(PRIORITY)
