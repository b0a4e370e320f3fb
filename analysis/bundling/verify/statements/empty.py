"""Why a plan has no area: no unit at all, none with a place, none in scope, or nobody that fits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from analysis.bundling.verify.base.context import CheckContext

MOST_REASONS = 4
"""Reasons that the sentence counts; the rest is summed up."""

_WORDS = {
    "not_placed": ("没有图形或坐标", "no place"),
    "street_not_chosen": ("街道未选", "street not chosen"),
    "locked_out": ("人工锁定在外", "locked out"),
    "special_needs_confirmation": ("移交小区须逐个确认", "handed over, to be confirmed"),
    "owner_unwilling": ("业主不同意", "owners refuse"),
    "data_missing": ("缺少数据", "figures missing"),
    "already_well_managed": ("已有专业物业", "professionally managed"),
    "not_a_target": ("不是划分对象", "no target"),
    "anchor_ineligible": ("不符合牵头条件", "may not lead"),
    "anchor_unused": ("可牵头但未带入", "lead nobody"),
    "lock_unmet": ("锁定与规则冲突", "locks against rules"),
    "could_join": ("可并入但未划入", "could join"),
    "lock_forbids": ("锁定不许并入", "locks forbid it"),
    "barrier": ("有阻隔", "barriers"),
    "street_unknown": ("街道代码不全", "street unknown"),
    "other_street": ("邻居在别的街道", "neighbours in another street"),
    "neighbours_not_planned": ("邻居不在范围", "neighbours out of scope"),
    "no_neighbour": ("没有相邻单元", "no neighbour"),
    "no_adjacent_anchor": ("没有可达的牵头小区", "no anchor in reach"),
    "anchor_too_small": ("牵头小区太小", "anchors too small"),
    "anchor_capacity": ("牵头能力不足", "anchors full"),
    "company_capacity": ("企业承接已满", "companies full"),
    "below_min_size": ("达不到规模下限", "below the least size"),
    "above_max_size": ("超过规模上限", "above the most size"),
    "no_fit": ("没有合适的片区", "no area fits"),
}


def explain_no_area(context: CheckContext) -> tuple[str, str] | None:
    """Why a plan has no area, in Chinese and English; None for a plan that has one.

    Units and their places are counted in the data; reasons are those the plan gives, checked elsewhere.
    """
    plan, n = context.plan, len(context.units)
    if plan.areas:
        return None
    if n == 0:
        return (
            "数据集没有任何单元, 请先导入小区或楼栋",
            "the dataset has no unit at all; import communities or buildings",
        )
    n_placed = int(context.placed.sum())
    if n_placed == 0:
        return (
            f"全部 {n:,} 个单元都没有位置 (图形或坐标), 请先落图",
            f"none of the {n:,} units has a place (a shape or coordinates); place them first",
        )
    idle = [row.reason for row in plan.out_of_scope]
    left = [row.reason for row in plan.left_over]
    zh_out, en_out = _count_reasons(idle)
    if not left:
        return (f"{n:,} 个单元中没有一个可以划分: {zh_out}", f"none of the {n:,} units is to be planned: {en_out}")
    zh, en = _count_reasons(left)
    asked = plan.rules.areas
    zh_asked, en_asked = (
        ("", "")
        if asked is None
        else (f"找不到恰好 {asked:,} 个片区的方案; ", f"no plan of exactly {asked:,} areas was found; ")
    )
    zh_more, en_more = (
        (f"; 另有 {len(idle):,} 个不在范围: {zh_out}", f"; {len(idle):,} more are out of scope: {en_out}")
        if idle
        else ("", "")
    )
    return (
        f"{zh_asked}划分对象 {len(left):,} 个单元全部未能划入: {zh}{zh_more}",
        f"{en_asked}none of the {len(left):,} units to be planned could be placed: {en}{en_more}",
    )


def _count_reasons(reasons: Iterable[str]) -> tuple[str, str]:
    """Reasons with how many units have each, most first."""
    counts = sorted(Counter(reasons).items(), key=lambda item: (-item[1], item[0]))
    words = [(*_WORDS.get(reason, (reason, reason)), count) for reason, count in counts]
    shown, rest = words[:MOST_REASONS], sum(count for *_, count in words[MOST_REASONS:])
    zh = [f"{one} {count:,}" for one, _, count in shown] + ([f"其他 {rest:,}"] if rest else [])
    en = [f"{one} {count:,}" for _, one, count in shown] + ([f"other {rest:,}"] if rest else [])
    return "、".join(zh) or "无", ", ".join(en) or "none"
