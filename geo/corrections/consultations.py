"""Talks with the owners of a unit: what they say and how far it came, one row a talk."""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import dataclass

import pandas as pd

from geo.errors import UnknownCodeError, UsageError
from geo.messages import load_catalogue
from geo.schema import STAGES
from geo.storage.commits import lock_dataset
from geo.storage.dataset import Dataset, open_dataset, write_dataset
from geo.storage.layer_frames import shape_layer

say = load_catalogue(__file__)

ANSWERS = ("yes", "no", "unsurveyed")
"""What owners say: they agree, they refuse, they have not said yet."""


@dataclass(frozen=True)
class Consultation:
    """One talk.

    Parameters
    ----------
    unit_id
        Of the unit.
    agrees
        One of `ANSWERS`; None = as before.
    stage
        One of `geo.schema.STAGES`; None = as before.
    author, date
        Who records it, and when it was (ISO date).
    note
        What else is to be known; may be empty.
    """

    unit_id: str
    agrees: str | None
    stage: str | None
    author: str
    date: str
    note: str = ""


def add_consultation(dataset: Dataset, talk: Consultation) -> tuple[Dataset, str]:
    """Keep what came of a talk; earlier talks stay.

    Parameters
    ----------
    dataset
        The dataset.
    talk
        What was stated, by whom, when.

    Returns
    -------
    The dataset with it, and the id under which it can be taken back. Units are not derived anew
    here: `geo.importing.derive_units` does, where the answer changes who is unwilling (R40).

    Raises
    ------
    UnknownCodeError
        If there is no such unit.
    UsageError
        If it does not say who, when, and something.
    """
    with lock_dataset(dataset.folder):
        dataset = open_dataset(dataset.folder)
        _check(dataset, talk)
        there = read_consultations(dataset)
        number = int(there["number"].max()) + 1 if len(there) else 1
        record = [number, talk.unit_id, talk.agrees, talk.stage, talk.author, talk.date, talk.note]
        digest = hashlib.sha256("\x1f".join(str(part or "") for part in record).encode())
        row = {
            "consultation_id": "k" + digest.hexdigest()[:12],
            "number": number,
            "unit_id": talk.unit_id,
            "agrees": talk.agrees,
            "stage": talk.stage,
            "author": talk.author.strip(),
            "date": talk.date,
            "note": talk.note.strip() or None,
        }
        frames = [frame for frame in (there, pd.DataFrame([row])) if len(frame)]
        layer = pd.concat(frames, ignore_index=True)
        written = write_dataset(dataset.folder, dataset.manifest, {"consultations": layer})
        return written, str(row["consultation_id"])


def remove_consultation(dataset: Dataset, consultation_id: str) -> Dataset:
    """Take a talk back: what was stated before holds again.

    Parameters
    ----------
    dataset
        The dataset.
    consultation_id
        Its id.

    Raises
    ------
    UnknownCodeError
        If there is no such talk.
    """
    with lock_dataset(dataset.folder):
        dataset = open_dataset(dataset.folder)
        there = read_consultations(dataset)
        kept = there[there["consultation_id"] != consultation_id]
        if len(kept) == len(there):
            raise UnknownCodeError(*say("error.no_record", consultation_id=consultation_id))
        if kept.empty:
            return write_dataset(dataset.folder, dataset.manifest, {}, dropped=("consultations",))
        return write_dataset(dataset.folder, dataset.manifest, {"consultations": kept})


def read_consultations(dataset: Dataset) -> pd.DataFrame:
    """All talks in the order in which they were recorded."""
    layer = shape_layer("consultations", dataset.layer("consultations"), "")
    return layer.sort_values("number", kind="stable", ignore_index=True)


def consultation_status(talks: pd.DataFrame) -> pd.DataFrame:
    """Where each unit stands: the last answer, the last stage, and the last record.

    Parameters
    ----------
    talks
        From :func:`read_consultations`.

    Returns
    -------
    One row a unit, indexed by unit_id: agrees, stage, author, date, note, consultation_id, n (talks).

    Examples
    --------
    >>> talks = pd.DataFrame({"consultation_id": ["1", "2"], "unit_id": ["a", "a"],
    ...     "agrees": ["no", None], "stage": ["contacted", "owners_consulted"],
    ...     "author": ["x", "y"], "date": ["2026-06-01", "2026-06-09"], "note": [None, "改口"]})
    >>> consultation_status(talks).loc["a", ["agrees", "stage", "author"]].tolist()
    ['no', 'owners_consulted', 'y']
    """
    columns = ["agrees", "stage", "author", "date", "note", "consultation_id"]
    if talks.empty:
        return pd.DataFrame(columns=[*columns, "n"])
    groups = talks.groupby("unit_id", sort=False)
    last = groups[["agrees", "stage"]].last()  # the last that says anything
    record = groups[["author", "date", "note", "consultation_id"]].tail(1)
    record.index = pd.Index(talks.loc[record.index, "unit_id"])
    return last.join(record).assign(n=groups.size())[[*columns, "n"]]


def _check(dataset: Dataset, talk: Consultation) -> None:
    if talk.unit_id not in set(dataset.layer("units")["unit_id"]):
        raise UnknownCodeError(*say("error.no_unit", unit_id=talk.unit_id))
    if not talk.author.strip():
        raise UsageError(*say("error.no_recorder"))
    try:
        datetime.date.fromisoformat(talk.date)
    except ValueError as error:
        raise UsageError(*say("error.no_date", date=talk.date)) from error
    known = talk.agrees in (None, *ANSWERS) and talk.stage in (None, *STAGES)
    if not known or (talk.agrees is None and talk.stage is None):
        raise UsageError(*say("error.no_answer"))
