"""A region summed up: its districts, what each step took, and every indicator over all districts."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from app.exports.workbook import PrintText, SheetTable, make_columns, make_table_workbook
from app.i18n import Words, say
from app.region.definition import Region
from app.region.records import StepRecord, read_record
from app.region.steps import STEPS, hash_result
from geo.messages import Line
from geo.storage.atomic_files import atomic_write
from geo.storage.manifest import hash_values

RATIOS = {"ratio": 1.0, "bikes/port": 1.0, "per_1000_households": 1000.0}
"""Units of figures that are a numerator by a denominator, and times what; the values of others add up."""
SUMMARY = "summary"


@dataclass(frozen=True)
class DistrictRow:
    """One district.

    Parameters
    ----------
    key, name
        As its definition or its dataset says.
    facts
        Counts by name, of all steps that were done.
    steps
        Of `STEPS`, those that were done.
    """

    key: str
    name: str
    facts: Mapping[str, Any]
    steps: tuple[str, ...]


@dataclass(frozen=True)
class StepRow:
    """What a step took of the workers.

    Parameters
    ----------
    step
        One of `STEPS`.
    districts
        In how many it was done.
    cpu_s, longest_cpu_s
        Seconds of the processor of all together, and of the district that took most.
    longest_s
        By the clock, of the district that took longest.
    peak_mb
        Of the worker that took most memory, megabytes.
    """

    step: str
    districts: int
    cpu_s: float
    longest_cpu_s: float
    longest_s: float
    peak_mb: float


@dataclass(frozen=True)
class RegionFigure:
    """An indicator over all districts that have data for it.

    Parameters
    ----------
    id, key, name_zh, name_en, unit, basis, roster
        As in the scorecard of a district (`analysis.figures.figure.Figure`).
    numerator, denominator
        Summed over the districts with a value; None where none counts.
    value
        The ratio of the sums, or the sum of the values; None without data.
    target
        Where it is the same in all districts; None otherwise.
    districts, of
        How many have a value, of how many with a scorecard.
    """

    id: str
    key: str
    name_zh: str
    name_en: str
    unit: str
    basis: str
    roster: str
    numerator: float | None
    denominator: float | None
    value: float | None
    target: float | None
    districts: int
    of: int


@dataclass(frozen=True)
class RegionSummary:
    """A region summed up.

    Parameters
    ----------
    name, demo
        Of the region.
    districts, steps, figures
        A row each.
    totals
        Sums of the counts of the districts, by name.
    result_sha256
        Of everything that was made, times aside: the same on one computer and on a cluster.
    """

    name: str
    demo: bool
    districts: tuple[DistrictRow, ...]
    steps: tuple[StepRow, ...]
    figures: tuple[RegionFigure, ...]
    totals: Mapping[str, float]
    result_sha256: str


def summarise(region: Region) -> RegionSummary:
    """Sum up what stands in a region's folder now.

    Parameters
    ----------
    region
        Any of its districts may not be done yet.
    """
    records = [
        record
        for one in region.districts
        for step in STEPS
        if (record := read_record(region.record(one.key, step))) is not None
    ]
    rows = tuple(_make_row(one.key, one.name, records) for one in region.districts)
    cards = [card for one in region.districts if (card := _read_figures(region, one.key)) is not None]
    results = {f"{one.district}/{one.step}": one.result_sha256 for one in records}
    return RegionSummary(
        region.name,
        region.demo,
        rows,
        tuple(_sum_step(step, records) for step in STEPS if any(one.step == step for one in records)),
        sum_figures(cards),
        _sum_facts(rows),
        hash_values(results),
    )


def sum_figures(cards: Sequence[Sequence[Mapping[str, Any]]]) -> tuple[RegionFigure, ...]:
    """The figures of several scorecards as those of all together.

    Parameters
    ----------
    cards
        Records of the level "city" of each district, as `pianqu indicators --out F.json` writes them.

    Examples
    --------
    >>> one = {"id": "G05", "key": "rate", "name_zh": "率", "name_en": "rate", "unit": "ratio", "basis": "count"}
    >>> one |= {"roster": "current", "target": 0.8, "value": 0.5, "numerator": 5, "denominator": 10}
    >>> (found,) = sum_figures([[one], [one | {"value": 0.25, "numerator": 5, "denominator": 20}]])
    >>> found.value, found.numerator, found.denominator, found.districts, found.of
    (0.3333333333333333, 10, 30, 2, 2)
    """
    groups: dict[tuple[str, ...], list[Mapping[str, Any]]] = defaultdict(list)
    for card in cards:
        for figure in card:
            groups[tuple(str(figure[name]) for name in ("id", "key", "basis", "roster"))].append(figure)
    return tuple(_sum_figure(rows, len(cards)) for rows in groups.values())


def write_summary(region: Region, summary: RegionSummary, words: Words) -> None:
    """Write `summary.json` and `summary.xlsx` into the region's folder.

    Parameters
    ----------
    region, summary
        Of which, and what.
    words
        Texts of the workbook's language.
    """
    text = json.dumps(asdict(summary), ensure_ascii=False, indent=1, allow_nan=False)
    atomic_write(region.folder / f"{SUMMARY}.json", (text + "\n").encode())
    tables = tuple(make_tables(summary, words))
    mark = (words("scorecard.demo"),) if summary.demo else ()
    atomic_write(region.folder / f"{SUMMARY}.xlsx", make_table_workbook(tables, PrintText(summary.name, mark)))


def make_tables(summary: RegionSummary, words: Words) -> Iterable[SheetTable]:
    """The summary as tables: districts, indicators, steps.

    Parameters
    ----------
    summary
        What is shown.
    words
        Texts in the reader's language.
    """
    yield SheetTable(
        words("region.districts"),
        "",
        make_columns(words("region.district_heads"), "ttNNNNNNt"),
        tuple(_district_cells(one, words) for one in summary.districts),
        total=words("region.total"),
    )
    yield SheetTable(
        words("region.figures"),
        words("region.figures_note"),
        make_columns(words("region.figure_heads"), "twtgggttt"),
        tuple(
            (
                one.id,
                words.pick(one.name_zh, one.name_en),
                one.unit,
                one.value,
                one.numerator,
                one.denominator,
                words(f"scorecard.basis_{one.basis}"),
                words(f"scorecard.roster_{one.roster}"),
                f"{one.districts}/{one.of}",
            )
            for one in summary.figures
        ),
    )
    yield SheetTable(
        words("region.steps"),
        words("region.steps_note"),
        make_columns(words("region.step_heads"), "tngggg"),
        tuple(
            (words(f"region.step_{one.step}"), one.districts, one.cpu_s, one.longest_cpu_s, one.longest_s, one.peak_mb)
            for one in summary.steps
        ),
    )


def summary_lines(summary: RegionSummary) -> list[Line]:
    """The summary for the terminal: what there is, what each step took.

    Parameters
    ----------
    summary
        What is told.
    """
    counts = defaultdict(float, summary.totals)
    known = [one for one in summary.figures if one.value is not None]
    lines: list[Line] = [
        say(
            "region.sum",
            name=summary.name,
            districts=len(summary.districts),
            **{name: int(counts[name]) for name in ("communities", "buildings", "units", "areas", "placed")},
            left=int(counts["left_over_households"]),
        )
    ]
    lines += [
        say(
            "region.step_line",
            step=say(f"region.step_{one.step}"),
            n=one.districts,
            cpu=one.cpu_s,
            longest=one.longest_cpu_s,
            mb=one.peak_mb,
        )
        for one in summary.steps
    ]
    unmet = [one.key for one in summary.districts if one.facts.get("verified") is False]
    lines += [say("region.unmet", keys=", ".join(unmet))] if unmet else []
    lines += [say("region.n_figures", n=len(known), of=len(summary.figures))] if summary.figures else []
    return [*lines, say("region.hash", sha=summary.result_sha256[:16])]


def _make_row(key: str, name: str, records: Sequence[StepRecord]) -> DistrictRow:
    own = [one for one in records if one.district == key]
    facts: dict[str, Any] = {}
    for one in own:
        facts |= one.facts
    return DistrictRow(key, name or str(facts.pop("name", "")), facts, tuple(one.step for one in own))


def _sum_step(step: str, records: Sequence[StepRecord]) -> StepRow:
    uses = [one.use for one in records if one.step == step]
    return StepRow(
        step,
        len(uses),
        round(sum(one.cpu_s for one in uses), 1),
        max(one.cpu_s for one in uses),
        max(one.seconds for one in uses),
        max(one.peak_mb for one in uses),
    )


def _sum_facts(rows: Sequence[DistrictRow]) -> dict[str, float]:
    totals: dict[str, float] = {}
    for row in rows:
        for name, value in row.facts.items():
            if isinstance(value, int | float) and not isinstance(value, bool):
                totals[name] = totals.get(name, 0) + value
    return totals


def _read_figures(region: Region, key: str) -> list[Mapping[str, Any]] | None:
    """The figures of a whole district; None where it has no scorecard."""
    if hash_result(region, key, "indicators") is None:
        return None
    body = json.loads(region.indicators(key).read_text(encoding="utf-8"))
    return [one for one in body["figures"] if one["level"] == "city"]


def _sum_figure(rows: Sequence[Mapping[str, Any]], of: int) -> RegionFigure:
    first = rows[0]
    known = [row for row in rows if row["value"] is not None]
    numerator, denominator = (_sum([row[name] for row in known]) for name in ("numerator", "denominator"))
    targets = {row["target"] for row in rows}
    if first["unit"] not in RATIOS:
        value = _sum([row["value"] for row in known])
    else:
        value = None if numerator is None or not denominator else RATIOS[first["unit"]] * numerator / denominator
    return RegionFigure(
        id=first["id"],
        key=first["key"],
        name_zh=first["name_zh"],
        name_en=first["name_en"],
        unit=first["unit"],
        basis=first["basis"],
        roster=first["roster"],
        numerator=numerator,
        denominator=denominator,
        value=value,
        target=targets.pop() if len(targets) == 1 else None,
        districts=len(known),
        of=of,
    )


def _sum(values: Sequence[float | None]) -> float | None:
    """The sum; None where one of them is missing, or there is none."""
    known = [one for one in values if one is not None]
    return sum(known) if known and len(known) == len(values) else None


def _district_cells(row: DistrictRow, words: Words) -> tuple[Any, ...]:
    names = ("communities", "buildings", "units", "areas", "placed", "left_over_households")
    verified = row.facts.get("verified")
    said = "" if verified is None else words("region.verified" if verified else "region.not_verified")
    return (row.key, row.name, *(row.facts.get(name) for name in names), said)
