"""Single residential buildings nobody manages professionally (三(三)13)."""

from __future__ import annotations

import pandas as pd

from analysis.indicators.coverage import is_professional, known_mode
from analysis.indicators.figure import (
    Band,
    Basis,
    Indicator,
    Layers,
    Measured,
    Theme,
    empty_columns,
    estimated,
    share,
    weights,
)
from analysis.policy import Policy

_UNITS_OF_MEASURE: dict[Basis, str] = {
    "count": "count",
    "households": "households",
    "floor_area": "m2",
}


def measure_unmanaged_single_buildings(
    units: pd.DataFrame, layers: Layers, policy: Policy, basis: Basis, year: int | None
) -> Measured:
    """T13c: single buildings of known mode without professional management.

    The denominator is all single buildings of known mode. Those of unknown mode, or without a
    figure on the basis, are shown apart as `unknown_units`: neither managed nor unmanaged.

    Parameters
    ----------
    units
        The n units of one place; communities among them are not in scope.
    basis
        Buildings, their households, or their floor area (m²).
    layers, year
        Not used; every measure takes the same arguments.
    """
    buildings = units[units["kind"] == "single_building"]
    weight = weights(buildings, basis)
    known = known_mode(buildings) & weight.notna()
    unmanaged = known & ~is_professional(buildings, policy)
    has_data = bool(known.any()) or buildings.empty
    columns = ("households",) if basis == "households" else ("floor_area_m2",)
    return Measured(
        value=float(weight[unmanaged].sum()) if has_data else None,
        unit=_UNITS_OF_MEASURE[basis],
        numerator=float(weight[unmanaged].sum()) if has_data else None,
        denominator=float(weight[known].sum()) if has_data else None,
        basis=basis,
        target=None,
        completeness=share(int(known.sum()), len(buildings)),
        missing_columns=()
        if buildings.empty
        else empty_columns(
            buildings, "units", ("management_mode", *(() if basis == "count" else columns))
        ),
        unit_ids=tuple(buildings.loc[unmanaged, "unit_id"]),
        unknown_units=int((~known).sum()),
        estimated_share=share(int((known & estimated(buildings, basis)).sum()), int(known.sum())),
    )


def classify_single_buildings(units: pd.DataFrame, layers: Layers, policy: Policy) -> pd.DataFrame:
    """The band of each unit; communities are not_applicable; value 1 = unmanaged, 0 = managed."""
    single = (units["kind"] == "single_building").astype(bool)
    known = single & known_mode(units)
    professional = is_professional(units, policy)
    band = pd.Series("not_applicable", index=units.index)
    band = band.mask(single, "no_data").mask(known, "unmanaged")
    band = band.mask(known & professional, "managed")
    value = (~professional).astype("float64").where(known)
    return pd.DataFrame({"band": band, "value": value, "estimated": False}, index=units.index)


def single_building_bands(policy: Policy) -> tuple[Band, ...]:
    """The legend of :func:`classify_single_buildings`."""
    return (
        Band("unmanaged", "单体楼: 无专业物业", "Single building, not professional"),
        Band("managed", "单体楼: 专业化物业", "Single building, professional"),
        Band("no_data", "单体楼: 无数据", "Single building, no data"),
        Band("not_applicable", "小区 (不计)", "Community (not counted)"),
    )


UNMANAGED_SINGLE_BUILDINGS = Indicator(
    id="T13c",
    key="unmanaged_single_building_count",
    name_zh="无专业物业管理的单体独栋住宅",
    name_en="Single buildings without professional management",
    formula="Σw[single building, mode known, mode ∉ professional]",
    unit="count",
    clause="三(三)13",
    version="1",
    better="lower",
    compute=measure_unmanaged_single_buildings,
)

SINGLE_BUILDINGS_THEME = Theme(
    key="unmanaged_single_buildings",
    indicator_key=UNMANAGED_SINGLE_BUILDINGS.key,
    zh="无专业物业管理的单体楼",
    en="Unmanaged single buildings",
    bands=single_building_bands,
    classify=classify_single_buildings,
)
