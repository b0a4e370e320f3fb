"""The answers of commands in words: findings, a plan in a sentence, its verdict, levels and advice."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import typer

from analysis.bundling.document.reasons import BOUND_NAMES
from analysis.bundling.verify.base.verification import Verification
from analysis.bundling.verify.statements.claims import UNVERIFIABLE
from analysis.bundling.verify.verdict import make_verdict, proof_note
from analysis.policy import Policy
from app.cli.console import print_text
from app.i18n import LANGUAGES, load_words, say
from app.workbench.plan_rules import format_rules
from app.workbench.policies import RulesInForce, check_policy_covers_data, resolve_rules, store_rules
from geo.findings import Finding
from geo.messages import Sentence
from geo.schema import LAYERS
from geo.storage.dataset import Dataset, open_dataset


def print_findings(findings: Sequence[Finding]) -> None:
    """Findings on stderr, the worst 40 first: a table on a terminal, lines in a pipe."""
    if not findings:
        return
    order = {"error": 0, "warning": 1, "info": 2}
    label = {"error": "错误", "warning": "注意", "info": "说明"}
    worst = sorted(_without_repeats(findings), key=lambda finding: order[finding.severity])[:40]
    rows = [
        (
            label[item.severity],
            " / ".join(part for part in (item.file, item.sheet) if part),
            "" if item.row is None else str(item.row),
            item.column or "",
            (item.value or "")[:30],
            f"{item.zh}\n{item.en}",
        )
        for item in worst
    ]
    if sys.stderr.isatty():
        _print_table(("", "文件 file", "行 row", "列 column", "值 value", "问题 finding"), rows)
    else:
        for severity, where, row, column, value, text in rows:
            place = " ".join(part for part in (where, row and f"行 {row}", column, value) if part)
            typer.echo(f"[{severity}] {place}: {text.replace(chr(10), ' ')}", err=True)
    if len(findings) > len(worst):
        typer.echo(f"…共 {len(findings)} 条, 见 --report / {len(findings)} in all, see --report", err=True)


def _without_repeats(findings: Sequence[Finding]) -> list[Finding]:
    """Of findings of one rule in one column the first three, the third saying how many there are."""
    groups: dict[tuple[Any, ...], list[Finding]] = {}
    for finding in findings:
        key = (finding.severity, finding.rule, finding.file, finding.sheet, finding.column)
        groups.setdefault(key, []).append(finding)
    shown: list[Finding] = []
    for group in groups.values():
        n, first = len(group), group[:3]
        if n > 3:
            zh, en = say("cli.like_this", text=first[2], n=n)
            first[2] = replace(first[2], zh=zh, en=en)
        shown += first
    return shown


def _print_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*head, expand=True)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))  # Text: names are data, never markup
    Console(stderr=True).print(table)


def layer_counts(dataset: Dataset) -> str:
    """The layers of a dataset, each with its number of rows."""
    counts = (f"{name} {len(dataset.layer(name))}" for name in LAYERS if dataset.has(name))
    return ", ".join(counts)


def plan_summary(document: dict[str, Any]) -> dict[str, Any]:
    """Counts, levels and seconds of a plan document."""
    return {
        "status": document["status"],
        "areas": len(document["areas"]),
        "placed": sum(len(area["unit_ids"]) for area in document["areas"]),
        "left_over": len(document["left_over"]),
        "out_of_scope": len(document["out_of_scope"]),
        "levels": document["levels"],
        **{key: document[key] for key in ("advice", "method", "violations") if key in document},
        "seconds": document["seconds"],
    }


def plan_sentence(document: dict[str, Any], out: Path, verified: Verification | None) -> str:
    """A plan in one sentence of each language; "optimal" with how far that was checked.

    Parameters
    ----------
    document
        The plan.
    out
        Where it was written.
    verified
        What the check found; None = it has not run.
    """
    found = plan_summary(document)
    zh, en = proof_note(verified, "status") if document["status"] == "optimal" else ("", "")
    optimal = f"; 最优{f' ({zh})' if zh else ''}" if document["status"] == "optimal" else ""
    return (
        f"{found['areas']} 个片区, {found['placed']} 个单元划入, {found['left_over']} 个未划入, "
        f"{found['out_of_scope']} 个不在范围{optimal} → {out}\n"
        f"{found['areas']} areas, {found['placed']} units placed, {found['left_over']} left over, "
        f"{found['out_of_scope']} out of scope; status {found['status']}" + (f" ({en})" if en else "")
    )


def verdict_lines(found: Verification) -> list[str]:
    """The verdict on a plan and all that it rests on: values that differ, rules broken, what is unchecked."""
    stated = make_verdict(found)
    lines = [stated.zh, stated.en]
    lines += [
        f"{'!' if one.is_fault else '·'} {one.rule}  {one.sentence_zh}\n     {one.sentence_en}"
        for one in found.rules_differ
    ]
    lines += [f"{one.rule}  {one.sentence_zh}\n     {one.sentence_en}" for one in found.violations]
    lines += [f"? {one.what}  {one.sentence_zh}\n     {one.sentence_en}" for one in found.unchecked]
    if found.unverifiable:
        words = Sentence.join((UNVERIFIABLE[name] for name in found.unverifiable), ("、", ", "))
        lines += say("cli.unverifiable", what=words)
    return lines


def rule_lines(document: dict[str, Any], found: Verification, policy: Policy) -> list[str]:
    """The verdict in a word, and the rules it speaks of, each with the areas it holds for.

    Parameters
    ----------
    document
        The plan.
    found
        What the check found.
    policy
        The policy in force.
    """
    stated = make_verdict(found)
    lines = [f"{stated.word_zh} {stated.word_en}"]
    zh, en = (format_rules(document, policy, load_words(language)) for language in LANGUAGES)
    return lines + [
        f"· {label}: {value} [{source}]\n     {label_en}: {value_en}"
        for (label, value, source), (label_en, value_en, _) in zip(zh, en, strict=True)
    ]


def verdict_summary(found: Verification) -> dict[str, Any]:
    """The verdict on a plan for machines: whether it passes, and the sentence in both languages."""
    stated = make_verdict(found)
    return {"verified": {"ok": stated.is_met, "zh": stated.zh, "en": stated.en, "by_solver": list(found.by_solver)}}


def note_lines(document: dict[str, Any]) -> list[str]:
    """What a reader of a plan should know of the data behind it."""
    return [f"说明 note: {note['zh']}\n{note['en']}" for note in document.get("notes", [])]


def bound_lines(document: dict[str, Any], verified: Verification | None) -> list[str]:
    """Each level of a plan beside what no plan can do better than, how that is known, and whether checked.

    Parameters
    ----------
    document
        The plan.
    verified
        What the check found; None = it has not run.
    """
    lines = []
    for level in document["levels"]:
        zh, en = say(f"cli_level.{level['name']}")
        if (name := BOUND_NAMES.get(level.get("method") or "")) is None:
            if level["name"] not in ("left_over_households", "household_metres"):
                lines += [f"{zh} {level['value']:,}", f"{en} {level['value']:,}"]
            continue
        gap = f"{100 * (level['gap'] or 0):.1f}%"
        note_zh, note_en = (f"; {note}" if note else "" for note in proof_note(verified, level["name"]))
        lines += [
            f"{zh} {level['value']:,}, 任何方案至少 {level['bound']:,}, 相差 {gap} ({name.zh}{note_zh})",
            f"{en} {level['value']:,}, no plan below {level['bound']:,}, gap {gap} ({name.en}{note_en})",
        ]
    return lines


def advice_lines(document: dict[str, Any], most: int = 5) -> list[str]:
    """What a plan advises, the relaxations that bring most first; or the rules a baseline breaks.

    Parameters
    ----------
    document
        The plan.
    most
        Rows that are listed of each kind.
    """
    if "violations" in document:
        broken = ", ".join(f"{rule} × {n}" for rule, n in document["violations"].items())
        return [f"对比方法 {document['method']}: 违反规则 breaks {broken or '无 none'}"]
    lines: list[str] = []
    for kind in ("relax", "cause"):
        rows = [row for row in document.get("advice", []) if row["kind"] == kind]
        lines += [f"{' '.join(say(f'cli.advice_{kind}'))} ({len(rows)}):"] if rows else []
        for row in rows[:most]:
            lines += [f"- {row['sentence_zh']}", f"  {row['sentence_en']}"]
    return lines


def keep_rules(folder: Path, rules: RulesInForce, *, is_quiet: bool = False) -> None:
    """Keep in a dataset what it was read by, and say which policy is in force and who chose it.

    Parameters
    ----------
    folder
        The dataset.
    rules
        What its units were derived by.
    is_quiet
        Whether only warnings are printed.
    """
    replaced = store_rules(folder, rules)
    dataset = open_dataset(folder)
    now = resolve_rules(dataset)
    for line in () if is_quiet else now.lines:
        print_text(line)
    for line in (*(replaced or ()), *(check_policy_covers_data(now, dataset) or ())):
        typer.echo(f"! {line}", err=True)
