"""The command line `pianqu`: reads options, calls one service, writes one answer."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from app.cli.arguments import AsJson, Folder, NamesFile, PolicyFile
from app.cli.backup import backup, restore
from app.cli.charging import charging_cli
from app.cli.console import print_json, print_text
from app.cli.data import check, demo, fetch, graph, import_, osm, template
from app.cli.export import export, import_plan, replay, verify_export
from app.cli.install import check_machine, print_version, warm_up
from app.cli.outputs import check_output, exit_if_unwritten
from app.cli.override import override_cli
from app.cli.plan import compare, explain, plan, propose, repair, solve, verify
from app.cli.user import user_cli
from app.i18n import say
from geo.errors import PlanningError
from geo.storage.disk_errors import disk_error, memory_error

logger = logging.getLogger(__name__)

cli = typer.Typer(
    name="pianqu",
    help="片区规划: 把老旧小区和单体楼编成连片服务区。\n\n"
    "Bundles old communities and single buildings into contiguous service areas.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@cli.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=print_version, is_eager=True, help="版本 / print the version")
    ] = False,
) -> None:
    """Options of the program itself."""


policy_cli = typer.Typer(help="规划参数文件 / policy files", no_args_is_help=True)
cli.add_typer(policy_cli, name="policy")
roster_cli = typer.Typer(help="冻结的名册 / frozen rosters", no_args_is_help=True)
cli.add_typer(roster_cli, name="roster")
cli.add_typer(charging_cli, name="charging")
cli.add_typer(override_cli, name="override")
cli.add_typer(user_cli, name="user")


def main() -> None:
    """Run the command line; a PlanningError becomes sentences on stderr and exit code 2."""
    logging.basicConfig(level=os.environ.get("PIANQU_LOG", "WARNING"), stream=sys.stderr)
    for stream in (sys.stdout, sys.stderr):  # Chinese on consoles that default to another encoding
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        cli()
    except PlanningError as error:
        typer.echo(f"错误: {error.zh}\nError: {error.en}", err=True)
        raise SystemExit(2) from None
    except KeyboardInterrupt:
        typer.echo(
            "已中断; 没有写到一半的结果: 原有内容完整。\n"
            "Interrupted; nothing is half written, what was there is whole.",
            err=True,
        )
        raise SystemExit(130) from None
    except Exception as error:
        logger.debug("unexpected error", exc_info=True)
        if os.environ.get("PIANQU_DEBUG"):
            raise
        if (explained := disk_error(error, is_write=False) or memory_error(error)) is not None:
            typer.echo(f"错误: {explained.zh}\nError: {explained.en}", err=True)
            raise SystemExit(2) from None
        typer.echo(
            f"意外错误 {type(error).__name__}: {error}。请把这句话和所用文件发给维护者; "
            "设 PIANQU_DEBUG=1 可看详情。\n"
            f"Unexpected {type(error).__name__}: {error}. Please report this sentence with the "
            "file used; PIANQU_DEBUG=1 shows details.",
            err=True,
        )
        raise SystemExit(2) from None


cli.command()(demo)
cli.command("import")(import_)
for command in (template, osm, fetch, check, graph, plan, propose, solve, verify, explain, compare, repair):
    cli.command()(command)


@roster_cli.command("freeze")
def roster_freeze(
    folder: Folder, name: Annotated[str, typer.Argument(metavar="NAME", help="名册名称 / name, e.g. baseline")]
) -> None:
    """冻结现有单元名册, 作为以后各率的分母。 Freeze the roster that later rates are held against."""
    from geo.storage.dataset import freeze_roster, open_dataset

    dataset = freeze_roster(open_dataset(folder), name)
    count = len(dataset.roster(name))
    print_text(f"名册“{name}”已冻结: {count} 个单元。 Roster '{name}' frozen: {count} units.")


@cli.command()
def snapshot(
    folder: Folder,
    month: Annotated[str, typer.Argument(metavar="MONTH", help="月份 / month, e.g. 2026-06")],
    lock: Annotated[bool, typer.Option("--lock", help="锁定本月 / lock the month")] = False,
    reason: Annotated[str | None, typer.Option(help="修订已锁定月份的原因 / why a locked month is revised")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="月度表与通报 .xlsx .txt / table and bulletin")
    ] = None,
    policy: PolicyFile = None,
    as_json: AsJson = False,
) -> None:
    """留存一个月, 与上次对比, 拟通报要点。 Keep a month, compare it, draft the bulletin."""
    from dataclasses import asdict

    from app.indicators.snapshots import take_snapshot, write_month
    from app.workbench.policies import resolve_folder_rules

    check_output(out, "--out", (".xlsx", ".txt"), inputs=(policy,))
    rules = resolve_folder_rules(folder, policy).policy
    found = take_snapshot(folder, month, rules, lock=lock, reason=reason)
    if out is not None:
        told_zh, told_en = say("cli.month_kept", roster=found.roster)
        with exit_if_unwritten(told_zh, told_en):
            write_month(out, found, rules)
    if as_json:
        print_json(asdict(found))
        return
    state = "已锁定 locked" if found.locked else "未锁定 open"
    against = found.compared_with or "无 (首次) none"
    print_text(f"{found.roster} {state}; 对比 compared with: {against}")
    for line in found.bulletin:
        print_text(f"- {line}")
    for change in found.diff.suspicious[:40] if found.diff else ():
        print_text(f"! {change.name} ({change.unit_id}) {change.column}: {change.before} → {change.after}")


@cli.command()
def indicators(
    folder: Folder,
    plan_file: Annotated[Path | None, typer.Option("--plan", metavar="PLAN.json", help="方案 / a plan")] = None,
    by: Annotated[
        Literal["city", "district", "street", "neighbourhood", "all"], typer.Option(help="层级 / level")
    ] = "city",
    year: Annotated[int | None, typer.Option(min=2000, max=2100, help="目标年份 / year of the targets")] = None,
    basis: Annotated[Literal["count", "households", "floor_area"], typer.Option(help="口径 / what counts")] = "count",
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help=".xlsx .json .csv")] = None,
    policy: PolicyFile = None,
    as_json: AsJson = False,
) -> None:
    """计算行动方案的指标。 The scorecard of the action plan."""
    from analysis.bundling.verify.verify import require_same_planning
    from app.cli.answers import print_findings
    from app.indicators.figures import ALL_LEVELS, make_scorecard, scorecard_document, scorecard_lines, write_scorecard
    from app.workbench.plans_on_disk import read_plan
    from app.workbench.policies import resolve_rules
    from geo.storage.dataset import open_dataset

    check_output(out, "--out", (".xlsx", ".json", ".csv"), inputs=(plan_file, policy))
    dataset = open_dataset(folder)
    plan = None if plan_file is None else read_plan(plan_file)
    if plan is not None:
        require_same_planning(dataset, plan)
    card = make_scorecard(
        dataset,
        resolve_rules(dataset, policy).policy,
        levels=ALL_LEVELS if by == "all" else (by,),
        basis=basis,
        year=year,
        plan=plan,
    )
    if out is not None:
        write_scorecard(out, card)
    if as_json:
        print_json(scorecard_document(card))
    else:
        print_findings(card.findings)
        lines = scorecard_lines(card) if out is None else [f"{len(card.figures)} 项 figures → {out}"]
        print_text("\n".join(lines))


cli.command()(export)
for named, written in (("import-plan", import_plan), ("verify-export", verify_export), ("replay", replay)):
    cli.command(named, help=str(written.__doc__).partition("\n")[0])(written)


@policy_cli.command("template")
def policy_template(
    out: Annotated[Path, typer.Option("--out", metavar="FILE.toml", help="参数模板 / values to fill in")],
    city: Annotated[str, typer.Option("--city", metavar="NAME", help="城市名称 / name of the city")] = "",
    names_out: Annotated[
        Path | None, typer.Option("--names-out", metavar="FILE.toml", help="另写出地名模板 / names to fill in, too")
    ] = None,
) -> None:
    """写出通用参数模板, 改成本市的数。 The neutral template of planning values, to put a city's own in."""
    from app.workbench.policies import TEMPLATE_NAMES, fill_template
    from geo.storage.atomic_files import atomic_write
    from geo.storage.disk_errors import explain_disk_errors

    texts = {out: fill_template(city)}
    if names_out is not None:
        texts[names_out] = TEMPLATE_NAMES.read_text(encoding="utf-8")
    for path, text in texts.items():
        check_output(path, "--out" if path == out else "--names-out", (".toml",))
        with explain_disk_errors(path):
            atomic_write(path, text.encode("utf-8"))
        print_text(f"→ {path}")


