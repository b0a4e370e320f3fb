"""What every sheet says of the plan on it: name, version, date, maker, the verdict, and the rules it was held to."""

from __future__ import annotations

from dataclasses import dataclass

from app.i18n import Words
from app.session.page import PageData
from app.workbench.formats import format_version
from app.workbench.plan_rules import format_rules


@dataclass(frozen=True)
class Imprint:
    """The plan of a sheet.

    Parameters
    ----------
    plan
        Name, version, date and maker; or that there is no plan.
    word, verdict
        The verdict in a word and whole; "" without a plan.
    is_met
        Whether the rules are met; None without a plan.
    rules
        Label, value with the areas it holds for, and source tag of each rule; none without a plan.
    """

    plan: str
    word: str = ""
    verdict: str = ""
    is_met: bool | None = None
    rules: tuple[tuple[str, str, str], ...] = ()


def make_imprint(data: PageData, words: Words) -> Imprint:
    """What the sheets of a page say of its plan; seconds for a city whose plan was not checked yet.

    Parameters
    ----------
    data
        All that one page is made of.
    words
        Texts in the reader's language.
    """
    bench = data.bench
    stated = bench.verdict
    if bench.plan is None or stated is None:
        return Imprint(words("page.stale_plan", name=bench.plan_name) if bench.is_stale else words("page.no_plan"))
    return Imprint(
        format_version(bench.plan_name, bench.version, words),
        words.pick(stated.word_zh, stated.word_en),
        words.pick(stated.zh, stated.en),
        stated.is_met,
        tuple(format_rules(bench.plan, bench.policy, words)),
    )
