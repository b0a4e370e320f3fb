"""The columns of every layer of a dataset: one table that readers, checks and documents share."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

FieldKind = Literal["text", "integer", "number", "share", "date", "boolean", "geometry"]

MANAGEMENT_MODES = (
    "professional",
    "standard_grade",
    "quasi",
    "basic",
    "community_custody",
    "owner_self",
    "unit_self",
    "emergency_only",
    "none",
    "unknown",
)
"""Keys of management modes; in words: docs/site/en/import-files.md."""

QUALITIES = ("surveyed", "reported", "estimated", "missing")
GEOM_QUALITIES = ("surveyed", "digitised", "buffered_point", "estimated_cell", "convex_hull", "missing")
ESTIMATED_GROUND = ("buffered_point", "estimated_cell")
"""Of these, ground made up around a point: it depends on what lies about, and is nobody's outline."""
UNIT_KINDS = ("community", "single_building")
BARRIER_KINDS = ("railway", "expressway", "river", "canal", "arterial", "factory_wall", "closed_park")
CROSSING_KINDS = ("bridge", "underpass", "signal_crossing", "level_crossing", "gate")
COMMUNITY_TYPES = (
    "new_commodity",
    "commodity_existing",
    "old",
    "single_building",
    "unit_custody",
    "soe_transfer",
    "nonop_asset_transfer",
    "affordable",
    "mixed",
    "other",
)
"""Keys of community types; in words: geo/values/code_synonyms.py; for display, what counts is stored in own columns."""

RENEWAL_STATUSES = ("not_planned", "planned", "in_progress", "done", "not_needed")
SPECIAL_TYPES = ("soe_transfer", "nonop_asset_transfer")
OPEN_SPACE_KINDS = ("green", "parking", "plaza", "playground", "vacant", "other")
SERVICE_POINT_KINDS = ("property_office", "repair_station", "cleaning_room", "party_centre", "shop", "other")
OVERRIDE_KINDS = ("closed", "passage", "neighbours", "not_neighbours", "placed", "value", "outline", "split", "merged")
CORRECTABLE = ("households", "floor_area_m2", "built_year", "management_mode", "company_id", "street_code")
"""Columns of a unit somebody may correct."""

STAGES = ("to_contact", "contacted", "owners_consulted", "body_formed", "tendering", "contracted", "operating")
"""How far talks about a single building have come (rule R62)."""

PERMIT_KINDS = ("cross_street", "anchor_capacity", "special_community", "owner_unwilling")
JOIN_METHODS = ("code", "name", "place", "new", "row")
"""How an imported row found the unit it speaks of; "new" made one, "row" is a column of the unit's own row."""


@dataclass(frozen=True)
class Field:
    """One column of a layer.

    Parameters
    ----------
    name
        Column name on disk; its unit of measure is in the name.
    kind
        What the values are. Every kind but geometry may be missing (null), never zero instead.
    zh
        Chinese label for screens and reports.
    choices
        The allowed keys of a code list; empty for free values.
    required
        Must be present and filled in every row.
    least, most
        Plausible range; values outside are findings and become missing.
    """

    name: str
    kind: FieldKind
    zh: str
    choices: tuple[str, ...] = ()
    required: bool = False
    least: float | None = None
    most: float | None = None


def _fields(*fields: Field) -> tuple[Field, ...]:
    return fields


_PLACE = _fields(
    Field("district_code", "text", "旗县区代码"),
    Field("street_code", "text", "街道代码"),
    Field("neighbourhood_code", "text", "社区代码"),
)
_COMMUNITY_FACTS = _fields(
    Field("households", "integer", "户数", least=1, most=50_000),
    Field("floor_area_m2", "number", "建筑面积(㎡)", least=20, most=5_000_000),
    Field("land_area_m2", "number", "占地面积(㎡)", least=50, most=10_000_000),
    Field("built_year", "integer", "建成年份", least=1900, most=2100),
    Field("built_year_from", "integer", "建成年份起", least=1900, most=2100),
    Field("built_year_to", "integer", "建成年份止", least=1900, most=2100),
    Field("building_count", "integer", "楼栋数", least=1, most=2_000),
    Field("management_mode", "text", "管理方式", choices=MANAGEMENT_MODES),
    Field("company_id", "text", "物业企业编号"),
    Field("community_type", "text", "小区类型", choices=COMMUNITY_TYPES),
    Field("special_type", "text", "特殊类型", choices=SPECIAL_TYPES),
    Field("property_unit", "text", "产权单位"),
    Field("owners_body", "text", "业委会/物管会", choices=("ywh", "wgh", "none")),
    Field("merge_willingness", "text", "合并意愿", choices=("yes", "no", "unsurveyed")),
    Field("renewal_status", "text", "改造状态", choices=RENEWAL_STATUSES),
    Field("fee_yuan_m2_month", "number", "物业费(元/㎡·月)", least=0, most=50),
    Field("collection_rate", "share", "收缴率", least=0, most=1),
    Field("address", "text", "地址"),
    Field("formation_eligible", "boolean", "符合业委会组建条件"),
    Field("service_start_date", "date", "引入物业服务日期"),
    Field("has_special_policy", "boolean", "已编制一小区一策"),
)

