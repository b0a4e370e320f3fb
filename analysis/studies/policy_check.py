"""What is wrong with the values of a policy file that can be read: told all at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from analysis.figures.indicator import ANY_YEAR
from analysis.indicators.registry import REGISTRY
from analysis.policy import Policy, PolicyEntry, read_policy
from geo.findings import Finding
from geo.schema import BARRIER_KINDS, MANAGEMENT_MODES, OPEN_SPACE_KINDS, SERVICE_POINT_KINDS

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
_RISING = ("size.households", "size.floor_area", "ebike.bands", "phasing.years")
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
        yield _finding(
            entry,
            f"来源“{entry.source}”不以 S、X、K、A 开头",
            f"source '{entry.source}' starts with none of S, X, K, A",
        )
    if entry.choices and entry.value not in entry.choices:
        yield _finding(
            entry,
            f"“{entry.value}”不在可选值 {'、'.join(entry.choices)} 中",
            f"'{entry.value}' is none of {', '.join(entry.choices)}",
        )
    section = entry.key.split(".")[0]
    if _is_target(entry):
        yield from _check_target(entry)
    elif section not in _FREE and entry.key in known.entries:
        yield from _has_same_kind(entry, known.entries[entry.key].value)
    allowed = _WORDS.get(entry.key)
    listed = entry.value if isinstance(entry.value, tuple) else ()
    strange = [word for word in listed if allowed and word not in allowed]
    if allowed and strange:
        yield _finding(
            entry,
            f"不认识 {'、'.join(map(str, strange))}; 可用 {'、'.join(allowed)}",
            f"unknown: {', '.join(map(str, strange))}; known: {', '.join(allowed)}",
        )
    if entry.key in _RISING and not _is_increasing(entry.value):
        yield _finding(entry, "各值应由小到大", "values must rise")
    is_share = entry.unit == "share" and isinstance(entry.value, int | float)
    if is_share and not 0 <= entry.value <= 1:
        yield _finding(entry, f"份额 {entry.value} 应在 0 与 1 之间", f"the share {entry.value} must lie in 0-1")


def _check_target(entry: PolicyEntry) -> Iterator[Finding]:
    """A target names a known indicator, its years, and shares within 0-1."""
    name = entry.key.split(".", 2 if entry.key.startswith("overlay.") else 1)[-1]
    if not any(name in (indicator.id, indicator.key) for indicator in REGISTRY):
        yield _finding(entry, f"没有编号或 key 为“{name}”的指标", f"there is no indicator '{name}'")
    by_year = entry.value if isinstance(entry.value, Mapping) else {"?": entry.value}
    for year, value in by_year.items():
        if year != ANY_YEAR and not (str(year).isdigit() and len(str(year)) == 4):
            yield _finding(entry, f"“{year}”不是年份, 也不是 {ANY_YEAR}", f"'{year}' is no year, nor '{ANY_YEAR}'")
        if not isinstance(value, int | float) or value < 0 or (entry.unit == "share" and value > 1):
            yield _finding(
                entry,
                f"{year} 年目标 {value} 不合单位 {entry.unit}",
                f"the target {value} of {year} does not fit its unit {entry.unit}",
            )


def _has_same_kind(entry: PolicyEntry, like: Any) -> Iterator[Finding]:
    """A value is of the kind the rules read: a number where they count, a list where they list."""
    kinds = {bool: "开关 switch", tuple: "列表 list", str: "文字 text"}
    kind = next((k for k in (bool, tuple, str) if isinstance(like, k)), None)
    is_number = isinstance(entry.value, int | float) and not isinstance(entry.value, bool)
    if kind is None and isinstance(like, int | float):
        if not is_number or entry.value < 0:
            yield _finding(entry, f"“{entry.value}”应为不小于 0 的数", f"'{entry.value}' must be a number, at least 0")
    elif kind is not None and not isinstance(entry.value, kind):
        yield _finding(entry, f"“{entry.value}”应为{kinds[kind]}", f"'{entry.value}' must be a {kinds[kind]}")
    elif kind is None and isinstance(entry.value, int | float | str | tuple):
        yield _finding(entry, f"“{entry.value}”应为一组带名的值", f"'{entry.value}' must be a table of named values")


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
            told = "、".join(map(str, outside))
            yield _finding(
                entry, f"{told} 不计入物业管理覆盖, 却计入这里", f"{told} counts here but not as managed at all"
            )


def _find_missing(policy: Policy, known: Policy) -> Iterator[Finding]:
    for key, entry in known.entries.items():
        is_free = key.split(".")[0] in ("agency", "overlay") or _is_target(entry)
        if not is_free and key not in policy.entries:
            yield Finding(
                "error",
                "policy.missing",
                f"缺少参数 {key} ({entry.label_zh}); 请照 {known.name} 的写法补上。",
                f"The entry {key} ({entry.label_en}) is missing; add it.",
                column=key,
            )


def _is_target(entry: PolicyEntry) -> bool:
    return entry.key.startswith(("target.", "overlay.")) and entry.unit != "switch"


def _finding(entry: PolicyEntry, zh: str, en: str) -> Finding:
    return Finding(
        "error",
        "policy.value",
        f"{entry.key} ({entry.label_zh}): {zh}。",
        f"{entry.key} ({entry.label_en}): {en}.",
        column=entry.key,
        value=str(entry.value)[:60],
    )
