"""Indicators of the action plan that offices report, because no table of the dataset holds them."""

from __future__ import annotations

from analysis.indicators.figure import Level
from analysis.indicators.indicator import (
    BY_DISTRICT,
    CITY_ONLY,
    EVERYWHERE,
    Better,
    Indicator,
    Kind,
)

_RATE = ("reported_figures.numerator", "reported_figures.denominator")
_COUNT = ("reported_figures.value",)


def _entry(
    number: str,
    key: str,
    name_zh: str,
    name_en: str,
    formula: str,
    clause: str,
    levels: tuple[Level, ...] = CITY_ONLY,
    *,
    unit: str = "count",
    kind: Kind = "C",
    better: Better = "higher",
) -> Indicator:
    columns = _RATE if unit == "ratio" else _COUNT
    return Indicator(
        id=number, key=key, name_zh=name_zh, name_en=name_en, formula=formula, unit=unit,
        levels=levels, kind=kind, clause=clause, version="1", better=better, columns=columns,
    )  # fmt: skip


REPORTED: tuple[Indicator, ...] = (
    _entry(
        "G01", "district_party_committee_count", "旗县区级物业行业党委数", "District industry party committees",
        "number of districts with a committee of the trade", "总体要求", BY_DISTRICT, kind="N",
    ),
    _entry(
        "G07", "grade_2plus_project_count", "二级以上物业服务项目数", "Projects graded second or better",
        "number of projects graded second or better under the policy's standard", "总体要求", BY_DISTRICT, kind="N",
    ),
    _entry(
        "G08", "regional_demo_project_count", "自治区级优秀、示范项目", "Regional excellent and demonstration projects",
        "number of projects honoured by the region", "总体要求", BY_DISTRICT, kind="N",
    ),
    _entry(
        "G12", "system_milestones", "2027年体系目标完成项数", "System milestones reached",
        "number reached of five: fund online, mediation, rating, platform, price for quality", "总体要求", kind="M",
    ),
    _entry(
        "T02", "four_level_system_rate", "“四级管理体系”到位率", "Four-level management in place",
        "offices with agency, staff, function and duty / offices", "三(一)2", EVERYWHERE, unit="ratio",
    ),
    _entry(
        "T03", "city_dispute_mechanism", "市级矛盾纠纷调处机制", "City mechanism for disputes",
        "1 once set up, with date and document", "三(一)3", kind="M",
    ),
    _entry(
        "T04", "demo_case_count", "“社企融合”示范案例", "Demonstration cases of the year",
        "number of cases in the year", "三(一)4", BY_DISTRICT,
    ),
    _entry(
        "T05", "duty_lawyer_rate", "责任律师覆盖率", "Communities with a duty lawyer",
        "communities with a duty lawyer / communities", "三(一)5", BY_DISTRICT, unit="ratio",
    ),
    _entry(
        "T06", "law_enforcement_visit_rate", "“执法进小区”覆盖率", "Communities visited by law enforcement",
        "communities visited in the period / communities", "三(二)6", EVERYWHERE, unit="ratio",
    ),
    _entry(
        "T08", "maintenance_fund_milestones", "维修资金制度完成项数", "Maintenance fund milestones",
        "number reached of four: rules revised, emergency rules, online, audited", "三(二)8", kind="M",
    ),
    _entry(
        "T09", "credit_publication_count", "信用评价结果公布次数", "Publications of credit ratings",
        "number of publications in the year", "三(二)9",
    ),
    _entry(
        "T10b", "petition_reply_rate", "信访投诉答复率", "Petitions answered",
        "petitions answered / petitions received", "三(二)10", EVERYWHERE, unit="ratio", kind="N",
    ),
    _entry(
        "T10c", "district_mediation_org_count", "区级物业矛盾调解组织数", "District mediation bodies",
        "number of mediation bodies", "三(二)10", BY_DISTRICT,
    ),
    _entry(
        "T10c", "case_closure_rate", "矛盾调解按期办结率", "Cases closed in time",
        "cases closed in time / cases received", "三(二)10", BY_DISTRICT, unit="ratio",
    ),
    _entry(
        "T11", "standard_adoption_rate", "服务标准贯标率", "Projects graded under the standard",
        "projects graded / projects", "三(三)11", EVERYWHERE, unit="ratio",
    ),
    _entry(
        "T11", "service_standard_milestones", "市服务标准与成本信息发布完成项数",
        "Standard and cost information issued",
        "number reached of two: the city's standard, cost information", "三(三)11", kind="M",
    ),
    _entry(
        "T12d", "dual_dispatch_closure_rate", "“双派单”工单办结率", "Dual dispatch orders closed",
        "orders closed by both receivers / orders dispatched", "三(三)12", BY_DISTRICT, unit="ratio",
    ),
    _entry(
        "T13e", "monthly_monitoring_done", "月度监测评估完成月数", "Months monitored",
        "number of months of the year with an approved snapshot", "三(三)13", BY_DISTRICT, kind="N",
    ),
    _entry(
        "T14a", "disclosure_12_rate", "12类核心信息公开达标率", "Communities with all 12 disclosures",
        "communities with 12 of 12 published on site and on the platform / communities",
        "三(四)14", EVERYWHERE, unit="ratio",
    ),
    _entry(
        "T14b", "random_inspection_count", "“双随机、一公开”抽查数", "Random inspections",
        "number of inspections in the year", "三(四)14、16", BY_DISTRICT,
    ),
    _entry(
        "T16", "public_revenue_account_rate", "公共收益单独列账覆盖率", "Public revenue in a separate ledger",
        "communities with a separate ledger / communities with public revenue",
        "三(四)16", EVERYWHERE, unit="ratio", kind="N",
    ),
    _entry(
        "T17", "third_party_mechanism", "指定第三方服务监管机制", "Supervision of designated third parties",
        "1 once set up, with date and document", "三(四)17", kind="M",
    ),
    _entry(
        "T18", "staff_dishonesty_count", "从业人员失信名单人数", "Staff on the list of dishonesty",
        "number of persons listed", "三(四)18", better="lower",
    ),
    _entry(
        "T19a", "appeal_rate_per_1k_hh", "每千户月诉求数", "Appeals per 1,000 households and month",
        "appeals in the month / households × 1,000", "三(四)19", EVERYWHERE, unit="per_1000_households", better="lower",
    ),
    _entry(
        "T19b", "key_community_count", "重点小区数", "Key communities",
        "number of communities flagged", "三(四)19", BY_DISTRICT, better="lower",
    ),
    _entry(
        "T20", "skill_certified_count", "技能等级认定人数", "Staff with certified skills",
        "number of persons certified", "三(四)20",
    ),
    _entry(
        "T21", "new_employment_site_count", "新就业群体服务设施数", "Service points for delivery workers",
        "number of points", "三(五)21", EVERYWHERE,
    ),
    _entry(
        "T22", "parking_added", "新增车位", "Parking bays added",
        "bays added in the year", "三(五)22", BY_DISTRICT,
    ),
    _entry(
        "T22", "parking_shared", "错时共享车位", "Parking bays shared",
        "bays shared by time", "三(五)22", BY_DISTRICT,
    ),
    _entry(
        "T23", "elevator_added", "加装电梯", "Elevators added",
        "elevators added in the year", "三(五)23", BY_DISTRICT,
    ),
    _entry(
        "T23", "elevator_renewed", "更新电梯", "Elevators renewed",
        "elevators renewed in the year", "三(五)23", BY_DISTRICT,
    ),
    _entry(
        "T23", "elevator_insured_rate", "电梯保险覆盖率", "Elevators insured",
        "elevators insured / elevators", "三(五)23", BY_DISTRICT, unit="ratio",
    ),
    _entry(
        "T24", "fire_lane_clear_rate", "生命通道畅通率", "Fire lanes clear",
        "communities with clear fire lanes / communities inspected", "三(五)24", BY_DISTRICT, unit="ratio",
    ),
    _entry(
        "T24", "control_room_staffed_rate", "消防控制室持证率", "Fire control rooms with certified staff",
        "control rooms with certified staff / control rooms", "三(五)24", BY_DISTRICT, unit="ratio",
    ),
    _entry(
        "T24", "hazard_rectified_rate", "消防隐患整改率", "Fire hazards put right",
        "hazards put right / hazards found", "三(五)24", BY_DISTRICT, unit="ratio",
    ),
    _entry(
        "T26", "secondary_water_rate", "二次供水管理达标率", "Secondary water supply in order",
        "secondary supplies in order / secondary supplies", "三(五)26", BY_DISTRICT, unit="ratio",
    ),
    _entry(
        "T26", "misconnection_fixed", "雨污错接整改处数", "Sewer misconnections put right",
        "number put right", "三(五)26", BY_DISTRICT,
    ),
    _entry(
        "T27", "waste_sorting_rate", "垃圾分类达标率", "Communities that sort waste",
        "communities that sort waste / communities", "三(五)27", BY_DISTRICT, unit="ratio",
    ),
    _entry(
        "T27", "garden_community_count", "花园住区数", "Garden communities",
        "number of garden communities", "三(五)27", BY_DISTRICT,
    ),
    _entry(
        "T28", "mobile_four_level_rate", "四级管理手机端覆盖率", "Offices on the mobile platform",
        "offices online / offices", "三(六)28", BY_DISTRICT, unit="ratio",
    ),
    _entry(
        "T29", "smart_install_rate", "智能监控、阻梯系统安装率", "Communities with smart devices",
        "communities with devices / communities", "三(六)29", BY_DISTRICT, unit="ratio",
    ),
    _entry(
        "T30", "pm_plus_count", "“物业+”项目数", "Property-plus projects",
        "number of projects", "三(六)30", BY_DISTRICT,
    ),
    _entry(
        "T31", "platform_merchant_count", "线上平台接入商户", "Merchants on the platform",
        "number of merchants", "三(六)31",
    ),
)  # fmt: skip
"""In the order of the action plan."""
