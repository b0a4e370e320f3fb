"""Management modes that stand in other columns, and those a row contradicts itself about."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd

from geo.findings import Finding
from geo.prepared.prepared_layer import PreparedLayer
from geo.schema import SPECIAL_TYPES
from geo.values.texts import parse_mode_in_name


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
                prepared.finding(
                    "info",
                    "mode.in_company_column",
                    f"企业栏中有 {int(is_mode.sum())} 行写的是管理方式(如“无物业”“社区代管”), 已归入管理方式。",
                    f"{int(is_mode.sum())} rows name a way of management where the company should stand; "
                    "it was moved to the management mode.",
                )
            )
        if not had_mode_column:
            firm = frame["management_mode"].isna() & frame["company_name"].map(_is_firm)
            frame["management_mode_guess"] = ["professional" if f else None for f in firm]
            if firm.any():
                found.append(
                    prepared.finding(
                        "warning",
                        "mode.from_company",
                        f"没有管理方式一列; 有物业公司名称的 {int(firm.sum())} 行中, "
                        "管理方式未知的按“专业物业”处理, 请核对。",
                        f"There is no column of management modes; of the {int(firm.sum())} rows with a company "
                        "those of unknown mode were taken as professionally managed. Check them.",
                    )
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
    for rows, column, zh, en in (
        (
            none & firm,
            "company_name",
            "写明无物业, 却填了物业企业",
            "state that nobody manages them, yet name a company",
        ),
        (
            none & fee & ~firm,
            "fee_yuan_m2_month",
            "写明无物业, 却有物业费",
            "state that nobody manages them, yet pay a fee",
        ),
    ):
        places = np.flatnonzero(rows.to_numpy(dtype=bool))
        if len(places):
            names = "、".join(str(frame["name"].iloc[p]) for p in places[:5]) if "name" in frame else ""
            found.append(
                prepared.finding(
                    "warning",
                    "mode.contradicts",
                    f"{len(places)} 行{zh}({names}); 以管理方式为准, 请核对。",
                    f"{len(places)} rows {en} ({names}); the management mode counts. Check them.",
                    position=int(places[0]),
                    column=column,
                )
            )
    return found


def _is_firm(name: object) -> bool:
    return isinstance(name, str) and re.search(r"公司|集团|物业企业", name) is not None
