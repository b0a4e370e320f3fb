"""The command line `pianqu`: reads options, calls one service, writes one answer."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.exceptions import TyperException

from app.cli.backup import backup, restore
from app.cli.base.arguments import AsJson, Folder, NamesFile, PolicyFile
from app.cli.base.console import choose_language, print_json, read_language, speak, tell
from app.cli.base.help import Command, Group, Language, add_language
from app.cli.base.logs import begin_serving, keep_log
from app.cli.base.outputs import check_output, exit_if_unwritten
from app.cli.base.usage import tell_usage_error
from app.cli.charging import charging_sites
from app.cli.completion import write_completion
from app.cli.data import check, demo, fetch, graph, import_, osm, template
from app.cli.export import export, import_plan, replay, schema, verify_export
from app.cli.install import check_machine, print_version, warm_up
from app.cli.override import OVERRIDE_HELP, add, list_, remove
from app.cli.plan import compare, explain, plan, propose, repair, solve, verify
from app.cli.region import define, demo_region, run, show
from app.cli.user import add_user, change_password, disable_user, list_users, make_token
from app.i18n import LANGUAGES, say
from app.settings import HOST, LOOPBACK, PORT
from app.settings_file import use_settings
from geo.errors import PlanningError
from geo.messages import Sentence
from geo.storage.disk_errors import disk_error, memory_error

logger = logging.getLogger(__name__)

DATA, PLANS = "数据 / Data", "方案 / Plans"
FIGURES, FILES = "指标与研究 / Indicators and studies", "成果文件 / Files for others"
OFFICE = "运行 / Running it in an office"

cli = typer.Typer(
    name="pianqu",
    cls=Group,
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
    lang: Language = None,
) -> None:
    """Options of the program itself."""


def _add(group: typer.Typer, name: str, command: Callable[..., None], panel: str | None = None) -> None:
    """Put a command on the command line, with `--lang`."""
    about = str(command.__doc__).partition("\n\n    Parameters")[0]
    group.command(name, cls=Command, rich_help_panel=panel, help=about)(add_language(command))


def main() -> None:
    """Run the command line; a PlanningError becomes sentences on stderr and exit code 2."""
    for stream in (sys.stdout, sys.stderr):  # Chinese on consoles that default to another encoding
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    with speak(None):
        code = _run()
    raise SystemExit(code)


def _run() -> int:
    """The exit code of what is asked for; whatever goes wrong is told."""
    try:
        with use_settings(os.environ, Path.cwd()), keep_log(os.environ):
            if (language := os.environ.get("PIANQU_LANG", "").strip()) in LANGUAGES:
                choose_language(language)
            return _run_command()
    except PlanningError as error:
        tell(say("cli.error", text=error), is_error=True)
        return 2


def _run_command() -> int:
    try:
        ended = cli(standalone_mode=False)
        return ended if isinstance(ended, int) else 0
    except TyperException as error:
        tell_usage_error(error)
        return 2
    except (KeyboardInterrupt, typer.Abort):
        tell(say("cli.interrupted"), is_error=True)
        return 130
    except PlanningError as error:
        logger.info("refused: %s", error.en)
        raise
    except Exception as error:
        logger.info("unexpected error", exc_info=True)
        if os.environ.get("PIANQU_DEBUG"):
            raise
        if (explained := disk_error(error, is_write=False) or memory_error(error)) is not None:
            raise explained from error
        tell(say("cli.unexpected", kind=type(error).__name__, error=error), is_error=True)
        return 2


def roster_freeze(
    folder: Folder,
    name: Annotated[str, typer.Argument(metavar="NAME", help="名册名称 / name, e.g. baseline")],
    as_json: AsJson = False,
) -> None:
    """冻结现有单元名册, 作为以后各率的分母。 Freeze the roster that later rates are held against."""
    from geo.storage.dataset import freeze_roster, open_dataset

    dataset = freeze_roster(open_dataset(folder), name)
    count = len(dataset.roster(name))
    if as_json:
        print_json({"roster": name, "units": count})
    else:
        tell(say("cli.roster_frozen", name=name, n=count))


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
    state = say("cli.locked" if found.locked else "cli.unlocked")
    tell(say("cli.month", roster=found.roster, state=state, against=found.compared_with or say("cli.first_month")))
    tell(*(f"- {line}" for line in found.bulletin))
    for change in found.diff.suspicious[:40] if found.diff else ():
        tell(f"! {change.name} ({change.unit_id}) {change.column}: {change.before} → {change.after}")


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
        tell(*(scorecard_lines(card) if out is None else [say("cli.n_figures", n=len(card.figures), out=out)]))


def policy_template(
    out: Annotated[Path, typer.Option("--out", metavar="FILE.toml", help="参数模板 / values to fill in")],
    city: Annotated[str, typer.Option("--city", metavar="NAME", help="城市名称 / name of the city")] = "",
    names_out: Annotated[
        Path | None, typer.Option("--names-out", metavar="FILE.toml", help="另写出地名模板 / names to fill in, too")
    ] = None,
    as_json: AsJson = False,
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
    if as_json:
        print_json({"files": [str(path) for path in texts]})
    else:
        tell(*(f"→ {path}" for path in texts))


def policy_check(
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="参数文件 / policy file")] = None,
    as_json: AsJson = False,
) -> None:
    """检查规划参数文件。 Validate a policy file."""
    from analysis.policy import read_policy
    from analysis.studies.policy_check import check_policy
    from app.cli.answers import print_findings

    policy = read_policy(file)
    faults = check_policy(policy)
    if as_json:
        entries = [vars(entry) for entry in policy.entries.values()]
        rows = [vars(fault) for fault in faults]
        print_json({"ok": not faults, "name": policy.name, "sha256": policy.sha256, "entries": entries, "faults": rows})
    else:
        for entry in policy.entries.values():
            head = f"[{entry.source}] {entry.key} = {entry.value} {entry.unit}  "
            tell(head + Sentence(entry.label_zh, entry.label_en).pick(read_language() or "zh"))
        print_findings(faults)
        verdict = say("cli.n_faults", n=len(faults)) if faults else say("cli.valid")
        told = {"name": policy.name, "n": len(policy.entries), "sha": policy.sha256[:12]}
        tell(say("cli.policy_checked", verdict=verdict, **told))
    if faults:
        raise typer.Exit(1)


def serve(
    data: Annotated[
        Path, typer.Option("--data", envvar="PIANQU_DATA", show_envvar=False, help="数据集 / dataset folder")
    ] = Path("data/processed/demo"),
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
    host: Annotated[str, typer.Option(envvar="PIANQU_HOST", show_envvar=False, help="地址 / address")] = HOST,
    port: Annotated[
        int, typer.Option(min=1, max=65535, envvar="PIANQU_PORT", show_envvar=False, help="端口 / port")
    ] = PORT,
    policy: PolicyFile = None,
    names: NamesFile = None,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="只看, 不改动数据和方案 / show, change neither data nor plans")
    ] = False,
    https: Annotated[
        bool, typer.Option("--https", help="前面有提供 HTTPS 的反向代理 / a reverse proxy before it speaks HTTPS")
    ] = False,
    log_format: Annotated[
        Literal["json", "text"] | None,
        typer.Option(
            "--log-format",
            envvar="PIANQU_LOG_FORMAT",
            show_envvar=False,
            help="日志格式, 供他人使用时默认 json / of the log; json where others reach the server",
        ),
    ] = None,
) -> None:
    """打开工作台。 Serve the workbench."""
    from app.web.main import serve as serve_app

    begin_serving(log_format, is_shared=https or host not in LOOPBACK)
    tell(say("cli.serving", host=host, port=port))
    options: dict[str, Any] = {"read_only": read_only, "policy": policy, "names": names, "is_https": https}
    serve_app(data, plan_file, host=host, port=port, store_url=store, **options)


_PANELS: dict[str, dict[str, Callable[..., None]]] = {
    DATA: {
        "demo": demo,
        "import": import_,
        "template": template,
        "osm": osm,
        "fetch": fetch,
        "check": check,
        "graph": graph,
    },
    PLANS: {
        "plan": plan,
        "propose": propose,
        "verify": verify,
        "explain": explain,
        "compare": compare,
        "repair": repair,
        "solve": solve,
    },
    FIGURES: {"indicators": indicators, "snapshot": snapshot},
    FILES: {
        "export": export,
        "import-plan": import_plan,
        "verify-export": verify_export,
        "replay": replay,
        "schema": schema,
    },
    OFFICE: {
        "serve": serve,
        "backup": backup,
        "restore": restore,
        "doctor": check_machine,
        "warm-up": warm_up,
        "completion": write_completion,
    },
}
for _panel, _commands in _PANELS.items():
    for _name, _command in _commands.items():
        _add(cli, _name, _command, _panel)
_GROUPS: dict[tuple[str, str, str], dict[str, Callable[..., None]]] = {
    ("override", OVERRIDE_HELP, DATA): {"add": add, "list": list_, "remove": remove},
    ("region", "许多分区一起, 本机或集群 / a region of many districts, here or on a cluster", PLANS): {
        "demo": demo_region,
        "define": define,
        "run": run,
        "show": show,
    },
    ("roster", "冻结的名册 / frozen rosters", FIGURES): {"freeze": roster_freeze},
    ("charging", "电动自行车充电 / charging of electric bicycles", FIGURES): {"sites": charging_sites},
    ("user", "账号 / accounts of an office", OFFICE): {
        "add": add_user,
        "list": list_users,
        "password": change_password,
        "disable": disable_user,
        "token": make_token,
    },
    ("policy", "规划参数文件 / policy files", OFFICE): {"template": policy_template, "check": policy_check},
}
for (_name, _about, _panel), _commands in _GROUPS.items():
    _group_of = typer.Typer(cls=Group, help=_about, no_args_is_help=True)
    cli.add_typer(_group_of, name=_name, rich_help_panel=_panel)
    for _part, _command in _commands.items():
        _add(_group_of, _part, _command)
