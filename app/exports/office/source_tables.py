"""Where the figures of a workbook are from: months, values of the policy with their sources, the plan and its data."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from analysis.figures.figure import CITY_CODE, format_figure, format_target
from analysis.indicators.registry import is_target_met
from analysis.studies.monitoring import compute_monthly_figures
from app.exports.office.papers import Papers
from app.exports.plan_table import list_notices, plan_id, tell_estimated, tell_public
from app.exports.workbook import SheetTable, make_columns
from app.i18n import Words
from app.indicators.snapshots import find_roster_before
from app.workbench.plan_rules import format_rules

_MOST_FILES = 60


def make_month_table(papers: Papers) -> SheetTable:
    """月度监测表: the figures of the month of the data, and how they moved since the snapshot before.

    Parameters
    ----------
    papers
        Of the plan.
    """
    words, dataset, policy = papers.words, papers.bench.dataset, papers.bench.policy
    date = dataset.manifest.data_date
    columns = make_columns(words("office.month_heads"), "tttttggttd")
    if date is None:
        return SheetTable(words("office.months"), words("office.no_month"), columns, ())
    month = date[:7]
    before = find_roster_before(dataset.layer("snapshots"), month)
    earlier = {} if before is None else compute_monthly_figures(dataset.roster(before), policy, month)
    was = {(f.key, f.admin_code): f.value for figures in earlier.values() for f in figures}
    met = {True: words("scorecard.met"), False: words("scorecard.missed"), None: None}
    figures = [f for own in compute_monthly_figures(papers.bench.units, policy, month).values() for f in own]
    rows = []
    for figure in figures:
        old = was.get((figure.key, figure.admin_code))
        moved = None if old is None or figure.value is None else 100 * (figure.value - old)
        rows.append(
            (
                month,
                figure.admin_code,
                papers.place(figure.admin_code),
                words.pick(figure.name_zh, figure.name_en),
                words("scorecard.no_data") if figure.value is None else format_figure(figure),
                figure.numerator,
                figure.denominator,
                format_target(figure),
                met[is_target_met(figure)],
                moved,
            )
        )
    note = words("office.months_note", before=before or words("office.no_snapshot"))
    codes = tuple(figure.admin_code or CITY_CODE for figure in figures)
    return SheetTable(words("office.months"), note, columns, tuple(rows), "places", codes)


def make_parameter_table(papers: Papers) -> SheetTable:
    """参数与来源: the values the plan was made with, then every value of the policy, each with its source.

    Parameters
    ----------
    papers
        Of the plan.
    """
    words, bench = papers.words, papers.bench
    own = [
        (words("office.of_plan"), label, value, None, f"[{source}]", None, None)
        for label, value, source in format_rules(bench.plan or {}, bench.policy, words)
    ]
    rest = [
        (
            words("office.of_policy"),
            words.pick(entry.label_zh, entry.label_en),
            format_value(entry.value, words),
            words.section("policy_unit").get(entry.unit, entry.unit),
            f"[{entry.source}]",
            entry.rule,
            key,
        )
        for key, entry in bench.policy.entries.items()
    ]
    columns = make_columns(words("office.parameter_heads"), "twwtttt")
    return SheetTable(words("office.parameters"), words("office.parameters_note"), columns, (*own, *rest))


def make_about_table(papers: Papers) -> SheetTable:
    """说明: which plan, of which data, by which policy, checked how; hashes; what the sheets hold.

    Parameters
    ----------
    papers
        Of the plan.
    """
    words = papers.words
    rows = tuple((words(f"office.about_{key}"), value) for key, value in list_sources(papers).items() if value)
    columns = make_columns(words("scorecard.about_heads"), "tw")
    return SheetTable(words("office.about"), words("office.about_note"), columns, rows)


def list_sources(papers: Papers) -> dict[str, str]:
    """What is to be known of a paper's figures, by the key of its name (`office.about_<key>`).

    Parameters
    ----------
    papers
        Of the plan.
    """
    words, bench, plan = papers.words, papers.bench, papers.bench.plan
    assert plan is not None  # a paper is one of a plan
    manifest, policy = bench.dataset.manifest, bench.policy
    files = sorted({str(source.get("file", "")) for source in manifest.sources} - {""})
    more = words("scorecard.more_files", n=len(files)) if len(files) > _MOST_FILES else ""
    rules = bench.context.rules
    return {
        "demo": words("scorecard.demo_note") if manifest.demo else "",
        "draft": words("office.draft_note") if papers.marks else "",
        "dataset": manifest.name,
        "date": manifest.data_date or words("page.data_date_unknown"),
        "files": "、".join(files[:_MOST_FILES]) + more,
        "plan": bench.plan_name or "",
        "plan_id": plan_id(plan),
        "mode": words(f"plan.mode_{plan['mode']}"),
        "seed": str(plan["seed"]),
        "policy": f"{policy.name} {policy.version} ({words.pick(rules.chosen_zh, rules.chosen_en)})",
        "verdict": words.pick(papers.verdict.zh, papers.verdict.en),
        "tags": words("office.tags"),
        "data_hash": manifest.all_sha256,
        "planning_hash": str(plan["planning_sha256"]),
        "policy_hash": policy.sha256,
        "program": f"pianqu {version('pianqu')}",
        "public": tell_public(bench.dataset, words),
        "estimated": tell_estimated(bench.dataset, words),
        "notice": list_notices(bench.dataset, words)[-1],
    }


def format_value(value: Any, words: Words) -> str:
    """A value of the policy as text; its codes in the reader's language where they are known.

    Parameters
    ----------
    value
        Of an entry.
    words
        Texts in the reader's language.

    Examples
    --------
    >>> from app.i18n import load_words
    >>> zh = load_words("zh")
    >>> format_value(0.3, zh), format_value((3, "river"), zh), format_value({"any": 1}, zh), format_value(True, zh)
    ('0.3', '3、河流', '不限年度: 1', '是')
    """
    if isinstance(value, bool):
        return words("facts.yes" if value else "facts.no")
    if isinstance(value, int | float):
        return f"{value:g}" if abs(value) < 1e6 else f"{value:,.0f}"
    if isinstance(value, tuple | list):
        return words.pick("、", ", ").join(format_value(one, words) for one in value)
    if hasattr(value, "items"):
        parts = (f"{format_value(key, words)}: {format_value(one, words)}" for key, one in value.items())
        return words.pick("、", ", ").join(parts)
    return words.section("policy_value").get(str(value), str(value))
