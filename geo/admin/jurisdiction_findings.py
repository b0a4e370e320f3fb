"""Which units names hold inside a street, which contradict their place, which nothing holds (R20)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from geo.admin.place_codes import full_name_forms, is_from_name, street_core
from geo.findings import Finding, list_some


def find_jurisdiction_conflicts(
    units: pd.DataFrame, streets: pd.DataFrame, street_at: np.ndarray, two_codes: Sequence[str]
) -> list[Finding]:
    """Which units names hold inside a street, which contradict their place, which nothing holds (R20).

    Parameters
    ----------
    units
        n units with their codes and the names next to them.
    streets
        The layer.
    street_at
        (n,) code of the street each unit lies in, None where in none.
    two_codes
        Names that stand next to several codes.
    """
    ids, street = units["unit_id"].astype(str), units["street_code"]
    found = []
    if len(named := units[street.map(is_from_name).astype(bool)]):
        codes = sorted(named["street_code"].unique())
        found.append(
            Finding(
                "info",
                "units.street_by_name",
                f"{len(named)} 个单元只有街道名称, 没有代码, 已按名称划定界线 "
                f"(代码以 N- 开头, 共 {len(codes)} 个街道); "
                "导入街道边界或代码表后自动换成正式代码。",
                f"{len(named)} units have the name of a street and no code; names make the wall (codes that "
                f"begin with N-, {len(codes)} streets). Import the streets and the real codes take over.",
                layer="communities",
                column="street_name",
                value=list_some(codes),
            )
        )
    found += _find_displaced(units, streets, street_at)
    if two_codes and not (streets.geometry.notna().any() if "geometry" in streets else False):
        found.append(
            Finding(
                "warning",
                "units.street_two_codes",
                f"{len(two_codes)} 个街道名称对应几个代码 ({list_some(two_codes)}); 只有名称的行按多数取代码, 请核对。",
                f"{len(two_codes)} names of streets stand beside several codes ({list_some(two_codes)}); rows "
                "with a name only follow the majority. Check them.",
                layer="communities",
                column="street_code",
                value=list_some(two_codes),
            )
        )
    no_street, no_district = street.isna(), units["district_code"].isna()
    for chosen, rule, zh, en in (
        (
            no_street & no_district,
            "units.no_wall",
            "既没有街道也没有旗县区 (代码、名称、边界都没有), 不受界线约束, R20 无法核对",
            "have neither street nor district, by code, name or place: no wall holds them and R20 cannot be checked",
        ),
        (
            no_street & ~no_district,
            "units.no_street",
            "只有旗县区, 没有街道, 只能保证不跨旗县区",
            "have a district and no street: only the district holds them",
        ),
        (
            ~no_street & no_district,
            "units.no_district",
            "有街道而不知属于哪个旗县区, 无法核对是否跨旗县区",
            "have a street of which no district is known: whether areas cross districts cannot be checked",
        ),
    ):
        if chosen.any():
            n = int(chosen.sum())
            found.append(
                Finding(
                    "warning",
                    rule,
                    f"{n} 个单元{zh}; 请补街道、旗县区, 或导入街道边界。",
                    f"{n} units {en}. Add street and district, or import the streets.",
                    layer="units",
                    column="street_code",
                    value=list_some(ids[chosen].tolist()),
                )
            )
    return found


def _find_displaced(units: pd.DataFrame, streets: pd.DataFrame, street_at: np.ndarray) -> list[Finding]:
    """Units whose street, by code or name, is not the one they lie in."""
    names = dict(zip(streets["street_code"], streets["name"].map(street_core), strict=True))
    rows = zip(units["unit_id"], units["street_code"], units["street_name"], street_at, strict=True)
    listed = []
    for unit, code, name, at in rows:
        if pd.isna(at):
            continue
        core, there = street_core(name), names.get(at, "")
        is_named_so = not core or there in {core, *full_name_forms(core)} or core in full_name_forms(there)
        if code != at or not is_named_so:
            listed.append(f"{unit}: {name if isinstance(name, str) else code} / {there or at}")
    if not listed:
        return []
    return [
        Finding(
            "warning",
            "units.street_contradicts",
            f"{len(listed)} 个单元写的街道与所在街道边界不符 (写的 / 位置): "
            "代码或表内名称优先, 表内没有的名称以位置为准; "
            "请核对街道或位置。",
            f"{len(listed)} units are said to be in another street than the one they lie in (said / place): "
            "codes, and names the table of streets knows, count before the place. Check street or place.",
            layer="communities",
            column="street_name",
            value=list_some(listed),
        )
    ]
