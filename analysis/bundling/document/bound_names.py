"""How a bound was found: the names that plans carry, in words."""

from __future__ import annotations

from typing import NamedTuple


class BoundName(NamedTuple):
    """A way to bound, in Chinese and English."""

    zh: str
    en: str


BOUND_NAMES: dict[str, BoundName] = {
    "counting": BoundName("清点任何片区都容不下的单元", "units counted that fit no area"),
    "anchor_capacity": BoundName(
        "清点牵头小区够不着的单元, 其余按牵头能力合计、逐个背包或列生成",
        "units counted that no anchor reaches; the rest by capacity, joint, by one knapsack an anchor, "
        "or by column generation over connected areas",
    ),
    "anchor_areas": BoundName(
        "每个牵头小区一个精确背包, 有时间则对连片片区列生成",
        "one exact knapsack an anchor; given time, column generation over connected areas",
    ),
    "anchor_areas_and_knapsacks": BoundName(
        "有牵头小区的片区: 每个牵头小区一个背包或列生成; 另加其他片区: 拉格朗日松弛",
        "areas with an anchor: one knapsack an anchor or column generation; added to it the other areas: "
        "Lagrangian relaxation",
    ),
    "medoid_knapsacks": BoundName("拉格朗日松弛, 每个中心一个背包", "Lagrangian relaxation, one knapsack a medoid"),
    "companies": BoundName(
        "全市一个线性规划: 牵头能力与企业承接上限",
        "one linear programme for the city: anchors' capacity and what companies may take on",
    ),
    "one_area_a_wall": BoundName("每个街道当作一个片区时的人数", "posts as if every street were one area"),
    "never_negative": BoundName("步行总量不会为负", "walks are never negative"),
}
