"""Three proposals from one button: by neighbourhood, by street, and without anchors; each verified, side by side."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from analysis.bundling.solver.base.compile_time import time_compiling
from analysis.bundling.verify.verdict import make_verdict
from analysis.policy import Policy
from analysis.studies.proposal_figures import measure_proposal
from app.i18n import say
from app.planning.options import PlanOptions
from app.planning.run import CheckedPlan, RunProgress, make_checked_plan
from app.planning.run_clock import RunClock
from app.workbench.plans_on_disk import write_plan
from geo.messages import Sentence
from geo.storage.atomic_files import atomic_write
from geo.storage.dataset import Dataset, open_dataset
from geo.storage.kept_datasets import default_kept_place, keep_dataset

LARGER_AREAS_M = 2_000_000
"""Household-metres that an area of the street-level proposal costs: fewer and larger ones [A]."""

CURVE_M = (0, 200_000, 500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000, 20_000_000)
"""Prices of an area along the slider from many and near to few and large [A]."""


@dataclass(frozen=True)
class Proposal:
    """One way to plan.

    Parameters
    ----------
    key
        Name of its file.
    name
        What it is called.
    options
        How it is planned; seconds, rounds, seed and workers are those of the request.
    """

    key: str
    name: Sentence
    options: Mapping[str, Any]


PROPOSALS = (
    Proposal("social", say("planning.social"), {"mode": "area", "within": "neighbourhood"}),
    Proposal("street", say("planning.street"), {"mode": "area", "within": "street", "opening": LARGER_AREAS_M}),
    Proposal("open", say("planning.tender"), {"mode": "whole", "scope": "targets", "within": "street"}),
)
"""The proposals, in the order of the files."""


def make_proposals(
    folder: Path,
    policy: Policy,
    out: Path,
    *,
    seconds: float | None = None,
    rounds: int | None = None,
    seed: int = 0,
    workers: int | None = None,
    streets: Sequence[str] = (),
    by: str = "",
    is_kept: bool = False,
    on_progress: Callable[[float, str], None] | None = None,
    when: Callable[[], bool] | None = None,
    clock: RunClock | None = None,
) -> dict[str, Any]:
    """Plan three proposals, verify each and write them beside their comparison.

    Parameters
    ----------
    folder
        Dataset folder.
    policy
        The policy in force.
    out
        Folder for `social.json`, `street.json`, `open.json` and `comparison.json`.
    seconds, rounds
        Time for all of them together, from the beginning to the comparison, or rounds of each.
    seed, workers, streets, by
        As for one plan.
    is_kept
        Whether the neighbours each proposal was made with are kept next to the dataset: another wall has others.
    on_progress
        Told the share done of all, 0 to 1, and the key of the proposal at work.
    when
        Asked again and again: whether to end with what there is.
    clock
        Running since the planner began to wait; None = since now.

    Returns
    -------
    The comparison: a row for each proposal, and a sentence for each that was left out.

    Raises
    ------
    PlanningError
        If the folder is no dataset.
    """
    dataset = open_dataset(folder)
    missing = {proposal.key: why for proposal in PROPOSALS if (why := _missing(dataset, proposal)) is not None}
    chosen = [proposal for proposal in PROPOSALS if proposal.key not in missing]
    clock = clock or RunClock()
    effort = _Effort(seconds, rounds, seed, workers, tuple(streets), by, is_kept, on_progress, when, clock)
    rows = _plan_each(folder, policy, out, chosen, effort)
    left_out = [{"key": key, "zh": why.zh, "en": why.en} for key, why in missing.items()]
    return _write_comparison(out / "comparison.json", {"proposals": rows, "left_out": left_out})


def make_curve(
    folder: Path,
    policy: Policy,
    out: Path,
    *,
    seconds: float | None = None,
    rounds: int | None = None,
    seed: int = 0,
    workers: int | None = None,
    streets: Sequence[str] = (),
    by: str = "",
    is_kept: bool = False,
    on_progress: Callable[[float, str], None] | None = None,
    when: Callable[[], bool] | None = None,
    clock: RunClock | None = None,
) -> dict[str, Any]:
    """Plans from many and near to few and large: one for each price of an area, verified and compared.

    Parameters
    ----------
    folder, policy, out, seconds, rounds, seed, workers, streets, by, is_kept, on_progress, when, clock
        As for :func:`make_proposals`; the files are `curve-1.json` and so on, and `curve.json`.

    Returns
    -------
    The comparison, with the price of an area of each in household-metres (`opening`).

    Raises
    ------
    PlanningError
        If the folder is no dataset.
    """
    points = [
        Proposal(
            f"curve-{number}",
            say("planning.curve_point", number=number, price=price),
            {"mode": "area", "within": "street", "opening": price},
        )
        for number, price in enumerate(CURVE_M, start=1)
    ]
    rows = _plan_each(
        folder,
        policy,
        out,
        points,
        _Effort(seconds, rounds, seed, workers, tuple(streets), by, is_kept, on_progress, when, clock or RunClock()),
    )
    priced = [{**row, "opening": price} for row, price in zip(rows, CURVE_M, strict=True)]
    return _write_comparison(out / "curve.json", {"proposals": priced, "left_out": []})


@dataclass(frozen=True)
class _Effort:
    """What several plans may take together, for which streets, and who is told."""

    seconds: float | None
    rounds: int | None
    seed: int
    workers: int | None
    streets: tuple[str, ...]
    by: str
    is_kept: bool
    on_progress: Callable[[float, str], None] | None
    when: Callable[[], bool] | None
    clock: RunClock
    done: int = 0
    n_plans: int = 1

    @property
    def seconds_left(self) -> float | None:
        """Of all that is left, what the next plan may take; None where no clock decides."""
        if self.seconds is None:
            return None
        return max(0.0, self.seconds - self.clock.seconds) / (self.n_plans - self.done)


def _plan_each(
    folder: Path, policy: Policy, out: Path, chosen: Sequence[Proposal], effort: _Effort
) -> list[dict[str, Any]]:
    """Plan, write and measure each of several proposals."""
    with time_compiling() as timer, effort.clock.leave_out(lambda: timer.seconds):
        return [
            _plan_one(folder, policy, out, proposal, replace(effort, done=number, n_plans=len(chosen)))
            for number, proposal in enumerate(chosen)
        ]


def _plan_one(folder: Path, policy: Policy, out: Path, proposal: Proposal, effort: _Effort) -> dict[str, Any]:
    """Plan, write and measure one proposal, in its share of the seconds that are left."""

    def tell(news: RunProgress) -> None:
        if effort.on_progress is not None:
            effort.on_progress((effort.done + news.share) / effort.n_plans, proposal.key)

    options = PlanOptions(
        **proposal.options,
        seconds=effort.seconds_left,
        rounds=effort.rounds,
        seed=effort.seed,
        workers=effort.workers,
        streets=effort.streets,
        by=effort.by,
    )
    made = make_checked_plan(folder, policy, options, judge=policy, on_progress=tell, when=effort.when)
    write_plan(out / f"{proposal.key}.json", made.document)
    dataset = open_dataset(folder)
    if effort.is_kept:
        keep_dataset(dataset, default_kept_place(folder))
    return _row(dataset, proposal, made, policy)


def _write_comparison(path: Path, comparison: dict[str, Any]) -> dict[str, Any]:
    atomic_write(path, (json.dumps(comparison, ensure_ascii=False, indent=1) + "\n").encode())
    return comparison


def _missing(dataset: Dataset, proposal: Proposal) -> Sentence | None:
    """Why a proposal cannot be made of the data; None where it can."""
    is_coded = dataset.layer("units")["neighbourhood_code"].notna().any()
    if proposal.options["within"] == "neighbourhood" and not is_coded:
        return say("planning.no_neighbourhoods")
    return None


def _row(dataset: Dataset, proposal: Proposal, made: CheckedPlan, policy: Policy) -> dict[str, Any]:
    """One proposal in the comparison, with the verdict of the independent check."""
    document, found = made.document, made.found
    verdict = make_verdict(found)
    return {
        "key": proposal.key,
        "name_zh": proposal.name.zh,
        "name_en": proposal.name.en,
        "file": f"{proposal.key}.json",
        "mode": document["mode"],
        "within": document["rules"]["within"],
        "status": document["status"],
        "is_verified": found.ok,
        "n_violations": len(found.violations),
        "verdict_zh": verdict.word_zh,
        "verdict_en": verdict.word_en,
        **measure_proposal(dataset, document, policy),
    }


def comparison_lines(comparison: Mapping[str, Any]) -> list[Sentence]:
    """The comparison in words, a paragraph for each proposal.

    Parameters
    ----------
    comparison
        As of :func:`make_proposals`.
    """
    lines = []
    for row in comparison["proposals"]:
        verdict = (row["verdict_zh"], row["verdict_en"])
        before, after = (_share(row, moment) for moment in ("before", "after"))
        lines.append(
            Sentence(
                f"{row['name_zh']} ({row['file']}): {verdict[0]}; {row['areas']} 个片区, "
                f"规模在范围内 {row['areas_inside_window']}/{row['areas']}; 被带入 {row['households_led']:,} 户, "
                f"在片区而无牵头 {row['households_unled']:,} 户, 未划入 {row['households_left_over']:,} 户; "
                f"步行平均 {_metres(row['walk_mean_m'])}, 90% 在 {_metres(row['walk_p90_m'])} 内; "
                f"节省岗位 {row['posts_saved']:,}, 成本 {row['cost_yuan_year'] / 10_000:,.0f} 万元/年; "
                f"专业化覆盖 (按个数) {before} → {after} (测算)",
                f"{row['name_en']} ({row['file']}): {verdict[1]}; {row['areas']} areas, "
                f"{row['areas_inside_window']} of them inside the window; {row['households_led']:,} households led, "
                f"{row['households_unled']:,} without a leader, {row['households_left_over']:,} in no area; "
                f"walks {_metres(row['walk_mean_m'])} on average, 90 % within {_metres(row['walk_p90_m'])}; "
                f"{row['posts_saved']:,} posts saved, cost {row['cost_yuan_year']:,} yuan a year; "
                f"professional coverage (by number) {before} -> {after} (projected)",
            )
        )
    return [*lines, *(Sentence(row["zh"], row["en"]) for row in comparison["left_out"])]


def _share(row: Mapping[str, Any], moment: str) -> str:
    """Coverage by number on the current roster."""
    for figure in row["coverage"]:
        if (figure["moment"], figure["basis"], figure["roster"]) == (moment, "count", "current"):
            return "–" if figure["value"] is None else f"{figure['value']:.2%}"
    return "–"


def _metres(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f} m"
