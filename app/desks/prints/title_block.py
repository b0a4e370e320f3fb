"""The box of a sheet: title, version, who made and checked it, date, sources, approval of the map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from app.i18n import Words
from app.settings import sheet_signers
from geo.storage.manifest import Manifest

SIGNERS = ("agency", "maker", "checker")
"""Fields a reader may fill in on the page; else the settings say them, else they stay empty to be signed."""
_LONGEST = 60


@dataclass(frozen=True)
class TitleBlock:
    """What the box says.

    Parameters
    ----------
    signers
        Key, label and text of each of `SIGNERS`.
    rows
        Label and text of the others: date, sources, approval.
    """

    signers: tuple[tuple[str, str, str], ...]
    rows: tuple[tuple[str, str], ...]


def make_title_block(
    manifest: Manifest, words: Words, told: Mapping[str, str] | None = None, *, today: date | None = None
) -> TitleBlock:
    """The box of a sheet on a dataset.

    Parameters
    ----------
    manifest
        Of the dataset: its sources and their date.
    words
        Texts in the reader's language.
    told
        What the reader filled in.
    today
        The date of the sheet; the day it is made when None.
    """
    known = {**sheet_signers(), **{key: text[:_LONGEST] for key, text in (told or {}).items() if text.strip()}}
    files = sorted({str(source.get("file", "")) for source in manifest.sources} - {""})
    source = words("print.source_of", file=files[0], n=len(files)) if files else words("corner.unknown")
    dated = words("page.data_date", date=manifest.data_date) if manifest.data_date else words("page.data_date_unknown")
    day = today or date.today()
    return TitleBlock(
        tuple((key, words(f"print.{key}"), known.get(key, "")) for key in SIGNERS),
        (
            (words("print.date"), day.isoformat()),
            (words("print.source"), f"{source} · {dated}"),
            (words("print.approval"), known["approval"] or words("print.no_approval")),
        ),
    )
