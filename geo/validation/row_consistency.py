"""Checks within one row: phases, parts and wholes, the two ends of a contract, records that ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.findings import Finding
from geo.messages import Sentence, load_catalogue
from geo.names import name_core
from geo.prepared.prepared_layer import PreparedLayer

say = load_catalogue(__file__)

COMPANIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "built_year": ("built_year_from", "built_year_to", "built_year_quality"),
        "households": ("households_quality",),
        "floor_area_m2": ("floor_area_m2_quality",),
    }
)
"""Columns that belong to another one: where two rows become one, they go with it."""

_PARTS = (
    ("piles", "ports", "充电桩", "充电端口"),
    ("party_member_count", "member_count", "党员数", "成员数"),
    ("staff_professional", "staff_total", "专业岗位人员", "从业人员"),
    ("building_count", "households", "楼栋数", "户数"),
)
"""A part, what it is part of (or never exceeds), and their names."""
_SHOWN = 20


def check_rows(prepared: PreparedLayer) -> PreparedLayer:
    """The rows with years of two columns joined, impossible contracts without dates; all of it told."""
    prepared = _join_phase_years(prepared)
    if prepared.layer == "contracts":
        prepared = _drop_reversed_terms(prepared)
    return prepared.found(*_find_excessive_parts(prepared))


def merge_companions(
    merged: dict[str, npt.NDArray[np.object_]], mine: Mapping[str, pd.Series], theirs: Mapping[str, pd.Series]
) -> dict[str, npt.NDArray[np.object_]]:
    """Two rows as one: what belongs to a value comes from the row the value comes from.

    Parameters
    ----------
    merged
        (n,) arrays by column, put together value by value.
    mine, theirs
        The (n,) columns they came from; where `theirs` says anything of a value it wins.
    """
    for name, others in COMPANIONS.items():
        if name not in merged or others[0] not in merged:
            continue
        telling = [name, *(c for c in others if not c.endswith("_quality"))]
        says = np.logical_or.reduce([theirs[c].notna().to_numpy() for c in telling])
        for column in (name, *others):
            values = theirs[column].astype(object).where(says, mine[column].astype(object))
            merged[column] = values.where(values.notna(), None).to_numpy(dtype=object)
    return merged


def keep_last_companions(frame: pd.DataFrame, key: str, merged: pd.DataFrame) -> pd.DataFrame:
    """Repeated rows as one: what belongs to a value comes from the last row that says anything of it.

    Parameters
    ----------
    frame
        All rows of the file.
    key
        Column that makes rows the same.
    merged
        One row for each key.
    """
    for name, others in COMPANIONS.items():
        columns = [c for c in (name, *others) if c in frame]
        telling = [c for c in columns if not c.endswith("_quality")]
        if len(columns) < 2 or not telling:
            continue
        says = frame[telling].notna().any(axis=1)
        last = frame[says].drop_duplicates(key, keep="last").set_index(key)[columns]
        merged[columns] = last.reindex(merged[key]).to_numpy(dtype=object)
    return merged


def find_shared_credit_codes(prepared: PreparedLayer, stored: pd.DataFrame) -> list[Finding]:
    """Companies of different names with one unified social credit code.

    Parameters
    ----------
    prepared
        Rows of the layer `companies`, with their ids.
    stored
        The layer so far.
    """
    frame = prepared.frame
    if "uscc" not in frame or "name" not in frame:
        return []
    known: dict[str, dict[str, str]] = {}
    old = stored[stored["uscc"].notna()] if len(stored) else stored
    for code, name, key in zip(old["uscc"], old["name"], old["company_id"], strict=True):
        if key not in set(frame["company_id"]):
            known.setdefault(code, {})[name_core(name)] = f"{name}(已在数据集中)"
    for place, (code, name) in enumerate(zip(frame["uscc"], frame["name"], strict=True)):
        if isinstance(code, str) and isinstance(name, str):
            row = f"{name}(第 {int(prepared.rows[place])} 行)"
            known.setdefault(code, {}).setdefault(name_core(name), row)
    found = []
    for place, code in enumerate(frame["uscc"]):
        named = known.get(code, {}) if isinstance(code, str) else {}
        if len(named) > 1:
            companies = "、".join(named.values())
            found.append(
                prepared.finding(
                    "error",
                    "value.uscc_twice",
                    *say("value.uscc_twice", n=len(named), companies=companies),
                    position=place,
                    column="uscc",
                    value=code,
                )
            )
    return found


def _join_phase_years(prepared: PreparedLayer) -> PreparedLayer:
    """Years in two columns: those of phases where there is no other year; reversed ones are reported."""
    frame = prepared.frame
    if not {"built_year_from", "built_year_to"} & set(frame.columns):
        return prepared
    names = ("built_year", "built_year_from", "built_year_to")
    had_year = "built_year" in frame
    columns = {n: _object(frame, n) for n in (*names, "built_year_quality")}
    year, first, last = (pd.to_numeric(columns[n], errors="coerce") for n in names)
    reversed_ = (first > last).to_numpy()
    outside = (((year < first) | (year > last)) & ~reversed_).to_numpy()
    found = [
        prepared.finding(
            "warning",
            "value.year_reversed",
            *say("value.year_reversed"),
            position=p,
            column="built_year_from",
            value=f"{first[p]:g}-{last[p]:g}",
        )
        for p in np.flatnonzero(reversed_)
    ] + [
        prepared.finding(
            "error",
            "value.year_outside",
            *say("value.year_outside", year=year[p], first=first[p], last=last[p]),
            position=p,
            column="built_year",
            value=f"{year[p]:g}",
        )
        for p in np.flatnonzero(outside)
    ]
    low, high = columns["built_year_from"], columns["built_year_to"]
    low, high = low.where(~reversed_, high), high.where(~reversed_, low)
    low, high = (c.where(~outside, columns["built_year"]).astype(object) for c in (low, high))
    if not had_year:
        is_phased = low.notna()
        columns["built_year"] = low.where(is_phased, None)
        quality = np.where(reversed_, "estimated", "reported")
        columns["built_year_quality"] = pd.Series(quality, index=frame.index, dtype=object).where(is_phased, None)
    table = frame.assign(
        built_year=columns["built_year"],
        built_year_from=low,
        built_year_to=high,
        built_year_quality=columns["built_year_quality"],
    )
    return replace(prepared, frame=table).found(*found)


def _drop_reversed_terms(prepared: PreparedLayer) -> PreparedLayer:
    """Contracts that end before they begin have no dates: which one is wrong cannot be known."""
    frame = prepared.frame
    if not {"start_date", "end_date"} <= set(frame.columns):
        return prepared
    start, end = frame["start_date"], frame["end_date"]
    bad = [isinstance(a, str) and isinstance(b, str) and b < a for a, b in zip(start, end, strict=True)]
    found = [
        prepared.finding(
            "error",
            "value.term_reversed",
            *say("value.term_reversed", end=end[p], start=start[p]),
            position=p,
            column="end_date",
            value=end[p],
        )
        for p in np.flatnonzero(bad)
    ]
    if not found:
        return prepared
    kept = ~np.array(bad)
    dates = {name: frame[name].where(kept, None) for name in ("start_date", "end_date")}
    return replace(prepared, frame=frame.assign(**dates)).found(*found)


def _find_excessive_parts(prepared: PreparedLayer) -> list[Finding]:
    found = []
    for part, whole, part_zh, whole_zh in _PARTS:
        if not {part, whole} <= set(prepared.frame.columns):
            continue
        few, many = (pd.to_numeric(prepared.frame[n], errors="coerce") for n in (part, whole))
        rows = np.flatnonzero((few > many).to_numpy())
        for p in rows[:_SHOWN]:
            more = f"(这样的共 {len(rows)} 行)" if len(rows) > _SHOWN else ""
            found.append(
                prepared.finding(
                    "warning",
                    "value.part_above_whole",
                    *say(
                        "value.part_above_whole",
                        part=Sentence(part_zh, part),
                        few=few[p],
                        whole=Sentence(whole_zh, whole),
                        many=many[p],
                        more=Sentence(more, ""),
                    ),
                    position=p,
                    column=part,
                    value=f"{few[p]:g}",
                )
            )
    return found


def _object(frame: pd.DataFrame, name: str) -> pd.Series:
    return frame.get(name, pd.Series(None, index=frame.index, dtype=object)).astype(object)


_OVER = r"(?<!未)(?<!不)(?:终止|解除|作废|撤销|解散|注销|吊销|停业|歇业|退出|失效)"


def drop_ended(prepared: PreparedLayer) -> PreparedLayer:
    """The rows without contracts that were ended; bodies and companies that are over are reported.

    A contract that was ended early proves nothing of the months to come, whatever its end date says;
    a body of owners that was dissolved is none. A company struck off the register is reported.

    Parameters
    ----------
    prepared
        Rows of any layer; those with a `status` are looked at.
    """
    frame = prepared.frame
    if "status" not in frame or prepared.layer not in ("contracts", "owners_bodies", "companies"):
        return prepared
    text = frame["status"].map(lambda cell: cell if isinstance(cell, str) else "")
    over = text.str.contains(_OVER, regex=True).to_numpy(dtype=bool)
    if not over.any():
        return prepared
    if prepared.layer == "contracts":
        return prepared.without(over, "status.contract_ended", *say("status.contract_ended"))
    if prepared.layer == "owners_bodies":
        body = frame["body_type"] if "body_type" in frame else frame["status"].map(lambda _: None)
        prepared = replace(prepared, frame=frame.assign(body_type=body.mask(over, "none")))
    zh, en = _ENDED_SENTENCES[prepared.layer]
    return prepared.found(
        *(
            prepared.finding(
                "warning", "status.over", zh, en, position=int(p), column="status", value=str(text.iloc[p])
            )
            for p in np.flatnonzero(over)[:20]
        )
    )


_ENDED_SENTENCES = {"owners_bodies": say("status.dissolved"), "companies": say("status.company_gone")}
