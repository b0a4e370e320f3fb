"""The command line `pianqu`: reads options, calls one service, writes one answer."""

from __future__ import annotations

import json
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from app.cli.arguments import AsJson, Folder, NamesFile, PlanFile, PolicyFile
from app.cli.backup import backup, restore
from app.cli.charging import charging_cli
from app.cli.console import layer_counts, print_findings, print_json, print_text, progress_bar
from app.cli.outputs import check_dataset_folder, check_output, check_output_folder, exit_if_unwritten
from app.cli.override import override_cli
from app.cli.plan import compare, explain, plan, repair, solve, verify
from geo.errors import PlanningError, UsageError
from geo.storage.atomic_files import atomic_write
from geo.storage.disk_errors import disk_error, explain_disk_errors, memory_error

if TYPE_CHECKING:
    from app.workbench.policies import RulesInForce

logger = logging.getLogger(__name__)

cli = typer.Typer(
    name="pianqu",
    help="片区规划: 把老旧小区和单体楼编成连片服务区。\n\n"
    "Bundles old communities and stray buildings into contiguous service areas.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
policy_cli = typer.Typer(help="规划参数文件 / policy files", no_args_is_help=True)
cli.add_typer(policy_cli, name="policy")
roster_cli = typer.Typer(help="冻结的名册 / frozen rosters", no_args_is_help=True)
cli.add_typer(roster_cli, name="roster")
cli.add_typer(charging_cli, name="charging")
cli.add_typer(override_cli, name="override")

Into = Annotated[Path, typer.Option("--into", metavar="DIR", help="写入的数据集 / dataset to fill")]


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


@cli.command()
def demo(
    into: Into,
    raw: Annotated[Path, typer.Option("--raw", help="原始文件写到 / folder for the raw files")],
    size: Annotated[Literal["small", "city"], typer.Option(help="规模 / size")] = "small",
    seed: Annotated[int, typer.Option(min=0, help="随机种子 / random seed")] = 0,
    policy: PolicyFile = None,
    names: NamesFile = None,
) -> None:
    """写出虚构城市的原始文件并导入。 Write the fictional city's raw files and import them."""
    from app.workbench.policies import resolve_folder_rules
    from geo.demo import build_demo

    check_dataset_folder(into)
    check_output_folder(raw, "--raw")
    rules = resolve_folder_rules(into, policy, names)
    with progress_bar("演示城市 demo city") as tell, explain_disk_errors(raw):
        dataset = build_demo(
            raw,
            into,
            size=size,
            seed=seed,
            unit_rules=rules.policy.unit_rules(),
            names=rules.names,
            on_progress=lambda what, share: tell(share, what),
        )
    print_text(f"{dataset.manifest.name} → {into}: {layer_counts(dataset)}")
    _keep(into, rules)


@cli.command("import")
def import_(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help="文件 / files")],
    into: Into,
    layer: Annotated[str | None, typer.Option(help="图层 / layer")] = None,
    layer_of: Annotated[
        list[str] | None,
        typer.Option(
            "--layer-of",
            metavar="NAME=LAYER",
            help="文件内一个图层(或一个文件)是哪种图层, 可重复 / layer of one layer inside a file, or of one file",
        ),
    ] = None,
    datum: Annotated[
        Literal["wgs84", "cgcs2000", "gcj02", "bd09"] | None, typer.Option(help="经纬度的基准 / datum of degrees")
    ] = None,
    datum_of: Annotated[
        list[str] | None,
        typer.Option(
            "--datum-of",
            metavar="FILE=DATUM",
            help="单独说明一个文件的基准, 高于其名称和表头, 可重复 / datum of one file, above what it says",
        ),
    ] = None,
    crs: Annotated[str | None, typer.Option(help="坐标系 / CRS, e.g. EPSG:4546")] = None,
    encoding: Annotated[str | None, typer.Option(help="文字编码 / text encoding")] = None,
    kind: Annotated[
        str | None, typer.Option(help="阻隔或通道类别(文件无此列时) / kind, when the file lacks it")
    ] = None,
    metric_crs: Annotated[
        str | None, typer.Option("--metric-crs", help="数据集投影坐标系 / CRS of the dataset")
    ] = None,
    replace: Annotated[bool, typer.Option(help="替换整个图层 / replace the layer")] = False,
    strict: Annotated[bool, typer.Option(help="有错误就不存 / store nothing on errors")] = False,
    name: Annotated[str | None, typer.Option(help="数据集名称 / name of the dataset")] = None,
    mapping: Annotated[Path | None, typer.Option(help="列与字段的对应文件 / which column is what, a JSON file")] = None,
    names: NamesFile = None,
    report: Annotated[Path | None, typer.Option(help="问题清单 .json 或 .xlsx / findings report")] = None,
    policy: PolicyFile = None,
    as_json: AsJson = False,
) -> None:
    """导入并检查文件。 Read, check and store files; all findings are reported together."""
    from geo.sandbox.processes import ReadLimits, warm_up

    check_dataset_folder(into)
    check_output(report, "--report", (".json", ".xlsx"), inputs=(*paths, mapping, names, policy))
    warm_up()
    from app.desks.imports.reports import report_document, write_rejected, write_report
    from app.desks.imports.runs import parse_datums, parse_layer_names
    from app.workbench.policies import resolve_folder_rules
    from geo.importing import ImportOptions, import_files
    from geo.tables.mappings import read_mapping

    options = ImportOptions(
        layer=layer,
        layers_of=parse_layer_names(layer_of or []),
        datum=datum,
        crs=crs,
        encoding=encoding,
        kind=kind,
        metric_crs=metric_crs,
        replace=replace,
        strict=strict,
        name=name,
        mappings=() if mapping is None else (read_mapping(mapping),),
        limits=ReadLimits.from_settings(os.environ),
    )
    rules = resolve_folder_rules(into, policy, names)
    outcome = import_files(
        parse_datums(paths, datum_of or [], options),
        into,
        options=options,
        unit_rules=rules.policy.unit_rules(),
        names=rules.names,
    )
    rejected = None
    with exit_if_unwritten("数据已存入。", "The data are stored.", is_stored=outcome.dataset is not None):
        if outcome.dataset is not None:
            _keep(into, rules, is_told=not as_json)
            rejected = write_rejected(into, outcome)
        if report is not None:
            write_report(report, outcome)
    if as_json:
        print_json(report_document(outcome))
    else:
        print_findings(outcome.findings)
        for key, count in outcome.rows.items():
            print_text(f"{key}: 读入 read {count} → 存入 stored {outcome.stored.get(key, 0)}")
    if rejected is not None:
        n = len(outcome.rejected)
        typer.echo(
            f"{n} 行无法使用, 见 {rejected}: 在原列中改正后可直接导入该文件。\n"
            f"{n} rows unused, see {rejected}: correct them there and import that file.",
            err=True,
        )
    if outcome.dataset is None:
        typer.echo("有错误, 按 --strict 没有存入任何数据。\nErrors: --strict stored nothing.", err=True)
    if any(finding.severity == "error" for finding in outcome.findings):
        raise typer.Exit(1)


