"""Candidate charging places of a dataset: screened once, and drawn on the map, each with its card."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence

import geopandas as gpd

from analysis.indicators.registry import facts_by_roster, read_layers
from analysis.policy import Policy
from analysis.studies.site_choice import SiteSelection, read_prices, select_sites
from analysis.studies.siting import LABEL, UNCHECKED, Siting, find_candidate_sites
from app.i18n import Words, say
from app.maps.layers import BrowserFile, make_browser_file, to_geojson
from app.workbench.formats import format_count
from app.workbench.kept import keep_with_owner
from app.workbench.workbench import DatasetContext, Workbench
from geo.admin.gazetteer import gazetteer_layers, known_streets, resolve_street_codes
from geo.errors import UnknownCodeError
from geo.storage.dataset import Dataset

SHOWN_OF_EACH = 3
"""Candidates of one community the map shows next to those of the choice."""
_screening = threading.Lock()


def screen_sites(
    dataset: Dataset, policy: Policy, *, streets: Sequence[str] = (), profile: str | None = None
) -> Siting:
    """Screen the open ground of a dataset for charging places.

    Parameters
    ----------
    dataset, policy
        The data, and the rules in force.
    streets
        Names or codes of the streets to screen; none named = all.
    profile
        Of the separations from walls (policy `siting`); the policy's own when None.

    Raises
    ------
    UnknownCodeError
        If a street has no unit.
    """
    facts = facts_by_roster(read_layers(dataset), policy, as_of=dataset.manifest.data_date)[0]
    known = set(facts.layers["units"]["street_code"].dropna())
    streets = resolve_street_codes(streets, known_streets(gazetteer_layers(dataset))) if streets else ()
    unknown = [code for code in streets if code not in known]
    if unknown:
        raise UnknownCodeError(*say("mapping.street_unknown", code=unknown[0]))
    return find_candidate_sites(
        facts,
        dataset.layer("buildings"),
        open_spaces=dataset.layer("open_spaces"),
        roads=dataset.layer("roads"),
        barriers=dataset.layer("barriers"),
        streets=list(streets) or None,
        profile=profile,
    )


def find_siting(context: DatasetContext) -> Siting:
    """The candidates of a dataset; screened once, whoever asks first: half a minute for a city."""
    with _screening:
        return _screen_once(context)


@keep_with_owner
def _screen_once(context: DatasetContext) -> Siting:
    return screen_sites(context.dataset, context.policy)


def make_site_files(bench: Workbench, words: Mapping[str, Words]) -> dict[str, BrowserFile]:
    """The file of candidate places in each language, the choice among them marked.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    words
        Texts by language.

    Raises
    ------
    PlanningError
        If there is nothing to screen.
    """
    siting = find_siting(bench.context)
    choice = select_sites(siting, read_prices(bench.policy))
    crs = bench.dataset.manifest.metric_crs
    return {language: _file(siting, choice, crs, own) for language, own in words.items()}


def _file(siting: Siting, choice: SiteSelection, crs: str, words: Words) -> BrowserFile:
    """The places of the choice, and the first few of each community, with the card of each."""
    built = choice.sites
    sites = siting.sites
    of_unit = sites.groupby("unit_id").cumcount()
    shown = sites[sites["site_id"].isin(list(built)) | (of_unit < SHOWN_OF_EACH)]
    rows = [
        {
            "site_id": row["site_id"],
            "chosen": row["site_id"] in built,
            "card": json.dumps(_card(row, built.get(row["site_id"], 0), words), ensure_ascii=False),
        }
        for row in shown.drop(columns="geometry").to_dict("records")
    ]
    shapes = gpd.GeoSeries(shown.geometry.to_list(), crs=crs)
    return make_browser_file("sites", to_geojson(gpd.GeoDataFrame(rows, geometry=shapes)))


def _card(row: dict[str, object], ports: int, words: Words) -> dict[str, object]:
    return {
        "title": words("sites.card_title", name=row["name"]),
        "kind": words.pick(*LABEL),
        "rows": [
            (words("sites.area"), f"{row['area_m2']:.0f} {words('measure.m2')}"),
            (words("sites.capacity"), words("sites.ports", n=format_count(row["capacity"]))),
            (words("sites.need"), words("sites.ports", n=format_count(row["need_ports"]))),
            (words("sites.build"), words("sites.ports", n=format_count(ports))),
            (words("sites.clearance"), f"{row['clearance_m']:.0f} {words('measure.m')}"),
            (words("sites.rank"), format_count(row["rank"])),
            (words("sites.unchecked"), words.pick(*UNCHECKED)),
        ],
    }
