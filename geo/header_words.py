"""The words Chinese bureaus write above their columns, by layer and field."""

from __future__ import annotations

_DATUMS = ("wgs84", "wgs", "gps", "cgcs2000", "2000", "国家2000", "大地2000", "百度", "bd09", "bd", "baidu",
           "高德", "gcj02", "gcj", "gd", "amap", "腾讯", "tx", "火星")  # fmt: skip


def _of_datums(*words: str) -> tuple[str, ...]:
    """The words of a coordinate with the name of a datum before or after them."""
    return tuple(f"{a}{b}" for word in words for d in _DATUMS for a, b in ((d, word), (word, d)))


_PLACE_NAMES: dict[str, tuple[str, ...]] = {
    "lon": (
        "经度",
        "lon",
        "lng",
        "longitude",
        "long",
        "经度坐标",
        "jd",
        *_of_datums("经度", "lng", "lon"),
    ),
    "lat": ("纬度", "lat", "latitude", "纬度坐标", "wd", *_of_datums("纬度", "lat")),
    "x": ("x", "x坐标", "横坐标", "坐标x", "东坐标", "coordx", "xcoord", "pointx"),
    "y": ("y", "y坐标", "纵坐标", "坐标y", "北坐标", "coordy", "ycoord", "pointy"),
    "lonlat": (
        "坐标",
        "经纬度",
        *_of_datums("坐标", "经纬度"),
        "坐标点",
        "位置坐标",
        "lnglat",
        "location",
    ),
}
_ADMIN_NAMES: dict[str, tuple[str, ...]] = {
    "district_code": ("旗县区代码", "区县代码", "行政区代码", "行政区划代码", "districtcode",
                      "areacode", "adcode", "gb", "qxdm", "xzqdm"),
    "district_name": ("旗县区", "旗县区名称", "区县", "所属区", "所属区县", "所属旗县区", "行政区",
                      "所在旗县区", "所在区", "辖区", "县区", "区", "县", "旗县", "市区县", "市辖区", "区名", "区名称",
                      "行政区名称", "所在区县", "districtname", "district", "qx", "qxmc"),
    "street_code": ("街道代码", "街道编码", "所属街道代码", "镇街代码", "streetcode", "jddm"),
    "street_name": ("街道", "街道名称", "街道办", "街道办事处", "镇街", "街镇", "街道镇", "苏木乡镇",
                    "街道苏木乡镇", "乡镇街道", "所属街道", "所在街道", "办事处", "所属办事处",
                    "streetname", "street", "jd", "jdmc"),
    "neighbourhood_code": ("社区代码", "社区编码", "所属社区代码", "neighbourhoodcode", "sqdm"),
    "neighbourhood_name": ("社区", "社区名称", "社区居委会", "居委会", "嘎查村", "社区嘎查村", "所属社区",
                           "所在社区", "neighbourhoodname", "sq", "sqmc"),
}  # fmt: skip
_COMMUNITY_NAME = (
    "小区名称", "住宅小区名称", "住宅小区", "项目名称", "物业项目名称", "物业小区名称", "小区楼院名称",
    "楼院名称", "院落名称", "小区院落名称", "小区名", "小区", "xqmc", "communityname", "community",
)  # fmt: skip
_COMMUNITY_CODE = (
    "小区编码", "小区代码", "小区编号", "项目编号", "项目编码", "小区id", "communitycode",
    "communityid", "xqbm", "xqbh", "xqdm", "xqid",
)  # fmt: skip
_MODE_NAMES = (
    "管理方式", "管理模式", "物业管理形式", "物业管理方式", "物业管理模式", "物管类型", "物业管理类型",
    "物业服务模式", "物业服务形式", "managementmode", "glfs", "wylx", "物业类型", "有无物业", "是否有物业",
)  # fmt: skip
_COMPANY_NAMES = (
    "物业公司", "物业公司名称", "物业企业", "物业企业名称", "物业服务企业", "物业服务企业名称", "服务企业",
    "物业服务单位", "服务单位", "物业服务公司", "companyname", "propertycompany", "wygs", "wyqy",
    "service", "company", "管理单位",
)  # fmt: skip
_FACT_NAMES: dict[str, tuple[str, ...]] = {
    "households": ("户数", "总户数", "住户数", "居民户数", "住宅户数", "户籍户数", "规划户数", "居民总户数",
                   "小区总户数", "小区户数", "住宅总户数", "住宅总套数", "套数", "住宅套数", "总套数",
                   "households", "housenum", "hs", "zhs"),
    "floor_area_m2": ("总建筑面积", "建筑面积", "建筑总面积", "房屋建筑面积", "小区建筑面积", "小区总建筑面积",
                      "住宅总建筑面积", "住宅建筑面积", "建面", "物业管理面积", "管理面积", "收费面积",
                      "面积", "floorarea", "flooraream2", "buildarea", "jzmj"),
    "land_area_m2": ("占地面积", "用地面积", "土地面积", "landarea", "landaream2", "zdmj"),
    "built_year_from": ("建成年份起", "建成起始年份", "最早建成年份", "建成年份从", "builtyearfrom"),
    "built_year_to": ("建成年份止", "建成截止年份", "最晚建成年份", "建成年份至", "builtyearto"),
    "built_year": ("建成年份", "建成时间", "竣工时间", "竣工年代", "建设年代", "建成年代", "始建年代", "建造年代",
                   "建筑年代", "竣工年份", "建设时间", "交付时间", "builtyear", "buildyear", "buildtime", "year",
                   "jcnf", "jcnd"),
    "building_count": ("楼栋数", "楼栋数量", "栋数", "幢数", "楼数", "总栋数", "楼栋", "住宅楼栋数",
                       "buildingcount", "buildingnum", "lds"),
    "management_mode": _MODE_NAMES,
    "company_name": _COMPANY_NAMES,
    "company_id": ("企业编号", "物业企业编号", "companyid"),
    "community_type": ("小区类型", "小区性质", "房屋性质", "小区类别", "房屋类型", "communitytype", "类别", "xqlx"),
    "stated_old": ("是否老旧小区", "老旧小区", "是否老旧", "是否为老旧小区", "是否属于老旧小区", "老旧", "老旧小区认定",
                   "statedold"),
    "stated_single": ("是否单体楼", "单体楼", "是否单体", "是否独栋", "是否单栋", "是否单体独栋住宅", "statedsingle"),
    "special_type": ("特殊类型", "移交类型", "是否国企移交", "specialtype"),
    "property_unit": ("产权单位", "原产权单位", "移交单位", "propertyunit", "cqdw"),
    "owners_body": ("业委会", "业主委员会", "是否成立业委会", "业委会物管会", "业委会/物管会", "业委会成立情况",
                    "物管会", "物业管理委员会", "是否成立业委会物管会", "ownersbody"),
    "merge_willingness": ("合并意愿", "是否同意合并", "居民意愿", "业主意愿", "mergewillingness"),
    "renewal_status": ("改造状态", "改造情况", "老旧小区改造情况", "是否改造", "renewalstatus"),
    "fee_yuan_m2_month": ("物业费", "物业费标准", "收费标准", "物业服务费", "物业收费标准", "收费", "物业费单价",
                          "feeyuanm2month", "fee", "cost", "wyf"),
    "collection_rate": ("物业费收缴率", "收缴率", "收费率", "collectionrate"),
    "address": ("详细地址", "地址", "坐落", "座落", "坐落位置", "小区地址", "四至", "位置", "address", "dz"),
}  # fmt: skip
_CODES_OF_UNIT: dict[str, tuple[str, ...]] = {
    "unit_id": ("单元编号", "unitid"),
    "community_code": _COMMUNITY_CODE,
    "community_name": (*_COMMUNITY_NAME, "所属小区", "所在小区"),
    "street_name": _ADMIN_NAMES["street_name"],
    "district_name": _ADMIN_NAMES["district_name"],
}

