"""Commands that write a plan's files for others, and read them back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from app.cli.arguments import AsJson, Folder, PlanFile, PolicyFile
from app.cli.console import print_json, print_text, progress_bar
from app.cli.outputs import check_output, check_output_folder
from app.exports.formats import ALL, FORMAT_KEYS, Level, choose_formats

FormatKey: Any = Literal[(*FORMAT_KEYS, ALL)]


def export(
    folder: Folder,
    plan_file: PlanFile,
    format_: Annotated[FormatKey, typer.Option("--format", help="格式 / format")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR2", help="输出文件夹 / folder")],
    by: Annotated[
        Level | None, typer.Option("--by", help="按市、旗县区或街道分文件, 默认由格式定 / what files are cut by")
    ] = None,
    lang: Annotated[Literal["zh", "en"], typer.Option("--lang", help="文件所用语言 / language of the files")] = "zh",
    template: Annotated[
        Path | None,
        typer.Option("--template", metavar="FILE.docx", help="docx 格式用的 Word 模板 / Word template of docx"),
    ] = None,
    policy: PolicyFile = None,
) -> None:
    """导出方案。 Write a plan's files for the districts."""
    from analysis.bundling.verify.verify import require_same_planning
    from app.exports.export import export_plan
    from app.exports.plan_table import check_for_export
    from app.exports.request import make_request
    from app.workbench.plans_on_disk import read_plan
    from app.workbench.policies import resolve_rules
    from geo.storage.dataset import open_dataset

    check_output_folder(out, "--out")
    dataset, document = open_dataset(folder), read_plan(plan_file)
    require_same_planning(dataset, document)
    rules = resolve_rules(dataset, policy)
    found = check_for_export(dataset, document, rules)
    with progress_bar("导出 export") as bar:
        request = make_request(dataset, document, found, language=lang, rules=rules, template=template)
        paths = export_plan(request, choose_formats(format_), out, by=by, on_progress=bar)
    for path in paths:
        print_text(str(path))
    typer.echo(f"{found.verdict.zh}\n{found.verdict.en}", err=True)


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
    """从改过的文件或现有片区表读回方案, 列出变化并核验。 Read a plan back from a file; list and check the changes."""
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
        print_text("\n".join((*answer_lines(found), *verdict_lines(verified))))
    if not (found.is_whole and verified.ok):
        raise typer.Exit(1)
