"""The words people write for the keys of a code list, as patterns by field."""

from __future__ import annotations

# Patterns are tried in order on half-width lower-case text without blanks; the first hit wins.
_YES, _NO = r"^(有|是|√|✓|✔|已|y|yes|1|true)", r"^(无|否|×|✗|x$|未|没|不|n$|no|0|false)"
_AGREED = r"^(有|是|√|✓|✔|y|yes|1|true)"  # "已征询" says that owners were asked, not what they said
_FINISHED = r"(?<!未)(完成|竣工|完工|完毕)"
CHOICES: dict[str, tuple[tuple[str, str], ...]] = {
    "management_mode": (
        ("none", r"^无$|^否$|^×$|无物业|没有物业|弃管|失管|无人管|无管理|未管理|无专业"),
        ("quasi", r"(?<!标)准物业"),
        ("basic", r"基础物业|基础性物业|基本物业"),
        ("standard_grade", r"标准物业|标准服务|标准级|^标准$|0\.6元"),
        ("emergency_only", r"应急"),
        ("unit_self", r"产权单位|单位自管|单位代管|房管所|原单位|企业自管|单位管理"),
        ("community_custody", r"(社区|居委会|街道|办事处|委员会|镇政府|网格).*(管|兜底|服务)|社区物业|^社区$|兜底"),
        ("owner_self", r"自治|自管|自我管理|业主自行"),
        ("professional", r"专业|市场化|^物业公司|物业企业|公司管理|商业物业|[一二三四五]级(物业|服务|标准)?$|前期物业"),
        ("unknown", r"^(有|是|√|✓|✔|有物业|其他|其它)$"),
    ),
    "special_type": (
        ("soe_transfer", r"国企|国有企业|三供一业|soe"),
        ("nonop_asset_transfer", r"非经营性|市级移交"),
        ("soe_transfer", r"^(是|√|✓|✔|有)$"),
        ("", r"^(无|否|×|不是|非|普通)"),
    ),
    "community_type": (
        ("soe_transfer", r"国企移交|国有企业移交|三供一业"),
        ("nonop_asset_transfer", r"非经营性"),
        ("unit_custody", r"产权单位|单位(代管|自管|宿舍)|家属院"),
        ("single_building", r"(?<!非)(?<!不是)(单体|独栋|单栋|散楼|散居)"),
        ("old", r"(?<!非)(?<!不是)(老旧|旧住宅)"),
        ("affordable", r"保障|安置|回迁|公租|廉租|经济适用|棚改|公房|房改|集资"),
        ("mixed", r"商住|混合"),
        ("new_commodity", r"新建|新小区"),
        (
            "commodity_existing",
            r"商品|既有|普通住宅|^住宅(小区)?$|高层|多层|别墅|封闭|"
            r"非老旧|不是老旧|不是单体|非单体",
        ),
        ("other", r"其他|其它|^(无|/)$|村改居|城中村|自建|军产|公寓"),
    ),
    "renewal_status": (
        ("not_needed", r"无需|不需"),
        ("not_planned", r"未列入|未计划|未改|未安排|" + _NO),
        ("in_progress", rf"^(?!.*(待|拟|即将|{_FINISHED})).*(改造中|正在|在建|施工|实施中|开工|启动|进场|动工)"),
        (
            "done",
            r"已改|完成|竣工|完工|完毕|改造后|^已(?!列入|纳入|计划|立项|申报|安排)|^20([01]\d|2[0-5])年(度|底)?改造$",
        ),
        ("planned", r"列入|纳入|计划|立项|申报|安排|拟|待(改|施工|开工|动工|实施|启动|进场)"),
        ("done", _YES),
    ),
    "owners_body": (
        ("wgh", r"物管会|物业管理委员会"),
        ("none", r"筹备|筹建|拟成立|正在组建|撤销|解散|" + _NO),
        ("ywh", r"业委会|业主委员会|业主大会|^成立|" + _YES),
    ),
    "merge_willingness": (
        ("unsurveyed", r"未调查|未征|未摸|待征|未了解"),
        ("no", r"不|反对|" + _NO),
        ("yes", r"愿意|同意|支持|" + _AGREED),
    ),
    "use": (
        ("mixed", r"商住|住商|综合|混合|mixed"),
        (
            "non_residential",
            r"非住宅|非居住|商业|商务|办公|写字楼|学校|教学|医院|工业|厂房|仓库|仓储|酒店|宾馆|车库|"
            r"配套|设备|锅炉|换热|幼儿园|公建|公共|commercial|office|retail|school|hospital|"
            r"industr|warehouse|garage|shed|hotel|church|public|civic|kindergarten|university|"
            r"roof|construction|service|farm|barn|greenhouse|stable",
        ),
        ("residential", r"住宅|居住|公寓|宿舍|住房|resident|apartment|house|detached|terrace|dormitory"),
        ("unknown", r"yes|其他|其它|^无$"),
    ),
    "credit_rating": (
        ("AAA", r"^(aaa|3a)[+-]?级?(企业)?$"),
        ("AA", r"^(aa|2a)[+-]?级?(企业)?$"),
        ("A", r"^(a|1a)[+-]?级?(企业)?$"),
        ("B", r"^b+[+-]?级?(企业)?$"),
        ("C", r"^c+[+-]?级?(企业)?$"),
        ("unrated", r"未评|未参评|无|未定"),
    ),
    "method": (
        ("registered", r"上牌|登记|注册"),
        ("survey", r"摸排|调查|普查|统计|上报|survey"),
        ("estimated", r"估|推算"),
    ),
    "kind": (
        ("level_crossing", r"平交道|道口|level_crossing"),
        ("underpass", r"地道|下穿|隧道|涵|地下通道|underpass|tunnel"),
        ("bridge", r"桥|天桥|bridge|footbridge"),
        ("signal_crossing", r"信号|红绿灯|斑马线|人行横道|signal|crossing"),
        ("gate", r"大门|^门|闸|gate"),
        ("railway", r"铁路|铁道|轨道|railway|^rail$|light_rail|^tram$|narrow_gauge"),
        ("expressway", r"高速|快速路|快速道|motorway|trunk|expressway"),
        ("canal", r"运河|渠|canal"),
        ("river", r"河|江|湖|水系|水域|river|stream|riverbank|water|reservoir|lake"),
        ("arterial", r"主干|干道|干路|primary|arterial"),
        ("factory_wall", r"厂|围墙|wall|industrial"),
        ("closed_park", r"公园|park"),
        ("parking", r"停车|车位|车场|parking"),
        ("plaza", r"广场|plaza|square"),
        ("playground", r"健身|游乐|运动|活动场|球场|playground"),
        ("green", r"绿地|绿化|花园|公园|草坪|green|grass|park"),
        ("vacant", r"空地|闲置|空置|荒地|边角|vacant"),
        ("repair_station", r"维修|抢修|repair"),
        ("cleaning_room", r"保洁|环卫|清洁|cleaning"),
        ("party_centre", r"党群|党建|红色驿站|party"),
        ("property_office", r"物业|管理处|项目部|管理用房|office"),
        ("shop", r"便民|超市|商店|便利|菜店|shop|store"),
        ("cross_street", r"跨(街|镇|乡|苏木)|cross"),
        ("anchor_capacity", r"容量|规模|承接能力|capacity"),
        ("owner_unwilling", r"不同意|不愿|反对|意愿|unwilling"),
        ("special_community", r"特殊小区|国企|移交|一小区一策|非经营|special"),
        ("other", r"其他|其它|other"),
    ),
    "agrees": (
        ("no", r"不同意|反对|未通过|不通过|^否|^×|^n$|^no$"),
        ("unsurveyed", r"未|待|没有|unsurveyed"),
        ("yes", r"同意|通过|赞成|支持|" + _AGREED),
    ),
}
CHOICES["body_type"] = CHOICES["owners_body"]
