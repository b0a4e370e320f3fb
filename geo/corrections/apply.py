"""Communities and units as people know them: values, outlines, splits and mergers laid over imports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.admin.place_codes import district_of_street
from geo.corrections.model import parse_parts, split_shape
from geo.errors import UsageError
from geo.rules import UnitRules
from geo.validation.stated_status import mark_old_units
from geo.values.years import earliest_bounds, estimate_year, is_year_known, year_bounds

_QUALITY_RANK = ("surveyed", "reported", "estimated", "missing")
_FIGURES = ("households", "floor_area_m2", "built_year")


def correct_communities(
    communities: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, overrides: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """The layers units are derived from, with what people stated about communities, in its order.

    Parameters
    ----------
    communities, buildings, overrides
        The layers of these names, one metric CRS; may be empty. The layers on disk stay as they
        are.

    Returns
    -------
    Communities with corrected values and outlines, those split as two rows; and the buildings, those
    in a split community named to their part. Mergers, and what was stated after one, are left to
    :func:`correct_units`.

    Examples
    --------
    >>> layer = gpd.GeoDataFrame({"unit_id": ["c1", "c2"], "households": [90, 40]},
    ...                          geometry=[None, None], crs="EPSG:4546")
    >>> said = gpd.GeoDataFrame({"what": ["value"], "number": [1], "target_id": ["c2"],
    ...     "field": ["households"], "new": ["45"], "unit_a": [None], "unit_b": [None]},
    ...     geometry=[None], crs="EPSG:4546")
    >>> correct_communities(layer, layer[:0], said)[0]["households"].tolist()
    [90, 45]
    """
    if not len(overrides) or not len(communities):
        return communities, buildings
    communities = place_communities(communities, overrides)
    for _, row in select_before_mergers(overrides).iterrows():
        at = np.flatnonzero(communities["unit_id"].eq(row["target_id"]).to_numpy())
        if not len(at):
            continue
        if row["what"] == "value":
            communities = _set_value(communities, int(at[0]), row)
        elif row["what"] == "outline":
            communities = _set_outline(communities, int(at[0]), row.geometry)
        else:
            communities, buildings = _split(communities, buildings, int(at[0]), row)
    return communities, buildings


def place_communities(communities: gpd.GeoDataFrame, overrides: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The communities, those without a place at the point where somebody put them.

    Parameters
    ----------
    communities, overrides
        The layers of these names, one metric CRS; may be empty. A place of its own, from a later
        import, stands above what somebody stated.

    Examples
    --------
    >>> layer = gpd.GeoDataFrame({"unit_id": ["c1", "c2"]}, geometry=[None, None], crs="EPSG:4546")
    >>> said = gpd.GeoDataFrame({"what": ["placed"], "target_id": ["c2"]},
    ...                         geometry=[shapely.Point(3, 4)], crs="EPSG:4546")
    >>> [str(place) for place in place_communities(layer, said).geometry]
    ['None', 'POINT (3 4)']
    """
    if not len(overrides) or not len(communities):
        return communities
    placed = overrides[overrides["what"].eq("placed")]
    place_of = dict(zip(placed["target_id"], placed.geometry, strict=True))
    shapes = communities.geometry.to_numpy().astype(object)
    bare = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    for position in np.flatnonzero(bare):
        shapes[position] = place_of.get(communities["unit_id"].iloc[position])
    return communities.set_geometry(gpd.GeoSeries(shapes, communities.index, crs=communities.crs))