LAYER_NAMES: dict[str, dict[str, tuple[str, ...]]] = {
    "communities": {
        "unit_id": ("单元编号", "unitid"),
        "name": (*_COMMUNITY_NAME, "名称", "name", "title", "mc"),
        "external_code": (*_COMMUNITY_CODE, "外部编码", "externalcode"),
        **_ADMIN_NAMES, **_FACT_NAMES, **_PLACE_NAMES,
    },
    "buildings": {
        "building_id": ("楼栋编号", "楼栋编码", "楼栋代码", "楼幢编号", "幢编号", "房屋代码", "房屋编码", "建筑编码",
                        "建筑编号", "buildingid", "buildingcode", "bldid", "osmid", "ldbh", "ldbm"),
        "unit_id": ("所属单元", "unitid"),
        "community_code": ("所属小区编码", *_COMMUNITY_CODE),
        "community_name": (*_COMMUNITY_NAME, "所属小区", "所在小区"),
        **_ADMIN_NAMES,
        "name": ("楼栋名称", "楼栋号", "楼号", "幢号", "栋号", "楼名", "楼栋", "建筑名称", "buildingname", "buildingno",
                 "名称", "name", "lh", "ldmc", "mc"),
        "use": ("用途", "房屋用途", "建筑用途", "规划用途", "使用性质", "buildinguse", "use", "usage", "building",
                "类型", "type", "yt"),
        "floors_above": ("地上层数", "层数", "楼层数", "总层数", "建筑层数", "总楼层", "floorsabove", "floors",
                         "levels", "buildinglevels", "storeys", "floor", "cs", "dscs"),
        "floors_quality": ("层数来源", "floorsquality"),
        "height_m": ("高度", "建筑高度", "楼高", "height", "buildingheight", "heightm", "gd", "jzgd"),
        **{k: _FACT_NAMES[k] for k in ("households", "floor_area_m2", "built_year", "built_year_from",
                                       "built_year_to", "management_mode",
                                       "property_unit", "address")},
        **_PLACE_NAMES,
    },
    "streets": {
        "street_code": _ADMIN_NAMES["street_code"],
        "name": (*_ADMIN_NAMES["street_name"], "名称", "name", "mc"),
        "district_code": _ADMIN_NAMES["district_code"],
        "district_name": _ADMIN_NAMES["district_name"],
        "is_functional_zone": ("功能区", "是否功能区", "isfunctionalzone"),
    },
    "neighbourhoods": {
        "neighbourhood_code": _ADMIN_NAMES["neighbourhood_code"],
        "name": (*_ADMIN_NAMES["neighbourhood_name"], "名称", "name", "mc"),
        "street_code": _ADMIN_NAMES["street_code"],
        "street_name": _ADMIN_NAMES["street_name"],
    },
    "boundary": {
        "district_code": _ADMIN_NAMES["district_code"],
        "name": (*_ADMIN_NAMES["district_name"], "名称", "name", "mc"),
    },
    "roads": {
        "road_id": ("道路编号", "道路编码", "roadid", "osmid"),
        "name": ("路名", "道路名称", "道路名", "名称", "name", "mc", "dlmc"),
        "road_class": ("道路等级", "等级", "道路类型", "roadclass", "highway", "class", "dldj", "fclass", "type"),
        "is_bridge": ("桥", "是否桥梁", "isbridge", "bridge"),
        "is_tunnel": ("隧道下穿", "隧道", "是否隧道", "istunnel", "tunnel"),
        "level": ("层级", "立体层级", "layer", "level"),
        "walkable": ("可步行", "是否可步行", "人行", "walkable", "foot"),
    },
    "barriers": {
        "barrier_id": ("阻隔编号", "barrierid", "osmid"),
        "name": ("名称", "name", "mc", "河名", "线路名称"),
        "kind": ("阻隔类型", "阻隔类别", "kind", "barrierkind", "类别", "类型", "waterway", "railway", "highway",
                 "fclass", "type"),
    },
    "crossings": {
        "crossing_id": ("通道编号", "crossingid", "osmid"),
        "name": ("通道名称", "名称", "name", "mc"),
        "kind": ("通道类型", "通道类别", "kind", "crossingkind", "类别", "类型", "fclass", "type"),
        **_PLACE_NAMES,
    },
    "gates": {
        "gate_id": ("出入口编号", "大门编号", "门编号", "gateid"),
        **_CODES_OF_UNIT,
        "name": ("出入口名称", "大门名称", "出入口", "大门", "名称", "name"),
        "is_open": ("可通行", "是否可通行", "是否开放", "是否常开", "开放情况", "isopen"),
        **_PLACE_NAMES,
    },
    "open_spaces": {
        "space_id": ("场地编号", "空地编号", "spaceid"),
        **_CODES_OF_UNIT,
        "kind": ("场地类型", "场地类别", "空地类型", "类别", "类型", "kind"),
        "name": ("场地名称", "空地名称", "名称", "name"),
        "area_m2": ("场地面积", "空地面积", "可用面积", "面积", "aream2"),
        **_PLACE_NAMES,
    },
    "service_points": {
        "point_id": ("服务点编号", "服务站编号", "用房编号", "pointid"),
        **_CODES_OF_UNIT,
        "company_id": _FACT_NAMES["company_id"],
        "company_name": _COMPANY_NAMES,
        "kind": ("服务点类型", "服务点类别", "用房类型", "用途", "类别", "类型", "kind"),
        "name": ("服务点名称", "服务站名称", "用房名称", "物业用房", "名称", "name"),
        **_PLACE_NAMES,
    },
    "permits": {
        "permit_id": ("批准编号", "许可编号", "permitid"),
        "kind": ("批准事项", "许可事项", "批准类型", "许可类型", "kind"),
        "unit_a": ("单元甲", "单元编号甲", "小区甲", "小区一", "unita"),
        "unit_b": ("单元乙", "单元编号乙", "小区乙", "小区二", "unitb"),
        "street_a": ("街道甲", "街道一", "所属街道甲", "streeta"),
        "street_b": ("街道乙", "街道二", "所属街道乙", "streetb"),
        "reason": ("批准理由", "批复理由", "理由", "原因", "事由"),
        "approved_by": ("批准人", "审批人", "批准单位", "审批单位", "批准机关", "approvedby"),
        "approved_date": ("批准日期", "批准时间", "批复日期", "许可日期", "approveddate"),
        "document_no": ("文号", "批复文号", "批准文号", "文件号", "documentno"),
    },
    "consents": {
        **_CODES_OF_UNIT,
        "agrees": ("是否同意", "征求意见结果", "表决结果", "业主表决结果", "意见", "agrees"),
        "consulted_date": ("征求意见日期", "征求意见时间", "表决日期", "表决时间", "consulteddate"),
        "owner_share": ("同意业主占比", "同意户数占比", "同意人数占比", "户数同意率", "ownershare"),
        "area_share": ("同意面积占比", "专有面积占比", "面积同意率", "areashare"),
        "document_no": ("文号", "会议纪要文号", "文件号", "documentno"),
    },
    "companies": {
        "company_id": ("企业编号", "企业代码", "companyid"),
        "name": ("企业名称", *[n for n in _COMPANY_NAMES if n not in ("service", "管理单位")], "公司名称",
                 "单位名称", "名称", "name"),
        "uscc": ("统一社会信用代码", "信用代码", "社会信用代码", "uscc"),
        "credit_rating": ("信用等级", "信用评价等级", "企业信用", "企业信用等级", "信用评价", "creditrating"),
        "status": ("企业状态", "经营状态", "登记状态", "状态"),
        "blacklisted": ("黑名单", "是否黑名单", "是否列入黑名单", "blacklisted"),
        "managed_area_m2": ("在管面积", "在管总面积", "管理面积", "物业管理面积", "managedarea", "managedaream2"),
        "project_count": ("在管项目数", "项目数", "项目数量", "在管项目", "projectcount"),
        "staff_total": ("从业人员", "从业人员数", "员工数", "职工人数", "员工总数", "stafftotal"),
    },
    "contracts": {
        "contract_id": ("合同编号", "合同号", "contractid", "contractno"),
        **_CODES_OF_UNIT,
        "company_id": _FACT_NAMES["company_id"],
        "company_name": (*_COMPANY_NAMES, "企业名称", "乙方"),
        "start_date": ("合同开始日期", "开始日期", "合同起始日期", "起始日期", "合同开始时间", "生效日期", "startdate",
                       "start"),
        "end_date": ("合同到期日期", "到期日期", "合同终止日期", "终止日期", "结束日期", "合同到期时间", "合同结束日期",
                     "enddate", "end"),
        "status": ("合同状态", "履约状态", "合同履行状态", "状态"),
        "filed": ("是否备案", "已备案", "合同备案", "备案", "备案情况", "filed"),
        "fee_yuan_m2_month": _FACT_NAMES["fee_yuan_m2_month"],
    },
    "owners_bodies": {
        **_CODES_OF_UNIT,
        "body_type": ("组织类型", "类型", "业委会类型", "bodytype", *_FACT_NAMES["owners_body"]),
        "status": ("组织状态", "运行状态", "状态"),
        "established_date": ("成立日期", "成立时间", "业委会成立时间", "establisheddate"),
        "member_count": ("成员数", "委员人数", "委员数", "成员人数", "业委会成员数", "membercount"),
        "party_member_count": ("党员数", "党员人数", "其中党员", "党员委员数", "partymembercount"),
        "has_party_org": ("党组织", "是否建立党组织", "是否成立党组织", "haspartyorg"),
    },
    "ebike_sites": {
        "site_id": ("站点编号", "充电站编号", "站点编码", "站点id", "设施编号", "siteid", "stationid"),
        **_CODES_OF_UNIT,
        "ports": ("充电端口", "充电端口数", "充电端口数量", "端口数", "端口", "端口数量", "充电口",
                  "充电口数", "充电插座数", "充电插座", "充电接口", "充电接口数", "充电位", "ports", "portcount"),
        "piles": ("充电桩", "充电桩数", "充电桩数量", "桩数", "piles", "pilecount"),
        "in_service": ("在用", "是否在用", "是否运行", "使用状态", "是否启用", "启用", "启用状态", "运行状态",
                       "运营状态",
                       "设备状态", "站点状态", "是否投用", "是否正常使用", "状态", "inservice"),
        "operator": ("运营单位", "运营企业", "运营商", "建设单位", "品牌", "operator", "provider"),
        "name": ("站点名称", "充电站名称", "充电点名称", "名称", "name"),
        "address": ("安装位置", *_FACT_NAMES["address"]),
        **_PLACE_NAMES,
    },
    "ebike_stock": {
        **_CODES_OF_UNIT,
        "ebikes": ("电动自行车数", "电动自行车数量", "电动自行车保有量", "电动自行车", "电动车保有量", "电动车数量",
                   "电动两轮车", "电瓶车数量", "电瓶车数", "ebikes", "ebikecount"),
        "method": ("统计方式", "数据来源", "来源", "统计口径", "method"),
        "counted_date": ("统计日期", "统计时间", "摸排日期", "摸排时间", "counteddate"),
    },
    "parking": {
        **_CODES_OF_UNIT,
        "bays_fixed": ("固定车位", "固定车位数", "产权车位", "地下车位", "baysfixed"),
        "bays_public": ("公共车位", "公共车位数", "地面车位", "临时车位", "bayspublic"),
        "cars_registered": ("登记汽车", "登记车辆数", "汽车数", "汽车保有量", "机动车数量", "carsregistered"),
        "ev_bays_built": ("已建充电车位", "充电车位", "充电车位数", "evbaysbuilt"),
        "ev_bays_reserved": ("预留充电车位", "预留充电车位数", "evbaysreserved"),
    },
    "reported_figures": {
        "indicator_id": ("指标编号", "指标代码", "indicatorid"),
        "admin_code": ("区划代码", "行政区划代码", "admincode"),
        "period": ("期间", "年份", "统计期", "年度", "period"),
        "numerator": ("分子", "numerator"),
        "denominator": ("分母", "denominator"),
        "value": ("值", "数值", "指标值", "value"),
        "document_no": ("文号", "文件号", "documentno"),
    },
}  # fmt: skip
"""Headers of each field of a layer, the surest first."""

