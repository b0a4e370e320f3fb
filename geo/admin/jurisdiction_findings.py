"""Which units names hold inside a street, which contradict their place, which nothing holds (R20)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from geo.admin.place_codes import full_name_forms, is_from_name, street_core
from geo.findings import Finding, list_some
from geo.messages import Sentence, load_catalogue

say = load_catalogue(__file__)


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
                *say("finding.street_by_name", n=len(named), n_codes=len(codes)),
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
                *say("finding.street_two_codes", n=len(two_codes), names=list_some(two_codes)),
                layer="communities",
                column="street_code",
                value=list_some(two_codes),
            )
        )
    no_street, no_district = street.isna(), units["district_code"].isna()
    for chosen, rule, zh, en in (
        (no_street & no_district, "units.no_wall", *say("jurisdiction.none")),
        (no_street & ~no_district, "units.no_street", *say("jurisdiction.no_street")),
        (~no_street & no_district, "units.no_district", *say("jurisdiction.no_district")),
    ):
        if chosen.any():
            n = int(chosen.sum())
            found.append(
                Finding(
                    "warning",
                    rule,
                    *say("jurisdiction.conflict", n=n, what=Sentence(zh, en)),
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
            *say("finding.street_contradicts", n=len(listed)),
            layer="communities",
            column="street_name",
            value=list_some(listed),
        )
    ]
