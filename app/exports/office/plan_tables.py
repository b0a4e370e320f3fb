"""The tables of a plan for Excel: its areas, every unit with why it is where, and what is left over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from analysis.bundling.document.fallbacks import fallback_sentence
from analysis.bundling.document.roles import ROLE_NAMES, UnitRole
from analysis.bundling.explain.alternatives import Alternative
from analysis.bundling.explain.explain import UnitAccount
from app.desks.plans.tables import make_area_rows
from app.exports.office.papers import Papers
from app.exports.public import is_hidden, show_households
from app.exports.request import note_hidden
from app.exports.workbook import SheetTable, make_columns
from app.maps.cards import format_mode
from app.maps.leaders import read_leader_walks
from app.planning.explain import format_cost
from app.workbench.formats import format_built_year, to_plain
from app.workbench.kept import keep_with_owner

_MOST_BLOCKED = 3
"""Areas that a unit could not be in: as many are named."""


@keep_with_owner
def make_area_table(papers: Papers) -> SheetTable:
    """片区一览表: one row an area, its size, who leads in it, who runs it.

    Parameters
    ----------
    papers
        Of the plan.
    """
    bench, words = papers.bench, papers.words
    rows = []
    for area, row in zip(bench.areas, make_area_rows(bench, words), strict=True):
        first = bench.units.iloc[bench.position_of[area["unit_ids"][0]]]
        guessed = words("quality.estimated") if row["estimated"] else None
        guessed = " ".join(filter(None, (guessed, note_hidden(area, bench.dataset, words)))) or None
        rows.append(
            (
                row["id"],
                row["number"],
                row["name"],
                papers.place(first["district_code"]),
                row["street"],
                row["units"],
                row["households"],
                guessed,
                to_plain(row["floor_area_m2"]),
                row["anchor"],
                row.get("led"),
                row.get("unled"),
                row.get("walk"),
                row.get("operator"),
                row.get("preferred", row["within"]),
            )
        )
    columns = make_columns(words("office.area_heads"), "tytttNNtNwNNntw")
    return SheetTable(
        words("office.areas"),
        words("office.areas_note"),
        columns,
        tuple(rows),
        "areas",
        total=words("work_sheet.total"),
    )


@keep_with_owner
def make_unit_table(papers: Papers) -> SheetTable:
    """单元清单: every unit, its role and leader, why it is there, the next best area and what blocks others.

    Parameters
    ----------
    papers
        Of the plan.
    """
    bench, words = papers.bench, papers.words
    areas = {area["area_id"]: area for area in bench.areas}
    names, walks = bench.units["name"], read_leader_walks(bench)
    rows = []
    for position, unit in enumerate(bench.units.drop(columns="geometry").to_dict("records")):
        role = bench.roles.get(position)
        account = papers.accounts.get(str(unit["unit_id"]))
        leader = bench.leaders.get(position)
        area = areas.get(role.area_id) if role and role.area_id else None
        company = to_plain(unit["company_id"])
        best = account.runner_up if account else None
        rows.append(
            (
                unit["unit_id"],
                to_plain(unit["name"]),
                words(f"kind.{unit['kind']}"),
                papers.place(unit["district_code"]),
                papers.place(unit["street_code"]),
                area and area["area_id"],
                area and area["name"],
                None if role is None else words.pick(*ROLE_NAMES[role.role]),
                None if leader is None else str(bench.units["unit_id"].iloc[leader]),
                None if leader is None else to_plain(names.iloc[leader]),
                walks.get(position),
                show_households(unit),
                _quality(unit["households_quality"], papers),
                to_plain(unit["floor_area_m2"]),
                words(f"code.geom_quality_{unit['geom_quality']}"),
                format_built_year(unit, words),
                format_mode(unit["management_mode"], words),
                bench.company_names.get(company, company),
                _describe_why(papers, role, account),
                None if best is None else f"{_title(best, papers)}: {words.pick(*format_cost(best))}",
                list_blocked(papers, account),
            )
        )
    columns = make_columns(words("office.unit_heads"), "ttttttttttnntntttwwww")
    return SheetTable(words("office.units"), words("office.units_note"), columns, tuple(rows), "units")


@keep_with_owner
def make_left_over_table(papers: Papers) -> SheetTable:
    """孤岛清单: units in no area, then units of areas that nobody leads, by reason, with who stands in the way.

    Parameters
    ----------
    papers
        Of the plan.
    """
    bench, words = papers.bench, papers.words
    order = {"left_over": 0, "unled": 1}
    found = [(position, role) for position, role in bench.roles.items() if role.role in order]
    places = bench.units["street_code"].astype(object)
    found.sort(key=lambda one: (order[one[1].role], one[1].reason or "", str(places.iloc[one[0]]), one[1].unit_id))
    ways = {row["unit_id"]: row.get("fallback") for row in (bench.plan or {}).get("left_over", ())}
    rows = []
    for position, role in found:
        unit = bench.units.iloc[position]
        account = papers.accounts.get(role.unit_id)
        fallback = ways.get(role.unit_id)
        reason = role.sentence
        rows.append(
            (
                role.unit_id,
                to_plain(unit["name"]),
                words(f"kind.{unit['kind']}"),
                papers.place(unit["district_code"]),
                papers.place(unit["street_code"]),
                show_households(unit),
                to_plain(unit["floor_area_m2"]),
                words.pick(*ROLE_NAMES[role.role]),
                role.reason if reason is None else words.pick(reason.zh, reason.en),
                "、".join(_list_rules(papers, role)),
                _describe_neighbours(papers, role, account),
                fallback_sentence(fallback, zh=words.language == "zh") if fallback else None,
            )
        )
    columns = make_columns(words("office.left_over_heads"), "tttttNNtwtww")
    return SheetTable(
        words("office.left_over"),
        words("office.left_over_note"),
        columns,
        tuple(rows),
        "units",
        total=words("work_sheet.total"),
    )


def list_blocked(papers: Papers, account: UnitAccount | None) -> str | None:
    """The nearest other areas a unit may not be in, and what forbids each; None where there are none.

    Parameters
    ----------
    papers
        Of the plan.
    account
        Of the unit; None where nothing explains it.
    """
    blocked = [other for other in account.alternatives if not other.is_allowed] if account else []
    lines = [f"{_title(other, papers)}: {_obstacles(other, papers)}" for other in blocked[:_MOST_BLOCKED]]
    return "\n".join(lines) or None


def _describe_why(papers: Papers, role: UnitRole | None, account: UnitAccount | None) -> str | None:
    words = papers.words
    if account:
        return " ".join(words.pick(*why) for why in account.why)
    reason = role.sentence if role else None
    return None if reason is None else words.pick(reason.zh, reason.en)


def _describe_neighbours(papers: Papers, role: UnitRole, account: UnitAccount | None) -> str | None:
    """What an account says beyond the reason and the ways out: who stands in the way."""
    if account is None:
        return None
    known = role.sentence
    told = [why for why in account.why if (known is None or why.zh != known.zh) and "R28" not in why.zh]
    if role.role == "unled":
        told = told[: 1 + _MOST_BLOCKED]
    lines = [*(papers.words.pick(*why) for why in told), list_blocked(papers, account)]
    return "\n".join(line for line in lines if line) or None


def _list_rules(papers: Papers, role: UnitRole | None) -> Sequence[str]:
    reason = role.sentence if role else None
    return reason.rules if reason else ()


def _title(other: Alternative, papers: Papers) -> str:
    return papers.words.pick(*other.title)


def _obstacles(other: Alternative, papers: Papers) -> str:
    return "; ".join(f"{papers.words.pick(*one.sentence)} ({one.rule})" for one in other.obstacles)


def _quality(key: Any, papers: Papers) -> str | None:
    known = to_plain(key)
    if is_hidden(pd.Series([known])).iloc[0]:
        return papers.words("quality.hidden")
    return None if known is None else papers.words(f"quality.{known}")
