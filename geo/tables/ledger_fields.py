"""Columns a ledger of communities has for other layers: "one sheet for everything"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from geo.schema import LAYERS, SERVICE_POINT_KINDS, Field


@dataclass(frozen=True)
class LedgerField:
    """A field of another layer that a column of the ledger may fill.

    Parameters
    ----------
    layer
        The layer it goes into.
    field
        What its values are, under the name it has there.
    """

    layer: str
    field: Field


_COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "ebike_stock": ("ebikes", "counted_date"),
        "ebike_sites": ("ports", "piles"),
        "parking": ("bays_fixed", "bays_public", "cars_registered", "ev_bays_built", "ev_bays_reserved"),
        "owners_bodies": (
            "established_date",
            "member_count",
            "party_member_count",
            "has_party_org",
            "cross_appointed",
            "training_count_year",
        ),
        "contracts": ("start_date", "end_date", "filed", "performance_disclosed"),
        "companies": ("uscc", "credit_rating", "blacklisted"),
    }
)


def _all_fields() -> dict[str, LedgerField]:
    found = {
        f"{layer}.{name}": LedgerField(layer, next(f for f in LAYERS[layer] if f.name == name))
        for layer, names in _COLUMNS.items()
        for name in names
    }
    labels = ("物业用房", "维修站", "保洁用房", "党群服务中心", "便民店")
    for kind, label in zip(SERVICE_POINT_KINDS, labels, strict=False):
        found[f"service_points.{kind}"] = LedgerField("service_points", Field(kind, "text", label))
    return found


LEDGER_FIELDS: Mapping[str, LedgerField] = MappingProxyType(_all_fields())
"""By the name a column map has for them, "layer.field"; of a service point the field is its kind."""

LEDGER_LAYERS: tuple[str, ...] = tuple(dict.fromkeys(one.layer for one in LEDGER_FIELDS.values()))
"""The layers a ledger may speak for."""

LEDGER_NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "ebike_stock.ebikes": (
            "电动自行车数",
            "电动自行车数量",
            "电动自行车保有量",
            "电动自行车",
            "电动车数",
            "电动车保有量",
            "电动车数量",
            "电动两轮车",
            "电瓶车数量",
            "电瓶车数",
            "ebikes",
            "ebikecount",
        ),
        "ebike_stock.counted_date": ("电动自行车统计日期", "电动车统计日期", "电动自行车摸排日期", "电动车摸排日期"),
        "ebike_sites.ports": (
            "充电端口",
            "充电端口数",
            "充电端口数量",
            "电动自行车充电端口",
            "电动自行车充电端口数",
            "电动车充电端口",
            "电动车充电端口数",
            "端口数",
            "端口数量",
            "充电口",
            "充电口数",
            "充电插座数",
            "充电插座",
            "充电接口",
            "充电接口数",
            "电动自行车充电位",
            "电动车充电位",
            "ports",
            "portcount",
        ),
        "ebike_sites.piles": ("电动自行车充电桩", "电动自行车充电桩数", "电动车充电桩", "电动车充电桩数"),
        "parking.bays_fixed": (
            "固定车位",
            "固定车位数",
            "产权车位",
            "产权车位数",
            "地下车位",
            "地下停车位",
            "地下车位数",
            "baysfixed",
        ),
        "parking.bays_public": (
            "公共车位",
            "公共车位数",
            "地面车位",
            "地面停车位",
            "地上车位",
            "地上停车位",
            "临时车位",
            "bayspublic",
        ),
        "parking.cars_registered": ("登记汽车", "登记车辆数", "汽车数", "汽车保有量", "机动车数量", "机动车保有量"),
        "parking.ev_bays_built": ("已建充电车位", "充电车位", "充电车位数", "汽车充电车位", "evbaysbuilt"),
        "parking.ev_bays_reserved": ("预留充电车位", "预留充电车位数", "evbaysreserved"),
        "owners_bodies.established_date": (
            "业委会成立时间",
            "业主组织成立时间",
            "业主组织成立日期",
            "业委会成立日期",
            "业主委员会成立时间",
            "业主委员会成立日期",
            "物管会成立时间",
            "业委会物管会成立时间",
        ),
        "owners_bodies.member_count": (
            "业委会成员数",
            "业委会委员数",
            "业委会委员人数",
            "业委会人数",
            "委员人数",
            "委员数",
        ),
        "owners_bodies.party_member_count": ("业委会党员数", "业委会党员人数", "党员委员数", "委员中党员数"),
        "owners_bodies.has_party_org": ("业委会党组织", "业委会是否建立党组织", "业委会是否成立党组织", "业委会党支部"),
        "owners_bodies.cross_appointed": ("交叉任职", "是否交叉任职", "双向进入交叉任职"),
        "owners_bodies.training_count_year": ("业委会培训次数", "业委会年培训次数", "年培训次数"),
        "contracts.start_date": (
            "合同开始日期",
            "合同开始时间",
            "合同起始日期",
            "合同起始时间",
            "物业合同开始日期",
            "物业合同起始时间",
            "合同签订日期",
            "合同签订时间",
        ),
        "contracts.end_date": (
            "合同到期日期",
            "合同起止日期",
            "合同起止时间",
            "物业合同起止日期",
            "物业服务合同起止时间",
            "合同到期时间",
            "合同到期日",
            "合同到期",
            "合同终止日期",
            "合同终止时间",
            "合同截止日期",
            "合同截止时间",
            "合同结束日期",
            "物业合同到期日期",
            "物业合同到期时间",
            "物业服务合同到期时间",
            "服务合同到期时间",
            "到期日期",
        ),
        "contracts.filed": ("合同备案", "合同是否备案", "合同备案情况", "物业合同备案", "物业服务合同是否备案"),
        "contracts.performance_disclosed": ("履约公示", "履约情况公示", "履约是否公示"),
        "companies.uscc": ("统一社会信用代码", "物业企业信用代码", "社会信用代码"),
        "companies.credit_rating": ("企业信用等级", "物业企业信用等级", "信用等级", "企业信用", "信用评价等级"),
        "companies.blacklisted": ("是否列入黑名单", "企业是否黑名单", "黑名单"),
        "service_points.property_office": ("物业用房", "物业服务用房", "物业管理用房", "物业用房面积", "有无物业用房"),
        "service_points.repair_station": ("维修站", "维修点", "维修服务点"),
        "service_points.cleaning_room": ("保洁用房", "保洁班房", "环卫用房"),
        "service_points.party_centre": ("党群服务中心", "党群服务站", "党群服务点", "党群中心"),
        "service_points.shop": ("便民店", "便民超市", "便民商店", "便利店"),
    }
)
"""Headers of each, the surest first: only words that mean the same above a sheet of communities."""


def is_ledger_field(name: str) -> bool:
    """Whether a field of a column map goes into another layer than the table's own.

    Examples
    --------
    >>> is_ledger_field("ebike_sites.ports"), is_ledger_field("households")
    (True, False)
    """
    return name in LEDGER_FIELDS
