"""The one sentence that says what the independent check of a plan found, wherever it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.bundling.verify.verification import RuleDifference, Verification

MOST_NAMED = 8
"""Values that differ which the sentence names; the rest is counted."""


@dataclass(frozen=True)
class Verdict:
    """What the check found, in one sentence.

    Parameters
    ----------
    is_met
        Whether the plan passes.
    zh, en
        The sentence, Chinese and English.
    short_zh, short_en
        Its beginning, for a line with little room.
    """

    is_met: bool
    zh: str
    en: str
    short_zh: str
    short_en: str

    @property
    def both(self) -> str:
        """Both languages, Chinese first."""
        return f"{self.zh} {self.en}"


def verdict(found: Verification) -> Verdict:
    """The verdict on a plan; every page, print, file and command says it in these words.

    Values that nobody may choose come first, then rules broken, then what was chosen or allowed.

    Examples
    --------
    >>> verdict(Verification()).both
    '独立核验通过: 全部规则均满足。 Verified independently: every rule is met.'
    >>> lower = RuleDifference("lower", 800, 1000, may_choose=True, sentence_zh="规模下限 800 (政策为 1,000)",
    ...     sentence_en="least size 800 instead of the policy's 1,000")
    >>> verdict(Verification(rules_differ=(lower,))).en
    "Verified independently: meets the rules chosen; least size 800 instead of the policy's 1,000."
    """
    short_zh, short_en = zh, en = _beginning(found)
    for zh_part, en_part in (*_differences(found), *_unchecked(found)):
        zh, en = f"{zh}; {zh_part}", f"{en}; {en_part}"
    if not found.ok:
        short_zh, short_en = (text.split(":")[0] for text in (short_zh, short_en))
    return Verdict(found.ok, f"{zh}。", f"{en}.", short_zh, short_en)


def _beginning(found: Verification) -> tuple[str, str]:
    """Passed or not, with the values that must not differ and the number of rules broken."""
    if found.ok and found.no_area is not None:
        zh, en = found.no_area
        return (
            f"独立核验: 方案没有片区: {zh}",
            f"Verified independently: the plan has no area: {en}",
        )
    if found.ok and not found.rules_differ:
        return "独立核验通过: 全部规则均满足", "Verified independently: every rule is met"
    if found.ok:
        return "独立核验通过: 符合所选规则", "Verified independently: meets the rules chosen"
    parts: list[tuple[str, str]] = []
    if found.faults:
        zh, en = _named(found.faults)
        parts.append((f"规则与政策不符: {zh}", f"rules differ from the policy: {en}"))
    if found.no_area is not None:
        zh, en = found.no_area
        parts.append((f"方案没有片区: {zh}", f"the plan has no area: {en}"))
    n = len(found.violations)
    if n:
        parts.append((f"{n:,} 处不符合规则", f"{n:,} rule{'s are' if n > 1 else ' is'} broken"))
    zh, en = "; ".join(one for one, _ in parts), "; ".join(one for _, one in parts)
    return f"独立核验未通过: {zh}", f"Not verified: {en}"


def _differences(found: Verification) -> list[tuple[str, str]]:
    """What was chosen, and what whoever checks allowed to differ."""
    others = [one for one in found.rules_differ if not one.is_fault]
    allowed = [one for one in others if one.allowed and not one.may_choose]
    chosen = [one for one in others if one not in allowed]
    parts = [] if not chosen else [_named(chosen)]
    if allowed:
        zh, en = _named(allowed)
        parts.append((f"经核验人允许不同: {zh}", f"allowed to differ: {en}"))
    return parts


def _unchecked(found: Verification) -> list[tuple[str, str]]:
    n = len(found.unchecked)
    return [(f"{n:,} 项未核验", f"{n:,} not checked")] if n else []


def _named(differences: Sequence[RuleDifference]) -> tuple[str, str]:
    """The differences in a row, the first few by name and value."""
    zh = ", ".join(one.sentence_zh for one in differences[:MOST_NAMED])
    en = ", ".join(one.sentence_en for one in differences[:MOST_NAMED])
    more = len(differences) - MOST_NAMED
    return (f"{zh} 等另 {more} 项", f"{en} and {more} more") if more > 0 else (zh, en)
