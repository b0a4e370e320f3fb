"""The commands about data: made, imported, fetched, checked; and the graph of neighbours."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from app.cli.base.arguments import AsJson, Folder, NamesFile, PolicyFile
from app.cli.base.console import print_json, print_text, progress_bar, tell
from app.cli.base.outputs import check_dataset_folder, check_output, check_output_folder, exit_if_unwritten
from app.i18n import say
from geo.errors import UsageError
from geo.storage.atomic_files import atomic_write
from geo.storage.disk_errors import explain_disk_errors

Into = Annotated[Path, typer.Option("--into", metavar="DIR", help="写入的数据集 / dataset to fill")]


def demo(
    into: Into,
    raw: Annotated[Path, typer.Option("--raw", help="原始文件写到 / folder for the raw files")],
    size: Annotated[Literal["small", "city"], typer.Option(help="规模 / size")] = "small",
    seed: Annotated[int, typer.Option(min=0, help="随机种子 / random seed")] = 0,
    policy: PolicyFile = None,
    names: NamesFile = None,
    as_json: AsJson = False,
) -> None:
    """写出虚构城市的原始文件并导入。 Write the fictional city's raw files and import them."""
    from app.cli.answers import tell_dataset
    from app.workbench.policies import resolve_folder_rules
    from geo.demo import build_demo

    check_dataset_folder(into)
    check_output_folder(raw, "--raw")
    rules = resolve_folder_rules(into, policy, names)
    with progress_bar(say("cli.demo_label")) as show, explain_disk_errors(raw):
        dataset = build_demo(
            raw,
            into,
            size=size,
            seed=seed,
            unit_rules=rules.policy.unit_rules(),
            names=rules.names,
            on_progress=lambda what, share: show(share, what),
        )
    tell_dataset(dataset, into, rules, as_json=as_json)


def template(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="填报模板 .xlsx / workbook to fill in")],
    layer: Annotated[
        list[str] | None, typer.Option(help="只要这些表, 可重复 / only these sheets, such as communities")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """写出填报模板: 下拉选项、每列说明, 填好即可导入。 A workbook to fill in and import without a question."""
    from app.exports.blank_form import FORM_COLUMNS, make_blank_form
    from app.i18n import load_words

    check_output(out, "--out", (".xlsx",))
    if unknown := sorted({*(layer or ())} - FORM_COLUMNS.keys()):
        raise UsageError(*say("cli.no_such_form", names=", ".join(unknown), known=", ".join(FORM_COLUMNS)))
    with explain_disk_errors(out):
        atomic_write(out, make_blank_form(load_words("zh"), tuple(layer or FORM_COLUMNS)))
    if as_json:
        print_json({"file": str(out)})
    else:
        tell(say("cli.template_made", out=out, name=out.name))


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
    data_date: Annotated[
        datetime | None, typer.Option("--data-date", formats=["%Y-%m-%d"], help="数据日期 / the day the data speak of")
    ] = None,
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
    from app.cli.answers import keep_rules, print_findings
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
        data_date=None if data_date is None else data_date.date().isoformat(),
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
    with exit_if_unwritten(*say("cli.data_stored"), is_stored=outcome.dataset is not None):
        if outcome.dataset is not None:
            keep_rules(into, rules, is_quiet=as_json)
            rejected = write_rejected(into, outcome)
        if report is not None:
            write_report(report, outcome)
    if as_json:
        print_json(report_document(outcome))
    else:
        print_findings(outcome.findings)
        for key, count in outcome.rows.items():
            tell(say("cli.rows_read", layer=key, read=count, stored=outcome.stored.get(key, 0)))
    if rejected is not None:
        tell(say("cli.rejected", n=len(outcome.rejected), path=rejected), is_error=True)
    if outcome.dataset is None:
        tell(say("cli.strict_stored_nothing"), is_error=True)
    if any(finding.severity == "error" for finding in outcome.findings):
        raise typer.Exit(1)


def osm(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=".osm.pbf, .osm, .osm.gz, .osm.bz2, Overpass JSON")],
    into: Into,
    name: Annotated[str | None, typer.Option(help="数据集名称 / name of the dataset")] = None,
    metric_crs: Annotated[
        str | None, typer.Option("--metric-crs", help="数据集投影坐标系 / CRS of the dataset")
    ] = None,
    policy: PolicyFile = None,
    names: NamesFile = None,
    as_json: AsJson = False,
) -> None:
    """由 OSM 摘录建立数据集。 A town from an OSM extract."""
    from geo.sandbox.processes import ReadLimits, warm_up

    check_dataset_folder(into)
    warm_up()
    from app.cli.answers import tell_dataset
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
    tell_dataset(dataset, into, rules, as_json=as_json)


def fetch(
    into: Into,
    place: Annotated[str | None, typer.Option("--place", metavar="NAME", help="地名 / place, e.g. 昆都仑区")] = None,
    name: Annotated[str | None, typer.Option(help="数据集名称 / name of the dataset")] = None,
    metric_crs: Annotated[
        str | None, typer.Option("--metric-crs", help="数据集投影坐标系 / CRS of the dataset")
    ] = None,
    policy: PolicyFile = None,
    names: NamesFile = None,
    as_json: AsJson = False,
) -> None:
    """从网络取 OSM: 整个地方, 或 (不写 --place) 数据集周围的路网。 From OSM over the network.

    With --place a whole town; without it the roads, barriers and crossings around the dataset.
    """
    from app.cli.answers import tell_dataset
    from app.workbench.policies import resolve_folder_rules
    from geo.osm.download import fetch_around, fetch_place

    check_dataset_folder(into)
    kept_by = resolve_folder_rules(into, policy, names)
    rules = kept_by.policy.unit_rules()
    if place is None and (name is not None or metric_crs is not None):
        raise UsageError(*say("cli.only_with_place"))
    dataset = (
        fetch_around(into, unit_rules=rules)
        if place is None
        else fetch_place(place, into, unit_rules=rules, metric_crs=metric_crs, name=name)
    )
    tell_dataset(dataset, into, kept_by, as_json=as_json)


def check(folder: Folder, as_json: AsJson = False) -> None:
    """核对数据集的文件与哈希, 列出问题。 Prove a dataset's hashes and list its findings."""
    from app.cli.answers import print_findings
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
            tell(say("cli.waiting", n=len(waiting), listed=f"{listed}{more}"))
        tell(say("cli.damaged" if broken else "cli.intact"))
        if rules is not None:
            tell(rules.sentence, *filter(None, [check_policy_covers_data(rules, dataset)]))
    if broken:
        raise typer.Exit(1)


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
        raise UsageError(*say("cli.only_with_pair"))
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
        tell(pair_sentence(path.decision, names), walk_sentence(path))
        return
    if reach is not None:
        record = reach_record(built, dataset.layer("units"), reach)
        print_json(record) if as_json else tell(reach_sentence(record))
        return
    if isolated:
        islands = list_isolated(built, dataset.layer("units"), rules)
        if as_json:
            print_json(islands)
            return
        tell(*map(isolated_sentence, islands), say("cli.n_isolated", n=len(islands)))
        return
    summary = summarise_graph(built)
    print_json(summary) if as_json else print_text("  ".join(f"{key} {value}" for key, value in summary.items()))