@cli.command()
def osm(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=".osm.pbf, .osm, .osm.gz, .osm.bz2, Overpass JSON")],
    into: Into,
    name: Annotated[str | None, typer.Option(help="数据集名称 / name of the dataset")] = None,
    metric_crs: Annotated[
        str | None, typer.Option("--metric-crs", help="数据集投影坐标系 / CRS of the dataset")
    ] = None,
    policy: PolicyFile = None,
    names: NamesFile = None,
) -> None:
    """由 OSM 摘录建立数据集。 A town from an OSM extract."""
    from geo.sandbox.processes import ReadLimits, warm_up

    check_dataset_folder(into)
    warm_up()
    from app.workbench.policies import resolve_folder_rules
    from geo.osm.layers import import_osm

    rules = resolve_folder_rules(into, policy, names)
    dataset = import_osm(
        file,
        into,
        unit_rules=rules.policy.unit_rules(),
        metric_crs=metric_crs,
        name=name,
        limits=ReadLimits.from_settings(os.environ),
    )
    print_findings(dataset.findings())
    print_text(f"{dataset.manifest.name} → {into}: {layer_counts(dataset)}")
    _keep(into, rules)


@cli.command()
def fetch(
    into: Into,
    place: Annotated[str | None, typer.Option("--place", metavar="NAME", help="地名 / place, e.g. 昆都仑区")] = None,
    name: Annotated[str | None, typer.Option(help="数据集名称 / name of the dataset")] = None,
    metric_crs: Annotated[
        str | None, typer.Option("--metric-crs", help="数据集投影坐标系 / CRS of the dataset")
    ] = None,
    policy: PolicyFile = None,
    names: NamesFile = None,
) -> None:
    """从网络取 OSM: 整个地方, 或 (不写 --place) 数据集周围的路网。 From OSM over the network.

    With --place a whole town; without it the roads, barriers and crossings around the dataset.
    """
    from app.workbench.policies import resolve_folder_rules
    from geo.osm.download import fetch_around, fetch_place

    check_dataset_folder(into)
    kept_by = resolve_folder_rules(into, policy, names)
    rules = kept_by.policy.unit_rules()
    if place is None and (name is not None or metric_crs is not None):
        raise UsageError("--name 和 --metric-crs 只与 --place 一起用。", "--name and --metric-crs go with --place.")
    dataset = (
        fetch_around(into, unit_rules=rules)
        if place is None
        else fetch_place(place, into, unit_rules=rules, metric_crs=metric_crs, name=name)
    )
    print_findings(dataset.findings())
    print_text(f"{dataset.manifest.name} → {into}: {layer_counts(dataset)}")
    _keep(into, kept_by)


