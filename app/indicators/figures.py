"""The scorecard as files: JSON for machines, xlsx and CSV for planners."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from analysis.bundling.verify.verdict import Verdict, make_verdict
from analysis.bundling.verify.verify import verify_plan
from analysis.figures.facts import Facts
from analysis.figures.figure import (
    CITY_CODE,
    LEVEL_COLUMNS,
    UNKNOWN_CODE,
    Basis,
    Figure,
    Level,
    format_figure,
    format_target,
)
from analysis.indicators.reconcile import reconcile
from analysis.indicators.registry import facts_by_roster, find_baseline_name, is_target_met, make_figure_record
from analysis.indicators.scoreboard import score
from analysis.policy import Policy
from analysis.studies.charging import find_sites_without_ports
from app.exports.plan_table import city_name, list_notices, tell_public
from app.exports.workbook import PrintText, SheetTable, make_columns, make_table_workbook
from app.i18n import DEFAULT, Words, load_words, say
from app.indicators.work_sheets import make_work_sheets
from geo.admin.gazetteer import district_names, gazetteer_layers, neighbourhood_names, street_names
from geo.errors import UsageError
from geo.findings import Finding
from geo.messages import Line, Sentence
from geo.storage.atomic_files import atomic_write
from geo.storage.dataset import Dataset

_ROSTERS: Mapping[str, str] = {"current": "现状名册", "baseline": "基线名册"}
_UNITS = {
    "ratio": "ratio",
    "count": "count",
    "households": "households",
    "m2": "m2",
    "bikes/port": "bikes_per_port",
    "ports": "ports",
    "bays": "bays",
    "per_1000_households": "per_1000_households",
}


@dataclass(frozen=True)
class Scorecard:
    """All figures asked for, what in the reports does not add up, and the facts behind both."""

    facts: Facts
    plan: Mapping[str, Any] | None
    dataset: Dataset
    policy: Policy
    year: int | None
    figures: tuple[Figure, ...]
    findings: tuple[Finding, ...]
    checked: Verdict | None = None

    @cached_property
    def verdict(self) -> Verdict | None:
        """What the independent check of the plan found, run here where nobody did; None without a plan."""
        if self.plan is None or self.checked is not None:
            return self.checked
        return make_verdict(verify_plan(self.dataset, self.plan, self.policy))


def make_scorecard(
    dataset: Dataset,
    policy: Policy,
    *,
    levels: Sequence[Level] = ("city",),
    basis: Basis = "count",
    year: int | None = None,
    plan: Mapping[str, Any] | None = None,
    checked: Verdict | None = None,
) -> Scorecard:
    """Compute the figures of some levels; without a year, that of the data counts.

    Parameters
    ----------
    dataset
        The dataset.
    policy
        The policy in force.
    levels
        What places are.
    basis
        What a unit counts for.
    year
        Of the targets; None = that of the data.
    plan
        None without one.
    checked
        What the check of the plan found, where it was run already.
    """
    date = dataset.manifest.data_date
    year = year or (int(date[:4]) if date else None)
    scenes = facts_by_roster(dataset, policy, year=year, plan=plan)
    found = score(scenes, levels=levels, basis=basis).figures
    findings = (*find_sites_without_ports(scenes[0]), *reconcile(scenes[0]))
    return Scorecard(scenes[0], plan, dataset, policy, year, found, findings, checked)


def scorecard_document(card: Scorecard) -> dict[str, Any]:
    """The scorecard as the JSON (docs/site/en/files.md)."""
    records = [make_figure_record(figure) for figure in card.figures]
    for record in records:
        record.update({name: _whole(record[name]) for name in ("numerator", "denominator")})
    manifest, said = card.dataset.manifest, card.verdict
    verdict = None if said is None else {"ok": said.is_met, "zh": said.zh, "en": said.en}
    return {
        "figures": records,
        "findings": [vars(finding) for finding in card.findings],
        "name": manifest.name,
        "demo": manifest.demo,
        "data_date": manifest.data_date,
        "baseline_roster": find_baseline_name(card.dataset),
        "all_sha256": manifest.all_sha256,
        "policy_sha256": card.policy.sha256,
        **({} if verdict is None else {"plan_verdict": verdict}),
    }


def write_scorecard(path: Path, card: Scorecard, words: Words | None = None) -> None:
    """Write the scorecard as .json, .xlsx or .csv; the file appears whole or not at all.

    Parameters
    ----------
    path
        The file to write.
    card
        The figures.
    words
        Texts of the reader's language; Chinese when None.

    Raises
    ------
    UsageError
        If the name ends otherwise.
    """
    writers: Mapping[str, Callable[[Scorecard, Words], bytes]] = {
        ".json": _json_bytes,
        ".xlsx": _xlsx_bytes,
        ".csv": _csv_bytes,
    }
    if path.suffix.lower() not in writers:
        raise UsageError(*say("snapshot.out_suffix", name=path.name))
    body = writers[path.suffix.lower()](card, words or load_words(DEFAULT))
    atomic_write(path, body)


def scorecard_lines(card: Scorecard) -> list[Line]:
    """One line a figure for the terminal."""
    names = read_place_names(card.dataset)
    lines: list[Line] = []
    for figure in card.figures:
        head = f"{figure.id:<6} {names.get(figure.admin_code, figure.admin_code)}"
        parts = [Sentence(head, head), Sentence(figure.name_zh, figure.name_en)]
        value = f"{format_figure(figure)}{_fraction(figure)}"
        parts += [Sentence(value, value)]
        parts += [] if figure.target is None else [_target_sentence(figure)]
        parts += [] if figure.roster == "current" else [say("cli.on_baseline")]
        parts += [say("cli.lacks", columns=", ".join(figure.missing_columns))] if figure.missing_columns else []
        lines.append(Sentence.join(parts, ("  ", "  ")))
    return lines


def _json_bytes(card: Scorecard, _: Words) -> bytes:
    text = json.dumps(scorecard_document(card), ensure_ascii=False, indent=1, allow_nan=False)
    return (text + "\n").encode("utf-8")


def _csv_bytes(card: Scorecard, words: Words) -> bytes:
    """UTF-8 with BOM, as Excel and WPS open it; no cell can start a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    for line in list_notes(card, words):
        writer.writerow([_harmless(cell) for cell in line])
    writer.writerow(words("scorecard.heads").split("|"))
    writer.writerows([_harmless(cell) for cell in row] for row in _rows(card, words))
    return out.getvalue().encode("utf-8-sig")


