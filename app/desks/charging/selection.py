"""Choosing charging places: what is lacking, what a choice adds and costs, the set that is kept."""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import geopandas as gpd
import pandas as pd

from analysis.indicators.registry import facts_by_roster
from analysis.studies.charging import build_charging_table
from analysis.studies.site_choice import SiteSelection, evaluate_sites, read_prices, select_sites
from analysis.studies.siting import Siting
from app.desks.charging.sites import SitePlan, write_sites
from app.i18n import Words, say
from app.maps.charging_sites import find_siting
from app.maps.layers import LONLAT
from app.session.audit import record_change
from app.session.plan_session import PlanSession
from app.workbench.formats import MISSING, format_count, to_plain
from app.workbench.kept import keep_with_owner
from app.workbench.workbench import DatasetContext, Workbench
from geo.errors import UsageError
from geo.storage.dataset import Dataset, open_dataset, write_dataset

SECONDS = 10.0
"""Time for a choice under a budget; places of one community take none of it."""

FROM_HOUSEHOLDS = "from_households"
"""How bikes that nobody recorded are known: estimated from households (R51)."""

FORMATS = ("xlsx", "geojson")
Chosen = Mapping[str, int | None]
"""Places by id, with the most ports to build there; None = as many as are lacking."""

MOST_OF_UNIT = 6
"""Candidates of one community that are offered next to the map."""


@dataclass(frozen=True)
class ChargingTotals:
    """What a choice comes to, as a reader sees it: pairs of label and value, with a mark of source."""

    rows: tuple[tuple[str, str, str], ...]


def make_gap_rows(bench: Workbench, words: Words) -> list[dict[str, Any]]:
    """Units whose bicycles are too many for their ports, the worst first.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    words
        Texts in the reader's language.
    """
    table = _table(bench.context)
    lacking = table[table["gap_left"] > 0]
    lacking = lacking.sort_values(["gap_left", "unit_id"], ascending=[False, True])
    return [
        {
            "id": row["unit_id"],
            "name": to_plain(row["name"]),
            "street": bench.street_names.get(row["street_code"], to_plain(row["street_code"])),
            "bikes": to_plain(row["bikes"]),
            "ports": to_plain(row["ports"]),
            "ratio": _ratio(row["bikes"], row["ports"]),
            "required": to_plain(row["required"]),
            "gap": to_plain(row["gap_left"]),
            "method": words(f"charge.method_{row['method']}"),
        }
        for row in lacking.to_dict("records")
    ]


def format_gap(bench: Workbench, words: Words) -> str:
    """The gap of units whose bikes are recorded, as the indicator tells it; the guessed gap apart.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    words
        Texts in the reader's language.
    """
    table = _table(bench.context)
    is_guessed = table["method"].eq(FROM_HOUSEHOLDS)
    known = table[table["bikes"].notna() & table["ports"].notna() & ~is_guessed]
    lacking = known[known["gap_left"] > 0]
    guessed = table[is_guessed & (table["gap_left"] > 0)]
    estimated = lacking["method"].eq("estimated").sum()
    bikes, ports = known["bikes"].sum(), known["ports"].sum()
    return words(
        "charge.gap_line",
        bikes=format_count(bikes),
        ports=format_count(ports),
        ratio=_ratio(bikes, ports),
        n=format_count(len(known)),
        units=format_count(len(lacking)),
        gap=format_count(lacking["gap_left"].sum()),
        told=format_count(estimated),
        guessed=format_count(len(guessed)),
        guessed_gap=format_count(guessed["gap_left"].sum()),
        unknown=format_count(int((table["bikes"].isna() | table["ports"].isna()).sum())),
    )


def list_candidates(bench: Workbench, unit_id: str) -> list[dict[str, Any]]:
    """The best candidate places of one community: site_id, area_m2, capacity, clearance_m.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    unit_id
        Id of the unit.
    """
    sites = find_siting(bench.context).sites
    own = sites[sites["unit_id"].eq(unit_id)].head(MOST_OF_UNIT)
    return pd.DataFrame(own.drop(columns="geometry")).to_dict("records")  # type: ignore[return-value]