def correct_units(
    units: gpd.GeoDataFrame,
    communities: gpd.GeoDataFrame,
    overrides: gpd.GeoDataFrame,
    rules: UnitRules,
    streets: pd.DataFrame,
) -> gpd.GeoDataFrame:
    """The units with what could not be stated of communities, in its order.

    Parameters
    ----------
    units
        Derived from the corrected communities; metric CRS.
    communities
        Corrected: what was stated of them before any merger is in them already.
    overrides
        The layer of this name.
    rules
        Factors of the estimates, and what makes an old community.
    streets
        For the district of a street.

    Returns
    -------
    Units with corrected values and outlines of single buildings, and with mergers: figures of
    merged units are sums, missing where one is missing and as doubtful as the more doubtful one;
    the year is the earlier one; everything else is that of the unit that stays.
    """
    if not len(overrides):
        return units
    done = set(select_before_mergers(overrides)["number"][lambda n: n.notna()])
    own = set(communities["unit_id"])
    changes = overrides[overrides["what"].isin(("value", "outline", "merged"))]
    for _, row in changes.sort_values("number", kind="stable").iterrows():
        if row["number"] in done and row["target_id"] in own:
            continue
        at = np.flatnonzero(units["unit_id"].eq(row["target_id"]).to_numpy())
        if not len(at):
            continue
        if row["what"] == "merged":
            units = _merge_units(units, int(at[0]), row["unit_b"])
        elif row["what"] == "outline":
            units = _set_outline(units, int(at[0]), row.geometry)
        else:
            units = _set_unit_value(units, int(at[0]), row, rules, streets)
    return gpd.GeoDataFrame(mark_old_units(units, rules))


def correct_unit_values(
    units: gpd.GeoDataFrame, overrides: gpd.GeoDataFrame, rules: UnitRules, streets: pd.DataFrame
) -> gpd.GeoDataFrame:
    """The units with values set one after the other, in the order of the corrections.

    Parameters
    ----------
    units
        The layer.
    overrides
        Corrections of values; of units that are not there they do nothing.
    rules
        Factors of the estimates that follow.
    streets
        For the district of a street.
    """
    for _, row in overrides.sort_values("number", kind="stable").iterrows():
        at = np.flatnonzero(units["unit_id"].eq(row["target_id"]).to_numpy())
        if len(at):
            units = _set_unit_value(units, int(at[0]), row, rules, streets)
    return units


def apply_willingness(units: gpd.GeoDataFrame, consents: pd.DataFrame, consultations: pd.DataFrame) -> gpd.GeoDataFrame:
    """The units with `merge_willingness` "no" where owners refuse, and only there (R40).

    Parameters
    ----------
    units
        With `merge_willingness` of the ledgers.
    consents, consultations
        The layers of these names. What was recorded last in a consultation stands above a consent
        that was imported, and that above the ledger.

    Returns
    -------
    The units, changed only where it matters for planning: a plan stays valid when owners who never
    refused agree.

    Examples
    --------
    >>> units = gpd.GeoDataFrame({"unit_id": ["a", "b"], "merge_willingness": ["no", None]})
    >>> told = pd.DataFrame({"unit_id": ["a", "b"], "agrees": ["yes", "no"]})
    >>> apply_willingness(units, told, told[:0])["merge_willingness"].tolist()
    ['yes', 'no']
    """
    said: dict[str, str] = {}
    for layer in (consents, consultations):
        known = layer[layer["agrees"].notna()] if len(layer) else layer
        if len(known):
            said.update(zip(known["unit_id"], known["agrees"], strict=True))
    now = units["unit_id"].map(said)
    before = units["merge_willingness"]
    flips = now.notna() & (now.eq("no") != before.eq("no"))
    if not flips.any():
        return units
    return units.assign(merge_willingness=before.astype(object).mask(flips, now).astype("str"))


def reassign_unit_rows(
    layers: Mapping[str, pd.DataFrame], overrides: gpd.GeoDataFrame, units: gpd.GeoDataFrame
) -> dict[str, pd.DataFrame]:
    """Layers whose rows belong to units, with rows of units that were merged or split.

    Parameters
    ----------
    layers
        Layers by name; those with a `unit_id` other than `units` and `communities` are followed.
    overrides
        The layer of this name.
    units
        As corrected.

    Returns
    -------
    The same layers: rows of a unit taken in are the other's, counts added; things with a place in a
    split unit belong to the part they lie in, counts of the whole to neither part.
    """
    taken = _find_absorbed(overrides, set(units["unit_id"]))
    parted = _find_split_units(overrides, units)
    if not taken and not parted:
        return dict(layers)
    return {
        name: frame
        if name in ("units", "communities") or "unit_id" not in frame or not len(frame)
        else _reassign_rows(name, frame, taken, parted)
        for name, frame in layers.items()
    }


