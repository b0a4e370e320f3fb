"""The audit leaves the house as a workbook; a formula in an opinion stays text."""

import datetime
import io

import openpyxl

from app.desks.approvals.audit_book import make_audit_book
from app.exports.workbook import PrintText
from app.i18n import load_words
from app.store.approvals import Comment
from app.store.records import AuditRow

AT = datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC)


def test_a_formula_stays_text():
    row = AuditRow(1, AT, "李", "comment.add", "p", "v", "unit u1", None, "=1+1", "")
    said = Comment("c", 1, "unit", "u1", "=HYPERLINK(1)", "李", AT, None, None)
    book = make_audit_book([row], [(1, said, "红星小区")], "西", PrintText("市", (), (), ""), load_words("zh"))
    sheets = openpyxl.load_workbook(io.BytesIO(book))
    assert sheets.sheetnames == ["办理记录", "意见"]
    kinds = {cell.value: cell.data_type for sheet in sheets for row in sheet.iter_rows() for cell in row if cell.value}
    assert kinds["=1+1"] == kinds["=HYPERLINK(1)"] == "s"
