"""Errors of the store are sentences that name the plan and who was sooner."""

import datetime

from app.store.errors import ConflictError, NotInStoreError
from app.store.records import Version


def version(author):
    when = datetime.datetime(2026, 6, 30, 4, 0, tzinfo=datetime.UTC)
    return Version("v", "p", "甲方案", 3, None, "d" * 64, "c" * 64, author, "", (), when, {})


def test_who_was_sooner_is_named():
    error = ConflictError(version("李工"))
    assert "甲方案" in error.zh
    assert "第 3 版(李工" in error.zh
    assert "unsigned" in ConflictError(version("")).en


def test_what_is_not_there_is_said_without_quotes_of_a_key():
    assert str(NotInStoreError("没有这个方案", "no such plan")) == "没有这个方案\nno such plan"