def list_chosen(bench: Workbench, chosen: Chosen) -> list[dict[str, Any]]:
    """The chosen places by community: unit_id, name of the unit, places, ports; the most ports first.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    chosen
        Ports of each chosen place.
    """
    sites = find_siting(bench.context).sites
    own = sites[sites["site_id"].isin(list(chosen))]
    ports: dict[str, list[int]] = {}
    for site, unit, most in zip(own["site_id"], own["unit_id"], own["capacity"], strict=True):
        ports.setdefault(str(unit), []).append(int(chosen[site] or most))
    rows = [
        {
            "unit_id": unit,
            "name": to_plain(bench.units["name"].iloc[bench.position_of[unit]]),
            "places": len(n),
            "ports": sum(n),
        }
        for unit, n in ports.items()
    ]
    return sorted(rows, key=lambda row: (-row["ports"], row["unit_id"]))


def summarise_selection(bench: Workbench, chosen: Chosen, words: Words) -> ChargingTotals:
    """Places, ports, what is still lacking, and the cost of a choice.

    An empty choice is reported at once: nothing has to be screened for it.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    chosen
        The candidate places, and which are chosen.
    words
        Texts in the reader's language.
    """
    prices = read_prices(bench.policy)
    found = evaluate_sites(find_siting(bench.context), chosen, prices) if chosen else None
    places, ports, cost = (len(found.sites), found.ports, found.cost_yuan) if found else (0, 0, 0.0)
    table = _table(bench.context)
    lacking = float(table["gap_left"].sum())
    guessed = float(table.loc[table["method"].eq(FROM_HOUSEHOLDS), "gap_left"].sum())
    idle = len(chosen) - places
    note = words("charge.prices", site=f"{prices.site_yuan:,.0f}", port=f"{prices.port_yuan:,.0f}")
    rows = [
        (words("charge.places"), format_count(places), ""),
        (words("charge.ports_added"), format_count(ports), "S 三(五)25"),
        (words("charge.gap_recorded"), format_count(lacking - guessed), "S 三(五)25"),
        (words("charge.gap_guessed"), format_count(guessed), "A"),
        (words("charge.gap_left"), format_count(lacking - ports), "S 三(五)25, A"),
        (words("charge.cost"), words("charge.yuan", n=f"{cost:,.0f}"), "A"),
    ]
    if idle:
        rows.insert(1, (words("charge.idle"), format_count(idle), ""))
    return ChargingTotals((*rows, (words("charge.price"), note, "A")))


def choose_under_budget(bench: Workbench, budget: str | float | None) -> SiteSelection:
    """The places that serve most ports under a budget, exact where time allows.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    budget
        In 10,000 yuan, as it was typed; None or "" = no limit.

    Raises
    ------
    UsageError
        If the budget is no sum of money.
    """
    text = str(budget if budget is not None else "").replace(",", "").strip()
    try:
        yuan = float(text) * 10_000 if text else None
    except ValueError as error:
        raise UsageError(*say("charging.no_sum", text=text)) from error
    if yuan is not None and not 0 <= yuan < 1e12:
        raise UsageError(*say("charging.impossible_sum", text=text))
    return select_sites(find_siting(bench.context), read_prices(bench.policy), budget_yuan=yuan, seconds=SECONDS)


def selection_geojson(bench: Workbench, chosen: Chosen) -> dict[str, Any]:
    """The places of a choice as GeoJSON in degrees.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    chosen
        The candidate places, and which are chosen.
    """
    if not chosen:
        return {"type": "FeatureCollection", "features": []}
    sites = find_siting(bench.context).sites
    built = sites[sites["site_id"].isin(list(chosen))]
    crs = bench.dataset.manifest.metric_crs
    frame = gpd.GeoDataFrame({"site_id": built["site_id"].to_list()}, geometry=built.geometry.to_list(), crs=crs)
    return dict(frame.to_crs(LONLAT).to_geo_dict())


def read_chosen_sites(dataset: Dataset) -> dict[str, int | None]:
    """The places that were chosen and kept, with their ports."""
    layer = open_dataset(dataset.folder).layer("chosen_sites")
    return {str(s): int(n) for s, n in zip(layer["site_id"], layer["ports"], strict=True)}


