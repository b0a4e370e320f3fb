"""Choosing charging places: what is lacking, what a choice adds and costs, the set that is kept."""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from analysis.indicators import facts_by_roster
from analysis.studies.charging import build_charging_table
from analysis.studies.site_choice import SiteSelection, evaluate_sites, read_prices, select_sites
from analysis.studies.siting import Siting
from app.desks.charging.sites import SitePlan, write_sites
from app.desks.charging.siting_cache import siting_of
from app.i18n import Words
from app.maps.layers import LONLAT
from app.session.audit import leave_trail
from app.session.plan_session import Shown
from app.workbench.numbers import MISSING, count_text, plain
from app.workbench.workbench import Ground, Workbench
from geo.dataset import Dataset, open_dataset, write_dataset
from geo.errors import UsageError

SECONDS = 10.0
"""Time for a choice under a budget; places of one community take none of it."""

GUESSED = "from_households"
"""How bikes that nobody recorded are known: estimated from households (R51)."""

FORMATS = ("xlsx", "geojson")
Chosen = Mapping[str, int | None]
"""Places by id, with the most ports to build there; None = as many as are lacking."""

MOST_OF_UNIT = 6
"""Candidates of one community that are offered beside the map."""


@dataclass(frozen=True)
class Totals:
    """What a choice comes to, as a reader sees it: pairs of label and value, with a mark of source."""

    rows: tuple[tuple[str, str, str], ...]


def gap_rows(bench: Workbench, words: Words) -> list[dict[str, Any]]:
    """Units whose bicycles are too many for their ports, the worst first."""
    table = _table(bench.ground)
    lacking = table[table["gap_left"] > 0]
    lacking = lacking.sort_values(["gap_left", "unit_id"], ascending=[False, True])
    return [
        {
            "id": row["unit_id"],
            "name": plain(row["name"]),
            "street": bench.street_names.get(row["street_code"], plain(row["street_code"])),
            "bikes": plain(row["bikes"]),
            "ports": plain(row["ports"]),
            "ratio": _ratio(row["bikes"], row["ports"]),
            "required": plain(row["required"]),
            "gap": plain(row["gap_left"]),
            "method": words(f"charge.method_{row['method']}"),
        }
        for row in lacking.to_dict("records")
    ]


def gap_sentence(bench: Workbench, words: Words) -> str:
    """The gap of units whose bikes are recorded, as the indicator tells it; the guessed gap apart."""
    table = _table(bench.ground)
    is_guessed = table["method"].eq(GUESSED)
    known = table[table["bikes"].notna() & table["ports"].notna() & ~is_guessed]
    lacking = known[known["gap_left"] > 0]
    guessed = table[is_guessed & (table["gap_left"] > 0)]
    told = lacking["method"].eq("estimated").sum()
    bikes, ports = known["bikes"].sum(), known["ports"].sum()
    return words(
        "charge.gap_line",
        bikes=count_text(bikes),
        ports=count_text(ports),
        ratio=_ratio(bikes, ports),
        n=count_text(len(known)),
        units=count_text(len(lacking)),
        gap=count_text(lacking["gap_left"].sum()),
        told=count_text(told),
        guessed=count_text(len(guessed)),
        guessed_gap=count_text(guessed["gap_left"].sum()),
        unknown=count_text(int((table["bikes"].isna() | table["ports"].isna()).sum())),
    )


def candidates_of(bench: Workbench, unit_id: str) -> list[dict[str, Any]]:
    """The best candidate places of one community: site_id, area_m2, capacity, clearance_m."""
    sites = siting_of(bench.ground).sites
    own = sites[sites["unit_id"].eq(unit_id)].head(MOST_OF_UNIT)
    return pd.DataFrame(own.drop(columns="geometry")).to_dict("records")  # type: ignore[return-value]


def totals(bench: Workbench, chosen: Chosen, words: Words) -> Totals:
    """Places, ports, what is still lacking, and the cost of a choice.

    An empty choice is told at once: nothing has to be screened for it.
    """
    prices = read_prices(bench.policy)
    found = evaluate_sites(siting_of(bench.ground), chosen, prices) if chosen else None
    places, ports, cost = (len(found.sites), found.ports, found.cost_yuan) if found else (0, 0, 0.0)
    table = _table(bench.ground)
    lacking = float(table["gap_left"].sum())
    guessed = float(table.loc[table["method"].eq(GUESSED), "gap_left"].sum())
    idle = len(chosen) - places
    note = words("charge.prices", site=f"{prices.site_yuan:,.0f}", port=f"{prices.port_yuan:,.0f}")
    rows = [
        (words("charge.places"), count_text(places), ""),
        (words("charge.ports_added"), count_text(ports), "S 三(五)25"),
        (words("charge.gap_recorded"), count_text(lacking - guessed), "S 三(五)25"),
        (words("charge.gap_guessed"), count_text(guessed), "A"),
        (words("charge.gap_left"), count_text(lacking - ports), "S 三(五)25, A"),
        (words("charge.cost"), words("charge.yuan", n=f"{cost:,.0f}"), "A"),
    ]
    if idle:
        rows.insert(1, (words("charge.idle"), count_text(idle), ""))
    return Totals((*rows, (words("charge.price"), note, "A")))


