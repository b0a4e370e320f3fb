"""The indicators there are, computed for every place of a level, and the themes of the map."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import geopandas as gpd
import pandas as pd

from analysis.figures.facts import NEEDED_LAYERS, Facts
from analysis.figures.figure import BASELINE, CURRENT, LEVEL_COLUMNS, Basis, Figure, Layers, Level
from analysis.figures.indicator import Indicator, Theme
from analysis.figures.tally import aggregate_tally, compute_tally, find_missing_columns
from analysis.indicators import charging, companies, coverage, life_circle, owners, single_buildings, unit_states
from analysis.indicators.catalogue import REPORTED
from analysis.indicators.reported import build_reported_figures
from analysis.policy import Policy
from geo.corrections.apply import reassign_unit_rows
from geo.corrections.store import read_overrides
from geo.errors import UnknownCodeError, UsageError
from geo.messages import join_names, load_catalogue
from geo.storage.dataset import Dataset

say = load_catalogue(__file__)

_COMPUTED: tuple[Indicator, ...] = (
    companies.PARTY_COVER,
    coverage.MANAGEMENT_COVERAGE,
    owners.OWNERS_BODY_FORMATION,
    coverage.PROFESSIONAL_COVERAGE,
    coverage.NEW_PROFESSIONAL_COVERAGE,
    companies.GOOD_RATING_FIRMS,
    companies.PREJOB_TRAINING,
    companies.FURTHER_EDUCATION,
    coverage.PROFESSIONAL_BY_PLAN,
    owners.CROSS_APPOINTMENT,
    companies.ASSOCIATION_MEMBERS,
    owners.PARTY_MEMBERS,
    owners.PARTY_MAJORITY,
    owners.TRAINING,
    owners.COMMITTEE_PARTY_ORG,
    companies.RATED_FIRMS,
    companies.JOINT_MEETINGS,
    coverage.ONE_POLICY,
    owners.SPECIAL_FORMATION,
    coverage.SPECIAL_PROFESSIONAL,
    coverage.OLD_SERVICE_COVERAGE,
    coverage.OLD_INTRODUCED,
    coverage.UNMANAGED_OLD,
    single_buildings.UNMANAGED_SINGLE_BUILDINGS,
    coverage.UNIT_CUSTODY,
    coverage.AREA_COVERAGE,
    coverage.PROPOSED_COVERAGE,
    companies.CONTRACTS_FILED,
    companies.PERFORMANCE_DISCLOSED,
    companies.BLACKLISTED,
    charging.PARKING_GAP,
    charging.BIKES_PER_PORT,
    *charging.BIKES_PER_PORT_BY_METHOD,
    charging.PORT_GAP,
    charging.PORTS_ENOUGH,
    charging.BAYS_READY,
    life_circle.LIFE_CIRCLE,
)

REGISTRY: tuple[Indicator, ...] = tuple(
    sorted((*_COMPUTED, *REPORTED), key=lambda entry: ("GTP".index(entry.id[0]), entry.id))
)
"""All indicators, in the order of the action plan; projections of a plan (P…) last."""

THEMES: tuple[Theme, ...] = (
    coverage.COVERAGE_THEME,
    charging.CHARGING_THEME,
    single_buildings.SINGLE_BUILDINGS_THEME,
    coverage.MANAGEMENT_THEME,
    coverage.OLD_SERVICE_THEME,
    owners.OWNERS_THEME,
    charging.PORT_GAP_THEME,
    unit_states.MODE_THEME,
    unit_states.YEAR_THEME,
    unit_states.NEIGHBOURS_THEME,
    charging.SITING_THEME,
)
"""The themes of the map, in the order of its list."""

THEME_LAYERS = ("units", "ebike_stock", "ebike_sites", "owners_bodies", "edges")
"""The layers the themes read."""

HEADLINES = (
    coverage.PROFESSIONAL_COVERAGE.key,
    single_buildings.UNMANAGED_SINGLE_BUILDINGS.key,
    charging.BIKES_PER_PORT.key,
)
"""The indicators a reader sees first."""

_BASES = ("count", "households", "floor_area")


def read_layers(dataset: Dataset) -> dict[str, pd.DataFrame]:
    """The layers the indicators read; an absent layer is an empty frame, a baseline is added."""
    layers: dict[str, pd.DataFrame] = {name: dataset.layer(name) for name in NEEDED_LAYERS}
    layers = reassign_unit_rows(layers, read_overrides(dataset), gpd.GeoDataFrame(layers["units"]))
    if len(layers["service_points"]):  # what the walk to services needs next to them
        layers.update({name: dataset.layer(name) for name in ("walks", "barriers")})
    layers["edges"] = dataset.layer("edges")
    if layers["units"]["district_code"].isna().all():
        layers["communities"] = dataset.layer("communities")
    name = find_baseline_name(dataset)
    return layers if name is None else {**layers, BASELINE: dataset.roster(name)}


def find_baseline_name(dataset: Dataset) -> str | None:
    """The frozen roster rates are held against: "baseline", else the first by name, no month."""
    months = set(dataset.layer("snapshots")["roster"])
    names = [name for name in dataset.rosters() if name not in months]
    return BASELINE if BASELINE in names else next(iter(names), None)


def compute_indicators(
    data: Dataset | Layers,
    policy: Policy,
    *,
    level: Level = "city",
    basis: Basis = "count",
    year: int | None = None,
    plan: Mapping[str, Any] | None = None,
    as_of: str | None = None,
    keys: Collection[str] | None = None,
) -> tuple[Figure, ...]:
    """Every indicator for every place of a level, on the current and on the frozen roster.

    Parameters
    ----------
    data
        A dataset, or its layers by name; "baseline" among them is the frozen roster.
    policy
        Which modes count as professional, the targets.
    level
        "city", "district", "street" or "neighbourhood"; an indicator that is not reported at the
        level has no figure.
    basis
        What a unit counts for: 1, its households, its floor area.
    year
        Year of the targets; None = none.
    plan
        A plan document, for what it would bring.
    as_of
        ISO date of the data; a dataset brings its own.
    keys
        Only these indicators; None = all.

    Returns
    -------
    Figures ordered by indicator, then by roster, then by code. Units without a code are the place
    "unknown", so that the places of a level always add up to the city.

    Raises
    ------
    UsageError
        If level or basis is not one of those.
    """
    _check_choice("level", level, tuple(LEVEL_COLUMNS))
    _check_choice("basis", basis, _BASES)
    scenes = facts_by_roster(data, policy, year=year, plan=plan, as_of=as_of)
    return compute_figures(scenes, level=level, basis=basis, keys=keys)


def facts_by_roster(
    data: Dataset | Layers,
    policy: Policy,
    *,
    year: int | None = None,
    plan: Mapping[str, Any] | None = None,
    as_of: str | None = None,
) -> tuple[Facts, ...]:
    """The facts of the current roster and, where there is one, of the baseline (R65).

    Made once, they serve :func:`compute_figures` for every level and basis.

    Parameters
    ----------
    data
        A dataset, or its layers by name.
    policy
        The policy in force.
    year
        Of the targets; None = none.
    plan
        The document; None without one.
    as_of
        ISO date the data speak of; None = that of the dataset.
    """
    if isinstance(data, Dataset):
        as_of = as_of or data.manifest.data_date
        data = read_layers(data)
    now = Facts(data, policy, year, as_of, plan)
    if BASELINE not in data:
        return (now,)
    return now, Facts(data, policy, year, as_of, plan, BASELINE, now)


def compute_figures(
    scenes: Sequence[Facts], *, level: Level = "city", basis: Basis = "count", keys: Collection[str] | None = None
) -> tuple[Figure, ...]:
    """The figures of one level, as :func:`compute_indicators`, from facts joined before.

    Parameters
    ----------
    scenes
        Facts, one for each roster.
    level
        What places are.
    basis
        What a unit counts for.
    keys
        Indicators wanted; None = all.
    """
    found: list[Figure] = []
    for indicator in REGISTRY:
        if level not in indicator.levels or (keys is not None and indicator.key not in keys):
            continue
        for facts in scenes:
            if facts.roster != CURRENT and not indicator.per_roster:
                continue
            if indicator.tally is None:
                found.extend(build_reported_figures(indicator, facts, level))
                continue
            tally = compute_tally(indicator, facts, basis)
            missing = find_missing_columns(indicator, facts, tally)
            if missing and indicator.or_reported:
                found.extend(build_reported_figures(indicator, facts, level))
                continue
            found.extend(aggregate_tally(indicator, facts, level, tally, missing=missing))
    return tuple(found)


def classify_units(data: Dataset | Layers, policy: Policy, theme: str) -> pd.DataFrame:
    """The class of every unit under a theme of the map.

    Parameters
    ----------
    data
        A dataset, or its layers by name.
    policy
        The policy in force.
    theme
        Its key.

    Returns
    -------
    DataFrame of n rows in the order of `units`: unit_id, band (a key of the theme's bands),
    value (float, missing = unknown), estimated (bool: the value rests on an estimate).

    Raises
    ------
    UnknownCodeError
        If there is no such theme.
    """
    for known in THEMES:
        if known.key == theme:
            facts = Facts(read_layers(data) if isinstance(data, Dataset) else data, policy)
            layers = {name: facts.layer(name) for name in THEME_LAYERS}
            units = layers["units"]
            table = known.classify(units, layers, policy)
            table.insert(0, "unit_id", units["unit_id"])
            return table
    names = [known.key for known in THEMES]
    raise UnknownCodeError(*say("error.theme", theme=theme, themes=join_names(names)))


def make_figure_record(figure: Figure) -> dict[str, Any]:
    """A figure as the record `pianqu indicators --out F.json` writes (docs/site/en/files.md)."""
    record = asdict(replace(figure, unit_ids=()))
    record.pop("unit_ids")
    record["missing_columns"] = list(figure.missing_columns)
    return record


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise UsageError(*say("error.choice", name=name, value=value, choices=join_names(choices)))


def is_target_met(figure: Figure) -> bool | None:
    """Whether a figure meets its target; None where there is no value or no target.

    Where the indicator forbids it (R51), what rests on estimates is never called met: None.
    A value so close that only the arithmetic of binary fractions keeps it away (1e-12) meets it.
    """
    if figure.value is None or figure.target is None:
        return None
    indicator = next(entry for entry in REGISTRY if entry.key == figure.key)
    higher = indicator.better == "higher"
    gain = figure.value - figure.target if higher else figure.target - figure.value
    is_met = gain >= -1e-12
    if is_met and figure.estimated_share and not indicator.claim_on_estimates:
        return None
    return is_met
