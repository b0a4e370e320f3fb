"""The one sentence that says what the independent check of a plan found, wherever it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.bundling.verify.base.verification import CLAIMS, RuleDifference, Verification

MOST_NAMED = 8
"""Values that differ which the sentence names; the rest is counted."""
_BY_SOLVER = ("由求解器给出, 未复核", "by the solver, not checked")
_COLUMNS = {
    "street": ("街道", "street"),
    "district": ("旗县区", "district"),
    "neighbourhood": ("社区", "neighbourhood"),
}


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


def make_verdict(found: Verification) -> Verdict:
    """The verdict on a plan; every page, print, file and command says it in these words.

    Values that nobody may choose come first, then rules broken, then what was chosen or allowed.

    Examples
    --------
    >>> make_verdict(Verification()).both
    '独立核验通过: 全部规则均满足。 Verified independently: every rule is met.'
    >>> lower = RuleDifference("lower", 800, 1000, may_choose=True, sentence_zh="规模下限 800 (政策为 1,000)",
    ...     sentence_en="least size 800 instead of the policy's 1,000")
    >>> make_verdict(Verification(rules_differ=(lower,))).en  # a rule that was not checked is never "met"
    "Verified independently: meets the rules chosen; least size 800 instead of the policy's 1,000."
    """
    short_zh, short_en = zh, en = _headline(found)
    for zh_part, en_part in (*_list_choices(found), *_list_unchecked_claims(found)):
        zh, en = f"{zh}; {zh_part}", f"{en}; {en_part}"
    if not found.ok:
        short_zh, short_en = (text.split(":")[0] for text in (short_zh, short_en))
    return Verdict(found.ok, f"{zh}。", f"{en}.", short_zh, short_en)


def _headline(found: Verification) -> tuple[str, str]:
    """Passed or not, with the values that must not differ and the number of rules broken."""
    if found.ok and found.no_area is not None:
        zh, en = found.no_area
        return (f"独立核验: 方案没有片区: {zh}", f"Verified independently: the plan has no area: {en}")
    if found.ok:
        zh, en = _rules_met(found)
        return f"独立核验通过: {zh}", f"Verified independently: {en}"
    parts: list[tuple[str, str]] = []
    if found.faults:
        zh, en = _list_differences(found.faults)
        parts.append((f"规则与政策不符: {zh}", f"rules differ from the policy: {en}"))
    if found.no_area is not None:
        zh, en = found.no_area
        parts.append((f"方案没有片区: {zh}", f"the plan has no area: {en}"))
    n = len(found.violations)
    if n:
        parts.append((f"{n:,} 处不符合规则", f"{n:,} rule{'s are' if n > 1 else ' is'} broken"))
    zh, en = "; ".join(one for one, _ in parts), "; ".join(one for _, one in parts)
    return f"独立核验未通过: {zh}", f"Not verified: {en}"


def _rules_met(found: Verification) -> tuple[str, str]:
    """That rules are met: those that were checked, where some could not be for some units."""
    chosen = bool(found.rules_differ)
    if not (lacking := _list_unchecked_rules(found)):
        return ("符合所选规则", "meets the rules chosen") if chosen else ("全部规则均满足", "every rule is met")
    zh, en = (
        ("所核规则均符合所选", "meets the rules chosen, of those checked")
        if chosen
        else ("所核规则均满足", "every rule checked is met")
    )
    return "; ".join((zh, *(one for one, _ in lacking))), "; ".join((en, *(one for _, one in lacking)))


def _list_unchecked_rules(found: Verification) -> list[tuple[str, str]]:
    """Each rule that could not be checked for some units, with their number and what is not known of them."""
    parts = []
    for rule in dict.fromkeys(one.what for one in found.unchecked if is_rule(one.what)):
        rows = [one for one in found.unchecked if one.what == rule]
        n = len({unit for one in rows for unit in one.units})
        names = {name for one in rows for name in one.names}
        columns = [words for name, words in _COLUMNS.items() if name in names]
        zh, en = "/".join(zh for zh, _ in columns), " or ".join(en for _, en in columns)
        units = f"{n:,} unit{'s' if n > 1 else ''}"
        parts.append(
            (
                f"{n:,} 个单元{f'的{zh}不明' if zh else ''}, {rule} 未核",
                f"{rule} not checked for {units}" + (f" without a known {en}" if en else ""),
            )
        )
    return parts


def is_rule(what: str) -> bool:
    """Whether something not checked is a rule, such as "R20"."""
    return what[:1] == "R" and what[1:].isdigit()


def proof_note(found: Verification | None, claim: str) -> tuple[str, str]:
    """How far a bound or "optimal" of a plan was checked, to be said beside it; "" where it was proven again.

    Parameters
    ----------
    found
        What the check of the plan found; None where it has not been made yet.
    claim
        Name of a level, or "status" for "optimal".

    Examples
    --------
    >>> proof_note(Verification(), "status"), proof_note(None, "status")
    (('', ''), ('由求解器给出, 尚未复核', 'by the solver, not checked yet'))
    """
    if found is None:
        return "由求解器给出, 尚未复核", "by the solver, not checked yet"
    return _BY_SOLVER if claim in found.by_solver else ("", "")


def _list_choices(found: Verification) -> list[tuple[str, str]]:
    """What was chosen, and what whoever checks allowed to differ."""
    others = [one for one in found.rules_differ if not one.is_fault]
    allowed = [one for one in others if one.allowed and not one.may_choose]
    chosen = [one for one in others if one not in allowed]
    parts = [] if not chosen else [_list_differences(chosen)]
    if allowed:
        zh, en = _list_differences(allowed)
        parts.append((f"经核验人允许不同: {zh}", f"allowed to differ: {en}"))
    return parts


def _list_unchecked_claims(found: Verification) -> list[tuple[str, str]]:
    """Claims by the solver, and how many other things nobody checked."""
    zh, en = _BY_SOLVER
    parts = [] if found.ok and found.no_area is None else _list_unchecked_rules(found)
    if "status" in found.by_solver:
        parts.append((f"“最优”{zh}", f"“optimal” {en}"))
    n = len([name for name in found.by_solver if name != "status"])
    if n:
        parts.append((f"{n:,} 个下界{zh}", f"{n:,} bound{'s' if n > 1 else ''} {en}"))
    others = [
        one
        for one in found.unchecked
        if not is_rule(one.what) and (one.what == "reasons" or one.what not in CLAIMS or not one.names)
    ]
    if others:
        parts.append((f"另有 {len(others):,} 项未核验", f"{len(others):,} more not checked"))
    return parts


def _list_differences(differences: Sequence[RuleDifference]) -> tuple[str, str]:
    """The differences in a row, the first few by name and value."""
    zh = ", ".join(one.sentence_zh for one in differences[:MOST_NAMED])
    en = ", ".join(one.sentence_en for one in differences[:MOST_NAMED])
    more = len(differences) - MOST_NAMED
    return (f"{zh} 等另 {more} 项", f"{en} and {more} more") if more > 0 else (zh, en)
