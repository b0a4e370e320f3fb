"""Several plans of one run next to each other: what each brings, and one of them taken as the plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from app.desks.plans.carry import carry_plan
from app.desks.plans.run_manager import PlanRunManager
from app.drawings.thumbnails import draw_thumbnail
from app.i18n import LANGUAGES, Words, load_words, say
from app.jobs.folder import JobFolder
from app.planning.child import COMPARISONS, run_kind
from app.session.plan_session import PlanSession
from app.store.records import MOST_NAME, Version
from app.workbench.formats import MISSING, format_count
from app.workbench.plans_on_disk import read_plan
from app.workbench.workbench import build_workbench
from geo.errors import StalePlanError, UsageError

_TOLD_LEVELS = ("left_over_households", "not_led_households")


@dataclass(frozen=True)
class ProposalCard:
    """One proposal as a reader compares it.

    Parameters
    ----------
    key
        Names it in its run.
    name, verdict
        What it is called, and the verdict of the independent check in a word.
    is_met
        Whether it keeps the rules.
    rows
        Names and texts of its figures, the same for every card.
    picture
        A small map, as a data URI.
    areas, walk_mean_m
        For the curve; the walk is missing where nobody is led.
    """

    key: str
    name: str
    verdict: str
    is_met: bool
    rows: tuple[tuple[str, str], ...]
    picture: str
    areas: int
    walk_mean_m: float | None


@dataclass(frozen=True)
class ProposalBoard:
    """The plans of a run.

    Parameters
    ----------
    job
        Id of the run.
    kind
        "proposals" or "curve".
    cards
        In the order in which they were made: along the curve from many and near to few and large.
    left_out
        A sentence for each proposal that was not made.
    """

    job: str
    kind: str
    cards: tuple[ProposalCard, ...]
    left_out: tuple[str, ...]


def read_board(runs: PlanRunManager, job_id: str, words: Words) -> ProposalBoard:
    """The plans of the run that ended last; seconds for a city, once.

    Parameters
    ----------
    runs
        Runs of the search.
    job_id
        Of the run.
    words
        Texts in the reader's language.

    Raises
    ------
    UsageError
        If it is not there any more.
    StalePlanError
        If the data changed since.
    """
    job = runs.find_proposals(job_id)
    if job is None:
        raise UsageError(*say("propose.gone"))
    return _board(runs.session, job, words.language)


@lru_cache(maxsize=4)
def _board(session: PlanSession, job: JobFolder, language: str) -> ProposalBoard:
    comparison, words = _comparison(job), load_words(language)
    cards = tuple(_card(session, job, row, words) for row in comparison["proposals"])
    left_out = tuple(words.pick(one["zh"], one["en"]) for one in comparison["left_out"])
    return ProposalBoard(job.id, run_kind(job.request()), cards, left_out)


def take_proposal(runs: PlanRunManager, job_id: str, key: str, author: str, words: Words) -> Version:
    """Keep one of the plans in the store; taken twice, it is the same.

    Parameters
    ----------
    runs
        Runs of the search.
    job_id, key
        Of the run, and of the plan in it.
    author
        Who takes it.
    words
        Texts in the reader's language.

    Raises
    ------
    UsageError
        If it is not there any more.
    PlanningError
        If the store cannot be written.
    """
    runs.session.rights.require("plans")
    job = runs.find_proposals(job_id)
    rows = [] if job is None else [row for row in _comparison(job)["proposals"] if row["key"] == key]
    if job is None or not rows:
        raise UsageError(*say("propose.gone"))
    document, request = read_plan(job.path / rows[0]["file"]), job.request()
    name = _name_of_taken(request, words.pick(rows[0]["name_zh"], rows[0]["name_en"]))
    kept = runs.session.store.of_content(document)
    if kept is None or kept.plan_name != name:
        kept = runs.session.store.create_plan(name, document, author, str(request.get("note", "")))
    # proposals that keep to other limits have other neighbours: those of this one become the dataset's
    return carry_plan(runs.session, kept, author, words) or kept


def _name_of_taken(request: Mapping[str, Any], proposal: str) -> str:
    """The name of the run, with the proposal in place of what the run is called."""
    name = str(request["name"])
    for language in LANGUAGES:
        several = load_words(language)(f"run.make_{run_kind(request)}")
        if several in name:
            return name.replace(several, proposal)[:MOST_NAME]
    return f"{name} · {proposal}"[:MOST_NAME]


def _comparison(job: JobFolder) -> dict[str, Any]:
    return job.read(COMPARISONS[run_kind(job.request())]) or {"proposals": [], "left_out": []}


def _card(session: PlanSession, job: JobFolder, row: Mapping[str, Any], words: Words) -> ProposalCard:
    name = words.pick(row["name_zh"], row["name_en"])
    document = read_plan(job.path / row["file"])
    context = session.find_context(document["planning_sha256"])
    if context is None:
        raise StalePlanError(*say("propose.stale"))
    bench = build_workbench(context, document, name=name)
    return ProposalCard(
        row["key"],
        name,
        words.pick(row["verdict_zh"], row["verdict_en"]),
        bool(row["is_verified"]),
        _rows(row, words),
        draw_thumbnail(bench),
        int(row["areas"]),
        row["walk_mean_m"],
    )


def _rows(row: Mapping[str, Any], words: Words) -> tuple[tuple[str, str], ...]:
    """The figures of a proposal, each share with its numerator and denominator."""
    window = row["window"]
    inside = f"{row['areas_inside_window']:,} / {row['areas']:,}"
    share = row["areas_inside_window"] / row["areas"] if row["areas"] else None
    levels = {level["name"]: level for level in row["levels"]}
    named = {
        "areas": f"{row['areas']:,}",
        "inside": inside if share is None else f"{share:.0%} ({inside})",
        "coverage_count": _coverage(row, "count", words),
        "coverage_households": _coverage(row, "households", words),
        "led": format_count(row["households_led"]),
        "unled": format_count(row["households_unled"]),
        "left_over": format_count(row["households_left_over"]),
        "walk": f"{_metres(row['walk_mean_m'])} / {_metres(row['walk_p90_m'])}",
        "posts": f"{row['posts_saved']:,.0f}",
        "cost": words("propose.yuan", n=f"{row['cost_yuan_year'] / 10_000:,.0f}"),
        **{
            f"bound_{name}": words("propose.at_least", n=format_count(levels[name]["bound"]))
            for name in _TOLD_LEVELS
            if name in levels and levels[name]["bound"] is not None
        },
    }
    return tuple(
        (
            words(
                f"propose.row_{key}",
                least=format_count(window["households"][0]),
                most=format_count(window["households"][1]),
                few="–".join(str(n) for n in window["members"]),
            ),
            text,
        )
        for key, text in named.items()
    )


def _coverage(row: Mapping[str, Any], basis: str, words: Words) -> str:
    """Coverage now and once the plan operates, with what is counted."""
    found = {
        figure["moment"]: figure
        for figure in row["coverage"]
        if (figure["basis"], figure["roster"]) == (basis, "current")
    }
    before, after = (_share(found.get(moment)) for moment in ("before", "after"))
    figure = found.get("after")
    if figure is None or figure["denominator"] is None:
        return f"{before} → {after}"
    counted = f"{format_count(figure['numerator'])} / {format_count(figure['denominator'])}"
    return f"{before} → {after}\n{words('propose.counted', counted=counted)}"


def _share(figure: Mapping[str, Any] | None) -> str:
    return MISSING if figure is None or figure["value"] is None else f"{figure['value']:.2%}"


def _metres(value: float | None) -> str:
    return MISSING if value is None else f"{value:,.0f} m"
