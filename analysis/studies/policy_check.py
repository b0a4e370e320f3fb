"""What is wrong with the values of a policy file that can be read: told all at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from analysis.figures.indicator import ANY_YEAR
from analysis.indicators.registry import REGISTRY
from analysis.policy import Policy, PolicyEntry, read_policy
from geo.findings import Finding
from geo.messages import Sentence, join_names, load_catalogue
from geo.schema import BARRIER_KINDS, MANAGEMENT_MODES, OPEN_SPACE_KINDS, SERVICE_POINT_KINDS

say = load_catalogue(__file__)

_FREE = ("target", "overlay", "agency")
"""Sections a city fills as it likes; all other entries are needed by the rules."""

_WORDS = {
    "mode.any_management": MANAGEMENT_MODES,
    "mode.professional": MANAGEMENT_MODES,
    "mode.old_community_service": MANAGEMENT_MODES,
    "neighbour.hard_kinds": BARRIER_KINDS,
    "siting.kinds": OPEN_SPACE_KINDS,
    "life_circle.kinds": SERVICE_POINT_KINDS,
}
_RISING = (
    "size.households",
    "size.floor_area",
    "area.preferred_members",
    "area.preferred_floor_area_m2",
    "ebike.bands",
    "phasing.years",
)
_TAGS = ("S", "X", "K", "A")


def check_policy(policy: Policy) -> tuple[Finding, ...]:
    """Everything that would make a rule or an indicator fail, or mean something else than told.

    Parameters
    ----------
    policy
        As read; other cities' files must hold every entry the rules ask for, with the same kind
        of value.

    Returns
    -------
    Errors in the order of the file, then what is missing.

    Examples
    --------
    >>> check_policy(read_policy())
    ()
    """
    known = read_policy()
    found = [fault for entry in policy.entries.values() for fault in _check_entry(entry, known)]
    return (*found, *_check_subsets(policy), *_find_missing(policy, known))


def _check_entry(entry: PolicyEntry, known: Policy) -> Iterator[Finding]:
    if entry.source[:1] not in _TAGS:
        yield _finding(entry, say("fault.source", source=entry.source))
    if entry.choices and entry.value not in entry.choices:
        yield _finding(entry, say("fault.choice", value=entry.value, choices=join_names(entry.choices)))
    section = entry.key.split(".")[0]
    if _is_target(entry):
        yield from _check_target(entry)
    elif section not in _FREE and entry.key in known.entries:
        yield from _has_same_kind(entry, known.entries[entry.key].value)
    allowed = _WORDS.get(entry.key)
    listed = entry.value if isinstance(entry.value, tuple) else ()
    strange = [word for word in listed if allowed and word not in allowed]
    if allowed and strange:
        yield _finding(entry, say("fault.words", strange=join_names(map(str, strange)), allowed=join_names(allowed)))
    if entry.key in _RISING and not _is_increasing(entry.value):
        yield _finding(entry, say("fault.order"))
    is_share = entry.unit == "share" and isinstance(entry.value, int | float)
    if is_share and not 0 <= entry.value <= 1:
        yield _finding(entry, say("fault.share", value=entry.value))


def _check_target(entry: PolicyEntry) -> Iterator[Finding]:
    """A target names a known indicator, its years, and shares within 0-1."""
    name = entry.key.split(".", 2 if entry.key.startswith("overlay.") else 1)[-1]
    if not any(name in (indicator.id, indicator.key) for indicator in REGISTRY):
        yield _finding(entry, say("fault.indicator", name=name))
    by_year = entry.value if isinstance(entry.value, Mapping) else {"?": entry.value}
    for year, value in by_year.items():
        if year != ANY_YEAR and not (str(year).isdigit() and len(str(year)) == 4):
            yield _finding(entry, say("fault.year", year=year, any_year=ANY_YEAR))
        if not isinstance(value, int | float) or value < 0 or (entry.unit == "share" and value > 1):
            yield _finding(entry, say("fault.target", year=year, value=value, unit=entry.unit))


def _has_same_kind(entry: PolicyEntry, like: Any) -> Iterator[Finding]:
    """A value is of the kind the rules read: a number where they count, a list where they list."""
    kind = next((k for k in (bool, tuple, str) if isinstance(like, k)), None)
    is_number = isinstance(entry.value, int | float) and not isinstance(entry.value, bool)
    if kind is None and isinstance(like, int | float):
        if not is_number or entry.value < 0:
            yield _finding(entry, say("fault.number", value=entry.value))
    elif kind is not None and not isinstance(entry.value, kind):
        yield _finding(entry, say("fault.kind", value=entry.value, kind=say(f"kind.{kind.__name__}")))
    elif kind is None and isinstance(entry.value, int | float | str | tuple):
        yield _finding(entry, say("fault.table", value=entry.value))


def _is_increasing(values: Any) -> bool:
    numbers = isinstance(values, tuple) and all(isinstance(v, int | float) for v in values)
    return not numbers or list(values) == sorted(values)


def _check_subsets(policy: Policy) -> Iterator[Finding]:
    """What counts as professional, or as a service, counts as managed at all."""
    entries = policy.entries
    managed = entries.get("mode.any_management")
    for key in ("mode.professional", "mode.old_community_service"):
        entry = entries.get(key)
        if managed is None or entry is None or not isinstance(entry.value, tuple):
            continue
        outside = [mode for mode in entry.value if mode not in managed.value]
        if outside:
            modes = "、".join(map(str, outside))
            yield _finding(entry, say("fault.subset", modes=modes))


def _find_missing(policy: Policy, known: Policy) -> Iterator[Finding]:
    for key, entry in known.entries.items():
        is_free = key.split(".")[0] in ("agency", "overlay") or _is_target(entry)
        if not is_free and key not in policy.entries:
            yield Finding(
                "error",
                "policy.missing",
                *say("policy.missing", key=key, label=_label(entry), like=Sentence(known.name, "")),
                column=key,
            )


def _is_target(entry: PolicyEntry) -> bool:
    return entry.key.startswith(("target.", "overlay.")) and entry.unit != "switch"


def _label(entry: PolicyEntry) -> Sentence:
    return Sentence(entry.label_zh, entry.label_en)


def _finding(entry: PolicyEntry, fault: Sentence) -> Finding:
    return Finding(
        "error",
        "policy.value",
        *say("policy.value", key=entry.key, label=_label(entry), fault=fault),
        column=entry.key,
        value=str(entry.value)[:60],
    )