_FIGURE_QUALITIES = _fields(  # of what was written: "estimated" where it is a guess ("约120", "80年代")
    Field("households_quality", "text", "户数来源", choices=QUALITIES),
    Field("floor_area_m2_quality", "text", "面积来源", choices=QUALITIES),
    Field("built_year_quality", "text", "年份来源", choices=QUALITIES),
)

LAYERS: MappingProxyType[str, tuple[Field, ...]] = MappingProxyType(
    {
        # What planners decide about; derived from communities and buildings by geo.importing.units.
        "units": (
            Field("unit_id", "text", "单元编号", required=True),
            Field("kind", "text", "类别", choices=UNIT_KINDS, required=True),
            Field("name", "text", "名称", required=True),
            *_PLACE,
            Field("external_code", "text", "外部编码"),
            Field("geom_quality", "text", "图形来源", choices=GEOM_QUALITIES, required=True),
            *_COMMUNITY_FACTS,
            Field("is_old", "boolean", "老旧小区"),
            Field("stated_old", "boolean", "台账所填老旧小区"),
            Field("is_old_by", "text", "老旧判定依据", choices=("year", "statement")),
            Field("households_quality", "text", "户数来源", choices=QUALITIES, required=True),
            Field("floor_area_m2_quality", "text", "面积来源", choices=QUALITIES, required=True),
            Field("built_year_quality", "text", "年份来源", choices=QUALITIES, required=True),
            Field("geometry", "geometry", "图形"),
        ),
        # As imported; street_name and company_name are kept to resolve codes when those layers come.
        "communities": (
            Field("unit_id", "text", "单元编号", required=True),
            Field("name", "text", "小区名称", required=True),
            Field("external_code", "text", "小区编码"),
            *_PLACE,
            Field("district_name", "text", "旗县区"),
            Field("street_name", "text", "街道"),
            Field("neighbourhood_name", "text", "社区"),
            Field("company_name", "text", "物业企业"),
            *_COMMUNITY_FACTS,
            Field("stated_old", "boolean", "台账所填老旧小区"),
            Field("stated_single", "boolean", "台账所填单体楼"),
            *_FIGURE_QUALITIES,
            Field("geom_quality", "text", "图形来源", choices=GEOM_QUALITIES, required=True),
            Field("geometry", "geometry", "图形"),
        ),
        "buildings": (
            Field("building_id", "text", "楼栋编号", required=True),
            Field("unit_id", "text", "所属单元"),
            Field("community_code", "text", "所属小区编码"),
            Field("name", "text", "楼栋名称"),
            Field("address", "text", "地址"),
            *_PLACE,
            Field("district_name", "text", "旗县区"),
            Field("street_name", "text", "街道"),
            Field("neighbourhood_name", "text", "社区"),
            Field("use", "text", "用途", choices=("residential", "mixed", "non_residential", "unknown")),
            Field("floors_above", "integer", "地上层数", least=1, most=120),
            Field("floors_quality", "text", "层数来源", choices=QUALITIES),
            Field("height_m", "number", "高度(米)", least=1, most=650),
            Field("households", "integer", "户数", least=1, most=2_000),
            Field("floor_area_m2", "number", "建筑面积(㎡)", least=5, most=500_000),
            Field("built_year", "integer", "建成年份", least=1900, most=2100),
            Field("built_year_from", "integer", "建成年份起", least=1900, most=2100),
            Field("built_year_to", "integer", "建成年份止", least=1900, most=2100),
            *_FIGURE_QUALITIES,
            Field("management_mode", "text", "管理方式", choices=MANAGEMENT_MODES),
            Field("property_unit", "text", "产权单位"),
            Field("geometry", "geometry", "图形"),
        ),
        "streets": (
            Field("street_code", "text", "街道代码", required=True),
            Field("name", "text", "街道名称", required=True),
            Field("district_code", "text", "旗县区代码"),
            Field("district_name", "text", "旗县区"),
            Field("is_functional_zone", "boolean", "功能区"),
            Field("has_joint_meeting", "boolean", "联席会议"),
            Field("geometry", "geometry", "图形"),
        ),
        "neighbourhoods": (
            Field("neighbourhood_code", "text", "社区代码", required=True),
            Field("name", "text", "社区名称", required=True),
            Field("street_code", "text", "街道代码"),
            Field("geometry", "geometry", "图形"),
        ),
        "boundary": (
            Field("district_code", "text", "旗县区代码"),
            Field("name", "text", "名称"),
            Field("geometry", "geometry", "图形"),
        ),
        "roads": (
            Field("road_id", "text", "道路编号", required=True),
            Field("name", "text", "路名"),
            Field("road_class", "text", "道路等级"),
            Field("is_bridge", "boolean", "桥"),
            Field("is_tunnel", "boolean", "隧道/下穿"),
            Field("level", "integer", "层级", least=-10, most=10),
            Field("walkable", "boolean", "可步行"),
            Field("geometry", "geometry", "图形"),
        ),
        "barriers": (
            Field("barrier_id", "text", "阻隔编号", required=True),
            Field("kind", "text", "类别", choices=BARRIER_KINDS, required=True),
            Field("name", "text", "名称"),
            Field("geometry", "geometry", "图形"),
        ),
        "crossings": (
            Field("crossing_id", "text", "通道编号", required=True),
            Field("kind", "text", "类别", choices=CROSSING_KINDS, required=True),
            Field("name", "text", "名称"),
            Field("geometry", "geometry", "图形"),
        ),
        "gates": (
            Field("gate_id", "text", "出入口编号", required=True),
            Field("unit_id", "text", "单元编号"),
            Field("name", "text", "名称"),
            Field("is_open", "boolean", "可通行"),
            Field("geometry", "geometry", "图形"),
        ),
        "open_spaces": (
            Field("space_id", "text", "场地编号", required=True),
            Field("unit_id", "text", "单元编号"),
            Field("kind", "text", "类别", choices=OPEN_SPACE_KINDS),
            Field("name", "text", "名称"),
            Field("area_m2", "number", "面积(㎡)", least=0, most=10_000_000),
            Field("geometry", "geometry", "图形"),
        ),
        "service_points": (
            Field("point_id", "text", "服务点编号", required=True),
            Field("unit_id", "text", "单元编号"),
            Field("company_id", "text", "企业编号"),
            Field("kind", "text", "类别", choices=SERVICE_POINT_KINDS),
            Field("name", "text", "名称"),
            Field("geometry", "geometry", "图形"),
        ),
        "companies": (
            Field("company_id", "text", "企业编号", required=True),
            Field("name", "text", "企业名称", required=True),
            Field("uscc", "text", "统一社会信用代码"),
            Field("credit_rating", "text", "信用等级", choices=("AAA", "AA", "A", "B", "C", "unrated")),
            Field("blacklisted", "boolean", "黑名单"),
            Field("managed_area_m2", "number", "在管面积(㎡)", least=0, most=1e9),
            Field("project_count", "integer", "在管项目数", least=0, most=10_000),
            Field("staff_total", "integer", "从业人员", least=0, most=100_000),
            Field("staff_professional", "integer", "专业岗位人员", least=0, most=100_000),
            Field("trained_prejob", "integer", "岗前培训人数", least=0, most=100_000),
            Field("trained_ce", "integer", "继续教育人数", least=0, most=100_000),
            Field("has_party_org", "boolean", "党组织或党的工作覆盖"),
            Field("association_member", "boolean", "协会会员"),
        ),
        "contracts": (
            Field("contract_id", "text", "合同编号", required=True),
            Field("unit_id", "text", "单元编号"),
            Field("company_id", "text", "企业编号"),
            Field("start_date", "date", "开始日期"),
            Field("end_date", "date", "到期日期"),
            Field("filed", "boolean", "已备案"),
            Field("performance_disclosed", "boolean", "履约已公示"),
            Field("fee_yuan_m2_month", "number", "物业费(元/㎡·月)", least=0, most=50),
        ),
        "owners_bodies": (
            Field("unit_id", "text", "单元编号", required=True),
            Field("body_type", "text", "类型", choices=("ywh", "wgh", "none")),
            Field("established_date", "date", "成立日期"),
            Field("member_count", "integer", "成员数", least=0, most=100),
            Field("party_member_count", "integer", "党员数", least=0, most=100),
            Field("has_party_org", "boolean", "党组织"),
            Field("cross_appointed", "boolean", "交叉任职"),
            Field("training_count_year", "integer", "年培训次数", least=0, most=365),
        ),
        "ebike_sites": (
            Field("site_id", "text", "站点编号", required=True),
            Field("unit_id", "text", "单元编号"),
            Field("ports", "integer", "充电端口", least=0, most=10_000),
            Field("piles", "integer", "充电桩", least=0, most=10_000),
            Field("in_service", "boolean", "在用"),
            Field("operator", "text", "运营单位"),
            Field("geometry", "geometry", "图形"),
        ),
        "ebike_stock": (
            Field("unit_id", "text", "单元编号", required=True),
            Field("ebikes", "integer", "电动自行车数", least=0, most=100_000),
            Field("method", "text", "来源", choices=("registered", "survey", "estimated")),
            Field("counted_date", "date", "统计日期"),
        ),
        "parking": (
            Field("unit_id", "text", "单元编号", required=True),
            Field("bays_fixed", "integer", "固定车位", least=0, most=100_000),
            Field("bays_public", "integer", "公共车位", least=0, most=100_000),
            Field("cars_registered", "integer", "登记汽车", least=0, most=100_000),
            Field("ev_bays_built", "integer", "已建充电车位", least=0, most=100_000),
            Field("ev_bays_reserved", "integer", "预留充电车位", least=0, most=100_000),
        ),
        # Approved exceptions: two units or two streets that may go together, or one unit; the document.
        "permits": (
            Field("permit_id", "text", "批准编号", required=True),
            Field("kind", "text", "类别", choices=PERMIT_KINDS),
            Field("unit_a", "text", "单元甲"),
            Field("unit_b", "text", "单元乙"),
            Field("street_a", "text", "街道甲"),
            Field("street_b", "text", "街道乙"),
            Field("reason", "text", "理由"),
            Field("approved_date", "date", "批准日期"),
            Field("approved_by", "text", "批准人"),
            Field("document_no", "text", "文号"),
        ),
        "consents": (
            Field("unit_id", "text", "单元编号", required=True),
            Field("agrees", "text", "是否同意", choices=("yes", "no", "unsurveyed")),
            Field("consulted_date", "date", "征求意见日期"),
            Field("owner_share", "share", "同意业主占比", least=0, most=1),
            Field("area_share", "share", "同意面积占比", least=0, most=1),
            Field("document_no", "text", "文号"),
        ),
        "reported_figures": (
            Field("indicator_id", "text", "指标编号", required=True),
            Field("admin_code", "text", "区划代码", required=True),
            Field("period", "text", "期间"),
            Field("numerator", "number", "分子"),
            Field("denominator", "number", "分母"),
            Field("value", "number", "值"),
            Field("document_no", "text", "文号"),
        ),
        # What people know better; see geo.corrections.store. No import touches it.
        "overrides": (
            Field("override_id", "text", "更正编号", required=True),
            Field("number", "integer", "先后", least=1),
            Field("what", "text", "更正事项", choices=OVERRIDE_KINDS, required=True),
            Field("unit_a", "text", "单元甲"),
            Field("unit_b", "text", "单元乙"),
            Field("target_id", "text", "所指编号"),
            Field("field", "text", "字段"),
            Field("old", "text", "原来"),
            Field("new", "text", "改为"),
            Field("author", "text", "更正人", required=True),
            Field("reason", "text", "理由", required=True),
            Field("date", "date", "日期", required=True),
            Field("geometry", "geometry", "位置"),
        ),
        # What owners of a unit said and how far talks came, one row a talk; no import touches it.
        "consultations": (
            Field("consultation_id", "text", "记录编号", required=True),
            Field("number", "integer", "先后", required=True, least=1),
            Field("unit_id", "text", "单元编号", required=True),
            Field("agrees", "text", "是否同意", choices=("yes", "no", "unsurveyed")),
            Field("stage", "text", "阶段", choices=STAGES),
            Field("author", "text", "记录人", required=True),
            Field("date", "date", "日期", required=True),
            Field("note", "text", "说明"),
        ),
        # Charging places somebody chose to build; no import touches it.
        "chosen_sites": (
            Field("site_id", "text", "场地编号", required=True),
            Field("unit_id", "text", "单元编号"),
            Field("ports", "integer", "建设端口", required=True, least=1, most=10_000),
            Field("author", "text", "选定人", required=True),
            Field("date", "date", "日期", required=True),
            Field("geometry", "geometry", "图形"),
        ),
        # How every imported row found the unit it speaks of.
        "joins": (
            Field("file", "text", "文件", required=True),
            Field("sheet", "text", "工作表"),
            Field("row", "integer", "行", required=True),
            Field("layer", "text", "图层", required=True),
            Field("name", "text", "名称"),
            Field("unit_id", "text", "单元编号"),
            Field("method", "text", "方法", choices=JOIN_METHODS),
            Field("score", "number", "把握(0-100)", least=0, most=100),
        ),
        # The months that were kept; each names the frozen roster that holds its units.
        "snapshots": (
            Field("roster", "text", "名册", required=True),
            Field("month", "text", "月份", required=True),
            Field("revision", "integer", "修订号", required=True),
            Field("locked", "boolean", "已锁定", required=True),
            Field("reason", "text", "修订原因"),
        ),
        # Results of `pianqu graph`.
        "edges": (
            Field("unit_a", "text", "单元甲", required=True),
            Field("unit_b", "text", "单元乙", required=True),
            Field("gap_m", "number", "间距(米)", required=True),
            Field("facing_m", "number", "相对长度(米)"),
            Field("walk_m", "number", "步行(米)"),
            Field("walk_estimated", "boolean", "步行为估算"),
            Field("crossing_id", "text", "经由通道"),
            Field("allowed", "boolean", "相邻", required=True),
            Field("blocked_by", "text", "阻隔"),
            Field("permit_id", "text", "批准编号"),
            Field("override_id", "text", "更正编号"),
        ),
        "walks": (
            Field("unit_a", "text", "单元甲", required=True),
            Field("unit_b", "text", "单元乙", required=True),
            Field("walk_m", "number", "步行(米)", required=True),
            Field("walk_estimated", "boolean", "步行为估算"),
        ),
    }
)
"""Fields of each layer on disk, by layer name."""

