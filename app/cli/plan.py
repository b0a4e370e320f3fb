"""The commands about plans: made, verified, explained, compared, repaired; and the bare solver."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from app.cli.arguments import AsJson, Folder, PlanFile, PolicyFile
from app.cli.console import (
    advice_lines,
    bound_lines,
    note_lines,
    plan_sentence,
    plan_summary,
    print_json,
    print_text,
    progress_bar,
    verdict_lines,
    verdict_summary,
)
from app.cli.interrupts import stop_on_interrupt
from app.cli.outputs import check_output

Gap = Annotated[
    float | None,
    typer.Option(
        min=0,
        max=1,
        help="差距(比例, 如 0.01): 与搜索前所得下界相差不超过此比例即结束, 默认不设 / "
        "end within this share of the bounds made before the search, 0.01 for instance [none]",
    ),
]


def plan(
    folder: Folder,
    out: Annotated[Path, typer.Option("--out", metavar="PLAN.json", help="方案文件 / plan file")],
    mode: Annotated[Literal["lead", "whole", "mixed"] | None, typer.Option(help="模式 / mode")] = None,
    scope: Annotated[Literal["targets", "all"] | None, typer.Option(help="范围 / scope")] = None,
    within: Annotated[
        Literal["street", "neighbourhood", "none"] | None, typer.Option(help="不得跨越 / the wall")
    ] = None,
    street: Annotated[list[str] | None, typer.Option(help="街道代码 / street codes")] = None,
    weight: Annotated[
        Literal["households", "floor_area"] | None, typer.Option(help="规模指标 / size of an area")
    ] = None,
    lower: Annotated[int | None, typer.Option(help="规模下限 / least")] = None,
    upper: Annotated[int | None, typer.Option(help="规模上限 / most")] = None,
    bound: Annotated[
        list[str] | None,
        typer.Option(
            "--bound",
            metavar="NAME=MIN:MAX",
            help="更多规模限制(无牵头片区), 可多次: members=3:12, floor_area=:300000, households=500: ; "
            "members 单元数, floor_area ㎡, households 户 / further hard bounds of areas without an "
            "anchor, repeatable; either side may be empty",
        ),
    ] = None,
    seconds: Annotated[float | None, typer.Option(min=0, help="用时(秒) / search time")] = None,
    rounds: Annotated[int | None, typer.Option(min=0, help="轮数 / rounds of search")] = None,
    gap: Gap = None,
    company_limit: Annotated[
        bool | None,
        typer.Option(
            "--company-limit/--no-company-limit",
            help="是否核对企业承接上限(R15), 默认按规划参数 / hold companies to what they may take on [policy]",
        ),
    ] = None,
    objective: Annotated[
        str | None,
        typer.Option(
            help="目标: walking 步行, compact 边界紧凑(对数), border 边界短(米), staffing 用人, "
            "closeness 与 --start 接近, preferences 优选条件(以新带旧等), areas 片区数; 按次序 walking,compact "
            "或带权重 walking=1,closeness=200; 未划入户数总在最前 / "
            "objectives in order, or weighted; households left over come first"
        ),
    ] = None,
    opening: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="每开设一个片区(牵头小区)相当于多少户·米, 默认按规划参数 / household-metres that opening an "
            "area or its anchor costs [policy]",
        ),
    ] = None,
    areas: Annotated[
        int | None, typer.Option(min=1, help="片区个数(--mode whole), 默认不限 / number of areas [any]")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="随机种子 / random seed")] = 0,
    lock: Annotated[Path | None, typer.Option("--lock", metavar="FILE", help="锁定文件 / what is settled")] = None,
    start: Annotated[
        Path | None,
        typer.Option("--start", "--from", metavar="PLAN.json", help="从现有方案出发 / a plan to start from"),
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="并行数, 默认全部核 / parts at a time, all cores")] = None,
    method: Annotated[
        Literal["search", "least_change", "nearest_anchor", "constrained_clustering"],
        typer.Option(
            help="方法: search 优化搜索; least_change 由 --start 改动最少, 不按目标优化; 后两种只供比较 / "
            "least_change moves as few units of --start as the rules allow and heeds no objective; "
            "the last two are for comparison only"
        ),
    ] = "search",
    author: Annotated[
        str,
        typer.Option(
            "--author",
            metavar="NAME",
            help="由谁选定与政策不同的规则, 记入方案 / who chooses what differs from the policy; kept in the plan",
        ),
    ] = "",
    policy: PolicyFile = None,
    as_json: AsJson = False,
) -> None:
    """提出片区方案。 Propose areas."""
    from analysis.bundling.verify.verify import verify_plan
    from app.planning.run import PlanOptions, make_plan
    from app.workbench.plans_on_disk import write_plan
    from app.workbench.policies import check_policy_covers_data, resolve_folder_rules
    from geo.dataset import open_dataset

    check_output(out, "--out", inputs=(lock, policy))
    options = PlanOptions(
        mode=mode,
        scope=scope,
        within=within,
        streets=tuple(street or ()),
        weight=weight,
        lower=lower,
        upper=upper,
        company_limit=company_limit,
        objective=objective,
        opening=opening,
        areas=areas,
        bounds=None if bound is None else tuple(bound),
        seconds=seconds,
        rounds=rounds,
        gap=gap,
        seed=seed,
        lock_file=lock,
        start=start,
        method=method,
        workers=workers,
        by=author,
    )
    rules = resolve_folder_rules(folder, policy)
    with stop_on_interrupt() as is_asked, progress_bar("优化 search") as tell:
        document = make_plan(
            folder, rules.policy, options, on_progress=lambda news: tell(news.share, news.phase), when=is_asked
        )
        write_plan(out, document)
    dataset = open_dataset(folder)
    found = verify_plan(dataset, document, resolve_folder_rules(folder).policy)
    if as_json:
        print_json({**plan_summary(document), **verdict_summary(found), "policy": rules.record})
    else:
        for line in (
            plan_sentence(document, out, found),
            *verdict_lines(found),
            *rules.lines,
            *bound_lines(document, found),
            *note_lines(document),
            *advice_lines(document),
            *(check_policy_covers_data(rules, dataset) or ()),
        ):
            print_text(line)
    if document["status"] == "infeasible":
        raise typer.Exit(1)


def solve(
    instance: Annotated[Path, typer.Argument(metavar="INSTANCE.npz", help="算例 / instance")],
    out: Annotated[Path, typer.Option("--out", metavar="OUT.json", help="结果 / assignment")],
    seconds: Annotated[float | None, typer.Option(min=0, help="用时(秒) / search time")] = None,
    rounds: Annotated[int | None, typer.Option(min=0, help="轮数 / rounds of search")] = None,
    gap: Gap = None,
    seed: Annotated[int, typer.Option(min=0, help="随机种子 / random seed")] = 0,
    workers: Annotated[int | None, typer.Option(min=1, help="并行数, 默认全部核 / parts at a time, all cores")] = None,
    as_json: AsJson = False,
) -> None:
    """直接求解标准算例, 给出界。 Solve a benchmark instance, with a bound."""
    from app.planning.benchmark import infeasible_lines, solve_file, write_assignment
    from app.planning.run import count_cores

    check_output(out, "--out", inputs=(instance,))
    if seconds is None and rounds is None:
        seconds = 60.0
    with stop_on_interrupt() as is_asked, progress_bar("优化 search") as tell:
        document = solve_file(
            instance,
            seconds=seconds,
            rounds=rounds,
            gap=gap,
            seed=seed,
            workers=workers or count_cores(),
            on_progress=tell,
            when=is_asked,
        )
        write_assignment(out, document)
    figures = {key: value for key, value in document.items() if key != "assignment"}
    if as_json:
        print_json(figures)
    else:
        print_text(
            f"目标 objective {document['objective']:,.2f}, 下界 bound {document['bound']:,.2f}, "
            f"{document['status']}; {document['method']} → {out}"
        )
    if document["status"] == "infeasible":
        typer.echo("\n".join(infeasible_lines(document)), err=True)
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
    from analysis.bundling.verify.verification import verification_document
    from analysis.bundling.verify.verify import verify_plan
    from app.workbench.plans_on_disk import read_plan
    from app.workbench.policies import resolve_rules
    from geo.dataset import open_dataset

    dataset = open_dataset(folder)
    rules = resolve_rules(dataset, policy)
    found = verify_plan(dataset, read_plan(plan_file), rules.policy, allow=allow or ())
    if as_json:
        print_json(verification_document(found))
    else:
        print_text("\n".join((*verdict_lines(found), *rules.lines)))
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
    from geo.dataset import open_dataset

    account = explain_document(open_dataset(folder), read_plan(plan_file), unit)
    print_json(account_document(account)) if as_json else print_text("\n".join(account_lines(account)))


def compare(
    folder: Folder,
    a: Annotated[Path, typer.Argument(metavar="A.json", help="原方案 / the plan before")],
    b: Annotated[Path, typer.Argument(metavar="B.json", help="新方案 / the plan after")],
    as_json: AsJson = False,
) -> None:
    """两个方案: 谁换了片区, 谁得谁失。 Two plans: what moved, who gains, who loses."""
    from app.planning.compare import compare_documents, comparison_document, comparison_lines
    from app.workbench.plans_on_disk import read_plan
    from geo.dataset import open_dataset

    found = compare_documents(open_dataset(folder), read_plan(a), read_plan(b))
    print_json(comparison_document(found)) if as_json else print_text("\n".join(comparison_lines(found)))


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
    from geo.dataset import open_dataset

    check_output(out, "--out", inputs=(lock,))
    dataset, before = open_dataset(folder), read_plan(plan_file)
    document, preview = repair_document(dataset, before, locks=read_all_locks(dataset, before, lock), seconds=seconds)
    if out is not None:
        write_plan(out, document)
    print_json(preview) if as_json else print_text("\n".join(preview_lines(preview)))
    if preview["unmet"]:
        raise typer.Exit(1)
