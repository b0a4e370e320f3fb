"""Commands that write a plan's files for others, and read them back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from app.cli.base.arguments import AsJson, Folder, PlanFile, PolicyFile
from app.cli.base.console import choose_language, print_json, progress_bar, read_language, tell
from app.cli.base.outputs import check_output, check_output_folder
from app.exports.formats import ALL, FORMAT_KEYS, Level, choose_formats
from app.i18n import say
from geo.messages import Item, Sentence

FormatKey: Any = Literal[(*FORMAT_KEYS, ALL)]


def export(
    folder: Folder,
    plan_file: PlanFile,
    format_: Annotated[FormatKey, typer.Option("--format", help="格式 / format")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR2", help="输出文件夹 / folder")],
    by: Annotated[
        Level | None, typer.Option("--by", help="按市、旗县区或街道分文件, 默认由格式定 / what files are cut by")
    ] = None,
    lang: Annotated[
        Literal["zh", "en"] | None,
        typer.Option("--lang", help="文件所用语言, 默认 zh; 回答也用它 / language of the files [zh], and of answers"),
    ] = None,
    author: Annotated[str, typer.Option("--author", metavar="NAME", help="导出人, 记入清单 / who exports")] = "",
    template: Annotated[
        Path | None,
        typer.Option("--template", metavar="FILE.docx", help="docx 格式用的 Word 模板 / Word template of docx"),
    ] = None,
    public: Annotated[
        bool, typer.Option("--public", help="公开版: 隐去小数目和个人信息 / for the public: small numbers hidden")
    ] = False,
    policy: PolicyFile = None,
    as_json: AsJson = False,
) -> None:
    """导出方案。 Write a plan's files for the districts."""
    from analysis.bundling.verify.verify import require_same_planning
    from app.exports.export import write_formats
    from app.exports.plan_table import check_for_export
    from app.exports.proof.manifest import require_own_folder, write_manifest
    from app.exports.request import make_public, make_request
    from app.workbench.plans_on_disk import read_plan
    from app.workbench.policies import resolve_rules
    from geo.storage.dataset import open_dataset

    if lang is not None:
        choose_language(lang)
    formats = choose_formats(format_, is_public=public)
    check_output_folder(out, "--out")
    require_own_folder(out, is_public=public)
    dataset, document = open_dataset(folder), read_plan(plan_file)
    require_same_planning(dataset, document)
    rules = resolve_rules(dataset, policy)
    found = check_for_export(dataset, document, rules)
    with progress_bar(say("cli.export_label")) as bar:
        request = make_request(
            dataset,
            document,
            found,
            language=lang or read_language() or "zh",
            author=author,
            rules=rules,
            template=template,
        )
        request = make_public(request) if public else request
        written = write_formats(request, formats, out, by=by, on_progress=bar)
    manifest = write_manifest(request, written, out)
    paths = [str(path) for path in (*(path for one in written for path in one.paths), manifest)]
    if as_json:
        verdict = {"ok": found.verdict.is_met, "zh": found.verdict.zh, "en": found.verdict.en}
        print_json({"files": paths, "manifest": str(manifest), "verified": verdict})
        return
    tell(*paths)
    tell(Sentence(found.verdict.zh, found.verdict.en), is_error=True)


def schema(
    name: Annotated[
        Literal["plan", "geojson", "dataset", "manifest", "indicators"],
        typer.Argument(metavar="NAME", help="plan | geojson | dataset | manifest | indicators"),
    ],
    as_json: AsJson = False,
) -> None:
    """写出一种文件的 JSON Schema, 供其他程序核对。 The JSON Schema of a file, for other programs to check by.

    Parameters
    ----------
    name, as_json
        As the help of the command says; the answer is JSON either way.
    """
    from app.exports.proof.json_schemas import SCHEMAS

    print_json(SCHEMAS[name]())