GENERIC = ("编码", "代码", "编号", "id", "code", "bm", "bh")
"""Headers that are the code of whatever the rows are."""

CODE_FIELD = {
    "communities": "external_code", "buildings": "building_id", "streets": "street_code",
    "neighbourhoods": "neighbourhood_code", "boundary": "district_code", "roads": "road_id",
    "barriers": "barrier_id", "crossings": "crossing_id", "companies": "company_id",
    "ebike_sites": "site_id", "contracts": "contract_id", "gates": "gate_id",
    "open_spaces": "space_id", "service_points": "point_id", "permits": "permit_id",
}  # fmt: skip
"""The field a generic code fills, by layer."""

PARENT_CODE = {"streets": "district_code", "neighbourhoods": "street_code"}
"""The field that holds the code of what a row lies in, by layer."""

WEAK_NAMES = frozenset(
    {"osmid", "fclass", "type", "class", "highway", "类型", "类别", "名称", "name"}
)
"""Headers many layers share; they fill a field but do not tell which layer a file is."""
OWN_NAMES: dict[str, frozenset[str]] = {
    "communities": frozenset(_COMMUNITY_NAME) - {"community", "小区", "项目名称"},
    "buildings": frozenset({"楼栋名称", "楼栋号", "楼号", "幢号", "栋号"}),
    "companies": frozenset({"企业名称", "公司名称"}),
}
# Fields a layer needs, fields that tell it from others, whether it needs geometry, and of what kind.
SIGNATURES: dict[str, tuple[tuple[str, ...], tuple[str, ...], bool, tuple[str, ...]]] = {
    "communities": (
        ("name",),
        ("households", "floor_area_m2", "built_year", "management_mode", "company_name",
         "fee_yuan_m2_month", "building_count"),
        False, ("point", "polygon"),
    ),
    "buildings": ((), ("building_id", "floors_above"), False, ("polygon", "point")),
    "streets": (("street_code", "name"), ("street_code",), False, ("polygon",)),
    "neighbourhoods": (("neighbourhood_code", "name"), ("neighbourhood_code",), False, ("polygon",)),
    "boundary": (("name", "district_code"), ("district_code",), True, ("polygon",)),
    "roads": (("road_class",), ("road_id", "road_class", "is_bridge", "is_tunnel"), True, ("line",)),
    "barriers": (("kind",), ("barrier_id", "kind"), True, ("line", "polygon")),
    "crossings": (("kind",), ("crossing_id", "kind"), True, ("point",)),
    "gates": (("gate_id",), ("gate_id", "is_open"), False, ("point",)),
    "open_spaces": (("space_id",), ("space_id", "area_m2"), False, ("polygon", "point")),
    "service_points": (("point_id",), ("point_id",), False, ("point", "polygon")),
    "permits": ((), ("permit_id", "unit_a", "unit_b", "street_a", "street_b"), False, ()),
    "consents": (("agrees",), ("agrees", "consulted_date", "owner_share", "area_share"), False, ()),
    "companies": (("name",), ("uscc", "credit_rating", "blacklisted", "staff_total",
                              "project_count"), False, ()),
    "contracts": ((), ("contract_id", "start_date", "end_date"), False, ()),
    "owners_bodies": ((), ("member_count", "party_member_count", "established_date",
                           "has_party_org", "body_type"), False, ()),
    "ebike_sites": ((), ("ports", "piles", "site_id"), False, ("point", "polygon")),
    "ebike_stock": (("ebikes",), ("ebikes",), False, ()),
    "parking": ((), ("bays_fixed", "bays_public", "ev_bays_built", "ev_bays_reserved"), False, ()),
    "reported_figures": (("indicator_id",), ("indicator_id", "numerator", "denominator"), False, ()),
}  # fmt: skip
