"""What follows from the imported layers: codes, crossings, units and user input laid over them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.admin.admin_names import community_findings
from geo.admin.code_replacement import replace_provisional_codes, update_override_streets, update_permit_streets
from geo.admin.gazetteer import known_streets
from geo.corrections.apply import (
    apply_willingness,
    correct_communities,
    correct_unit_values,
    correct_units,
    place_communities,
    select_before_mergers,
)
from geo.corrections.consultations import read_consultations
from geo.corrections.store import UNIT_CORRECTIONS, read_overrides
from geo.findings import Finding
from geo.importing.dataset_update import to_geodataframe
from geo.importing.record_linkage import find_units_by_place
from geo.importing.references import resolve_references
from geo.importing.unit_figures import community_units
from geo.importing.unit_sites import measure_buildings, valid_polygons
from geo.importing.units import UnitsResult, build_units
from geo.names import NameRules
from geo.network.crossing_detection import detect_crossings
from geo.network.estimated_ground import draw_estimated_ground
from geo.rules import UnitRules
from geo.schema import ESTIMATED_GROUND
from geo.storage.dataset import Dataset
from geo.storage.layer_frames import shape_layer
from geo.storage.manifest import Manifest
from geo.validation.stated_status import mark_old_units

_INSIDE_UNITS = ("ebike_sites", "gates", "open_spaces", "service_points")
_OF_COMMUNITY = (
    *("floor_area_m2", "floor_area_m2_quality", "households", "households_quality", "management_mode", "company_id"),
    *("built_year", "built_year_from", "built_year_to", "built_year_quality"),
)
"""Columns of a unit that follow from the row of its community and from its buildings alone."""
_UNIT_INPUTS = ("communities", "buildings", "streets", "neighbourhoods", "boundary", "companies", "consents")


@dataclass(frozen=True, eq=False)
class UserInput:
    """What people know better than the imported layers; empty for a new dataset.

    Parameters
    ----------
    overrides, consultations
        The layers of these names, in the dataset's CRS.
    units
        As they were before this import.
    """

    overrides: gpd.GeoDataFrame
    consultations: pd.DataFrame
    units: pd.DataFrame

    @classmethod
    def read(cls, folder: Path, manifest: Manifest) -> UserInput:
        """What a dataset holds of it.

        Parameters
        ----------
        folder
            The dataset; need not be there yet.
        manifest
            Of the dataset.
        """
        dataset = Dataset(folder, manifest)
        return cls(read_overrides(dataset), read_consultations(dataset), dataset.layer("units"))


def derive_layers(
    layers: dict[str, pd.DataFrame],
    before: Mapping[str, pd.DataFrame],
    rules: UnitRules,
    metric_crs: str,
    names: NameRules,
    user_input: UserInput,
) -> list[Finding]:
    """Fill codes of communities and derive units in `layers`, when anything they rest on changed.

    Parameters
    ----------
    layers
        All importable layers by name; changed in place.
    before
        The same before this import: a layer that is the same object did not change.
    rules
        How figures of units are derived.
    metric_crs
        Of the dataset, metres.
    names
        Aliases of districts and streets.
    user_input
        What people know better.

    Returns
    -------
    What was found on the way.
    """
    replace_provisional_codes(layers)
    found = _derive_units(layers, before, rules, metric_crs, names, user_input)
    permits, lost = layers["permits"], list[Finding]()
    if len(permits) and any(layers.get(name) is not before.get(name) for name in ("permits", "streets", "units")):
        known = known_streets({"units": user_input.units, **layers})
        layers["permits"], lost = update_permit_streets(permits, known)
    return [*found, *lost]


def revise_values(dataset: Dataset, stated: Collection[str], rules: UnitRules) -> gpd.GeoDataFrame | None:
    """The units after values were corrected, the same as :func:`derive_layers` makes, in milliseconds.

    Parameters
    ----------
    dataset
        With the corrections; its units are those derived before.
    stated
        Ids of the corrections that are new, the last ones of the dataset.
    rules
        How figures of units are derived.

    Returns
    -------
    The layer; None where more than the figures of those units may follow: other corrections than
    of values, another street, ground that is estimated, outlines that moved near by, splits, or
    units that were derived otherwise.
    """
    overrides, units = read_overrides(dataset), gpd.GeoDataFrame(dataset.layer("units"))
    is_new = overrides["override_id"].isin(list(stated))
    new, before = overrides[is_new], overrides[~is_new]
    about = units[units["unit_id"].isin(new["target_id"])]
    is_simple = new["what"].eq("value").all() and new["field"].ne("street_code").all()
    if not is_simple or overrides["what"].eq("split").any() or about["geom_quality"].isin(ESTIMATED_GROUND).any():
        return None
    communities = gpd.GeoDataFrame(dataset.layer("communities"))
    of_community = new["number"].isin(select_before_mergers(overrides)["number"])
    of_community &= new["target_id"].isin(communities["unit_id"])
    told = set(new["target_id"][of_community])
    mine = communities[communities["unit_id"].isin(told)]
    if len(mine):
        buildings = gpd.GeoDataFrame(dataset.layer("buildings"))
        buildings = buildings[buildings["unit_id"].isin(told)]
        moved = overrides[overrides["what"].eq("outline")]
        shapes = [*moved.geometry, *communities.geometry[communities["unit_id"].isin(moved["target_id"])]]
        grounds = units.geometry[units["unit_id"].isin(told)].to_numpy()
        if shapes and shapely.dwithin(shapely.union_all(shapes), grounds, rules.point_reach_m).any():
            return None
        crs = dataset.manifest.metric_crs
        was, now = (_figure_communities(mine, buildings, units, one, rules, crs) for one in (before, overrides))
        if not was.equals(units[units["unit_id"].isin(told)]):
            return None
        units = _replace_rows(units, now)
    units = correct_unit_values(units, new[~of_community], rules, dataset.layer("streets"))
    return gpd.GeoDataFrame(shape_layer("units", mark_old_units(units, rules), dataset.manifest.metric_crs))


def _figure_communities(
    communities: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    units: gpd.GeoDataFrame,
    overrides: gpd.GeoDataFrame,
    rules: UnitRules,
    metric_crs: str,
) -> gpd.GeoDataFrame:
    """The rows of `units` of some communities, with the figures that follow from those and their buildings."""
    rows = units[units["unit_id"].isin(communities["unit_id"])]
    corrected, _ = correct_communities(communities, buildings, overrides[overrides["what"].eq("value")])
    corrected = corrected.set_index("unit_id", drop=False).loc[rows["unit_id"]].reset_index(drop=True)
    own = valid_polygons(corrected.geometry)
    of = pd.Index(corrected["unit_id"]).get_indexer(pd.Index(buildings["unit_id"]))
    sites = measure_buildings(buildings, rules)
    figures = community_units(corrected, own, np.full(len(own), None), of, own, sites, rules)
    figures = figures[list(_OF_COMMUNITY)].set_index(rows.index)
    made = mark_old_units(rows.assign(**{name: figures[name] for name in _OF_COMMUNITY}), rules)
    return gpd.GeoDataFrame(shape_layer("units", made, metric_crs).set_index(rows.index))


def _replace_rows(units: gpd.GeoDataFrame, rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The units with the figures of some rows, of the same types."""
    units = units.copy()
    for name in (*_OF_COMMUNITY, "is_old", "is_old_by"):
        units.loc[rows.index, name] = rows[name]
    return units


