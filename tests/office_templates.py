"""The neutral Word templates that ship, drawn in the manner of official documents (GB/T 9704).

``python -m tests.office_templates`` writes them anew. A bureau edits copies of them in Word; this is only how the
first ones came to be.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from app.exports.office.proposal import COLUMNS
from app.exports.office.word import TEMPLATES, find_template

BODY, HEAD, SUBHEAD, TITLE = "仿宋_GB2312", "黑体", "楷体_GB2312", "方正小标宋简体"
OTHER_NAMES = {BODY: "仿宋", SUBHEAD: "楷体", TITLE: "华文中宋", HEAD: "SimHei"}
"""What Word falls back to where a font is not installed."""
LATIN = "Times New Roman"
SAME_TIME = (1980, 1, 1, 0, 0, 0)


class Draft:
    """A template being drawn, in one language."""

    def __init__(self, language: str) -> None:
        self.zh = language == "zh"
        self.document = Document()
        self._page()
        self._styles()
        self._fonts()

    def t(self, zh: str, en: str) -> str:
        return zh if self.zh else en

    def _page(self) -> None:
        (section,) = self.document.sections
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.bottom_margin = Mm(37), Mm(35)
        section.left_margin, section.right_margin = Mm(28), Mm(26)
        section.footer_distance = Mm(18)
        header = section.header.paragraphs[0]
        header.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        run = header.add_run("{{ marks }}")
        self._font(run, HEAD, 14, RGBColor(0xC0, 0, 0))
        footer = section.footer.paragraphs[0]
        footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
        self._font(footer.add_run("— "), "宋体", 14)
        self._field(footer, "PAGE")
        self._font(footer.add_run(" —"), "宋体", 14)
        below = section.footer.add_paragraph()
        below.alignment = WD_ALIGN_PARAGRAPH.CENTER
        below.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
        self._font(below.add_run("{{ notice }}"), "宋体", 8)

    def _styles(self) -> None:
        normal = self.document.styles["Normal"]
        self._style(normal, BODY, 16 if self.zh else 12)
        form = normal.paragraph_format
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(28 if self.zh else 18)
        form.space_before = form.space_after = Pt(0)
        for name, font in (("Heading 1", HEAD), ("Heading 2", SUBHEAD)):
            style = self.document.styles[name]
            self._style(style, font, 16 if self.zh else 14)
            style.font.bold = False
            style.font.color.rgb = RGBColor(0, 0, 0)
            style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)
        cell = self.document.styles.add_style("Cell", 1)
        self._style(cell, BODY, 9)
        cell.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
        small = self.document.styles.add_style("Note", 1)
        self._style(small, SUBHEAD, 10.5)
        small.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE

    def _style(self, style: Any, font: str, size: float) -> None:
        style.font.name, style.font.size = LATIN, Pt(size)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for name in [one for one in fonts.attrib if "Theme" in one]:
            del fonts.attrib[name]
        fonts.set(qn("w:eastAsia"), font)

    def _font(self, run: Any, font: str, size: float, colour: Any = None) -> Any:
        run.font.name, run.font.size = LATIN, Pt(size)
        run._element.rPr.rFonts.set(qn("w:eastAsia"), font)
        if colour is not None:
            run.font.color.rgb = colour
        return run

    def _fonts(self) -> None:
        """Names that Word takes where a font is not there."""
        rows = "".join(
            f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/></w:font>'
            for name, other in OTHER_NAMES.items()
        )
        space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
        body = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:fonts xmlns:w="{space}">{rows}</w:fonts>'
        for part in self.document.part.package.iter_parts():
            if str(part.partname) == "/word/fontTable.xml":
                part._blob = body.encode()
        language = self.document.styles.element.find(f".//{qn('w:lang')}")
        if language is not None:
            language.set(qn("w:eastAsia"), "zh-CN")

    def _field(self, paragraph: Any, code: str) -> None:
        run = self._font(paragraph.add_run(), "宋体", 14)
        for kind in ("begin", None, "end"):
            part = OxmlElement("w:fldChar" if kind else "w:instrText")
            if kind:
                part.set(qn("w:fldCharType"), kind)
            else:
                part.text = code
            run._element.append(part)

    def title(self, text: str) -> None:
        paragraph = self.document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.line_spacing = Pt(34)
        self._font(paragraph.add_run(text), TITLE, 22)

    def centred(self, text: str, font: str = SUBHEAD, size: float = 14) -> None:
        paragraph = self.document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        self._font(paragraph.add_run(text), font, size)

    def heading(self, text: str, level: int = 1, *, new_page: bool = False) -> None:
        paragraph = self.document.add_heading(text, level)
        paragraph.paragraph_format.page_break_before = new_page
        paragraph.paragraph_format.first_line_indent = Pt(32 if self.zh and not new_page else 0)

    def text(self, text: str, *, justify: bool = True) -> None:
        """A paragraph; one with long names and numbers is not justified, which would tear its other letters apart."""
        paragraph = self.document.add_paragraph(text)
        if self.zh:
            paragraph.paragraph_format.first_line_indent = Pt(32)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY if self.zh and justify else WD_ALIGN_PARAGRAPH.LEFT

    def loop(self, text: str) -> None:
        """A paragraph that only steers: it is gone from the document that is made."""
        self.document.add_paragraph(text)

    def note(self, text: str) -> None:
        self.document.add_paragraph(text, style="Note")

    def picture(self, name: str) -> None:
        paragraph = self.document.add_paragraph(f"{{{{ picture({name}) }}}}", style="Cell")
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.keep_with_next = True

    def table(
        self,
        heads: Sequence[str],
        loop: str,
        cells: Sequence[str],
        widths: Sequence[float],
        *,
        numbers: Sequence[int] = (),
    ) -> None:
        """Heads on every page, then a row for each entry of a list."""
        table = self._table(4, len(heads))
        for k, (head, cell) in enumerate(zip(heads, cells, strict=True)):
            self._cell(table.cell(0, k), head, HEAD, centre=True)
            self._cell(table.cell(2, k), cell, right=k in numbers)
        for row, text in ((1, f"{{%tr for {loop} %}}"), (3, "{%tr endfor %}")):
            self._cell(table.cell(row, 0), text)
        self._size(table, widths)
        mark = OxmlElement("w:tblHeader")
        table.rows[0]._tr.get_or_add_trPr().append(mark)

    def facts(self, rows: Sequence[tuple[str, str, str, str]], widths: Sequence[float]) -> None:
        """Pairs of label and value, two a row."""
        table = self._table(len(rows), 4)
        for number, row in enumerate(rows):
            for k, text in enumerate(row):
                self._cell(table.cell(number, k), text, HEAD if k % 2 == 0 else BODY)
        self._size(table, widths)

    def form(self, rows: Sequence[tuple[str, str, float]], widths: tuple[float, float] = (32, 124)) -> None:
        """Label and room to write, with a least height in millimetres."""
        table = self._table(len(rows), 2)
        for number, (label, text, height) in enumerate(rows):
            self._cell(table.cell(number, 0), label, HEAD)
            self._cell(table.cell(number, 1), text)
            if height:
                table.rows[number].height = Mm(height)
        self._size(table, widths)

    def _table(self, rows: int, columns: int) -> Any:
        table = self.document.add_table(rows=rows, cols=columns, style="Table Grid")
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        table.autofit = False
        margins = OxmlElement("w:tblCellMar")
        for side in ("left", "right"):
            margin = OxmlElement(f"w:{side}")
            margin.set(qn("w:w"), "57")  # a millimetre
            margin.set(qn("w:type"), "dxa")
            margins.append(margin)
        look = table._tbl.tblPr.find(qn("w:tblLook"))
        table._tbl.tblPr.insert(
            list(table._tbl.tblPr).index(look), margins
        ) if look is not None else table._tbl.tblPr.append(margins)
        return table

    def _size(self, table: Any, widths: Sequence[float]) -> None:
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Mm(width)
        for row in table.rows:
            row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
            for cell, width in zip(row.cells, widths, strict=True):
                cell.width = Mm(width)

    def _cell(self, cell: Any, text: str, font: str = BODY, *, centre: bool = False, right: bool = False) -> None:
        paragraph = cell.paragraphs[0]
        paragraph.style = self.document.styles["Cell"]
        if centre or right:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if centre else WD_ALIGN_PARAGRAPH.RIGHT
        self._font(paragraph.add_run(text), font, 9)

    def bytes(self) -> bytes:
        properties = self.document.core_properties
        properties.author = properties.comments = ""
        properties.title = self.t("片区模板", "template")
        out, same = io.BytesIO(), io.BytesIO()
        self.document.save(out)
        with zipfile.ZipFile(out) as source, zipfile.ZipFile(same, "w", zipfile.ZIP_DEFLATED) as target:
            for entry in source.infolist():
                copy = zipfile.ZipInfo(entry.filename, SAME_TIME)
                copy.compress_type = zipfile.ZIP_DEFLATED
                target.writestr(copy, source.read(entry))
        return same.getvalue()


def proposal(draft: Draft) -> None:
    """片区划分方案."""
    t = draft.t
    draft.title(t("{{ place }}片区划分方案", "Service areas of {{ place }}: proposal"))
    draft.centred(t("({{ status }}, 数据日期 {{ date }})", "({{ status }}, data of {{ date }})"))
    draft.heading(t("一、现状", "1. The present state"))
    draft.text(
        t(
            "{{ place }}现有住宅小区 {{ state.communities }} 个、单体楼 {{ state.buildings }} 栋, {{ state.amounts }}; 户数不详的 {{ state.no_households }} 个, 户数为估算的 {{ state.guessed }} 个。{{ state.points }}"
            "{{ state.ages }}, 管理方式不详的 {{ state.no_mode }} 个。主要指标如下。",
            "{{ place }} has {{ state.communities }} communities and {{ state.buildings }} single buildings; {{ state.amounts }}. "
            "Households are unknown for "
            "{{ state.no_households }} and estimated for {{ state.guessed }}.{{ state.points }} {{ state.ages }}; the way of management is "
            "unknown for {{ state.no_mode }}. The main indicators:",
        )
    )
    draft.table(
        t(
            "指标|数值|分子/分母|目标|是否达标|数据齐全率",
            "Indicator|Value|Numerator / denominator|Target|Met|Completeness",
        ).split("|"),
        "f in figures",
        ["{{ f.name }}", "{{ f.value }}", "{{ f.fraction }}", "{{ f.target }}", "{{ f.met }}", "{{ f.complete }}"],
        (52, 22, 30, 20, 16, 16),
        numbers=(1, 2, 3, 5),
    )
    draft.note(t("指标按个数、现状名册; 目标 [S]。", "By number, present roster; targets [S]."))
    draft.heading(t("二、依据", "2. Basis"))
    draft.loop("{%p for line in basis %}")
    draft.text("{{ line }}", justify=False)
    draft.loop("{%p endfor %}")
    draft.heading(t("三、划分原则", "3. Principles"))
    draft.text(
        t(
            "以街道或社区为单位, 邻近的小区和单体楼连成片区, 由新建的、规模大的小区带入老旧小区和单体楼。本方案采用下列数值:",
            "Within a street or neighbourhood, communities and single buildings next to each other form areas in which newer "
            "and larger communities lead old ones. This plan was made with:",
        )
    )
    draft.loop("{%p for line in principles %}")
    draft.text("{{ line }}", justify=False)
    draft.loop("{%p endfor %}")
    draft.heading(t("四、分片区一览表", "4. The areas"))
    draft.text(
        t(
            "共划分片区 {{ result.areas }} 个, 成员 {{ result.units }} 个, {{ result.amounts }}; 有牵头小区的单元 {{ result.led }} 个, "
            "在片区内而无牵头的 {{ result.unled }} 个, 未划入任何片区的 {{ result.left_over }} 个。",
            "{{ result.areas }} areas with {{ result.units }} members ({{ result.amounts }}); {{ result.led }} "
            "units are led, {{ result.unled }} are in an area without a leader, {{ result.left_over }} are in no area.",
        )
    )
    draft.table(
        t(
            "序号|片区|街道|成员|户数|建筑面积(㎡)|牵头小区|带入|无牵头|运营企业",
            "No.|Area|Street|Units|House-holds|Floor area (m²)|Leaders|Led|Not led|Operator",
        ).split("|"),
        "a in areas",
        [f"{{{{ a.{name} }}}}" for name in ("number", "name", "street", "units", "households", "floor_area")]
        + [f"{{{{ a.{name} }}}}" for name in ("leaders", "led", "unled", "operator_short")],
        (9, 31, 15, 9, 12, 17, 23, 9, 9, 22) if draft.zh else (8, 25, 15, 11, 14, 16, 24, 9, 10, 24),
        numbers=(0, 3, 4, 5, 7, 8),
    )
    draft.heading(t("五、图件", "5. Map"))
    draft.picture("'overview'")
    draft.note("{{ map_note }}")
    draft.heading(t("六、测算", "6. Economics"))
    draft.note("{{ economics_note }}")
    draft.table(
        t(
            "片区|年收入(元)|年成本(元)|结余(元)|保本物业费|岗位(合并)|岗位(各自)|缺数据单元",
            "Area|Income (yuan a year)|Cost|Balance|Break-even fee|Posts shared|Posts alone|Units without data",
        ).split("|"),
        "e in economics",
        [
            f"{{{{ e.{name} }}}}"
            for name in ("name", "income", "cost", "balance", "break_even", "posts", "posts_alone", "missing")
        ],
        (31, 22, 21, 23, 16, 15, 14, 14) if draft.zh else (29, 22, 21, 22, 16, 15, 14, 17),
        numbers=range(1, 8),
    )
    draft.heading(t("七、孤岛清单", "7. Units left over"))
    draft.text(
        t(
            "下列单元没有划入片区, 或在片区内尚无牵头, 按原因分列, 并写明受阻于何处、何条规则。",
            "These units are in no area, or in one without a leader; by reason, with what stands in the way.",
        )
    )
    draft.loop("{%p for g in left_over %}")
    draft.heading(
        t(
            "{{ g.state }}: {{ g.reason }} ({{ g.count }} 个, {{ g.homes }})",
            "{{ g.state }}: {{ g.reason }} ({{ g.count }}, {{ g.homes }})",
        ),
        2,
    )
    heads = {"blocked": t("受阻于", "Blocked by"), "ways": t("出路 (R28)", "Ways out (R28)")}
    for shows, columns in COLUMNS.items():  # no column in which nothing stands
        room = (54, 48)[: len(columns)] if len(columns) != 1 else (102,)
        draft.loop(f"{{%p if g.shows == '{shows}' %}}")
        draft.table(
            [*t("名称|街道|户数", "Name|Street|House-holds").split("|"), *(heads[name] for name in columns)],
            "u in g.rows",
            ["{{ u.name }}", "{{ u.street }}", "{{ u.households }}", *(f"{{{{ u.{name} }}}}" for name in columns)],
            ((27, 18, 13) if columns else (100, 40, 20)) + room,
            numbers=(2,),
        )
        draft.loop("{%p endif %}")
    draft.loop("{%p endfor %}")
    draft.heading(t("八、核验结论", "8. Check"))
    draft.text("{{ verdict }}", justify=False)
    draft.loop("{%p for a in pages %}")
    draft.heading(t("分片区图表 {{ a.number }}: {{ a.name }}", "Area {{ a.number }}: {{ a.name }}"), 2, new_page=True)
    draft.picture("a.id")
    draft.note("{{ area_note }}")
    rows = [
        ("街道", "Street", "street", "占地面积(公顷)", "Land (ha)", "land"),
        ("成员 / 楼栋", "Units / buildings", "members", "住宅总建筑面积(万㎡)", "Floor area (ha)", "floor_ha"),
        ("户数", "Households", "households", "运营企业", "Operator", "operator"),
        ("牵头小区", "Leaders", "leaders", "交通: 到牵头步行", "Walk to leaders", "walks"),
        ("岗位 (合并/各自)", "Posts (shared/alone)", "posts", "年结余(元)", "Balance (yuan a year)", "balance"),
    ]
    draft.facts(
        [(t(z1, e1), f"{{{{ a.{k1} }}}}", t(z2, e2), f"{{{{ a.{k2} }}}}") for z1, e1, k1, z2, e2, k2 in rows],
        (30, 48, 38, 40),
    )
    draft.note("")
    draft.table(
        t(
            "图号|名称|类别|关系|户数|建筑面积(㎡)|建成|管理方式",
            "No.|Name|Kind|Role|House-holds|Floor area (m²)|Built|Management",
        ).split("|"),
        "m in a.rows",
        [
            f"{{{{ m.{name} }}}}"
            for name in ("number", "name", "kind", "role", "households", "floor_area", "built", "mode")
        ],
        (10, 38, 14, 38, 13, 17, 12, 20) if draft.zh else (8, 33, 22, 32, 15, 16, 11, 25),
        numbers=(0, 4, 5),
    )
    draft.loop("{%p endfor %}")
    draft.heading(t("附件: 参数表", "Annex: values and sources"), new_page=True)
    draft.note("{{ tags }}")
    draft.table(
        t("参数|取值|单位|来源|规则", "Value of|Value|Unit|Source|Rule").split("|"),
        "p in parameters",
        ["{{ p.label }}", "{{ p.value }}", "{{ p.unit }}", "{{ p.source }}", "{{ p.rule }}"],
        (60, 46, 14, 25, 11) if draft.zh else (57, 45, 19, 24, 11),
    )
    draft.note("{{ hashes }}")


def special(draft: Draft) -> None:
    """一小区一策."""
    t = draft.t
    draft.title(t("{{ u.name }} 一小区一策", "{{ u.name }}: a policy of its own"))
    draft.centred("{{ status }}")
    draft.form(
        [
            (t("位置", "Place"), "{{ u.place }}", 0),
            (t("移交类型", "Handed over as"), "{{ u.special }}", 0),
            (t("产权单位", "Owner unit"), "{{ u.owner }}", 0),
            (t("规模", "Size"), "{{ u.size }}", 0),
            (t("建成年份", "Built"), "{{ u.built }}", 0),
            (t("现管理方式", "Managed by"), "{{ u.managed }}", 0),
            (t("业委会/物管会", "Owners' body"), "{{ u.body }}", 0),
            (t("改造状态", "Renewal"), "{{ u.renewal }}", 0),
            (t("电动自行车充电", "Charging"), "{{ u.charging }}", 0),
            (t("在方案中", "In the plan"), "{{ u.plan }}", 0),
            (t("存在问题", "Problems"), "{{ u.problems }}", 22),
            (t("责任单位", "Responsible"), "", 10),
            (t("接收单位", "Receiver"), "", 10),
            (t("措施", "Measures"), "", 30),
            (t("完成时限", "Due"), "", 10),
            (
                t("双派单记录", "Dual dispatch"),
                t(
                    "派住建: 日期         单号            派产权(国资)单位: 日期         单号            办结: 日期         ",
                    "To housing: date        no.        To the owner unit: date        no.        Closed: date        ",
                ),
                16,
            ),
            (t("签字", "Signed"), "", 12),
        ],
        (36, 120),
    )
    draft.note("{{ tags }}")


def special_summary(draft: Draft) -> None:
    """一小区一策汇总."""
    t = draft.t
    draft.title(t("{{ place }}一小区一策汇总表", "{{ place }}: communities with a policy of their own"))
    draft.centred(t("({{ status }}, 数据日期 {{ date }})", "({{ status }}, data of {{ date }})"))
    draft.text(
        t("共 {{ count }} 个, 已知户数 {{ households }} 户。", "{{ count }} in all, {{ households }} known households.")
    )
    draft.table(
        t(
            "序号|名称|街道|移交类型|产权单位|户数|现管理方式|主要问题",
            "No.|Name|Street|Handed over as|Owner unit|House-holds|Managed by|Problems",
        ).split("|"),
        "u in rows",
        [
            f"{{{{ u.{name} }}}}"
            for name in ("number", "name", "street", "special", "owner", "households", "mode", "problems")
        ],
        (10, 28, 18, 18, 22, 14, 18, 32),
        numbers=(0, 5),
    )
    draft.note("{{ tags }}")


def consultation(draft: Draft) -> None:
    """单体楼征求意见表."""
    t = draft.t
    draft.loop("{%p for u in rows %}")
    draft.heading("{{ u.name }}", 2, new_page=True)
    draft.centred(t("单体楼物业服务征求意见表", "Consultation of a single building"), TITLE, 18)
    draft.facts(
        [
            (t("地址", "Address"), "{{ u.address }}", t("街道", "Street"), "{{ u.street }}"),
            (t("户数", "Households"), "{{ u.households }}", t("现管理方式", "Managed by"), "{{ u.mode }}"),
        ],
        (24, 60, 28, 44),
    )
    draft.picture("u.id")
    draft.note(
        t(
            "黑色为本楼, ★ 为最近的可牵头小区, 虚线为铁路、河流等阻隔。",
            "Black: the building; ★ the nearest eligible leader; dashed: railways, rivers and other barriers.",
        )
    )
    draft.table(
        t("序|可牵头小区|步行|能否带入, 受阻于", "No.|Leader|Walk|May it take the building in").split("|"),
        "n in u.anchors",
        ["{{ n.number }}", "{{ n.name }}", "{{ n.walk }}", "{{ n.block }}"],
        (12, 52, 24, 68),
    )
    draft.note("")
    draft.form(
        [
            (t("可相互连片的单体楼", "Can be joined to"), "{{ u.joins }}", 0),
            (t("业主意愿", "Owners say"), "{{ u.answers }}", 10),
            (t("进展", "Stage"), "{{ u.stage }}", 8),
            (t("意见", "Remarks"), "", 28),
            (t("签字 / 日期", "Signed / date"), "", 14),
        ],
        (40, 116),
    )
    draft.note("{{ status }}")
    draft.loop("{%p endfor %}")


def company(draft: Draft) -> None:
    """企业接管测算表."""
    t = draft.t
    draft.title(t("{{ name }} 接管测算表", "{{ name }}: estimate of areas to take over"))
    draft.centred(
        t("({{ place }}, {{ status }}, 数据日期 {{ date }})", "({{ place }}, {{ status }}, data of {{ date }})")
    )
    draft.note("{{ economics_note }}")
    draft.loop("{%p for a in areas %}")
    draft.heading("{{ a.number }}. {{ a.name }}", 2)
    rows = [
        ("街道", "Street", "street", "成员 / 户数", "Units / households", "size"),
        ("物业费收入(元/年)", "Fee income (yuan a year)", "fee", "卫生费", "Sanitation", "sanitation"),
        ("补贴", "Subsidy", "subsidy", "成本", "Cost", "cost"),
        ("结余", "Balance", "balance", "可接受 (R37)", "Acceptable (R37)", "acceptable"),
        (
            "保本物业费(元/㎡·月)",
            "Break-even fee (yuan/m²·month)",
            "break_even",
            "缺数据单元",
            "Units without data",
            "missing",
        ),
        ("岗位(合并)", "Posts shared", "posts", "岗位(各自)", "Posts alone", "posts_alone"),
        ("各收缴率下结余", "Balance by collection", "cases", "建议启动年份", "Year to start", "year"),
    ]
    draft.facts(
        [(t(z1, e1), f"{{{{ a.{k1} }}}}", t(z2, e2), f"{{{{ a.{k2} }}}}") for z1, e1, k1, z2, e2, k2 in rows],
        (38, 44, 34, 40),
    )
    draft.note("")
    draft.table(
        t("名称|关系|户数|建筑面积(㎡)|步行到牵头", "Name|Role|Households|Floor area (m²)|Walk to leader").split("|"),
        "m in a.rows",
        ["{{ m.name }}", "{{ m.role }}", "{{ m.households }}", "{{ m.floor_area }}", "{{ m.walk }}"],
        (54, 44, 18, 22, 18),
        numbers=(2, 3, 4),
    )
    draft.loop("{%p endfor %}")
    draft.note("{{ tags }}")


KINDS = {
    "proposal": proposal,
    "special": special,
    "special_summary": special_summary,
    "consultation": consultation,
    "company": company,
}


def draw_all() -> Iterator[tuple[Path, bytes]]:
    """Every template with the path it is kept at."""
    for kind, draw in KINDS.items():
        for language in ("zh", "en"):
            draft = Draft(language)
            draw(draft)
            yield find_template(kind, language), draft.bytes()


if __name__ == "__main__":
    TEMPLATES.mkdir(exist_ok=True)
    for path, body in draw_all():
        path.write_bytes(body)
        print(path.name)