def _xlsx_bytes(card: Scorecard, words: Words) -> bytes:
    """A sheet for each level, those of next year's work, what does not add up, where all is from."""
    is_draft = card.verdict is not None and not card.verdict.is_met
    marks = (words("office.draft"),) if is_draft else ()
    return make_table_workbook(make_scorecard_tables(card, words), make_print_text(card.dataset, words, marks))


def make_print_text(dataset: Dataset, words: Words, marks: Sequence[str] = (), place: str = "") -> PrintText:
    """What is printed on every page of a workbook about a dataset.

    Parameters
    ----------
    dataset
        Its name, and whether its data are invented.
    words
        Texts in the reader's language.
    marks
        What else each page says, "草案".
    place
        The district or street it is of; "" = the city.
    """
    demo = (words("scorecard.demo"),) if dataset.manifest.demo else ()
    return PrintText(
        f"{city_name(dataset.manifest)} {place}".strip(),
        (*demo, *marks, *((words("export.public_label"),) if tell_public(dataset, words) else ())),
        list_notices(dataset, words),
        words("scorecard.page", page="&P", pages="&N"),
    )


def make_scorecard_tables(card: Scorecard, words: Words) -> tuple[SheetTable, ...]:
    """The tables of a scorecard: figures by level, next year's work, units behind the figures, findings, sources.

    Parameters
    ----------
    card
        The figures.
    words
        Texts in the reader's language.
    """
    levels = dict.fromkeys(figure.level for figure in card.figures)
    return (
        *(_figure_table(card, level, words) for level in levels),
        *make_work_sheets(card.dataset, card.facts, card.plan, read_place_names(card.dataset, words), words),
        _detail_sheet(card, words),
        make_finding_table(card, words),
        SheetTable(
            words("scorecard.about"),
            "",
            make_columns(words("scorecard.about_heads"), "tw"),
            tuple(tuple(line) for line in list_notes(card, words)),
        ),
    )


def make_finding_table(card: Scorecard, words: Words) -> SheetTable:
    """What in the reports does not add up.

    Parameters
    ----------
    card
        The figures.
    words
        Texts in the reader's language.
    """
    return SheetTable(
        words("scorecard.findings"),
        words("scorecard.findings_note"),
        make_columns(words("scorecard.findings_heads"), "ttw"),
        tuple((f.rule, f.column, words.pick(f.zh, f.en)) for f in card.findings),
    )


def _figure_table(card: Scorecard, level: str, words: Words) -> SheetTable:
    title = words(f"scorecard.level_{level}")
    heading = words("scorecard.title", level=title, year=card.year or "")
    note = "; ".join(": ".join(line) for line in list_notes(card, words)[1:4])
    columns = make_columns(words("scorecard.heads"), "twtttytgtggttttpnpwttttt")
    return SheetTable(title, note, columns, tuple(tuple(row) for row in _rows(card, words, level)), heading=heading)


