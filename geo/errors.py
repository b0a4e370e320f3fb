"""The errors Pianqu raises: each says in Chinese and English what was found, where, what to do."""

from __future__ import annotations


class PlanningError(Exception):
    """Base of every error a planner can meet; holds one sentence in each language.

    Parameters
    ----------
    zh
        The sentence in Chinese: what was found, where, what to do.
    en
        The same in English.

    Examples
    --------
    >>> PlanningError("图层没有坐标系。", "The layer has no CRS.").en
    'The layer has no CRS.'
    """

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh}\n{en}")
        self.zh = zh
        self.en = en

    def __reduce__(self) -> tuple[type[PlanningError], tuple[str, str]]:
        """It leaves one process for another as its two sentences."""
        return type(self), (self.zh, self.en)


class UnreadableFileError(PlanningError, OSError):
    """A file is missing, of another kind than its name says, damaged or hostile."""


class EmptyLayerError(PlanningError, ValueError):
    """A layer has no usable row."""


class MissingCRSError(PlanningError, ValueError):
    """A layer has no coordinate reference system and none was given."""


class MissingDatumError(PlanningError, ValueError):
    """Coordinates are in degrees but nobody stated on which datum (WGS84, CGCS2000, GCJ-02, BD-09)."""


class NotMetricError(PlanningError, ValueError):
    """Something would be measured in degrees."""


class UnknownLayerError(PlanningError, ValueError):
    """It is not clear which layer a file is; the candidates are named."""


class NotWrittenError(PlanningError, OSError):
    """A place that was to be written refused it: full, read-only, no right, no such place."""


class NotADatasetError(PlanningError, FileNotFoundError):
    """A folder holds no dataset, or a damaged one."""


class BusyError(PlanningError, RuntimeError):
    """Another program is writing a dataset and did not end in time; nothing was changed."""


class ChangedMeanwhileError(PlanningError, RuntimeError):
    """A dataset was changed by somebody else since it was read; nothing was overwritten."""


class UnknownCodeError(PlanningError, KeyError):
    """A code (street, unit, area, layer) does not exist in the dataset."""

    def __str__(self) -> str:
        return f"{self.zh}\n{self.en}"


class UsageError(PlanningError, ValueError):
    """Options contradict each other or a value is out of range."""


class PolicyError(PlanningError, ValueError):
    """A policy file is incomplete or has a wrong value; all faults are named together."""


class StalePlanError(PlanningError, ValueError):
    """A plan was made for other planning data than the dataset at hand."""


class NetworkError(PlanningError, ConnectionError):
    """What the user asked for is on the network, which cannot be reached or refuses."""
