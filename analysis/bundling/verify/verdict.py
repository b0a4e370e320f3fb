"""The one sentence that says what the independent check of a plan found, wherever it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.bundling.verify.base.verification import CLAIMS, RuleDifference, Verification
from geo.messages import EMPTY, Sentence, load_catalogue

say = load_catalogue(__file__)

MOST_NAMED = 8
"""Values that differ which the sentence names; the rest is counted."""
_COLUMNS = ("street", "district", "neighbourhood")
"""Columns without which a rule cannot be checked, as they are named."""
_AND = ("; ", "; ")


@dataclass(frozen=True)
class Verdict:
    """What the check found, in one sentence.

    Parameters
    ----------
    is_met
        Whether the plan passes.
    zh, en
        The sentence, Chinese and English.
    word_zh, word_en
        The verdict in a word, the same in every list, header, sheet and file.
    """

    is_met: bool
    zh: str
    en: str
    word_zh: str
    word_en: str

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
    headline = _headline(found)
    whole = Sentence.join([headline, *_list_choices(found), *_list_unchecked_claims(found)], _AND)
    return Verdict(found.ok, f"{whole.zh}。", f"{whole.en}.", *_word(found))


def _word(found: Verification) -> Sentence:
    """The verdict in a word, with how many rules are broken."""
    if found.no_area is not None:
        return say("word.no_area")
    if found.ok:
        is_checked = not _list_unchecked_rules(found)
        return say("word.checked" if not is_checked else "word.chosen" if found.rules_differ else "word.met")
    n = len(found.violations)
    return say("word.broken", n=n) if n else say("word.unmet")


def _headline(found: Verification) -> Sentence:
    """Passed or not, with the values that must not differ and the number of rules broken."""
    if found.ok and found.no_area is not None:
        return say("headline.no_area", why=found.no_area)
    if found.ok:
        return say("headline.met", rules=_rules_met(found))
    parts = []
    if found.faults:
        parts.append(say("fault.policy", differences=_list_differences(found.faults)))
    if found.no_area is not None:
        parts.append(say("fault.no_area", why=found.no_area))
    if n := len(found.violations):
        parts.append(say("fault.rules" if n > 1 else "fault.rule", n=n))
    return say("headline.unmet", faults=Sentence.join(parts, _AND))


def _rules_met(found: Verification) -> Sentence:
    """That rules are met: those that were checked, where some could not be for some units."""
    which = "chosen" if found.rules_differ else "all"
    if not (lacking := _list_unchecked_rules(found)):
        return say(f"met.{which}")
    return Sentence.join([say(f"met.{which}_checked"), *lacking], _AND)


def _list_unchecked_rules(found: Verification) -> list[Sentence]:
    """Each rule that could not be checked for some units, with their number and what is not known of them."""
    parts = []
    for rule in dict.fromkeys(one.what for one in found.unchecked if is_rule(one.what)):
        rows = [one for one in found.unchecked if one.what == rule]
        n = len({unit for one in rows for unit in one.units})
        names = {name for one in rows for name in one.names}
        columns = Sentence.join((say(f"column.{name}") for name in _COLUMNS if name in names), ("/", " or "))
        unknown = say("unchecked.unknown", columns=columns) if columns.zh else EMPTY
        parts.append(say("unchecked.units" if n > 1 else "unchecked.unit", n=n, rule=rule, unknown=unknown))
    return parts


def is_rule(what: str) -> bool:
    """Whether something not checked is a rule, such as "R20"."""
    return what[:1] == "R" and what[1:].isdigit()


def proof_note(found: Verification | None, claim: str) -> Sentence:
    """How far a bound or "optimal" of a plan was checked, to be shown with it; empty where it was proven again.

    Parameters
    ----------
    found
        What the check of the plan found; None where it has not been made yet.
    claim
        Name of a level, or "status" for "optimal".

    Examples
    --------
    >>> proof_note(Verification(), "status"), proof_note(None, "status")
    (Sentence(zh='', en=''), Sentence(zh='由求解器给出, 尚未复核', en='by the solver, not checked yet'))
    """
    if found is None:
        return say("claim.not_yet")
    return say("claim.by_solver") if claim in found.by_solver else EMPTY


def _list_choices(found: Verification) -> list[Sentence]:
    """What was chosen, and what whoever checks allowed to differ."""
    others = [one for one in found.rules_differ if not one.is_fault]
    allowed = [one for one in others if one.allowed and not one.may_choose]
    chosen = [one for one in others if one not in allowed]
    parts = [] if not chosen else [_list_differences(chosen)]
    if allowed:
        parts.append(say("claim.allowed", differences=_list_differences(allowed)))
    return parts


def _list_unchecked_claims(found: Verification) -> list[Sentence]:
    """Claims by the solver, and how many other things nobody checked."""
    parts = [] if found.ok and found.no_area is None else _list_unchecked_rules(found)
    if "status" in found.by_solver:
        parts.append(say("claim.optimal"))
    n = len([name for name in found.by_solver if name != "status"])
    if n:
        parts.append(say("claim.bounds" if n > 1 else "claim.bound", n=n))
    others = [
        one
        for one in found.unchecked
        if not is_rule(one.what) and (one.what == "reasons" or one.what not in CLAIMS or not one.names)
    ]
    if others:
        parts.append(say("claim.others", n=len(others)))
    return parts


def _list_differences(differences: Sequence[RuleDifference]) -> Sentence:
    """The differences in a row, the first few by name and value."""
    named = ((one.sentence_zh, one.sentence_en) for one in differences[:MOST_NAMED])
    more = len(differences) - MOST_NAMED
    row = Sentence.join(named, (", ", ", "))
    return say("differences.more", row=row, n=more) if more > 0 else row