def store_chosen_sites(session: PlanSession, version: str, chosen: Chosen, author: str) -> SiteSelection:
    """Keep a choice in the dataset; an empty one takes the earlier away.

    Parameters
    ----------
    session
        The dataset and the plan that are served.
    version
        Of the page; one that is behind is refused.
    chosen
        The candidate places, and which are chosen.
    author
        Who does it.

    Raises
    ------
    UsageError
        If nobody says who chose.
    PlanningError
        If the page is an older one.
    """
    if not author.strip():
        raise UsageError(*say("charging.no_author"))
    with session.lock_dataset():
        bench = session.page(version).bench
        siting = find_siting(bench.context)
        found = evaluate_sites(siting, chosen, read_prices(bench.policy))
        dataset = open_dataset(session.folder)
        before = len(dataset.layer("chosen_sites"))
        if not found.sites:
            write_dataset(dataset.folder, dataset.manifest, {}, dropped=("chosen_sites",))
        else:
            layer = _layer(siting, found, author, dataset.manifest.metric_crs)
            write_dataset(dataset.folder, dataset.manifest, {"chosen_sites": layer})
    record_change(
        session,
        author,
        "charging.choose",
        "chosen_sites",
        before=str(before),
        after=str(len(found.sites)),
        note=f"{found.ports} ports",
    )
    return found


@contextmanager
def open_sites_file(session: PlanSession, kind: str) -> Iterator[tuple[Path, str]]:
    """The kept choice as a file for a moment: its path, and the name it is given.

    Parameters
    ----------
    session
        The dataset and the plan that are served.
    kind
        Suffix of the file: "xlsx", "geojson" …

    Raises
    ------
    UsageError
        If nothing was kept.
    """
    data = session.current_page()
    chosen = {} if data is None else read_chosen_sites(data.bench.dataset)
    if data is None or not chosen:
        raise UsageError(*say("charging.no_choice"))
    bench = data.bench
    siting = find_siting(bench.context)
    own = siting.sites[siting.sites["site_id"].isin(list(chosen))]
    choice = evaluate_sites(siting, chosen, read_prices(bench.policy))
    profile = str(bench.policy.value("siting.profile"))
    plan = SitePlan(bench.dataset, replace(siting, sites=own), choice, profile)
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / f"sites.{kind}"
        write_sites(path, plan)
        yield path, f"{bench.dataset.manifest.name}_选定充电场地.{kind}"


@keep_with_owner
def _table(context: DatasetContext) -> pd.DataFrame:
    facts = facts_by_roster(context.layers, context.policy, as_of=context.dataset.manifest.data_date)[0]
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


MOST_PAST = 200
"""Choices that can be taken back; the oldest are forgotten."""

Sites = Mapping[str, int | None]
"""Ports at most of each place by its id; None = as many as fit."""


@dataclass(frozen=True)
class ChargingSelection:
    """The places chosen now, and the choices before, the last of them last."""

    now: Sites
    past: tuple[Sites, ...] = ()

    def to(self, sites: Sites) -> ChargingSelection:
        """Other places instead; these can be taken back to.

        Examples
        --------
        >>> ChargingSelection({"a": 3}).to({}).back()
        ChargingSelection(now={'a': 3}, past=())
        """
        return ChargingSelection(dict(sites), (*self.past, self.now)[-MOST_PAST:])

    def toggled(self, site: str) -> ChargingSelection:
        """With a place more, as many ports as fit there, or without it.

        Examples
        --------
        >>> ChargingSelection({}).toggled("a").toggled("b").toggled("a").now
        {'b': None}
        """
        others = {one: most for one, most in self.now.items() if one != site}
        return self.to(others if site in self.now else {**others, site: None})

    def back(self) -> ChargingSelection:
        """As before the last choice; the same where there was none."""
        return ChargingSelection(self.past[-1], self.past[:-1]) if self.past else self

    def told(self) -> dict[str, Any]:
        """As the page holds it."""
        return {"now": dict(self.now), "past": [dict(sites) for sites in self.past]}

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        """Back from :meth:`told`.

        Examples
        --------
        >>> choice = ChargingSelection({"a": 3}, ({},))
        >>> ChargingSelection.of(choice.told()) == choice
        True
        """
        return cls(told["now"], tuple(told["past"]))