def _derive_units(
    layers: dict[str, pd.DataFrame],
    before: Mapping[str, pd.DataFrame],
    rules: UnitRules,
    metric_crs: str,
    names: NameRules,
    user_input: UserInput,
) -> list[Finding]:
    """The units and whatever lies in them, when anything they rest on changed."""
    passages = _detect_crossings(layers, before, rules)
    around = ("barriers", "roads") if rules.yard_gap_m > 0 or _has_points(user_input.units) else ()
    inputs = (*_UNIT_INPUTS, *around)
    if all(layers[name] is before.get(name) for name in inputs):
        return passages
    communities, findings = resolve_references(layers, names)
    layers["communities"] = shape_layer("communities", to_geodataframe(communities, metric_crs), metric_crs)
    if layers["communities"].empty and layers["buildings"].empty:
        return [*passages, *findings]
    placed = place_communities(gpd.GeoDataFrame(layers["communities"]), user_input.overrides)
    result = _build_units(layers, placed, layers["buildings"], rules, metric_crs)
    units = _apply_user_input(layers, result.units, user_input, rules, metric_crs)
    barriers, roads = (gpd.GeoDataFrame(shape_layer(name, layers[name], metric_crs)) for name in ("barriers", "roads"))
    layers["units"], estimated = draw_estimated_ground(units, barriers, roads, rules)
    layers["buildings"] = result.buildings
    _assign_units_by_place(layers, before, placed)
    told = community_findings(layers["communities"])
    return [*passages, *findings, *told, *result.findings, *estimated]


