"""Candidate charging places for the map, each with its card."""

from __future__ import annotations

import json
from collections.abc import Mapping

import geopandas as gpd

from analysis.studies.site_choice import read_prices, select_sites
from analysis.studies.siting import LABEL_EN, LABEL_ZH, UNCHECKED_EN, UNCHECKED_ZH
from app.desks.charging.sites import SitePlan
from app.desks.charging.siting_cache import find_siting
from app.i18n import Words
from app.maps.layers import BrowserFile, make_browser_file, to_geojson
from app.workbench.numbers import format_count
from app.workbench.workbench import Workbench

SHOWN_OF_EACH = 3
"""Candidates of one community the map shows beside those of the choice."""


def make_site_files(bench: Workbench, words: Mapping[str, Words]) -> dict[str, BrowserFile]:
    """The file of candidate places in each language, the choice among them marked.

    Raises
    ------
    PlanningError
        If there is nothing to screen.
    """
    siting = find_siting(bench.context)
    choice = select_sites(siting, read_prices(bench.policy))
    plan = SitePlan(bench.dataset, siting, choice, str(bench.policy.value("siting.profile")))
    return {language: _file(plan, own) for language, own in words.items()}


def _file(plan: SitePlan, words: Words) -> BrowserFile:
    """The places of the choice, and the first few of each community, with the card of each."""
    assert plan.choice is not None  # asked for above
    built = plan.choice.sites
    sites = plan.siting.sites
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
    shapes = gpd.GeoSeries(shown.geometry.to_list(), crs=plan.dataset.manifest.metric_crs)
    return make_browser_file("sites", to_geojson(gpd.GeoDataFrame(rows, geometry=shapes)))


def _card(row: dict[str, object], ports: int, words: Words) -> dict[str, object]:
    return {
        "title": words("sites.card_title", name=row["name"]),
        "kind": words.pick(LABEL_ZH, LABEL_EN),
        "rows": [
            (words("sites.area"), f"{row['area_m2']:.0f} {words('measure.m2')}"),
            (words("sites.capacity"), words("sites.ports", n=format_count(row["capacity"]))),
            (words("sites.need"), words("sites.ports", n=format_count(row["need_ports"]))),
            (words("sites.build"), words("sites.ports", n=format_count(ports))),
            (words("sites.clearance"), f"{row['clearance_m']:.0f} {words('measure.m')}"),
            (words("sites.rank"), format_count(row["rank"])),
            (words("sites.unchecked"), words.pick(UNCHECKED_ZH, UNCHECKED_EN)),
        ],
    }
