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
from app.cli.base.console import format_line, print_json, read_language, say_name, tell
from app.i18n import LANGUAGES, load_words, say
from app.workbench.plan_rules import format_rules
from app.workbench.policies import RulesInForce, check_policy_covers_data, resolve_rules, store_rules
from geo.findings import Finding
from geo.messages import Item, Line, Sentence
from geo.schema import LAYERS
from geo.storage.dataset import Dataset, open_dataset


def print_findings(findings: Sequence[Finding]) -> None:
    """Findings on stderr, the worst 40 first: a table on a terminal, lines in a pipe."""
    if not findings:
        return
    order = {"error": 0, "warning": 1, "info": 2}
    label = {severity: say(f"cli.severity_{severity}") for severity in order}
    worst = sorted(_without_repeats(findings), key=lambda finding: order[finding.severity])[:40]
    rows = [
        (
            label[item.severity].pick(read_language() or "zh"),
            " / ".join(part for part in (item.file, item.sheet) if part),
            "" if item.row is None else str(item.row),
            item.column or "",
            (item.value or "")[:30],
            format_line(Sentence(item.zh, item.en)),
        )
        for item in worst
    ]
    if sys.stderr.isatty():
        _print_table(
            ("", *(say_name(say(f"cli.{name}")) for name in ("file", "row", "column", "value", "finding"))), rows
        )
    else:
        for severity, where, row, column, value, text in rows:
            at = say("cli.row").pick(read_language() or "zh")
            place = " ".join(part for part in (where, row and f"{at} {row}", column, value) if part)
            typer.echo(f"[{severity}] {place}: {text.replace(chr(10), ' ')}", err=True)
    if len(findings) > len(worst):
        tell(say("cli.more_findings", n=len(findings)), is_error=True)


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


def plan_sentence(document: dict[str, Any], out: Path, verified: Verification | None) -> Sentence:
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
    proof = f" ({en})" if en else ""
    return say("cli.plan", **found, out=out, state=Sentence(optimal, f"{found['status']}{proof}"))


def verdict_lines(found: Verification) -> list[Line]:
    """The verdict on a plan and all that it rests on: values that differ, rules broken, what is unchecked."""
    stated = make_verdict(found)
    lines: list[Line] = [Sentence(stated.zh, stated.en)]
    marked: list[tuple[str, Any]] = [(f"{'!' if one.is_fault else '·'} {one.rule} ", one) for one in found.rules_differ]
    marked += [(f"{one.rule} ", one) for one in found.violations]
    marked += [(f"? {one.what} ", one) for one in found.unchecked]
    lines += [Item(mark, Sentence(one.sentence_zh, one.sentence_en)) for mark, one in marked]
    if found.unverifiable:
        words = Sentence.join((UNVERIFIABLE[name] for name in found.unverifiable), ("、", ", "))
        lines.append(say("cli.unverifiable", what=words))
    return lines


def rule_lines(document: dict[str, Any], found: Verification, policy: Policy) -> list[Line]:
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
    zh, en = (format_rules(document, policy, load_words(language)) for language in LANGUAGES)
    return [
        Sentence(stated.word_zh, stated.word_en),
        *(
            Item("·", Sentence(*(f"{label}: {value} [{source}]" for label, value, source in both)))
            for both in zip(zh, en, strict=True)
        ),
    ]


def verdict_summary(found: Verification) -> dict[str, Any]:
    """The verdict on a plan for machines: whether it passes, and the sentence in both languages."""
    stated = make_verdict(found)
    return {"verified": {"ok": stated.is_met, "zh": stated.zh, "en": stated.en, "by_solver": list(found.by_solver)}}


def note_lines(document: dict[str, Any]) -> list[Line]:
    """What a reader of a plan should know of the data behind it."""
    return [Sentence(f"说明: {note['zh']}", f"Note: {note['en']}") for note in document.get("notes", [])]


def clock_lines(document: dict[str, Any]) -> list[Line]:
    """That the search was compiled, and that the seconds asked for were too few, where that is so.

    Parameters
    ----------
    document
        PLAN.json.
    """
    spent = document.get("work", {}).get("spent")
    if spent is None:
        return []
    lines: list[Line] = []
    if spent["compiling_s"] >= 1:
        lines.append(say("cli.kernels_compiled", seconds=spent["compiling_s"]))
    if spent["is_short"]:
        of = spent["spent_s"]
        total, search = sum(of.values()), of.get("search", 0.0)
        after = sum(of.get(name, 0.0) for name in ("document", "advice", "check"))
        named = {"asked": spent["asked_s"], "before": total - search - after, "search": search, "after": after}
        lines.append(say("cli.few_seconds", **named, total=total, more=10 * (int(2 * (total - search)) // 10 + 1)))
    return lines


def bound_lines(document: dict[str, Any], verified: Verification | None) -> list[Line]:
    """Each level of a plan beside what no plan can do better than, how that is known, and whether checked.

    Parameters
    ----------
    document
        The plan.
    verified
        What the check found; None = it has not run.
    """
    lines: list[Line] = []
    for level in document["levels"]:
        zh, en = say(f"cli_level.{level['name']}")
        if (name := BOUND_NAMES.get(level.get("method") or "")) is None:
            if level["name"] not in ("left_over_households", "household_metres"):
                lines.append(Sentence(f"{zh} {level['value']:,}", f"{en} {level['value']:,}"))
            continue
        gap = f"{100 * (level['gap'] or 0):.1f}%"
        note_zh, note_en = (f"; {note}" if note else "" for note in proof_note(verified, level["name"]))
        lines.append(
            Sentence(
                f"{zh} {level['value']:,}, 任何方案至少 {level['bound']:,}, 相差 {gap} ({name.zh}{note_zh})",
                f"{en} {level['value']:,}, no plan below {level['bound']:,}, gap {gap} ({name.en}{note_en})",
            )
        )
    return lines


def advice_lines(document: dict[str, Any], most: int = 5) -> list[Line]:
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
        what = Sentence(broken, broken) if broken else say("cli.nothing")
        return [say("cli.baseline_breaks", method=document["method"], what=what)]
    lines: list[Line] = []
    for kind in ("relax", "cause"):
        rows = [row for row in document.get("advice", []) if row["kind"] == kind]
        lines += [Sentence(*(f"{text} ({len(rows)}):" for text in say(f"cli.advice_{kind}")))] if rows else []
        lines += [Item("-", Sentence(row["sentence_zh"], row["sentence_en"])) for row in rows[:most]]
    return lines


def tell_dataset(dataset: Dataset, into: Path, rules: RulesInForce, *, as_json: bool) -> None:
    """What a dataset that was just made holds, and by which policy it is kept.

    Parameters
    ----------
    dataset
        As it was made.
    into
        Its folder.
    rules
        What was in force.
    as_json
        Whether it is told to a machine.
    """
    keep_rules(into, rules, is_quiet=True)
    if as_json:
        counts = {name: len(dataset.layer(name)) for name in LAYERS if dataset.has(name)}
        findings = [vars(finding) for finding in dataset.findings()]
        print_json(
            {"name": dataset.manifest.name, "dataset": str(into), "layers": counts, "findings": findings}
            | {"policy": resolve_rules(open_dataset(into)).record}
        )
        return
    print_findings(dataset.findings())
    tell(f"{dataset.manifest.name} → {into}: {layer_counts(dataset)}", resolve_rules(open_dataset(into)).sentence)


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
    if not is_quiet:
        tell(now.sentence)
    for warning in (replaced, check_policy_covers_data(now, dataset)):
        if warning:
            tell(Item("!", Sentence(*warning)), is_error=True)
