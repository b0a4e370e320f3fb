"""What the jobs of a server may take: how many at a time, memory and time of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import psutil

from app.i18n import say
from app.jobs.cores import count_cores
from geo.errors import UsageError

_MB = 1_000_000


@dataclass(frozen=True)
class JobLimits:
    """What the jobs of a server may take.

    Parameters
    ----------
    slots
        Jobs at a time.
    memory_mb
        Memory of one job with all its processes, megabytes.
    wall_s
        Seconds of one job by the clock, from its start.
    """

    slots: int
    memory_mb: int
    wall_s: int

    @classmethod
    def from_settings(cls, settings: Mapping[str, str]) -> JobLimits:
        """The limits that are set (``PIANQU_JOB_…``), else those that suit this computer.

        Half as many jobs as there are cores, at least one; three quarters of the memory shared among them; three
        hours.

        Parameters
        ----------
        settings
            Texts by name of the setting.

        Raises
        ------
        UsageError
            If a value is not a positive whole number.

        Examples
        --------
        >>> JobLimits.from_settings({"PIANQU_JOB_SLOTS": "2", "PIANQU_JOB_MEMORY_MB": "500", "PIANQU_JOB_WALL_S": "60"})
        JobLimits(slots=2, memory_mb=500, wall_s=60)
        """
        slots = _positive(settings, "PIANQU_JOB_SLOTS") or max(1, count_cores() // 2)
        memory_mb = int(0.75 * psutil.virtual_memory().total / _MB / slots)
        return cls(
            slots,
            _positive(settings, "PIANQU_JOB_MEMORY_MB") or memory_mb,
            _positive(settings, "PIANQU_JOB_WALL_S") or 3 * 3600,
        )


def _positive(settings: Mapping[str, str], key: str) -> int | None:
    text = settings.get(key, "").strip()
    if text and (not text.isdecimal() or int(text) == 0):
        raise UsageError(*say("planning.limit_setting", key=key, text=text))
    return int(text) if text else None
