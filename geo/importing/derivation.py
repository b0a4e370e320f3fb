"""What follows from the imported layers: codes, crossings, units and user input laid over them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from geo.admin.admin_names import community_findings
from geo.admin.code_replacement import replace_provisional_codes, update_override_streets, update_permit_streets
from geo.admin.gazetteer import known_streets
from geo.corrections.apply import apply_willingness, correct_communities, correct_units, place_communities
from geo.corrections.consultations import read_consultations
from geo.corrections.store import UNIT_CORRECTIONS, read_overrides
from geo.findings import Finding
from geo.importing.dataset_update import to_geodataframe
from geo.importing.record_linkage import find_units_by_place
from geo.importing.references import resolve_references
from geo.importing.units import UnitsResult, build_units
from geo.names import NameRules
from geo.network.crossing_detection import detect_crossings
from geo.network.estimated_ground import draw_estimated_ground
from geo.rules import UnitRules
from geo.schema import ESTIMATED_GROUND
from geo.storage.dataset import Dataset
from geo.storage.layer_frames import shape_layer
from geo.storage.manifest import Manifest

_INSIDE_UNITS = ("ebike_sites", "gates", "open_spaces", "service_points")
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
