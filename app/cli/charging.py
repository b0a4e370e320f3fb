"""The commands about charging of electric bicycles: where places could stand."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from app.cli.base.arguments import AsJson, Folder, PolicyFile
from app.cli.base.console import print_json, tell
from app.cli.base.outputs import check_output


def charging_sites(
    folder: Folder,
    street: Annotated[list[str] | None, typer.Option(help="街道代码 / street codes")] = None,
    profile: Annotated[
        Literal["outdoor", "strict"] | None, typer.Option(help="防火间距方案 / fire separations")
    ] = None,
    budget: Annotated[
        float | None, typer.Option(min=0, help="预算(元), 据以选址 / choose under a budget, yuan")
    ] = None,
    choose: Annotated[bool, typer.Option("--choose", help="不限预算选址 / choose without a budget")] = False,
    seconds: Annotated[float, typer.Option(min=0, help="选址用时(秒) / search time")] = 30.0,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help=".xlsx .geojson .json")] = None,
    policy: PolicyFile = None,
    as_json: AsJson = False,
) -> None:
    """候选充电场地 (初筛, 以消防部门意见为准)。 Places for charging: a screening, never an approval."""
    from app.desks.charging.sites import make_site_plan, site_document, site_lines, write_sites
    from app.workbench.policies import resolve_rules
    from geo.storage.dataset import open_dataset

    check_output(out, "--out", (".xlsx", ".geojson", ".json"), inputs=(policy,))
    dataset = open_dataset(folder)
    plan = make_site_plan(
        dataset,
        resolve_rules(dataset, policy).policy,
        streets=street or (),
        profile=profile,
        choose=choose or budget is not None,
        budget_yuan=budget,
        seconds=seconds,
    )
    if out is not None:
        write_sites(out, plan)
    if as_json:
        print_json(site_document(plan))
    else:
        tell(*site_lines(plan))