@policy_cli.command("check")
def policy_check(
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="参数文件 / policy file")] = None,
) -> None:
    """检查规划参数文件。 Validate a policy file."""
    from analysis.policy import read_policy
    from analysis.studies.policy_check import check_policy
    from app.cli.answers import print_findings

    policy = read_policy(file)
    for entry in policy.entries.values():
        print_text(f"[{entry.source}] {entry.key} = {entry.value} {entry.unit}  {entry.label_zh}")
    faults = check_policy(policy)
    print_findings(faults)
    verdict = f"{len(faults)} 处错误 faults" if faults else "有效 valid"
    count = len(policy.entries)
    print_text(f"{policy.name}: {count} 个参数 entries, {verdict}, sha256 {policy.sha256[:12]}")
    if faults:
        raise typer.Exit(1)


@cli.command()
def serve(
    data: Annotated[Path, typer.Option("--data", help="数据集 / dataset folder")] = Path("data/processed/demo"),
    plan_file: Annotated[Path | None, typer.Option("--plan", help="方案 / plan file")] = None,
    store: Annotated[
        str | None,
        typer.Option(
            "--store",
            metavar="URL",
            envvar="PIANQU_STORE_URL",
            show_envvar=False,
            help="方案库, 默认为数据集旁的 SQLite 文件 / store of plans [PIANQU_STORE_URL]",
        ),
    ] = None,
    host: Annotated[str, typer.Option(help="地址 / address")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="端口 / port")] = 8050,
    policy: PolicyFile = None,
    names: NamesFile = None,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="只看, 不改动数据和方案 / show, change neither data nor plans")
    ] = False,
    https: Annotated[
        bool, typer.Option("--https", help="前面有提供 HTTPS 的反向代理 / a reverse proxy before it speaks HTTPS")
    ] = False,
) -> None:
    """打开工作台。 Serve the workbench."""
    from app.web.main import serve as serve_app

    logging.getLogger().setLevel(logging.INFO)
    print_text(f"工作台 workbench: http://{host}:{port}  (Ctrl+C 结束 ends)")
    options: dict[str, Any] = {"read_only": read_only, "policy": policy, "names": names, "is_https": https}
    serve_app(data, plan_file, host=host, port=port, store_url=store, **options)


cli.command("doctor")(check_machine)
cli.command("warm-up")(warm_up)
cli.command()(backup)
cli.command()(restore)