def _detail_sheet(card: Scorecard, words: Words) -> SheetTable:
    """Every unit, and in the numerator of which figures it stands: what is behind a number."""
    figures = [
        figure
        for figure in card.figures
        if figure.roster == "current" and figure.level == card.figures[0].level and figure.unit_ids
    ]
    keys = list(
        dict.fromkeys((figure.id, figure.key, words.pick(figure.name_zh, figure.name_en)) for figure in figures)
    )
    counted: dict[str, set[str]] = {}
    for figure in figures:
        counted.setdefault(figure.key, set()).update(figure.unit_ids)
    units = card.facts.layers["units"]
    known = set(units["unit_id"])
    keys = [entry for entry in keys if counted[entry[1]] <= known]
    names = read_place_names(card.dataset, words)
    rows = [
        (
            row["unit_id"],
            row["name"],
            names.get(row["district_code"], _code(row["district_code"])),
            names.get(row["street_code"], _code(row["street_code"])),
            *(1 if row["unit_id"] in counted[key] else None for _, key, _ in keys),
        )
        for row in units[["unit_id", "name", "district_code", "street_code"]].to_dict("records")
    ]
    heads = [words("scorecard.detail_heads"), *(f"{number} {name}".replace("|", "/") for number, _, name in keys)]
    columns = make_columns("|".join(heads), "tttt" + "n" * len(keys))
    return SheetTable(words("scorecard.detail"), words("scorecard.detail_note"), columns, tuple(rows))


def _code(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _rows(card: Scorecard, words: Words, level: str | None = None) -> list[list[Any]]:
    names = read_place_names(card.dataset, words)
    met = {True: words("scorecard.met"), False: words("scorecard.missed"), None: ""}
    return [
        [
            figure.id,
            words.pick(figure.name_zh, figure.name_en),
            figure.admin_code,
            names.get(figure.admin_code, figure.admin_code),
            words(f"scorecard.level_{figure.level}"),
            figure.year,
            words("scorecard.no_data") if figure.value is None else format_figure(figure),
            figure.value,
            words(f"scorecard.unit_{_UNITS[figure.unit]}") if figure.unit in _UNITS else figure.unit,
            _whole(figure.numerator),
            _whole(figure.denominator),
            words(f"scorecard.basis_{figure.basis}"),
            words(f"scorecard.roster_{figure.roster}"),
            format_target(figure),
            met[is_target_met(figure)],
            figure.completeness,
            figure.unknown_units,
            figure.estimated_share,
            ", ".join(figure.missing_columns),
            words("scorecard.computed" if figure.source == "computed" else "scorecard.reported"),
            figure.document_no,
            figure.period,
            figure.formula_version,
            figure.key,
        ]
        for figure in card.figures
        if level is None or figure.level == level
    ]


def list_notes(card: Scorecard, words: Words) -> list[list[str]]:
    """Where the figures are from: dataset, date, files, policy, baseline, hashes, verdict.

    Parameters
    ----------
    card
        The figures.
    words
        Texts in the reader's language.
    """
    manifest = card.dataset.manifest
    files = sorted({str(source.get("file", "")) for source in manifest.sources} - {""})
    more = words("scorecard.more_files", n=len(files)) if len(files) > 3 else ""
    demo = [[words("scorecard.attention"), words("scorecard.demo_note")]] if manifest.demo else []
    said = card.verdict
    return [
        [words("scorecard.dataset"), manifest.name],
        [words("scorecard.date"), manifest.data_date or words("page.data_date_unknown")],
        [words("scorecard.files"), f"{'、'.join(files[:3])}{more}"],
        [words("scorecard.policy"), f"{card.policy.name} (sha256 {card.policy.sha256[:12]})"],
        *demo,
        [words("scorecard.baseline"), find_baseline_name(card.dataset) or words("scorecard.no_baseline")],
        [words("scorecard.hash"), manifest.all_sha256],
        [words("scorecard.formulas"), words("scorecard.formulas_where")],
        *([] if said is None else [[words("scorecard.verdict"), words.pick(said.zh, said.en)]]),
    ]


def read_place_names(dataset: Dataset, words: Words | None = None) -> dict[str, str]:
    """Name of every place by its code; of the city, and of units without a code.

    Parameters
    ----------
    dataset
        With its places.
    words
        Texts of the reader's language; Chinese when None.
    """
    layers, words = gazetteer_layers(dataset), words or load_words(DEFAULT)
    return {
        CITY_CODE: words("scorecard.level_city"),
        UNKNOWN_CODE: words("scorecard.no_code"),
        **district_names(layers),
        **street_names(layers),
        **neighbourhood_names(layers),
    }


def _fraction(figure: Figure) -> str:
    if figure.numerator is None or figure.denominator is None:
        return ""
    return f" ({figure.numerator:,.0f}/{figure.denominator:,.0f})"


def _target_sentence(figure: Figure) -> Sentence:
    key = {True: "target_met", False: "target_unmet", None: "target_unknown"}[is_target_met(figure)]
    return say(f"cli.{key}", target=format_target(figure))


def _whole(value: float | None) -> float | int | None:
    return int(value) if value is not None and float(value).is_integer() else value


def _harmless(cell: Any) -> Any:
    """A text that a spreadsheet would run as a formula gets an apostrophe in front."""
    if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{cell}"
    return cell


ALL_LEVELS: tuple[Level, ...] = tuple(LEVEL_COLUMNS)  # type: ignore[arg-type]