# --- what is said of communities ----------------------------------------------------------------


def select_before_mergers(overrides: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Values, outlines and splits of units nobody had merged by then, in the order they were stated."""
    if "number" not in overrides:
        return overrides[:0]
    ordered = overrides.sort_values("number", kind="stable")
    mergers = ordered[ordered["what"].eq("merged")]
    first: dict[str, int] = {}
    for column in ("unit_a", "unit_b"):
        for unit, number in zip(mergers[column], mergers["number"], strict=True):
            first[unit] = min(number, first.get(unit, number))
    before = ordered["number"] < ordered["target_id"].map(first).astype("Float64").fillna(np.inf)
    return ordered[ordered["what"].isin(("value", "outline", "split")) & before.astype(bool)]


def _set_value(frame: gpd.GeoDataFrame, at: int, row: pd.Series) -> gpd.GeoDataFrame:
    """One value set; codes that no longer fit a corrected street are left to its place."""
    frame = frame.copy()
    field, new = row["field"], row["new"]
    value = None if pd.isna(new) else float(new) if field in _FIGURES else new
    frame[field] = _set_cell(frame[field], at, value)
    if field == "built_year":  # a year somebody knows better is one year, not an interval
        for column in ("built_year_from", "built_year_to"):
            frame[column] = _set_cell(_column(frame, column), at, value)
    if field in _FIGURES:
        quality = None if value is None else "reported"
        frame[f"{field}_quality"] = _set_cell(_column(frame, f"{field}_quality"), at, quality)
    if field == "street_code":
        for column in ("district_code", "neighbourhood_code"):
            if column in frame:
                frame[column] = _set_cell(frame[column], at, None)
    return frame


def _column(frame: gpd.GeoDataFrame, name: str) -> pd.Series:
    return frame[name] if name in frame else pd.Series(None, index=frame.index, dtype=object)


def _set_outline(frame: gpd.GeoDataFrame, at: int, shape: shapely.Geometry) -> gpd.GeoDataFrame:
    frame = frame.copy()
    shapes = frame.geometry.to_numpy().astype(object)
    shapes[at] = shape
    frame["geom_quality"] = _set_cell(frame["geom_quality"], at, "digitised")
    return frame.set_geometry(gpd.GeoSeries(shapes, frame.index, crs=frame.crs))


def _set_cell(column: pd.Series, at: int, value: object) -> pd.Series:
    """A column with one value set; None = missing."""
    values = column.astype(object).to_numpy().copy()
    values[at] = value
    values[pd.isna(values)] = None
    return pd.Series(values, index=column.index, dtype=object).astype(column.dtype)


def _split(
    communities: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, at: int, row: pd.Series
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Two rows for one, and its buildings named to the part they stand in."""
    whole = communities.iloc[[at]]
    parts = parse_parts((row["unit_a"], row["unit_b"]), row["new"])
    others = set(communities["unit_id"]) - {row["target_id"]}
    shape = whole.geometry.iloc[0]
    try:
        shapes = split_shape(shape, row.geometry)
    except UsageError:  # its outline is another by now
        return communities, buildings
    if others & {part.unit_id for part in parts}:  # a later import knows the parts itself
        return communities, buildings
    made = []
    for part, piece in zip(parts, shapes, strict=True):
        one = whole.copy()
        keeps = part.unit_id == row["target_id"]
        one["unit_id"], one["name"] = part.unit_id, part.name
        one["households"] = _set_cell(one["households"], 0, float(part.households))
        one["floor_area_m2"] = _set_cell(one["floor_area_m2"], 0, part.floor_area_m2)
        for column in ("households_quality", "floor_area_m2_quality"):
            one[column] = _set_cell(_column(one, column), 0, "reported")
        for column in ("land_area_m2", "building_count", *(() if keeps else ("external_code",))):
            one[column] = _set_cell(one[column], 0, None)
        made.append(one.set_geometry(gpd.GeoSeries([piece], one.index, crs=one.crs)))
    frames = [communities.iloc[:at], *made, communities.iloc[at + 1 :]]
    joined = pd.concat([frame for frame in frames if len(frame)], ignore_index=True)
    named = _assign_buildings_to_parts(buildings, whole.iloc[0], parts[0].unit_id, parts[1].unit_id, shapes)
    return gpd.GeoDataFrame(joined, crs=communities.crs), named


def _assign_buildings_to_parts(
    buildings: gpd.GeoDataFrame, whole: pd.Series, a: str, b: str, shapes: tuple[shapely.Geometry, shapely.Geometry]
) -> gpd.GeoDataFrame:
    """Buildings that name the whole name the part they stand in, or the nearer one."""
    if not len(buildings):
        return buildings
    names = {whole["unit_id"], whole["external_code"], whole["name"]} - {None, np.nan}
    code = buildings["community_code"]
    mine = (code.isin(names) | buildings["unit_id"].eq(whole["unit_id"])).to_numpy()
    points = shapely.point_on_surface(buildings.geometry.to_numpy())
    nearer = shapely.distance(points, shapes[1]) < shapely.distance(points, shapes[0])
    part = np.where(nearer, b, a)
    placed = mine & ~shapely.is_missing(points)
    codes = code.astype(object).to_numpy().copy()
    codes[placed] = part[placed]
    codes[mine & ~placed] = a
    return buildings.assign(community_code=pd.Series(codes, buildings.index, dtype=code.dtype))


# --- what is said of units ----------------------------------------------------------------------


def _set_unit_value(
    units: gpd.GeoDataFrame, at: int, row: pd.Series, rules: UnitRules, streets: pd.DataFrame
) -> gpd.GeoDataFrame:
    """A value set on a unit, with its quality; an estimate of the other figure follows."""
    units = _set_value(units, at, row)
    field = row["field"]
    if field in _FIGURES:
        quality = "missing" if pd.isna(row["new"]) else "reported"
        units[f"{field}_quality"] = _set_cell(units[f"{field}_quality"], at, quality)
        return _update_estimate(units, at, field, rules)
    if field == "street_code" and not pd.isna(row["new"]):
        known = dict(zip(streets["street_code"], streets["district_code"], strict=True))
        district = known.get(row["new"])
        code = district_of_street(str(row["new"])) if district is None or pd.isna(district) else district
        units["district_code"] = _set_cell(units["district_code"], at, code)
    return units


def _update_estimate(units: gpd.GeoDataFrame, at: int, field: str, rules: UnitRules) -> gpd.GeoDataFrame:
    """Households follow a corrected floor area, and the other way round, where they are estimates."""
    other = {"floor_area_m2": "households", "households": "floor_area_m2"}.get(field)
    value = units[field].iloc[at]
    if other is None or pd.isna(value):
        return units
    if units[f"{other}_quality"].iloc[at] not in ("estimated", "missing"):
        return units
    factor = rules.m2_per_household
    guess = max(round(value / factor), 1) if other == "households" else round(value * factor, 1)
    units[other] = _set_cell(units[other], at, float(guess))
    units[f"{other}_quality"] = _set_cell(units[f"{other}_quality"], at, "estimated")
    return units


def _merge_units(units: gpd.GeoDataFrame, at: int, taken: str) -> gpd.GeoDataFrame:
    """Two units as one."""
    found = np.flatnonzero(units["unit_id"].eq(taken).to_numpy())
    if not len(found) or int(found[0]) == at:
        return units
    kept, other = units.iloc[at], units.iloc[int(found[0])]
    shape = shapely.set_precision(shapely.union_all([kept.geometry, other.geometry]), 0.001)
    units = _set_outline(units, at, shape)
    for column in ("households", "floor_area_m2", "land_area_m2", "building_count"):
        both = [kept[column], other[column]]
        units[column] = _set_cell(units[column], at, None if pd.isna(both).any() else float(sum(both)))
    units = _set_earlier_year(units, at, int(found[0]))
    for column in ("households", "floor_area_m2"):
        worst = max((one[f"{column}_quality"] for one in (kept, other)), key=_QUALITY_RANK.index)
        units[f"{column}_quality"] = _set_cell(units[f"{column}_quality"], at, worst)
    units["geom_quality"] = _set_cell(units["geom_quality"], at, kept["geom_quality"])
    return units.drop(index=units.index[int(found[0])]).reset_index(drop=True)


def _set_earlier_year(units: gpd.GeoDataFrame, at: int, taken: int) -> gpd.GeoDataFrame:
    """The year of the first of two units; where which is first is open, an interval."""
    pair = units.iloc[[at, taken]]
    first, last = earliest_bounds(*year_bounds(pair), np.array([0, 0]), 1)
    year = estimate_year(first, last)[0]
    known = pair[is_year_known(pair)]
    stated = known["built_year_quality"].ne("estimated").all() and first[0] == last[0]
    quality = "missing" if np.isnan(year) else "reported" if stated else "estimated"
    for column, value in (("built_year", year), ("built_year_from", first[0]), ("built_year_to", last[0])):
        units[column] = _set_cell(_column(units, column), at, None if np.isnan(value) else float(value))
    units["built_year_quality"] = _set_cell(units["built_year_quality"], at, quality)
    return units


# --- rows that belong to units ------------------------------------------------------------------


def _find_absorbed(overrides: gpd.GeoDataFrame, known: set[str]) -> dict[str, str]:
    """Of each unit another took in: the one that has it now."""
    mergers = overrides[overrides["what"].eq("merged")] if len(overrides) else overrides
    if not len(mergers):
        return {}
    pairs = zip(mergers["unit_a"], mergers["unit_b"], strict=True)
    into = {str(taken): str(kept) for kept, taken in pairs if taken not in known}
    for unit in list(into):
        seen = {unit}
        while into[unit] in into and into[unit] not in seen:
            seen.add(into[unit])
            into[unit] = into[into[unit]]
    return into


def _find_split_units(
    overrides: gpd.GeoDataFrame, units: gpd.GeoDataFrame
) -> dict[str, tuple[tuple[str, str], list[shapely.Geometry]]]:
    """Of each unit that was split: its parts and their shapes."""
    if not len(overrides):
        return {}
    shape_of = dict(zip(units["unit_id"], units.geometry, strict=True))
    rows = overrides[overrides["what"].eq("split")]
    return {
        target: ((a, b), [shape_of[a], shape_of[b]])
        for target, a, b in zip(rows["target_id"], rows["unit_a"], rows["unit_b"], strict=True)
        if a in shape_of and b in shape_of
    }


def _reassign_rows(
    name: str,
    frame: pd.DataFrame,
    taken: Mapping[str, str],
    parted: Mapping[str, tuple[tuple[str, str], list[shapely.Geometry]]],
) -> pd.DataFrame:
    frame = frame.copy()
    for whole, (ids, shapes) in parted.items():
        mine = frame["unit_id"].eq(whole).to_numpy()
        if not mine.any():
            continue
        if name in _COUNTS:  # of the whole: of neither part
            frame = frame[~mine].reset_index(drop=True)
        elif "geometry" in frame:
            places = frame["geometry"].to_numpy(object)[mine]
            nearer = shapely.distance(places, shapes[1]) < shapely.distance(places, shapes[0])
            frame.loc[mine, "unit_id"] = np.where(nearer, ids[1], ids[0])
    moved = frame["unit_id"].isin(list(taken))
    if not moved.any():
        return frame
    frame["unit_id"] = frame["unit_id"].map(lambda unit: taken.get(unit, unit)).astype("str")
    if name not in _ONE_A_UNIT:
        return frame
    first = frame.assign(_moved=moved).sort_values("_moved", kind="stable").drop(columns="_moved")
    how: dict[str, Any] = {
        column: _sum_known if column in _SUMS else "first" for column in frame.columns if column != "unit_id"
    }
    summed = first.groupby("unit_id", sort=False, as_index=False).agg(how)
    return summed[frame.columns].astype(frame.dtypes.to_dict())


_COUNTS = ("ebike_stock", "parking")
_ONE_A_UNIT = ("ebike_stock", "parking", "owners_bodies", "consents")
_SUMS = ("ebikes", "bays_fixed", "bays_public", "cars_registered", "ev_bays_built", "ev_bays_reserved")


def _sum_known(counts: pd.Series) -> Any:
    """The sum; missing where one count is."""
    return counts.sum(skipna=False)
