"""What the independent check of a plan found: rules broken, rules that differ, and what nobody checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from analysis.bundling.model.violations import Violation
from geo.messages import Sentence

CLAIMS = ("levels", "status", "reasons")
"""`Unchecked.what` that speak of bounds, or of "optimal"."""


@dataclass(frozen=True)
class RuleDifference:
    """A value of the plan's rules that is not the one of the policy in force.

    Parameters
    ----------
    rule
        Name of the value in the plan's `rules` ("radius_m", "lower", …), or "policy_sha256".
    plan, policy
        The two values, as plain values of JSON.
    may_choose
        Whether a planner may choose it, and did: then it is named, and no fault.
    allowed
        Whether whoever checks said that it may differ.
    is_used
        Whether the plan depends on it: one that does not is named, and no fault.
    by
        Who chose it, as the plan records it; None where it does not.
    sentence_zh, sentence_en
        The difference in words.
    """

    rule: str
    plan: Any
    policy: Any
    may_choose: bool
    allowed: bool = False
    is_used: bool = True
    by: str | None = None
    sentence_zh: str = ""
    sentence_en: str = ""

    @property
    def is_fault(self) -> bool:
        """Whether the plan does not pass because of it."""
        return self.is_used and not (self.may_choose or self.allowed)


@dataclass(frozen=True)
class Unchecked:
    """Something the plan says that was not checked, and why.

    Parameters
    ----------
    what
        What it belongs to: a rule id ("R20"), "levels", "streets", …
    units
        Ids of the units concerned; empty for the whole plan.
    sentence_zh, sentence_en
        What was not checked, why, and what to do about it.
    names
        What of it: levels whose bound is by the solver ("status" for "optimal"), or columns without
        which a rule could not be checked ("street").
    """

    what: str
    units: tuple[str, ...]
    sentence_zh: str
    sentence_en: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verification:
    """All that the independent check found.

    Parameters
    ----------
    violations
        Rules the plan breaks, rule after rule.
    rules_differ
        Values of its rules that are not those in force; those nobody may choose come first.
    unchecked
        What it says that was not checked.
    no_area
        Why the plan has no area, in Chinese and English; None for one that has.
    own_word
        What of the plan nothing but itself can tell (`claims.UNVERIFIABLE`).
    """

    violations: tuple[Violation, ...] = ()
    rules_differ: tuple[RuleDifference, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()
    no_area: Sentence | None = None
    unverifiable: tuple[str, ...] = ()

    @property
    def faults(self) -> tuple[RuleDifference, ...]:
        """The values that differ and that neither a planner nor whoever checks may choose."""
        return tuple(one for one in self.rules_differ if one.is_fault)

    @property
    def by_solver(self) -> tuple[str, ...]:
        """Levels whose bound is by the solver and was not checked; "status" where "optimal" was not."""
        open_claims = (one for one in self.unchecked if one.what in CLAIMS)
        return tuple(dict.fromkeys(name for one in open_claims for name in one.names))

    @property
    def ok(self) -> bool:
        """Whether no rule is broken and none differs that must not."""
        return not self.violations and not self.faults


def verification_document(verification: Verification) -> dict[str, Any]:
    """What `pianqu verify --json` prints (docs/site/en/files.md).

    Examples
    --------
    >>> verification_document(Verification())
    {'ok': True, 'violations': [], 'rules_differ': [], 'unchecked': [], 'own_word': []}
    """
    empty = verification.no_area
    return {
        "ok": verification.ok,
        "violations": [{**asdict(v), "units": list(v.units)} for v in verification.violations],
        "rules_differ": [asdict(difference) for difference in verification.rules_differ],
        "unchecked": [
            {**asdict(one), "units": list(one.units), "names": list(one.names)} for one in verification.unchecked
        ],
        "own_word": list(verification.unverifiable),
        **({} if empty is None else {"no_area": {"zh": empty.zh, "en": empty.en}}),
    }


def read_verification(document: Mapping[str, Any]) -> Verification:
    """Back from `verification_document`.

    Raises
    ------
    KeyError, TypeError
        If it is no such document.
    """
    empty = document.get("no_area")
    return Verification(
        tuple(Violation(**{**v, "units": tuple(v["units"])}) for v in document["violations"]),
        tuple(RuleDifference(**one) for one in document["rules_differ"]),
        tuple(
            Unchecked(**{**u, "units": tuple(u["units"]), "names": tuple(u.get("names", ()))})
            for u in document["unchecked"]
        ),
        None if empty is None else Sentence(empty["zh"], empty["en"]),
        tuple(document.get("own_word", ())),
    )