def _has_points(units: pd.DataFrame) -> bool:
    """Whether the ground of a unit depends on what lies around it."""
    return bool(len(units) and units["geom_quality"].isin(ESTIMATED_GROUND).any())


def _build_units(
    layers: Mapping[str, pd.DataFrame],
    communities: pd.DataFrame,
    buildings: pd.DataFrame,
    rules: UnitRules,
    metric_crs: str,
) -> UnitsResult:
    return build_units(
        communities,
        buildings,
        layers["streets"],
        rules,
        metric_crs,
        layers["neighbourhoods"],
        layers["barriers"],
        layers["boundary"],
    )


def _apply_user_input(
    layers: Mapping[str, pd.DataFrame],
    units: gpd.GeoDataFrame,
    user_input: UserInput,
    rules: UnitRules,
    metric_crs: str,
) -> gpd.GeoDataFrame:
    """The units as people know them. Layers stay as imported, so that a word can be taken back."""
    if user_input.overrides["what"].isin(UNIT_CORRECTIONS).any():
        known = known_streets({**layers, "units": units})
        overrides = gpd.GeoDataFrame(update_override_streets(user_input.overrides, known))
        communities, buildings = correct_communities(
            gpd.GeoDataFrame(layers["communities"]), gpd.GeoDataFrame(layers["buildings"]), overrides
        )
        units = _build_units(layers, communities, buildings, rules, metric_crs).units
        units = correct_units(units, communities, overrides, rules, layers["streets"])
    units = apply_willingness(units, layers["consents"], user_input.consultations)
    return gpd.GeoDataFrame(shape_layer("units", units, metric_crs))


def _detect_crossings(
    layers: dict[str, pd.DataFrame], before: Mapping[str, pd.DataFrame], rules: UnitRules
) -> list[Finding]:
    """Find the crossings where roads pass barriers anew, when anything they rest on changed."""
    inputs = ("roads", "barriers", "crossings")
    if all(layers[name] is before.get(name) for name in inputs):
        return []
    roads, barriers, crossings = (gpd.GeoDataFrame(layers[name]) for name in inputs)
    found, findings = detect_crossings(roads, barriers, crossings, rules.closed_road_classes)
    if len(found) or len(crossings):
        layers["crossings"] = shape_layer("crossings", found, str(crossings.crs))
    return findings


def _assign_units_by_place(
    layers: dict[str, pd.DataFrame], before: Mapping[str, pd.DataFrame], communities: gpd.GeoDataFrame
) -> None:
    """Things that came before the outlines they lie in get their unit now."""
    if layers["communities"] is before.get("communities"):
        return
    for name in _INSIDE_UNITS:
        frame = layers[name]
        homeless = frame["unit_id"].isna() & frame.geometry.notna() if len(frame) else None
        if homeless is None or not homeless.any():
            continue
        shapes = frame.geometry.to_numpy().astype(object)
        shapes[~homeless.to_numpy()] = None
        units = find_units_by_place(shapes, communities).set_axis(frame.index)
        if units.notna().any():
            layers[name] = frame.assign(unit_id=frame["unit_id"].where(~homeless, units.astype("str")))
