"""Yes and no as people write them."""

from __future__ import annotations

import re

from geo.values.numerals import to_half_width
from geo.values.parsed_value import ParsedValue, UnreadableValueError


def parse_boolean(cell: object, field: str = "") -> ParsedValue:
    """Read 是/否, 有/无, √/×, yes/no, 1/0, and "已…"/"未…" of what a column asks.

    Parameters
    ----------
    cell
        Text, number or boolean.
    field
        Name of the column: "停用" answers whether something is in service, and nothing else.

    Raises
    ------
    UnreadableValueError
        If it is neither, or both ("是（部分）"), or a yes that is over ("已停用", "已注销").

    Examples
    --------
    >>> [parse_boolean(t).value for t in ("√", "无", "已备案", "×", 1)]
    [True, False, True, False, True]
    """
    if isinstance(cell, bool):
        return ParsedValue(cell)
    plain = re.sub(r"^(\d)\.0+$", r"\1", to_half_width(str(cell))).replace(" ", "")
    if field in ("in_service", "is_open", "walkable"):
        for words, value in ((_WORKS, True), (_WORKS_NOT, False)):
            if re.fullmatch(words, plain):
                return ParsedValue(value)
    if plain in _TRUE or re.fullmatch(rf"(是|有)?(已|已经)?({_DONE})(了|的)?", plain):
        return ParsedValue(True)
    if plain in _FALSE or re.fullmatch(
        rf"(否|无)?(未|没有?|尚未|还未|暂未|不)(予|曾|能|进行|完成)?({_DONE})(过|的)?", plain
    ):
        return ParsedValue(False)
    if re.fullmatch(rf"(有|已有|设有|具有)(\d+个?)?({_THINGS})(\d+个)?|有\d+[个人家名条]", plain):
        return ParsedValue(True)
    if re.fullmatch(rf"(无|没有|暂无|尚无|未设|不设)({_THINGS})", plain):
        return ParsedValue(False)
    raise UnreadableValueError(cell)


_TRUE = frozenset({"√", "✓", "✔", "☑", "有", "是", "y", "yes", "true", "t", "1", "对", "是的", "已有"})
_FALSE = frozenset(
    {"×", "✗", "✘", "x", "无", "否", "n", "no", "false", "f", "0", "没有", "不是", "非", "未", "暂无", "尚无"}
)
_DONE = (
    r"备案|公示|公开|公布|成立|组建|建立|设立|编制|制定|配备|加入|入会|覆盖|签订|完成|办理|通过|列入|纳入|列入黑名单|"
    r"纳入黑名单|交叉任职|任职|符合|具备|符合条件|具备条件|在黑名单|上黑名单|拉黑"
)
_THINGS = r"党组织|党支部|党总支|党委|党建工作|联席会议|联席会议制度|一小区一策|黑名单记录|会员|交叉任职"
_WORKS = (
    r"正常|在用|使用中|在使用|已启用|启用|已投用|投用|已投入使用|运行|运行中|正常运行|正常使用|可用|能用|完好|已开通|"
    r"开通|开放|可通行|通行|畅通|运营|运营中|已运营|在运营"
)
_WORKS_NOT = (
    r"停用|已停用|报废|已报废|损坏|已损坏|故障|已拆除|拆除|不可用|不能用|未启用|未投用|未投入使用|停运|已停运|未开通|"
    r"关闭|已关闭|封闭|已封闭|不可通行|不通|封堵|未运营|不在用|未使用"
)
