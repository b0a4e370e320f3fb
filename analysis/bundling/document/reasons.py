"""Why a unit is in no area: the keys, their rules, and a sentence in each language."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Reason:
    """Why a unit is in no area.

    Parameters
    ----------
    key
        Stable key written into PLAN.json.
    rules
        Rule ids of domain.md §3 it rests on.
    zh, en
        One sentence each, for screens and reports.
    """

    key: str
    rules: tuple[str, ...]
    zh: str
    en: str


_ALL = (
    # Not decided about: out of scope.
    Reason(
        "not_placed",
        (),
        "没有图形或坐标, 未上图前不参与划分。",
        "It has no geometry; it is not planned before it is placed on the map.",
    ),
    Reason("street_not_chosen", ("R20",), "所在街道未列入本次划分。", "Its street was not chosen for this plan."),
    Reason("locked_out", ("L05",), "人工锁定: 不划入任何片区。", "A planner locked it out of every area."),
    Reason(
        "special_needs_confirmation",
        ("R05",),
        "国企移交或非经营性资产移交小区, 不自动带入, 需逐个确认(一小区一策)。",
        "A handed-over community: it is not bundled automatically, each one needs confirmation.",
    ),
    Reason("owner_unwilling", ("R40",), "业主不同意合并。", "Its owners refuse to be merged."),
    Reason(
        "data_missing",
        (),
        "缺少划分所需的数据(户数、建筑面积或建成年份)。",
        "A figure needed for planning is missing (households, floor area or year built).",
    ),
    Reason(
        "already_well_managed",
        ("R01",),
        "已有专业化物业管理, 无须带入。",
        "It is professionally managed already and need not be taken in.",
    ),
    Reason(
        "not_a_target",
        ("R01",),
        "不是老旧小区、单体楼或产权单位代管小区, 不在带入范围。",
        "It is no old community, single building or custody community, so no rule asks for it.",
    ),
    Reason(
        "anchor_ineligible",
        ("R10", "R11", "R12"),
        "已有专业化物业管理, 但合同剩余期、黑名单或信用等级不符合牵头条件。",
        "Professionally managed, but contract, blacklist or credit rating do not let it lead.",
    ),
    Reason(
        "anchor_unused",
        ("R26",),
        "符合牵头条件, 但本方案未带入任何单元。",
        "It may lead, but takes in no unit in this plan.",
    ),
    # Decided about, and in no area: left over.
    Reason(
        "lock_unmet",
        ("L01", "L02", "L03"),
        "人工锁定 (归入某片区、片区不变或与另一单元在一起) 规则不允许; 请改动锁定或方案。",
        "The rules do not allow what it is locked to (an area, an area as it is, another unit); "
        "change the lock or the plan.",
    ),
    Reason(
        "could_join",
        (),
        "有片区可以并入, 或有牵头小区可以带入, 本方案没有划入 (人工改动所致, 或只供比较的方法); 可在编辑中划入。",
        "An area could take it in, or an anchor could lead it, and this plan does not: it was edited by "
        "hand, or made by a method for comparison; it may be put there.",
    ),
    Reason(
        "lock_forbids",
        ("L02", "L04"),
        "规则允许并入, 但人工锁定 (片区不变、不在一起) 不许; 请改动锁定。",
        "The rules would let it join, but locks do not (an area as it is, units kept apart); change them.",
    ),
    Reason(
        "barrier",
        ("R23",),
        "与周边单元之间有铁路、河流等硬阻隔, 且没有可用通道。",
        "A railway, river or other hard barrier without a crossing parts it from its neighbours.",
    ),
    Reason(
        "street_unknown",
        ("R20",),
        "街道(社区)代码不全, 不能确定与相邻单元是否同属一街道(社区); 请补全代码。",
        "Codes of street or neighbourhood are missing, so it may not join its neighbours; fill them in.",
    ),
    Reason(
        "other_street",
        ("R20",),
        "相邻单元都在别的街道(社区), 片区不得跨界。",
        "Its only neighbours lie in another street (neighbourhood), and areas cross none.",
    ),
    Reason(
        "neighbours_not_planned",
        ("R01",),
        "相邻单元都不在本次划分范围内(如移交小区、业主不同意或不符合牵头条件)。",
        "All its neighbours are out of scope (handed over, unwilling, or not eligible to lead).",
    ),
    Reason(
        "no_neighbour",
        ("R22",),
        "在间距、相对长度和步行限值内没有相邻单元(只有角对角不算相邻)。",
        "It has no neighbour within the limits of gap, facing length and walk (a corner is none).",
    ),
    Reason(
        "no_adjacent_anchor",
        ("R26",),
        "步行限值内没有可连片到达的牵头小区。",
        "No anchor can be reached through neighbours within the walking limit.",
    ),
    Reason(
        "anchor_too_small",
        ("R13",),
        "可到达的牵头小区建筑面积都小于本单元。",
        "Every anchor in reach has less floor area than the unit itself.",
    ),
    Reason(
        "anchor_capacity",
        ("R13",),
        "可到达的牵头小区剩余带入能力不足。",
        "The anchors in reach have too little capacity left.",
    ),
    Reason(
        "company_capacity",
        ("R15",),
        "可到达的牵头小区所属企业已达承接上限 (现有在管面积的一定份额)。",
        "The companies of the anchors in reach have taken on as much as they may.",
    ),
    Reason(
        "below_min_size",
        ("R31",),
        "相连的单元合计达不到片区规模下限。",
        "The units it is connected to do not add up to the least size of an area.",
    ),
    Reason(
        "above_max_size",
        ("R31",),
        "本单元自身已超过片区规模上限。",
        "The unit alone exceeds the largest size of an area.",
    ),
    Reason(
        "no_fit",
        ("R22", "R31"),
        "在规模上下限和连片要求下未找到合适片区。",
        "No area was found that keeps both the size limits and the connection.",
    ),
)

REASONS: MappingProxyType[str, Reason] = MappingProxyType({reason.key: reason for reason in _ALL})
"""Every reason by its key."""