def choose_under(bench: Workbench, budget: str | float | None) -> SiteSelection:
    """The places that serve most ports under a budget, exact where time allows.

    Raises
    ------
    UsageError
        If the budget is no sum of money.
    """
    text = str(budget if budget is not None else "").replace(",", "").strip()
    try:
        yuan = float(text) * 10_000 if text else None
    except ValueError as error:
        raise UsageError(f"预算“{text}”不是数。", f"'{text}' is no sum.") from error
    if yuan is not None and not 0 <= yuan < 1e12:
        raise UsageError(f"预算“{text}”超出范围。", f"A budget of '{text}' cannot be.")
    return select_sites(siting_of(bench.ground), read_prices(bench.policy), budget_yuan=yuan, seconds=SECONDS)


def built_features(bench: Workbench, chosen: Chosen) -> dict[str, Any]:
    """The places of a choice as GeoJSON in degrees."""
    if not chosen:
        return {"type": "FeatureCollection", "features": []}
    sites = siting_of(bench.ground).sites
    built = sites[sites["site_id"].isin(list(chosen))]
    crs = bench.dataset.manifest.metric_crs
    frame = gpd.GeoDataFrame({"site_id": built["site_id"].to_list()}, geometry=built.geometry.to_list(), crs=crs)
    return dict(frame.to_crs(LONLAT).to_geo_dict())


def kept_sites(dataset: Dataset) -> dict[str, int | None]:
    """The places that were chosen and kept, with their ports."""
    layer = open_dataset(dataset.folder).layer("chosen_sites")
    return {str(s): int(n) for s, n in zip(layer["site_id"], layer["ports"], strict=True)}


def keep_sites(shown: Shown, version: str, chosen: Chosen, author: str) -> SiteSelection:
    """Keep a choice in the dataset; an empty one takes the earlier away.

    Raises
    ------
    UsageError
        If nobody says who chose.
    PlanningError
        If the page is an older one.
    """
    if not author.strip():
        raise UsageError("请写明选定人。", "Tell who chose.")
    with shown.changing():
        bench = shown.there(version).bench
        siting = siting_of(bench.ground)
        found = evaluate_sites(siting, chosen, read_prices(bench.policy))
        dataset = open_dataset(shown.folder)
        before = len(dataset.layer("chosen_sites"))
        if not found.sites:
            write_dataset(dataset.folder, dataset.manifest, {}, dropped=("chosen_sites",))
        else:
            layer = _layer(siting, found, author, dataset.manifest.metric_crs)
            write_dataset(dataset.folder, dataset.manifest, {"chosen_sites": layer})
    leave_trail(
        shown,
        author,
        "charging.choose",
        "chosen_sites",
        before=str(before),
        after=str(len(found.sites)),
        note=f"{found.ports} ports",
    )
    return found


@contextmanager
def sites_file(shown: Shown, kind: str) -> Iterator[tuple[Path, str]]:
    """The kept choice as a file for a moment: its path, and the name it is given.

    Raises
    ------
    UsageError
        If nothing was kept.
    """
    data = shown.current()
    chosen = {} if data is None else kept_sites(data.bench.dataset)
    if data is None or not chosen:
        raise UsageError("还没有保存选定的场地。", "No choice of places was kept yet.")
    bench = data.bench
    siting = siting_of(bench.ground)
    own = siting.sites[siting.sites["site_id"].isin(list(chosen))]
    choice = evaluate_sites(siting, chosen, read_prices(bench.policy))
    profile = str(bench.policy.value("siting.profile"))
    plan = SitePlan(bench.dataset, replace(siting, sites=own), choice, profile)
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / f"sites.{kind}"
        write_sites(path, plan)
        yield path, f"{bench.dataset.manifest.name}_选定充电场地.{kind}"


@lru_cache(maxsize=2)
def _table(ground: Ground) -> pd.DataFrame:
    facts = facts_by_roster(ground.layers, ground.policy, as_of=ground.dataset.manifest.data_date)[0]
    return build_charging_table(facts)


def _layer(siting: Siting, found: SiteSelection, author: str, crs: str) -> gpd.GeoDataFrame:
    today = datetime.datetime.now().astimezone().date().isoformat()
    own = siting.sites[siting.sites["site_id"].isin(list(found.sites))]
    return gpd.GeoDataFrame(
        {
            "site_id": own["site_id"],
            "unit_id": own["unit_id"],
            "ports": own["site_id"].map(found.sites),
            "author": author.strip(),
            "date": today,
        },
        geometry=own.geometry.to_numpy(),
        crs=crs,
    )


def _ratio(bikes: Any, ports: Any) -> str:
    if pd.isna(bikes) or pd.isna(ports):
        return MISSING
    return "∞" if not ports else f"{float(bikes) / float(ports):.2f}"
