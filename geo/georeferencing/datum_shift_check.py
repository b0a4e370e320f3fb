"""A warning where a layer lies next to those already there as a wrong datum would put it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import geopandas as gpd
import pandas as pd

from geo.datum import Datum
from geo.findings import Finding, Severity
from geo.georeferencing.datum_shift import detect_datum_shift
from geo.messages import Sentence, load_catalogue
from geo.prepared.prepared_layer import DatumShift, PreparedLayer

say = load_catalogue(__file__)

_DATUM_LABELS = {"wgs84": "WGS84", "gcj02": "GCJ-02 (高德、腾讯 Amap, Tencent)", "bd09": "BD-09 (百度 Baidu)"}
_LAYER_ZH = {
    "boundary": "行政区边界",
    "streets": "街道",
    "neighbourhoods": "社区",
    "communities": "小区",
    "buildings": "楼栋",
    "roads": "道路",
    "barriers": "阻隔",
    "crossings": "通道",
}


_MAX_REMAINING_SHARE = 0.5
"""A shift is beyond doubt where undoing it takes away half of the misfit or more …"""
_MIN_POINTS = 20
"""… at so many places at least …"""
_CLOSE_M = 60.0
"""… and the measured shift is the expected one within so many metres."""


def check_datum_shift(prepared: PreparedLayer, existing: Mapping[str, pd.DataFrame], metric_crs: str) -> PreparedLayer:
    """The rows with what :func:`geo.georeferencing.datum_shift.detect_datum_shift` says of them, also as a finding.

    Parameters
    ----------
    prepared
        Rows with a column "geometry" in `metric_crs`, before they are merged.
    existing
        Layers already there.
    metric_crs
        CRS of both, metres.
    """
    frame = prepared.frame
    new = gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=gpd.GeoSeries(frame["geometry"], crs=metric_crs))
    there = {n: f for n, f in existing.items() if isinstance(f, gpd.GeoDataFrame)}
    declared = cast(Datum, prepared.datum or "cgcs2000")
    shift = detect_datum_shift(new, prepared.layer, there, declared=declared)
    if shift is None:
        return prepared
    return replace(prepared, shift=shift).found(_shift_finding(prepared, shift))


def is_certain(shift: DatumShift) -> bool:
    """Whether a shift is beyond doubt."""
    east, north = shift.east_m - shift.expected_east_m, shift.north_m - shift.expected_north_m
    close = (east**2 + north**2) ** 0.5 <= _CLOSE_M
    return close and shift.n_points >= _MIN_POINTS and shift.misfit_after <= _MAX_REMAINING_SHARE * shift.misfit


def _shift_finding(prepared: PreparedLayer, shift: DatumShift) -> Finding:
    severity: Severity = "error" if is_certain(shift) else "warning"
    reference = Sentence(_LAYER_ZH.get(shift.reference, shift.reference), shift.reference)
    east = say("direction.east" if shift.east_m >= 0 else "direction.west")
    north = say("direction.north" if shift.north_m >= 0 else "direction.south")
    vector: dict[str, Any] = {"value": f"E {shift.east_m:+.0f} m, N {shift.north_m:+.0f} m"}
    measured = say(
        "datum.measured",
        reference=reference,
        east=east,
        east_m=abs(shift.east_m),
        north=north,
        north_m=abs(shift.north_m),
        n_points=shift.n_points,
    )
    if shift.datum is None:
        label = _DATUM_LABELS[cast(str, shift.converted)]
        return prepared.finding(
            severity, "datum.converted_twice", *say("datum.converted_twice", measured=measured, label=label), **vector
        )
    label, option = _DATUM_LABELS[shift.datum], f"--datum {shift.datum}"
    if prepared.datum is None:
        option = f'--datum-of "{prepared.file}={shift.datum}"'
    return prepared.finding(
        severity, "datum.shift", *say("datum.shift", measured=measured, label=label, option=option), **vector
    )
