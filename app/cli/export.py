"""Commands that write a plan's files for others, and read them back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from app.cli.arguments import Folder, PlanFile, PolicyFile
from app.cli.console import print_text, progress_bar
from app.cli.outputs import check_output_folder
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
