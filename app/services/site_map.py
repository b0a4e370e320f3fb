"""Candidate charging places for the map: worked out in a thread when somebody first asks."""

from __future__ import annotations

import json
import logging
import threading

import geopandas as gpd

from analysis.siting import LABEL_EN, LABEL_ZH, UNCHECKED_EN, UNCHECKED_ZH
from app.i18n import Words
from app.services.map_layers import BrowserFile, browser_file, to_geojson
from app.services.numbers import count_text
from app.services.sites import SitePlan, site_plan
from app.services.workbench import Workbench
from geo.errors import PlanningError

logger = logging.getLogger(__name__)

SHOWN_OF_EACH = 3
"""Candidates of one community the map shows beside those of the choice."""


class SiteMap:
    """The candidate places of one dataset, made once.

    Parameters
    ----------
    bench
        Whose places they are.
    words
        By language.
    """

    def __init__(self, bench: Workbench, words: dict[str, Words], version: str) -> None:
        self.bench, self.words, self.version = bench, words, version
        self._lock = threading.Lock()
        self._started = False
        self._files: dict[str, BrowserFile] | None = None

    @property
    def is_possible(self) -> bool:
        """Whether there is anything to screen: outlines of buildings, and bikes or households."""
        return self.bench.dataset.has("buildings")

    def name(self, language: str) -> str:
        """The file's name in an address; a new dataset has new names."""
        return f"sites-{language}-{self.version}.geojson"

    def language_of(self, name: str) -> str | None:
        """Which language a name in an address asks for; None for other files."""
        return next((lang for lang in self.words if self.name(lang) == name), None)

    def ask(self, language: str) -> BrowserFile | None:
        """The file, or None while it is in the making; the first to ask starts that."""
        with self._lock:
            if self._files is None and not self._started:
                self._started = True
                threading.Thread(target=self._make, name="sites", daemon=True).start()
        return self._files[language] if self._files else None

    def _make(self) -> None:
        files: dict[str, BrowserFile] = {}
        try:
            plan = site_plan(self.bench.dataset, self.bench.policy, choose=True)
            files = {lang: _file(plan, words) for lang, words in self.words.items()}
        except PlanningError:
            logger.exception("candidate sites cannot be shown")
        empty = browser_file("sites", '{"type":"FeatureCollection","features":[]}')
        self._files = {lang: files.get(lang, empty) for lang in self.words}


def _file(plan: SitePlan, words: Words) -> BrowserFile:
    """The places of the choice, and the first few of each community, with the card of each."""
    assert plan.choice is not None  # asked for above
    built = plan.choice.sites
    sites = plan.siting.sites
    of_unit = sites.groupby("unit_id").cumcount()
    shown = sites[sites["site_id"].isin(list(built)) | (of_unit < SHOWN_OF_EACH)]
    rows = [
        {
            "site_id": row["site_id"], "chosen": row["site_id"] in built,
            "card": json.dumps(_card(row, built.get(row["site_id"], 0), words), ensure_ascii=False),
        }
        for row in shown.drop(columns="geometry").to_dict("records")
    ]  # fmt: skip
    shapes = gpd.GeoSeries(shown.geometry.to_list(), crs=plan.dataset.manifest.metric_crs)
    return browser_file("sites", to_geojson(gpd.GeoDataFrame(rows, geometry=shapes)))


def _card(row: dict[str, object], ports: int, words: Words) -> dict[str, object]:
    return {
        "title": words("sites.card_title", name=row["name"]),
        "kind": words.pick(LABEL_ZH, LABEL_EN),
        "rows": [
            (words("sites.area"), f"{row['area_m2']:.0f} {words('measure.m2')}"),
            (words("sites.capacity"), words("sites.ports", n=count_text(row["capacity"]))),
            (words("sites.need"), words("sites.ports", n=count_text(row["need_ports"]))),
            (words("sites.build"), words("sites.ports", n=count_text(ports))),
            (words("sites.clearance"), f"{row['clearance_m']:.0f} {words('measure.m')}"),
            (words("sites.rank"), count_text(row["rank"])),
            (words("sites.unchecked"), words.pick(UNCHECKED_ZH, UNCHECKED_EN)),
        ],
    }
