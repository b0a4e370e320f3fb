"""Management modes that stand in other columns, and those a row contradicts itself about."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd

from geo.findings import Finding
from geo.messages import load_catalogue
from geo.prepared.prepared_layer import PreparedLayer
from geo.schema import SPECIAL_TYPES
from geo.values.texts import parse_mode_in_name

say = load_catalogue(__file__)


def fill_management_modes(prepared: PreparedLayer) -> PreparedLayer:
    """Management modes that stand in other columns: in the company's name, or by having one."""
    frame = prepared.frame.copy()
    found: list[Finding] = []
    if "special_type" not in frame and "community_type" in frame:
        types = frame["community_type"]
        frame["special_type"] = types.where(types.isin(SPECIAL_TYPES), None)
    if "company_name" in frame:
        found += _find_mode_contradictions(prepared)
        had_mode_column = "management_mode" in frame
        if not had_mode_column:
            frame["management_mode"] = pd.Series(None, index=frame.index, dtype=object)
        modes = frame["company_name"].map(lambda n: parse_mode_in_name(n) if n else None)
        is_mode = modes.notna() | frame["company_name"].isin(["无", "没有"])
        if is_mode.any():
            modes = modes.where(modes.notna() | ~is_mode, "none")
            filled = frame["management_mode"].where(frame["management_mode"].notna(), modes)
            frame["management_mode"] = filled
            frame["company_name"] = frame["company_name"].where(~is_mode, None)
            found.append(
                prepared.finding("info", "mode.in_company_column", *say("mode.in_company_column", n=int(is_mode.sum())))
            )
        if not had_mode_column:
            firm = frame["management_mode"].isna() & frame["company_name"].map(_is_firm)
            frame["management_mode_guess"] = ["professional" if f else None for f in firm]
            if firm.any():
                found.append(
                    prepared.finding("warning", "mode.from_company", *say("mode.from_company", n=int(firm.sum())))
                )
    return replace(prepared, frame=frame).found(*found)


def _find_mode_contradictions(prepared: PreparedLayer) -> list[Finding]:
    """Rows that state there is no property management and name a company, or pay it a fee."""
    frame = prepared.frame
    if "management_mode" not in frame:
        return []
    none = frame["management_mode"].eq("none")
    firm = frame["company_name"].map(_is_firm)
    fee = (
        pd.to_numeric(frame["fee_yuan_m2_month"], errors="coerce") > 0
        if ("fee_yuan_m2_month" in frame)
        else pd.Series(False, index=frame.index)
    )
    found = []
    for rows, column in ((none & firm, "company_name"), (none & fee & ~firm, "fee_yuan_m2_month")):
        places = np.flatnonzero(rows.to_numpy(dtype=bool))
        if len(places):
            names = "、".join(str(frame["name"].iloc[p]) for p in places[:5]) if "name" in frame else ""
            found.append(
                prepared.finding(
                    "warning",
                    "mode.contradicts",
                    *say("mode.contradicts", n=len(places), contradiction=say(f"mode.with_{column}"), names=names),
                    position=int(places[0]),
                    column=column,
                )
            )
    return found


def _is_firm(name: object) -> bool:
    return isinstance(name, str) and re.search(r"公司|集团|物业企业", name) is not None
