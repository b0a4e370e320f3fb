"""One report of all that is wrong or doubtful in the input."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import pandas as pd

Severity = Literal["error", "warning", "info"]

COLUMNS = ("severity", "rule", "file", "layer", "sheet", "row", "column", "value", "zh", "en")


@dataclass(frozen=True)
class Finding:
    """One thing found wrong or doubtful in the input, and what to do about it.

    Parameters
    ----------
    severity
        "error": a value or row could not be used; "warning": used, but doubtful;
        "info": an automatic step the reader should know of (a dropped total, a guess).
    rule
        Short stable key of the check, e.g. "crs.missing", "table.total_row".
    zh, en
        One sentence each: what was found and what to do.
    file, layer, sheet
        Where; file is a bare name, never a path of this machine.
    row
        Row number as the reader of the source sees it (1-based, with header rows).
    column, value
        The source column and the offending value as text.

    Examples
    --------
    >>> Finding("warning", "geometry.repaired", "已修复", "Repaired", file="a.shp", row=3).row
    3
    """

    severity: Severity
    rule: str
    zh: str
    en: str
    file: str | None = None
    layer: str | None = None
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    value: str | None = None


def to_frame(findings: Iterable[Finding]) -> pd.DataFrame:
    """Findings as a table with the columns of `COLUMNS`, in the order given.

    Examples
    --------
    >>> to_frame([Finding("info", "x", "中", "en")]).shape
    (1, 10)
    """
    rows = [asdict(finding) for finding in findings]
    frame = pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)
    return frame.astype({name: "Int64" if name == "row" else "str" for name in COLUMNS})


def from_frame(frame: pd.DataFrame) -> tuple[Finding, ...]:
    """Read the table of :func:`to_frame` back.

    Examples
    --------
    >>> one = Finding("info", "x", "中", "en", row=2)
    >>> from_frame(to_frame([one])) == (one,)
    True
    """
    plain = frame.astype(object).where(frame.notna(), None)
    found = []
    for values in plain[list(COLUMNS)].itertuples(index=False, name=None):
        record = dict(zip(COLUMNS, values, strict=True))
        record["row"] = None if record["row"] is None else int(record["row"])
        found.append(Finding(**record))
    return tuple(found)


def count_by_severity(findings: Iterable[Finding]) -> dict[Severity, int]:
    """How many findings there are of each severity, zero included.

    Examples
    --------
    >>> count_by_severity([])
    {'error': 0, 'warning': 0, 'info': 0}
    """
    counts = Counter(finding.severity for finding in findings)
    return {severity: counts[severity] for severity in ("error", "warning", "info")}


def list_some(texts: Sequence[str]) -> str:
    """Up to five of them, for a sentence.

    Examples
    --------
    >>> list_some(["a", "b"]), list_some(list("abcdefg"))
    ('a, b', 'a, b, c, d, e …')
    """
    return ", ".join(str(one) for one in texts[:5]) + (" …" if len(texts) > 5 else "")