def import_plan(
    folder: Folder,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="改过的 GeoJSON、GPKG、Excel, 或现有片区表 / an edited file or table")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="PLAN.json", help="写到 / plan file")],
    base: Annotated[
        Path | None,
        typer.Option(
            "--plan",
            metavar="BASE.json",
            help="文件出自的方案, 默认为导出文件夹中的 / the plan it was exported from [plan.json beside it]",
        ),
    ] = None,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="修改人 / who changed it")] = "",
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="修改原因 / why")] = "",
    policy: PolicyFile = None,
    as_json: AsJson = False,
) -> None:
    """从改过的文件或现有片区表读回方案, 列出变化并核验。 Read a plan back from a file; list and check the changes.

    Parameters
    ----------
    folder, file, out, base, by, reason, policy, as_json
        As the help of the command says.
    """
    from analysis.bundling.verify.verify import verify_plan
    from app.cli.answers import verdict_lines, verdict_summary
    from app.plan_files.answer import answer_document, answer_lines, find_base
    from app.plan_files.plan_edit import read_plan_rows
    from app.plan_files.rows import read_rows
    from app.workbench.plans_on_disk import read_plan, write_plan
    from app.workbench.policies import resolve_rules
    from geo.storage.dataset import open_dataset

    check_output(out, "--out", inputs=(file, base))
    dataset = open_dataset(folder)
    rules = resolve_rules(dataset, policy)
    base = base or find_base(file)
    before = None if base is None else read_plan(base)
    found = read_plan_rows(read_rows(file), dataset, rules.policy, before, by=by, reason=reason)
    verified = verify_plan(open_dataset(folder), found.document, rules.policy)
    write_plan(out, found.document)
    if as_json:
        print_json({**answer_document(found), "base": base and str(base), **verdict_summary(verified)})
    else:
        tell(*answer_lines(found), *verdict_lines(verified))
    if not (found.is_whole and verified.ok):
        raise typer.Exit(1)


def verify_export(
    folder: Annotated[Path, typer.Argument(metavar="DIR2", help="导出文件夹 / export folder")],
    data: Annotated[
        Path | None, typer.Option("--data", metavar="DIR", help="数据集, 用来重新生成 / dataset, to make all again")
    ] = None,
    plan: Annotated[
        Path | None,
        typer.Option("--plan", metavar="PLAN.json", help="公开导出所出自的方案 / the plan a public export is of"),
    ] = None,
    policy: PolicyFile = None,
    as_json: AsJson = False,
) -> None:
    """核对导出: 文件哈希; 给出数据时重新核验方案并重新生成。 Prove an export by its hashes and from the data.

    Parameters
    ----------
    folder, data, plan, policy, as_json
        As the help of the command says.
    """
    from app.exports.proof.check import prove_export

    with progress_bar(say("cli.check_label")) as bar:
        found = prove_export(folder, data, plan=plan, policy=policy, on_progress=bar)
    key = "faulty" if found.faults else "confirmed" if found.is_remade else "hashes_only"
    said = say(f"proof.{key}", n=len(found.faults), hashed=found.n_hashed, remade=found.n_remade)
    if found.needs_plan:
        said = Sentence.join((said, say("proof.needs_plan")), ("", " "))
    if as_json:
        faults = [{"sentence_zh": one.zh, "sentence_en": one.en} for one in found.faults]
        figures = {"hashed": found.n_hashed, "remade": found.n_remade, "from_data": found.is_remade}
        print_json({"ok": not found.faults, **figures, "faults": faults})
    else:
        tell(said, *(Item("-", Sentence(one.zh, one.en)) for one in found.faults))
    if found.faults:
        raise typer.Exit(1)


def replay(
    manifest: Annotated[Path, typer.Argument(metavar="MANIFEST", help="导出清单 export.json / manifest")],
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="数据集 / dataset")],
    start: Annotated[
        Path | None, typer.Option("--start", metavar="PLAN.json", help="原方案的出发方案 / the plan it began with")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="PLAN2.json", help="重做的方案写到 / the plan made again")
    ] = None,
    policy: PolicyFile = None,
    as_json: AsJson = False,
) -> None:
    """按方案所记的做法重做一遍并比较。 Make the plan of an export again from its recorded work, and compare.

    Parameters
    ----------
    manifest, data, start, out, policy, as_json
        As the help of the command says.
    """
    from app.cli.base.interrupts import stop_on_interrupt
    from app.exports.proof.replay import replay_plan
    from app.i18n import say
    from app.workbench.plans_on_disk import write_plan
    from geo.messages import Sentence

    check_output(out, "--out", inputs=(manifest, start, policy))
    with stop_on_interrupt() as is_asked, progress_bar(say("cli.replay_label")) as bar:
        found = replay_plan(
            manifest, data, start=start, policy=policy, on_progress=lambda one: bar(one.share, ""), when=is_asked
        )
    if out is not None:
        write_plan(out, found.document)
    same = say("proof.replayed", what=say("proof.same_bytes"))
    differences = Sentence.join(found.differences, ("; ", "; "))
    said = [say("proof.replayed_otherwise", differences=differences) if found.differences else same]
    said += [say("proof.by_time")] if found.is_by_time and found.differences else []
    if as_json:
        rows = [{"sentence_zh": one.zh, "sentence_en": one.en} for one in found.differences]
        print_json({"ok": not found.differences, "by_time": found.is_by_time, "differences": rows})
    else:
        tell(*said)
    if found.differences:
        raise typer.Exit(1)
