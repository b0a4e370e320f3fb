"""The audit as a workbook: who did what, when, and what it was before and after."""

from __future__ import annotations

from collections.abc import Sequence

from app.desks.approvals.view import history_cells
from app.exports.workbook import PrintText, SheetTable, make_columns, make_table_workbook
from app.i18n import Words
from app.store.approvals import Comment
from app.store.records import AuditRow


def make_audit_book(
    rows: Sequence[AuditRow], comments: Sequence[tuple[int, Comment, str]], title: str, text: PrintText, words: Words
) -> bytes:
    """A sheet of everything that was done, and one of opinions where there are any.

    Parameters
    ----------
    rows
        Of the audit, latest first.
    comments
        Opinions, each with what it is about in words.
    title
        What they are of: a plan, or everything.
    text
        What is printed on every page.
    words
        Texts in the reader's language.
    """
    tables = [
        SheetTable(
            words("audit.sheet"),
            words("audit.note"),
            make_columns(words("audit.heads"), "ttttwww"),
            tuple(history_cells(row, words) for row in rows),
            heading=title,
        )
    ]
    if comments:
        cells = tuple(
            (
                number,
                one.at.astimezone().strftime("%Y-%m-%d %H:%M"),
                one.author,
                words("store.number", n=one.number),
                about,
                one.text,
                one.answer,
                one.answered_by,
            )
            for number, one, about in comments
        )
        columns = make_columns(words("audit.comment_heads"), "nttttwwt")
        tables.append(SheetTable(words("audit.comments"), "", columns, cells, heading=title))
    return make_table_workbook(tables, text)