@cli.command()
def check(folder: Folder, as_json: AsJson = False) -> None:
    """核对数据集的文件与哈希, 列出问题。 Prove a dataset's hashes and list its findings."""
    from app.desks.imports.reports import unplaced_units
    from app.workbench.policies import check_policy_covers_data, resolve_rules
    from geo.storage.dataset import check_hashes, read_consistently

    dataset, broken = read_consistently(folder, lambda dataset: (dataset, check_hashes(dataset)))
    rules = None if broken else resolve_rules(dataset)
    findings = broken or dataset.findings()
    waiting = () if broken else unplaced_units(dataset)
    if as_json:
        print_json(
            {
                "ok": not broken,
                "findings": [vars(finding) for finding in findings],
                "unplaced": {"count": len(waiting), "units": waiting[:50]},
                "policy": None if rules is None else rules.record,
            }
        )
    else:
        print_findings(findings)
        if waiting:
            listed = "、".join(f"{unit['name']}({unit['unit_id']})" for unit in waiting[:10])
            more = "…" if len(waiting) > 10 else ""
            print_text(f"待落图 waiting for a place: {len(waiting)}  {listed}{more}")
        print_text("完好 intact" if not broken else "已损坏 damaged")
        if rules is not None:
            print_text("\n".join((*rules.lines, *(check_policy_covers_data(rules, dataset) or ()))))
    if broken:
        raise typer.Exit(1)


