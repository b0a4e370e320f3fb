"""One thing reported twice in an import with other figures: what differs, and which counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from geo.findings import Finding
from geo.messages import Sentence, load_catalogue
from geo.prepared.prepared_layer import PreparedLayer
from geo.schema import KEYS, LAYERS
from geo.tables.ledger_fields import LEDGER_FIELDS

say = load_catalogue(__file__)

_SHOWN = 20
_TEXTS = ("company_name",)


def find_contradictions(parts: Sequence[PreparedLayer]) -> list[Finding]:
    """Cells of one thing that differ between rows of an import; the row that comes later counts.

    Parameters
    ----------
    parts
        Rows of one layer with their keys, in the order in which they are stored.

    Returns
    -------
    A finding for each cell, the first 20 of them, and how many there are.
    """
    key = KEYS.get(parts[0].layer) if parts else None
    frames = [_comparable_cells(p, key) for p in parts if key is not None and key in p.frame]
    if key is None or not frames:
        return []
    table = pd.concat(frames, ignore_index=True)
    table = table[table[key].duplicated(keep=False) & table[key].notna()]
    if table.empty:
        return []
    columns = [c for c in _comparable_fields(parts[0].layer) if c in table]
    labels = {f.name: f.zh for f in LAYERS[parts[0].layer]} | {n: one.field.zh for n, one in LEDGER_FIELDS.items()}
    found: list[Finding] = []
    n = 0
    for column, one, other in _find_differing(table, key, columns):
        n += 1
        if n <= _SHOWN:
            zh = labels.get(column, column)
            found.append(_contradiction(parts[0].layer, column, zh, table.iloc[one], table.iloc[other]))
    if n > _SHOWN:
        found.append(
            Finding(
                "warning",
                "rows.contradict",
                *say("rows.contradict", n=n, shown=_SHOWN),
                file=parts[-1].file,
                layer=parts[0].layer,
            )
        )
    return found


def _find_differing(table: pd.DataFrame, key: str, columns: Sequence[str]) -> Iterator[tuple[str, int, int]]:
    """Column and positions of two rows of one thing that follow each other there and differ: thing by thing."""
    cells = {name: (table[name].to_numpy(dtype=object), table[name].notna().to_numpy()) for name in columns}
    cells = {name: (values, is_known) for name, (values, is_known) in cells.items() if is_known.any()}
    codes, _ = pd.factorize(table[key])  # in the order in which they first appear
    order = np.argsort(codes, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(codes[order])) + 1):
        for name, (values, is_known) in cells.items():
            for one, other in pairwise(rows[is_known[rows]].tolist()):
                if _differ(values[one], values[other]):
                    yield name, one, other


def _comparable_cells(part: PreparedLayer, key: str | None) -> pd.DataFrame:
    frame = pd.DataFrame(part.frame.drop(columns="geometry", errors="ignore")).astype(object)
    if len(frame) != len(part.rows):  # an importer's mistake would misplace findings
        raise ValueError("rows and frame differ")
    return frame.assign(
        _file=part.file,
        _row=part.rows,
        _sheet=part.sheets if part.sheets is not None else None,
        _name=frame["name"] if "name" in frame else frame[key],
    )


def _comparable_fields(layer: str) -> list[str]:
    """Figures, dates and choices; texts may be written in many ways."""
    compared = [f for f in LAYERS[layer] if f.kind in ("integer", "number", "share", "boolean", "date") or f.choices]
    names = [f.name for f in compared if not f.name.endswith("_quality")]
    return [*names, *_TEXTS, *(LEDGER_FIELDS if layer == "communities" else ())]


def _differ(a: Any, b: Any) -> bool:
    if isinstance(a, bool) or isinstance(b, bool) or isinstance(a, str) or isinstance(b, str):
        return "unknown" not in (a, b) and bool(a != b)
    return bool(abs(float(a) - float(b)) > 1e-6 * max(1.0, abs(float(a))))


def _contradiction(layer: str, column: str, zh: str, before: pd.Series, after: pd.Series) -> Finding:
    was, now = _shown(before[column]), _shown(after[column])
    sheet = after["_sheet"]
    return Finding(
        "warning",
        "rows.contradict",
        *say(
            "rows.contradiction",
            name=after["_name"],
            column=Sentence(zh, column),
            where=_where(before),
            was=was,
            now=now,
        ),
        file=after["_file"],
        layer=layer,
        sheet=sheet if isinstance(sheet, str) else None,
        row=int(after["_row"]),
        column=column,
        value=now,
    )


def _where(row: pd.Series) -> Sentence:
    sheet = row["_sheet"]
    key = "where.sheet" if isinstance(sheet, str) else "where.file"
    return say(key, file=row["_file"], sheet=sheet, row=row["_row"])


def _shown(value: Any) -> str:
    if isinstance(value, (float, np.floating)):
        number = float(value)
        return str(int(number)) if number.is_integer() else f"{number:g}"
    return str(value)
