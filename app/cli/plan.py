"""The commands about plans: made, verified, explained, compared, repaired; and the bare solver."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.base.arguments import AsJson, Folder, PlanFile, PolicyFile, takes_options
from app.cli.base.console import print_json, progress_bar, tell
from app.cli.base.interrupts import stop_on_interrupt
from app.cli.base.outputs import check_output
from app.i18n import say
from app.planning.options import OPTIONS, PlanOptions
from app.planning.run_clock import RunClock


@takes_options(*(one.name for one in OPTIONS))
def plan(
    folder: Folder,
    out: Annotated[Path, typer.Option("--out", metavar="PLAN.json", help="方案文件 / plan file")],
    policy: PolicyFile = None,
    as_json: AsJson = False,
    **chosen: Any,
) -> None:
    """提出片区方案。 Propose areas."""
    clock = RunClock()  # what is imported now is waited for, too
    from app.cli.answers import (
        advice_lines,
        bound_lines,
        clock_lines,
        note_lines,
        plan_sentence,
        plan_summary,
        verdict_lines,
        verdict_summary,
    )
    from app.planning.run import make_checked_plan
    from app.workbench.plans_on_disk import write_plan
    from app.workbench.policies import check_policy_covers_data, resolve_folder_rules
    from geo.storage.dataset import open_dataset

    options = PlanOptions(**chosen)
    check_output(out, "--out", inputs=(options.lock_file, policy))
    rules = resolve_folder_rules(folder, policy)
    with stop_on_interrupt() as is_asked, progress_bar(say("cli.search_label")) as show:
        made = make_checked_plan(
            folder,
            rules.policy,
            options,
            judge=resolve_folder_rules(folder).policy,
            on_progress=lambda news: show(news.share, news.phase),
            when=is_asked,
            clock=clock,
        )
        document, found = made.document, made.found
        write_plan(out, document)
    dataset = open_dataset(folder)
    if as_json:
        print_json({**plan_summary(document), **verdict_summary(found), "policy": rules.record})
    else:
        tell(
            plan_sentence(document, out, found),
            *verdict_lines(found),
            rules.sentence,
            *bound_lines(document, found),
            *note_lines(document),
            *advice_lines(document),
            *filter(None, [check_policy_covers_data(rules, dataset)]),
            *clock_lines(document),
        )
    if document["status"] == "infeasible":
        raise typer.Exit(1)


@takes_options("seconds", "rounds", "seed", "workers")
def propose(
    folder: Folder,
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="三个方案和对比存放的文件夹 / folder")],
    is_curve: Annotated[
        bool,
        typer.Option(
            "--curve",
            help="改为从“多而近”到“少而大”的一组方案, 看取舍 / plans from many and near to few and large instead",
        ),
    ] = False,
    policy: PolicyFile = None,
    as_json: AsJson = False,
    **chosen: Any,
) -> None:
    """一次提出三个方案并对比: 社区级、街道级、无牵头。 Three proposals, compared."""
    clock = RunClock()
    from app.cli.base.outputs import check_output_folder
    from app.planning.proposals import comparison_lines, make_curve, make_proposals
    from app.workbench.policies import resolve_folder_rules

    check_output_folder(out, "--out")
    rules = resolve_folder_rules(folder, policy)
    if chosen["seconds"] is None and chosen["rounds"] is None:
        chosen["seconds"] = 3 * float(rules.policy.value("search.seconds"))
    out.mkdir(parents=True, exist_ok=True)
    with stop_on_interrupt() as is_asked, progress_bar(say("cli.search_label")) as show:
        make = make_curve if is_curve else make_proposals
        comparison = make(folder, rules.policy, out, on_progress=show, when=is_asked, clock=clock, **chosen)
    print_json(comparison) if as_json else tell(*comparison_lines(comparison), rules.sentence)
    if not all(row["is_verified"] for row in comparison["proposals"]):
        raise typer.Exit(1)


@takes_options("seconds", "rounds", "gap", "seed", "workers")
def solve(
    instance: Annotated[Path, typer.Argument(metavar="INSTANCE.npz", help="算例 / instance")],
    out: Annotated[Path, typer.Option("--out", metavar="OUT.json", help="结果 / assignment")],
    trace: Annotated[
        Path | None,
        typer.Option(
            "--trace",
            metavar="TRACE.csv",
            help="另写: 求解过程中目标和界的变化 / also write objective and bound over the search",
        ),
    ] = None,
    as_json: AsJson = False,
    **chosen: Any,
) -> None:
    """直接求解标准算例, 给出界。 Solve a benchmark instance, with a bound."""
    from app.jobs.cores import count_cores
    from app.planning.benchmark import infeasible_lines, solve_file, write_assignment

    check_output(out, "--out", inputs=(instance,))
    check_output(trace, "--trace", (".csv",), inputs=(instance, out))
    if chosen["seconds"] is None and chosen["rounds"] is None:
        chosen["seconds"] = 60.0
    chosen["workers"] = chosen["workers"] or count_cores()
    with stop_on_interrupt() as is_asked, progress_bar(say("cli.search_label")) as show:
        document = solve_file(instance, on_progress=show, when=is_asked, trace=trace, **chosen)
        write_assignment(out, document)
    figures = {key: value for key, value in document.items() if key != "assignment"}
    if as_json:
        print_json(figures)
    else:
        tell(say("cli.solved", **document, out=out))
    if document["status"] == "infeasible":
        tell(*infeasible_lines(document), is_error=True)
        raise typer.Exit(1)


def verify(
    folder: Folder,
    plan_file: PlanFile,
    allow: Annotated[
        list[str] | None,
        typer.Option(
            "--allow",
            metavar="RULE",
            help="允许方案在此规则上与政策参数不同, 可多次 / let the plan differ from the policy in this "
            "rule, repeatable",
        ),
    ] = None,
    policy: PolicyFile = None,
    as_json: AsJson = False,
) -> None:
    """独立核验方案, 逐条规则。 Check a plan independently, rule by rule."""
    from analysis.bundling.verify.base.verification import verification_document
    from analysis.bundling.verify.verify import verify_plan
    from app.cli.answers import rule_lines, verdict_lines
    from app.workbench.plans_on_disk import read_plan
    from app.workbench.policies import resolve_rules
    from geo.storage.dataset import open_dataset

    dataset = open_dataset(folder)
    rules = resolve_rules(dataset, policy)
    document = read_plan(plan_file)
    found = verify_plan(dataset, document, rules.policy, allow=allow or ())
    if as_json:
        print_json(verification_document(found))
    else:
        tell(*verdict_lines(found), *rule_lines(document, found, rules.policy), rules.sentence)
    if not found.ok:
        raise typer.Exit(1)


def explain(
    folder: Folder,
    plan_file: PlanFile,
    unit: Annotated[str, typer.Argument(metavar="UNIT", help="单元编号、名称或片区编号 / unit or area")],
    as_json: AsJson = False,
) -> None:
    """为什么在这里, 次优在哪里, 被什么阻挡。 Why a unit is here, the runner-up, what blocks it."""
    from app.planning.explain import account_document, account_lines, explain_document
    from app.workbench.plans_on_disk import read_plan
    from geo.storage.dataset import open_dataset

    account = explain_document(open_dataset(folder), read_plan(plan_file), unit)
    print_json(account_document(account)) if as_json else tell(*account_lines(account))


def compare(
    folder: Folder,
    a: Annotated[Path, typer.Argument(metavar="A.json", help="原方案 / the plan before")],
    b: Annotated[Path, typer.Argument(metavar="B.json", help="新方案 / the plan after")],
    as_json: AsJson = False,
) -> None:
    """两个方案: 谁换了片区, 谁得谁失。 Two plans: what moved, who gains, who loses."""
    from app.planning.compare import compare_documents, comparison_document, comparison_lines
    from app.workbench.plans_on_disk import read_plan
    from geo.storage.dataset import open_dataset

    found = compare_documents(open_dataset(folder), read_plan(a), read_plan(b))
    print_json(comparison_document(found)) if as_json else tell(*comparison_lines(found))


def repair(
    folder: Folder,
    plan_file: PlanFile,
    out: Annotated[Path | None, typer.Option("--out", metavar="PLAN2.json", help="写到 / repaired plan")] = None,
    lock: Annotated[Path | None, typer.Option("--lock", metavar="FILE", help="锁定文件 / what is settled")] = None,
    seconds: Annotated[float, typer.Option(min=0, help="用时(秒) / time to look")] = 1.0,
    as_json: AsJson = False,
) -> None:
    """以最小改动使方案重新符合规则; 不写 --out 只预览。 The smallest change that meets the rules again."""
    from app.planning.repair import preview_lines, repair_document
    from app.workbench.plans_on_disk import read_all_locks, read_plan, write_plan
    from geo.storage.dataset import open_dataset

    check_output(out, "--out", inputs=(lock,))
    dataset, before = open_dataset(folder), read_plan(plan_file)
    document, preview = repair_document(dataset, before, locks=read_all_locks(dataset, before, lock), seconds=seconds)
    if out is not None:
        write_plan(out, document)
    print_json(preview) if as_json else tell(*preview_lines(preview))
    if preview["unmet"]:
        raise typer.Exit(1)
