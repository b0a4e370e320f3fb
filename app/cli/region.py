"""The commands about a region of many districts: defined, run on this computer or a cluster, summed up."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from app.cli.base.arguments import AsJson, PolicyFile, takes_options
from app.cli.base.console import print_json, progress_bar, read_language, tell
from app.cli.base.outputs import check_output_folder
from app.exports.formats import FORMAT_KEYS
from app.i18n import say
from app.planning.options import OPTIONS, PlanOptions
from geo.errors import UsageError
from geo.storage.disk_errors import explain_disk_errors

RegionFolder = Annotated[Path, typer.Argument(metavar="REGION", help="区域文件夹 / the region's folder")]
_OF_ONE_DATASET = ("streets", "lock_file", "start", "method", "workers")
_PLAN_OPTIONS = tuple(one.name for one in OPTIONS if one.name not in _OF_ONE_DATASET)


def demo_region(
    folder: RegionFolder,
    districts: Annotated[int, typer.Option(min=1, max=1000, help="分区个数 / number of districts")] = 3,
    size: Annotated[Literal["small", "city"], typer.Option(help="各分区的规模 / size of each")] = "small",
    seed: Annotated[int, typer.Option(min=0, help="第一个的随机种子 / random seed of the first")] = 0,
    policy: PolicyFile = None,
    as_json: AsJson = False,
) -> None:
    """定义一个虚构区域, 每个分区是一座虚构城市。 Define a fictional region, each district a fictional city."""
    from app.region.definition import DemoSource, make_district, write_region

    width = max(2, len(str(districts)))
    made = [
        make_district(f"{k + 1:0{width}d}", say("region.demo_name", n=k + 1).zh, DemoSource(size=size, seed=seed + k))
        for k in range(districts)
    ]
    check_output_folder(folder, "REGION")
    region = write_region(folder, say("region.demo_region").zh, made, demo=True)
    _keep_policy(folder, policy)
    _tell_region(region, as_json=as_json)


def define(
    folder: RegionFolder,
    districts: Annotated[
        list[str],
        typer.Argument(
            metavar="CODE[=FOLDER]…",
            help="分区代码; “=”后为待导入文件的文件夹, 不写则数据集已在 REGION/data/district=CODE / "
            "code of a district, and the folder of its files; without one its dataset is there already",
        ),
    ],
    name: Annotated[str, typer.Option("--name", help="区域名称 / name of the region")] = "",
    datum: Annotated[
        Literal["wgs84", "cgcs2000", "gcj02", "bd09"] | None, typer.Option(help="经纬度的基准 / datum of degrees")
    ] = None,
    datum_of: Annotated[
        list[str] | None,
        typer.Option("--datum-of", metavar="FILE=DATUM", help="一个文件的基准, 可重复 / datum of one file, repeatable"),
    ] = None,
    layer_of: Annotated[
        list[str] | None,
        typer.Option(
            "--layer-of", metavar="NAME=LAYER", help="一个文件或图层是什么, 可重复 / layer of a file, repeatable"
        ),
    ] = None,
    crs: Annotated[str | None, typer.Option(help="坐标系 / CRS, e.g. EPSG:4546")] = None,
    encoding: Annotated[str | None, typer.Option(help="文字编码 / text encoding")] = None,
    metric_crs: Annotated[
        str | None, typer.Option("--metric-crs", help="数据集投影坐标系 / CRS of the datasets")
    ] = None,
    policy: PolicyFile = None,
    as_json: AsJson = False,
) -> None:
    """定义区域: 有哪些分区, 各从哪些文件导入; 已定义的再写一次即更新。 Define a region, or add districts to it."""
    from app.region.definition import REGION, FileSource, make_district, read_region, write_region

    check_output_folder(folder, "REGION")
    before = read_region(folder) if (folder / REGION).is_file() else None
    made = [] if before is None else list(before.districts)
    for text in districts:
        key, _, place = text.partition("=")
        source = None
        if place:
            source = FileSource(
                folder=str(Path(place).absolute()),
                layers_of=tuple(layer_of or ()),
                datums_of=tuple(datum_of or ()),
                datum=datum,
                crs=crs,
                encoding=encoding,
                metric_crs=metric_crs,
            )
        made.append(make_district(key, source=source))
    region = write_region(
        folder, name or (before.name if before else folder.absolute().name), made, demo=bool(before and before.demo)
    )
    _keep_policy(folder, policy)
    _tell_region(region, as_json=as_json)


@takes_options(*_PLAN_OPTIONS)
def run(
    folder: RegionFolder,
    step: Annotated[
        list[str] | None,
        typer.Option(
            "--step",
            metavar="STEP",
            help="只做这些步骤, 可重复: prepare graph plan indicators export / only these, repeatable",
        ),
    ] = None,
    district: Annotated[
        list[str] | None,
        typer.Option("--district", metavar="CODE", help="只做这些分区, 可重复 / only these districts, repeatable"),
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="在集群上计算 / on a cluster, tcp://…")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="本机同时做几个分区, 默认为核数 / districts at a time here [cores]")
    ] = None,
    format_: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="导出格式, 可重复, 默认 geojson / format of the export, repeatable [geojson]",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="已做的也重做 / do again what is done already")] = False,
    as_json: AsJson = False,
    **chosen: Any,
) -> None:
    """准备、建图、规划、算指标、导出一个区域; 已做的保留, 失败的写明。 All steps of a region; what is done is kept."""
    from app.cli.base.interrupts import stop_on_interrupt
    from app.i18n import load_words
    from app.jobs.cores import count_cores
    from app.region.definition import read_region
    from app.region.run import run_region
    from app.region.steps import STEPS, Choices
    from app.region.summary import summarise, summary_lines, write_summary

    region = read_region(folder)
    _check_names("--step", step or (), STEPS)
    _check_names("--format", format_ or (), FORMAT_KEYS)
    steps = [one for one in STEPS if step is None or one in step]
    some = [region.find(key) for key in district] if district else list(region.districts)
    if not some:
        raise UsageError(*say("region.empty"))
    language = read_language() or "zh"
    choices = Choices(PlanOptions(**chosen, workers=1), tuple(dict.fromkeys(format_ or ("geojson",))), language)
    faults, counts, ended = [], {"done": 0, "kept": 0, "failed": 0}, 0
    with stop_on_interrupt() as is_asked, progress_bar(say("region.label")) as show:
        for news in run_region(
            region,
            steps,
            choices,
            districts=some,
            scheduler=scheduler,
            workers=workers or count_cores(),
            is_forced=force,
            when=is_asked,
        ):
            counts[news.state] += 1
            ended += 1
            show(ended / (len(some) * len(steps)), f"{news.step} {news.district}")
            if news.fault is not None:
                said = {"step": say(f"region.step_{news.step}"), "fault": news.fault}
                faults.append((news, say("region.failed", district=news.district, **said)))
                tell(faults[-1][1], is_error=True)
    summary = summarise(region)
    write_summary(region, summary, load_words(language))
    missing = len(some) * len(steps) - counts["done"] - counts["kept"]
    if as_json:
        rows = [
            {"district": news.district, "step": news.step, "sentence_zh": said.zh, "sentence_en": said.en}
            for news, said in faults
        ]
        print_json({**counts, "missing": missing, "faults": rows, "summary": asdict(summary)})
    else:
        tell(say("region.ran", **counts), *summary_lines(summary))
    if missing:
        raise typer.Exit(1)


def show(folder: RegionFolder, as_json: AsJson = False) -> None:
    """区域的现状: 各分区、各步骤用时与内存、全区域指标。 What there is of a region, and its figures."""
    from app.region.definition import read_region
    from app.region.summary import summarise, summary_lines

    summary = summarise(read_region(folder))
    print_json(asdict(summary)) if as_json else tell(*summary_lines(summary))


def _check_names(option: str, named: Sequence[str], known: Sequence[str]) -> None:
    for one in named:
        if one not in known:
            raise UsageError(*say("region.no_such", option=option, name=one, known=", ".join(known)))


def _keep_policy(folder: Path, policy: Path | None) -> None:
    """The policy of a region is a file of it: workers need no other folder."""
    from analysis.policy import read_policy
    from app.region.definition import POLICY

    if policy is not None:
        read_policy(policy)
        with explain_disk_errors(folder / POLICY):
            shutil.copyfile(policy, folder / POLICY)


def _tell_region(region: Any, *, as_json: bool) -> None:
    keys = [one.key for one in region.districts]
    if as_json:
        print_json({"region": str(region.folder), "name": region.name, "districts": keys})
    else:
        tell(say("region.defined", name=region.name, n=len(keys), folder=region.folder))