KEYS: MappingProxyType[str, str] = MappingProxyType(
    {
        "units": "unit_id",
        "communities": "unit_id",
        "buildings": "building_id",
        "streets": "street_code",
        "neighbourhoods": "neighbourhood_code",
        "boundary": "district_code",
        "roads": "road_id",
        "barriers": "barrier_id",
        "crossings": "crossing_id",
        "gates": "gate_id",
        "open_spaces": "space_id",
        "service_points": "point_id",
        "companies": "company_id",
        "contracts": "contract_id",
        "owners_bodies": "unit_id",
        "ebike_sites": "site_id",
        "ebike_stock": "unit_id",
        "parking": "unit_id",
        "snapshots": "roster",
        "permits": "permit_id",
        "overrides": "override_id",
        "consents": "unit_id",
        "consultations": "consultation_id",
        "chosen_sites": "site_id",
    }
)
"""The id column of each layer, by which an import upserts."""

_DERIVED = ("units", "overrides", "consultations", "chosen_sites", "joins", "snapshots", "edges", "walks")

IMPORTABLE = tuple(name for name in LAYERS if name not in _DERIVED)
"""Layers `pianqu import` accepts, in the order they are best imported."""

PLANNING_LAYERS = ("units", "walks", "edges", "barriers", "streets", "permits", "overrides")
"""Layers whose bytes a plan refers to (the manifest's `planning` hash)."""