@cli.command()
def graph(
    folder: Folder,
    pair: Annotated[
        tuple[str, str] | None, typer.Option("--pair", metavar="A B", help="解释一对单元 / one pair")
    ] = None,
    isolated: Annotated[
        bool, typer.Option("--isolated", help="列出孤岛及原因 / units without neighbours, and why")
    ] = False,
    reach: Annotated[
        str | None, typer.Option("--reach", metavar="UNIT", help="可连片到达的单元 / what it reaches")
    ] = None,
    within: Annotated[
        Literal["street", "neighbourhood", "none"] | None, typer.Option(help="不得跨越 / the wall")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE.geojson", help="一对单元的步行路线 / the pair's walk")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="在集群上计算 / on a cluster, tcp://…")
    ] = None,
    tile_km: Annotated[float | None, typer.Option("--tile-km", min=0.1, help="分块边长 / side of a tile")] = None,
    policy: PolicyFile = None,
    as_json: AsJson = False,
) -> None:
    """重建相邻关系, 解释一对单元, 或列出孤岛。 Rebuild neighbours, explain a pair, list islands."""
    from app.maps.graphs import (
        isolated_sentence,
        list_isolated,
        pair_sentence,
        reach_record,
        reach_sentence,
        summarise_graph,
        walk_geojson,
        walk_record,
        walk_sentence,
    )
    from app.workbench.policies import resolve_folder_rules
    from geo.adjacency.graph import refresh_graph
    from geo.adjacency.isochrones import build_walk_router, find_unit_route
    from geo.storage.dataset import open_dataset

    if out is not None and pair is None:
        raise UsageError("--out 只与 --pair 一起用。", "--out goes with --pair: it writes the walk of a pair.")
    check_output(out, "--out", inputs=(policy,))
    rules = resolve_folder_rules(folder, policy).policy.neighbour_rules(within=within)
    force = pair is None and reach is None and not isolated
    dataset, built = refresh_graph(
        open_dataset(folder),
        rules,
        force=force,
        scheduler=scheduler,
        tile_m=None if tile_km is None else 1000 * tile_km,
    )
    if pair is not None:
        units = dataset.layer("units")
        path = find_unit_route(build_walk_router(dataset, built, rules), *pair)
        names = dict(zip(units["unit_id"], units["name"], strict=True))
        if out is not None:
            body = walk_geojson(path, dataset.manifest.metric_crs)
            atomic_write(out, (json.dumps(body, ensure_ascii=False) + "\n").encode())
        if as_json:
            print_json({**vars(path.decision), "way": walk_record(path)})
            return
        print_text(pair_sentence(path.decision, names))
        print_text(walk_sentence(path))
        return
    if reach is not None:
        record = reach_record(built, dataset.layer("units"), reach)
        print_json(record) if as_json else print_text(reach_sentence(record))
        return
    if isolated:
        islands = list_isolated(built, dataset.layer("units"), rules)
        if as_json:
            print_json(islands)
            return
        for record in islands:
            print_text(isolated_sentence(record))
        print_text(f"{len(islands)} 个孤岛 units without a neighbour")
        return
    summary = summarise_graph(built)
    print_json(summary) if as_json else print_text("  ".join(f"{key} {value}" for key, value in summary.items()))


for command in (plan, solve, verify, explain, compare, repair):
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
        told_zh, told_en = f"本月已留存为 {found.roster}。", f"The month is kept as {found.roster}."
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


@cli.command()
def export(
    folder: Folder,
    plan_file: PlanFile,
    format_: Annotated[Literal["geojson", "html", "all"], typer.Option("--format", help="格式 / format")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR2", help="输出文件夹 / folder")],
    policy: PolicyFile = None,
) -> None:
    """导出方案。 Write a plan's files for the districts."""
    from analysis.bundling.verify.verify import require_same_planning
    from app.desks.plans.downloads import export_plan
    from app.exports.plan_table import check_for_export
    from app.workbench.plans_on_disk import read_plan
    from app.workbench.policies import resolve_rules
    from geo.storage.dataset import open_dataset

    check_output_folder(out, "--out")
    dataset, document = open_dataset(folder), read_plan(plan_file)
    require_same_planning(dataset, document)
    found = check_for_export(dataset, document, resolve_rules(dataset, policy))
    with explain_disk_errors(out):
        paths = export_plan(dataset, document, format_, out, found)
    for path in paths:
        print_text(str(path))
    typer.echo(f"{found.verdict.zh}\n{found.verdict.en}", err=True)


@policy_cli.command("check")
def policy_check(
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="参数文件 / policy file")] = None,
) -> None:
    """检查规划参数文件。 Validate a policy file."""
    from analysis.policy import read_policy
    from analysis.studies.policy_check import check_policy

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
) -> None:
    """打开工作台。 Serve the workbench."""
    from app.web.main import serve as serve_app

    logging.getLogger().setLevel(logging.INFO)
    print_text(f"工作台 workbench: http://{host}:{port}  (Ctrl+C 结束 ends)")
    serve_app(data, plan_file, host=host, port=port, store_url=store, read_only=read_only, policy=policy, names=names)


cli.command()(backup)
cli.command()(restore)


def _keep(folder: Path, rules: RulesInForce, *, is_told: bool = True) -> None:
    """Keep in a dataset what it was read by, and say which policy is in force and who chose it."""
    from app.workbench.policies import check_policy_covers_data, resolve_rules, store_rules
    from geo.storage.dataset import open_dataset

    replaced = store_rules(folder, rules)
    dataset = open_dataset(folder)
    now = resolve_rules(dataset)
    for line in now.lines if is_told else ():
        print_text(line)
    for line in (*(replaced or ()), *(check_policy_covers_data(now, dataset) or ())):
        typer.echo(f"! {line}", err=True)
