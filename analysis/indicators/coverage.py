"""Coverage: which share of the communities is managed, and how (section 一, 总体要求)."""

from __future__ import annotations

import math

import pandas as pd

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


def known_mode(units: pd.DataFrame) -> pd.Series:
    """Whether the way a unit is managed is known: filled in, and not "unknown".

    Returns
    -------
    Series of n bools, same index.

    Examples
    --------
    >>> known_mode(pd.DataFrame({"management_mode": ["quasi", "unknown", None]})).tolist()
    [True, False, False]
    """
    mode = units["management_mode"]
    return (mode.notna() & (mode != "unknown")).astype(bool)


def is_professional(units: pd.DataFrame, policy: Policy) -> pd.Series:
    """Whether a unit's management counts as professional under the policy's switch (§0.7).

    Returns
    -------
    Series of n bools, same index; False where the mode is unknown.
    """
    return units["management_mode"].isin(policy.value("mode.professional")).astype(bool)


def measure_professional_coverage(
    units: pd.DataFrame, layers: Layers, policy: Policy, basis: Basis, year: int | None
) -> Measured:
    """G05: Σ weight of professionally managed units ÷ Σ weight of units of known mode.

    Units of unknown mode, or without a figure on the chosen basis, are in neither sum; they
    lower `completeness` instead (domain.md §2.2).

    Parameters
    ----------
    units
        The n communities and single buildings of one place.
    layers
        Not used; every measure takes the same arguments.
    policy
        `mode.professional` says which modes count, `coverage.professional_target` the target.
    basis
        What a unit counts for.
    year
        Year of the target; None = no target.
    """
    weight = weights(units, basis)
    known = known_mode(units) & weight.notna()
    served = known & is_professional(units, policy)
    total = float(weight[known].sum())
    has_data = total > 0
    return Measured(
        value=float(weight[served].sum()) / total if has_data else None,
        unit="ratio",
        numerator=float(weight[served].sum()) if has_data else None,
        denominator=total if has_data else None,
        basis=basis,
        target=target_of(policy, year),
        completeness=share(int(known.sum()), len(units)),
        missing_columns=empty_columns(units, "units", _columns(basis)),
        unit_ids=tuple(units.loc[served, "unit_id"]),
        unknown_units=int((~known).sum()),
        estimated_share=share(int((known & estimated(units, basis)).sum()), int(known.sum())),
    )


def target_of(policy: Policy, year: int | None) -> float | None:
    """The professional coverage asked for in a year; None where the policy sets none.

    Examples
    --------
    >>> from analysis.policy import read_policy
    >>> target_of(read_policy(), 2026), target_of(read_policy(), 2031)
    (0.82, None)
    """
    targets = policy.value("coverage.professional_target")
    value = targets.get(str(year))
    return None if value is None else float(value)


def units_still_needed(target: float, total: int, served: int) -> int:
    """How many units more must be served to meet a target (R60).

    The small subtraction keeps a product such as 0.80 × 5 = 4.000…01 from asking one too many.

    Examples
    --------
    >>> [units_still_needed(target, 351, 260) for target in (0.80, 0.82, 0.90)]
    [21, 28, 56]
    """
    return max(0, math.ceil(target * total - 1e-9) - served)


def classify_coverage(units: pd.DataFrame, layers: Layers, policy: Policy) -> pd.DataFrame:
    """How each unit is managed, for the map; value 1 = professional, 0 = not, missing = unknown."""
    known = known_mode(units)
    professional = is_professional(units, policy)
    managed = units["management_mode"].isin(policy.value("mode.any_management")).astype(bool)
    band = pd.Series("no_data", index=units.index)
    band = band.mask(known, "unmanaged").mask(known & managed, "other_managed")
    band = band.mask(professional, "professional")
    value = professional.astype("float64").where(known)
    return pd.DataFrame({"band": band, "value": value, "estimated": False}, index=units.index)


def coverage_bands(policy: Policy) -> tuple[Band, ...]:
    """The legend of :func:`classify_coverage`."""
    return (
        Band("professional", "专业化物业", "Professional"),
        Band("other_managed", "其他方式管理", "Managed otherwise"),
        Band("unmanaged", "无物业", "Not managed"),
        Band("no_data", "无数据", "No data"),
    )


def _columns(basis: Basis) -> tuple[str, ...]:
    extra = {"households": ("households",), "floor_area": ("floor_area_m2",)}
    return ("management_mode", *extra.get(basis, ()))


PROFESSIONAL_COVERAGE = Indicator(
    id="G05",
    key="professional_coverage_rate",
    name_zh="整体专业化物业管理覆盖率",
    name_en="Professional management coverage",
    formula="Σw[mode ∈ professional] / Σw[mode known]",
    unit="ratio",
    clause="总体要求",
    version="1",
    better="higher",
    compute=measure_professional_coverage,
)

COVERAGE_THEME = Theme(
    key="professional_coverage",
    indicator_key=PROFESSIONAL_COVERAGE.key,
    zh="专业化物业管理覆盖",
    en="Professional management",
    bands=coverage_bands,
    classify=classify_coverage,
)