GRAPH_INPUTS = ("units", "barriers", "crossings", "roads", "gates", "streets", "permits", "overrides")
"""Layers the graph of neighbours is built from."""

GRAPH_UNIT_COLUMNS = ("unit_id", "district_code", "street_code", "neighbourhood_code")
"""What of the units, next to their shapes, the graph is built from."""

GRAPH_OVERRIDES = ("closed", "passage", "neighbours", "not_neighbours")
"""Corrections the graph is built from; the others are in the units already."""


def field_names(layer: str) -> tuple[str, ...]:
    """Column names of a layer, in the order they have on disk.

    Examples
    --------
    >>> field_names("walks")
    ('unit_a', 'unit_b', 'walk_m', 'walk_estimated')
    """
    return tuple(field.name for field in LAYERS[layer])


GEOMETRY_KINDS = {
    "communities": ("polygon", "point"),
    "buildings": ("polygon", "point"),
    "streets": ("polygon",),
    "neighbourhoods": ("polygon",),
    "boundary": ("polygon",),
    "roads": ("line",),
    "barriers": ("line", "polygon"),
    "crossings": ("point", "line", "polygon"),
    "gates": ("point",),
    "open_spaces": ("polygon", "point"),
    "service_points": ("point", "polygon"),
    "ebike_sites": ("point", "polygon"),
}
"""Kinds of geometry each layer with a place takes."""


BARRIERS_ZH = MappingProxyType(
    {
        "railway": "铁路",
        "expressway": "快速路",
        "river": "河流",
        "canal": "渠道",
        "arterial": "主干路",
        "factory_wall": "厂区围墙",
        "closed_park": "封闭公园",
    }
)
"""Kinds of barriers in Chinese."""
