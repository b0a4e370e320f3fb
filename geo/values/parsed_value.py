"""The result of parsing a cell: a value, a note where it is doubtful, or the rule it breaks."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, NamedTuple

NOTES: MappingProxyType[str, tuple[str, str]] = MappingProxyType(
    {
        "value.range": (
            "写的是一个范围, 取了中间值, 标为估算; 请改为一个数。",
            "A range was written; its middle was taken, as an estimate. Replace it by one number.",
        ),
        "value.approximate": (
            "写的是约数, 按写的数取用, 标为估算; 请补准确数。",
            "An approximate figure was written; it was taken as an estimate. Give the exact one.",
        ),
        "value.spaced_number": (
            "数字中间有空格, 按千位分隔理解, 标为估算; 请去掉空格核对。",
            "The number has blanks in it, taken for marks of thousands, as an estimate. Remove and check them.",
        ),
        "value.share_scale": (
            "同列的数都不大于 1, 按小数理解(0.85 = 85%, 1 = 100%); 请写明百分号。",
            "No number of the column is above 1; they were read as fractions (0.85 = 85%, 1 = 100%). Write the % sign.",
        ),
        "value.share_mixed": (
            "同列多为小数, 这一格按百分数理解; 请统一写法。",
            "Most of the column are fractions; this cell was read as per cent. Write all of them in one way.",
        ),
        "value.year_range": (
            "写的是一段年份, 按分期建设理解, 以最早的一年判断是否老旧; 如不是分期, 请改为一个年份。",
            "A span of years was written; it was taken for phases, of which the first decides what is old. "
            "Write one year if it is not.",
        ),
        "value.year_between": (
            "写的年份不确定, 按区间保存, 年份为估算; 请补准确年份。",
            "The year is not certain; it was kept as an interval and the year is an estimate. Give the exact year.",
        ),
        "value.year_reversed": (
            "起止年份前后颠倒, 只按两者之间理解, 年份为估算; 请核对。",
            "The later year stands first; only that it lies between them was kept. Check it.",
        ),
        "value.year_open": (
            "只写了某年之前或之后, 按区间保存(“2000年后”按 2001 年起, “2000年前”按 1999 年止); 请补准确年份。",
            "Only 'before' or 'after' a year was written; it was kept as an open interval (after 2000: from 2001; "
            "before 2000: until 1999). Give the exact year.",
        ),
        "value.decade": (
            "只写了年代, 按区间保存, 年份为估算; 请补准确年份。",
            "Only a decade was written; it was kept as an interval and the year is an estimate. Give the exact year.",
        ),
        "value.two_digit_year": (
            "年份只有两位, 补成了四位; 请改为四位。",
            "The year has two digits and was completed. Write four digits.",
        ),
        "value.renovated": (
            "写了改造年份, 建成年份取了改造之前的一年; 请核对, 改造情况请写在“改造状态”一列。",
            "A year of renovation was written too; the earlier one was taken as built. Check it, and state the "
            "renovation in a column of its own.",
        ),
        "value.after_data_date": (
            "晚于数据日期; 已采用, 请核对, 或用 --data-date 更新数据日期。",
            "This is later than the date of the data. It was stored; check it, or renew the date with --data-date.",
        ),
        "value.excel_serial": (
            "像是 Excel 的日期序号, 按日期理解; 请把这一列设为日期格式并核对。",
            "This looks like the number Excel keeps for a date and was read as one. Format the column as dates and "
            "check it.",
        ),
        "value.partial_date": (
            "日期不完整, 取了该月或该年的第一天; 请补全。",
            "The date is incomplete; its first day was taken. Complete it.",
        ),
        "value.none_is_zero": (
            "写的是“无”, 记为 0; 如果是未知, 请留空。",
            "'None' was written and stored as 0. Leave it blank if it is unknown.",
        ),
        "value.has_manager": (
            "只写了“有”, 看不出是哪种管理方式, 记为未知; 请写明。",
            "It only says 'yes', not which way of management; stored as unknown. State it.",
        ),
        "value.person_removed": (
            "文字里有电话、身份证号或车牌号, 已删除, 未保存。",
            "A telephone, identity number or plate stood in the text; it was removed and not stored.",
        ),
    }
)
"""What a reader is told about values that were used but doubtful, by rule: Chinese, English."""

FAULTS: MappingProxyType[str, tuple[str, str]] = MappingProxyType(
    {
        "value.unreadable": (
            "读不懂这个值, 已按缺失处理; 请改正后重新导入。",
            "This value cannot be read and was left missing; correct it and import again.",
        ),
        "value.out_of_range": (
            "这个值超出合理范围, 已按缺失处理; 请核对数字和单位。",
            "This value is outside the plausible range and was left missing; check the figure and its unit.",
        ),
        "value.unknown_code": (
            "这个写法不在代码表里, 已按缺失处理; 请用代码表中的名称。",
            "This is not in the code list and was left missing; use a name of the list.",
        ),
        "value.not_whole": (
            "这里应是整数, 写的却有小数, 没有四舍五入, 已按缺失处理; 请核对(也可能是千位点或单位不同)。",
            "A whole number belongs here; this one has decimals and was left missing, not rounded. Check it: it may "
            "be a mark of thousands or another unit.",
        ),
        "value.bound": (
            "写的是上限或下限, 不是一个数, 已按缺失处理; 请写准确数。",
            "An upper or lower bound was written, not a figure; it was left missing. Give the exact figure.",
        ),
        "value.share_unclear": (
            "同列有百分数也有小数, 看不出这一格是百分数还是小数(1 是 1% 还是 100%), 已按缺失处理; 请写明百分号。",
            "The column has per cents and fractions, and which of them this is cannot be told (1% or 100%); it was "
            "left missing. Write the % sign.",
        ),
        "value.other_basis": (
            "表头的单位不能换算成本列的单位(如按户收费), 已按缺失处理; 请换算后重新导入。",
            "The unit of the header cannot be converted into that of the field (as a fee for a household); it was "
            "left missing. Convert it and import again.",
        ),
        "value.future": (
            "日期或年份晚于今天和数据日期, 还没有发生, 已按缺失处理; 请核对。",
            "This date or year is later than today and than the date of the data; it was left missing. Check it.",
        ),
        "value.only_renovated": (
            "只写了改造年份, 不知道建成年份, 已按缺失处理; 请补建成年份。",
            "Only the year of a renovation was written, not of construction; it was left missing. Give the year built.",
        ),
        "value.long_number": (
            "编码超过 15 位却存成了数字, 末位已丢失, 已按缺失处理; 请把这一列改为文本格式后重新填写。",
            "A code of more than 15 digits was stored as a number and has lost its last digits; it was left "
            "missing. Make the column text and enter it again.",
        ),
        "value.bad_uscc": (
            "统一社会信用代码不对(应为 18 位, 不用字母 I、O、S、V、Z, 且校验位相符), 已按缺失处理; "
            "请对照营业执照核对。",
            "This is no unified social credit code (18 characters without I, O, S, V, Z and a check character that "
            "fits); it was left missing. Check it against the business licence.",
        ),
    }
)
"""Why a cell became missing, by rule: Chinese, English."""

GUESSES = frozenset(
    {
        "value.range",
        "value.approximate",
        "value.spaced_number",
        "value.year_between",
        "value.year_reversed",
        "value.decade",
        "value.excel_serial",
        "value.share_scale",
    }
)
"""Notes of values that are a guess: where the field has a quality, it is "estimated"."""


class ParsedValue(NamedTuple):
    """A value read, missing (None) where nothing was written, and the rule of a doubt."""

    value: Any
    note: str | None = None


class UnreadableValueError(ValueError):
    """A cell does not hold a value of its kind.

    Parameters
    ----------
    text
        The cell.
    rule
        A key of `FAULTS`.
    """

    def __init__(self, text: object, rule: str = "value.unreadable") -> None:
        super().__init__(str(text))
        self.rule = rule
