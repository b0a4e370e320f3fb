"""The whole scorecard kept so that an edit costs only the places it touches."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analysis.figures.facts import Facts
from analysis.figures.figure import CURRENT, Basis, Figure, Level
from analysis.figures.indicator import EVERYWHERE, Indicator, Tally, has_same_targets
from analysis.figures.tally import aggregate_tally, compute_tally, find_missing_columns
from analysis.indicators.registry import REGISTRY
from analysis.indicators.reported import build_reported_figures

_Mask = NDArray[np.bool_]
_Seen = dict[tuple[int, int], _Mask]
"""Comparisons made once in a call: of two frames' ids, of two arrays of positions, by their id()."""

_NONE = np.empty(0, dtype=np.intp)


@dataclass(frozen=True, eq=False)
class ScoreboardEntry:
    """One indicator on one roster, at every level.

    Parameters
    ----------
    tally
        What each row contributes; None where the figures are reported by offices.
    missing
        Columns needed and without a value.
    by_level
        The figures of each level, in the order of the places.
    """

    indicator: Indicator
    facts: Facts
    tally: Tally | None
    missing: tuple[str, ...]
    by_level: Mapping[Level, tuple[Figure, ...]]


@dataclass(frozen=True, eq=False)
class Scoreboard:
    """All figures of some levels, with what :func:`rescore` needs to make the next ones."""

    levels: tuple[Level, ...]
    basis: Basis
    entries: tuple[ScoreboardEntry, ...]

    @cached_property
    def figures(self) -> tuple[Figure, ...]:
        """All figures, level by level, each in the order of `analysis.indicators.registry.compute_figures`."""
        return tuple(
            figure for level in self.levels for entry in self.entries for figure in entry.by_level.get(level, ())
        )


def score(
    scenes: Sequence[Facts],
    *,
    levels: Sequence[Level] = EVERYWHERE,
    basis: Basis = "count",
    keys: Collection[str] | None = None,
) -> Scoreboard:
    """The figures of all indicators at some levels; what a row contributes is asked once for all.

    Parameters
    ----------
    scenes
        Facts of the current roster and, where there is one, of the baseline.
    levels, basis
        As in `analysis.indicators.registry.compute_indicators`.
    keys
        Only these indicators; None = all.
    """
    wanted = tuple(levels)
    return Scoreboard(
        wanted,
        basis,
        tuple(
            _entry(indicator, facts, wanted, basis)
            for indicator in REGISTRY
            if keys is None or indicator.key in keys
            for facts in scenes
            if facts.roster == CURRENT or indicator.per_roster
        ),
    )


def rescore(before: Scoreboard, scenes: Sequence[Facts]) -> Scoreboard:
    """The scorecard after an edit of the data, the policy or the plan.

    Every row's contribution is computed anew and compared with the one before; figures are made
    only for places of which a row differs, the others are the same objects as before. The result
    equals :func:`score` of the new facts, to the last bit.

    Parameters
    ----------
    before
        A scorecard; it is not changed. Its levels, basis and indicators are those of the result.
    scenes
        The facts now.
    """
    now = {facts.roster: facts for facts in scenes}
    for earlier in {id(entry.facts): entry.facts for entry in before.entries}.values():
        if earlier.roster in now:
            now[earlier.roster].adopt(earlier)
    asked = {entry.indicator.key: entry.indicator for entry in before.entries}
    rosters = {r for r in now for i in asked.values() if r == CURRENT or i.per_roster}
    if rosters != {entry.facts.roster for entry in before.entries}:
        return score(scenes, levels=before.levels, basis=before.basis, keys=asked)
    seen: _Seen = {}
    entries = [
        _next_entry(entry, now[entry.facts.roster], before.levels, before.basis, seen) for entry in before.entries
    ]
    return replace(before, entries=tuple(entries))


