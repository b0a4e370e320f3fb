"""What every export says of a plan: the place of each unit in it, and where the figures are from."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from analysis.bundling.document.roles import find_leaders, list_roles
from analysis.bundling.document.schema import plan_sha
from analysis.bundling.verify.verdict import Verdict, make_verdict
from analysis.bundling.verify.verify import verify_plan
from app.exports.public import PUBLIC_LABEL, PublicDataset, PublicPlan
from app.i18n import Words, load_words, say
from app.workbench.formats import format_count
from app.workbench.plan_rules import format_rules
from app.workbench.policies import RulesInForce, resolve_rules
from geo.errors import UsageError
from geo.schema import ESTIMATED_GROUND
from geo.storage.dataset import Dataset
from geo.storage.manifest import Manifest
from geo.validation.unit_findings import OVERLAP_M2

NOTICE = "内部工作用图, 未经审核不得公开"
DEMO_LABEL = "演示数据"
UNKNOWN_DISTRICT = "unknown"


def city_name(manifest: Manifest) -> str:
    """The name of a dataset next to a badge that says 演示数据: not saying it a second time.

    Examples
    --------
    >>> from geo.storage.manifest import new_manifest
    >>> city_name(new_manifest("云岭市（演示数据）", "EPSG:4546", demo=True))
    '云岭市'
    """
    if not manifest.demo:
        return manifest.name
    return re.sub(rf"\s*[（(]\s*{DEMO_LABEL}\s*[)）]\s*$", "", manifest.name) or manifest.name


def unit_table(dataset: Dataset, document: Mapping[str, Any]) -> gpd.GeoDataFrame:
    """Every unit of a dataset with its place in a plan.

    Parameters
    ----------
    dataset
        The dataset.
    document
        The plan.

    Returns
    -------
    GeoDataFrame of n rows in the order of `units`, metric CRS: its columns and area_id (missing
    outside areas), role (one of `analysis.bundling.document.roles.ROLES`), leader_unit_id (missing where
    nobody leads it), reason (missing inside areas, but for units that nobody leads), district and
    street (codes as parts of file names).

    Raises
    ------
    UsageError
        If the plan does not hold each placed unit exactly once.
    """
    units = dataset.layer("units")
    special = units["special_type"].notna() & (not document["rules"]["auto_absorb_special"])
    companions = set(units.loc[special, "unit_id"])
    columns = ["unit_id", "area_id", "role", "leader_unit_id", "reason"]
    rows = [tuple(getattr(row, name) for name in columns) for row in list_roles(document, companions)]
    table = pd.DataFrame(rows, columns=columns).astype("str")
    _check_partition(table["unit_id"], units)
    joined = units.merge(table, on="unit_id", how="left", validate="one_to_one")
    absent = joined["role"].isna()
    return joined.assign(
        role=joined["role"].fillna("out_of_scope"),
        reason=joined["reason"].mask(absent, "not_placed"),
        district=clean_codes(joined["district_code"]),
        street=clean_codes(joined["street_code"]),
    )


def area_table(units: gpd.GeoDataFrame, document: Mapping[str, Any]) -> gpd.GeoDataFrame:
    """The areas of a plan, each the union of its units.

    Parameters
    ----------
    units
        From :func:`unit_table`.
    document
        PLAN.json.

    Returns
    -------
    GeoDataFrame of k rows in the plan's order, CRS of `units`: area_id, area_number (as on the map, from 1),
    name, street_code, anchor_unit_id, anchor_unit_ids, unit_count, led_count, households, floor_area_m2;
    operator, company_ids, oversize_unit_ids, outside_preferred (missing but in mode "area"); district and
    street (codes as parts of file names: those of the anchor, else of most units); geometry.
    """
    at = {unit: position for position, unit in enumerate(units["unit_id"])}
    shapes, own = units.geometry.to_numpy(), {level: units[level].to_numpy() for level in ("district", "street")}
    rows = []
    for number, area in enumerate(document["areas"], 1):
        members, anchor = [at[unit] for unit in area["unit_ids"]], area["anchor_unit_id"]
        rows.append(
            {
                **{name: area.get(name) for name in _STATED},
                "area_number": number,
                "anchor_unit_ids": area.get("anchor_unit_ids", [anchor] if anchor else []),
                "unit_count": len(members),
                "led_count": len(find_leaders(area)),
                **{
                    level: codes[at[anchor]] if anchor else Counter(sorted(codes[members])).most_common(1)[0][0]
                    for level, codes in own.items()
                },
                "geometry": shapely.union_all(shapely.make_valid(shapes[members])),
            }
        )
    columns = [*_STATED, "area_number", "anchor_unit_ids", "unit_count", "led_count", *own, "geometry"]
    return gpd.GeoDataFrame(rows, columns=columns, geometry="geometry", crs=units.crs)


_STATED = (
    "area_id",
    "name",
    "street_code",
    "anchor_unit_id",
    "households",
    "floor_area_m2",
    "operator",
    "company_ids",
    "oversize_unit_ids",
    "outside_preferred",
    "households_hidden",
)
"""What PLAN.json itself says of an area."""


def _check_partition(listed: pd.Series, units: gpd.GeoDataFrame) -> None:
    wrong = [
        *listed[~listed.isin(units["unit_id"])],
        *listed[listed.duplicated()],
        *units["unit_id"][~units["unit_id"].isin(listed) & units.geometry.notna()],
    ]
    if wrong:
        some = ", ".join(wrong[:5])
        raise UsageError(
            f"方案与数据集不符: {len(wrong)} 个单元缺少、重复或不存在 ({some}); 请运行 pianqu verify 查看。",
            f"The plan does not fit the dataset: {len(wrong)} units are missing, repeated or unknown "
            f"({some}); run pianqu verify to see them.",
        )


def plan_id(document: Mapping[str, Any]) -> str:
    """A short name of a plan: the same plan has the same one, however long its search took.

    Examples
    --------
    >>> plan_id({"seed": 0, "seconds": 1.5}) == plan_id({"seconds": 60.0, "seed": 0})
    True
    """
    return full_plan_sha(document)[:16]


def full_plan_sha(document: Mapping[str, Any]) -> str:
    """Hash of a plan; of one made for the public, that of the whole plan."""
    return str(document.plan_sha256) if isinstance(document, PublicPlan) else plan_sha(document)


@dataclass(frozen=True)
class PlanCheck:
    """What an exported file says of the rules: the policy in force, and the verdict on the plan.

    Parameters
    ----------
    policy
        Name, version, hash and who chose it.
    verdict
        Of the independent check.
    rules
        The rules it speaks of, each with the areas it holds for, in Chinese: label, value, source.
    """

    policy: Mapping[str, Any]
    verdict: Verdict
    rules: tuple[tuple[str, str, str], ...] = ()


def make_plan_check(document: Mapping[str, Any], rules: RulesInForce, verdict: Verdict) -> PlanCheck:
    """What an exported file says of the rules of a plan.

    Parameters
    ----------
    document
        PLAN.json.
    rules
        In force.
    verdict
        Of the independent check.
    """
    return PlanCheck(rules.record, verdict, tuple(format_rules(document, rules.policy, load_words("zh"))))


def check_for_export(dataset: Dataset, document: Mapping[str, Any], rules: RulesInForce | None = None) -> PlanCheck:
    """A plan checked by the policy in force; seconds for a city.

    Parameters
    ----------
    dataset
        The dataset the plan was made for.
    document
        PLAN.json.
    rules
        In force; those of the dataset when None.
    """
    rules = rules or resolve_rules(dataset)
    return make_plan_check(document, rules, make_verdict(verify_plan(dataset, document, rules.policy)))


def provenance(dataset: Dataset, document: Mapping[str, Any], found: PlanCheck) -> dict[str, Any]:
    """Which plan, of which data, with which verdict and notice: goes into every exported file.

    Parameters
    ----------
    dataset
        The dataset.
    document
        The plan.
    found
        What the check found.
    """
    manifest = dataset.manifest
    use = say("export.public_use") if isinstance(dataset, PublicDataset) else None
    return {
        "verdict": {
            "ok": found.verdict.is_met,
            "word": f"{found.verdict.word_zh} {found.verdict.word_en}",
            "zh": found.verdict.zh,
            "en": found.verdict.en,
        },
        "rules": [{"rule": label, "value": value, "source": source} for label, value, source in found.rules],
        "policy": dict(found.policy),
        "plan_id": plan_id(document),
        "planning_sha256": document["planning_sha256"],
        "policy_sha256": document["policy_sha256"],
        "all_sha256": manifest.all_sha256,
        "name": manifest.name,
        "data_date": manifest.data_date,
        "demo": manifest.demo,
        "label": DEMO_LABEL if manifest.demo else None,
        "notice": "; ".join(
            filter(None, (NOTICE if use is None else use.zh, tell_estimated(dataset, load_words("zh"))))
        ),
        **describe_public(dataset),
    }


def list_notices(dataset: Dataset, words: Words) -> tuple[str, ...]:
    """What every page of a file says at its foot: what is hidden, which ground is estimated, what it may be used for.

    Parameters
    ----------
    dataset
        The dataset exported.
    words
        Texts in the reader's language.
    """
    public = tell_public(dataset, words)
    use = words("export.public_use" if public else "page.footer_note")
    return tuple(filter(None, (public, tell_estimated(dataset, words), use)))


def tell_overlaps(words: Words, units: gpd.GeoDataFrame) -> str:
    """What a reader is told of outlines of the source that overlap, so that areas do, too; "" where none do.

    Parameters
    ----------
    words
        Texts in the reader's language.
    units
        Those told of, metric CRS.
    """
    shapes = units.geometry.to_numpy()[~units["geom_quality"].isin(ESTIMATED_GROUND).to_numpy()]
    a, b = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    a, b = a[a < b], b[a < b]
    shared = shapely.area(shapely.intersection(shapes[a], shapes[b]))
    shared = shared[shared > OVERLAP_M2]
    if not len(shared):
        return ""
    return words("export.overlaps", n=format_count(len(shared)), m2=format_count(shared.sum()))


def tell_estimated(dataset: Dataset, words: Words, units: pd.DataFrame | None = None) -> str:
    """What a reader of an exported file is told of shapes that are no outlines; "" where all are.

    Parameters
    ----------
    dataset
        The dataset exported.
    words
        Texts in the reader's language.
    units
        Those told of; None = all.
    """
    told = dataset.layer("units") if units is None else units
    n = int(told["geom_quality"].isin(ESTIMATED_GROUND).sum())
    return words("export.estimated_note", n=f"{n:,}") if n else ""


def tell_public(dataset: Dataset, words: Words) -> str:
    """What a reader of a file for the public is told of hidden figures; "" where it is none.

    Parameters
    ----------
    dataset
        The dataset exported.
    words
        Texts in the reader's language.
    """
    return words("export.public_note", fewest=dataset.fewest) if isinstance(dataset, PublicDataset) else ""


def describe_public(dataset: Dataset) -> dict[str, Any]:
    """What a file for the public says of itself; nothing where it is none."""
    if not isinstance(dataset, PublicDataset):
        return {}
    told = say("export.public_note", fewest=dataset.fewest)
    return {"public": {"label": PUBLIC_LABEL, "fewest_households": dataset.fewest, "zh": told.zh, "en": told.en}}


def clean_codes(codes: pd.Series) -> pd.Series:
    """Codes of districts or streets as parts of file names, those made from names too; "unknown" where there is none.

    Examples
    --------
    >>> clean_codes(pd.Series(["150203", None, "../x", "N-昆都仑"])).tolist()
    ['150203', 'unknown', '___x', 'N-昆都仑']
    """
    known = codes.astype("str").fillna(UNKNOWN_DISTRICT)
    return known.map(lambda code: re.sub(r"[^\w-]", "_", code))
