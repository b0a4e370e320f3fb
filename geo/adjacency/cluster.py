"""One function for many parts: in this process, or on a cluster of `distributed` workers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from geo.errors import PlanningError, UsageError

logger = logging.getLogger(__name__)

Task = TypeVar("Task")
TaskResult = TypeVar("TaskResult")

CONNECT_S = 20
"""How long a scheduler may take to answer, seconds."""


class ClusterError(PlanningError, RuntimeError):
    """A part could not be computed on the cluster."""


def run_tasks(
    function: Callable[..., TaskResult], parts: Sequence[Task], *arguments: Any, scheduler: str | None = None
) -> list[TaskResult]:
    """The results of a function for each part, in the order of the parts.

    On a cluster each part is one task. What fails there (a worker that died takes innocent
    neighbours along) is tried again alone, one part at a time; only a part that fails alone is an
    error.

    Parameters
    ----------
    function
        From a part and the arguments to its result; importable, so that workers find it.
    parts
        Each holds all it needs.
    arguments
        The same for all parts.
    scheduler
        Address of a `distributed` scheduler, such as tcp://10.0.0.5:8786; None = in this process.

    Raises
    ------
    UsageError
        If no scheduler answers at the address.
    ClusterError
        If a part fails on its own as well.
    """
    if scheduler is None:
        return [function(part, *arguments) for part in parts]
    from distributed import Client

    try:
        client = Client(scheduler, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"连不上调度器“{scheduler}”({error}); 请核对地址, 形如 tcp://10.0.0.5:8786。",
            f"No scheduler answers at '{scheduler}' ({error}); it looks like tcp://10.0.0.5:8786.",
        ) from error
    with client:
        futures = [client.submit(function, part, *arguments, pure=False) for part in parts]
        found: list[Any] = client.gather(futures, errors="skip")
        failed = [k for k, future in enumerate(futures) if future.status != "finished"]
        kept = iter(found)
        results: list[Any] = [None if k in failed else next(kept) for k in range(len(parts))]
        for k in failed:
            logger.warning("part %d of %d failed with others; trying it alone", k + 1, len(parts))
            results[k] = _run_alone(client, function, parts[k], arguments, (k + 1, len(parts)))
    return results


def _run_alone(
    client: Any, function: Callable[..., TaskResult], part: Task, arguments: tuple[Any, ...], place: tuple[int, int]
) -> TaskResult:
    """The result of one part with nothing else running."""
    try:
        found: TaskResult = client.submit(function, part, *arguments, pure=False).result()
    except PlanningError:
        raise
    except Exception as error:
        raise ClusterError(
            f"第 {place[0]}/{place[1]} 个分块在集群上计算失败({type(error).__name__}: {error}); "
            "请查看工作进程的日志, 或不带 --scheduler 运行。",
            f"Part {place[0]} of {place[1]} failed on the cluster ({type(error).__name__}: {error}); "
            "see the worker's log, or run without --scheduler.",
        ) from error
    return found