def _entry(indicator: Indicator, facts: Facts, levels: tuple[Level, ...], basis: Basis) -> ScoreboardEntry:
    at = [level for level in levels if level in indicator.levels]
    if indicator.tally is None:
        reported = {level: tuple(build_reported_figures(indicator, facts, level)) for level in at}
        return ScoreboardEntry(indicator, facts, None, (), reported)
    tally = compute_tally(indicator, facts, basis)
    missing = find_missing_columns(indicator, facts, tally)
    if missing and indicator.or_reported:
        reported = {level: tuple(build_reported_figures(indicator, facts, level)) for level in at}
        return ScoreboardEntry(indicator, facts, tally, missing, reported)
    found = {level: tuple(aggregate_tally(indicator, facts, level, tally, missing=missing)) for level in at}
    return ScoreboardEntry(indicator, facts, tally, missing, found)


def _next_entry(
    was: ScoreboardEntry, facts: Facts, levels: tuple[Level, ...], basis: Basis, seen: _Seen
) -> ScoreboardEntry:
    indicator = was.indicator
    if not _same_frame(was.facts, facts, was.by_level):
        return _entry(indicator, facts, levels, basis)
    if was.tally is None:
        same = _same_reports(was.facts, facts)
        return replace(was, facts=facts) if same else _entry(indicator, facts, levels, basis)
    tally = compute_tally(indicator, facts, basis)
    missing = find_missing_columns(indicator, facts, tally)
    reported = bool(missing) and indicator.or_reported and not _same_reports(was.facts, facts)
    if reported or missing != was.missing or not _same_rows(was.tally, tally, seen):
        return _entry(indicator, facts, levels, basis)
    if missing and indicator.or_reported:
        return ScoreboardEntry(indicator, facts, tally, missing, was.by_level)
    changed = _changed_rows(was.tally, tally)
    by_level = {
        level: _next_figures(figures, was, ScoreboardEntry(indicator, facts, tally, missing, {}), level, changed, seen)
        for level, figures in was.by_level.items()
    }
    return ScoreboardEntry(indicator, facts, tally, missing, by_level)


def _next_figures(
    figures: tuple[Figure, ...], was: ScoreboardEntry, now: ScoreboardEntry, level: Level, changed: _Mask, seen: _Seen
) -> tuple[Figure, ...]:
    """The figures of a level with those of the touched places made anew."""
    assert was.tally is not None  # distinguished by the caller
    assert now.tally is not None
    before = was.facts.position(was.tally.rows, level)
    after = now.facts.position(now.tally.rows, level)
    key = (id(before), id(after))
    if key not in seen:  # most indicators count the same rows
        seen[key] = before != after
    rows = changed | seen[key]
    touched = np.unique(np.concatenate([before[rows], after[rows]])) if rows.any() else _NONE
    touched = touched[touched >= 0]
    if not len(touched):
        return figures
    made = aggregate_tally(now.indicator, now.facts, level, now.tally, missing=now.missing, wanted=touched.tolist())
    out = list(figures)
    for place, figure in zip(touched.tolist(), made, strict=True):
        out[place] = figure
    return tuple(out)


def _same_frame(was: Facts, now: Facts, levels: Collection[Level]) -> bool:
    """Whether year, targets and places are what they were."""
    return (
        was.year == now.year
        and (was.policy is now.policy or has_same_targets(was.policy, now.policy))
        and all(was.places(level) == now.places(level) for level in levels)
    )


def _same_reports(was: Facts, now: Facts) -> bool:
    """Whether offices said the same: the very tables of before."""
    names = ("reported_figures", "snapshots")
    return all(now.layers.get(name) is was.layers.get(name) for name in names)


def _same_rows(was: Tally, now: Tally, seen: _Seen) -> bool:
    key = (id(was.rows), id(now.rows))
    if key not in seen:
        seen[key] = np.array([np.array_equal(was.ids, now.ids)])
    same_kind = (was.is_ratio, was.unit, was.basis) == (now.is_ratio, now.unit, now.basis)
    return same_kind and bool(seen[key][0]) and len(was.ids) == len(now.ids)


def _changed_rows(was: Tally, now: Tally) -> _Mask:
    """(n,) bool: rows whose contribution is not what it was."""
    changed = np.zeros(len(now.ids), dtype=bool)
    for name in ("in_scope", "known", "counted", "estimated"):
        changed |= getattr(was, name) != getattr(now, name)
    for name in ("top", "bottom"):
        a, b = getattr(was, name), getattr(now, name)
        changed |= (a != b) & ~(np.isnan(a) & np.isnan(b))
    return changed
