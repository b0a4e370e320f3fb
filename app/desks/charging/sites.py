"""Candidate charging places of a dataset, and the choice among them, as text and files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import xlsxwriter

from analysis.policy import Policy
from analysis.studies.site_choice import SiteSelection, read_prices, select_sites
from analysis.studies.siting import LABEL, UNCHECKED, Siting
from app.exports.workbook import add_head_style, make_workbook, write_head, write_rows
from app.i18n import Words, say
from app.maps.charging_sites import screen_sites
from geo.errors import UsageError
from geo.messages import Line, Sentence
from geo.storage.atomic_files import atomic_write
from geo.storage.dataset import Dataset

_HEAD = {
    "rank": "序号",
    "site_id": "场地编号",
    "unit_id": "小区编号",
    "name": "小区",
    "street_code": "街道代码",
    "origin": "空地来源",
    "area_m2": "面积(㎡)",
    "capacity": "可容端口",
    "clearance_m": "距最近外墙(米)",
    "needs_video": "须装视频",
    "need_ports": "步行范围内缺端口",
    "units_in_walk": "可服务单元",
    "estimated": "含估算",
    "build": "建议建设端口",
}


@dataclass(frozen=True, eq=False)
class SitePlan:
    """Candidates, and what a budget builds of them; the choice is None where none was asked for."""

    dataset: Dataset
    siting: Siting
    choice: SiteSelection | None
    profile: str


def make_site_plan(
    dataset: Dataset,
    policy: Policy,
    *,
    streets: Sequence[str] = (),
    profile: str | None = None,
    choose: bool = False,
    budget_yuan: float | None = None,
    seconds: float = 30.0,
) -> SitePlan:
    """Candidates of some streets (none named = all), and where asked for the choice among them.

    Parameters
    ----------
    dataset
        The dataset.
    policy
        The policy in force.
    streets
        Codes.
    profile
        Of the fire separations; None = the one in force.
    choose
        Whether places are chosen without a budget.
    budget_yuan
        None = no budget.
    seconds
        Time to look.

    Raises
    ------
    UnknownCodeError
        If a street has no unit.
    """
    siting = screen_sites(dataset, policy, streets=streets, profile=profile)
    choice = select_sites(siting, read_prices(policy), budget_yuan=budget_yuan, seconds=seconds) if choose else None
    return SitePlan(dataset, siting, choice, profile or str(policy.value("siting.profile")))


def site_lines(plan: SitePlan, most: int = 20) -> list[Line]:
    """What the terminal tells: candidates, the best or those to build, what was not screened.

    Parameters
    ----------
    plan
        The candidates, and what was chosen.
    most
        Candidates that are listed.
    """
    sites, need = plan.siting.sites, plan.siting.need
    lines: list[Line] = [
        say("cli.sites_label", label=LABEL, profile=plan.profile, unchecked=UNCHECKED),
        say("cli.sites", n=len(sites), units=len(need), ports=sum(need.values())),
    ]
    shown = site_table(plan)
    shown = (shown[shown["build"] > 0] if plan.choice else shown).head(most)
    lines += [
        say("cli.site_built" if plan.choice else "cli.site", **{str(k): v for k, v in row.items()})
        for row in shown.to_dict("records")
    ]
    if plan.choice is not None:
        lines.append(choice_line(plan.choice))
    counts = plan.siting.unscreened["reason"].value_counts()
    lines += [say("cli.unscreened", why=say(f"cli.unscreened_{key}"), n=count) for key, count in counts.items()]
    return lines


def choice_line(choice: SiteSelection) -> Sentence:
    """How many ports are built at what cost, and how good that is."""
    gap = "—" if choice.gap is None else f"{choice.gap:.1%}"
    proof = say("cli.site_optimal" if choice.status == "optimal" else "cli.site_feasible")
    return say("cli.site_choice", **{**vars(choice), "n": len(choice.sites), "gap": gap, "proof": proof})


def format_choice(choice: SiteSelection, words: Words) -> str:
    """What a choice under a budget builds and how good that is, in the reader's language.

    Parameters
    ----------
    choice
        What was chosen.
    words
        Texts in the reader's language.
    """
    gap = "—" if choice.gap is None else f"{choice.gap:.1%}"
    return words(
        "charge.proof",
        places=len(choice.sites),
        ports=f"{choice.ports:,}",
        cost=f"{choice.cost_yuan:,.0f}",
        bound=f"{choice.bound:,}",
        gap=gap,
        status=words(f"charge.{choice.status}"),
    )


def site_document(plan: SitePlan) -> dict[str, Any]:
    """Everything as JSON: places without their shapes, the choice, what was not screened."""
    manifest = plan.dataset.manifest
    return {
        "notice": LABEL.zh,
        "unchecked": UNCHECKED.zh,
        "profile": plan.profile,
        "demo": manifest.demo,
        "data_date": manifest.data_date,
        "all_sha256": manifest.all_sha256,
        "sites": json.loads(site_table(plan).to_json(orient="records", force_ascii=False)),
        "choice": None if plan.choice is None else asdict(plan.choice),
        "unscreened": plan.siting.unscreened.to_dict("records"),
    }


def site_table(plan: SitePlan) -> pd.DataFrame:
    """The places as a table in the order of the ranking, with `build`, the ports to build there."""
    frame = pd.DataFrame(plan.siting.sites.drop(columns=["geometry", "space_id"]))
    built = plan.choice.sites if plan.choice else {}
    return frame.assign(build=[built.get(site, 0) for site in frame["site_id"]])


def write_sites(path: Path, plan: SitePlan) -> None:
    """Write the places as .geojson, .xlsx or .json; the file appears whole or not at all.

    Parameters
    ----------
    path
        The file to write.
    plan
        The candidates, and what was chosen.

    Raises
    ------
    UsageError
        If the name ends otherwise.
    """
    writers = {".geojson": _geojson_bytes, ".xlsx": _xlsx_bytes, ".json": _json_bytes}
    if path.suffix.lower() not in writers:
        raise UsageError(*say("charging.out_suffix", name=path.name))
    body = writers[path.suffix.lower()](plan)
    atomic_write(path, body)


def _json_bytes(plan: SitePlan) -> bytes:
    return (json.dumps(site_document(plan), ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def _geojson_bytes(plan: SitePlan) -> bytes:
    """Degrees of CGCS2000/WGS84 with 7 decimals; the notice is a member of the collection."""
    shapes = gpd.GeoSeries(plan.siting.sites.geometry, crs=plan.dataset.manifest.metric_crs)
    rows = site_table(plan).assign(notice=LABEL.zh)
    frame = gpd.GeoDataFrame(rows, geometry=shapes.to_crs("EPSG:4326").set_precision(1e-7))
    body = json.loads(frame.to_json(drop_id=True))
    body.pop("crs", None)
    demo = {"demo": plan.dataset.manifest.demo}
    body["pianqu"] = {"notice": LABEL.zh, "unchecked": UNCHECKED.zh, "profile": plan.profile, **demo}
    return (json.dumps(body, ensure_ascii=False) + "\n").encode("utf-8")


def _xlsx_bytes(plan: SitePlan) -> bytes:
    rows = site_table(plan)[list(_HEAD)].replace(
        {True: "是", False: "", "outline": "小区内空地 (推算)", "open_space": "空地图层"}
    )

    def fill(book: xlsxwriter.Workbook) -> None:
        bold = add_head_style(book)
        sheet = book.add_worksheet("候选场地")
        mark = "  [演示数据 (虚构)]" if plan.dataset.manifest.demo else ""
        sheet.write_string(0, 0, f"{plan.dataset.manifest.name} 充电候选场地 · {LABEL.zh}{mark}")
        choice_text = "" if plan.choice is None else choice_line(plan.choice).zh
        sheet.write_string(1, 0, f"{UNCHECKED.zh}。{choice_text}")
        write_head(sheet, tuple(_HEAD.values()), bold, row=2)
        for number, row in enumerate(rows.itertuples(index=False), 3):
            for column, cell in enumerate(row):
                sheet.write(number, column, None if pd.isna(cell) else cell)
        sheet.freeze_panes(3, 2)
        sheet.set_column(1, 3, 22)
        left = book.add_worksheet("未筛小区")
        write_head(left, ("单元编号", "原因"), bold)
        reasons = [
            (unit, say(f"cli.unscreened_{reason}").zh) for unit, reason in plan.siting.unscreened.to_numpy().tolist()
        ]
        write_rows(left, reasons, first=1)
        left.set_column(0, 1, 30)

    return make_workbook(fill)
